import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showback } from '../../lib/attribute/showback.ts';
import type { ChargeRow, MonthSum } from '../../lib/attribute/showback.ts';
import { configOf } from './calls.ts';

type Shared = Readonly<Record<string, unknown>>;
const sum = (team: string | null, costPico: bigint, more: Partial<MonthSum> = {}): MonthSum => ({
  team,
  project: null,
  application: null,
  environment: null,
  feature: null,
  provider: 'openai',
  costPico,
  tokens: 0n,
  ...more,
});
const rulesOf = (...shared_costs: readonly Shared[]): Parameters<typeof showback>[2] =>
  configOf({ shared_costs }).shared_costs;
const brief = (rows: readonly ChargeRow[]): string[] =>
  rows.map((r) => `${r.team} ${r.costKind} ${r.provider} ${r.costPico}`);
const platform = (split: string, more: Shared = {}): Shared => ({
  id: 'p',
  match: { team: 'platform' },
  split,
  ...more,
});
const charge = (sums: readonly MonthSum[], ...shared: readonly Shared[]): string[] =>
  brief(showback('2026-11', sums, rulesOf(...shared)));

describe('without shared costs', () => {
  test('every team is charged its own, by provider; what nobody owns is unallocated', () => {
    const sums = [
      sum('search', 5n),
      sum('search', 7n, { project: 'x' }),
      sum('search', 2n, { provider: 'anthropic' }),
      sum(null, 9n),
      sum('growth', 0n),
    ];
    expect(charge(sums)).toEqual([
      'search direct anthropic 2',
      'search direct openai 12',
      'unallocated unallocated openai 9',
    ]);
  });

  test('rows carry their month', () => {
    expect(showback('2026-11', [sum('a', 1n)], [])).toEqual([
      { month: '2026-11', team: 'a', costKind: 'direct', provider: 'openai', costPico: 1n },
    ]);
  });
});

describe('splits, worked out by hand', () => {
  const sums = [sum('a', 30n, { tokens: 1n }), sum('b', 10n, { tokens: 3n }), sum('platform', 10n), sum(null, 4n)];

  test.each<[string, Shared, string[]]>([
    // 10 / 2
    ['even', platform('even'), ['a shared openai 5', 'b shared openai 5']],
    // 10 × 30/40 = 7.5, 10 × 10/40 = 2.5: the remainders tie, the earlier name gets the unit
    ['by spend', platform('proportional_to_spend'), ['a shared openai 8', 'b shared openai 2']],
    // 10 × 1/4 = 2.5, 10 × 3/4 = 7.5
    ['by tokens', platform('proportional_to_tokens'), ['a shared openai 3', 'b shared openai 7']],
    // 10 × 1/3 = 3.33, 10 × 2/3 = 6.67: the larger remainder gets the unit
    ['fixed', platform('fixed', { shares: { a: 1, c: 2 } }), ['a shared openai 3', 'c shared openai 7']],
    ['fixed, a zero share', platform('fixed', { shares: { a: 0, c: 2 } }), ['c shared openai 10']],
    [
      'even among named teams, also without own spend',
      platform('even', { among: ['b', 'z'] }),
      ['b shared openai 5', 'z shared openai 5'],
    ],
    ['by spend among named teams', platform('proportional_to_spend', { among: ['b', 'z'] }), ['b shared openai 10']],
    [
      'all weights zero: even',
      platform('proportional_to_spend', { among: ['y', 'z'] }),
      ['y shared openai 5', 'z shared openai 5'],
    ],
    ['names in any case are the team of the ledger', platform('even', { among: ['A'] }), ['a shared openai 10']],
  ])('%s', (_what, shared, parts) => {
    const direct = ['a direct openai 30', 'b direct openai 10', 'unallocated unallocated openai 4'];
    expect(charge(sums, shared)).toEqual([...direct, ...parts].toSorted());
  });

  test('nobody to share with: unallocated', () => {
    expect(charge([sum('platform', 10n), sum(null, 4n)], platform('even'))).toEqual([
      'unallocated unallocated openai 14',
    ]);
  });

  test('a refund is split like a cost', () => {
    expect(charge([sum('a', 1n), sum('b', 1n), sum('platform', -3n)], platform('even'))).toEqual([
      'a direct openai 1',
      'a shared openai -2',
      'b direct openai 1',
      'b shared openai -1',
    ]);
  });

  test('a team with a refund carries nothing, and takes nothing from the others', () => {
    const sums = [sum('a', 3n), sum('b', 1n), sum('c', -2n), sum('platform', 8n)];
    expect(charge(sums, platform('proportional_to_spend'))).toEqual([
      'a direct openai 3',
      'a shared openai 6',
      'b direct openai 1',
      'b shared openai 2',
      'c direct openai -2',
    ]);
  });

  test('each provider is split by itself, by weights over all providers', () => {
    const both = [
      sum('a', 3n),
      sum('b', 1n, { provider: 'azure' }),
      sum('platform', 4n),
      sum('platform', 8n, { provider: 'azure' }),
    ];
    expect(charge(both, platform('proportional_to_spend'))).toEqual([
      'a direct openai 3',
      'a shared azure 6',
      'a shared openai 3',
      'b direct azure 1',
      'b shared azure 2',
      'b shared openai 1',
    ]);
  });
});

describe('which cost is shared', () => {
  const evals = { id: 'e', match: { project: 'evals*', provider: 'open*' }, split: 'fixed', shares: { c: 1 } };

  test('what matches in all fields, also without a team', () => {
    const sums = [
      sum('a', 1n, { project: 'evals-1' }),
      sum(null, 2n, { project: 'EVALS' }),
      sum('a', 4n),
      sum('a', 8n, { project: 'evals', provider: 'azure' }),
    ];
    expect(charge(sums, evals)).toEqual(['a direct azure 8', 'a direct openai 4', 'c shared openai 3']);
  });

  test('the first entry takes it', () => {
    const all = { id: 'all', match: { provider: '*' }, split: 'fixed', shares: { d: 1 } };
    const sums = [sum('a', 1n, { project: 'evals' }), sum('b', 2n)];
    expect(charge(sums, evals, all)).toEqual(['c shared openai 1', 'd shared openai 2']);
    expect(charge(sums, all, evals)).toEqual(['d shared openai 3']);
  });

  test.each<[string, string[]]>([
    ['2026-09', ['a direct openai 1', 'platform direct openai 2']],
    ['2026-10', ['a direct openai 1', 'a shared openai 2']],
    ['2026-11', ['a direct openai 1', 'a shared openai 2']],
    ['2026-12', ['a direct openai 1', 'platform direct openai 2']],
  ])('in the months of the entry: %s', (month, rows) => {
    const rules = rulesOf(platform('even', { from: '2026-10', to: '2026-12' }));
    expect(brief(showback(month, [sum('a', 1n), sum('platform', 2n)], rules))).toEqual(rows);
  });
});

test('for any spend and any rules the rows sum exactly to the month, per provider; order of sums does not matter', () => {
  const amount = fc.bigInt({ min: -(10n ** 6n), max: 10n ** 30n });
  const arbitrarySum = fc.record({
    team: fc.constantFrom('a', 'b', 'c', 'platform', null),
    project: fc.constantFrom('x', 'evals', null),
    application: fc.constant(null),
    environment: fc.constant(null),
    feature: fc.constant(null),
    provider: fc.constantFrom('openai', 'azure'),
    costPico: amount,
    tokens: fc.bigInt({ min: 0n, max: 10n ** 18n }),
  });
  const shares = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 1_000_000_000 }), {
    minKeys: 1,
  });
  const shared = fc.oneof(
    fc.record({
      match: fc.constantFrom({ team: 'platform' }, { project: 'evals' }),
      split: fc.constantFrom('even', 'proportional_to_spend', 'proportional_to_tokens'),
    }),
    fc.record({ match: fc.constant({ team: ['platform', 'c'] }), split: fc.constant('fixed'), shares }),
  );
  fc.assert(
    fc.property(fc.array(arbitrarySum, { maxLength: 12 }), fc.array(shared, { maxLength: 3 }), (sums, entries) => {
      const rules = rulesOf(...entries.map((entry, i) => ({ id: String(i), ...entry })));
      const rows = showback('2026-11', sums, rules);
      for (const provider of ['openai', 'azure']) {
        const total = (list: readonly { provider: string; costPico: bigint }[]): bigint =>
          list.filter((item) => item.provider === provider).reduce((all, item) => all + item.costPico, 0n);
        expect(total(rows)).toBe(total(sums));
      }
      expect(showback('2026-11', sums.toReversed(), rules)).toEqual(rows);
    }),
    { numRuns: 500 },
  );
});
