/** A deployment as the command line sees it: where everything lies, what may be asked, what the doctor says. Through clients that answer here. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../bin/options.ts';
import { glueColumns, queueFindings, sealFindings, tableFindings } from '../../bin/stack-doctor.ts';
import { isQuery } from '../../bin/stack-query.ts';
import { openStackWorld, readPlaces } from '../../bin/stack-world.ts';
import type { BatchCommit } from '../../lib/commit.ts';
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
    });
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
      Attributes: { ApproximateNumberOfMessages: url === 'dead' ? '2' : '7' },
    }));
    const findings = await queueFindings(sqs, { ingestQueue: 'live', deadLetters: 'dead' });
    expect(findings.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'ok 7 events waiting',
      'problem 2 objects could not be read',
    ]);
    const calm = await queueFindings(sqs, { ingestQueue: 'live', deadLetters: 'live' });
    expect(calm.map(({ level }) => level)).toEqual(['ok', 'problem']);
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
    const right = tableFindings(await glueColumns(glue(), 'inference_ledger'));
    expect(right).toEqual([
      { level: 'ok', check: 'tables', message: `${PUBLIC_TABLES.length} tables as this version knows them` },
    ]);
    const wrong = tableFindings(
      await glueColumns(
        glue((name) => name !== 'spend_daily'),
        'inference_ledger',
      ),
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
    const pointer = (madeFrom: string) => ({ generation: 'g', keys: [], rows: 1, madeFrom });
    const levels = (madeFrom: string | null): unknown[] =>
      sealFindings({ revision: 1, tables: { usage: madeFrom === null ? {} : { '2026-11-01': pointer(madeFrom) } } }, [
        batch,
      ]).map(({ check, level, where }) => [check, level, where ?? []]);
    const clean = [
      ['lake', 'ok', []],
      ['sealed', 'ok', []],
    ];
    const waiting = [
      ['lake', 'ok', []],
      ['sealed', 'note', ['2026-11-01']],
    ];
    expect(levels(freeze([batch]).id)).toEqual(clean);
    expect(levels('older')).toEqual(waiting);
    expect(levels(null)).toEqual(waiting);
    expect(sealFindings({ revision: 0, tables: {} }, []).map(({ level }) => level)).toEqual(['note']);
  });
});
