/**
 * What a question about one day reads on a deployed ledger: that day's files and nothing else. Shown by the bytes Athena counts, by the files it
 * names, and by taking every other day's files away: the question is still answered, and a filter that does not name the day is not. So are
 * the questions of a simulation, whose days are rows of a table. Then the cutoff: what would read more than people may read is stopped in
 * their workgroup, and not in the engine's.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AthenaClient, GetQueryExecutionCommand } from '@aws-sdk/client-athena';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { ask, awaitStatement, startStatement } from '../../lib/adapters/aws/athena-query.ts';
import type { AthenaTarget } from '../../lib/adapters/aws/athena-query.ts';
import { createGlueCatalog } from '../../lib/adapters/aws/glue-catalog.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { ALL_PARTS, sampleTable } from '../../lib/simulate/sampling.ts';
import { addDays } from '../../lib/time.ts';
import { ROOT } from '../architecture/imports.ts';
import { fencedBlocks, printedCommands, shellWords } from '../cli/printed-commands.ts';
import { deployApp } from './deployed-app.ts';
import { HASH_KEY, openDeployment, seal, settled } from './deployment.ts';
import type { Deployment, Sealed } from './deployment.ts';
import { direct, typed } from './stack-commands.ts';
import { deployableStack, freshName } from './stack/clients.ts';

/** Four days of one month and four of the next. */
const DAYS = Array.from({ length: 8 }, (_, i) => addDays('2026-10-28', i));
const DAY = '2026-10-30';
const CALLS_PER_DAY = 2000;
/** Signs of a session's name that no compression makes shorter than half a byte each: all days together exceed the cutoff, one does not. */
const SESSION_SIGNS = 1600;
/** The least that Athena allows: 10 MB. */
const CUTOFF_GB = 0.01;

let aws: Deployment;
let athena: AthenaClient;
let sealed: Sealed;

beforeAll(async () => {
  const endpoints = await deployableStack();
  const config = {
    teams: [{ name: 'search' }, { name: 'support' }],
    aws: { athena: { query_limit_gb: CUTOFF_GB } },
  };
  const app = await deployApp(endpoints, { name: freshName('prune-'), hashKey: HASH_KEY, config });
  aws = await openDeployment(endpoints, app);
  const { region, athenaOnControl: endpoint, accessKeyId, secretAccessKey } = endpoints;
  athena = new AthenaClient({ region, endpoint, credentials: { accessKeyId, secretAccessKey } });
  await aws.inbox.put('app/calls.jsonl', new TextEncoder().encode(DAYS.map(linesOf).join('')));
  await settled(aws);
  sealed = await seal(aws);
});
afterAll(() => athena?.destroy());

function linesOf(day: string): string {
  const lines = Array.from({ length: CALLS_PER_DAY }, (_, i) => {
    const blocks = Array.from({ length: SESSION_SIGNS / 64 }, (__, n) =>
      createHash('sha256').update(`${day} ${i} ${n}`).digest('hex'),
    );
    return JSON.stringify({
      id: `chatcmpl-${day}-${i}`,
      timestamp: `${day}T12:00:00Z`,
      model: 'gpt-4o-2024-08-06',
      input_tokens: 100 + i,
      output_tokens: 10,
      team: i % 2 === 0 ? 'search' : 'support',
      session: blocks.join(''),
      tags: { release: `r${i % 3}` },
      prompt_hash: `prompt ${i % 100}`,
      prompt_blocks: [i % 100],
      block_tokens: 64,
    });
  });
  return `${lines.join('\n')}\n`;
}

type Group = 'usersWorkgroup' | 'engineWorkgroup';

function target(group: Group): AthenaTarget {
  return { athena, workgroup: aws.places[group], database: aws.places.database };
}

/** Bytes that a statement read, as Athena bills them. */
async function bytesRead(sql: string, group: Group): Promise<number> {
  const id = await startStatement(target(group), sql);
  await awaitStatement(target(group), id);
  const { QueryExecution: done } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
  return done?.Statistics?.DataScannedInBytes ?? 0;
}

/** The engine that simulations ask, which sees the lake as it is. */
function simulating(): AthenaEngine {
  const { lakeBucket: bucket, engineWorkgroup: workgroup, database, workDatabase } = aws.places;
  return createAthenaEngine({ athena, glue: aws.glue, store: aws.lake, bucket, workgroup, database, workDatabase });
}

const asUser = async (sql: string): Promise<SqlRow[]> => await ask(target('usersWorkgroup'), sql);
const asEngine = async (sql: string): Promise<SqlRow[]> => await ask(target('engineWorkgroup'), sql);

interface LakeFile {
  readonly key: string;
  readonly partition: string;
}

/** Files of a table that are in force. */
async function filesOf(table: string): Promise<LakeFile[]> {
  const { lakeBucket: bucket, database } = aws.places;
  const { tables } = await createGlueCatalog({ glue: aws.glue, store: aws.lake, bucket, database }).read();
  return Object.entries(tables[table] ?? {}).flatMap(([partition, { keys }]) =>
    keys.map((key) => ({ key, partition })),
  );
}

async function sizeOf(files: readonly LakeFile[]): Promise<number> {
  const sizes = await Promise.all(files.map(async ({ key }) => (await aws.lake.head(key))?.bytes ?? 0));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

const ONE_DAY = `day = date '${DAY}'`;
const SESSIONS =
  'select count(distinct session_id) as sessions, cast(sum(input_tokens) as bigint) as tokens from usage';
/** By hand: 2,000 calls of 100, 101, … tokens: 200,000 + 2,000 × 1,999 / 2. */
const OF_ONE_DAY = { sessions: '2000', tokens: '2199000' };
const OF_ALL_DAYS = { sessions: '16000', tokens: '17592000' };

describe('a question about one day', () => {
  test('reads no more bytes than the files of that day have, and the whole table is all of them', async () => {
    expect(sealed.sealedDays).toEqual(DAYS);
    const files = await filesOf('usage');
    const own = await sizeOf(files.filter(({ partition }) => partition === DAY));
    const all = await sizeOf(files);
    expect(all).toBeGreaterThan(7 * own);
    const one = await bytesRead(`${SESSIONS} where ${ONE_DAY}`, 'usersWorkgroup');
    const whole = await bytesRead(SESSIONS, 'engineWorkgroup');
    expect(one).toBeGreaterThan(own / 2);
    expect(one).toBeLessThanOrEqual(own);
    expect(whole).toBeGreaterThan(6 * one);
    expect(whole).toBeLessThanOrEqual(all);
    expect(await asUser(`${SESSIONS} where ${ONE_DAY}`)).toEqual([OF_ONE_DAY]);
    expect(await asEngine(SESSIONS)).toEqual([OF_ALL_DAYS]);
  });

  test('names the files of that day alone', async () => {
    const paths = async (where: string): Promise<unknown[]> =>
      (await asEngine(`select distinct "$path" as path from usage ${where} order by 1`)).map((row) => row['path']);
    const files = await filesOf('usage');
    const address = ({ key }: LakeFile): string => `s3://${aws.places.lakeBucket}/${key}`;
    expect(await paths('')).toEqual(files.map(address).toSorted());
    const own = files.filter(({ partition }) => partition === DAY);
    expect(own.length).toBeGreaterThan(0);
    expect(await paths(`where ${ONE_DAY}`)).toEqual(own.map(address).toSorted());
  });
});

/** Filters that read one day's files, and filters that read all of them. */
const ONE_MORE = addDays(DAY, 1);
const NARROW = [
  ONE_DAY,
  `day >= date '${DAY}' and day < date '${ONE_MORE}'`,
  `day between date '${DAY}' and date '${DAY}' and team = 'search'`,
  `day in (date '${DAY}')`,
  // the clock is read before files are chosen: this is the day, whatever day it is
  `day = date_add('day', date_diff('day', current_date, date '${DAY}'), current_date)`,
  `day >= date_add('day', date_diff('day', current_date, date '${ONE_MORE}'), current_date) - interval '1' day and day < date '${ONE_MORE}'`,
];
const WIDE = [
  `date(occurred_at) = date '${DAY}'`,
  `occurred_at >= timestamp '${DAY} 00:00:00' and occurred_at < timestamp '${ONE_MORE} 00:00:00'`,
  `${ONE_DAY} or session_id = 'none'`,
];
/** The questions of a simulation, of which calls.sql is written as a copy. */
const SIMULATED = await loadSqlFolder('simulate/queries');
/** One model, two teams, six lifetimes. */
const ROWS_OF_A_DAY: Readonly<Record<string, number>> = {
  calls: CALLS_PER_DAY,
  'demand-per-minute': 1,
  'period-size': 2,
  repeats: 6,
  'reuse-gaps': 6,
};
/** Every table and view by day, with a question that reads rows and not only names of partitions. */
const BY_DAY = [
  ['usage', 'count(distinct record_id)'],
  ['spend_daily', 'sum(calls)'],
  ['spend_by_team', 'sum(calls)'],
  ['spend_by_model', 'sum(calls)'],
  ['spend_by_key', 'sum(calls)'],
  ['spend_by_user', 'sum(calls)'],
  ['usage_tags', 'count(distinct record_id)'],
] as const;

describe('where the files of every other day are gone', () => {
  const taken = new Map<string, Uint8Array>();
  beforeAll(async () => {
    for (const table of ['usage', 'prompt_fingerprints', 'spend_daily', 'showback_monthly'])
      for (const { key, partition } of await filesOf(table)) {
        if (partition === DAY || partition === DAY.slice(0, 7)) continue;
        taken.set(key, (await aws.lake.read(key)) ?? new Uint8Array());
        await aws.lake.put(key, new TextEncoder().encode('taken away'));
      }
  });
  afterAll(async () => {
    for (const [key, bytes] of taken) await aws.lake.put(key, bytes);
  });

  test('they are: of seven days in three tables, and of the other month', () => {
    expect(taken.size).toBeGreaterThanOrEqual(22);
  });

  test.each(NARROW)('where %s: answered', async (where) => {
    const [row] = await asUser(`select count(distinct session_id) as sessions from usage where ${where}`);
    expect(Number(row?.['sessions'])).toBe(where.includes('team') ? CALLS_PER_DAY / 2 : CALLS_PER_DAY);
  });

  test.each(WIDE)('where %s: not answered, so this test can fail', async (where) => {
    await expect(asEngine(`select count(distinct session_id) as n from usage where ${where}`)).rejects.toThrow(
      /HIVE_BAD_DATA|HIVE_CANNOT_OPEN_SPLIT/,
    );
  });

  test.each(BY_DAY)('%s: answered for the day, and not without it', async (table, what) => {
    const sql = `select cast(${what} as bigint) as n from ${table}`;
    expect(await asUser(`${sql} where ${ONE_DAY}`)).toEqual([{ n: String(CALLS_PER_DAY) }]);
    await expect(asEngine(sql)).rejects.toThrow(/HIVE_BAD_DATA|HIVE_CANNOT_OPEN_SPLIT/);
  });

  test.each(Object.entries(SIMULATED))('%s.sql of a simulation of the day: answered', async (name, sql) => {
    const engine = simulating();
    const sample = sampleTable(ALL_PARTS);
    try {
      await engine.table('period', { first_day: 'date', last_day: 'date' }, [[DAY, DAY]]);
      await engine.table('sample', sample.columns, sample.rows);
      const files = name === 'calls' ? await engine.write(sql, `work/${freshName('copy-')}/`, ['day']) : null;
      const rows = files?.reduce((sum, file) => sum + file.rows, 0) ?? (await engine.query(sql)).length;
      expect(rows).toBe(ROWS_OF_A_DAY[name]);
      // a text beside the days makes it a table that no planner looks into
      await engine.table('period', { first_day: 'date', last_day: 'date', note: 'string' }, [[DAY, DAY, '']]);
      await expect(engine.query(sql)).rejects.toThrow(/HIVE_BAD_DATA|HIVE_CANNOT_OPEN_SPLIT/);
    } finally {
      await engine.close();
    }
  });

  test('showback_monthly: answered for the month, and not without it', async () => {
    const sql = 'select count(distinct team) as n, min(cost) > 0 as is_charged from showback_monthly';
    expect(await asUser(`${sql} where month = '${DAY.slice(0, 7)}'`)).toEqual([{ n: '2', is_charged: true }]);
    await expect(asEngine(sql)).rejects.toThrow(/HIVE_BAD_DATA|HIVE_CANNOT_OPEN_SPLIT/);
  });
});

test('the question at the end of README’s commands is answered', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const line = fencedBlocks(readme, 'sh')
    .flatMap(printedCommands)
    .find((one) => one.includes('--stack'));
  const [, , ...words] = shellWords(line ?? '').map((word) => (word === 'inference-ledger' ? aws.app.name : word));
  const { code, out, err } = await typed(aws.endpoints, direct(aws.endpoints), [...words, '--format', 'json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const model = 'gpt-4o-2024-08-06';
  const rows = JSON.parse(out) as SqlRow[];
  expect(rows.map((row) => `${String(row['team'])} ${String(row['model'])}`).toSorted()).toEqual([
    `search ${model}`,
    `support ${model}`,
  ]);
});

describe('the cutoff', () => {
  const query = async (sql: string): ReturnType<typeof typed> =>
    await typed(aws.endpoints, direct(aws.endpoints), ['query', sql, '--stack', aws.app.name, '--format', 'json']);

  test('in people’s workgroup a question past it is refused, with Athena’s reason and what to do', async () => {
    const { code, out, err } = await query(SESSIONS);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const [, message = '', hint = ''] = /^error: (.*)\n\s*→ (.*)\n/.exec(err) ?? [];
    expect(message).toContain(`the query would read more than workgroup ${aws.places.usersWorkgroup} allows`);
    expect(message).toMatch(/Bytes scanned limit was exceeded/);
    expect(hint).toContain('where day between');
  });

  test('the same about one day is answered there', async () => {
    const { code, out, err } = await query(`${SESSIONS} where ${ONE_DAY}`);
    expect({ code, err, rows: JSON.parse(out) as unknown }).toEqual({ code: 0, err: '', rows: [OF_ONE_DAY] });
  });

  test('the engine’s workgroup has none: it answers, and seals more than people may read', async () => {
    expect(await bytesRead(SESSIONS, 'engineWorkgroup')).toBeGreaterThan(CUTOFF_GB * 1e9);
    expect(await asEngine(SESSIONS)).toEqual([OF_ALL_DAYS]);
  });
});
