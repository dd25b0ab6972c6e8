/**
 * One SELECT over a deployed ledger, in people's workgroup: what it may read is what its caller may read, and its cutoff holds. In: name of the
 * deployment, SQL. Out: rows.
 */
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ask } from '../lib/adapters/aws/athena-query.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { SqlRow } from '../lib/ports.ts';
import { readDataPlaces } from './stack-world.ts';

/** Asks, with the words as they were typed: Athena and no parser of ours decides what is SQL. Throws `Misconfigured` for anything but a query. */
export async function askUsers(stack: string, sql: string): Promise<SqlRow[]> {
  if (!isQuery(sql))
    throw new Misconfigured('only a SELECT can be asked', { hint: 'tables are changed by the ledger alone' });
  const { usersWorkgroup: workgroup, database } = await readDataPlaces(new CloudFormationClient({}), stack);
  return await ask({ athena: new AthenaClient({}), workgroup, database }, sql);
}

/** Whether a statement only reads, by its first word after comments. */
export function isQuery(sql: string): boolean {
  const bare = sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
  return /^(?:select|with|values|table)\b|^\(/i.test(bare);
}
