/**
 * Writing through Athena by programs that die. A plan is left behind before each statement; whoever comes next takes it up, and no folder is
 * ever written twice. Death is a client that never answers again: nothing after it runs, not even a clean-up.
 */
import { GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import type { AthenaClient } from '@aws-sdk/client-athena';
import { DeleteTableCommand, GetTablesCommand } from '@aws-sdk/client-glue';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../../lib/adapters/aws/s3-store.ts';
import { freshBucket, freshDatabase, freshWorkgroup, stackClients } from './stack/clients.ts';
import type { Clients } from './stack/clients.ts';

let clients: Clients;
beforeAll(async () => {
  clients = await stackClients();
});

interface Place {
  readonly bucket: string;
  readonly store: S3Store;
  readonly workgroup: string;
  readonly database: string;
  readonly workDatabase: string;
}

async function place(): Promise<Place> {
  const bucket = await freshBucket(clients);
  return {
    bucket,
    store: createS3Store({ client: clients.s3, bucket }),
    workgroup: await freshWorkgroup(clients, bucket, { enforced: false }),
    database: await freshDatabase(clients),
    workDatabase: await freshDatabase(clients),
  };
}

const SELECT = 'select v, day from src';
async function engineAt(at: Place, athena = clients.athena, nowMs = Date.now): Promise<AthenaEngine> {
  const engine = createAthenaEngine({ ...at, athena, glue: clients.glue, nowMs });
  // a text among the columns: such rows lie in a work table, which can be gone
  await engine.table('src', { v: 'string', day: 'date' }, [
    ['one', '2026-11-01'],
    ['two', '2026-11-02'],
  ]);
  return engine;
}

/** The client of a program that dies at a call: before it is sent, or before its answer comes. */
function dyingAt(call: object, moment: 'before' | 'after', died: () => void, starts: string[] = []): AthenaClient {
  return new Proxy(clients.athena, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name, target) as unknown;
      return async (sent: Parameters<typeof target.send>[0]): Promise<unknown> => {
        if (sent instanceof StartQueryExecutionCommand) starts.push(sent.input.ClientRequestToken ?? '');
        const isEnd = sent.constructor === call;
        if (isEnd && moment === 'after') await target.send(sent);
        if (!isEnd) return await target.send(sent);
        died();
        return await new Promise(() => undefined);
      };
    },
  });
}

async function keysBelow(store: S3Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const generations = async ({ store }: Place): Promise<string[]> => [
  ...new Set((await keysBelow(store, 'v1/')).map((key) => key.split('/')[2] ?? '')),
];

test.each([
  ['before the statement started', StartQueryExecutionCommand, 'before'],
  ['before it heard that the statement started', StartQueryExecutionCommand, 'after'],
  ['while it waited', GetQueryExecutionCommand, 'before'],
] as const)('a program that died %s is followed by one that takes its plan up', async (_when, call, moment) => {
  const at = await place();
  const dead = Promise.withResolvers<void>();
  const starts: string[] = [];
  const first = await engineAt(at, dyingAt(call, moment, dead.resolve, starts));
  void first.write(SELECT, 'v1/sealed/g=first/', ['day']);
  await dead.promise;
  const files = await (await engineAt(at)).write(SELECT, 'v1/sealed/g=second/', ['day']);
  const rows = Object.fromEntries(files.map((file) => [file.partition['day'], file.rows]));
  expect(rows).toEqual({ '2026-11-01': 1, '2026-11-02': 1 });
  expect(files.every(({ key }) => key.startsWith('v1/sealed/g=first/'))).toBe(true);
  expect(await generations(at)).toEqual(['g=first']);
  expect(new Set(starts).size).toBe(1);
  expect(await keysBelow(at.store, 'work/plans/')).toEqual([]);
});

test('a plan is used once: the next write of the same rows makes files of its own', async () => {
  const at = await place();
  const engine = await engineAt(at);
  await engine.write(SELECT, 'v1/sealed/g=a1/', ['day']);
  const files = await engine.write(SELECT, 'v1/sealed/g=a2/', ['day']);
  expect(files.every(({ key }) => key.startsWith('v1/sealed/g=a2/'))).toBe(true);
});

test('other rows are not taken for the ones a plan was left for', async () => {
  const at = await place();
  const dead = Promise.withResolvers<void>();
  const first = await engineAt(at, dyingAt(GetQueryExecutionCommand, 'before', dead.resolve));
  void first.write(SELECT, 'v1/sealed/g=b1/', ['day']);
  await dead.promise;
  const second = await engineAt(at);
  await second.table('src', { v: 'string', day: 'date' }, [['nine', '2026-11-09']]);
  const files = await second.write(SELECT, 'v1/sealed/g=b2/', ['day']);
  expect(files.map(({ partition, rows }) => [partition['day'], rows])).toEqual([['2026-11-09', 1]]);
});

test('a plan that came to nothing, or is too old, is left alone with its folder', async () => {
  const at = await place();
  const dead = Promise.withResolvers<void>();
  const hour = 3_600_000;
  const first = await engineAt(
    at,
    dyingAt(GetQueryExecutionCommand, 'before', dead.resolve),
    () => Date.now() - 7 * hour,
  );
  void first.write(SELECT, 'v1/sealed/g=c1/', ['day']);
  await dead.promise;
  const old = await (await engineAt(at)).write(SELECT, 'v1/sealed/g=c2/', ['day']);
  expect(old.every(({ key }) => key.startsWith('v1/sealed/g=c2/'))).toBe(true);

  // the statement cannot run: what it reads was dropped before it started
  const deadToo = Promise.withResolvers<void>();
  const third = await engineAt(at, dyingAt(StartQueryExecutionCommand, 'before', deadToo.resolve));
  void third.write(SELECT, 'v1/sealed/g=c3/', ['day']);
  await deadToo.promise;
  await dropWorkTables(at);
  const files = await (await engineAt(at)).write(SELECT, 'v1/sealed/g=c4/', ['day']);
  expect(files.every(({ key }) => key.startsWith('v1/sealed/g=c4/'))).toBe(true);
});

test('two that write the same at once do not write into one another', async () => {
  const at = await place();
  const engines = await Promise.all([engineAt(at), engineAt(at)]);
  const written = await Promise.allSettled(
    engines.map(async (engine, i) => await engine.write(SELECT, `v1/sealed/g=d${i}/`, ['day'])),
  );
  const good = written.filter((one) => one.status === 'fulfilled');
  expect(good.length).toBeGreaterThan(0);
  for (const { value } of good) {
    expect(value.reduce((sum, { rows }) => sum + rows, 0)).toBe(2);
    for (const { key } of value) expect(await at.store.read(key)).not.toBeNull();
  }
});

test('one that comes back when another took its plan up, and dropped its table, is handed the same files', async () => {
  const at = await place();
  const [waiting, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = new Proxy(clients.athena, {
    get: (target, name) =>
      name !== 'send'
        ? (Reflect.get(target, name, target) as unknown)
        : async (sent: Parameters<typeof target.send>[0]): Promise<unknown> => {
            if (sent instanceof GetQueryExecutionCommand) {
              waiting.resolve();
              await go.promise;
            }
            return await target.send(sent);
          },
  });
  const first = (await engineAt(at, slow)).write(SELECT, 'v1/sealed/g=e1/', ['day']);
  await waiting.promise;
  const taken = await (await engineAt(at)).write(SELECT, 'v1/sealed/g=e2/', ['day']);
  expect((await workTables(at)).filter((name) => name.endsWith('written'))).toEqual([]);
  go.resolve();
  expect(await first).toEqual(taken);
  expect(taken.map(({ partition, rows }) => [partition['day'], rows])).toEqual([
    ['2026-11-01', 1],
    ['2026-11-02', 1],
  ]);
  expect(await generations(at)).toEqual(['g=e1']);
});

test('the rows of written files are those that Athena reads in them, whatever a partition is called', async () => {
  const at = await place();
  const engine = createAthenaEngine({ ...at, athena: clients.athena, glue: clients.glue });
  const kinds = ['usage', 'a:b/c%2F', '{"x"=y} _.', "it's; --"];
  const rows = kinds.flatMap((kind, i) => Array.from({ length: 3 * i + 1 }, (_, v) => [v, kind]));
  await engine.table('src', { v: 'bigint', kind: 'string' }, rows);
  const files = await engine.write('select v, kind from src', 'v1/sealed/g=f1/', ['kind']);
  const told = Object.fromEntries(files.map(({ partition, rows: count }) => [partition['kind'], String(count)]));
  expect(told).toEqual(Object.fromEntries(kinds.map((kind, i) => [kind, String(3 * i + 1)])));
  const keys = files.map(({ key }) => key);
  expect(keys).toEqual(await keysBelow(at.store, 'v1/'));
  await engine.files('back', { v: 'bigint', kind: 'string' }, keys);
  const read = await engine.query('select kind, count(*) as n from back group by kind');
  expect(Object.fromEntries(read.map(({ kind, n }) => [kind, n]))).toEqual(told);
  await engine.close();
});

test('work tables go with their engine, and those of a dead one a day later', async () => {
  const at = await place();
  const alive = await engineAt(at);
  await engineAt(at);
  expect(await workTables(at)).toHaveLength(2);
  await alive.close();
  expect(await workTables(at)).toHaveLength(1);
  await pause(1100);
  const tomorrow = await engineAt(at, clients.athena, () => Date.now() + 25 * 3_600_000);
  await tomorrow.close();
  expect(await workTables(at)).toEqual([]);
});

async function workTables({ workDatabase }: Place): Promise<string[]> {
  const { TableList } = await clients.glue.send(new GetTablesCommand({ DatabaseName: workDatabase }));
  return (TableList ?? []).map(({ Name }) => Name ?? '');
}

async function dropWorkTables(at: Place): Promise<void> {
  for (const Name of await workTables(at))
    await clients.glue.send(new DeleteTableCommand({ DatabaseName: at.workDatabase, Name }));
}
