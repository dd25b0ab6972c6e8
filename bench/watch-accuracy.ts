/**
 * How well anomalies and forecasts do on generated histories, beside a naive baseline in the same run. In: `--histories N --seed S`. Out: a table.
 * Naive: a day is an anomaly if it is twice the same weekday a week before; the month goes on as its last seven days did, 10 % up or down.
 */
import { parseArgs } from 'node:util';
import { findAnomalies } from '../lib/watch/anomalies.ts';
import { forecastSum } from '../lib/watch/forecast.ts';
import { DAYS, drawHistory, seen } from './watch-histories.ts';
import type { History } from './watch-histories.ts';

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' } },
});
const HISTORIES = Number(values.histories);
const SEED = Number(values.seed);
/** a week of settled usage is known before anything is judged */
const FROM = 70;
const BANDS = [0.1, 0.15, 0.2, 0.25];

interface Tally {
  spikes: number;
  caught: number;
  /** of cells with at least 1 % of their team's spend: the others are not told of, by design */
  material: { spikes: number; caught: number };
  readonly byNoise: { spikes: number; caught: number }[];
  falseAlarms: number;
  teamMonths: number;
}
const tally = (): Tally => ({
  spikes: 0,
  caught: 0,
  material: { spikes: 0, caught: 0 },
  byNoise: BANDS.map(() => ({ spikes: 0, caught: 0 })),
  falseAlarms: 0,
  teamMonths: 0,
});

/** Alarms as `cell day`. After a step the level is another: alarms in the two weeks after it count as true. */
function count(history: History, alarms: ReadonlySet<string>, into: Tally): void {
  const planted = new Set<string>();
  for (const { cell, at } of history.spikes) {
    if (history.missing.has(at)) continue;
    planted.add(`${cell} ${at}`);
    const isCaught = alarms.has(`${cell} ${at}`);
    const band = into.byNoise[BANDS.findIndex((limit) => (history.noise[cell] as number) <= limit)];
    if (band === undefined) throw new Error('noise beyond the bands');
    const isMaterial = usual(history, cell, at) >= 0.01 * usual(history, null, at, history.truth[cell]?.team);
    for (const sum of [into, band, ...(isMaterial ? [into.material] : [])]) {
      sum.spikes++;
      if (isCaught) sum.caught++;
    }
  }
  for (const alarm of alarms) {
    const [cell = 0, at = 0] = alarm.split(' ').map(Number);
    const isStep = history.steps.some((step) => step.cell === cell && at >= step.at && at < step.at + 14);
    if (!planted.has(alarm) && !isStep) into.falseAlarms++;
  }
  into.teamMonths += (new Set(history.truth.map(({ team }) => team)).size * (DAYS - FROM)) / 30;
}

/** Mean of 28 days before, of a cell or a team. */
function usual({ truth, missing }: History, cell: number | null, at: number, team?: string): number {
  let sum = 0;
  for (const [own, { team: name, days }] of truth.entries())
    if (own === cell || name === team)
      for (let i = at - 28; i < at; i++) sum += missing.has(i) ? 0 : (days[i]?.cost ?? 0);
  return sum / 28;
}

function ours(history: History): Set<string> {
  const cells = seen(history, DAYS);
  const places = new Map(cells.map((cell, at) => [cell, at]));
  const found = findAnomalies(cells, history.firstWeekday, FROM);
  return new Set(found.map(({ cell, at }) => `${places.get(cell)} ${at}`));
}

function naive(history: History): Set<string> {
  const alarms = new Set<string>();
  for (const [cell, { days }] of seen(history, DAYS).entries())
    for (let at = FROM; at < DAYS; at++) {
      const [day, before] = [days[at], days[at - 7]];
      if (day && before && day.cost > 2 * before.cost && day.cost - before.cost >= 1) alarms.add(`${cell} ${at}`);
    }
  return alarms;
}

interface Coverage {
  inside: number;
  below: number;
  above: number;
  errors: number[];
  widths: number[];
}
const coverage = (): Coverage => ({ inside: 0, below: 0, above: 0, errors: [], widths: [] });

function score(into: Coverage, actual: number, range: { low: number; expected: number; high: number }): void {
  if (actual < range.low) into.below++;
  else if (actual > range.high) into.above++;
  else into.inside++;
  into.errors.push(Math.abs(range.expected - actual) / actual);
  into.widths.push((range.high - range.low) / actual);
}

/** Month of 30 days that ends on day 150 or before, seen after 7, 14 and 21 of its days: the whole month, what is known included. */
function forecasts(history: History, own: Record<string, Coverage>, other: Record<string, Coverage>): void {
  const scopes = new Map<string, readonly History['truth'][number][]>([
    ['total', history.truth],
    ...Map.groupBy(history.truth, ({ team }) => team),
  ]);
  for (const [scope, cells] of scopes) {
    const costs = Array.from({ length: DAYS }, (_, at) =>
      cells.reduce((sum, { days }) => sum + (days[at]?.cost ?? 0), 0),
    );
    const known = costs.map((cost, at) => (history.missing.has(at) ? null : cost));
    const ask = (name: string, month: number, passed: number): void => {
      const madeOn = month + passed;
      const open = Array.from({ length: 30 }, (_, i) => month + i).filter((at) => at >= madeOn || known[at] === null);
      const actual = open.reduce((sum, at) => sum + (costs[at] as number), 0);
      const range = forecastSum(
        { firstWeekday: history.firstWeekday, costs: known.slice(0, madeOn) },
        open.map((at) => ({ ahead: Math.max(1, at - madeOn + 1), weekday: (history.firstWeekday + at) % 7 })),
      );
      if (range === null || actual <= 0) return;
      score((own[name] ??= coverage()), actual, range);
      const week = known.slice(madeOn - 7, madeOn).filter((cost) => cost !== null);
      const expected = (week.reduce((sum, cost) => sum + cost, 0) / Math.max(1, week.length)) * open.length;
      score((other[name] ??= coverage()), actual, { low: 0.9 * expected, expected, high: 1.1 * expected });
    };
    for (const passed of [7, 14, 21]) {
      const of = scope === 'total' ? 'total' : 'teams';
      for (const month of [FROM + 5, FROM + 40]) ask(`${of}, ${30 - passed} days ahead`, month, passed);
      ask(`all of a ledger of ${passed} days`, 0, passed);
    }
  }
}

const sides = { ours: tally(), naive: tally() };
const own: Record<string, Coverage> = {};
const other: Record<string, Coverage> = {};
for (let n = 0; n < HISTORIES; n++) {
  const history = drawHistory(SEED * 1_000_003 + n, FROM);
  count(history, ours(history), sides.ours);
  count(history, naive(history), sides.naive);
  forecasts(history, own, other);
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? NaN;
process.stdout.write(`${HISTORIES} histories, seed ${SEED}\n`);
for (const [name, { spikes, caught, material, falseAlarms, teamMonths, byNoise }] of Object.entries(sides)) {
  const bands = byNoise.map((band, at) => `noise <= ${BANDS[at]}: ${percent(band.caught, band.spikes)}`).join(', ');
  process.stdout.write(
    `${name}: recall ${percent(caught, spikes)} of ${spikes} spikes, ${percent(material.caught, material.spikes)} of the ${material.spikes} in cells of 1 % or more, ${(falseAlarms / teamMonths).toFixed(3)} false alarms a team-month (${falseAlarms} in ${teamMonths.toFixed(0)}); ${bands}\n`,
  );
}
for (const [side, sums] of Object.entries({ ours: own, naive: other })) {
  const all = coverage();
  for (const [name, one] of [...Object.entries(sums), ['all', all] as const]) {
    const n = one.inside + one.below + one.above;
    process.stdout.write(
      `${side}, ${name}: inside ${percent(one.inside, n)}, below ${percent(one.below, n)}, above ${percent(one.above, n)}, median error ${percent(middle(one.errors), 1)}, median width ${percent(middle(one.widths), 1)}, n ${n}\n`,
    );
    if (one === all) continue;
    all.inside += one.inside;
    all.below += one.below;
    all.above += one.above;
    all.errors.push(...one.errors);
    all.widths.push(...one.widths);
  }
}
