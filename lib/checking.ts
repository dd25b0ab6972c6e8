/**
 * The check between reports: what crossed a line since it was last looked. In: a lake, the time. Out: alerts, each told once: before it is handed
 * out its name is claimed in the lake, so that of two checks, or of a check that is tried again, one has it. Lines are: a budget's thresholds, a
 * month-end projection over a budget, a new anomaly, a source that fell silent. A caller that dies between the claim and telling loses an alert,
 * never doubles it; budgets, forecasts, anomalies and sources stand in the weekly report, too.
 */
import { createHash } from 'node:crypto';
import { usdDisplay } from './money.ts';
import { addDays, dayOf, monthOf } from './time.ts';
import { anomalyRows } from './watch/anomaly-rows.ts';
import type { AnomalyRow } from './watch/anomaly-rows.ts';
import { budgetsOf } from './watch/budgets.ts';
import type { Budget } from './watch/budgets.ts';
import { HISTORY_DAYS } from './watch/forecast.ts';
import { monthForecasts } from './watch/month-forecast.ts';
import { passedPercents, percentOf } from './watch/thresholds.ts';
import { textOf } from './watch/window.ts';
import type { Ask, SpendWindow } from './watch/window.ts';
import { askFreshKeys, asker, openWindow } from './watching.ts';
import type { WatchWorld } from './watching.ts';

/** `nowMs`: the running day and what lies ahead of it are not judged. */
export interface CheckWorld extends WatchWorld {
  readonly nowMs: number;
}

/** Something to be told. */
export interface AlertItem {
  readonly kind: 'budget_threshold' | 'budget_projection' | 'anomaly' | 'source_silent';
  /** the same for the same thing, whenever it is looked at */
  readonly key: string;
  /** whom it concerns; null = everybody */
  readonly team: string | null;
  /** who answers for the budget */
  readonly owner: string | null;
  /** a sentence in plain text; names in it are as the logs have them, so every form must escape them */
  readonly text: string;
}

/** Folder of the claims in the lake. */
export const ALERTS_PREFIX = 'alerts/v1/';
/** Anomalies of more days ago are left to the report. */
const ANOMALY_DAYS = 7;
/** A month and what is looked at before it. */
const WINDOW_DAYS = HISTORY_DAYS + ANOMALY_DAYS + 1;

/** An alert and the names it takes with it, such as lower thresholds of the same budget. */
interface Alert {
  readonly item: AlertItem;
  readonly keys: readonly string[];
}

/** Alerts that nobody was told of before. Writes claims and nothing else. */
export async function checkLake(world: CheckWorld): Promise<AlertItem[]> {
  const told: AlertItem[] = [];
  for (const { item, keys } of await alertsOf(world)) {
    const claims: string[] = [];
    for (const key of keys) claims.push(await claim(world, key));
    // a lower threshold alone that is new, as after a change of config, says nothing
    if (claims[keys.indexOf(item.key)] === 'created') told.push(item);
  }
  return told;
}

async function claim({ context }: CheckWorld, key: string): Promise<'created' | 'exists'> {
  const name = createHash('sha256').update(key).digest('hex');
  return await context.store.putIfAbsent(
    `${ALERTS_PREFIX}${name}.json`,
    new TextEncoder().encode(`${JSON.stringify({ key })}\n`),
  );
}

/** Everything that is over a line now, told before or not. */
async function alertsOf(world: CheckWorld): Promise<Alert[]> {
  const today = dayOf(world.nowMs);
  const yesterday = addDays(today, -1);
  const state = await world.catalog.read();
  const window = asOf(await openWindow(world, state, { from: addDays(today, -WINDOW_DAYS), to: today }), today);
  const ask = asker(world);
  const days = { from: addDays(today, -ANOMALY_DAYS), to: yesterday };
  const anomalies = anomalyRows(window, days, await askFreshKeys(ask, window, days));
  const months = new Set([monthOf(yesterday), monthOf(today)]);
  return [
    ...[...months].flatMap((month) =>
      budgetsOf(world.config.budgets, month).flatMap((budget) => thresholdAlert(window, month, budget)),
    ),
    ...projectionAlerts(world, window, today),
    ...anomalies.filter(({ state: kind }) => kind === 'new').map(anomalyAlert),
    ...(await silentAlerts(ask)),
  ];
}

/** The running day is not complete, whatever the seal says. */
function asOf(window: SpendWindow, today: string): SpendWindow {
  const isComplete = window.isComplete.map((known, at) => known && (window.days[at] as string) < today);
  const cells = window.cells.map((cell) => ({
    ...cell,
    days: cell.days.map((day, at) => (isComplete[at] === true ? day : null)),
  }));
  const amounts = new Map(
    window.cells.map((cell, at) => [cells[at] as (typeof cells)[number], window.amounts.get(cell) ?? []]),
  );
  return { ...window, isComplete, cells, amounts };
}

const whose = ({ scope, id }: Pick<Budget, 'scope' | 'id'>): string => (scope === 'total' ? 'All teams' : id);
const teamOf = ({ scope, id }: Pick<Budget, 'scope' | 'id'>): string | null => (scope === 'total' ? null : id);

/** The highest threshold passed by what is recorded of the month: late days can only add to it. */
function thresholdAlert(window: SpendWindow, month: string, budget: Budget): Alert[] {
  const spent = [...window.teams]
    .filter(([team]) => budget.scope === 'total' || team === budget.id)
    .flatMap(([, amounts]) => amounts.filter((_amount, at) => monthOf(window.days[at] as string) === month))
    .reduce((sum, amount) => sum + amount, 0n);
  const passed = passedPercents(budget, spent);
  const highest = passed.at(-1);
  if (highest === undefined) return [];
  const keyOf = (percent: number): string =>
    JSON.stringify(['budget_threshold', month, budget.scope, budget.id, String(budget.amountPico), percent]);
  return [
    {
      keys: passed.map(keyOf),
      item: {
        kind: 'budget_threshold',
        key: keyOf(highest),
        team: teamOf(budget),
        owner: budget.owner,
        text: `${whose(budget)}: ${usdDisplay(spent)} spent in ${month}, ${percentOf(spent, budget)} % of the budget of ${usdDisplay(budget.amountPico)}.`,
      },
    },
  ];
}

function projectionAlerts(world: CheckWorld, window: SpendWindow, today: string): Alert[] {
  const month = monthOf(today);
  const forecasts = monthForecasts(window, today, month);
  return budgetsOf(world.config.budgets, month).flatMap((budget) => {
    const forecast = forecasts.find(({ scope, id }) => scope === budget.scope && id === budget.id);
    if (forecast === undefined || forecast.expectedPico <= budget.amountPico) return [];
    const key = JSON.stringify(['budget_projection', month, budget.scope, budget.id, String(budget.amountPico)]);
    const { expectedPico, lowPico, highPico } = forecast;
    const text = `${whose(budget)}: ${month} is heading for ${usdDisplay(expectedPico)} (${usdDisplay(lowPico)} to ${usdDisplay(highPico)}), over the budget of ${usdDisplay(budget.amountPico)}.`;
    return [{ keys: [key], item: { kind: 'budget_projection', key, team: teamOf(budget), owner: budget.owner, text } }];
  });
}

function anomalyAlert(row: AnomalyRow): Alert {
  const key = JSON.stringify(['anomaly', row.day, row.team, row.provider, row.model]);
  const usual = row.expectedPico === 0n ? 'nothing' : `about ${usdDisplay(row.expectedPico)}`;
  const text = `${row.team}: ${usdDisplay(row.actualPico)} on ${row.model} on ${row.day}, where ${usual} is usual. Cause: ${row.cause}.`;
  return { keys: [key], item: { kind: 'anomaly', key, team: row.team, owner: null, text } };
}

/** A source that comes back and falls silent again is told of again. */
async function silentAlerts(ask: Ask): Promise<Alert[]> {
  return (await ask('silent-sources')).map((row) => {
    const [prefix, format, account, last] = ['prefix', 'source_format', 'billing_account_id', 'last_event_at'].map(
      (name) => textOf(row, name),
    ) as [string, string, string, string];
    const key = JSON.stringify(['source_silent', prefix, format, account, last]);
    const name = [prefix, format, account].filter(Boolean).join(', ');
    const since = last === '' ? 'has never come' : `has been silent since ${last.slice(0, 10)}`;
    const text = `Source ${name} ${since}: its days are not complete and are left out of comparisons.`;
    return { keys: [key], item: { kind: 'source_silent', key, team: null, owner: null, text } };
  });
}
