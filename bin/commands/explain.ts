/** `explain`: how one cost came about, priced again from landing by the same engine, meter by meter, with the price rows and why they were chosen. */
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { readCommits } from '../../lib/commit.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { usdText } from '../../lib/money.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { explainPrice } from '../../lib/price/explain.ts';
import type { PriceExplanation } from '../../lib/price/explain.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { totalOf } from '../../lib/settle.ts';
import { recordFromLanding } from '../../lib/write/landing-record.ts';
import { LANDING_COLUMNS, landingTypes } from '../../lib/write/landing-row.ts';
import { createAttributor } from '../../lib/attribute/rules.ts';
import { stampOf } from '../../lib/ledger-tools.ts';
import { loadConfig, loadPrices } from '../config-files.ts';
import { formatRows } from '../rows-text.ts';
import { renderTable } from '../table-text.ts';
import { cellText } from '../terminal.ts';

export async function explain(
  recordId: string,
  options: { lake: string; config?: string; format: string },
): Promise<void> {
  const { config, folder } = await loadConfig(options.config);
  const { book, customer } = await loadPrices(config, folder);
  const { usage, landing } = await findRow(options.lake, recordId.trim().replace(/…$/, ''));
  const { record, occurredAtMs } = recordFromLanding(landing);
  // rates hang on the account that pays, which config `accounts` may have named
  const account = landing['billing_account_id'];
  record.billingAccountId = typeof account === 'string' ? account : null;
  const explanation = explainPrice(book, record, occurredAtMs, customer);
  const isOther = usage['stamp'] !== stampOf(config, explanation.bookVersion, createAttributor(config).version);
  if (isOther)
    process.stderr.write('note: the row was priced under another config or price book; give the --config of the run\n');
  const print = { json: jsonOf, csv: csvOf }[options.format] ?? textOf;
  process.stdout.write(print(usage, explanation));
}

async function findRow(lake: string, recordId: string): Promise<{ usage: SqlRow; landing: SqlRow }> {
  const store = createFolderStore(lake);
  const state = await createFolderCatalog(store).read();
  const engine = await openDuckDb(lake);
  try {
    await exposeLake(engine, state);
    const columns = `record_id, source_object, source_line, source_format, provider, model, model_reported, tier, team, attribution, billing_mode, cost, list_cost,
      cost_status, cost_reason, reported_cost, input_cost, cache_read_cost, cache_write_cost, output_cost, other_cost, stamp, occurred_at, grain, cast(day as varchar) as day`;
    const found = await engine.query(
      `select ${columns} from usage where starts_with(record_id, ?) order by length(record_id) limit 3`,
      [recordId],
    );
    const usage = found.find((row) => row['record_id'] === recordId) ?? found[0];
    if (usage === undefined) {
      throw new Misconfigured(`no row of usage has a record_id that begins with ${recordId}`, {
        hint: `find one with: inference-ledger query --lake ${lake} "select record_id, team, model, cost from usage order by cost desc limit 5"`,
      });
    }
    if (found.length > 1 && usage['record_id'] !== recordId) {
      throw new Misconfigured(`${recordId} is the beginning of several record ids`, {
        hint: 'give more characters of it',
      });
    }
    const day = String(usage['day']);
    // files of superseded reads may be gone
    const live = new Set(freeze(await readCommits(store)).objects.map(({ batch }) => batch));
    const keys = [...live]
      .flatMap((b) => b.files)
      .filter((f) => f.day === day && f.kind !== 'rejects' && f.kind !== 'prompts')
      .map((f) => f.key);
    await engine.files('landing', landingTypes(LANDING_COLUMNS, 'day'), keys);
    const base = String(usage['record_id']).replace(/-\d+$/, '');
    const rows = await engine.query(
      'select * from landing where record_id = ? and source_line = ? order by stamp = ? desc limit 1',
      [base, Number(usage['source_line']), String(usage['stamp'])],
    );
    return { usage, landing: rows[0] ?? {} };
  } finally {
    engine.close();
  }
}

function textOf(usage: SqlRow, e: PriceExplanation): string {
  const cell = (name: string): string => cellText(usage[name]);
  const date = (ms: number | null): string => (ms === null ? 'open' : new Date(ms).toISOString().slice(0, 10));
  const facts = [
    ['record', cell('record_id')],
    ['from', `${cell('source_object')}:${cell('source_line')} (${cell('source_format')})`],
    ['when', `${cell('occurred_at')} UTC`],
    ['team', `${cell('team')} (${cell('attribution')})`],
    ['model', `${e.model.value || cell('model')}: ${e.model.why}`],
    ...(['tier', 'region', 'band', 'window'] as const)
      .filter((name) => e[name].why !== '')
      .map((name) => [name, `${e[name].value || 'default'}: ${e[name].why}`]),
    [
      'billing',
      `${cell('billing_mode')}, ${cell('cost_status')}${usage['cost_reason'] ? ` (${cell('cost_reason')})` : ''}`,
    ],
  ];
  const lines = e.lines.map((l) => [
    l.meter,
    String(l.quantity),
    l.rateUsd,
    l.unit,
    usdText(l.costPico),
    l.priceRowId,
    `${date(l.validFromMs)} to ${date(l.validToMs)}`,
    `${l.source} (${l.confidence})`,
  ]);
  const columns = ['meter', 'quantity', 'USD rate', 'unit', 'USD', 'price row', 'valid', 'source'].map((title, i) => ({
    title,
    align: i === 1 || i === 2 || i === 4 ? ('right' as const) : ('left' as const),
  }));
  const table =
    lines.length > 0 ? renderTable(columns, lines, { isWhole: true }) : `no price: ${e.priced.reason ?? ''}`;
  const contracted = e.priced.contracted;
  const rates =
    contracted === null || contracted === e.priced.list
      ? ''
      : `after the rates of the config ${usdText(totalOf(contracted))} USD; `;
  const sum = `list cost ${e.totalPico === null ? 'unknown' : usdText(e.totalPico)} USD; ${rates}cost in the ledger ${usage['cost'] === null ? 'unknown (null)' : cell('cost')} USD`;
  const remainder =
    usage['cost_reason'] === 'remainder_of_bucket'
      ? '\nthis row is what calls did not cover of a bucket; the lines above price the whole bucket'
      : '';
  return `${facts.map(([name, value]) => `${(name ?? '').padEnd(8)} ${value}`).join('\n')}\n\n${table}\n\n${sum}${remainder}\n`;
}

/** A row a meter. */
function csvOf(usage: SqlRow, { lines }: PriceExplanation): string {
  const day = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(0, 10));
  const rows = lines.map((line) => ({
    record_id: usage['record_id'],
    meter: line.meter,
    quantity: line.quantity,
    rate: line.rateUsd,
    unit: line.unit,
    cost: usdText(line.costPico),
    price_row: line.priceRowId,
    valid_from: day(line.validFromMs),
    valid_to: day(line.validToMs),
    source: line.source,
    confidence: line.confidence,
  }));
  return formatRows(rows, 'csv');
}

function jsonOf(usage: SqlRow, e: PriceExplanation): string {
  const { lines, totalPico, model, tier, region, band, window, bookVersion } = e;
  const body = {
    usage,
    price: { model, tier, region, band, window, book_version: bookVersion, reason: e.priced.reason },
    lines: lines.map((l) => ({ ...l, costPico: undefined, cost: usdText(l.costPico) })),
    list_cost: totalPico === null ? null : usdText(totalPico),
  };
  return `${JSON.stringify(body, null, 1)}\n`;
}
