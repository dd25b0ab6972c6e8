/**
 * The section about savings: all levers together first, then each with its share, cash, range, basis and next step; those that cost more by name;
 * and what the plan of the period before said, beside what came of it. In: a scope. Out: a section as data.
 * Invariant: nothing illustrative; shares sum exactly to the plan; what the log does not tell has no amount.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import { dayRange, money, percent, shownName, signedMoney } from './format.ts';
import type { ReportBlock, ReportSection } from './document.ts';
import { briefName } from './decision.ts';
import { basisText, leverStep, leverTitle } from './lever-steps.ts';
import type { LeverFacts } from './plan-facts.ts';
import type { Scope, ScopedPlan } from './scope.ts';
import { UNALLOCATED } from './quality.ts';
import { moneyCell, rangeCell, textCell } from './table.ts';
import type { Cell } from './table.ts';

/** A team's amounts are sums of its own rows. */
const queryOf = ({ team }: Scope): string => (team === null ? 'savings-by-lever' : 'savings-by-team');

/** The savings plan of the week. */
export function savingsSection(scope: Scope): ReportSection {
  const { plan } = scope;
  const title = 'Savings plan';
  if (plan === null) {
    const text = 'This week was not simulated: inference-ledger simulate --week makes the plan.';
    return { id: 'savings', title, blocks: [{ kind: 'paragraph', tone: 'hint', text, query: 'saving-periods' }] };
  }
  const levers = plan.levers.filter(({ basis }) => basis !== 'illustrative');
  const priced = levers.filter(({ savingPico }) => savingPico !== null);
  const ranked = priced.filter(({ savingPico }) => BigInt(savingPico ?? 0) !== 0n);
  return {
    id: 'savings',
    title,
    blocks: [
      combined(scope, plan),
      ...waterfall(scope, plan, ranked),
      ...leverTable(scope, plan, ranked),
      ...costly(scope, priced),
      ...unknown(scope, levers),
      ...lastPlan(scope),
    ],
  };
}

function combined(scope: Scope, { plan, from, to, period }: ScopedPlan): ReportBlock {
  const days = `${period} (${dayRange(from, to)})`;
  if (BigInt(plan.savingPico ?? 0) === 0n)
    return {
      kind: 'paragraph',
      text: `Of ${money(plan.baselinePico)} in ${days} no lever would have saved anything.`,
      query: queryOf(scope),
    };
  const between = plan.range === null ? '' : `, range ${money(plan.range.lowPico)} to ${money(plan.range.highPico)}`;
  const text = `All levers together would have saved ${money(plan.savingPico)} (${percent(plan.savingPico, plan.baselinePico)}) of ${money(plan.baselinePico)} in ${days}${between}; ${money(plan.cashPico)} of it would have reached the bank. How sure: ${basisText(plan.basis)}.`;
  return { kind: 'paragraph', text, query: queryOf(scope) };
}

function waterfall(scope: Scope, { plan }: ScopedPlan, levers: readonly LeverFacts[]): ReportBlock[] {
  const baselinePico = plan.baselinePico ?? 0;
  if (levers.length === 0 || BigInt(baselinePico) <= 0n) return [];
  const steps = levers.map(({ lever, savingPico, range }) => ({
    name: leverTitle(lever),
    savingPico: savingPico ?? 0,
    lowPico: range?.lowPico ?? savingPico ?? 0,
    highPico: range?.highPico ?? savingPico ?? 0,
  }));
  const said = steps.map(({ name, savingPico }) => `${name} ${money(savingPico)}`);
  const left = addPico(baselinePico, -BigInt(plan.savingPico ?? 0));
  const alt = `From ${money(baselinePico)} to ${money(left)}: ${said.join(', ')}.`;
  const title = 'From spend to plan; lines show ranges';
  return [
    {
      kind: 'chart',
      chart: { id: 'plan', title, alt, query: queryOf(scope), data: { kind: 'waterfall', baselinePico, steps } },
    },
  ];
}

function leverTable(scope: Scope, plan: ScopedPlan, levers: readonly LeverFacts[]): ReportBlock[] {
  if (levers.length === 0) return [];
  const rows = levers.map((own): Cell[] => {
    const owner = scope.team === null ? plan.ownerOf(own.lever) : null;
    const who = owner === null || owner === UNALLOCATED ? '' : ` (first: ${briefName(owner)})`;
    return [
      textCell(leverTitle(own.lever)),
      moneyCell(own.savingPico),
      moneyCell(own.cashPico),
      rangeCell(own.range),
      textCell(basisText(own.basis)),
      textCell(isCostly(own) ? 'None: it costs more than it saves.' : `${capital(leverStep(own.lever))}${who}.`),
    ];
  });
  const foot = [
    textCell('Plan'),
    moneyCell(plan.plan.savingPico),
    moneyCell(plan.plan.cashPico),
    rangeCell(plan.plan.range),
    textCell(basisText(plan.plan.basis)),
    textCell(''),
  ];
  return [
    {
      kind: 'table',
      mailRows: 8,
      table: {
        caption: 'Levers by what they add to the plan, USD; each call is saved once',
        query: queryOf(scope),
        columns: [
          { title: 'Lever' },
          { title: 'Saving', isNumeric: true },
          { title: 'To the bank', isNumeric: true },
          { title: 'Range', isNumeric: true },
          { title: 'Basis' },
          { title: 'Next step', isWide: true },
        ],
        rows,
        foot,
      },
    },
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const isCostly = ({ alonePico, savingPico }: LeverFacts): boolean =>
  BigInt(alonePico ?? 0) < 0n || BigInt(savingPico ?? 0) < 0n;

/** Levers that would cost more than they save, and are therefore in no plan. */
function costly(scope: Scope, levers: readonly LeverFacts[]): ReportBlock[] {
  const found = levers.filter(isCostly);
  if (found.length === 0) return [];
  const said = found.map(({ lever, alonePico }) => `${leverTitle(lever)} (${money(alonePico)} alone)`);
  return [{ kind: 'paragraph', text: `Would cost more than it saves: ${said.join(', ')}.`, query: queryOf(scope) }];
}

const REASON_SIGNS = 240;

/** What the log does not tell, or shows no use for, and what would. Reasons speak of all teams, so a team does not get them. */
function unknown(scope: Scope, levers: readonly LeverFacts[]): ReportBlock[] {
  const { team } = scope;
  const open = levers.filter(({ savingPico }) => savingPico === null || BigInt(savingPico) === 0n);
  if (open.length === 0) return [];
  if (team !== null) {
    const names = open.map(({ lever }) => leverTitle(lever));
    return [{ kind: 'paragraph', tone: 'hint', text: `Nothing from: ${names.join(', ')}.`, query: queryOf(scope) }];
  }
  const items = open.map(({ lever, savingPico, why, toKnow }) => {
    const said = why ?? (savingPico === null ? 'not in the log' : 'saves nothing');
    const next = toKnow === null ? '' : ` To know: ${shownName(toKnow, REASON_SIGNS)}.`;
    return `${leverTitle(lever)}: ${shownName(said, REASON_SIGNS)}.${next}`;
  });
  return [
    { kind: 'paragraph', tone: 'hint', text: 'No amount:' },
    { kind: 'list', items },
  ];
}

/** What the plan before said, and what came of it. */
function lastPlan(scope: Scope): ReportBlock[] {
  const { plan, planBefore } = scope;
  if (plan === null || planBefore === null) return [];
  const then = planBefore.plan;
  const text = `The plan of ${planBefore.period} said ${money(then.savingPico)} of ${money(then.baselinePico)} could be saved. Since then billed spend went to ${money(plan.plan.baselinePico)} (${signedMoney(difference(plan.plan.baselinePico, then.baselinePico))}), and ${money(plan.plan.savingPico)} is still open.`;
  const names = [...new Set([...planBefore.levers, ...plan.levers].map(({ lever }) => lever))];
  const savingIn = ({ levers }: ScopedPlan, name: string): Pico | null => {
    const found = levers.find(({ lever, basis }) => lever === name && basis !== 'illustrative');
    return found?.savingPico ?? null;
  };
  const rows = names.flatMap((name): Cell[][] => {
    const [said, open] = [savingIn(planBefore, name), savingIn(plan, name)];
    if (BigInt(said ?? 0) === 0n && BigInt(open ?? 0) === 0n) return [];
    return [[textCell(leverTitle(name)), moneyCell(said), moneyCell(open)]];
  });
  const blocks: ReportBlock[] = [{ kind: 'paragraph', text, query: queryOf(scope) }];
  if (rows.length > 0)
    blocks.push({
      kind: 'table',
      mailRows: 8,
      table: {
        caption: 'The plan before, and what is still open, USD',
        query: queryOf(scope),
        columns: [
          { title: 'Lever' },
          { title: `Said for ${planBefore.period}`, isNumeric: true },
          { title: `Open in ${plan.period}`, isNumeric: true },
        ],
        rows,
        foot: [textCell('Plan'), moneyCell(then.savingPico), moneyCell(plan.plan.savingPico)],
      },
    });
  return blocks;
}

const difference = (a: Pico | null, b: Pico | null): Pico | null =>
  a === null || b === null ? null : addPico(a, -BigInt(b));
