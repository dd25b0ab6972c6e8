/** Versions of one object, and what of landing goes once newer ones took their place. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCommits } from '../../lib/commit.ts';
import { SET_PREFIX, freeze } from '../../lib/seal/dirty-days.ts';
import { clearedLanding, retireLanding, sweepLanding, sweepSets } from '../../lib/seal/landing-sweep.ts';
import { retire, sweep } from '../../lib/seal/sweep.ts';
import { ask, land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';
import type { RowSpec } from '../fixtures/ledger-rows.ts';

let lake: TestLake;
beforeEach(async () => {
  lake = await openTestLake();
});
afterEach(async () => {
  await lake.close();
});

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 20);
const GRACE_MS = 24 * HOUR_MS;
const row = (id: string, day = 2, tokens = 100): RowSpec => ({
  id,
  at: `2026-11-${String(day).padStart(2, '0')}T10:00:00Z`,
  record: { inputTokens: tokens },
});
const usage = () =>
  ask(lake, 'select record_id, cast(day as varchar) as day, input_tokens from usage order by record_id, day');
const keysBelow = async (prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of lake.store.list(prefix)) keys.push(key);
  return keys;
};

async function retireAndSweep(nowMs: number): Promise<number> {
  const batches = await readCommits(lake.store);
  await retireLanding(lake.store, batches, freeze(batches), nowMs);
  return await sweepLanding(lake.store, nowMs, GRACE_MS);
}

describe('versions of one object', () => {
  test('A, then B, then A again: the newest stands, whichever was read last', async () => {
    const a = [row('a', 2), row('b', 3)];
    const b = [row('c', 4)];
    await land(lake, { 'log.jsonl': a }, START_MS);
    await sealAll(lake);
    await land(lake, { 'log.jsonl': b }, START_MS + HOUR_MS);
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03', '2026-11-04']);
    expect(await usage()).toEqual([{ record_id: 'c', day: '2026-11-04', input_tokens: '100' }]);
    await land(lake, { 'log.jsonl': a }, START_MS + 2 * HOUR_MS);
    await sealAll(lake);
    expect((await usage()).map((r) => r['record_id'])).toEqual(['a', 'b']);
    expect(await ask(lake, 'select record_id from usage_excluded')).toEqual([]);
  });

  test('an older version that is read late changes nothing', async () => {
    await land(lake, { 'log.jsonl': [row('new')] }, START_MS + HOUR_MS);
    await sealAll(lake);
    await land(lake, { 'log.jsonl': [row('old')] }, START_MS);
    expect(await sealAll(lake)).toEqual([]);
    expect((await usage()).map((r) => r['record_id'])).toEqual(['new']);
  });

  test('a newest version without usage lines empties its days; one that drops a day keeps the other', async () => {
    await land(lake, { 'one.jsonl': [row('a', 2)], 'two.jsonl': [row('b', 2), row('c', 3)] }, START_MS);
    await sealAll(lake);
    await land(lake, { 'one.jsonl': [] }, START_MS + HOUR_MS);
    await land(lake, { 'two.jsonl': [row('c', 3)] }, START_MS + HOUR_MS);
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03']);
    expect(await usage()).toEqual([{ record_id: 'c', day: '2026-11-03', input_tokens: '100' }]);
    expect(await sealAll(lake)).toEqual([]);
  });

  test('a version that could not be read does not take away what the one before said', async () => {
    await land(lake, { 'log.jsonl': [row('a')] }, START_MS);
    await land(lake, { 'log.jsonl': [] }, START_MS + HOUR_MS, 'failed');
    await sealAll(lake);
    expect((await usage()).map((r) => r['record_id'])).toEqual(['a']);
  });

  test('a twin that a newer version no longer tells of gives its place back, on the other day too', async () => {
    await land(lake, { 'gateway.jsonl': [{ ...row('x', 3, 90), kind: 'gateway' }] }, START_MS);
    await land(lake, { 'provider.jsonl': [row('x', 2)] }, START_MS);
    await sealAll(lake);
    await land(lake, { 'provider.jsonl': [row('y', 2)] }, START_MS + HOUR_MS);
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03']);
    expect(await usage()).toEqual([
      { record_id: 'x', day: '2026-11-03', input_tokens: '90' },
      { record_id: 'y', day: '2026-11-02', input_tokens: '100' },
    ]);
  });
});

describe('landing that nothing needs any more', () => {
  test('a session file synced many times leaves one version in landing after the grace period, and seals on without the others', async () => {
    const SYNCS = 12;
    const lines = (n: number): RowSpec[] => Array.from({ length: n }, (_, i) => row(`m${i + 1}`, 2 + (i % 2), i + 1));
    for (let n = 1; n <= SYNCS; n++) await land(lake, { 'session.jsonl': lines(n) }, START_MS + n * HOUR_MS);
    await sealAll(lake);
    expect((await keysBelow('landing/')).length).toBe(2 * SYNCS - 1);
    const nowMs = START_MS + 20 * HOUR_MS;
    expect(await retireAndSweep(nowMs)).toBe(0);
    expect(await retireAndSweep(nowMs + GRACE_MS - 1)).toBe(0);
    expect(await retireAndSweep(nowMs + GRACE_MS)).toBe(2 * SYNCS - 3);
    expect((await keysBelow('landing/')).length).toBe(2);
    expect((await clearedLanding(lake.store)).size).toBe(2 * SYNCS - 3);
    expect(await retireAndSweep(nowMs + 2 * GRACE_MS)).toBe(0);
    await land(lake, { 'session.jsonl': lines(SYNCS + 1) }, nowMs + 3 * GRACE_MS);
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03']);
    expect(await usage()).toHaveLength(SYNCS + 1);
  });

  test('of a batch that still has a live object only the files go that it has no rows in', async () => {
    await land(lake, { 'still.jsonl': [row('s', 5)], 'moving.jsonl': [row('m', 5), row('n', 6)] }, START_MS);
    await land(lake, { 'moving.jsonl': [row('m', 7)] }, START_MS + HOUR_MS);
    await sealAll(lake);
    await retireAndSweep(START_MS);
    expect(await retireAndSweep(START_MS + GRACE_MS)).toBe(1);
    expect((await keysBelow('landing/')).map((key) => key.split('/')[3])).toEqual(['day=2026-11-05', 'day=2026-11-07']);
    await land(lake, { 'more.jsonl': [row('o', 5)] }, START_MS + 2 * HOUR_MS);
    await sealAll(lake);
    expect((await usage()).map((r) => r['record_id'])).toEqual(['m', 'o', 's']);
  });

  test('a file whose reads came back to life before it was removed stays', async () => {
    const first = await land(lake, { 'log.jsonl': [row('a')] }, START_MS);
    const batches = await readCommits(lake.store);
    await retireLanding(lake.store, batches, { objects: [] }, START_MS);
    expect(await sweepLanding(lake.store, START_MS + GRACE_MS, GRACE_MS)).toBe(0);
    expect(await keysBelow('landing/')).toEqual(first.files.map((file) => file.key));
  });

  test('removing again after a crash between any two removals ends the same', async () => {
    for (let n = 0; n < 3; n++) await land(lake, { 'log.jsonl': [row('a', 2), row('b', 3)] }, START_MS + n * HOUR_MS);
    await retireAndSweep(START_MS);
    let calls = 0;
    for (let killAt = 1; killAt < 40; killAt++) {
      calls = 0;
      const dying = new Proxy(lake.store, {
        get(target, name) {
          const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
          if (name === 'list') return method;
          return (...args: unknown[]) => {
            if (++calls >= killAt) throw new Error('killed');
            return method.apply(target, args);
          };
        },
      });
      const died = await sweepLanding(dying, START_MS + GRACE_MS, GRACE_MS).then(
        () => false,
        () => true,
      );
      if (!died) break;
    }
    expect(await keysBelow('landing/')).toHaveLength(2);
    expect(await keysBelow('retired-landing/')).toEqual([]);
    expect(await clearedLanding(lake.store)).toHaveProperty('size', 4);
  });
});

describe('sets and generations', () => {
  test('commit sets that no day names go after the grace period; without a set every day looks changed, and comes out the same', async () => {
    for (let n = 1; n <= 3; n++) {
      await land(lake, { 'log.jsonl': [row('a', 2, n)] }, START_MS + n * HOUR_MS);
      await sealAll(lake);
    }
    const state = await lake.catalog.read();
    const now = Math.max(...(await ageOf(SET_PREFIX)));
    expect(await sweepSets(lake.store, state, now, GRACE_MS)).toBe(0);
    expect(await sweepSets(lake.store, state, now + GRACE_MS, GRACE_MS)).toBe(2);
    const [kept] = await keysBelow(SET_PREFIX);
    expect(kept).toBe(`${SET_PREFIX}${state.tables['usage']?.['2026-11-02']?.madeFrom}.json`);
    await lake.store.remove([kept ?? '']);
    await land(lake, { 'other.jsonl': [row('b', 9)] }, START_MS + 5 * HOUR_MS);
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-09']);
    expect(await usage()).toHaveLength(2);
  });

  async function ageOf(prefix: string): Promise<number[]> {
    const ages: number[] = [];
    for await (const { lastModifiedMs } of lake.store.list(prefix)) ages.push(lastModifiedMs);
    return ages;
  }

  test('a generation that a killed run left behind goes like a replaced one; one that is pointed at stays, whatever its marker says', async () => {
    await land(lake, { 'log.jsonl': [row('a')] }, START_MS);
    await sealAll(lake);
    await lake.store.put('v1/sealed/g=orphan/kind=usage/day=2026-11-02/data_0.parquet', new Uint8Array([1]));
    const state = await lake.catalog.read();
    const live = state.tables['usage']?.['2026-11-02']?.generation ?? '';
    await retire(lake.store, state, START_MS);
    await lake.store.put(`retired/v1/${live}.json`, new TextEncoder().encode(JSON.stringify({ retiredAtMs: 0 })));
    expect(await sweep(lake.store, state, START_MS + GRACE_MS - 1, GRACE_MS)).toBe(0);
    expect(await sweep(lake.store, state, START_MS + GRACE_MS, GRACE_MS)).toBe(1);
    expect((await keysBelow('v1/sealed/')).every((key) => key.includes(`g=${live}/`))).toBe(true);
    expect(await usage()).toHaveLength(1);
    expect(await keysBelow('retired/')).toEqual([]);
  });
});
