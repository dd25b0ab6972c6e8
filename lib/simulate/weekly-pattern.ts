/**
 * Whether cost follows the week, and the log in pieces of seven days if it does: days that are alike because they are the same weekday, or
 * neighbors, must be drawn together. In: cost per day. Out: yes or no; overlapping blocks of seven days around the log's circle. Invariant: every
 * calendar day of the log lies in exactly seven blocks, so that no day weighs more than another.
 *
 * Sources: rank test of Kruskal and Wallis, JASA 47 (1952); circular blocks of Politis and Romano, in Exploring the Limits of Bootstrap (1992).
 */
import type { ClusterCosts } from './resampling.ts';

/** 95 % point of chi-square with six degrees of freedom, seven weekdays less one (any table). */
const CHI_SQUARE_6_95 = 12.591587243743977;
const WEEK = 7;

/** Whether weekdays differ by more than chance in one log out of twenty would make them. `dayNumbers` count days since any day. */
export function hasWeeklyPattern(dayNumbers: Int32Array, cost: Float64Array): boolean {
  return weekdayStatistic(dayNumbers, cost) > CHI_SQUARE_6_95;
}

/** H of Kruskal and Wallis over weekdays, corrected for ties; 0 where all days cost the same. */
export function weekdayStatistic(dayNumbers: Int32Array, cost: Float64Array): number {
  const n = cost.length;
  const order = Array.from(cost, (_, at) => at).toSorted((a, b) => (cost[a] as number) - (cost[b] as number));
  const rankSums = new Float64Array(WEEK);
  const days = new Float64Array(WEEK);
  let ties = 0;
  for (let from = 0; from < n;) {
    let to = from + 1;
    while (to < n && cost[order[to] as number] === cost[order[from] as number]) to++;
    ties += (to - from) ** 3 - (to - from);
    for (const at of order.slice(from, to)) {
      const weekday = (((dayNumbers[at] as number) % WEEK) + WEEK) % WEEK;
      rankSums[weekday] = (rankSums[weekday] as number) + (from + 1 + to) / 2;
      days[weekday] = (days[weekday] as number) + 1;
    }
    from = to;
  }
  const untied = 1 - ties / (n ** 3 - n);
  if (!(untied > 0)) return 0;
  let sum = 0;
  for (let weekday = 0; weekday < WEEK; weekday++) {
    if ((days[weekday] as number) > 0) sum += (rankSums[weekday] as number) ** 2 / (days[weekday] as number);
  }
  return ((12 / (n * (n + 1))) * sum - 3 * (n + 1)) / untied;
}

/** Days of the calendar from the first to the last; 0 of none. `dayNumbers` ascend. */
export function calendarSpan(dayNumbers: Int32Array): number {
  return dayNumbers.length === 0 ? 0 : (dayNumbers.at(-1) as number) - (dayNumbers[0] as number) + 1;
}

/** One cluster for each calendar day: its own costs and those of the six days after it, where the log's first day follows its last. */
export function weekBlocks(dayNumbers: Int32Array, { base, next, plans }: ClusterCosts): ClusterCosts {
  const span = calendarSpan(dayNumbers);
  if (span < WEEK) throw new RangeError(`blocks of a week need seven days of calendar, got ${span}`);
  const blocks = { base: new Float64Array(span), next: new Float64Array(span * plans), plans };
  for (const [at, day] of dayNumbers.entries()) {
    for (let back = 0; back < WEEK; back++) {
      const block = (day - (dayNumbers[0] as number) - back + span) % span;
      blocks.base[block] = (blocks.base[block] as number) + (base[at] as number);
      for (let plan = 0; plan < plans; plan++) {
        const to = block * plans + plan;
        blocks.next[to] = (blocks.next[to] as number) + (next[at * plans + plan] as number);
      }
    }
  }
  return blocks;
}
