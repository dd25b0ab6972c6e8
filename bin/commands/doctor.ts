/** `doctor`: looks at config, prices and a ledger and says what is wrong and what to do; changes nothing. */
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { loadHashKey } from '../../lib/adapters/local/hash-key.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { liveObjects, readCommits } from '../../lib/commit.ts';
import { usdDisplay, picoFromUsd } from '../../lib/money.ts';
import type { CatalogState, ObjectStore, SqlEngine } from '../../lib/ports.ts';
import { bookRows } from '../../lib/price/price-book.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { sourceStates } from '../../lib/seal/sources.ts';
import { MS_PER_DAY } from '../../lib/time.ts';
import { clockOf, loadConfig, loadPrices } from '../local-world.ts';
import { cellText, printable } from '../terminal.ts';

type Level = 'ok' | 'note' | 'problem';

interface Finding {
  readonly level: Level;
  readonly check: string;
  readonly message: string;
  readonly todo?: string;
}

const OLD_PRICES_DAYS = 60;

/** A sum as a query gives it; null is unknown, never $0.00. */
function moneyText(value: unknown): string {
  const pico = picoFromUsd(cellText(value));
  return pico === null ? 'unknown' : usdDisplay(pico);
}

export async function doctor(options: { lake?: string; config?: string; now?: string; format: string }): Promise<void> {
  const nowMs = clockOf(options.now).nowMs();
  const findings = [
    ...(await checkSetup(options.config, nowMs)),
    ...(options.lake === undefined ? [] : await checkLake(options.lake, nowMs)),
  ];
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(findings, null, 1)}\n`);
  else process.stdout.write(`${findings.map(line).join('\n')}\n`);
  process.exitCode = findings.some((finding) => finding.level === 'problem') ? 1 : 0;
}

function line({ level, check, message, todo }: Finding): string {
  const sign = { ok: 'ok      ', note: 'note    ', problem: 'PROBLEM ' }[level];
  return `${sign} ${check.padEnd(12)} ${message}${todo ? `\n${' '.repeat(22)}→ ${todo}` : ''}`;
}

async function checkSetup(path: string | undefined, nowMs: number): Promise<Finding[]> {
  const { config, folder, path: found } = await loadConfig(path);
  const findings: Finding[] = [
    found === null
      ? {
          level: 'note',
          check: 'config',
          message: 'no inference-ledger.config.json: defaults are used',
          todo: 'inference-ledger init',
        }
      : {
          level: 'ok',
          check: 'config',
          message: `${found} is valid, ${config.attribution.rules.length} attribution rules`,
        },
  ];
  const { book } = await loadPrices(config, folder);
  let rows = 0;
  let newestMs = 0;
  for (const row of bookRows(book)) {
    rows++;
    if (row.valid_from !== null && row.valid_from <= nowMs) newestMs = Math.max(newestMs, row.valid_from);
  }
  const ageDays = Math.floor((nowMs - newestMs) / MS_PER_DAY);
  findings.push(
    ageDays > OLD_PRICES_DAYS
      ? {
          level: 'problem',
          check: 'prices',
          message: `the newest of ${rows} price rows is ${ageDays} days old`,
          todo: 'update inference-ledger, or add rows with prices.overlays (docs/prices.md)',
        }
      : { level: 'ok', check: 'prices', message: `${rows} price rows, the newest ${ageDays} days old` },
  );
  const key = await loadHashKey(process.env);
  findings.push({
    level: 'ok',
    check: 'hash key',
    message: `key ${key.id}; keep it: hashes of another key cannot be compared`,
  });
  return findings;
}

async function checkLake(lake: string, nowMs: number): Promise<Finding[]> {
  const store = createFolderStore(lake);
  const state = await createFolderCatalog(store).read();
  const batches = await readCommits(store);
  if (state.revision === 0)
    return [
      {
        level: 'problem',
        check: 'lake',
        message: `there is no ledger in ${lake}`,
        todo: `inference-ledger run --inbox DIR --lake ${lake}`,
      },
    ];
  const missing = await missingFiles(store, state);
  const files: Finding =
    missing.length === 0
      ? {
          level: 'ok',
          check: 'lake',
          message: `${batches.flatMap((b) => b.objects).length} object versions read, ${Object.keys(state.tables['usage'] ?? {}).length} days sealed`,
        }
      : {
          level: 'problem',
          check: 'lake',
          message: `${missing.length} files that the catalog points to are missing, first ${missing[0]}`,
          todo: 'restore them, or delete the lake and run again from the logs',
        };
  const found = [files, ...checkObjects(batches), ...checkSources(batches, nowMs)];
  if (missing.length > 0) return found;
  const engine = await openDuckDb(lake);
  try {
    await exposeLake(engine, state);
    return [...found, ...(await checkRows(engine))];
  } finally {
    engine.close();
  }
}

/** Files that the catalog names and the folder does not have. */
async function missingFiles(store: ObjectStore, state: CatalogState): Promise<string[]> {
  const present = new Set<string>();
  for await (const { key } of store.list('v1/')) present.add(key);
  return Object.values(state.tables)
    .flatMap((partitions) => Object.values(partitions))
    .flatMap(({ keys }) => keys)
    .filter((key) => !present.has(key));
}

function checkObjects(batches: Parameters<typeof liveObjects>[0]): Finding[] {
  const objects = [...liveObjects(batches).values()].map(({ commit }) => commit);
  const unread = objects.filter((o) => o.outcome === 'failed' || o.outcome === 'too_large');
  const byEtag = Map.groupBy(
    objects.filter((o) => o.positionRows > 0),
    (o) => o.etag,
  );
  const copies = [...byEtag.values()].filter((same) => same.length > 1);
  return [
    ...unread.map((o): Finding => ({
      level: 'problem',
      check: 'objects',
      message: `${printable(o.object, 80)} was not read: ${o.detail}`,
      todo: 'docs/runbook.md, "An object was not read"',
    })),
    ...copies.map((same): Finding => ({
      level: 'problem',
      check: 'copies',
      message: `${same.length} objects with equal bytes hold ${same[0]?.positionRows} lines without id and time each, which count every time: ${same.map((o) => printable(o.object, 60)).join(', ')}`,
      todo: 'remove the copies from the inbox before the first run, or log an id or a time',
    })),
  ];
}

function checkSources(batches: Parameters<typeof freeze>[0], nowMs: number): Finding[] {
  const sources = sourceStates(freeze(batches), nowMs);
  const late = sources.filter((source) => source.status !== 'ok');
  if (late.length === 0) return [{ level: 'ok', check: 'sources', message: `${sources.length} sources, none late` }];
  return late.map((s) => ({
    level: 'problem',
    check: 'sources',
    message: `${s.sourceFormat} under ${s.prefix || '(top)'} is ${s.status}: last day ${s.lastDay}, owes ${s.missingDays.length} days`,
    todo: 'find out why it stopped; until then these days are not complete and no comparison calls them a saving',
  }));
}

const ROW_CHECKS: readonly {
  check: string;
  sql: string;
  finding: (row: Readonly<Record<string, unknown>>) => Finding | null;
}[] = [
  {
    check: 'twins',
    sql: 'select cast(count(*) as bigint) as n from (select record_id from usage group by record_id having count(distinct day) > 1) t',
    finding: ({ n }) =>
      Number(n) === 0
        ? { level: 'ok', check: 'twins', message: 'no record id stands on more than one day' }
        : {
            level: 'problem',
            check: 'twins',
            message: `${cellText(n)} record ids stand on more than one day: copies further apart than the twin window count twice`,
            todo: 'select record_id, day, source_object from usage …; raise twins.wide_days if they are copies',
          },
  },
  {
    check: 'unpriced',
    sql: "select cast(coalesce(sum(calls), 0) as bigint) as n, cast(count(distinct model) as bigint) as models from usage where cost_status = 'unpriced'",
    finding: ({ n, models }) =>
      Number(n) === 0
        ? { level: 'ok', check: 'unpriced', message: 'every call has a price' }
        : {
            level: 'problem',
            check: 'unpriced',
            message: `${cellText(n)} calls of ${cellText(models)} models have no price and are in no total`,
            todo: 'docs/prices.md: add rows with prices.overlays',
          },
  },
  {
    check: 'billing',
    sql: "select cast(coalesce(sum(calls), 0) as bigint) as n, cast(sum(list_cost) as varchar) as value from usage where billing_mode = 'unknown' and cost_status = 'billing_unknown'",
    finding: ({ n, value }) =>
      Number(n) === 0
        ? null
        : {
            level: 'problem',
            check: 'billing',
            message: `${cellText(n)} calls (list value ${moneyText(value)}) have no proof of how they are paid: they are not spend`,
            todo: 'say it in config billing: on_demand or subscription',
          },
  },
  {
    check: 'accounts',
    sql: 'select provider, cast(sum(cost) as varchar) as cost from usage where billing_account_id is null and cost > 0 group by provider order by sum(cost) desc',
    finding: ({ provider, cost }) => ({
      level: 'note',
      check: 'accounts',
      message: `${cellText(provider)}: ${usdDisplay(picoFromUsd(cellText(cost)) ?? 0)} is taken as the provider's one account`,
      todo: 'with several accounts map them in config accounts, so that buckets and calls of different accounts are not compared',
    }),
  },
];

async function checkRows(engine: SqlEngine): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { sql, finding } of ROW_CHECKS)
    for (const row of await engine.query(sql))
      findings.push(finding(row) ?? { level: 'ok', check: 'billing', message: 'how every call is paid is known' });
  return findings;
}
