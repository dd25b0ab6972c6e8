import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import {
  certifiedThreshold,
  hitBand,
  replaySemanticHits,
  semanticSavingPico,
  servedShare,
  thresholdSweep,
} from '../../lib/simulate/semantic-cache.ts';
import type { NearestRequests, UpperBound } from '../../lib/simulate/semantic-cache.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

/** Exact for no error in n, (1 − p)ⁿ = 0.05; with errors any larger bound does for these tests. */
const upperBound: UpperBound = (errors, checked) =>
  errors === 0 ? 1 - 0.05 ** (1 / checked) : Math.min(1, (errors + 3 + 2 * Math.sqrt(errors)) / checked);

describe('a certified threshold', () => {
  const clean = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ similarity: 1 - i / 1000, isSameAnswer: true }));

  // 1 − 0.05^(1/n) ≤ 0.01 from n = 299 on (the rule of three says 300)
  test('needs about 300 clean labels for one percent', () => {
    expect(certifiedThreshold(clean(298), 0.01, upperBound)).toBeNull();
    expect(certifiedThreshold(clean(299), 0.01, upperBound)).toMatchObject({ checked: 299, errors: 0 });
  });

  test('is the smallest that holds', () => {
    const pairs = [...clean(400), { similarity: 0.5, isSameAnswer: false }, { similarity: 0.4, isSameAnswer: false }];
    expect(certifiedThreshold(pairs, 0.01, upperBound)).toMatchObject({ threshold: 1 - 399 / 1000, checked: 400 });
    // 402 checked, two errors: (2 + 3 + 2·1.414) / 402 = 1.9 %
    expect(certifiedThreshold(pairs, 0.02, upperBound)).toMatchObject({ threshold: 0.4, checked: 402, errors: 2 });
  });

  test('takes all pairs of one similarity or none', () => {
    const pairs = [
      { similarity: 0.9, isSameAnswer: true },
      { similarity: 0.8, isSameAnswer: true },
      { similarity: 0.8, isSameAnswer: false },
      { similarity: 0.8, isSameAnswer: true },
    ];
    expect(thresholdSweep(pairs, (errors, checked) => errors / checked)).toEqual([
      { threshold: 0.9, checked: 1, errors: 0, upperFalseShare: 0 },
      { threshold: 0.8, checked: 4, errors: 1, upperFalseShare: 0.25 },
    ]);
  });

  test('counts what lies at or above it, in whatever order the pairs come', () => {
    const pair = fc.record({ similarity: fc.constantFrom(0.5, 0.6, 0.7, 0.8, 0.9), isSameAnswer: fc.boolean() });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 40 }), (pairs) => {
        const sweep = thresholdSweep(pairs, upperBound);
        expect(sweep.map(({ threshold }) => threshold)).toEqual(
          [...new Set(pairs.map(({ similarity }) => similarity))].toSorted((a, b) => b - a),
        );
        for (const { threshold, checked, errors } of sweep) {
          const above = pairs.filter(({ similarity }) => similarity >= threshold);
          expect([checked, errors]).toEqual([above.length, above.filter(({ isSameAnswer }) => !isSameAnswer).length]);
        }
      }),
    );
  });

  test('needs evidence', () => {
    expect(certifiedThreshold([], 0.5, upperBound)).toBeNull();
  });
});

describe('the replay', () => {
  const requests = (
    rows: readonly [time: number, answered: number, nearest: number, similarity: number][],
  ): NearestRequests => ({
    timeMs: Float64Array.from(rows, ([time]) => time),
    answeredMs: Float64Array.from(rows, ([, answered]) => answered),
    nearest: Int32Array.from(rows, ([, , nearest]) => nearest),
    similarity: Float64Array.from(rows, ([, , , similarity]) => similarity),
  });

  test.each([
    ['at the threshold', [20, 30, 0, 0.9], 1],
    ['below it', [20, 30, 0, 0.89], 0],
    ['without a neighbor', [20, 30, -1, NaN], 0],
    ['before the answer is there', [9, 30, 0, 1], 0],
    ['when it is just there', [10, 30, 0, 1], 1],
    ['at the end of its life', [100, 130, 0, 1], 1],
    ['after it', [101, 130, 0, 1], 0],
  ] as const)('%s', (_what, second, hits) => {
    const replay = replaySemanticHits(requests([[0, 10, -1, NaN], [...second]]), 0.9, 100);
    expect([replay.hits, [...replay.isHit]]).toEqual([hits, [0, hits]]);
  });

  test('tells hits on answers of the model from hits on hits', () => {
    const chain = requests([
      [0, 1, -1, NaN],
      [10, 11, 0, 1],
      [20, 21, 1, 1],
    ]);
    expect(replaySemanticHits(chain, 0.9, null)).toMatchObject({ hits: 2, hitsOnAnswered: 1 });
  });

  test('never has more hits at a higher threshold or with a shorter life', () => {
    const row = fc.tuple(fc.nat(50), fc.nat(30), drawnBetween(0, 1), drawnBetween(0, 1));
    const unit = drawnBetween(0, 1);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), unit, unit, fc.nat(200), (rows, a, b, ttlMs) => {
        let now = 0;
        const drawn = requests(
          rows.map(([gap, latency, similarity, nearest], i) => {
            now += gap;
            return [now, now + latency, Math.min(i, Math.floor(nearest * (i + 1))) - 1, similarity];
          }),
        );
        const hits = (threshold: number, life: number | null): number =>
          replaySemanticHits(drawn, threshold, life).hits;
        expect(hits(Math.max(a, b), null)).toBeLessThanOrEqual(hits(Math.min(a, b), null));
        expect(hits(a, ttlMs)).toBeLessThanOrEqual(hits(a, ttlMs + 1));
        expect(hits(a, ttlMs)).toBeLessThanOrEqual(hits(a, null));
      }),
    );
  });

  test('refuses neighbors from the future', () => {
    expect(() => replaySemanticHits(requests([[0, 1, 0, 1]]), 0.9, null)).toThrow('request 0: its nearest request 0');
  });
});

describe('the saving', () => {
  // hits 1,000,000; 30,000 embedding; 20,000 lookups; 2 % wrong, each three calls: 60,000
  test('takes off embedding, lookups and wrong hits', () => {
    const costs = { hitsPico: 1_000_000n, embedPico: 30_000n, lookupPico: 20_000n, falseShare: 0.02, falseHitCalls: 3 };
    expect(semanticSavingPico(costs)).toBe(890_000n);
  });

  test('of wrong hits alone is never positive', () => {
    const pico = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(pico, pico, pico, drawnBetween(1, 100), (hitsPico, embedPico, lookupPico, falseHitCalls) => {
        const saving = semanticSavingPico({ hitsPico, embedPico, lookupPico, falseShare: 1, falseHitCalls });
        expect(saving <= -(embedPico + lookupPico)).toBe(true);
      }),
    );
  });

  // 5 % exact, 20 % of the rest: 0.05 + 0.95 · 0.2
  test('comes after exact repeats', () => {
    expect(servedShare(0.05, 0.2)).toBeCloseTo(0.24, 12);
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
