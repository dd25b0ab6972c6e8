import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask, land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';
import { expectedTwins, twinDay, twinSpec } from '../fixtures/twin-model.ts';
import type { TwinRow } from '../fixtures/twin-model.ts';

const WIDE_DAYS = 4;

const drawnRow = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  alt: fc.subarray(['b', 'x', 'y'], { maxLength: 2 }),
  day: fc.nat(13),
  kind: fc.constantFrom<TwinRow['kind']>('provider', 'gateway', 'agent', 'gateway'),
  session: fc.option(fc.constantFrom('s1', 's2', 's3')),
  team: fc.option(fc.constantFrom('t1', 't2')),
  object: fc.nat(5),
});

/** Rows over a fortnight with few ids, so that chains, bridges and far copies are common; tokens tell rows apart. */
const drawnRows = fc.array(drawnRow, { minLength: 4, maxLength: 26 }).map((rows) =>
  rows.map((row, i): TwinRow => ({
    ...row,
    alt: row.alt.filter((alt) => alt !== row.id),
    tokens: 1000 + ((i * 7919) % 997),
    object: `o${row.object}.jsonl`,
  })),
);

async function usageOf(lake: TestLake): Promise<unknown> {
  const rows = await ask(
    lake,
    `select record_id as id, cast(day as varchar) as day, cast(input_tokens as integer) as tokens, session_id as session,
      nullif(team, 'unallocated') as team from usage order by input_tokens`,
  );
  const excluded = await ask(
    lake,
    'select cast(input_tokens as integer) as tokens, kept_record_id as kept from usage_excluded order by input_tokens',
  );
  return { usage: rows, excluded };
}

const expectedOf = (rows: readonly TwinRow[]): unknown => {
  const { usage, excluded } = expectedTwins(rows, WIDE_DAYS);
  return { usage: usage.map((row) => ({ ...row, day: twinDay(row.day) })), excluded };
};

/** What arrives one after another: each time one object, in a new version where it was there before. */
const arrivals = fc
  .tuple(drawnRows, fc.array(fc.tuple(fc.nat(5), fc.nat(25), fc.boolean()), { maxLength: 3 }))
  .map(([rows, again]) => {
    const first = [...Map.groupBy(rows, (row) => row.object)].map(([object, own]) => ({
      object,
      own,
      isSealed: own.length % 2 === 1,
    }));
    const later = again.flatMap(([which, from, isSealed]) => {
      const object = `o${which}.jsonl`;
      return first.some((arrival) => arrival.object === object)
        ? [{ object, own: rows.slice(from).filter((row, i) => i % 2 === 0 && row.object === object), isSealed }]
        : [];
    });
    return [...first, ...later];
  });

test('however objects and their versions arrive, every seal comes to what the written rule says of all rows at once', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (steps) => {
      const lake = await openTestLake({ wideDays: WIDE_DAYS });
      try {
        const live = new Map<string, TwinRow[]>();
        for (const [i, { object, own, isSealed }] of steps.entries()) {
          await land(lake, { [object]: own.map(twinSpec) }, Date.UTC(2026, 10, 20) + i);
          live.set(object, own);
          if (!isSealed && i < steps.length - 1) continue;
          await sealAll(lake);
          expect(await usageOf(lake)).toEqual(expectedOf([...live.values()].flat()));
        }
      } finally {
        await lake.close();
      }
    }),
    { numRuns: Number(process.env['TWIN_RUNS'] ?? 12) },
  );
}, 600_000);
