/** Which days a statement must read: those in reach, and the far ones only where a row may look there. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BatchCommit } from '../../lib/commit.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { daysInReach, landingKeys, wideRowDays } from '../../lib/seal/reach.ts';
import { land, openTestLake } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(async () => await lake.close());

const row = fc.record({
  day: fc.integer({ min: 1, max: 6 }),
  class: fc.constantFrom('calls' as const, 'sessions' as const, 'buckets' as const),
  inferred: fc.boolean(),
});

describe('days with a row whose twins may lie far away', () => {
  test('are those whose landing files hold one', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
        const specs = rows.map((spec) => ({
          id: `id-${n}`,
          at: `2026-11-0${spec.day}T10:00:00Z`,
          class: spec.class,
          inferred: spec.inferred,
          ...(spec.class === 'sessions' ? { record: { isSession: true } } : {}),
        }));
        const batch = await land(lake, { [`o${n++}.jsonl`]: specs });
        const set = freeze([batch]);
        const keys = landingKeys(set, ['calls', 'sessions'], () => true);
        await lake.engine.files('landing', lake.context.landing.rows, keys);
        const found = await lake.engine.query('select distinct day from landing where is_wide');
        expect([...wideRowDays(set)].toSorted()).toEqual(found.map(({ day }) => String(day)).toSorted());
      }),
      { numRuns: 40 },
    );
  });

  test('are all days of files of which nobody noted it', async () => {
    const batch = await land(lake, { 'old.jsonl': [{ id: 'old', at: '2026-11-02T10:00:00Z' }] });
    const unnoted: BatchCommit = {
      ...batch,
      files: batch.files.map(({ key, kind, day, rows }) => ({ key, kind, day, rows })),
    };
    expect([...wideRowDays(freeze([batch]))]).toEqual([]);
    expect([...wideRowDays(freeze([unnoted]))]).toEqual(['2026-11-02']);
  });
});

test('reach is two days around, all days around a wide row at hand, and the days around wide rows far away', () => {
  const reach = (wide: readonly string[]): string[] =>
    [...daysInReach(['2026-11-10'], 40, new Set(wide))].toSorted().map((day) => day.slice(5));
  expect(reach([])).toEqual(['11-08', '11-09', '11-10', '11-11', '11-12']);
  expect(reach(['2026-12-01'])).toEqual(['11-08', '11-09', '11-10', '11-11', '11-12', '11-30', '12-01', '12-02']);
  expect(reach(['2026-12-31'])).toHaveLength(5);
  expect(reach(['2026-11-11'])).toHaveLength(83);
});
