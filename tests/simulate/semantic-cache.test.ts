import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { certifiedThreshold, hitBand, thresholdLooks } from '../../lib/simulate/semantic-cache.ts';
import { createRandom } from '../../lib/generate/random.ts';

describe('a certified threshold', () => {
  const clean = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ similarity: 1 - i / 10_000, isSameAnswer: true }));

  // 1 − 0.05^(1/n) ≤ 0.01 from n = 299 on (the rule of three says 300)
  test('needs about 300 clean labels for one percent', () => {
    expect(certifiedThreshold(clean(298), 0.01, 0.95)).toBeNull();
    expect(certifiedThreshold(clean(299), 0.01, 0.95)).toMatchObject({ checked: 299, errors: 0 });
  });

  test('is the lowest of those looked at that holds', () => {
    // 800, 400 of them and no fewer: each at 97.5 %. Above the first 400 no error: 1 − 0.025^(1/400) = 0.918 %
    const pairs = [
      ...clean(400),
      ...Array.from({ length: 400 }, (_, i) => ({ similarity: 0.5 - i / 1000, isSameAnswer: i % 4 > 0 })),
    ];
    const looks = thresholdLooks(pairs, 0.01, 0.95);
    expect(looks.map(({ checked, errors }) => [checked, errors])).toEqual([
      [800, 100],
      [400, 0],
    ]);
    expect(looks[1]?.upperFalseShare).toBeCloseTo(1 - 0.025 ** (1 / 400), 12);
    expect(certifiedThreshold(pairs, 0.01, 0.95)).toEqual(looks[1]);
    // one error in a hundred among the others as well: all 800 hold 2 %
    const fewer = pairs.map((pair, i) => ({ ...pair, isSameAnswer: i !== 500 && i !== 600 }));
    expect(certifiedThreshold(fewer, 0.02, 0.95)).toMatchObject({ checked: 800, errors: 2 });
  });

  test('takes all pairs of one similarity or none', () => {
    const pairs = Array.from({ length: 1200 }, (_, i) => ({
      similarity: i < 100 ? 0.9 : 0.8,
      isSameAnswer: i !== 700,
    }));
    expect(thresholdLooks(pairs, 0.01, 0.95)).toMatchObject([{ threshold: 0.8, checked: 1200, errors: 1 }]);
  });

  test('counts what lies at or above it, in whatever order the pairs come', () => {
    const pair = fc.record({ similarity: fc.constantFrom(0.5, 0.6, 0.7, 0.8, 0.9), isSameAnswer: fc.boolean() });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 40 }), (pairs) => {
        // half of all wrong, at 95 %: five pairs could do
        const looks = thresholdLooks(pairs, 0.5, 0.95);
        expect(looks.length > 0).toBe(pairs.length >= 5);
        expect(looks.map(({ threshold }) => threshold)).toEqual(
          [...new Set(looks.map(({ threshold }) => threshold))].toSorted((a, b) => a - b),
        );
        for (const { threshold, checked, errors } of looks) {
          const above = pairs.filter(({ similarity }) => similarity >= threshold);
          expect([checked, errors]).toEqual([above.length, above.filter(({ isSameAnswer }) => !isSameAnswer).length]);
        }
      }),
    );
  });

  test.each([300, 1000, 3000])(
    'is given to %i pairs that do not keep to the share in five of a hundred draws at most',
    (count) => {
      // evenly wrong at exactly the share is the worst case: wherever one looks it may seem to hold
      const random = createRandom(count);
      const draws = 1000;
      let certified = 0;
      for (let draw = 0; draw < draws; draw++) {
        const pairs = Array.from({ length: count }, () => ({
          similarity: random.next(),
          isSameAnswer: random.next() >= 0.01,
        }));
        if (certifiedThreshold(pairs, 0.01, 0.95) !== null) certified++;
      }
      expect(certified / draws).toBeLessThanOrEqual(0.05);
      expect(certified).toBeGreaterThan(0);
    },
  );

  test('needs evidence', () => {
    expect(certifiedThreshold([], 0.5, 0.95)).toBeNull();
  });
});

describe('without evidence', () => {
  // facts/simulation.md §2.3
  test.each([
    ['faq', 0.2, 0.45],
    ['open_chat', 0.05, 0.2],
    ['agents', 0, 0.02],
  ] as const)('%s has the band of the literature, as an illustration', (application, low, high) => {
    expect(hitBand(application, parametersWith())).toMatchObject({ basis: 'illustrative', low, high });
  });

  test('an unknown application has none', () => {
    expect(hitBand(null, parametersWith())).toMatchObject({ basis: 'not_identifiable' });
  });
});
