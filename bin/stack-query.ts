/**
 * One SELECT over a deployed ledger, in people's workgroup: what it may read is what its caller may read, and its cutoff holds. In: name of the
 * deployment, SQL. Out: rows.
 */
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { createAthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { SqlRow } from '../lib/ports.ts';
import { readDataPlaces } from './stack-world.ts';

/** Asks; throws `Misconfigured` for anything but a query. */
export async function askUsers(stack: string, sql: string): Promise<SqlRow[]> {
  if (!isQuery(sql))
    throw new Misconfigured('only a SELECT can be asked', { hint: 'tables are changed by the ledger alone' });
  const places = await readDataPlaces(new CloudFormationClient({}), stack);
  const { lakeBucket: bucket, usersWorkgroup: workgroup, database, workDatabase } = places;
  const store = createS3Store({ client: new S3Client({}), bucket });
  const engine = createAthenaEngine({
    athena: new AthenaClient({}),
    glue: new GlueClient({}),
    store,
    bucket,
    workgroup,
    database,
    workDatabase,
  });
  // no `close`: a query makes no work tables, and people may not drop any
  return await engine.query(sql);
}

/** Whether a statement only reads, by its first word after comments. */
export function isQuery(sql: string): boolean {
  const bare = sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
  return /^(?:select|with|values|table)\b|^\(/i.test(bare);
}
