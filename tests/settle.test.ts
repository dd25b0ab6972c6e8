import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newRecord } from '../lib/record.ts';
import type { CostParts, Priced } from '../lib/record.ts';
import { rowsNeeded, settleCost, splitRecord, totalOf } from '../lib/settle.ts';

const parts: CostParts = { input: 1, cacheRead: 20, cacheWrite: 300, output: 4000, other: 50_000 };
const priced = (change: Partial<Priced> = {}): Priced => ({
  model: 'm',
  publisher: null,
  list: parts,
  contracted: { ...parts, other: 0 },
  status: 'priced',
  reason: null,
  priceRows: null,
  bucketRates: null,
  ...change,
});

describe('what a row costs', () => {
  test('on demand pays the contracted price and keeps the list price beside it', () => {
    expect(settleCost(priced(), { billingMode: 'on_demand' })).toMatchObject({
      cost: 4321,
      listCost: 54_321,
      status: 'priced',
    });
  });

  test.each(['subscription', 'provisioned', 'free_tier'] as const)(
    '%s costs nothing and keeps its token value',
    (billingMode) => {
      const settled = settleCost(priced(), { billingMode });
      expect(settled).toMatchObject({ cost: 0, listCost: 54_321, status: 'included', reason: billingMode });
      expect(totalOf(settled.parts ?? parts)).toBe(0);
    },
  );

  test('unproven billing has no cost, which is not zero', () => {
    expect(settleCost(priced(), { billingMode: 'unknown' })).toMatchObject({
      parts: null,
      cost: null,
      listCost: 54_321,
      status: 'billing_unknown',
    });
  });

  test('no price is null with its reason; a known zero is free under any mode', () => {
    const unpriced = priced({ list: null, contracted: null, status: 'unpriced', reason: 'unknown_model' });
    expect(settleCost(unpriced, { billingMode: 'on_demand' })).toMatchObject({
      cost: null,
      listCost: null,
      status: 'unpriced',
      reason: 'unknown_model',
    });
    expect(settleCost(priced({ status: 'free' }), { billingMode: 'unknown' })).toMatchObject({
      cost: 0,
      listCost: 0,
      status: 'free',
    });
  });
});

describe('rows too large for decimal(18,12)', () => {
  test('two million dollars take three rows, a thousand one', () => {
    const dollars = (usd: bigint): CostParts => ({
      input: usd * 10n ** 12n,
      cacheRead: 0,
      cacheWrite: 0,
      output: 0,
      other: 0,
    });
    const needed = (usd: bigint): number =>
      rowsNeeded(settleCost(priced({ list: dollars(usd), contracted: dollars(usd) }), { billingMode: 'on_demand' }));
    expect([needed(1000n), needed(899_999n), needed(900_000n), needed(2_000_000n)]).toEqual([1, 1, 2, 3]);
  });

  test('meters of the parts sum to the record, for any number of parts', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), fc.integer({ min: 1, max: 50 }), (input, output, n) => {
        const record = newRecord({ id: 'f', sourceKind: 'provider', class: 'buckets' }, 'openai', 'm');
        Object.assign(record, { inputTokens: input, outputTokens: output, linkIds: [{ kind: 'natural', value: 'k' }] });
        const rows = splitRecord(record, n);
        expect(rows.reduce((sum, r) => sum + r.inputTokens, 0)).toBe(input);
        expect(rows.reduce((sum, r) => sum + r.outputTokens, 0)).toBe(output);
        expect(new Set(rows.map((r) => r.linkIds[0]?.value)).size).toBe(n);
      }),
    );
  });
});
