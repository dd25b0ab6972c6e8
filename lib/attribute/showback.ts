/**
 * Showback: what each team is charged in a month. In: the month's spend by owner and provider, and the config's shared costs. Out: rows of
 * `showback_monthly`. A shared cost is split over teams by weights, to the last picodollar (largest remainder); what nobody owns stays
 * visible as `unallocated`. Per provider, and so in all, the rows sum exactly to the month.
 */
import type { SharedCost } from '../config-schema.ts';
import { UNALLOCATED, teamKey } from '../team-name.ts';
import { splitByWeights } from '../money.ts';
import { matcherOf } from './pattern.ts';

/** A month's spend of one combination of owner and provider. `team` null = unattributed. Tokens are of all meters. */
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

/**
 * Rows of one month (`2026-11`), without rows of zero, sorted. The first shared cost that matches a sum takes it; weights are the teams'
 * own spend or tokens of the month, over all providers, without what is shared. Where nobody can be charged the cost is unallocated.
 */
export function showback(month: string, sums: readonly MonthSum[], sharedCosts: readonly SharedCost[]): ChargeRow[] {
  const active = sharedCosts.filter(
    (s) => (s.from === undefined || month >= s.from) && (s.to === undefined || month < s.to),
  );
  const { direct, pools } = sortOut(sums, active);
  const ledger = createCharges(month);
  for (const sum of direct)
    ledger.add(sum.team, sum.team === null ? 'unallocated' : 'direct', sum.provider, sum.costPico);
  const own = ownSpend(direct);
  for (const [shared, byProvider] of pools) {
    const weights = weightsOf(shared, own);
    for (const [provider, total] of byProvider) {
      if (weights.length === 0) ledger.add(null, 'unallocated', provider, total);
      const parts = splitByWeights(
        total,
        weights.map(([, weight]) => weight),
      );
      weights.forEach(([team], i) => ledger.add(team, 'shared', provider, parts[i] ?? 0n));
    }
  }
  return ledger.rows();
}

/** Direct spend, and per shared cost its spend by provider. */
function sortOut(
  sums: readonly MonthSum[],
  active: readonly SharedCost[],
): { direct: MonthSum[]; pools: Map<SharedCost, Map<string, bigint>> } {
  const compiled = active.map((shared) => ({ shared, matches: sumMatcher(shared) }));
  const direct: MonthSum[] = [];
  const pools = new Map<SharedCost, Map<string, bigint>>();
  for (const sum of sums) {
    const found = compiled.find(({ matches }) => matches(sum))?.shared;
    if (found === undefined) {
      direct.push(sum);
      continue;
    }
    const pool = pools.get(found) ?? new Map<string, bigint>();
    pools.set(found, pool.set(sum.provider, (pool.get(sum.provider) ?? 0n) + sum.costPico));
  }
  return { direct, pools };
}

function sumMatcher(shared: SharedCost): (sum: MonthSum) => boolean {
  const fields = (['team', 'project', 'application', 'environment', 'feature', 'provider'] as const).flatMap(
    (field) => {
      const pattern = shared.match[field];
      return pattern === undefined ? [] : [{ field, matches: matcherOf(pattern) }];
    },
  );
  return (sum) => fields.every(({ field, matches }) => matches(sum[field]));
}

interface Own {
  readonly team: string;
  costPico: bigint;
  tokens: bigint;
}

/** Each team's own spend and tokens, by the team's key. */
function ownSpend(direct: readonly MonthSum[]): Map<string, Own> {
  const own = new Map<string, Own>();
  for (const { team, costPico, tokens } of direct) {
    if (team === null) continue;
    const known = own.get(teamKey(team));
    if (known === undefined) own.set(teamKey(team), { team, costPico, tokens });
    else {
      known.costPico += costPico;
      known.tokens += tokens;
    }
  }
  return own;
}

/** Teams that share a cost and their weights, in name order so that ties fall the same way every time. Negative spend weighs nothing. */
function weightsOf(shared: SharedCost, own: ReadonlyMap<string, Own>): [team: string, weight: bigint][] {
  const nameOf = (team: string): string => own.get(teamKey(team))?.team ?? team;
  const weights: [string, bigint][] = [];
  if (shared.split === 'fixed') {
    for (const [team, share] of Object.entries(shared.shares ?? {})) weights.push([nameOf(team), BigInt(share)]);
  } else {
    for (const team of shared.among ?? [...own.values()].map((o) => o.team))
      weights.push([nameOf(team), weightOf(shared.split, own.get(teamKey(team)))]);
  }
  return weights.toSorted(([a], [b]) => compareText(a, b));
}

function weightOf(split: Exclude<SharedCost['split'], 'fixed'>, own: Own | undefined): bigint {
  if (own === undefined) return split === 'even' ? 1n : 0n;
  const weight = { even: 1n, proportional_to_spend: own.costPico, proportional_to_tokens: own.tokens }[split];
  return weight > 0n ? weight : 0n;
}

interface Charges {
  add(team: string | null, costKind: ChargeRow['costKind'], provider: string, costPico: bigint): void;
  rows(): ChargeRow[];
}

/** Sums charges by team, kind and provider. */
function createCharges(month: string): Charges {
  const rows = new Map<string, ChargeRow>();
  return {
    add(owner, costKind, provider, costPico) {
      const team = owner ?? UNALLOCATED;
      const key = JSON.stringify([team, costKind, provider]);
      rows.set(key, { month, team, costKind, provider, costPico: (rows.get(key)?.costPico ?? 0n) + costPico });
    },
    rows: () =>
      [...rows.values()]
        .filter((row) => row.costPico !== 0n)
        .toSorted(
          (a, b) =>
            compareText(a.team, b.team) || compareText(a.costKind, b.costKind) || compareText(a.provider, b.provider),
        ),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
