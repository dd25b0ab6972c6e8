/**
 * `doctor --stack`: looks at a deployed ledger and says what is wrong. In: the name of the deployment. Out: findings. It changes nothing, and a
 * check that is not allowed becomes a finding of its own, so that the others still speak.
 */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetTablesCommand, GlueClient } from '@aws-sdk/client-glue';
import { createFolderCatalog } from '../lib/adapters/local/folder-catalog.ts';
import { readCommits } from '../lib/commit.ts';
import type { BatchCommit } from '../lib/commit.ts';
import { several } from '../lib/health/finding.ts';
import type { Finding } from '../lib/health/finding.ts';
import { checkPriceAge } from '../lib/health/price-age.ts';
import { checkObjects } from '../lib/health/row-checks.ts';
import type { CatalogState } from '../lib/ports.ts';
import { PUBLIC_TABLES } from '../lib/schema.ts';
import { freeze } from '../lib/seal/dirty-days.ts';
import type { StackPlaces, StackWorld } from './stack-world.ts';
import { openStackWorld } from './stack-world.ts';

/** All findings about a deployment. */
export async function stackFindings(stack: string, now: string | undefined): Promise<Finding[]> {
  const world = await openStackWorld({ stack, ...(now === undefined ? {} : { now }) });
  const { places, rules, lake, clock } = world;
  const findings: Finding[] = [
    { level: 'ok', check: 'config', message: `the config of ${stack} is valid` },
    { level: 'ok', check: 'hash key', message: `key ${rules.hashKey.id}, kept in Secrets Manager` },
  ];
  const checks: readonly [string, () => Promise<readonly Finding[]>][] = [
    ['queue', async () => await queueFindings(new SQSClient({}), places)],
    ['tables', async () => tableFindings(await glueColumns(new GlueClient({}), places.database))],
    ['sealed', async () => sealFindings(await createFolderCatalog(lake).read(), await readCommits(lake))],
    ['objects', async () => checkObjects(await readCommits(lake))],
    ['prices', async () => checkPriceAge(rules.book, await usedProviders(world), clock.nowMs())],
  ];
  for (const [check, look] of checks)
    findings.push(...(await look().catch((error: unknown) => [failed(check, error)])));
  return findings;
}

function failed(check: string, error: unknown): Finding {
  return {
    level: 'problem',
    check,
    message: `could not be looked at: ${error instanceof Error ? error.message : 'unknown error'}`,
    todo: 'use credentials that may read the stacks, their buckets, queues and tables',
  };
}

async function usedProviders({ users }: StackWorld): Promise<Set<string>> {
  const rows = await users.query(
    "select distinct provider from spend_daily where cost_status in ('priced', 'estimated', 'included')",
  );
  return new Set(rows.map((row) => String(row['provider'])));
}

/** Events that wait, and objects that could not be read. */
export async function queueFindings(
  client: Pick<SQSClient, 'send'>,
  { ingestQueue, deadLetters }: Pick<StackPlaces, 'ingestQueue' | 'deadLetters'>,
): Promise<Finding[]> {
  const count = async (url: string): Promise<number> => {
    const names = ['ApproximateNumberOfMessages'] as const;
    const { Attributes: found } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
    );
    return Number(found?.ApproximateNumberOfMessages ?? 0);
  };
  const [waiting, dead] = [await count(ingestQueue), await count(deadLetters)];
  return [
    { level: 'ok', check: 'queue', message: `${several(waiting, 'event')} waiting` },
    dead === 0
      ? { level: 'ok', check: 'dead letters', message: 'none' }
      : {
          level: 'problem',
          check: 'dead letters',
          message: `${several(dead, 'object')} could not be read`,
          todo: 'docs/runbook.md, "Alarm: objects in the dead letters"',
        },
  ];
}

/** Columns of every table of a database: table → `name type` in order, partition keys last. */
export async function glueColumns(client: Pick<GlueClient, 'send'>, database: string): Promise<Map<string, string[]>> {
  const tables = new Map<string, string[]>();
  let token: string | undefined;
  do {
    const page = await client.send(
      new GetTablesCommand({ DatabaseName: database, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    for (const { Name = '', StorageDescriptor: storage, PartitionKeys: keys = [] } of page.TableList ?? [])
      tables.set(
        Name,
        [...(storage?.Columns ?? []), ...keys].map(({ Name: name, Type: type }) => `${name} ${type}`),
      );
    token = page.NextToken;
  } while (token !== undefined);
  return tables;
}

/** Tables that are missing, or have other columns than this version writes. */
export function tableFindings(found: ReadonlyMap<string, readonly string[]>): Finding[] {
  const wrong = PUBLIC_TABLES.filter(({ name, columns, partition }) => {
    const wanted = [...columns, ...(partition === null ? [] : [partition])].map(
      (column) => `${column.name} ${column.type}`,
    );
    return wanted.join('\n') !== (found.get(name) ?? []).join('\n');
  });
  return wrong.length === 0
    ? [{ level: 'ok', check: 'tables', message: `${PUBLIC_TABLES.length} tables as this version knows them` }]
    : [
        {
          level: 'problem',
          check: 'tables',
          message: `${several(wrong.length, 'table')} missing or of another version`,
          where: wrong.map(({ name }) => name),
          todo: 'deploy the stacks with the version you run here: npx cdk deploy --all',
        },
      ];
}

/** What has landed and is in no table yet. */
export function sealFindings(state: CatalogState, batches: readonly BatchCommit[]): Finding[] {
  const set = freeze(batches);
  const days = Object.entries(state.tables['usage'] ?? {});
  const behind = days.filter(([, pointer]) => pointer.madeFrom !== set.id).map(([day]) => day);
  const sealed = new Set(days.map(([day]) => day));
  const unsealed = set.objects.flatMap(({ commit }) => Object.keys(commit.days)).filter((day) => !sealed.has(day));
  const waiting = [...new Set([...behind, ...unsealed])].toSorted();
  const read = several(
    batches.reduce((sum, batch) => sum + batch.objects.length, 0),
    'object version',
  );
  if (state.revision === 0 && batches.length === 0)
    return [{ level: 'note', check: 'lake', message: 'nothing has arrived yet', todo: 'put a log into the inbox' }];
  return [
    { level: 'ok', check: 'lake', message: `${read} read, ${several(days.length, 'day')} sealed` },
    waiting.length === 0
      ? { level: 'ok', check: 'sealed', message: 'everything that has landed is in the tables' }
      : {
          level: 'note',
          check: 'sealed',
          message: `${several(waiting.length, 'day')} to be compared or sealed by the next round`,
          where: waiting,
          todo: 'if this stays for an hour: docs/runbook.md, "Alarm: nothing was sealed"',
        },
  ];
}
