/** One object taken out again: its rows are excluded, its twins and buckets are as if it had never been there, and only a new version is read. */
import { afterEach, describe, expect, test } from 'vitest';
import { liveObjects, readCommits, writeCommit } from '../../lib/commit.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { run } from '../../lib/journey.ts';
import { sealLake } from '../../lib/lake-seal.ts';
import { prepareRestamp } from '../../lib/restamp.ts';
import { retractObject } from '../../lib/retract.ts';
import type { Retracted } from '../../lib/retract.ts';
import { MINDS, NOW, everyKindOfLog, mindSpace } from './restamp-space.ts';
import type { MindSpace } from './restamp-space.ts';

const ALL = { from: '2015-01-01', to: null };
const RULES = MINDS['rules'] ?? {};
const spaces: MindSpace[] = [];
afterEach(async () => {
  for (const space of spaces.splice(0)) await space.close();
});

async function fresh(files: Readonly<Record<string, string>> = {}): Promise<MindSpace> {
  const space = await mindSpace();
  spaces.push(space);
  await space.write(files);
  return space;
}

async function retract(space: MindSpace, name: string): Promise<Retracted> {
  return await space.carried({}, NOW, async (world) => {
    const retracted = await retractObject(world.carry, name);
    await sealLake(world.seal);
    return retracted;
  });
}

const call = (id: string, more: object = {}): string =>
  `${JSON.stringify({ id, timestamp: '2026-11-02T10:00:00Z', model: 'gpt-4o', input_tokens: 1000, output_tokens: 0, user: 'ada', ...more })}\n`;
const USAGE = 'select call_id, source_object from usage order by call_id, source_object';
const EXCLUDED =
  'select call_id, source_object, excluded_reason, kept_record_id from usage_excluded order by source_object, call_id';

describe('an object that is retracted', () => {
  test('leaves usage and is kept as excluded; nothing else changes and all rows are accounted for', async () => {
    const space = await fresh();
    await everyKindOfLog(space);
    await space.run({});
    const without = await fresh();
    await everyKindOfLog(without);
    await without.remove('samples/openai-chat.jsonl');
    await without.run({});
    const landed = await space.ask(
      'select count(*) as n from (select 1 from usage union all select 1 from usage_excluded) t',
    );
    const { commit } = await retract(space, 'samples/openai-chat.jsonl');
    expect(commit.records).toBeGreaterThan(0);
    expect(await space.table('usage')).toEqual(await without.table('usage'));
    expect(await space.table('spend_daily')).toEqual(await without.table('spend_daily'));
    const reasons = await space.ask(
      "select source_object, count(*) as n from usage_excluded where excluded_reason = 'retracted' group by 1",
    );
    expect(reasons).toEqual([{ source_object: 'samples/openai-chat.jsonl', n: String(commit.records) }]);
    expect(
      await space.ask('select count(*) as n from (select 1 from usage union all select 1 from usage_excluded) t'),
    ).toEqual(landed);
    expect(
      await space.ask("select outcome from ingested_objects where object = 'samples/openai-chat.jsonl' order by 1"),
    ).toEqual([{ outcome: 'retracted' }, { outcome: 'superseded' }]);
  });

  test('of its twins the next best stands, and gives its own team', async () => {
    const space = await fresh({
      'a.jsonl': call('one', { team: 'from-a', input_tokens: 2000 }),
      'b.jsonl': call('one', { team: 'from-b' }) + call('two'),
    });
    await space.run({});
    expect(await space.ask(USAGE)).toEqual([
      { call_id: 'one', source_object: 'a.jsonl' },
      { call_id: 'two', source_object: 'b.jsonl' },
    ]);
    await retract(space, 'a.jsonl');
    expect(
      await space.ask('select call_id, team, cast(input_tokens as varchar) as tokens from usage order by call_id'),
    ).toEqual([
      { call_id: 'one', team: 'from-b', tokens: '1000' },
      { call_id: 'two', team: 'unallocated', tokens: '1000' },
    ]);
    expect(await space.ask(EXCLUDED)).toEqual([
      { call_id: 'one', source_object: 'a.jsonl', excluded_reason: 'retracted', kept_record_id: null },
    ]);
  });

  test('stays out when it is dropped again, read by a newer reader or decided again; a new version counts', async () => {
    const space = await fresh({ 'a.jsonl': call('one'), 'b.jsonl': call('two') });
    await space.run({});
    await retract(space, 'a.jsonl');
    const only = [{ call_id: 'two', source_object: 'b.jsonl' }];
    await space.write({ 'a.jsonl': call('one') });
    expect((await space.run({})).ingest.batches).toEqual([]);
    expect(await space.ask(USAGE)).toEqual(only);
    expect((await space.run(RULES)).restamp.objects).toBe(1);
    expect(await space.ask(USAGE)).toEqual(only);
    await space.opened(RULES, NOW, async (world) => run({ ...world.ingest, reader: 99 }, world.seal));
    expect(await space.ask(USAGE)).toEqual(only);
    expect((await space.ask(EXCLUDED)).map((row) => row['excluded_reason'])).toEqual(['retracted']);
    await space.write({ 'a.jsonl': `${call('one')}\n` }, new Date('2026-11-23T00:00:00Z'));
    await space.run(RULES);
    expect(await space.ask(USAGE)).toEqual([{ call_id: 'one', source_object: 'a.jsonl' }, ...only]);
    expect(await space.ask(EXCLUDED)).toEqual([]);
  });

  test('retracted twice is retracted once', async () => {
    const space = await fresh({ 'a.jsonl': call('one') });
    await space.run({});
    expect((await retract(space, 'a.jsonl')).isNew).toBe(true);
    const commits = await space.keys('commits');
    expect((await retract(space, 'a.jsonl')).isNew).toBe(false);
    expect(await space.keys('commits')).toEqual(commits);
  });

  test('the retraction stands against any decision taken at the same time or after on what it did not know', async () => {
    const space = await fresh({ 'a.jsonl': call('one') });
    await space.run({});
    const early = await space.carried(RULES, NOW, async ({ carry }) => prepareRestamp(carry, ALL));
    await retract(space, 'a.jsonl');
    await space.carried(RULES, '2026-11-30T00:00:00Z', async (world) => {
      for (const batch of early.batches) {
        const objects = batch.objects.map((object) => ({ ...object, decision: 7 }));
        await writeCommit(world.carry.lake, { ...batch, objects });
      }
      expect(liveObjects(await readCommits(world.carry.lake)).get('a.jsonl')?.commit.outcome).toBe('retracted');
      await sealLake(world.seal);
    });
    expect(await space.ask(USAGE)).toEqual([]);
  });

  test('its rows of closed months keep their prices as well', async () => {
    const space = await fresh({ 'a.jsonl': call('one') + call('old', { timestamp: '2026-08-02T10:00:00Z' }) });
    await space.run({});
    await space.run(RULES);
    const stamps = 'select call_id, stamp, team from usage order by call_id';
    const before = await space.ask(stamps);
    await retract(space, 'a.jsonl');
    expect(await space.ask(stamps.replace('usage', 'usage_excluded'))).toEqual(before);
  });
});

describe('an object nobody knows', () => {
  test('is an error that names similar ones, best first', async () => {
    const space = await fresh({
      'gateway/2026-11-01.jsonl': call('one'),
      'gateway/2026-11-02.jsonl': call('two'),
      'zz.jsonl': call('x'),
    });
    await space.run({});
    await space.carried({}, NOW, async ({ carry }) => {
      const error = await retractObject(carry, 'gateway/2026-11-01.json').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Misconfigured);
      expect((error as Misconfigured).hint).toBe('similar: gateway/2026-11-01.jsonl, gateway/2026-11-02.jsonl');
      const far = await retractObject(carry, 'q').catch((caught: unknown) => caught);
      expect((far as Misconfigured).hint).toContain('select object, outcome from ingested_objects');
    });
  });

  test('under a pseudonym it is found by the name its owner knows', async () => {
    const space = await fresh({ 'user=ada/log.jsonl': call('one') });
    const hidden = { config: { privacy: { persons: 'pseudonym' } } };
    await space.run(hidden);
    await space.carried(hidden, NOW, async ({ carry }) => {
      const { commit } = await retractObject(carry, 'user=ada/log.jsonl');
      expect(commit.object).toMatch(/^user=person:[0-9a-f]+\/log\.jsonl$/);
    });
  });
});
