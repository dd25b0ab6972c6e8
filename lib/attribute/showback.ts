/**
 * Showback: what each team is charged in a month. Costs that a rule declares shared are split over the teams by weights, to the last
 * picodollar (largest remainder); what nobody owns stays visible as `unallocated`. Per provider the parts sum to the month exactly.
 */
import type { SharedCost } from '../config.ts';
import { splitByWeights } from '../money.ts';

/** A month's spend of one combination of dimensions. `team` null = unattributed. */
export interface MonthSum {
  readonly team: string | null;
  readonly project: string | null;
  readonly application: string | null;
  readonly environment: string | null;
  readonly feature: string | null;
  readonly provider: string;
  readonly costPico: bigint;
  readonly tokens: bigint;
}

export interface ChargeRow {
  readonly month: string;
  readonly team: string;
  readonly costKind: 'direct' | 'shared' | 'unallocated';
  readonly provider: string;
  readonly costPico: bigint;
}

export const UNALLOCATED = 'unallocated';

/** Rows of `showback_monthly` for one month. The first shared-cost rule that matches a sum takes it. */
export function showback(month: string, sums: readonly MonthSum[], rules: readonly SharedCost[]): ChargeRow[] {
  const active = rules.filter((r) => (r.from === undefined || month >= r.from) && (r.to === undefined || month < r.to));
  const sharedOf = (sum: MonthSum): SharedCost | undefined => active.find((rule) => isShared(rule, sum));
  const direct = sums.filter((sum) => sharedOf(sum) === undefined);
  const rows = new Map<string, ChargeRow>();
  const add = (team: string, costKind: ChargeRow['costKind'], provider: string, costPico: bigint): void => {
    if (costPico === 0n) return;
    const key = `${team}\n${costKind}\n${provider}`;
    rows.set(key, { month, team, costKind, provider, costPico: (rows.get(key)?.costPico ?? 0n) + costPico });
  };
  for (const sum of direct) add(sum.team ?? UNALLOCATED, sum.team === null ? 'unallocated' : 'direct', sum.provider, sum.costPico);
  for (const rule of active) {
    const pool = new Map<string, bigint>();
    for (const sum of sums) if (sharedOf(sum) === rule) pool.set(sum.provider, (pool.get(sum.provider) ?? 0n) + sum.costPico);
    const weights = weightsOf(rule, direct);
    for (const [provider, total] of pool) {
      if (weights.length === 0) add(UNALLOCATED, 'unallocated', provider, total);
      splitByWeights(total, weights.map(([, weight]) => weight)).forEach((part, i) => add(weights[i]?.[0] ?? UNALLOCATED, 'shared', provider, part));
    }
  }
  return [...rows.values()].toSorted((a, b) => (`${a.team}\n${a.costKind}\n${a.provider}` < `${b.team}\n${b.costKind}\n${b.provider}` ? -1 : 1));
}

function isShared(rule: SharedCost, sum: MonthSum): boolean {
  const m = rule.match;
  const fits = (wanted: string | undefined, actual: string | null): boolean => wanted === undefined || wanted.toLowerCase() === actual?.toLowerCase();
  return fits(m.team, sum.team) && fits(m.project, sum.project) && fits(m.application, sum.application) && fits(m.environment, sum.environment) && fits(m.feature, sum.feature);
}

/** Teams that share and their weights, in name order so that ties fall the same way every time. */
function weightsOf(rule: SharedCost, direct: readonly MonthSum[]): [string, bigint][] {
  if (rule.split === 'fixed') return Object.entries(rule.shares ?? {}).toSorted(byName).map(([team, share]) => [team, BigInt(share)]);
  const weights = new Map<string, bigint>((rule.among ?? []).map((team) => [team, 0n]));
  for (const sum of direct) {
    if (sum.team === null || (rule.among && !rule.among.includes(sum.team))) continue;
    const weight = rule.split === 'even' ? 0n : rule.split === 'proportional_to_spend' ? sum.costPico : sum.tokens;
    weights.set(sum.team, (weights.get(sum.team) ?? 0n) + (weight > 0n ? weight : 0n));
  }
  return [...weights].toSorted(byName);
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
