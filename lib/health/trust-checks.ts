/**
 * Sources that owe days and assumptions with money, as findings. In: the states of the sources, the assumptions of the whole ledger. Out:
 * one finding each, the same sentences that `run` and the report use, so that all three name the same things.
 */
import { assumptionSentence, assumptionTodo } from '../report/assumptions.ts';
import type { Assumption, AssumptionKind } from '../report/assumptions.ts';
import { sourceSentences } from '../report/sentences.ts';
import type { SourceStatus } from '../report/weeks.ts';
import { firstPlaces, several } from './finding.ts';
import type { Finding } from './finding.ts';

/** Late and silent sources, and those that came back and left days out. */
export function checkSources(sources: readonly SourceStatus[]): Finding[] {
  const findings = sources.flatMap((source): Finding[] =>
    sourceSentences([source]).map((message) => ({
      level: source.status === 'ok' ? 'note' : 'problem',
      check: 'sources',
      message,
      where: firstPlaces(source.missingDays),
      todo:
        source.status === 'ok'
          ? 'deliver the days that are missing, if there were calls; until then they are not complete and not compared'
          : 'find out why it stopped; until then its days are not complete, and no comparison calls them a saving',
    })),
  );
  if (findings.some(({ level }) => level === 'problem')) return findings;
  return [{ level: 'ok', check: 'sources', message: `${several(sources.length, 'source')}, none late` }, ...findings];
}

/** One side naming an account, or billing nobody has proven, keeps money out of the sums or in them twice. */
const LEVELS: Record<AssumptionKind, Finding['level']> = {
  one_account: 'note',
  account_unknown: 'problem',
  billing_unknown: 'problem',
  estimated_cost: 'note',
};

const CHECKS: Record<AssumptionKind, string> = {
  one_account: 'accounts',
  account_unknown: 'accounts',
  billing_unknown: 'billing',
  estimated_cost: 'estimates',
};

/** Every assumption with its money; what was looked at and assumes nothing is said, too. */
export function checkAssumptions(assumptions: readonly Assumption[]): Finding[] {
  const findings = assumptions.map((assumption): Finding => ({
    level: LEVELS[assumption.kind],
    check: CHECKS[assumption.kind],
    message: assumptionSentence(assumption),
    where: [assumption.subject],
    todo: assumptionTodo(assumption),
  }));
  const said = new Set(findings.map(({ check }) => check));
  const clear: Record<string, string> = {
    accounts: 'no account has to be assumed',
    billing: 'how every call is paid is known',
    estimates: 'no cost rests on an estimate',
  };
  for (const [check, message] of Object.entries(clear))
    if (!said.has(check)) findings.push({ level: 'ok', check, message });
  return findings;
}
