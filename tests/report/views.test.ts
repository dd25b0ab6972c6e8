/** The stable views: columns as documented, exact sums, SQL that both engines read. */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { duckType } from '../../lib/adapters/local/duckdb-engine.ts';
import { VIEWS } from '../../lib/report/views.ts';
import { tablesDoc } from '../../scripts/make-tables-doc.ts';
import { call, openReportLake } from './report-lake.ts';
import type { ReportLake } from './report-lake.ts';
import { SAMPLE } from './sample-lake.ts';

let lake: ReportLake;
beforeAll(async () => {
  const tagged = [
    call({ day: '2026-10-01', record_id: 'tagged-1', tags: '{"env":"prod","it\'s":"a \\"b\\""}' }),
    call({ day: '2026-10-02', record_id: 'tagged-2', tags: '{"env":"test"}' }),
  ];
  const spread = ['1', '3', null, '2'].map((cost, i) =>
    call({
      day: '2026-10-03',
      team: 'unallocated',
      key_id: `key-${i}`,
      cost,
      list_cost: cost,
      cost_status: cost === null ? 'unpriced' : 'priced',
    }),
  );
  lake = await openReportLake({ ...SAMPLE, usage: [...(SAMPLE.usage ?? []), ...tagged, ...spread] });
  for (const [name, sql] of Object.entries(await loadSqlFolder('report/views'))) {
    await lake.engine.execute(`create or replace temp view ${name} as ${sql}`);
  }
});
afterAll(async () => await lake.close());

test('each view has a file, and each file is described', async () => {
  expect(Object.keys(await loadSqlFolder('report/views'))).toEqual(VIEWS.map(({ name }) => name));
});

test.each(VIEWS)('$name has the columns and types of its description', async ({ name, columns }) => {
  const described = await lake.engine.query(`describe ${name}`);
  expect(described.map((row) => [row['column_name'], String(row['column_type']).toLowerCase()])).toEqual(
    columns.map((column) => [column.name, duckType(column.type)]),
  );
});

test.each(['spend_by_team', 'spend_by_model'])('%s sums exactly to spend_daily', async (view) => {
  const sums = (from: string): string =>
    `select sum(calls) as calls, sum(cost) as cost, sum(list_cost) as list_cost, sum(input_tokens) as input, sum(output_tokens) as output from ${from}`;
  expect(await lake.engine.query(sums(view))).toEqual(await lake.engine.query(sums('spend_daily')));
});

test.each(['spend_by_key', 'spend_by_user'])(
  '%s sums exactly to usage, unknown keys and users included',
  async (view) => {
    const sums = (from: string, tokens: string): string =>
      `select sum(calls) as calls, sum(cost) as cost, sum(list_cost) as list_cost, sum(${tokens}) as tokens from ${from}`;
    const all = 'input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens';
    expect(await lake.engine.query(sums(view, 'tokens'))).toEqual(await lake.engine.query(sums('usage', all)));
    const name = view === 'spend_by_key' ? 'key_id' : 'user_id';
    expect(await lake.engine.query(`select 1 as one from ${view} where ${name} is null limit 1`)).toHaveLength(1);
  },
);

test('token value is what is neither billed nor unknown', async () => {
  const rows = await lake.engine.query(
    `select team, cast(sum(token_value) as varchar) as v from spend_by_team where token_value is not null group by team order by team`,
  );
  // 36 days: research 31.25 a day under a plan, growth 3.5 a day with unproven billing
  expect(rows).toEqual([
    { team: 'growth', v: '126.000000000000' },
    { team: 'research', v: '1125.000000000000' },
  ]);
});

test('usage_tags gives one row per tag', async () => {
  expect(await lake.engine.query('select * from usage_tags order by day, tag')).toEqual([
    { day: '2026-10-01', record_id: 'tagged-1', tag: 'env', value: 'prod' },
    { day: '2026-10-01', record_id: 'tagged-1', tag: "it's", value: 'a "b"' },
    { day: '2026-10-02', record_id: 'tagged-2', tag: 'env', value: 'test' },
  ]);
});

test('unallocated_top ranks within a day, the unpriced last', async () => {
  const rows = await lake.engine.query(
    `select place, key_id from unallocated_top where day = date '2026-10-03' and key_id <> 'key-legacy-etl' order by place`,
  );
  expect(rows).toEqual([
    { place: '2', key_id: 'key-1' },
    { place: '3', key_id: 'key-3' },
    { place: '4', key_id: 'key-0' },
    { place: '5', key_id: 'key-2' },
  ]);
});

describe('SQL that both engines read alike', () => {
  const folders = ['lib/report/queries', 'lib/report/views'];
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));

  test.each(files)('%s', (path) => {
    const sql = readFileSync(path, 'utf8').replace(/--.*$/gm, '');
    // division, list syntax, casts and functions that differ between DuckDB and Trino
    expect(sql).not.toMatch(
      /\/|::|\b(element_at|approx_|json_format|greatest|least|strftime|date_format|max_by|min_by|ifnull|struct_|list_)\b/i,
    );
    // every sum and count is cast to its contract type
    const bare = sql.replace(/cast\((?:coalesce\()?(?:sum|count)\(/g, '');
    expect(bare).not.toMatch(/\b(sum|count)\s*\(/);
  });
});

test('docs/tables.md is what scripts/make-tables-doc.ts gives', () => {
  expect(readFileSync('docs/tables.md', 'utf8')).toBe(tablesDoc());
});
