import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceFrom, createChance } from '../../lib/simulate/chance.ts';

const first = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

describe('the generator', () => {
  test('is the published xoshiro128** sequence', () => {
    // state 1, 2, 3, 4 in the authors' C program, version 1.1, as quoted by the tests of the Rust crate rand_xoshiro
    expect(first(10, chanceFrom([1, 2, 3, 4]).bits)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  test('does not start from nothing', () => {
    expect(() => chanceFrom([0, 0, 0, 0])).toThrow(RangeError);
  });
});

describe('streams', () => {
  test('are the same again, and others under another name or seed', () => {
    const streams = [
      createChance(1, 'batch share'),
      createChance(1, 'batch share'),
      createChance(1, 'batch shara'),
      createChance(2, 'batch share'),
      createChance(1, ''),
      createChance(11, 'batch share'),
    ].map((chance) => first(4, chance.bits).join());
    expect(streams[1]).toBe(streams[0]);
    expect(new Set(streams).size).toBe(5);
  });

  test('a stream does not move when another is drawn from', () => {
    const alone = first(8, createChance(3, 'a').uniform);
    const [a, b] = [createChance(3, 'a'), createChance(3, 'b')];
    expect(
      first(8, () => {
        b.bits();
        return a.uniform();
      }),
    ).toEqual(alone);
  });

  test('of neighboring names have nothing to do with each other', () => {
    const [a, b] = [createChance(5, 'x1'), createChance(5, 'x2')];
    const n = 10_000;
    let product = 0;
    for (let i = 0; i < n; i++) product += (a.uniform() - 0.5) * (b.uniform() - 0.5);
    // correlation of independent streams has standard deviation 1/√n = 0.01
    expect(Math.abs((12 * product) / n)).toBeLessThan(0.04);
  });
});

describe('draws', () => {
  test('are evenly spread: chi-square over 100 bins', () => {
    const n = 100_000;
    const chance = createChance(20_261_101, 'bins');
    const bins = new Float64Array(100);
    for (let i = 0; i < n; i++) {
      const bin = Math.floor(chance.uniform() * 100);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const statistic = bins.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0);
    // 99 degrees of freedom: 0.1 % of draws lie below 60.2, and as many above 148.2
    expect(statistic).toBeGreaterThan(60.2);
    expect(statistic).toBeLessThan(148.2);
  });

  test('never reach an end and stay below their limit', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.integer({ min: 1, max: 1e9 }), (seed, name, limit) => {
        const chance = createChance(seed, name);
        const uniform = chance.uniform();
        const whole = chance.below(limit);
        expect(uniform > 0 && uniform < 1).toBe(true);
        expect(Number.isInteger(whole) && whole >= 0 && whole < limit).toBe(true);
      }),
    );
  });

  test('from the words nearest to the ends are half a step away from them', () => {
    // a second word of 0 gives 0, and with equal words around it stays: two words without any bit
    expect(chanceFrom([1, 0, 1, 0]).uniform()).toBe(2 ** -53);
    // all bits: the generator's last steps backwards, by the inverses of 9 and 5 modulo 2³²
    const beforeTimes9 = Math.imul(0x38e38e39, -1);
    const all = Math.imul((beforeTimes9 >>> 7) | (beforeTimes9 << 25), 0xcccccccd);
    expect(chanceFrom([1, all, 1, 1]).uniform()).toBe(1 - 2 ** -53);
  });
});
