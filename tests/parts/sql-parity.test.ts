/**
 * Every .sql file of the product on DuckDB and on real Trino, with the same rows and the same result. The sealing files run through two
 * seals of a small inbox (without the provider's page, then with it and with late objects), the others over what was sealed. A file that
 * neither engine was given fails the last test, so a new one cannot be forgotten.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { demoNowMs } from '../../lib/generate/demo-calendar.ts';
import { demoConfig } from '../../lib/generate/demo-config.ts';
import { demoInbox } from '../../lib/generate/demo-inbox.ts';
import { checkRows } from '../../lib/health/row-checks.ts';
import type { SqlEngine, SqlRow, SqlValue } from '../../lib/ports.ts';
import { readSummary } from '../../lib/report/summary.ts';
import { VIEWS } from '../../lib/report/views.ts';
import { PUBLIC_TABLES, columnTypes } from '../../lib/schema.ts';
import { sampleTable } from '../../lib/simulate/sampling.ts';
import { watchedInbox } from '../fixtures/watched-lake.ts';
import { stackClients } from './stack/clients.ts';
import { twoHomes } from './two-homes.ts';
import type { Home, InboxObject, TwoHomes } from './two-homes.ts';

const LIB = fileURLToPath(new URL('../../lib/', import.meta.url));
const END_DAY = '2026-11-22';
/** The first days of the demo, with the first page of the provider's own report; and the one file that has broken lines. */
const OBJECTS = 160;
const BROKEN = /^openai\/search\/2026-11-04/;
/** These queries answer nothing where nothing is wrong. */
const MAY_BE_EMPTY = new Set([
  'assumed-accounts',
  'assumed-costs',
  'month-budgets',
  'month-forecasts',
  'price-changes',
  'unpriced',
  'week-anomalies',
  'week-drivers',
]);
/** What the two homes simulate. */
const MONTH = '2026-10';

/** Paths whose order differs between UTF-16 and bytes, texts that repeat, one that cannot be read. */
const CORPUS: readonly InboxObject[] = Object.entries({
  'corpora/a/\u{1F600}.txt': 'the same text',
  'corpora/a/\uFB00.txt': 'the same text',
  'corpora/a/z/late.md': 'the same text',
  'corpora/a/empty.txt': '',
  'corpora/a/scan.pdf': '%PDF-1.4 no page',
  "corpora/it's b/rows.jsonl": '{"text":"one"}\n{"text":"two"}\n{"text":"one"}\n',
}).map(([key, text]) => ({ key, bytes: new TextEncoder().encode(text) }));

/** Before the demo begins: all of its days are complete. */
const WATCHED_WEEK = { from: '2026-10-05', to: '2026-10-11' };
const WATCHED: readonly InboxObject[] = Object.entries(watchedInbox(WATCHED_WEEK, 2)).map(([key, text]) => ({
  key,
  bytes: new TextEncoder().encode(text),
}));

let homes: TwoHomes;
let local: SqlEngine;
let aws: SqlEngine;
const given = { local: [] as string[], aws: [] as string[] };

beforeAll(async () => {
  const now = new Date(demoNowMs(END_DAY)).toISOString();
  homes = await twoHomes(await stackClients(), demoConfig(END_DAY), now);
  local = recording(homes.local, given.local);
  aws = recording(homes.aws, given.aws);
  const objects = [...demoInbox({ seed: 1, endDay: END_DAY })].filter(({ key }, i) => i < OBJECTS || BROKEN.test(key));
  const isLate = objects.map(({ key }, i) => key.startsWith('openai-usage/') || i % 40 === 5);
  await homes.add(WATCHED);
  for (const late of [false, true]) {
    await homes.add(objects.filter((_, i) => isLate[i] === late));
    await homes.add(CORPUS.filter((_, i) => (i % 2 === 1) === late));
    for (const home of [homes.local, homes.aws]) await home.run();
  }
  await homes.simulate(MONTH);
  await homes.watch(WATCHED_WEEK);
  await homes.expose();
});
afterAll(async () => homes?.close());

/** The home's engine with a note of every statement; the home's own seals note theirs too. */
function recording(home: Home, statements: string[]): SqlEngine {
  const { engine } = home;
  const query = engine.query.bind(engine);
  const write = engine.write.bind(engine);
  engine.query = async (sql: string, parameters?: readonly SqlValue[]) => {
    statements.push(sql);
    return await query(sql, parameters);
  };
  engine.write = async (select, prefix, partitionBy) => {
    statements.push(select);
    return await write(select, prefix, partitionBy);
  };
  return engine;
}

const texts = (rows: readonly SqlRow[]): string[] =>
  rows.map((row) =>
    JSON.stringify(row, (_key, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    ),
  );

/** The same question to both engines; the order counts where the question gives one. */
async function expectSame(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
  const [here, there] = [texts(await local.query(sql, parameters)), texts(await aws.query(sql, parameters))];
  const isOrdered = /\border by\b/i.test(sql.slice(sql.lastIndexOf(')')));
  expect(isOrdered ? there : there.toSorted()).toEqual(isOrdered ? here : here.toSorted());
  return here.length;
}

describe('sealing', () => {
  test.each(PUBLIC_TABLES.map((table) => [table.name, table] as const))('gives the same %s', async (name, table) => {
    const columns = Object.keys(columnTypes(table)).filter((column) => column !== 'version');
    expect(await expectSame(`select ${columns.join(', ')} from ${name}`)).toBeGreaterThan(0);
  });
});

const queries = await loadSqlFolder('report/queries');
describe("the report's queries", () => {
  test.each(Object.entries(queries))('%s', async (name, sql) => {
    const marks = sql.replace(/^--.*$/gm, '').split('?').length - 1;
    const days = Array.from({ length: marks }, (_, i) => (i % 2 === 0 ? '2026-10-01' : END_DAY));
    const period = sql.includes('cast(? as varchar)') ? [MONTH] : days;
    const least = MAY_BE_EMPTY.has(name) ? 0 : 1;
    expect(await expectSame(sql, period)).toBeGreaterThanOrEqual(least);
  });

  test('make the same summary', async () => {
    const options = { asOfDay: '2026-11-23', weekStart: 1, sources: [] };
    const [here, there] = [await readSummary(local, queries, options), await readSummary(aws, queries, options)];
    expect(there).toEqual(here);
    expect(here.byTeam.length).toBeGreaterThan(3);
  });
});

const views = await loadSqlFolder('report/views');
describe('the views', () => {
  test.each(VIEWS.map(({ name }) => [name]))('%s', async (name) => {
    // the demo has no budgets; bi-queries.test.ts asks both engines this view where it has rows
    expect(await expectSame(views[name] ?? '')).toBeGreaterThanOrEqual(name === 'budget_status' ? 0 : 1);
  });
});

const simulated = await loadSqlFolder('simulate/queries');
describe('the simulation', () => {
  const drawAt = async (threshold: number): Promise<void> => {
    const sample = sampleTable(threshold, 256);
    for (const engine of [local, aws]) {
      await engine.table('period', { first_day: 'date', last_day: 'date' }, [['2026-10-01', END_DAY]]);
      await engine.table('sample', sample.columns, sample.rows);
    }
  };

  test.each(Object.entries(simulated))('%s', async (_name, sql) => {
    await drawAt(65_536);
    expect(await expectSame(sql)).toBeGreaterThan(0);
  });

  test('draws the same sample', async () => {
    const drawn: number[] = [];
    for (const threshold of [65_536, 32_768, 8_192, 0]) {
      await drawAt(threshold);
      drawn.push(await expectSame(simulated['calls'] ?? ''));
    }
    expect(drawn).toEqual([...new Set(drawn)].toSorted((a, b) => b - a));
    expect(drawn.at(-1)).toBe(0);
  });
});

const watched = await loadSqlFolder('watch/queries');
describe('the watch', () => {
  beforeAll(async () => {
    for (const engine of [local, aws])
      await engine.table('compared_days', { day: 'date', side: 'string' }, [
        ['2026-10-03', 'previous'],
        ['2026-10-10', 'current'],
      ]);
  });

  test.each(Object.entries(watched))('%s', async (name, sql) => {
    const marks = sql.replace(/^--.*$/gm, '').split('?').length - 1;
    const period = Array.from({ length: marks }, (_, i) => (i % 2 === 0 ? WATCHED_WEEK.from : END_DAY));
    expect(await expectSame(sql, period)).toBeGreaterThanOrEqual(name === 'silent-sources' ? 0 : 1);
  });
});

test("the doctor's checks of rows say the same", async () => {
  expect(await checkRows(aws)).toEqual(await checkRows(local));
});

test('every .sql file of the product was given to both engines', () => {
  const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  expect(files.length).toBeGreaterThan(25);
  const texted = files.map((name) => [name, readFileSync(join(LIB, name), 'utf8')] as const);
  for (const statements of [given.local, given.aws]) {
    const all = new Set(statements);
    const missing = texted.filter(([, sql]) => ![...all].some((statement) => statement.includes(sql)));
    expect(missing.map(([name]) => name)).toEqual([]);
  }
});
