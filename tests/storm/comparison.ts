/**
 * The settled lake against the truth: rows of `usage`, what is excluded, and the tables that follow from them. In: an engine, a catalog state,
 * the expected rows. Out: differences in words. Invariant: a column whose expected value is null in a tie is the ledger's choice; every
 * other value must be equal.
 */
import type { CatalogState, SqlEngine, SqlRow } from '../../lib/ports.ts';
import {
  SHOWBACK_MONTHLY,
  SPEND_DAILY,
  USAGE,
  USAGE_EXCLUDED,
  INGESTED_OBJECTS,
  columnTypes,
} from '../../lib/schema.ts';
import type { Table } from '../../lib/schema.ts';
import type { Expected, ExpectedRow, Value } from './expected.ts';

const MOST_SHOWN = 6;

export async function expose(engine: SqlEngine, state: CatalogState, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    const pointers = Object.values(state.tables[table.name] ?? {});
    await engine.files(
      table.name,
      columnTypes(table),
      pointers.flatMap((pointer) => pointer.keys),
    );
  }
}

const CALLS = `
select record_id, cast(day as varchar) as day, source_object || ':' || cast(source_line as varchar) as source, source_format, provider, model, tier,
  calls, input_tokens, cache_read_tokens, cache_write_5m_tokens, output_tokens, billing_mode, cast(list_cost as varchar) as list_cost,
  cast(cost as varchar) as cost, cost_status, team, attribution, project, user_id, session_id, call_id, latency_ms,
  cast(reported_cost as varchar) as reported_cost, tags, stamp
from usage where grain = 'call'`;

const BUCKETS = `
select cast(day as varchar) as day, model, tier, cast(sum(input_tokens) as varchar) as input_tokens,
  cast(sum(cache_read_tokens) as varchar) as cache_read_tokens, cast(sum(output_tokens) as varchar) as output_tokens,
  cast(sum(coalesce(cost, 0)) as varchar) as cost
from usage where grain = 'bucket' group by day, model, tier order by day, model, tier`;

const EXCLUDED = `
select grain, excluded_reason as reason, cast(count(*) as bigint) as n from usage_excluded group by 1, 2 order by 1, 2`;

const SPEND = `
with own as (
  select day, team, model, cast(sum(calls) as bigint) as calls, cast(sum(input_tokens) as bigint) as input, cast(sum(output_tokens) as bigint) as output,
    cast(sum(cost) as decimal(38,12)) as cost
  from usage group by day, team, model
),
daily as (
  select day, team, model, cast(sum(calls) as bigint) as calls, cast(sum(input_tokens) as bigint) as input, cast(sum(output_tokens) as bigint) as output,
    cast(sum(cost) as decimal(38,12)) as cost
  from spend_daily group by day, team, model
)
select cast(coalesce(o.day, d.day) as varchar) as day, coalesce(o.team, d.team) as team
from own o full join daily d on d.day = o.day and d.team = o.team and d.model = o.model
where o.calls is distinct from d.calls or o.input is distinct from d.input or o.output is distinct from d.output or o.cost is distinct from d.cost`;

const TOTALS = `
select cast((select coalesce(sum(cost), 0) from usage) as decimal(38,12)) as usage_cost,
  cast((select coalesce(sum(cost), 0) from showback_monthly) as decimal(38,12)) as showback_cost,
  cast((select count(*) from usage) + (select count(*) from usage_excluded) as bigint) as rows_held,
  cast((select coalesce(sum(records), 0) from ingested_objects where outcome in ('landed', 'retracted')) as bigint) as records_landed`;

/** All differences between the lake and what it must hold. */
export async function differences(
  engine: SqlEngine,
  state: CatalogState,
  expected: Expected,
  retractedRows: number,
): Promise<string[]> {
  await expose(engine, state, [USAGE, USAGE_EXCLUDED, SPEND_DAILY, SHOWBACK_MONTHLY, INGESTED_OBJECTS]);
  const found = await engine.query(CALLS);
  const problems = callDifferences(found, expected.calls);
  problems.push(...bucketDifferences(await engine.query(BUCKETS), expected.buckets));
  problems.push(...excludedDifferences(await engine.query(EXCLUDED), expected, retractedRows));
  for (const row of await engine.query(SPEND))
    problems.push(`spend_daily differs from usage on ${text(row['day'])} for ${text(row['team'])}`);
  const [totals] = await engine.query(TOTALS);
  if (totals?.['usage_cost'] !== totals?.['showback_cost'])
    problems.push(`usage costs ${text(totals?.['usage_cost'])}, showback ${text(totals?.['showback_cost'])}`);
  const landed = expected.landedRows + retractedRows;
  if (totals?.['rows_held'] !== String(landed))
    problems.push(`${landed} rows landed, usage and usage_excluded hold ${text(totals?.['rows_held'])}`);
  if (totals?.['records_landed'] !== String(landed))
    problems.push(`${landed} rows landed, ingested_objects tells of ${text(totals?.['records_landed'])}`);
  return problems;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function asText(row: SqlRow): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === null || value === undefined) return [name, null];
      if (name !== 'tags') return [name, text(value)];
      return [name, JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))];
    }),
  );
}

/** What tells rows apart whatever else is wrong with them: day and call id or, without one, its tokens. */
function keyOf(row: Readonly<Record<string, Value>>): string {
  const id = row['call_id'] ?? `${text(row['input_tokens'])}/${text(row['output_tokens'])}`;
  return `${text(row['day'])} ${text(id)}`;
}

function callDifferences(found: readonly SqlRow[], expected: readonly ExpectedRow[]): string[] {
  const problems: string[] = [];
  const have = Map.groupBy(found.map(asText), keyOf);
  const want = Map.groupBy(expected, keyOf);
  for (const key of new Set([...have.keys(), ...want.keys()])) {
    const a = have.get(key) ?? [];
    const b = want.get(key) ?? [];
    if (a.length !== b.length) {
      const places = a.map((row) => `${row['source']} of ${row['stamp']}`).join(', ');
      problems.push(`${key}: ${b.length} rows expected, ${a.length} found (${places})`);
    } else if (a.length === 1) problems.push(...columnDifferences(key, a[0] ?? {}, b[0] ?? {}));
  }
  return capped(problems);
}

function columnDifferences(
  key: string,
  found: Readonly<Record<string, string | null>>,
  expected: ExpectedRow,
): string[] {
  return Object.entries(expected)
    .filter(([name, want]) => !allows(want, found[name] ?? null))
    .map(([name, want]) => `${key} [${text(expected['source'])}]: ${name} is ${found[name]}, expected ${text(want)}`);
}

function allows(want: Value, value: string | null): boolean {
  if (want === null || typeof want === 'string') return want === value;
  return want.length === 0 || (value !== null && want.includes(value));
}

function capped(problems: string[]): string[] {
  return problems.length <= MOST_SHOWN
    ? problems
    : [...problems.slice(0, MOST_SHOWN), `and ${problems.length - MOST_SHOWN} more`];
}

function bucketDifferences(found: readonly SqlRow[], expected: readonly ExpectedRow[]): string[] {
  const have = new Map(found.map(asText).map((row) => [`${row['day']} ${row['model']} ${row['tier']}`, row]));
  const problems: string[] = [];
  for (const want of expected) {
    const key = [want['day'], want['model'], want['tier']].map(text).join(' ');
    const row = have.get(key);
    have.delete(key);
    for (const name of ['input_tokens', 'cache_read_tokens', 'output_tokens', 'cost']) {
      const value = row?.[name] ?? (name === 'cost' ? '0.000000000000' : '0');
      if (value !== want[name]) problems.push(`bucket ${key}: ${name} is ${value}, expected ${text(want[name])}`);
    }
  }
  for (const key of have.keys()) problems.push(`bucket ${key} is not expected`);
  return capped(problems);
}

function excludedDifferences(found: readonly SqlRow[], expected: Expected, retractedRows: number): string[] {
  const calls = found.filter((row) => row['grain'] === 'call' && row['reason'] !== 'retracted');
  const count = calls.reduce((sum, row) => sum + Number(row['n']), 0);
  const reasons = calls.map((row) => text(row['reason'])).filter((reason) => reason !== 'duplicate');
  const problems = reasons.map((reason) => `calls are excluded as ${reason}`);
  const retracted = found
    .filter((row) => row['reason'] === 'retracted')
    .reduce((sum, row) => sum + Number(row['n']), 0);
  if (retracted !== retractedRows)
    problems.push(`${retracted} rows are excluded as retracted, expected ${retractedRows}`);
  if (count !== expected.duplicates) problems.push(`${count} calls are excluded, expected ${expected.duplicates}`);
  return problems;
}
