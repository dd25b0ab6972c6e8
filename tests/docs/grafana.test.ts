/**
 * The Grafana dashboard: it is what its script gives, Grafana finds in it what it needs, and every statement runs on DuckDB once Grafana's
 * variables and the plugin's macros are replaced; tests/parts asks Trino the same.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { grafanaDashboard } from '../../scripts/make-grafana-dashboard.ts';
import { ODD_TEAM, onBiDay, openBiLedger } from '../fixtures/bi-ledger.ts';
import { grafanaSql } from '../fixtures/grafana-sql.ts';
import type { ReportLake } from '../report/report-lake.ts';

const SOURCE = z.strictObject({ type: z.literal('grafana-athena-datasource'), uid: z.literal('${datasource}') });
const QUERY = z.object({
  connectionArgs: z.object({
    catalog: z.literal('__default'),
    database: z.literal('${database}'),
    region: z.literal('__default'),
  }),
  format: z.union([z.literal(0), z.literal(1)]),
  rawSQL: z.string().min(1),
  refId: z.string().min(1),
});
const DASHBOARD = z.object({
  id: z.null(),
  uid: z.string().max(40),
  title: z.string().min(1),
  schemaVersion: z.int().min(30),
  timezone: z.literal('utc'),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.enum(['datasource', 'textbox', 'query']), query: z.unknown() })),
  }),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), datasource: SOURCE, target: QUERY })) }),
  panels: z
    .array(
      z.object({
        id: z.int().positive(),
        type: z.enum(['stat', 'timeseries', 'table', 'barchart']),
        title: z.string().min(1),
        description: z.string().min(1),
        datasource: SOURCE,
        gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(3) }),
        fieldConfig: z.object({ defaults: z.object({ unit: z.string() }), overrides: z.array(z.unknown()) }),
        targets: z.array(QUERY).length(1),
      }),
    )
    .min(8)
    .max(12),
});

const FILE = readFileSync('docs/grafana/inference-ledger.json', 'utf8');
const dashboard = DASHBOARD.parse(JSON.parse(FILE));
const choices = dashboard.templating.list.filter(({ type }) => type === 'query');
const CHOICE = {
  from: '2026-10-01',
  to: '2026-10-31',
  variables: { team: ['search', ODD_TEAM, 'unallocated'], provider: ['openai', 'anthropic'] },
};
const asked = (sql: string): string => onBiDay(grafanaSql(sql, CHOICE));

let lake: ReportLake;
beforeAll(async () => {
  lake = await openBiLedger();
});
afterAll(async () => await lake.close());

test('the file is what scripts/make-grafana-dashboard.ts gives', () => {
  expect(FILE).toBe(grafanaDashboard());
});

test('panels have numbers of their own and lie beside each other, not over each other', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos } of panels) {
    expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, x, y, taken.has(`${x} ${y}`)]).toEqual([title, x, y, false]);
        taken.add(`${x} ${y}`);
      }
  }
});

test('the variables that statements use are there, and each is used', () => {
  const used = new Set([...FILE.matchAll(/\$\{(\w+)(?::sqlstring)?\}/g)].map((match) => match[1] ?? ''));
  expect([...used].toSorted()).toEqual(dashboard.templating.list.map(({ name }) => name).toSorted());
  for (const [raw] of FILE.matchAll(/\$(?!\{)\w+(\([^)]*\))?/g)) expect(raw).toMatch(/^\$__(dateFilter\(\w+\)|all)$/);
});

describe('statements', () => {
  const ofType = (...types: readonly string[]): [title: string, sql: string, format: number][] =>
    dashboard.panels
      .filter(({ type }) => types.includes(type))
      .map(({ title, targets: [target] }) => [title, asked(target?.rawSQL ?? ''), target?.format ?? -1]);
  const described = async (sql: string): Promise<unknown[][]> =>
    (await lake.engine.query(`describe ${sql}`)).map((row) => [row['column_name'], row['column_type']]);

  test.each(ofType('stat', 'timeseries', 'table', 'barchart'))('%s has rows, and no decimals', async (_, sql) => {
    expect((await lake.engine.query(sql)).length).toBeGreaterThan(0);
    // the plugin takes a decimal for a text
    expect((await described(sql)).filter(([, type]) => String(type).startsWith('DECIMAL'))).toEqual([]);
  });

  test.each(ofType('timeseries'))('%s is a series: by time, in order', async (_, sql, format) => {
    expect(format).toBe(0);
    expect((await described(sql))[0]).toEqual(['time', 'DATE']);
    const times = (await lake.engine.query(sql)).map((row) => String(row['time']));
    expect(times).toEqual(times.toSorted());
  });

  test.each(ofType('stat'))('%s is one number', async (_, sql, format) => {
    expect([format, (await lake.engine.query(sql)).length, (await described(sql)).length]).toEqual([1, 1, 1]);
  });

  test.each(ofType('table', 'barchart'))('%s is a table', (_, __, format) => {
    expect(format).toBe(1);
  });

  test.each(choices.map((choice) => [choice.name, choice] as const))('choices of %s', async (name, { query }) => {
    const rows = await lake.engine.query(onBiDay(QUERY.parse(query).rawSQL));
    expect(rows.map((row) => row[name])).toEqual(CHOICE.variables[name as 'team' | 'provider'].toSorted());
  });

  test('marks', async () => {
    const [mark] = dashboard.annotations.list;
    expect(await lake.engine.query(asked(mark?.target.rawSQL ?? ''))).toEqual([
      { time: '2026-10-25', text: 'search on gpt-5: calls', tags: 'search' },
    ]);
  });

  test('show what was worked out by hand', async () => {
    const sqlOf = (title: string): string =>
      dashboard.panels.find((panel) => panel.title === title)?.targets[0]?.rawSQL ?? '';
    // October: search 38 calls of 0.01, the odd team 31 of 0.002, no team 31 of 0.001
    expect(await lake.engine.query(asked(sqlOf('Spend')))).toEqual([{ cost: 0.473 }]);
    expect(await lake.engine.query(asked(sqlOf('Spend of no team')))).toEqual([
      { unallocated_percent: expect.closeTo(6.5539, 4) as number },
    ]);
    expect(await lake.engine.query(asked(sqlOf('Why weeks changed')))).toMatchObject([
      { week: '2026-10-24', mix: 0, volume: 0 },
      { week: '2026-10-31', price: -0.01, volume: 0.072 },
    ]);
  });
});
