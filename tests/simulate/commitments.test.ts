import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cashSavings } from '../../lib/simulate/commitments.ts';
import type { CommitmentTerms, SpendGroup } from '../../lib/simulate/commitments.ts';

const USD = 10n ** 12n;
const NOVEMBER = { from: '2026-11-01', to: '2026-11-30' };
const group = (baseline: bigint, saving: bigint, given: Partial<SpendGroup> = {}): SpendGroup => ({
  provider: 'openai',
  account: null,
  model: 'gpt-5',
  baselinePico: baseline * USD,
  savingPico: saving * USD,
  ...given,
});
const minimum = (amount: string, given: Partial<CommitmentTerms> = {}): CommitmentTerms => ({
  id: 'minimum',
  provider: 'openai',
  kind: 'spend',
  amount,
  from: '2026-11-01',
  to: '2026-12-01',
  ...given,
});
const cash = (groups: readonly SpendGroup[], terms: readonly CommitmentTerms[], period = NOVEMBER): bigint[] =>
  cashSavings(groups, terms, period).map(({ cashPico }) => cashPico / USD);

describe('a minimum spend', () => {
  test('of which nine tenths are spent keeps every saving from the bank, until it renews', () => {
    const [saving] = cashSavings([group(900n, 300n)], [minimum('1000')], NOVEMBER);
    expect(saving).toEqual({ cashPico: 0n, blockedBy: ['minimum'] });
    const [after] = cashSavings([group(900n, 300n)], [minimum('1000')], { from: '2026-12-01', to: '2026-12-31' });
    expect(after).toEqual({ cashPico: 300n * USD, blockedBy: [] });
  });

  test('is owed first: only what lies above it reaches the bank', () => {
    expect(cash([group(1_200n, 300n)], [minimum('1000')])).toEqual([200n]);
    expect(cash([group(1_500n, 300n)], [minimum('1000')])).toEqual([300n]);
  });

  test('over a year counts for a month by its days', () => {
    const yearly = minimum('3650', { from: '2026-01-01', to: '2027-01-01' });
    // 30 days of 10 USD
    expect(cash([group(400n, 150n)], [yearly])).toEqual([100n]);
  });

  test('holds for its provider, account and models only', () => {
    const groups = [
      group(100n, 10n),
      group(100n, 10n, { model: 'gpt-4o' }),
      group(100n, 10n, { provider: 'anthropic' }),
      group(100n, 10n, { account: 'b' }),
    ];
    expect(cash(groups, [minimum('1000', { eligible: ['gpt-5'] })])).toEqual([0n, 10n, 10n, 0n]);
    expect(cash(groups, [minimum('1000', { account: 'b' })])).toEqual([10n, 10n, 10n, 0n]);
  });
});

test('a credit pays first; provisioned capacity and seats are paid in any case', () => {
  expect(cash([group(1_000n, 300n)], [minimum('800', { kind: 'credit' })])).toEqual([200n]);
  expect(cash([group(1_000n, 300n)], [minimum('1', { kind: 'provisioned' })])).toEqual([0n]);
  expect(cash([group(1_000n, 300n)], [minimum('1', { kind: 'seats' })])).toEqual([0n]);
});

test('cash never exceeds the saving, and a commitment never makes more of it', () => {
  const groups = fc.array(
    fc.tuple(fc.bigInt(0n, 10n ** 15n), fc.bigInt(-(10n ** 14n), 10n ** 15n)).map(([baseline, saving]) => ({
      ...group(0n, 0n),
      baselinePico: baseline,
      savingPico: saving < baseline ? saving : baseline,
    })),
    { maxLength: 6 },
  );
  const terms = fc.array(
    fc.record({
      amount: fc.integer({ min: 0, max: 3_000 }),
      kind: fc.constantFrom('spend' as const, 'credit' as const, 'seats' as const),
    }),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(groups, terms, (spent, all) => {
      const found = cashSavings(
        spent,
        all.map(({ amount, kind }, at) => minimum(String(amount), { id: `c${at}`, kind })),
        NOVEMBER,
      );
      for (const [at, { cashPico, blockedBy }] of found.entries()) {
        const saving = spent[at]?.savingPico ?? 0n;
        expect(cashPico <= saving).toBe(true);
        expect(blockedBy.length > 0).toBe(cashPico < saving);
        expect(saving > 0n || cashPico === saving).toBe(true);
      }
    }),
  );
});
