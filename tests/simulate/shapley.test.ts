import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapleyShares } from '../../lib/simulate/shapley.ts';
import { traceRows } from '../fixtures/prompt-paths.ts';

/** The definition: the mean over all orders of what a lever adds when its turn comes, as a fraction numerator / n!. */
function byOrders(levers: number, savingOf: readonly bigint[]): bigint[] {
  const sums = Array.from({ length: levers }, () => 0n);
  const visit = (mask: number): bigint => {
    // number of orders that continue from here is (levers - size)!, each adds the same marginal of the lever that comes next
    let orders = 0n;
    for (let lever = 0; lever < levers; lever++) {
      if (mask & (1 << lever)) continue;
      const next = mask | (1 << lever);
      const below = visit(next);
      const marginal = (savingOf[next] ?? 0n) - (savingOf[mask] ?? 0n);
      sums[lever] = (sums[lever] ?? 0n) + marginal * below;
      orders += below;
    }
    return orders === 0n ? 1n : orders;
  };
  visit(0);
  return sums;
}

const savings = fc.integer({ min: 0, max: 5 }).chain((levers) =>
  fc.tuple(
    fc.constant(levers),
    fc
      .array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), {
        minLength: (1 << levers) - 1,
        maxLength: (1 << levers) - 1,
      })
      .map((values) => [0n, ...values]),
  ),
);

describe('laws', () => {
  test('the shares sum to the saving of all, to the last digit', () => {
    fc.assert(
      fc.property(savings, ([levers, savingOf]) => {
        const sum = shapleyShares(levers, savingOf).reduce((total, share) => total + share, 0n);
        expect(sum).toBe(savingOf.at(-1));
      }),
    );
  });

  test('each share is the mean over all orders, less than a picodollar away', () => {
    fc.assert(
      fc.property(savings, ([levers, savingOf]) => {
        const orders = [1n, 1n, 2n, 6n, 24n, 120n][levers] ?? 0n;
        const sums = byOrders(levers, savingOf);
        for (const [lever, share] of shapleyShares(levers, savingOf).entries()) {
          const away = share * orders - (sums[lever] ?? 0n);
          expect(away < orders && away > -orders).toBe(true);
        }
      }),
    );
  });

  test('a lever that never adds anything gets nothing; two that always add the same share evenly', () => {
    expect(shapleyShares(3, [0n, 10n, 10n, 20n, 0n, 10n, 10n, 20n])).toEqual([10n, 10n, 0n]);
  });
});

test('what does not fit is refused', () => {
  expect(() => shapleyShares(2, [0n, 1n])).toThrow('Shapley shares of 2 levers need 4 savings, got 2');
});

// facts/simulation.md §10.2: large 2.50/10, small 0.15/0.60 per million; C caches row i if i mod 10 = 0, D moves it to the small model if
// i mod 2 = 0, B halves its price if i mod 3 = 0
test('the worked example on a real trace, to the cent', () => {
  const rows = traceRows('azure_code.csv.gz').map((row) => row.trim().split(',').slice(1).map(BigInt));
  const costOf = (mask: number): bigint =>
    rows.reduce((sum, [input = 0n, output = 0n], i) => {
      if (mask & 1 && i % 10 === 0) return sum;
      const price =
        mask & 2 && i % 2 === 0 ? input * 150_000n + output * 600_000n : input * 2_500_000n + output * 10_000_000n;
      return sum + (mask & 4 && i % 3 === 0 ? price / 2n : price);
    }, 0n);
  const costs = Array.from({ length: 8 }, (_, mask) => costOf(mask));
  const dollars = (pico: bigint): string => (Number(pico) / 1e12).toFixed(4);
  expect(costs.map(dollars)).toEqual([
    '47.6089',
    '42.7063',
    '25.0932',
    '24.7991',
    '39.7120',
    '35.5906',
    '20.9140',
    '20.6667',
  ]);
  const shares = shapleyShares(
    3,
    costs.map((cost) => costOf(0) - cost),
  );
  expect(shares.map(dollars)).toEqual(['2.4526', '18.5974', '5.8922']);
});
