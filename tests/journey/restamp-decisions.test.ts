/** Decisions among crashes, racing workers, closed months and damage: which rows move, which stay, and that a repetition is the same to the byte. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { carryOver } from '../../lib/carry-over.ts';
import { decisionIdOf, liveObjects, readCommits, writeCommit } from '../../lib/commit.ts';
import type { BatchCommit } from '../../lib/commit.ts';
import { noMoves } from '../../lib/moves.ts';
import { firstOpenDay, prepareRestamp, restampStale } from '../../lib/restamp.ts';
import { readLandingRows } from '../../lib/write/landing-reader.ts';
import { MINDS, NOW, everyKindOfLog, mindSpace } from './restamp-space.ts';
import type { MindSpace } from './restamp-space.ts';

const ALL = { from: '2015-01-01', to: null };
const RULES = MINDS['rules'] ?? {};
const RATES = MINDS['rates'] ?? {};
const spaces: MindSpace[] = [];
afterEach(async () => {
  for (const space of spaces.splice(0)) await space.close();
});

async function fresh(files: Readonly<Record<string, string>> | null = null): Promise<MindSpace> {
  const space = await mindSpace();
  spaces.push(space);
  if (files === null) await everyKindOfLog(space);
  else await space.write(files);
  return space;
}

const call = (id: string, day: string, more: object = {}): string =>
  `${JSON.stringify({ id, timestamp: `${day}T10:00:00Z`, model: 'gpt-4o', input_tokens: 1000, output_tokens: 0, user: 'ada', ...more })}\n`;
const TEAMS = 'select call_id, team, stamp from usage order by call_id';

describe('open and closed months', () => {
  test.each([
    ['2026-11-24T00:00:00Z', 5, '2026-11-01'],
    ['2026-11-06T00:00:00Z', 5, '2026-11-01'],
    ['2026-11-05T23:59:59.999Z', 5, '2026-10-01'],
    ['2026-11-01T00:00:00Z', 5, '2026-10-01'],
    ['2026-11-01T00:00:00Z', 0, '2026-11-01'],
    ['2027-01-03T00:00:00Z', 5, '2026-12-01'],
    ['2028-03-27T12:00:00Z', 27, '2028-02-01'],
  ])('on %s, closing after %i days, all from %s on is open', (now, closeAfterDays, from) => {
    expect(firstOpenDay(Date.parse(now), closeAfterDays)).toBe(from);
  });

  test('run moves rows of the open month though the logs are gone, and leaves closed ones, in one and the same object', async () => {
    const space = await fresh({
      'log.jsonl': call('a', '2026-09-30') + call('b', '2026-10-31') + call('c', '2026-11-02'),
    });
    await space.run({}, '2026-11-04T00:00:00Z');
    const before = await space.ask(TEAMS);
    const [old] = before.map((row) => String(row['stamp']));
    await space.forgetLogs();
    const { restamp, sealedDays } = await space.run(RULES, '2026-11-06T00:00:00Z');
    expect(restamp).toMatchObject({ objects: 1, records: 1, repriced: 0, reattributed: 1, otherwiseStamped: 1 });
    expect(sealedDays).toContain('2026-11-02');
    const after = await space.ask(TEAMS);
    expect(after.map((row) => [row['call_id'], row['team'], row['stamp'] === old])).toEqual([
      ['a', 'unallocated', true],
      ['b', 'unallocated', true],
      ['c', 'platform', false],
    ]);
    expect((await space.run(RULES, '2026-11-06T00:00:00Z')).restamp.batches).toEqual([]);
    // on the fifth the month before is still open
    const early = await space.run(RULES, '2026-11-05T00:00:00Z');
    expect(early.restamp).toMatchObject({ objects: 1, records: 2, reattributed: 1 });
    expect((await space.ask(TEAMS)).map((row) => row['team'])).toEqual(['unallocated', 'platform', 'platform']);
  });

  test('an agent session of which nobody knows how it is paid is settled by config `billing`, at its token value', async () => {
    const space = await fresh();
    await space.run({});
    await space.forgetLogs();
    const sessions = `select cost_status, cast(sum(cost) as varchar) as cost, cast(sum(list_cost) as varchar) as list_cost, count(*) as n
      from usage where source_format = 'claude_code' group by cost_status`;
    const [unknown] = await space.ask(sessions);
    expect(unknown).toMatchObject({ cost_status: 'billing_unknown', cost: null });
    await space.carried(MINDS['billing'] ?? {}, NOW, async ({ carry }) => restampStale(carry, ALL));
    await space.run(MINDS['billing'] ?? {});
    expect(await space.ask(sessions)).toEqual([
      { cost_status: 'priced', cost: unknown?.['list_cost'], list_cost: unknown?.['list_cost'], n: unknown?.['n'] },
    ]);
  });
});

describe('the same decision', () => {
  test('comes to the same files under the same names when a crash or another worker makes it twice', async () => {
    const space = await fresh();
    await space.run({});
    const before = new Set(await space.keys('landing'));
    const made = async (): Promise<Map<string, string>> => {
      const keys = (await space.keys('landing')).filter((key) => !before.has(key));
      return new Map(
        await Promise.all(keys.map(async (key) => [key, (await space.bytes(key)).toString('hex')] as const)),
      );
    };
    // killed before the commit: the files lie there and count for nothing
    await space.carried(RATES, NOW, async ({ carry }) => prepareRestamp(carry, ALL));
    const first = await made();
    expect(first.size).toBeGreaterThan(5);
    for (const key of first.keys()) await rm(join(space.lake, key));
    const [one, two] = await space.carried(RATES, '2026-11-25T00:00:00Z', async ({ carry }) =>
      Promise.all([prepareRestamp(carry, ALL), prepareRestamp(carry, ALL)]),
    );
    expect(await made()).toEqual(first);
    expect(two.batches.map((batch) => batch.batchId)).toEqual(one.batches.map((batch) => batch.batchId));
    await space.carried(RATES, NOW, async ({ carry }) => {
      expect(await writeCommit(carry.lake, one.batches[0] as BatchCommit)).toBe('created');
      expect(await writeCommit(carry.lake, two.batches[0] as BatchCommit)).toBe('exists');
    });
  });

  test('carried on without deciding anything, every row, fingerprint and reject is what it was but for the commit', async () => {
    const space = await fresh();
    await space.run(RULES);
    const text = async (keys: readonly string[]): Promise<string[]> => {
      const rows: string[] = [];
      for (const key of keys)
        for await (const row of readLandingRows(await space.bytes(key)))
          rows.push(
            `${key.split('/')[2]} ${JSON.stringify({ ...row, commit_id: '' }, (_k, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`,
          );
      return rows.toSorted();
    };
    await space.carried(RULES, NOW, async ({ carry }) => {
      const [batch] = await readCommits(carry.lake);
      if (batch === undefined) throw new Error('nothing landed');
      const plan = { batchId: decisionIdOf(batch, batch.objects, 'copy'), stamp: 'other', outcome: 'landed' } as const;
      const copied = await carryOver(carry, batch, batch.objects, { ...plan, isDecidedAgain: () => false }, noMoves());
      expect(await text(copied.files.map((file) => file.key))).toEqual(await text(batch.files.map((file) => file.key)));
      expect(new Set(copied.files.map((file) => file.kind))).toEqual(
        new Set(['calls', 'sessions', 'buckets', 'prompts', 'rejects']),
      );
      for (const [i, object] of copied.objects.entries()) {
        const earlier = batch.objects[i];
        const { commitId: _id, decision, keptStamps = {}, ...facts } = object;
        expect({ ...facts, commitId: earlier?.commitId }).toEqual(earlier);
        expect(decision).toBe(1);
        expect(keptStamps).toEqual(Object.fromEntries(Object.keys(object.days).map((day) => [day, batch.stamp])));
      }
    });
  });
});

describe('which decision counts', () => {
  test('the one that follows, not the one with the later clock; and coming back to an old mind is a new decision', async () => {
    const space = await fresh({ 'log.jsonl': call('a', '2026-11-02') });
    await space.run({});
    const teams: unknown[] = [];
    // the clock of the later workers is behind, or stands still
    for (const [mind, now] of [
      [RULES, NOW],
      [{}, '2026-11-20T00:00:00Z'],
      [RULES, NOW],
      [{}, NOW],
      [RULES, NOW],
    ] as const) {
      expect((await space.run(mind, now)).restamp.objects).toBe(1);
      teams.push((await space.ask(TEAMS))[0]?.['team']);
    }
    expect(teams).toEqual(['platform', 'unallocated', 'platform', 'unallocated', 'platform']);
  });

  test('of two workers with different minds one wins, the same for all; the next run of a mind settles it', async () => {
    const space = await fresh({ 'log.jsonl': call('a', '2026-11-02') });
    await space.run({});
    const one = await space.carried(RULES, NOW, async ({ carry }) => prepareRestamp(carry, ALL));
    const two = await space.carried(RATES, NOW, async ({ carry }) => prepareRestamp(carry, ALL));
    await space.carried({}, NOW, async ({ carry }) => {
      for (const batch of [...two.batches, ...one.batches]) await writeCommit(carry.lake, batch);
      const batches = await readCommits(carry.lake);
      const winner = liveObjects(batches).get('log.jsonl')?.commit.commitId;
      expect(liveObjects(batches.toReversed()).get('log.jsonl')?.commit.commitId).toBe(winner);
      expect([...one.batches, ...two.batches].flatMap((b) => b.objects.map((o) => o.commitId))).toContain(winner);
    });
    await space.run(RULES);
    expect(await space.ask(TEAMS)).toMatchObject([{ team: 'platform' }]);
    await space.run(RATES);
    expect(await space.ask(TEAMS)).toMatchObject([{ team: 'unallocated' }]);
  });

  test('a new version of the object is read under today’s mind, whatever was decided about the old one', async () => {
    const space = await fresh({ 'log.jsonl': call('a', '2026-11-02') });
    await space.run({});
    await space.run(RULES);
    await space.write({ 'log.jsonl': call('a', '2026-11-02', { user: 'bob' }) }, new Date('2026-11-21T00:00:00Z'));
    expect((await space.run(RULES)).restamp.batches).toEqual([]);
    expect(await space.ask(TEAMS)).toMatchObject([{ team: 'unallocated' }]);
  });
});

describe('damage', () => {
  test('a landing file that is gone is named, and nothing is committed', async () => {
    const space = await fresh({ 'log.jsonl': call('a', '2026-11-02') });
    await space.run({});
    const [key] = await space.keys('landing');
    await rm(join(space.lake, key ?? ''));
    await expect(space.run(RULES)).rejects.toThrow(`${key} is missing`);
    expect(await space.keys('commits')).toHaveLength(1);
  });

  test.each([
    ['rows', { records: 3 }],
    ['input tokens', { inputTokens: 2001 }],
    ['output tokens', { outputTokens: 1 }],
  ])('%s that landed and are not found again are noticed', async (_what, landed) => {
    const space = await fresh({ 'log.jsonl': call('a', '2026-11-02') + call('b', '2026-11-02') });
    await space.run({});
    await space.carried(RULES, NOW, async ({ carry }) => {
      const [batch] = await readCommits(carry.lake);
      const [commit] = batch?.objects ?? [];
      if (batch === undefined || commit === undefined) throw new Error('nothing landed');
      const plan = { batchId: 'x', stamp: carry.tools.stamp, outcome: 'landed', isDecidedAgain: () => true } as const;
      await expect(carryOver(carry, batch, [{ ...commit, ...landed }], plan, noMoves())).rejects.toThrow(
        'log.jsonl: 2 of',
      );
    });
  });
});
