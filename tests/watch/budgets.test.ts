/** Budgets: which hold in a month, what they have passed, and what the configuration refuses. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config.ts';
import { budgetsOf } from '../../lib/watch/budgets.ts';
import { passedPercents, percentOf } from '../../lib/watch/thresholds.ts';

const budgetsIn = (...budgets: readonly object[]) =>
  parseConfig(JSON.stringify({ teams: [{ name: 'search' }, { name: 'growth' }], budgets }), 'c.json').budgets;
const USD = 10n ** 12n;

test('hold from their first month until before the one they end with, the total first', () => {
  const config = budgetsIn(
    { scope: 'team', team: 'search', amount: '100.50', owner: 'Ada', to: '2026-11' },
    { scope: 'team', team: 'search', amount: '200', from: '2026-11', alert_percent: [100, 25] },
    { scope: 'team', team: 'growth', amount: '0.000000000001' },
    { scope: 'total', amount: '1000' },
  );
  const total = { scope: 'total', id: '', amountPico: 1000n * USD, owner: null, alertPercent: [50, 80, 100] };
  const growth = { scope: 'team', id: 'growth', amountPico: 1n, owner: null, alertPercent: [50, 80, 100] };
  const search = { scope: 'team', id: 'search' };
  expect(budgetsOf(config, '2026-10')).toEqual([
    total,
    growth,
    { ...search, amountPico: (1005n * USD) / 10n, owner: 'Ada', alertPercent: [50, 80, 100] },
  ]);
  expect(budgetsOf(config, '2026-11')).toEqual([
    total,
    growth,
    { ...search, amountPico: 200n * USD, owner: null, alertPercent: [25, 100] },
  ]);
});

test('a threshold is passed by exactly its share, and not by a picodollar less', () => {
  const [budget] = budgetsOf(budgetsIn({ scope: 'total', amount: '3' }), '2026-11');
  if (budget === undefined) throw new Error('no budget');
  expect(passedPercents(budget, (15n * USD) / 10n)).toEqual([50]);
  expect(passedPercents(budget, (15n * USD) / 10n - 1n)).toEqual([]);
  expect(passedPercents(budget, 4n * USD)).toEqual([50, 80, 100]);
  expect([percentOf(3n * USD, budget), percentOf(3n * USD - 1n, budget)]).toEqual([100, 99]);
});

describe('the configuration refuses', () => {
  test.each([
    [{ scope: 'team', amount: '1' }, 'budgets[0].team'],
    [{ scope: 'total', team: 'search', amount: '1' }, 'budgets[0].team'],
    [{ scope: 'total', amount: 1 }, 'budgets[0].amount'],
    [{ scope: 'total', amount: '0.00' }, 'budgets[0].amount'],
    [{ scope: 'total', amount: '-1' }, 'budgets[0].amount'],
    [{ scope: 'total', amount: '1', from: '2026-11', to: '2026-11' }, 'budgets[0].to'],
    [{ scope: 'total', amount: '1', alert_percent: [50, 50] }, 'budgets[0].alert_percent'],
    [{ scope: 'team', team: 'serach', amount: '1' }, 'budgets[0].team'],
  ])('%j', (budget, path) => {
    expect(() => budgetsIn(budget)).toThrow(path);
  });

  test('two budgets of one scope in one month', () => {
    const first = { scope: 'team', team: 'search', amount: '1', to: '2026-12' };
    expect(() => budgetsIn(first, { ...first, from: '2026-11', to: '2027-01' })).toThrow(
      'budgets[1]: holds for months',
    );
    expect(() => budgetsIn({ scope: 'total', amount: '1' }, { scope: 'total', amount: '2', from: '2026-11' })).toThrow(
      'budgets[0]',
    );
    expect(budgetsIn(first, { ...first, from: '2026-12', to: '2027-01' })).toHaveLength(2);
  });

  test('a budget for what no team owns is none of these', () => {
    expect(budgetsIn({ scope: 'team', team: 'unallocated', amount: '1' })).toHaveLength(1);
  });
});
