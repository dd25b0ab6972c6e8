/**
 * A simulation as the table `savings` takes it. In: a `Simulation`. Out: amounts by group, and for each lever what it rests on. A lever that the
 * log speaks of and that was not priced saved nothing: a known zero, for every group.
 */
import { usdText } from '../money.ts';
import type { LeverFinding } from './lever-findings.ts';
import type { LeverAmounts, SavingsInput, SavingsLever, Stated } from './savings-rows.ts';
import type { Simulation } from './simulate.ts';
import { simulationJson } from './simulation-json.ts';
import type { Json } from './simulation-json.ts';

/** Maps one to the other. */
export function savingsInput(simulation: Simulation): SavingsInput {
  const { scenario, groups, plan, ranges, levers } = simulation;
  const { evidence } = simulationJson(simulation) as { readonly evidence: LogEvidence };
  return {
    scenario,
    groups: groups.map(({ team, model, calls, baselinePico, savingPico, cash }) => ({
      team,
      model,
      calls,
      baselinePico,
      savingPico,
      cashPico: cash.cashPico,
      blockedBy: cash.blockedBy,
    })),
    levers: levers.map((finding) => leverOf(finding, simulation, evidence)),
    plan: {
      basis: weakestBasis(levers.filter(({ isInPlan }) => isInPlan)),
      range: ranges.plan,
      assumptions: [...new Set(levers.filter(({ isInPlan }) => isInPlan).flatMap(({ assumptions }) => assumptions))],
      evidence: { levers: [...plan.chosen], overlap: usdText(plan.overlapPico), ...intervalOf(simulation) },
    },
  };
}

/** What the log shows, by lever, as `simulate --format json` has it. */
type LogEvidence = Readonly<Record<string, Json>>;

function leverOf(finding: LeverFinding, { plan, groups }: Simulation, evidence: LogEvidence): SavingsLever {
  const { lever, basis, range, assumptions, isInPlan, why, toKnow, page } = finding;
  const saving = plan.levers.find((one) => one.lever === lever);
  const nothing = groups.map(() => 0n);
  const amounts: LeverAmounts =
    saving === undefined
      ? { sharePico: nothing, alonePico: nothing, lastPico: nothing, calls: groups.map(() => 0) }
      : {
          sharePico: saving.sharePico,
          alonePico: saving.aloneByGroup,
          lastPico: saving.lastByGroup,
          calls: [...saving.callsByGroup],
        };
  const { prompt_waste: signs = [] } = evidence;
  const log = lever === 'prompt_optimization' ? { ...objectOf(evidence[lever]), signs } : evidence[lever];
  return {
    lever,
    basis,
    range,
    assumptions,
    amounts: finding.savingPico === null ? null : amounts,
    evidence: { in_plan: isInPlan, why, to_know: toKnow, page, ...(log === undefined ? {} : { log }) },
  };
}

function objectOf(value: Json | undefined): { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {};
}

/** A plan is known as well as the least known of its levers. */
function weakestBasis(levers: readonly LeverFinding[]): Stated['basis'] {
  const bases = new Set(levers.map(({ basis }) => basis));
  return (['illustrative', 'modelled'] as const).find((basis) => bases.has(basis)) ?? 'measured';
}

function intervalOf({ ranges: { interval } }: Simulation): Readonly<Record<string, unknown>> {
  if (interval.kind === 'refused') return { no_range: interval.reason };
  return { drawn_by: interval.unit, days: interval.daysWithCost, few_days: interval.isFewDays };
}
