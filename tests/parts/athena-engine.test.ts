/** The SQL engine on Athena's API over real Trino: the port's contract, and what a name means beside tables of the lake. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import { sqlEngineContract } from '../contracts/sql-engine.ts';
import { freshBucket, freshDatabase, freshWorkgroup, stackClients } from './stack/clients.ts';
import type { Clients } from './stack/clients.ts';

let clients: Clients;
const engines: AthenaEngine[] = [];
beforeAll(async () => {
  clients = await stackClients();
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
});

interface Opened {
  readonly engine: AthenaEngine;
  readonly bucket: string;
  readonly database: string;
}

async function open(): Promise<Opened> {
  const bucket = await freshBucket(clients);
  const database = await freshDatabase(clients);
  const engine = createAthenaEngine({
    athena: clients.athena,
    glue: clients.glue,
    store: createS3Store({ client: clients.s3, bucket }),
    bucket,
    workgroup: await freshWorkgroup(clients, bucket, { enforced: false }),
    database,
    workDatabase: await freshDatabase(clients),
  });
  engines.push(engine);
  return { engine, bucket, database };
}

describe('Athena engine', () => {
  sqlEngineContract(async () => (await open()).engine);
});

test.each([
  ['rows in the statement', { n: 'bigint' }],
  ['a work table', { n: 'bigint', note: 'string' }],
])(
  'named with %s, a table hides that of the lake until it is forgotten, and not where the database is named',
  async (_how, columns) => {
    const { engine, bucket, database } = await open();
    const inLake = `"${database}"."period"`;
    await engine.execute(
      `create table ${inLake} with (format = 'PARQUET', external_location = 's3://${bucket}/period/') as select 7 as n`,
    );
    const both = `select own.n, lake.n as in_lake from period own cross join ${inLake} lake`;
    expect(await engine.query('select n from period')).toEqual([{ n: 7 }]);
    await engine.table('period', columns, [[1, 'a']]);
    expect(await engine.query('select n from period')).toEqual([{ n: '1' }]);
    expect(await engine.query(both)).toEqual([{ n: '1', in_lake: 7 }]);
    const files = await engine.write(both, 'v1/sealed/g=both/', []);
    await engine.files(
      'written',
      { n: 'bigint', in_lake: 'int' },
      files.map(({ key }) => key),
    );
    expect(await engine.query('select * from written')).toEqual([{ n: '1', in_lake: 7 }]);
    expect(await engine.query('with period as (select 3 as n) select n from period')).toEqual([{ n: 3 }]);
    await engine.reset();
    expect(await engine.query('select n from period')).toEqual([{ n: 7 }]);
  },
);
