/**
 * The whole product deployed on the emulated control plane, with real Trino as Athena: the demo's logs are put into the bucket, events flow, the
 * functions run as they are bundled. Every row of `usage` and `spend_daily` asked through Athena's API then equals a local run, column by column,
 * and still does after every event came twice and out of order, beside broken ones, and after a backfill.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoConfig } from '../../lib/generate/demo-config.ts';
import { demoInbox } from '../../lib/generate/demo-inbox.ts';
import { deployApp } from './deployed-app.ts';
import {
  HASH_KEY,
  MAX_WAIT_MS,
  POLL_MS,
  call,
  copyOf,
  deployedRows,
  inboxKeys,
  letEventsFlow,
  localRows,
  openDeployment,
  runLocally,
  seal,
  settled,
  tell,
} from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployableStack, freshName } from './stack/clients.ts';

const END_DAY = '2026-11-22';

let aws: Deployment;
let local: string;
let expected: string[][];
beforeAll(async () => {
  const endpoints = await deployableStack();
  const config = demoConfig(END_DAY);
  const app = await deployApp(endpoints, { name: freshName('spend-'), hashKey: HASH_KEY, config });
  aws = await openDeployment(endpoints, app);
  await letEventsFlow(aws, false);
  for (const { key, bytes } of demoInbox({ seed: 1, endDay: END_DAY })) await aws.inbox.put(key, bytes);
  await letEventsFlow(aws, true);
  local = await copyOf(aws.inbox, config);
  await settled(aws);
  await seal(aws);
  await runLocally(local);
  expected = await localRows(local);
});
afterAll(async () => {
  if (local !== undefined) await rm(local, { recursive: true, force: true });
});

test('what was dropped into the bucket is in Athena as in a local run, row by row', async () => {
  for (const rows of expected) expect(rows.length).toBeGreaterThan(100);
  expect(await deployedRows(aws)).toEqual(expected);
});

test('the views answer in people’s workgroup, and sum to the tables', async () => {
  const [byView] = await aws.users.query(
    'select cast(sum(cost) as decimal(38,12)) as cost, sum(calls) as calls from spend_by_team',
  );
  const [byTable] = await aws.users.query(
    'select cast(sum(cost) as decimal(38,12)) as cost, sum(calls) as calls from spend_daily',
  );
  expect(byView).toEqual(byTable);
  expect(Number(byTable?.['calls'])).toBeGreaterThan(1000);
});

test('every event told twice and out of order, of objects that are gone, and a backfill change nothing', async () => {
  const keys = await inboxKeys(aws);
  await letEventsFlow(aws, false);
  await tell(aws, [...keys.toReversed(), 'never/was.jsonl', ...inNoOrder(keys)]);
  await letEventsFlow(aws, true);
  // the emulator hands over one object at a time instead of 500: a small folder
  const folders = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/') + 1));
  const [folder = ''] = [...folders].find(([name, own]) => name !== '' && own.length >= 3 && own.length <= 12) ?? [];
  expect(folder).not.toBe('');
  const input = JSON.stringify({ prefix: aws.places.inboxPrefix + folder });
  const started = await call(
    aws,
    'states',
    '/',
    { stateMachineArn: aws.app.outputs['BackfillStateMachine'], input },
    'AWSStepFunctions.StartExecution',
  );
  expect(await executionEnd(String(started['executionArn']))).toBe('SUCCEEDED');
  await settled(aws);
  await seal(aws);
  expect(await deployedRows(aws)).toEqual(expected);
  expect((await seal(aws)).sealedDays).toEqual([]);
});

async function executionEnd(executionArn: string): Promise<string> {
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    const { status } = await call(aws, 'states', '/', { executionArn }, 'AWSStepFunctions.DescribeExecution');
    if (status !== 'RUNNING') return String(status);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return 'still running';
}

/** The same order every time, and none that a listing or a clock would give. */
function inNoOrder(keys: readonly string[]): string[] {
  const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
  return keys.toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1));
}
