/** The sample queries on DuckDB, over a ledger in which every table has rows; tests/parts asks Trino the same. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SqlRow } from '../../lib/ports.ts';
import { PUBLIC_TABLES } from '../../lib/schema.ts';
import { VIEWS } from '../../lib/report/views.ts';
import { queriesDoc, sampleQueries } from '../../scripts/make-queries-doc.ts';
import { ODD_TEAM, onBiDay, openBiLedger } from '../fixtures/bi-ledger.ts';
import type { ReportLake } from '../report/report-lake.ts';

const QUERIES = sampleQueries();
const sqlOf = (name: string): string => QUERIES.find((query) => query.name === name)?.sql ?? '';

let lake: ReportLake;
beforeAll(async () => {
  lake = await openBiLedger();
});
afterAll(async () => await lake.close());

const ask = async (name: string): Promise<SqlRow[]> => await lake.engine.query(onBiDay(sqlOf(name)));
const cells = async (name: string, ...columns: string[]): Promise<unknown[][]> =>
  (await ask(name)).map((row) => columns.map((column) => row[column]));

test('there are twenty, each with a question, and docs/queries.md shows them', () => {
  expect(QUERIES).toHaveLength(20);
  for (const { name, question } of QUERIES) expect([name, question]).toEqual([name, expect.stringMatching(/\?/)]);
  expect(readFileSync('docs/queries.md', 'utf8')).toBe(queriesDoc());
});

describe('each query', () => {
  test.each(QUERIES.map(({ name }) => name))('%s has an answer, and a whole order', async (name) => {
    const rows = await ask(name);
    expect(rows.length).toBeGreaterThan(0);
    expect(sqlOf(name)).toMatch(/\norder by [^;]+\n$/);
  });

  test.each(QUERIES.map(({ name }) => name))('%s is written so that both engines read it alike', (name) => {
    const sql = sqlOf(name).replace(/--.*$/gm, '');
    // what differs between DuckDB and Trino; a division has a double above it
    expect(sql).not.toMatch(
      /::|\b(element_at|approx_|json_format|greatest|least|strftime|date_format|max_by|min_by|ifnull|struct_|list_\w+\()/i,
    );
    for (const [, before] of sql.matchAll(/([^\n]*)\/ /g)) expect(before).toContain('as double)');
  });

  test('asks public tables and views only', () => {
    const known = new Set([...PUBLIC_TABLES, ...VIEWS].map(({ name }) => name));
    for (const { name, sql: text } of QUERIES) {
      const sql = text.replace(/--.*$/gm, '');
      const own = [...sql.matchAll(/(?:^with |^)([a-z_]+) as \(/gm)].map((match) => match[1] ?? '');
      const read = [...sql.matchAll(/\b(?:from|join) ([a-z_]+)/g)].map((match) => match[1] ?? '');
      const foreign = read.filter((table) => !known.has(table) && !own.includes(table) && table !== 'unnest');
      expect({ name, foreign }).toEqual({ name, foreign: [] });
    }
  });
});

describe('answers worked out by hand', () => {
  test('team-by-month: October has 31 days, and search 38 calls that cost 0.01', async () => {
    const rows = await cells('team-by-month', 'month', 'team', 'cost', 'share_percent', 'unpriced_calls');
    expect(rows.slice(0, 3)).toEqual([
      ['2026-10', 'search', '0.380000000000', '80.34', '5'],
      ['2026-10', ODD_TEAM, '0.062000000000', '13.11', '0'],
      ['2026-10', 'unallocated', '0.031000000000', '6.55', '0'],
    ]);
    expect(rows).toHaveLength(6);
  });

  test('chargeback sums to what is charged', async () => {
    expect(await cells('chargeback', 'team', 'direct', 'shared', 'unallocated', 'charged')).toEqual([
      ['search', '0.380000000000', '0.020000000000', '0.000000000000', '0.400000000000'],
      ['unallocated', '0.000000000000', '0.000000000000', '0.031000000000', '0.031000000000'],
    ]);
  });

  test('week-over-week leaves out the silent day and its partner: six days are compared', async () => {
    const rows = await cells('week-over-week', 'team', 'model', 'week_before', 'this_week', 'change', 'days_compared');
    expect(rows[0]).toEqual(['search', 'gpt-5', '0.060000000000', '0.120000000000', '0.060000000000', '6']);
    expect(rows.slice(1).every(([, , , , change]) => change === '0.000000000000')).toBe(true);
  });

  test('weekday-shape: six of each weekday but Friday, which was once silent', async () => {
    const rows = await cells('weekday-shape', 'weekday', 'name', 'days', 'cost_a_day');
    // of search, each weekday has five or four days of 0.01 and one of 0.02; the others spend 0.003 a day
    expect(rows.map(([weekday, name, days]) => [weekday, name, days])).toEqual([
      ['1', 'Monday', '6'],
      ['2', 'Tuesday', '6'],
      ['3', 'Wednesday', '6'],
      ['4', 'Thursday', '6'],
      ['5', 'Friday', '5'],
      ['6', 'Saturday', '6'],
      ['7', 'Sunday', '6'],
    ]);
    expect(rows[0]?.[3]).toBe('0.014667');
    expect(rows[4]?.[3]).toBe('0.013000');
  });

  test('price-per-million: 0.007 for 400 prompt tokens is 17.5 dollars a million', async () => {
    const rows = await cells('price-per-million', 'model', 'usd_per_million_prompt', 'usd_per_million_output');
    expect(rows[0]).toEqual(['gpt-5', '17.500000', '60.000000']);
  });

  test('cache-hits: 300 of 400 prompt tokens', async () => {
    const rows = await cells('cache-hits', 'team', 'model', 'read_percent');
    expect(rows[0]).toEqual(['search', 'gpt-5', '75.00']);
    expect(rows.find(([, model]) => model === 'helios-7b')).toEqual(['search', 'helios-7b', '0.00']);
  });

  test('cost-per-session: two days are a session, the last four have more', async () => {
    // 28 days, 14 sessions: ten of 0.02, one of 0.03 (its second day is in the last week), three of 0.04
    expect(await ask('cost-per-session')).toEqual([
      {
        team: 'search',
        sessions: '14',
        calls: '35',
        cost: '0.350000000000',
        cost_per_session: '0.025000',
        nine_of_ten_at_most: '0.040000000000',
        dearest: '0.040000000000',
      },
    ]);
  });

  test('budgets: what is passed, what will be, what might be', async () => {
    expect(await cells('budgets', 'period', 'scope', 'id', 'spent', 'spent_percent', 'remaining', 'state')).toEqual([
      ['2026-11', 'total', '', null, null, '5.000000000000', 'within'],
      ['2026-10', 'total', '', '0.473000000000', '78.83', '0.127000000000', 'possibly_over'],
      ['2026-10', 'team', ODD_TEAM, '0.062000000000', '88.57', '0.008000000000', 'expected_over'],
      ['2026-10', 'team', 'search', '0.380000000000', '126.67', '-0.080000000000', 'over'],
    ]);
  });

  test('change-drivers sum to the change of their week', async () => {
    expect(await cells('change-drivers', 'week', 'driver', 'amount', 'teams', 'change_of_week')).toEqual([
      ['2026-10-31', 'volume', '0.072000000000', '2', '0.062000000000'],
      ['2026-10-31', 'price', '-0.010000000000', '1', '0.062000000000'],
      ['2026-10-24', 'mix', '0.000000000000', '1', '0.000000000000'],
    ]);
  });

  test('savings: the newest week and the newest month, the plan first', async () => {
    const rows = await cells('savings', 'kind', 'period', 'lever', 'saving', 'low', 'high', 'basis');
    expect(rows.slice(0, 4)).toEqual([
      ['week', '2026-W43', 'plan', '0.040000000000', '-0.020000000000', '0.090000000000', 'measured'],
      ['week', '2026-W43', 'prefix_cache', '0.050000000000', '-0.020000000000', '0.090000000000', 'measured'],
      ['week', '2026-W43', 'batch', '-0.010000000000', '-0.020000000000', '0.090000000000', 'measured'],
      ['week', '2026-W43', 'semantic_cache', null, null, null, 'not_identifiable'],
    ]);
    expect(rows.slice(4).map(([, period]) => period)).toEqual(Array.from({ length: 4 }, () => '2026-10'));
  });
});
