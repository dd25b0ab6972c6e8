/**
 * `doctor`: looks at config, prices and a ledger and says what is wrong, where, and what to do; changes nothing. The checks lie in
 * `lib/health`; docs/doctor.md lists them. Exit code 0: no problem (notes may be there). 1: at least one problem. 2: wrong config or usage.
 */
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { loadHashKey } from '../../lib/adapters/local/hash-key.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { readCommits } from '../../lib/commit.ts';
import type { BatchCommit } from '../../lib/commit.ts';
import type { Config } from '../../lib/config.ts';
import { several } from '../../lib/health/finding.ts';
import type { Finding } from '../../lib/health/finding.ts';
import { checkLakeFiles } from '../../lib/health/lake-files.ts';
import { checkLandingRows } from '../../lib/health/landing-rows.ts';
import { checkPriceAge } from '../../lib/health/price-age.ts';
import { checkObjects, checkRows } from '../../lib/health/row-checks.ts';
import { checkAssumptions, checkSources } from '../../lib/health/trust-checks.ts';
import type { CatalogState, SqlEngine } from '../../lib/ports.ts';
import type { PriceBook } from '../../lib/price/price-book.ts';
import { readAssumptions } from '../../lib/report/assumptions.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { readSourceDays } from '../../lib/seal/source-tables.ts';
import { emptyObjects, sourceStates } from '../../lib/seal/sources.ts';
import { LANDING_COLUMNS, landingTypes } from '../../lib/write/landing-row.ts';
import { loadConfig, loadPrices } from '../config-files.ts';
import { clockOf } from '../local-world.ts';
import { paint } from '../colors.ts';
import { homeOf } from '../options.ts';
import type { HomeOptions } from '../options.ts';
import { formatRows } from '../rows-text.ts';
import { printable } from '../terminal.ts';

export interface DoctorOptions extends HomeOptions {
  config?: string;
  now?: string;
  format: string;
}

export async function doctor(options: DoctorOptions): Promise<void> {
  if (options.stack !== undefined) {
    homeOf(options);
    const { stackFindings } = await import('../stack-doctor.ts');
    print(await stackFindings(options.stack, options.now), options.format);
    return;
  }
  const nowMs = clockOf(options.now).nowMs();
  const { config, folder, path } = await loadConfig(options.config);
  const { book } = await loadPrices(config, folder);
  const findings = await setupFindings(config, path);
  if (options.lake === undefined) findings.push(...checkPriceAge(book, null, nowMs));
  else findings.push(...(await lakeFindings(options.lake, config, book, nowMs)));
  print(findings, options.format);
}

function print(findings: readonly Finding[], format: string): void {
  const rows = findings.map(rowOf);
  if (format === 'json') process.stdout.write(`${JSON.stringify(rows, null, 1)}\n`);
  else if (format === 'csv') process.stdout.write(formatRows(rows, 'csv'));
  else process.stdout.write(`${findings.map(findingText).join('\n')}\n`);
  process.exitCode = findings.some((finding) => finding.level === 'problem') ? 1 : 0;
}

/** A finding with all five keys, which every one has in JSON. */
function rowOf({ level, check, message, where, todo }: Finding): Record<string, unknown> {
  return { level, check, message, where: where ?? [], todo: todo ?? null };
}

const SHOWN_PLACES = 5;

function findingText({ level, check, message, where = [], todo }: Finding): string {
  const { green, red, yellow } = paint();
  const sign = { ok: green('ok      '), note: yellow('note    '), problem: red('PROBLEM ') }[level];
  // one place, and days, are in the message already
  const shown = where.length > 1 ? where.filter((place) => !/^\d{4}-\d{2}-\d{2}$/.test(place)) : [];
  const more = shown.length > SHOWN_PLACES ? ['… (all that are listed: --format json)'] : [];
  const places = [...shown.slice(0, SHOWN_PLACES).map((place) => printable(place, 160)), ...more];
  const indent = `\n${' '.repeat(22)}`;
  return [`${sign} ${check.padEnd(12)} ${printable(message, 400)}`, ...places, ...(todo ? [`→ ${todo}`] : [])].join(
    indent,
  );
}

async function setupFindings(config: Config, path: string | null): Promise<Finding[]> {
  const key = await loadHashKey(process.env);
  const rules = several(config.attribution.rules.length, 'attribution rule');
  return [
    path === null
      ? {
          level: 'note',
          check: 'config',
          message: 'no inference-ledger.config.json: defaults are used',
          todo: 'inference-ledger init',
        }
      : { level: 'ok', check: 'config', message: `${path} is valid, ${rules}` },
    {
      level: 'ok',
      check: 'hash key',
      message: `key ${key.id}; keep it: hashes of another key cannot be compared`,
    },
  ];
}

async function lakeFindings(lake: string, config: Config, book: PriceBook, nowMs: number): Promise<Finding[]> {
  const store = createFolderStore(lake);
  const state = await createFolderCatalog(store).read();
  if (state.revision === 0)
    return [
      ...checkPriceAge(book, null, nowMs),
      {
        level: 'problem',
        check: 'lake',
        message: `there is no ledger in ${lake}`,
        todo: `inference-ledger run --inbox DIR --lake ${lake}`,
      },
    ];
  const batches = await readCommits(store);
  const files = await checkLakeFiles(store, state, batches, {
    nowMs,
    graceMs: config.keep.old_generations_hours * 3_600_000,
    landingDays: config.keep.landing_days,
  });
  const engine = await openDuckDb(lake);
  try {
    const columns = landingTypes(LANDING_COLUMNS, 'day');
    const live = freeze(batches).objects;
    return [
      ...(files.isReadable ? [lakeLine(state, batches)] : []),
      ...files.findings,
      ...(await checkLandingRows(engine, columns, files.landing, live, files.wholeCommits)),
      ...checkObjects(batches),
      ...(files.isReadable ? await tableFindings({ engine, state, batches, config, book, nowMs }) : []),
    ];
  } finally {
    engine.close();
  }
}

function lakeLine(state: CatalogState, batches: readonly BatchCommit[]): Finding {
  const objects = batches.reduce((sum, batch) => sum + batch.objects.length, 0);
  const days = Object.keys(state.tables['usage'] ?? {}).length;
  return {
    level: 'ok',
    check: 'lake',
    message: `${several(objects, 'object version')} read, ${several(days, 'day')} sealed`,
  };
}

interface OpenLake {
  readonly engine: SqlEngine;
  readonly state: CatalogState;
  readonly batches: readonly BatchCommit[];
  readonly config: Config;
  readonly book: PriceBook;
  readonly nowMs: number;
}

const WHOLE_LEDGER = { from: '0001-01-01', to: '9999-12-31' };
const USED_PROVIDERS =
  "select distinct provider from spend_daily where cost_status in ('priced', 'estimated', 'included')";

async function tableFindings({ engine, state, batches, config, book, nowMs }: OpenLake): Promise<Finding[]> {
  await exposeLake(engine, state);
  const queries = await loadSqlFolder('report/queries');
  const used = new Set((await engine.query(USED_PROVIDERS)).map((row) => String(row['provider'])));
  const days = await readSourceDays({ engine }, state);
  const sources = sourceStates(days, nowMs, config.sources, emptyObjects(freeze(batches), config.sources));
  const assumptions = await readAssumptions(
    async (name, ...parameters) => await engine.query(queries[name] ?? '', parameters),
    WHOLE_LEDGER,
  );
  return [
    ...(await checkRows(engine)),
    ...checkSources(sources),
    ...checkAssumptions(assumptions),
    ...checkPriceAge(book, used, nowMs),
  ];
}
