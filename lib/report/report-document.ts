/**
 * A week's report as data, for everybody or for one team: first screen, then the sections in their order. Page, text, mail and chat are made from
 * it. In: facts of a week. Out: a document. No clock and no chance: the same lake and config give the same document.
 */
import type { ReportDocument, ReportSection } from './document.ts';
import { addDays } from '../time.ts';
import { day, dayRange, money, shownName, signedPercent } from './format.ts';
import { firstScreen } from './first-screen.ts';
import { groupSection } from './group-sections.ts';
import { anomalySection, priceSection } from './notice-sections.ts';
import { savingsSection } from './plan-sections.ts';
import { UNALLOCATED } from './quality.ts';
import { scopeOf } from './scope.ts';
import type { Scope } from './scope.ts';
import { qualitySection, reproduceSection } from './trust-sections.ts';
import { changeSection, spendSection } from './week-sections.ts';
import { isEmptyWeek } from './week-facts.ts';
import type { WeekFacts } from './week-facts.ts';

/** The document of a week; `team` null: everybody's. */
export function reportDocument(facts: WeekFacts, { team }: { readonly team: string | null }): ReportDocument {
  const scope = scopeOf(facts, team);
  const { week } = facts;
  const whose = team === null ? '' : `, team ${shownName(team, 40)}`;
  const title = shownName(facts.title, 120);
  return {
    title,
    subtitle: `Week of ${dayRange(week.from, week.to)}${whose}`,
    weekEnd: week.to,
    team,
    subject: subjectOf(scope, title),
    ...(isEmptyWeek(facts) ? emptyParts(facts) : { first: firstScreen(scope), sections: sectionsOf(scope) }),
    queries: facts.queries,
    footer: `Made from the ledger for ${day(addDays(week.to, 1))} (UTC). Amounts are USD. Spend is what is billed per token after your rates; token value under plans is never part of it.`,
  };
}

/** Teams that get a document of their own: they spent in the week or the month before its end, or have a budget. */
export function teamsOf(facts: WeekFacts): string[] {
  const names = new Set([
    ...facts.summary.byTeam.map(({ team }) => team),
    ...facts.month.actual.teams.map(({ team }) => team),
    ...facts.watch.budgets.flatMap(({ team }) => team ?? []),
  ]);
  return [...names].filter((team) => team !== UNALLOCATED && team !== '').toSorted((a, b) => (a < b ? -1 : 1));
}

function sectionsOf(scope: Scope): ReportSection[] {
  return [
    spendSection(scope),
    changeSection(scope),
    groupSection(scope),
    savingsSection(scope),
    anomalySection(scope),
    priceSection(scope),
    qualitySection(scope),
    reproduceSection(scope),
  ];
}

function subjectOf({ facts, team, totals, comparison }: Scope, title: string): string {
  const head = `${shownName(title, 60)}${team === null ? '' : ` (${shownName(team, 40)})`}`;
  const end = day(facts.week.to);
  if (isEmptyWeek(facts)) return `${head}: no data for the week to ${end}`;
  const before = comparison?.compared?.previous.costPico ?? null;
  const isWhole = comparison?.comparedDays.length === 7;
  const change =
    !isWhole || comparison.changePico === null || before === null || BigInt(before) <= 0n
      ? ''
      : ` (${signedPercent(comparison.changePico, before)})`;
  return `${head}: ${money(totals.costPico)} in the week to ${end}${change}`;
}

/** A week in which nothing was used, or of which nothing has come: which of both is not known, and said so. */
function emptyParts(facts: WeekFacts): Pick<ReportDocument, 'first' | 'sections'> {
  const { span } = facts.summary;
  const week = dayRange(facts.week.from, facts.week.to);
  const holds = span === null ? 'The ledger is empty.' : `The ledger holds ${dayRange(span.firstDay, span.lastDay)}.`;
  return {
    first: {
      isQuiet: true,
      chart: null,
      lines: [
        { label: 'Data', text: `There is no data for ${week}. That is missing data, not a saving.`, query: 'totals' },
        { label: 'Ledger', text: holds, query: 'span' },
        { label: 'Decision', text: 'Owner of the ledger: find out whether logs still come (inference-ledger doctor).' },
      ],
    },
    sections: [reproduceSection(scopeOf(facts, null))],
  };
}
