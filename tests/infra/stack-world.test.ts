/** A deployment as the command line sees it: where everything lies, what may be asked, what the doctor says. Through clients that answer here. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../bin/options.ts';
import { configFindings, queueFindings, sealFindings } from '../../bin/stack-doctor.ts';
import { isQuery } from '../../bin/stack-query.ts';
import { rightsFindings } from '../../bin/stack-rights.ts';
import type { Right } from '../../bin/stack-rights.ts';
import { glueColumns, partitionFindings, tableFindings } from '../../bin/stack-tables.ts';
import { openStackWorld, readDataPlaces, readPlaces } from '../../bin/stack-world.ts';
import type { BatchCommit } from '../../lib/commit.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';
import type { LedgerRules } from '../../lib/ledger-tools.ts';
import type { CatalogState } from '../../lib/ports.ts';
import { PUBLIC_TABLES } from '../../lib/schema.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { noteDeployedConfig, readDeployedConfig } from '../../lib/rules-source.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import { SYNTH_MS, at, ofType, shown, synthesized } from './synthesized.ts';
import type { Synthesized } from './synthesized.ts';

let app: Synthesized;
beforeAll(async () => {
  app = await synthesized({ inbox: { prefix: '' } });
}, SYNTH_MS);

/** A client of AWS that answers from here. */
function answering<C extends { send: unknown }>(client: C, answer: (input: Record<string, string>) => unknown): C {
  client.send = async (command: { input: object }): Promise<unknown> => answer(command.input as Record<string, string>);
  return client;
}

const region = { region: 'eu-central-1' };

describe('where a deployment keeps everything', () => {
  const cloudFormation = (leaveOut = ''): CloudFormationClient =>
    answering(new CloudFormationClient(region), ({ StackName: name = '' }) => {
      const template = name.endsWith('-data') ? app.data : app.pipeline;
      if (!/^inference-ledger-(data|pipeline)$/.test(name)) throw new TypeError(`Stack with id ${name} does not exist`);
      const outputs = Object.entries(template.Outputs).filter(([key]) => key !== leaveOut);
      return {
        Stacks: [{ Outputs: outputs.map(([key, { Value }]) => ({ OutputKey: key, OutputValue: shown(Value) })) }],
      };
    });

  test('is read from the outputs that the stacks really have', async () => {
    expect(await readPlaces(cloudFormation(), 'inference-ledger')).toEqual({
      inboxBucket: '<Inbox>',
      inboxPrefix: '',
      lakeBucket: '<Lake>',
      hashKeySecret: '<HashKey>',
      database: 'inference_ledger',
      workDatabase: 'inference_ledger_work',
      usersWorkgroup: '<Users>',
      engineWorkgroup: '<Engine>',
      ingestQueue: '<InboxEvents>',
      deadLetters: '<InboxDeadLetters>',
      documentsQueue: '<CorporaEvents>',
      documentDeadLetters: '<CorporaDeadLetters>',
    });
  });

  test('of a reader is the data stack alone', async () => {
    const asked: string[] = [];
    const client = answering(new CloudFormationClient(region), ({ StackName: name = '' }) => {
      asked.push(name);
      const outputs = Object.entries(app.data.Outputs);
      return {
        Stacks: [{ Outputs: outputs.map(([key, { Value }]) => ({ OutputKey: key, OutputValue: shown(Value) })) }],
      };
    });
    expect((await readDataPlaces(client, 'inference-ledger')).usersWorkgroup).toBe('<Users>');
    expect(asked).toEqual(['inference-ledger-data']);
  });

  test('is asked for by a name that exists, of a version that fits', async () => {
    await expect(readPlaces(cloudFormation(), 'other')).rejects.toThrow('the stack other-data cannot be read');
    await expect(readPlaces(cloudFormation('LakeBucket'), 'inference-ledger')).rejects.toThrow(
      'the stack inference-ledger-data has no output LakeBucket',
    );
  });

  test('goes by its own config: a local one is refused before anything is called', async () => {
    await expect(openStackWorld({ stack: 'x', config: 'mine.json' })).rejects.toThrow(
      '--config does not go with --stack',
    );
  });
});

describe('one ledger', () => {
  test('is a folder or a deployment, never both or none', () => {
    expect(homeOf({ lake: 'l' })).toEqual({ lake: 'l' });
    expect(homeOf({ stack: 's' })).toEqual({ stack: 's' });
    expect(() => homeOf({})).toThrow('either --lake DIR or --stack NAME');
    expect(() => homeOf({ lake: 'l', stack: 's' })).toThrow('either --lake DIR or --stack NAME');
  });

  test.each([
    ['select 1', true],
    ['  -- drop table usage\n/* insert */ SELECT 1', true],
    ['with a as (select 1) select * from a', true],
    ['(select 1)', true],
    ['drop table usage', false],
    ['-- select\ndrop table usage', false],
    ['/* select 1 */ insert into usage select 1', false],
    ['selection', false],
    ['', false],
    ["unload (select 1) to 's3://x'", false],
  ])('%s: asked %s', (sql, expected) => {
    expect(isQuery(sql)).toBe(expected);
  });

  test('a long run of blanks or comments costs no time', () => {
    expect(isQuery(`${' '.repeat(500_000)}drop`)).toBe(false);
    expect(isQuery(`${'-- x\n'.repeat(100_000)}drop`)).toBe(false);
  });
});

test('what was deployed is noted in the lake once, for those who work on it from elsewhere', async () => {
  const lake = createMemoryStore();
  await expect(readDeployedConfig(lake)).rejects.toThrow('has not run yet');
  await noteDeployedConfig(lake, { 'inference-ledger.config.json': '{}' });
  const version = lake.objects.get('deployed-config.json')?.info.version;
  await noteDeployedConfig(lake, { 'inference-ledger.config.json': '{}' });
  expect(lake.objects.get('deployed-config.json')?.info.version).toBe(version);
  expect(await readDeployedConfig(lake)).toEqual({ 'inference-ledger.config.json': '{}' });
  await noteDeployedConfig(lake, {});
  expect(await readDeployedConfig(lake)).toEqual({});
});

describe('the doctor', () => {
  test('counts what waits and what could not be read', async () => {
    const sqs = answering(new SQSClient(region), ({ QueueUrl: url }) => ({
      Attributes: { ApproximateNumberOfMessages: { dead: '2', none: '0' }[String(url)] ?? '7' },
    }));
    const documents = { documentsQueue: 'none', documentDeadLetters: 'dead' };
    const findings = await queueFindings(sqs, { ingestQueue: 'live', deadLetters: 'dead', ...documents });
    expect(findings.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'ok 7 events waiting',
      'ok 0 events waiting',
      'problem 2 objects could not be read',
      'problem 2 objects could not be read',
    ]);
    const calm = await queueFindings(sqs, {
      ingestQueue: 'live',
      deadLetters: 'none',
      documentsQueue: 'live',
      documentDeadLetters: 'none',
    });
    expect(calm.map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
  });

  /** The tables as the stack makes them, one to a page. */
  const glue = (change: (name: string) => boolean = () => true): GlueClient => {
    const tables = ofType(app.data, 'AWS::Glue::Table').map(([, table]) => ({
      Name: at(table, 'TableInput', 'Name') as string,
      StorageDescriptor: { Columns: at(table, 'TableInput', 'StorageDescriptor', 'Columns') },
      PartitionKeys: at(table, 'TableInput', 'PartitionKeys'),
    }));
    return answering(new GlueClient(region), ({ NextToken: token }) => {
      const page = Number(token ?? 0);
      const next = page + 1 < tables.length ? { NextToken: String(page + 1) } : {};
      return { TableList: [tables[page]].filter((table) => table !== undefined && change(table.Name)), ...next };
    });
  };

  test('finds the tables of the stack right, and a missing one missing', async () => {
    const right = tableFindings(await glueColumns({ glue: glue(), database: 'inference_ledger' }));
    expect(right).toEqual([
      { level: 'ok', check: 'tables', message: `${PUBLIC_TABLES.length} tables as this version knows them` },
    ]);
    const wrong = tableFindings(
      await glueColumns({ glue: glue((name) => name !== 'spend_daily'), database: 'inference_ledger' }),
    );
    expect(wrong.map(({ level, where }) => [level, where])).toEqual([['problem', ['spend_daily']]]);
  });

  test('names days whose commits are not sealed', () => {
    const batch = {
      batchId: 'b',
      reader: 1,
      stamp: 's',
      ingestedAtMs: 0,
      files: [],
      objects: [
        {
          commitId: 'c',
          object: 'a',
          version: 'v',
          sequencer: null,
          lastModifiedMs: 0,
          outcome: 'landed',
          days: { '2026-11-01': 1 },
        },
      ],
    } as unknown as BatchCommit;
    const landedAtMs = Date.UTC(2026, 10, 2, 10);
    const pointer = (madeFrom: string) => ({ generation: 'g', keys: [], rows: 1, madeFrom });
    const levels = (madeFrom: string | null, nowMs = landedAtMs + 60_000, movedAtMs: number | null = 0): unknown[] =>
      sealFindings(
        { revision: 1, tables: { usage: madeFrom === null ? {} : { '2026-11-01': pointer(madeFrom) } } },
        [{ ...batch, ingestedAtMs: landedAtMs }],
        nowMs,
        movedAtMs,
      ).map(({ check, level, where }) => [check, level, where ?? []]);
    const lake = ['lake', 'ok', []];
    const waiting = (level: string): unknown[] => [lake, ['sealed', level, ['2026-11-01']]];
    expect(levels(freeze([batch]).id)).toEqual([lake, ['sealed', 'ok', []]]);
    expect(levels('older')).toEqual(waiting('note'));
    expect(levels(null)).toEqual(waiting('note'));
    // two hours are eight rounds: then it is no waiting any more
    expect(levels(null, landedAtMs + 7_200_000)).toEqual(waiting('note'));
    expect(levels(null, landedAtMs + 7_200_001)).toEqual(waiting('problem'));
    expect(levels(null, landedAtMs + 7_200_001, null)).toEqual(waiting('problem'));
    // the catalog was switched since: what waits came with that round and is compared by the next one
    expect(levels('older', landedAtMs + 7_200_001, landedAtMs)).toEqual(waiting('note'));
    expect(sealFindings({ revision: 0, tables: {} }, [], 0, null).map(({ level }) => level)).toEqual(['note']);
  });

  describe('compares partitions', () => {
    const bucket = 'lake';
    const state: CatalogState = {
      revision: 1,
      tables: {
        usage: {
          '2026-11-01': { generation: 'g', keys: ['v1/sealed/g=g/day=2026-11-01/a.parquet'], rows: 1, madeFrom: 's' },
          '2026-11-02': { generation: 'g', keys: ['v1/sealed/g=g/day=2026-11-02/a.parquet'], rows: 1, madeFrom: 's' },
          // a day that lost its last row has no partition
          '2026-11-03': { generation: 'g', keys: [], rows: 0, madeFrom: 's' },
        },
      },
    };
    const found = async (shown: Record<string, string>): Promise<unknown[]> => {
      const client = answering(new GlueClient(region), ({ TableName: table }) => ({
        Partitions: Object.entries(table === 'usage' ? shown : {}).map(([day, folder]) => ({
          Values: [day],
          StorageDescriptor: { Location: `s3://lake/${folder}` },
        })),
      }));
      const findings = await partitionFindings({ glue: client, bucket, database: 'd' }, state, ['usage', 'rejects']);
      return findings.map(({ level, where }) => [level, where ?? []]);
    };
    const whole = { '2026-11-01': 'v1/sealed/g=g/day=2026-11-01/', '2026-11-02': 'v1/sealed/g=g/day=2026-11-02/' };

    test('that are all there', async () => {
      expect(await found(whole)).toEqual([['ok', []]]);
    });

    test.each([
      ['one dropped', { '2026-11-01': whole['2026-11-01'] }, 'usage 2026-11-02: missing'],
      [
        'one elsewhere',
        { ...whole, '2026-11-02': 'v1/sealed/g=f/day=2026-11-02/' },
        'usage 2026-11-02: shows other files',
      ],
      [
        'one too many',
        { ...whole, '2026-11-03': 'v1/sealed/g=f/day=2026-11-03/' },
        'usage 2026-11-03: not in the catalog',
      ],
    ])('%s', async (_what, shown, where) => {
      expect(await found(shown)).toEqual([['problem', [where]]]);
    });
  });

  describe('tries rights', () => {
    const right = (action: string, changes: boolean, error?: Error): Right => ({
      action,
      on: 'bucket b',
      changes,
      attempt: async () => {
        if (error !== undefined) throw error;
      },
    });
    const denied = Object.assign(new Error('no'), {
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
    const levels = async (...rights: Right[]): Promise<unknown[]> =>
      (await rightsFindings(rights, 'ledger')).map(({ level, where }) => [level, where ?? []]);

    test('that are all there', async () => {
      expect(await levels(right('s3:GetObject', false), right('s3:PutObject', true))).toEqual([['ok', []]]);
    });

    test('one that is denied is named with what it is missing for', async () => {
      expect(await levels(right('s3:GetObject', false, denied), right('s3:PutObject', true))).toEqual([
        ['problem', ['s3:GetObject on bucket b']],
      ]);
      // who may only look is told so: nothing is wrong with the ledger
      expect(await levels(right('s3:GetObject', false), right('s3:PutObject', true, denied))).toEqual([
        ['note', ['s3:PutObject on bucket b']],
      ]);
    });

    test('an answer that is no denial is not taken for one', async () => {
      const [finding] = await rightsFindings([right('s3:GetObject', false, new Transient('no answer'))], 'ledger');
      expect(finding?.message).toBe('s3:GetObject on bucket b could not be tried: no answer');
    });
  });

  test('tells of a config with an error, and of files that nothing reads', async () => {
    const lake = createMemoryStore();
    const rules = { config: { ...DEFAULT_CONFIG, prices: { overlays: ['./prices/a.json'] } }, hashKey: { id: 'k' } };
    const world = { places: { lakeBucket: 'bucket-1' }, rules: rules as unknown as LedgerRules, lake };
    for (const name of ['inference-ledger.config.json', 'prices/a.json'])
      await lake.put(`config/${name}`, new Uint8Array([1]));
    const levels = async (configProblem: Misconfigured | null): Promise<string[]> =>
      (await configFindings({ ...world, configProblem })).map(({ level, check, where }) =>
        [level, check, ...(where ?? [])].join(' '),
      );
    expect(await levels(null)).toEqual(['ok config', 'ok hash key']);
    await lake.put('config/prices/b.json', new Uint8Array([1]));
    expect(await levels(null)).toEqual(['ok config', 'ok hash key', 'note config config/prices/b.json']);
    const problem = new Misconfigured('config/x: week_start', { hint: 'put it below config/ of the lake bucket' });
    const [first] = await configFindings({ ...world, configProblem: problem });
    expect(first).toEqual({
      level: 'problem',
      check: 'config',
      message: 'config/x: week_start',
      todo: 'put it below config/ of bucket-1',
    });
  });
});
