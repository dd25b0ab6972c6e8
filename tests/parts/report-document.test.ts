/** The weekly report on DuckDB and on real Trino over the same rows: the same documents, and every number of them is its query's answer there, too. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import type { SqlValue } from '../../lib/ports.ts';
import { makeReports } from '../../lib/reporting.ts';
import type { Reports } from '../../lib/reporting.ts';
import * as schema from '../../lib/schema.ts';
import * as watched from '../../lib/schema-report.ts';
import type { Table } from '../../lib/schema.ts';
import { unexplained } from '../report/explained-numbers.ts';
import { openReportLake } from '../report/report-lake.ts';
import type { ReportLake } from '../report/report-lake.ts';
import { WEEK, weekLake } from '../report/week-lake.ts';
import { freshBucket, freshDatabase, freshWorkgroup, stackClients } from './stack/clients.ts';

/** What the report reads. */
const TABLES: readonly Table[] = [
  schema.USAGE,
  schema.USAGE_EXCLUDED,
  schema.SPEND_DAILY,
  schema.REJECTS,
  schema.INGESTED_OBJECTS,
  schema.SOURCES,
  schema.SOURCE_DAYS,
  schema.PRICES,
  schema.RECONCILIATION,
  schema.SAVINGS,
  watched.BUDGETS,
  watched.FORECASTS,
  watched.ANOMALIES,
  watched.CHANGE_DRIVERS,
];

let local: ReportLake;
let aws: AthenaEngine;
let here: Reports;
let there: Reports;

beforeAll(async () => {
  local = await openReportLake(weekLake());
  const clients = await stackClients();
  const bucket = await freshBucket(clients);
  aws = createAthenaEngine({
    athena: clients.athena,
    glue: clients.glue,
    store: createS3Store({ client: clients.s3, bucket, prefix: '' }),
    bucket,
    database: await freshDatabase(clients),
    workDatabase: await freshDatabase(clients),
    workgroup: await freshWorkgroup(clients, bucket, { enforced: false }),
  });
  for (const table of TABLES) await copyTable(table);
  const world = { queries: local.queries, config: DEFAULT_CONFIG };
  here = await makeReports({ ...world, engine: local.engine }, WEEK);
  there = await makeReports({ ...world, engine: aws }, WEEK);
});
afterAll(async () => {
  await aws?.close();
  await local?.close();
});

/** The rows of a table as DuckDB has them; lists and maps that the report does not read stay empty. */
async function copyTable(table: Table): Promise<void> {
  const types = schema.columnTypes(table);
  const rows = await local.engine.query(`select * from ${table.name}`);
  const valueOf = (value: unknown, type: string): SqlValue => {
    if (type.startsWith('array'))
      return typeof value === 'string' ? (JSON.parse(value) as string[]) : (value as string[]);
    return type.startsWith('map') ? null : (value as SqlValue);
  };
  await aws.table(
    table.name,
    types,
    rows.map((row) => Object.entries(types).map(([name, type]) => valueOf(row[name] ?? null, type))),
  );
}

test('both engines make the same documents', () => {
  expect(there).toEqual(here);
  expect(there.teams.map(({ team }) => team)).toEqual(['bots', 'search']);
});

test('every number is what its query answers on Trino', async () => {
  for (const document of [there.overall, ...there.teams.map((one) => one.document)]) {
    const { places, checked } = await unexplained(document, aws);
    expect(places).toEqual([]);
    expect(checked).toBeGreaterThan(40);
  }
});
