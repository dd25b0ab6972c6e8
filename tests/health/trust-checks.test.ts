/** Sources and assumptions as findings: what is a problem, what a note, and what is said where nothing is wrong. */
import { expect, test } from 'vitest';
import { checkAssumptions, checkSources } from '../../lib/health/trust-checks.ts';
import type { Assumption } from '../../lib/report/assumptions.ts';
import { source } from '../report/report-lake.ts';

test('late and silent sources are problems with their days; those that came back are notes', () => {
  const late = source({ prefix: 'bot/', status: 'late', lastDay: '2026-10-31', missingDays: ['2026-11-01'] });
  const back = source({ prefix: 'web/', missingDays: ['2026-10-20'] });
  expect(checkSources([source({}), late, back])).toEqual([
    {
      level: 'problem',
      check: 'sources',
      message: 'bot/ (openai.chat) is late: last seen Oct 31, 2026, usually every day: missing Nov 1, 2026.',
      where: ['2026-11-01'],
      todo: 'find out why it stopped; until then its days are not complete, and no comparison calls them a saving',
    },
    {
      level: 'note',
      check: 'sources',
      message: 'web/ (openai.chat) reports again, but left out days: missing Oct 20, 2026.',
      where: ['2026-10-20'],
      todo: 'deliver the days that are missing, if there were calls; until then they are not complete and not compared',
    },
  ]);
  expect(checkSources([source({}), back]).map(({ level }) => level)).toEqual(['ok', 'note']);
  expect(checkSources([source({})])).toEqual([{ level: 'ok', check: 'sources', message: '1 source, none late' }]);
});

const assumption = (kind: Assumption['kind']): Assumption => ({
  kind,
  subject: 'openai',
  calls: 3,
  amountPico: 2_500_000_000_000,
  comparedPico: kind === 'billing_unknown' || kind === 'estimated_cost' ? null : 4_000_000_000_000,
  settledBy: 'accounts',
});

test('every assumption is a finding with its money and what settles it', () => {
  const kinds = ['one_account', 'account_unknown', 'billing_unknown', 'estimated_cost'] as const;
  const findings = checkAssumptions(kinds.map(assumption));
  expect(findings.map(({ level, check }) => [level, check])).toEqual([
    ['note', 'accounts'],
    ['problem', 'accounts'],
    ['problem', 'billing'],
    ['note', 'estimates'],
  ]);
  for (const finding of findings) {
    expect(finding.message).toContain('$2.50');
    expect(finding.todo).toMatch(/config accounts|config billing|docs\/prices\.md/);
  }
});

test('where nothing is assumed, that is said', () => {
  expect(checkAssumptions([]).map(({ level, check }) => [level, check])).toEqual([
    ['ok', 'accounts'],
    ['ok', 'billing'],
    ['ok', 'estimates'],
  ]);
  expect(checkAssumptions([assumption('billing_unknown')]).map(({ check }) => check)).toEqual([
    'billing',
    'accounts',
    'estimates',
  ]);
});
