/** The SQL engine on Athena's API over real Trino: the port's contract. */
import { afterAll, beforeAll, describe } from 'vitest';
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

async function fresh(): Promise<AthenaEngine> {
  const bucket = await freshBucket(clients);
  const engine = createAthenaEngine({
    athena: clients.athena,
    glue: clients.glue,
    store: createS3Store({ client: clients.s3, bucket }),
    bucket,
    workgroup: await freshWorkgroup(clients, bucket, { enforced: false }),
    database: await freshDatabase(clients),
    workDatabase: await freshDatabase(clients),
  });
  engines.push(engine);
  return engine;
}

describe('Athena engine', () => {
  sqlEngineContract(fresh);
});
