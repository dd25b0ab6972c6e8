/** The weekly report of the demo: short above, every number its query's answer, whatever the week. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { renderDocumentText } from '../../lib/report/document-text.ts';
import { makeReports } from '../../lib/reporting.ts';
import type { Reports } from '../../lib/reporting.ts';
import { ANOMALIES, BUDGETS, CHANGE_DRIVERS, FORECASTS } from '../../lib/schema-report.ts';
import { columnTypes } from '../../lib/schema.ts';
import { addDays, weekStart } from '../../lib/time.ts';
import { unexplained } from '../report/explained-numbers.ts';
import { demoLedger } from './demo-ledger.ts';
import type { DemoLedger } from './demo-ledger.ts';

let demo: DemoLedger;
let engine: LocalSqlEngine;
let lastWeek: Reports;
let weekBefore: Reports;

beforeAll(async () => {
  demo = await demoLedger();
  engine = await openDuckDb(demo.lake);
  await exposeLake(engine, await createFolderCatalog(createFolderStore(demo.lake)).read());
  // nobody has watched the demo's weeks
  for (const table of [BUDGETS, FORECASTS, ANOMALIES, CHANGE_DRIVERS])
    await engine.files(table.name, columnTypes(table), []);
  const queries = await loadSqlFolder('report/queries');
  const [{ last_day: lastDay } = {}] = await engine.query('select max(day) as last_day from spend_daily');
  const from = addDays(weekStart(addDays(String(lastDay), 1)), -7);
  const reports = async (monday: string): Promise<Reports> =>
    await makeReports({ engine, queries, config: DEFAULT_CONFIG }, { from: monday, to: addDays(monday, 6) });
  lastWeek = await reports(from);
  weekBefore = await reports(addDays(from, -7));
}, 120_000);
afterAll(async () => {
  engine?.close();
  await demo?.close();
});

const all = (reports: Reports): Reports['overall'][] => [
  reports.overall,
  ...reports.teams.map(({ document }) => document),
];

describe.each([
  ['the last week', () => lastWeek],
  ['the week before', () => weekBefore],
])('%s', (_name, reports) => {
  test('says on the first screen what there is to know in at most 120 words', () => {
    for (const { first } of all(reports())) {
      const words = first.lines.flatMap(({ label, text }) => `${label} ${text}`.split(/\s+/));
      expect(words.length).toBeGreaterThan(20);
      expect(words.length).toBeLessThanOrEqual(120);
    }
  });

  test('shows no number that its queries do not answer', async () => {
    for (const document of all(reports()).slice(0, 3)) expect((await unexplained(document, engine)).places).toEqual([]);
  }, 120_000);

  test('reads as text in a hundred columns', () => {
    for (const document of all(reports())) {
      const text = renderDocumentText(document);
      expect(text).not.toMatch(/NaN|undefined|\[object/);
      expect(text.split('\n').filter((line) => Array.from(line).length > 100)).toEqual([]);
    }
  });
});

test('the demo has teams, and a source that fell silent in its last week', () => {
  expect(lastWeek.teams.length).toBeGreaterThan(5);
  expect(lastWeek.overall.first.lines[0]?.text).toMatch(/missing: \d days of the week not complete/);
});
