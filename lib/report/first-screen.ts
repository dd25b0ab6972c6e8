/**
 * The first screen of a report: data, month, cause, saving, decision, in at most 120 words, and one chart; three lines and no chart of a quiet week.
 * In: a scope. Out: lines. Invariant: what is said here is said again below, with its query; silence is never a saving.
 */
import type { Pico } from '../money.ts';
import { briefName, decide, forecastOf } from './decision.ts';
import type { FirstLine, FirstScreen, TrendData } from './document.ts';
import { count, day, dayRange, money, percent, plural, signedMoney, signedPercent } from './format.ts';
import { driverText } from './lever-steps.ts';
import type { Scope } from './scope.ts';
import { stackedSeries } from './summary-charts.ts';
import { daysBetween } from '../time.ts';

/** A change below this share of the week before is none, in a quiet week. */
const QUIET_PERCENT = 5n;

/** The first screen. */
export function firstScreen(scope: Scope): FirstScreen {
  const decision = decide(scope);
  const lines: FirstLine[] = [dataLine(scope), monthLine(scope), changeLine(scope)];
  if (decision === null && isCalm(scope)) {
    const [data, month, change] = lines as [FirstLine, FirstLine, FirstLine];
    return {
      isQuiet: true,
      chart: null,
      lines: [data, month, { ...change, text: `${change.text} Nothing to decide.` }],
    };
  }
  lines.push(savingLine(scope));
  lines.push({ label: 'Decision', ...(decision ?? { text: 'None this week.' }) });
  return { isQuiet: false, chart: trendChart(scope), lines };
}

function isCalm({ comparison, anomalies }: Scope): boolean {
  if (comparison === null || comparison.compared === null || comparison.gaps.length > 0 || anomalies.length > 0)
    return false;
  const change = BigInt(comparison.changePico ?? 0);
  const before = BigInt(comparison.compared.previous.costPico ?? 0);
  return comparison.changePico !== null && (change < 0n ? -change : change) * 100n <= before * QUIET_PERCENT;
}

function dataLine({ facts, team, comparison }: Scope): FirstLine {
  const { week, incomplete, summary } = facts;
  const missing = daysBetween(week.from, week.to).filter((one) => incomplete.has(one));
  const gaps = comparison?.gaps ?? [];
  const owing = summary.sources.filter(({ missingDays }) => missingDays.some((one) => one >= week.from));
  const query = 'source-state';
  if (missing.length > 0) {
    const [first] = owing;
    const name = first === undefined ? '' : first.prefix === '' ? first.sourceFormat : first.prefix;
    const others = owing.length > 1 ? ` and ${count(owing.length - 1)} more` : '';
    const who = team !== null || first === undefined ? 'Data is missing' : `${briefName(name)}${others} missing`;
    return {
      label: 'Data',
      text: `${who}: ${plural(missing.length, 'day')} of the week not complete. A lower sum is not a saving.`,
      query,
    };
  }
  const moved = gaps.filter(({ kind }) => kind === 'stopped' || kind === 'new').length;
  const caveat = moved === 0 ? '' : ` ${plural(moved, 'source')} came or went.`;
  return {
    label: 'Data',
    text: `${summary.sources.length === 0 ? 'Complete' : 'All sources complete'} through ${day(week.to)}.${caveat}`,
    query,
  };
}

function monthLine(scope: Scope): FirstLine {
  const { month, facts, team } = scope;
  const budget = scope.budgets.find((one) => one.team === team);
  const forecast = forecastOf(scope, { team });
  const spent = month.actualPico;
  const of =
    budget === undefined
      ? 'no budget set'
      : `${percent(spent, budget.amountPico)} of the budget of ${money(budget.amountPico)}`;
  const ahead =
    forecast === null
      ? ''
      : ` Month end: ${money(forecast.expectedPico)} expected, ${money(forecast.lowPico)} to ${money(forecast.highPico)}.`;
  return {
    label: 'Month to date',
    text: `${money(spent)} since ${day(facts.month.from)}, ${of}.${ahead}`,
    query: forecast === null ? 'totals' : 'month-forecasts',
  };
}

function changeLine(scope: Scope): FirstLine {
  const { totals, comparison, facts } = scope;
  const label = 'This week';
  const spent = `${money(totals.costPico)} in ${dayRange(facts.week.from, facts.week.to)}`;
  if (comparison === null || comparison.compared === null || comparison.changePico === null)
    return { label, text: `${spent}; no earlier week to compare with.`, query: 'totals' };
  const days = comparison.comparedDays.length;
  const over = days === 7 ? '' : ` over ${plural(days, 'day')} complete in both weeks`;
  const before = comparison.compared.previous.costPico;
  const share = before === null || BigInt(before) === 0n ? '' : ` (${signedPercent(comparison.changePico, before)})`;
  const change =
    BigInt(comparison.changePico) === 0n ? 'as much as' : `${signedMoney(comparison.changePico)}${share} against`;
  return {
    label,
    text: `${spent}, ${change} the week before${over}${causeText(scope, comparison.changePico)}.`,
    query: scope.drivers.length > 0 ? 'week-drivers' : 'totals',
  };
}

/** The one cause that moved most in the direction of the change. */
function causeText({ drivers, team }: Scope, changePico: Pico): string {
  const isRise = BigInt(changePico) > 0n;
  const [cause] = drivers
    .filter(({ amountPico }) => (isRise ? BigInt(amountPico) > 0n : BigInt(amountPico) < 0n))
    .toSorted((a, b) => {
      const more = isRise ? BigInt(b.amountPico) > BigInt(a.amountPico) : BigInt(b.amountPico) < BigInt(a.amountPico);
      return more ? 1 : -1;
    });
  if (cause === undefined || BigInt(changePico) === 0n) return '';
  const who = team === null ? ` of ${briefName(cause.team)}` : '';
  return `, mostly ${driverText(cause.driver, isRise)}${who} (${signedMoney(cause.amountPico)})`;
}

function savingLine({ plan, team }: Scope): FirstLine {
  const label = 'Saving to the bank';
  if (plan === null) return { label, text: 'Not simulated for this week.', query: 'saving-periods' };
  const { cashPico, baselinePico, range } = plan.plan;
  const query = team === null ? 'savings-by-lever' : 'savings-by-team';
  if (cashPico === null || BigInt(cashPico) <= 0n) return { label, text: 'None that this log shows.', query };
  const of = `${money(cashPico)} a ${plan.period.includes('W') ? 'week' : 'month'} (${percent(cashPico, baselinePico)} of ${money(baselinePico)})`;
  const between = range === null ? '' : `; whole plan ${money(range.lowPico)} to ${money(range.highPico)}`;
  return { label, text: `${of}${between}.`, query };
}

/** Daily spend by model. */
function trendChart({ facts, trend, team }: Scope): FirstScreen['chart'] {
  const { days } = facts.trend;
  const rows = trend.map(({ day: at, provider, model, costPico }) => ({
    day: at,
    name: `${model} (${provider})`,
    costPico,
  }));
  const data: TrendData = {
    kind: 'trend',
    days: days.map((one) => ({ day: one, isComplete: !facts.incomplete.has(one) })),
    series: stackedSeries(days, rows, 'other models'),
  };
  const [first, last] = [days[0] ?? facts.week.from, facts.week.to];
  const names = data.series.slice(0, 3).map(({ name }) => briefName(name));
  return {
    id: 'trend',
    title: 'Daily spend by model',
    alt: `Bars of the daily spend${team === null ? '' : ' of this team'} by model, ${dayRange(first, last)}; most of it ${names.join(', ')}.`,
    query: 'daily-by-team-model',
    data,
  };
}
