/**
 * A deployed ledger in people's hands: each command with `--stack`, run as a process of its own through a door that lets through what the
 * policy for operators allows and nothing else, does to the deployment what the same command does to a lake in a folder, with the same inbox,
 * rules and prices. Then the doctor: for every one of its checks something is broken, and it must say so and say what to do.
 * The functions do not read the queue here, so that what lands was landed by the command.
 */
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeletePartitionCommand, DeleteTableCommand } from '@aws-sdk/client-glue';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectEventBody } from '../../lambdas/object-events.ts';
import { firstOpenDay } from '../../lib/restamp.ts';
import { addDays, dayOf } from '../../lib/time.ts';
import type { Printed } from '../cli/run-command.ts';
import { deployApp } from './deployed-app.ts';
import { HASH_KEY, call as send, copyOf, deployedRows, localRows, openDeployment, seal } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployedPolicy, openDoor } from './policy-door.ts';
import type { PolicyDoor, PolicyStatement } from './policy-door.ts';
import { direct, typed } from './stack-commands.ts';
import { deployableStack, freshName } from './stack/clients.ts';

const NOW = Date.now();
/** A day of a closed month, and two of open ones. */
const CLOSED = addDays(firstOpenDay(NOW, 5), -12);
const [OPEN, LATER] = [addDays(dayOf(NOW), -2), addDays(dayOf(NOW), -1)];
const OVERLAY = {
  prices: ['input', 'output'].map((meter) => ({
    provider: 'openai',
    model: 'house-model',
    meter,
    value: '2.5',
    from: '2026-01-01',
  })),
};
const FIRST = {
  teams: [{ name: 'search' }, { name: 'support' }, { name: 'mapping' }],
  limits: { unpriced_percent: '5' },
};
const SECOND = {
  ...FIRST,
  attribution: { rules: [{ id: 'atlas', match: { project: 'atlas' }, set: { team: 'mapping' } }] },
  prices: { overlays: ['prices/house.json'] },
};

let aws: Deployment;
let local: string;
let door: PolicyDoor;
let policies: Record<'operator' | 'reader', PolicyStatement[]>;

beforeAll(async () => {
  const endpoints = await deployableStack();
  const app = await deployApp(endpoints, { name: freshName('ops-'), hashKey: HASH_KEY, config: FIRST });
  aws = await openDeployment(endpoints, app);
  await stopReadingTheQueue();
  local = await copyOf(aws.inbox, FIRST);
  policies = {
    operator: await deployedPolicy(endpoints, app.outputs['OperatorPolicy'] ?? ''),
    reader: await deployedPolicy(endpoints, app.outputs['ReaderPolicy'] ?? ''),
  };
  door = await openDoor(endpoints, policies.operator);
});
afterAll(async () => {
  door?.stop();
  if (local !== undefined) await rm(local, { recursive: true, force: true });
});

async function stopReadingTheQueue(): Promise<void> {
  const Authorization = `AWS4-HMAC-SHA256 Credential=parts/20261101/${aws.endpoints.region}/lambda/aws4_request, SignedHeaders=host, Signature=x`;
  const place = `${aws.endpoints.control}/2015-03-31/event-source-mappings/`;
  const name = aws.app.outputs['IngestFunction'] ?? '';
  const listed = await fetch(`${place}?FunctionName=${name}`, { headers: { Authorization } });
  const { EventSourceMappings: mappings } = (await listed.json()) as { EventSourceMappings: { UUID: string }[] };
  expect(mappings).toHaveLength(1);
  for (const { UUID: id } of mappings) {
    const body = JSON.stringify({ Enabled: false });
    await fetch(`${place}${id}`, { method: 'PUT', headers: { Authorization }, body });
  }
}

/** A log in both inboxes, with one time of change. */
async function drop(key: string, lines: readonly object[]): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await aws.inbox.put(key, new TextEncoder().encode(text));
  const path = join(local, 'inbox', key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const time = new Date((await aws.inbox.head(key))?.lastModifiedMs ?? 0);
  await utimes(path, time, time);
}

const call = (id: string, day: string, more: object): object => ({
  id,
  timestamp: `${day}T09:30:00Z`,
  model: 'gpt-4o-2024-08-06',
  input_tokens: 1000,
  output_tokens: 100,
  ...more,
});

/** A file of the config in both homes. */
async function configure(name: string, content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await aws.lake.put(`config/${name}`, new TextEncoder().encode(text));
  const path = join(local, name === 'inference-ledger.config.json' ? 'config.json' : name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** A command on the deployment, through the door. */
async function onStack(...words: string[]): Promise<Printed> {
  const target = { control: door.url, athena: door.url };
  const printed = await typed(aws.endpoints, target, [...words, '--stack', aws.app.name]);
  const refused = [...door.seen].filter(([, isAllowed]) => !isAllowed).map(([asked]) => asked);
  door.seen.clear();
  // what a command needs, the policy has: the doors of other tests are shut on purpose
  expect({ words, refused: isOperator ? refused : [] }).toEqual({ words, refused: [] });
  return printed;
}
let isOperator = true;

/** The same command on the folder. */
async function onFolder(...words: string[]): Promise<Printed> {
  const home = [
    '--lake',
    join(local, 'lake'),
    ...(words[0] === 'query' ? [] : ['--config', join(local, 'config.json')]),
  ];
  return await typed(aws.endpoints, null, [...words, ...home]);
}

async function expectEqualRows(): Promise<void> {
  const [deployed, expected] = [await deployedRows(aws), await localRows(local)];
  expect(expected[0]?.length).toBeGreaterThan(3);
  expect(deployed).toEqual(expected);
}

interface Finding {
  readonly level: string;
  readonly check: string;
  readonly message: string;
  readonly where: string[];
  readonly todo: string | null;
}

async function findings(...words: string[]): Promise<{ code: number | null; all: Finding[] }> {
  const { code, out, err } = await onStack('doctor', '--format', 'json', ...words);
  if (out === '') throw new Error(`the doctor said nothing: ${err}`);
  return { code, all: JSON.parse(out) as Finding[] };
}

const problems = (all: readonly Finding[]): string[] =>
  all.filter(({ level }) => level === 'problem').map(({ check }) => check);
const finding = (all: readonly Finding[], check: string): Finding | undefined =>
  all.find((one) => one.check === check && one.level !== 'ok');

test('before the first seal nobody elsewhere knows the rules: commands say so, the doctor too', async () => {
  const { code, err } = await onStack('run');
  expect({ code, isTold: err.includes('the seal function has not run yet') }).toEqual({ code: 2, isTold: true });
  expect(problems((await findings()).all)).toEqual(['config']);
  expect((await seal(aws)).sealedDays).toEqual([]);
  const after = await findings();
  expect({ code: after.code, problems: problems(after.all) }).toEqual({ code: 0, problems: [] });
  expect(finding(after.all, 'lake')?.todo).toBe('put a log into the inbox');
});

test('run: reads the inbox, seals, and prints what a local run prints', async () => {
  await drop('app/closed.jsonl', [
    call('c1', CLOSED, { team: 'search', project: 'atlas' }),
    call('c2', CLOSED, { team: 'support', tags: { env: 'prod', 'cost-center': 'R-1' } }),
  ]);
  await drop('app/open.jsonl', [
    call('o1', OPEN, { team: 'search', project: 'atlas', cached_tokens: 200, input_includes_cache: true }),
    call('o2', OPEN, { team: 'support', provider: 'openai', model: 'house-model' }),
    call('o3', OPEN, { model: 'claude-opus-4-6', output_tokens: 7 }),
  ]);
  await drop('gateway/extra.jsonl', [call('x1', OPEN, { team: 'support' }), call('x2', LATER, { team: 'search' })]);
  const deployed = await onStack('run', '--format', 'json');
  const folder = await onFolder('run', '--format', 'json', '--inbox', join(local, 'inbox'));
  expect(deployed.out).not.toBe('');
  expect(JSON.parse(deployed.out)).toEqual(JSON.parse(folder.out));
  // one model has no price: over the limit of the config in both homes
  expect([deployed.code, folder.code]).toEqual([3, 3]);
  expect((JSON.parse(deployed.out) as { objects: unknown }).objects).toEqual({
    read: 3,
    unchanged: 0,
    passed_over: {},
  });
  await expectEqualRows();
  const again = JSON.parse((await onStack('run', '--format', 'json')).out) as Record<string, unknown>;
  expect([again['objects'], again['sealed_days']]).toEqual([{ read: 0, unchanged: 3, passed_over: {} }, []]);
});

test.each(['json', 'csv', 'table'])('query: the same text as from a folder, as %s', async (format) => {
  const sql = [
    'select record_id, team, model, cost, cost_status, tags, alt_ids, occurred_at, day from usage order by record_id',
    "select team, cost, calls from spend_by_team where team <> 'it''s' order by team, cost, calls",
    'select count(*) as n, cast(null as varchar) as nothing from usage where false',
  ];
  for (const one of sql) {
    const [deployed, folder] = [
      await onStack('query', one, '--format', format),
      await onFolder('query', one, '--format', format),
    ];
    expect({ ...deployed, err: '' }).toEqual({ ...folder, err: '' });
    expect(deployed.code).toBe(0);
  }
});

test('query: only reads, and says what is wrong with a statement', async () => {
  const dropped = await onStack('query', 'drop table usage');
  expect({ code: dropped.code, err: dropped.err.split('\n')[0] }).toEqual({
    code: 2,
    err: 'error: only a SELECT can be asked',
  });
  const wrong = await onStack('query', 'select no_such_column from usage');
  expect({ code: wrong.code, isNamed: wrong.err.includes('no_such_column') }).toEqual({ code: 1, isNamed: true });
  const unknown = await typed(aws.endpoints, direct(aws.endpoints), ['query', 'select 1', '--stack', 'no-such-stack']);
  expect({ code: unknown.code, isNamed: unknown.err.includes('the stack no-such-stack-data cannot be read') }).toEqual({
    code: 2,
    isNamed: true,
  });
});

describe('an object below config/', () => {
  test('makes dirty what it changes: open months move at the next seal, closed ones stand, as in a local run', async () => {
    const before = await deployedRows(aws);
    await configure('prices/house.json', OVERLAY);
    await configure('inference-ledger.config.json', SECOND);
    const { sealedDays, restampedObjects } = await seal(aws);
    expect({ sealedDays, restampedObjects }).toEqual({ sealedDays: [OPEN, LATER], restampedObjects: 2 });
    const { code } = await onFolder('run', '--inbox', join(local, 'inbox'));
    expect(code).toBe(0);
    await expectEqualRows();
    expect(await deployedRows(aws)).not.toEqual(before);
    const rows = await aws.users.query('select call_id, team, cost_status, cast(day as varchar) as day from usage');
    const shown = new Map(rows.map((row) => [row['call_id'], `${String(row['team'])} ${String(row['cost_status'])}`]));
    // by hand: the rule moves o1 and not c1, whose month is closed; o2 has a price now
    expect([shown.get('o1'), shown.get('c1')]).toEqual(['mapping priced', 'search priced']);
    expect((await seal(aws)).sealedDays).toEqual([]);
  });

  test('with an error is named, and the rules of before stay in force: in seal, run and doctor', async () => {
    const before = await deployedRows(aws);
    await configure('inference-ledger.config.json', 'teams:\n  - name: search\n');
    await drop('app/meanwhile.jsonl', [
      call('m1', OPEN, { project: 'atlas' }),
      call('m2', OPEN, { provider: 'openai', model: 'house-model' }),
    ]);
    expect((await seal(aws)).restampedObjects).toBe(0);
    expect(await deployedRows(aws)).toEqual(before);
    const { code, all } = await findings();
    expect(code).toBe(1);
    const found = finding(all, 'config');
    expect(found?.message).toMatch(
      /^config\/inference-ledger\.config\.json is not valid JSON[\s\S]*the rules of before stay/,
    );
    expect(found?.todo).toContain(`config/ of ${aws.places.lakeBucket}`);
    // what arrives is still read, under the rules of before
    const ran = await onStack('run');
    const isWarned = ran.err.includes('the rules of before stay in force');
    expect({ code: ran.code, isWarned }).toEqual({ code: 0, isWarned: true });
    // a local run under such a file stops before it touches the lake
    const stopped = await onFolder('run', '--inbox', join(local, 'inbox'));
    const isNamed = /config\.json is not valid JSON/.test(stopped.err);
    expect({ code: stopped.code, isNamed, rows: (await localRows(local))[0]?.length }).toEqual({
      code: 2,
      isNamed: true,
      rows: before[0]?.length,
    });
    await configure('inference-ledger.config.json', SECOND);
    expect((await onFolder('run', '--inbox', join(local, 'inbox'))).code).toBe(0);
    await expectEqualRows();
  });

  test('with an error, where only a key or an overlay is wrong, is named to the place inside it', async () => {
    await configure('inference-ledger.config.json', { ...SECOND, team: [] });
    expect(finding((await findings()).all, 'config')?.message).toMatch(/config\.json: .*team/);
    await configure('inference-ledger.config.json', SECOND);
    await configure('prices/house.json', { prices: [{ ...OVERLAY.prices[0], value: 2.5 }] });
    expect(finding((await findings()).all, 'config')?.message).toMatch(/^prices\/house\.json: prices\[0\]\.value/);
    await configure('prices/house.json', OVERLAY);
    await configure('prices/forgotten.json', OVERLAY);
    const { code, all } = await findings();
    expect({ code, found: finding(all, 'config') }).toMatchObject({
      code: 0,
      found: { level: 'note', where: ['config/prices/forgotten.json'] },
    });
    await aws.lake.remove(['config/prices/forgotten.json']);
  });
});

describe('reprice', () => {
  const words = ['reprice', '--from', CLOSED, '--to', CLOSED];

  test('prints the difference by team and model before anything is switched, and leaves nothing behind', async () => {
    const before = { rows: await deployedRows(aws), keys: await lakeKeys() };
    const [deployed, folder] = [await onStack(...words), await onFolder(...words)];
    expect(deployed.out).toContain('mapping');
    expect(deployed.out).toContain('nothing was changed; add --yes to switch the ledger to this');
    expect({ ...deployed, err: '' }).toEqual({ ...folder, err: '' });
    expect({ rows: await deployedRows(aws), keys: await lakeKeys() }).toEqual(before);
  });

  test('with --yes the ledger shows what was shown', async () => {
    const [deployed, folder] = [
      await onStack(...words, '--yes', '--format', 'json'),
      await onFolder(...words, '--yes', '--format', 'json'),
    ];
    expect(JSON.parse(deployed.out)).toEqual(JSON.parse(folder.out));
    expect(JSON.parse(deployed.out)).toMatchObject({ switched: true, days: [CLOSED] });
    await expectEqualRows();
    expect((await onStack(...words)).out).toContain('nothing to do');
    expect((await seal(aws)).sealedDays).toEqual([]);
  });

  /** What the ledger keeps; results of queries, work and notes of sweeping come and go. */
  async function lakeKeys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of aws.lake.list('')) if (/^(landing|commits|v1|catalog)/.test(key)) keys.push(key);
    return keys;
  }
});

test('retract: takes the rows of one object out, as in a folder; a mistyped name is answered with similar ones', async () => {
  const wrong = await onStack('retract', 'gateway/extra.json');
  expect({ code: wrong.code, isSimilar: wrong.err.includes('similar: gateway/extra.jsonl') }).toEqual({
    code: 2,
    isSimilar: true,
  });
  const json = async (of: Promise<Printed>): Promise<unknown> => {
    const { version: _, ...rest } = JSON.parse((await of).out) as Record<string, unknown>;
    return rest;
  };
  const deployed = await json(onStack('retract', 'gateway/extra.jsonl', '--format', 'json'));
  expect(deployed).toEqual(await json(onFolder('retract', 'gateway/extra.jsonl', '--format', 'json')));
  expect(deployed).toEqual({
    object: 'gateway/extra.jsonl',
    records: 2,
    already_retracted: false,
    sealed_days: [OPEN, LATER],
  });
  await expectEqualRows();
  const excluded = await aws.users.query(
    "select call_id from usage_excluded where excluded_reason = 'retracted' order by 1",
  );
  expect(excluded).toEqual([{ call_id: 'x1' }, { call_id: 'x2' }]);
});

describe('doctor', () => {
  test('says of rows, sources and prices what it says of the same ledger in a folder', async () => {
    const same = /^(objects|copies|twins|unpriced|sources|accounts|billing|estimates|prices)$/;
    const { out } = await onFolder('doctor', '--format', 'json');
    const expected = (JSON.parse(out) as Finding[]).filter(({ check }) => same.test(check));
    expect(new Set(expected.map(({ check }) => check)).size).toBeGreaterThan(5);
    const { all } = await findings();
    expect(all.filter(({ check }) => same.test(check)).toSorted(byText)).toEqual(expected.toSorted(byText));
    expect(all.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'permissions',
        'queue',
        'dead letters',
        'tables',
        'partitions',
        'config',
        'hash key',
        'lake',
        'sealed',
      ]),
    );
  });
  const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

  test('old prices', async () => {
    const { code, all } = await findings('--now', `${addDays(dayOf(NOW), 500)}T00:00:00Z`);
    expect({ code, todo: finding(all, 'prices')?.todo }).toEqual({
      code: 1,
      todo: expect.stringContaining('prices.overlays'),
    });
  });

  test('dead letters', async () => {
    const queue = { QueueUrl: aws.places.deadLetters };
    await aws.sqs.send(new SendMessageCommand({ ...queue, MessageBody: 'could not be read' }));
    const { all } = await findings();
    expect(finding(all, 'dead letters')).toMatchObject({
      level: 'problem',
      message: '1 object could not be read',
      todo: expect.stringContaining('docs/runbook.md'),
    });
    await aws.sqs.send(new PurgeQueueCommand(queue));
    expect(problems((await findings()).all)).not.toContain('dead letters');
  });

  test('a partition that was dropped, and a table: run shows them again', async () => {
    const { glue, places } = aws;
    const before = await deployedRows(aws);
    const usage = { DatabaseName: places.database, TableName: 'usage' };
    await glue.send(new DeletePartitionCommand({ ...usage, PartitionValues: [OPEN] }));
    await glue.send(new DeleteTableCommand({ DatabaseName: places.database, Name: 'spend_daily' }));
    const { code, all } = await findings();
    expect(code).toBe(1);
    expect(finding(all, 'partitions')).toMatchObject({ level: 'problem', where: [`usage ${OPEN}: missing`] });
    expect(finding(all, 'tables')).toMatchObject({
      level: 'problem',
      where: ['spend_daily'],
      todo: expect.stringContaining('run --stack'),
    });
    expect((await onStack('run')).code).toBe(0);
    expect(problems((await findings()).all).filter((check) => /tables|partitions/.test(check))).toEqual([]);
    expect(await deployedRows(aws)).toEqual(before);
  });

  test('a table that was dropped comes back with all its partitions at the next seal', async () => {
    const before = await deployedRows(aws);
    await aws.glue.send(new DeleteTableCommand({ DatabaseName: aws.places.database, Name: 'usage' }));
    await seal(aws);
    expect(await deployedRows(aws)).toEqual(before);
  });

  test('days that landed and are not sealed: a note at first, a problem when rounds have passed', async () => {
    await drop('app/unsealed.jsonl', [call('u1', OPEN, { team: 'search' })]);
    await landWithoutSeal();
    const soon = finding((await findings()).all, 'sealed');
    expect(soon).toMatchObject({ level: 'note', where: expect.arrayContaining([OPEN]) });
    const { code, all } = await findings('--now', new Date(Date.now() + 3 * 3_600_000).toISOString());
    expect(finding(all, 'sealed')).toMatchObject({
      level: 'problem',
      todo: expect.stringContaining('docs/runbook.md'),
    });
    expect(code).toBe(1);
    await seal(aws);
    expect(finding((await findings()).all, 'sealed')).toBeUndefined();
  });

  /** The ingest function reads one object, told of it as the queue tells. */
  async function landWithoutSeal(): Promise<void> {
    const { inboxBucket: bucket, inboxPrefix } = aws.places;
    const body = objectEventBody({ bucket, key: `${inboxPrefix}app/unsealed.jsonl`, etag: null });
    const attributes = { ApproximateReceiveCount: '1' };
    const Records = [{ messageId: 'm', receiptHandle: 'r', body, attributes, eventSource: 'aws:sqs' }];
    const name = aws.app.outputs['IngestFunction'] ?? '';
    expect(await send(aws, 'lambda', `/2015-03-31/functions/${name}/invocations`, { Records })).toEqual({
      batchItemFailures: [],
    });
  }
});

describe('permissions', () => {
  const without = (actions: readonly string[]): PolicyStatement[] =>
    policies.operator.map((one) => ({ ...one, Action: [one.Action].flat().filter((name) => !actions.includes(name)) }));

  test.each([
    ['problem', ['s3:ListBucket', 'glue:GetTables', 'sqs:GetQueueAttributes', 'athena:GetWorkGroup']],
    ['problem', ['s3:GetObject', 'secretsmanager:GetSecretValue', 'athena:StartQueryExecution']],
    ['note', ['s3:PutObject', 'glue:BatchUpdatePartition', 'glue:DeleteTable']],
  ])('a role that lacks actions: a %s that names each, and what to attach', async (level, actions) => {
    isOperator = false;
    door.allow(without(actions));
    try {
      const found = finding((await findings()).all, 'permissions');
      expect(found?.level).toBe(level);
      expect(new Set(found?.where.map((one) => one.replace(/ on .*$/, '')))).toEqual(new Set(actions));
      expect(found?.todo).toContain('OperatorPolicy');
    } finally {
      door.allow(policies.operator);
      isOperator = true;
    }
  });

  test('the doctor tried all of it without writing anything', async () => {
    const left: string[] = [];
    for (const store of [aws.lake, aws.inbox])
      for await (const { key } of store.list('')) if (key.includes('doctor')) left.push(key);
    expect(left).toEqual([]);
  });

  test('the policy of readers is enough to ask, and for nothing else', async () => {
    isOperator = false;
    door.allow(policies.reader);
    try {
      const asked = await onStack('query', 'select count(*) as n from usage', '--format', 'json');
      expect({ code: asked.code, rows: JSON.parse(asked.out) }).toEqual({
        code: 0,
        rows: [{ n: expect.stringMatching(/^\d+$/) }],
      });
      for (const words of [['run'], ['retract', 'app/open.jsonl'], ['reprice', '--from', CLOSED, '--yes']])
        expect({ words, ...(await onStack(...words)), err: '' }).toMatchObject({ words, code: 2, out: '' });
    } finally {
      door.allow(policies.operator);
      isOperator = true;
    }
  });
});
