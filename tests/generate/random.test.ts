import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, seedFor } from '../../lib/generate/random.ts';

describe('seeded chance', () => {
  test('is the published mulberry32 sequence', () => {
    // first three draws for seed 1, from the reference implementation in JavaScript (public domain, T. Ettinger)
    const random = createRandom(1);
    expect([random.next(), random.next(), random.next()].map((n) => Math.floor(n * 2 ** 32))).toEqual([
      2693262067, 11749833, 2265367787,
    ]);
  });

  test('draws stay in their ranges', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 1000 }),
        (seed, limit, from) => {
          const random = createRandom(seed);
          const below = random.below(limit);
          const between = random.between(from, from + 5);
          expect(below >= 0 && below < limit && Number.isInteger(below)).toBe(true);
          expect(between >= from && between <= from + 5).toBe(true);
          expect(random.skewed(100, 1)).toBeGreaterThanOrEqual(1);
          expect(random.hex(11)).toMatch(/^[0-9a-f]{11}$/);
        },
      ),
    );
  });

  test('weights decide how often an index comes, and zero never does', () => {
    const random = createRandom(3);
    const seen = [0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const index = random.weighted([1, 0, 3]);
      seen[index] = (seen[index] ?? 0) + 1;
    }
    expect(seen[1]).toBe(0);
    // expected 1000 and 3000; six standard deviations (27) are 165
    expect(Math.abs((seen[0] ?? 0) - 1000)).toBeLessThan(165);
  });

  test('nothing can be picked from nothing', () => {
    expect(() => createRandom(1).pick([])).toThrow(RangeError);
  });

  test('parts of one seed have seeds of their own', () => {
    const seeds = ['a', 'b', 'ab', 'ba', ''].map((part) => seedFor(7, part));
    expect(new Set(seeds).size).toBe(5);
    expect(seedFor(7, 'a')).not.toBe(seedFor(8, 'a'));
  });
});
