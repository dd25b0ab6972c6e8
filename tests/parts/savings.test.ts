/**
 * `simulate --stack` on a deployment, through a door that lets through what the policy for operators allows and nothing else: it prints what the
 * same command prints of the same ledger in a folder, and people then find the same rows of `savings` in Athena, column by column.
 */
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetPartitionsCommand } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askLake } from '../../bin/commands/query.ts';
import { SAVINGS } from '../../lib/schema.ts';
import type { Printed } from '../cli/run-command.ts';
import { deployApp } from './deployed-app.ts';
import { HASH_KEY, copyOf, letEventsFlow, openDeployment, rowsOf, seal } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployedPolicy, openDoor } from './policy-door.ts';
import type { PolicyDoor, PolicyStatement } from './policy-door.ts';
import { direct, typed } from './stack-commands.ts';
import { deployableStack, freshName } from './stack/clients.ts';

/** Of what is saved at Anthropic, a part does not reach the bank; one move has percents of its own. */
const CONFIG = {
  teams: [{ name: 'search' }, { name: 'growth' }, { name: "it's" }],
  commitments: [
    { id: 'annual', provider: 'anthropic', kind: 'spend', amount: '13', from: '2026-01-01', to: '2027-01-01' },
  ],
  simulate: { modelChoice: [{ from: 'gpt-4o', to: 'gpt-4o-mini', outputPercent: 120 }] },
};

let aws: Deployment;
let local: string;
let door: PolicyDoor;
let policies: Record<'operator' | 'reader', PolicyStatement[]>;

beforeAll(async () => {
  const endpoints = await deployableStack();
  const app = await deployApp(endpoints, { name: freshName('save-'), hashKey: HASH_KEY, config: CONFIG });
  aws = await openDeployment(endpoints, app);
  // what lands is landed by the command
  await letEventsFlow(aws, false);
  local = await copyOf(aws.inbox, CONFIG);
  policies = {
    operator: await deployedPolicy(endpoints, app.outputs['OperatorPolicy'] ?? ''),
    reader: await deployedPolicy(endpoints, app.outputs['ReaderPolicy'] ?? ''),
  };
  door = await openDoor(endpoints, policies.operator);
  // notes the deployed config in the lake, by which the commands go
  await seal(aws);
});
afterAll(async () => {
  door?.stop();
  if (local !== undefined) await rm(local, { recursive: true, force: true });
});

/** A command on the deployment; what it asks, the policy must have. */
async function onStack(...words: string[]): Promise<Printed> {
  const printed = await typed(aws.endpoints, { control: door.url, athena: door.url }, [
    ...words,
    '--stack',
    aws.app.name,
  ]);
  const refused = [...door.seen].filter(([, isAllowed]) => !isAllowed).map(([asked]) => asked);
  door.seen.clear();
  expect({ words, refused }).toEqual({ words, refused: [] });
  return printed;
}

/** The same command on the folder. */
async function onFolder(...words: string[]): Promise<Printed> {
  const config = ['--config', join(local, 'config.json')];
  return await typed(aws.endpoints, null, [...words, '--lake', join(local, 'lake'), ...config]);
}

/** A log in both inboxes, read and sealed in both homes. */
async function arrives(key: string, lines: readonly object[]): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await aws.inbox.put(key, new TextEncoder().encode(text));
  const path = join(local, 'inbox', key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const time = new Date((await aws.inbox.head(key))?.lastModifiedMs ?? 0);
  await utimes(path, time, time);
  expect((await onStack('run')).code).toBe(0);
  expect((await onFolder('run', '--inbox', join(local, 'inbox'))).code).toBe(0);
}

/** Sessions that grow, which prompt caches serve; calls that may wait; a prompt that comes again; calls that a cheaper model may take. */
function calls(day: string, team: string): object[] {
  const at = (minute: number): string => `${day}T10:${String(minute).padStart(2, '0')}:00Z`;
  const turns = [0, 1, 2, 3].map((turn) => ({
    timestamp: at(turn),
    id: `${day}-${team}-t${turn}`,
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    team,
    project: 'agent',
    session: `${day}-${team}`,
    input_tokens: 2_048 * (turn + 1),
    output_tokens: 100,
    latency_ms: 2_000,
    prompt_blocks: Array.from({ length: 2 * (turn + 1) }, (_, block) => Number(day.slice(8)) * 1_000 + block),
    block_tokens: 1_024,
  }));
  const others = [0, 1, 2].map((n) => ({
    timestamp: at(30 + n),
    id: `${day}-${team}-o${n}`,
    model: 'gpt-4o',
    team,
    input_tokens: 40_000 + n,
    output_tokens: 500,
    latency_ms: 900,
    ...(n === 0
      ? { tags: { workload: 'offline' } }
      : { prompt_hash: `${team}-again`, prompt_blocks: [1], block_tokens: 40_000 }),
  }));
  return [...turns, ...others];
}
const DAYS = ['2026-10-05', '2026-10-06', '2026-10-07', '2026-10-20'];

const deployed = async (): Promise<string[]> => await rowsOf((sql) => aws.users.query(sql), SAVINGS);
const inFolder = async (): Promise<string[]> => await rowsOf((sql) => askLake(join(local, 'lake'), sql), SAVINGS);

test('the table is there and empty before anything was simulated', async () => {
  expect(await deployed()).toEqual([]);
});

test('logs arrive in both homes', async () => {
  await arrives(
    'app/october.jsonl',
    DAYS.flatMap((day) => [...calls(day, 'search'), ...calls(day, "it's")]),
  );
  expect(await deployed()).toEqual([]);
});

test.each([[['--month', '2026-10']], [['--week', '2026-W41']], [[]], [['--from', '2026-10-06', '--to', '2026-10-20']]])(
  'simulate %j prints what it prints of a folder, and writes the same rows',
  async (words) => {
    const [there, here] = [
      await onStack('simulate', ...words, '--format', 'json'),
      await onFolder('simulate', ...words, '--format', 'json'),
    ];
    expect(there).toEqual(here);
    expect(there.code).toBe(0);
    expect((JSON.parse(there.out) as { plan: { levers: unknown[] } }).plan.levers.length).toBeGreaterThan(1);
    const rows = await deployed();
    expect(rows.length).toBeGreaterThan(20);
    expect(rows).toEqual(await inFolder());
  },
);

test('levers sum to the plan for every team and model, in Athena; a part of it does not reach the bank', async () => {
  const sums = await aws.users.query(
    `select team, model,
       cast(sum(saving) filter (where lever <> 'plan') as decimal(38,12)) as levers,
       cast(sum(saving) filter (where lever = 'plan') as decimal(38,12)) as saved,
       cast(sum(cash_saving) filter (where lever <> 'plan') as decimal(38,12)) as cash,
       cast(sum(cash_saving) filter (where lever = 'plan') as decimal(38,12)) as planned_cash,
       max(blocked_by) as blocked_by
     from savings where period = '2026-10' and team is not null group by team, model order by team, model`,
  );
  expect(sums.map(({ team, model }) => [team, model])).toEqual([
    ["it's", 'claude-sonnet-4-5'],
    ["it's", 'gpt-4o'],
    ['search', 'claude-sonnet-4-5'],
    ['search', 'gpt-4o'],
  ]);
  for (const row of sums) {
    expect([row['levers'], row['cash']]).toEqual([row['saved'], row['planned_cash']]);
    const isBlocked = row['model'] === 'claude-sonnet-4-5';
    expect([row['blocked_by'], row['cash'] !== row['saved']]).toEqual([isBlocked ? 'annual' : null, isBlocked]);
  }
});

test('simulated again after more has arrived: the rows of before are replaced, and Glue shows one folder a period', async () => {
  const before = await deployed();
  expect((await onStack('simulate', '--month', '2026-10')).err).toContain('were there already');
  await arrives('app/later.jsonl', calls('2026-10-21', 'growth'));
  await seal(aws);
  expect(await deployed()).toEqual(before);
  for (const on of [onStack, onFolder]) expect((await on('simulate', '--month', '2026-10')).err).toContain('written');
  expect(await deployed()).toEqual(await inFolder());
  expect(await deployed()).not.toEqual(before);
  const { Partitions: partitions = [] } = await aws.glue.send(
    new GetPartitionsCommand({ DatabaseName: aws.places.database, TableName: SAVINGS.name }),
  );
  expect(partitions.map(({ Values: values }) => values?.[0] ?? '').toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    '2026-10',
    '2026-W41',
  ]);
  for (const { StorageDescriptor: storage } of partitions)
    expect(storage?.Location).toMatch(/\/v1\/derived\/g=[^/]+\/table=savings\/period=2026-(10|W41)\/$/);
});

test('nothing of the copies is left, and the doctor finds nothing wrong with tables and partitions', async () => {
  const left: string[] = [];
  for await (const { key } of aws.lake.list('work/')) left.push(key);
  expect(left).toEqual([]);
  const { out } = await onStack('doctor', '--format', 'json');
  const findings = JSON.parse(out) as { check: string; level: string }[];
  expect(findings.filter(({ check }) => /^(tables|partitions)$/.test(check)).map(({ level }) => level)).toEqual([
    'ok',
    'ok',
  ]);
});

test('who may only read finds the table, and cannot simulate', async () => {
  door.allow(policies.reader);
  const target = { control: door.url, athena: door.url };
  const words = ['--stack', aws.app.name];
  const asked = await typed(aws.endpoints, target, ['query', 'select count(*) as n from savings', ...words]);
  expect({ code: asked.code, isFilled: /\d\d/.test(asked.out) }).toEqual({ code: 0, isFilled: true });
  expect(await typed(aws.endpoints, target, ['simulate', '--month', '2026-10', ...words])).toMatchObject({
    code: 2,
    out: '',
  });
});

test('a deployment that is not there is named', async () => {
  const { code, err } = await typed(aws.endpoints, direct(aws.endpoints), ['simulate', '--stack', 'no-such-stack']);
  expect({ code, isNamed: err.includes('no-such-stack') }).toEqual({ code: 2, isNamed: true });
});
