/**
 * The sample queries and the statements of the Grafana dashboard on DuckDB and on real Trino: the same rows, the same answers, in the same order.
 * That views answer under their names in Glue is shown in glue-catalog.test.ts; here their SQL stands before each statement that asks them.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { withTables } from '../../lib/adapters/aws/named-tables.ts';
import type { NamedTable } from '../../lib/adapters/aws/named-tables.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import type { SqlRow, SqlValue } from '../../lib/ports.ts';
import { VIEWS } from '../../lib/report/views.ts';
import { columnTypes } from '../../lib/schema.ts';
import { sampleQueries } from '../../scripts/make-queries-doc.ts';
import { BI_TABLES, ODD_TEAM, give, onBiDay, openBiLedger } from '../fixtures/bi-ledger.ts';
import { grafanaSql } from '../fixtures/grafana-sql.ts';
import type { ReportLake } from '../report/report-lake.ts';
import { freshBucket, freshDatabase, freshWorkgroup, stackClients } from './stack/clients.ts';

const CHOICE = {
  from: '2026-10-01',
  to: '2026-10-31',
  variables: { team: ['search', ODD_TEAM, 'unallocated'], provider: ['openai', 'anthropic'] },
};

let local: ReportLake;
let aws: AthenaEngine;
const views = new Map<string, NamedTable>();

beforeAll(async () => {
  local = await openBiLedger();
  const clients = await stackClients();
  const bucket = await freshBucket(clients);
  aws = createAthenaEngine({
    athena: clients.athena,
    glue: clients.glue,
    store: createS3Store({ client: clients.s3, bucket }),
    bucket,
    workgroup: await freshWorkgroup(clients, bucket, { enforced: false }),
    database: await freshDatabase(clients),
    workDatabase: await freshDatabase(clients),
  });
  for (const table of BI_TABLES) {
    const columns = Object.keys(columnTypes(table)).map((name) => `"${name}"`);
    const rows = await local.engine.query(`select ${columns.join(', ')} from ${table.name}`);
    await give(aws, table, rows as Record<string, SqlValue>[]);
  }
  const sql = await loadSqlFolder('report/views');
  for (const { name, columns } of VIEWS)
    views.set(name, { sql: sql[name] ?? '', content: name, columns: columns.map((column) => column.name), objects: 0 });
});
afterAll(async () => {
  await aws?.close();
  await local?.close();
});

const texts = (rows: readonly SqlRow[]): string[] => rows.map((row) => JSON.stringify(row));

/** Asks both engines; says what they answered. */
async function expectSame(sql: string): Promise<SqlRow[]> {
  const asked = onBiDay(sql);
  const here = await local.engine.query(asked);
  expect(texts(await aws.query(withTables(asked, views)))).toEqual(texts(here));
  return here;
}

describe('sample queries', () => {
  test.each(sampleQueries().map(({ name, sql }) => [name, sql] as const))('%s', async (_, sql) => {
    expect((await expectSame(sql)).length).toBeGreaterThan(0);
  });
});

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly rawSQL: string }[] }[];
  readonly annotations: { readonly list: readonly { readonly target: { readonly rawSQL: string } }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { rawSQL: string } }[];
  };
}
const dashboard = JSON.parse(readFileSync('docs/grafana/inference-ledger.json', 'utf8')) as Dashboard;

describe('the dashboard', () => {
  const statements = [
    ...dashboard.panels.map(({ title, targets }) => [title, targets[0]?.rawSQL ?? ''] as const),
    ...dashboard.annotations.list.map(({ target }) => ['marks', target.rawSQL] as const),
    ...dashboard.templating.list.flatMap(({ name, query }) =>
      typeof query === 'string' ? [] : [[`choices of ${name}`, query.rawSQL] as const],
    ),
  ];

  test.each(statements)('%s', async (_, sql) => {
    expect((await expectSame(grafanaSql(sql, CHOICE))).length).toBeGreaterThan(0);
  });
});
