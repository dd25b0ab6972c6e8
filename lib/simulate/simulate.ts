/**
 * Simulates the levers on the calls of a period. In: its calls in order of time, the price engine, config. Out: what the log shows, a plan in
 * which each call is saved at most once, every lever with its range and what stands behind it. Invariant: a lever that this log does not let
 * one know is said to be so, with what to log; it is neither zero nor a guess. Method: docs/simulation.md.
 */
import type { LimitsOf } from '../model-limits.ts';
import { dayOf } from '../time.ts';
import { cacheCalibration } from './cache-calibration.ts';
import type { CalibrationRow } from './cache-calibration.ts';
import { createEffects, leverKnobs } from './lever-config.ts';
import type { LeverConfig } from './lever-config.ts';
import { imageFindings, similarFindings } from './lever-evidence.ts';
import type { SimilarFindings } from './lever-evidence.ts';
import { fleetFindings } from './hosting-pools.ts';
import type { FleetFinding } from './hosting-pools.ts';
import type { ImageMoveFinding } from './image-effects.ts';
import { planOfPeriod } from './sampled-plan.ts';
import type { SampledPeriod, SamplingFacts } from './sampled-plan.ts';
import { scaledPico } from './sampling.ts';
import { illustrativeBand } from './semantic-band.ts';
import type { LabelledPair } from './semantic-cache.ts';
import { createNeighborCollector } from './semantic-evidence.ts';
import type { NeighborRows, Neighbors } from './semantic-evidence.ts';
import type { CallKind, CallLog, LoggedCall } from './call-log.ts';
import { createCallLog } from './call-log.ts';
import { createKindTable, repriceable } from './call-pricing.ts';
import type { CallPricing } from './call-pricing.ts';
import { cashSavings } from './commitments.ts';
import type { CashSaving, CommitmentTerms, SpendGroup } from './commitments.ts';
import { createEvidence } from './evidence.ts';
import type { Evidence, EvidenceSettings } from './evidence.ts';
import { batchEvidence } from './batch-evidence.ts';
import type { BatchEvidence } from './batch-evidence.ts';
import { batchSettings } from './lever-effects.ts';
import { leverFindings } from './lever-findings.ts';
import type { LeverFinding } from './lever-findings.ts';
import { rewriteRules } from './measured-rewrites.ts';
import type { RewriteRow } from './measured-rewrites.ts';
import type { KnobValue } from './model-moves.ts';
import { parametersWith } from './parameters.ts';
import type { ParameterOverride, Parameters } from './parameters.ts';
import { makePlan } from './plan.ts';
import type { Plan, PlanInput } from './plan.ts';
import { createScenarioTotals } from './plan-totals.ts';
import { planGroups, planRanges, unitGroups } from './plan-ranges.ts';
import type { PlanRanges } from './plan-ranges.ts';
import { CALL_LEVERS } from './scenario-costs.ts';
import type { Scenario } from './scenario-costs.ts';
import { activeLevers } from './plan-parts.ts';
import { movesWithin } from './model-moves.ts';
import { moveFindings } from './move-findings.ts';
import type { MoveFinding } from './move-findings.ts';
import { moveQualities } from './move-quality.ts';
import type { MoveQuality } from './move-quality.ts';
import { wasteSigns } from './waste-evidence.ts';
import type { WasteSign } from './waste-evidence.ts';

export interface SimulationSettings {
  /** first and last day asked for; null: those of the calls */
  readonly from: string | null;
  readonly to: string | null;
  readonly pricing: CallPricing;
  readonly evidence: EvidenceSettings;
  readonly levers: LeverConfig;
  /** what models take and give; nothing is known where absent */
  readonly limitsOf?: LimitsOf | undefined;
  /** what the owner knows of similar questions; null: nothing */
  readonly similar: SimilarEvidence | null;
  /** lossless rewrites of the owner's prompts, as measured; null or absent: not measured */
  readonly rewrites?: readonly RewriteRow[] | null | undefined;
  /** null: the calls are all of the period */
  readonly sample: SampledLog | null;
  readonly parameters: Readonly<Record<string, ParameterOverride>>;
  readonly commitments: readonly CommitmentTerms[];
}

/** Where `unitGroups` stands among the clusterings of a plan. */
const UNIT_WAY = 2;

/** A log that is a sample of its period, and what queries found in the whole of it. */
export interface SampledLog extends SampledPeriod {
  readonly wholePeriod: WholePeriod;
}

/** Rows of `queries/repeats.sql`, `reuse-gaps.sql` and `demand-per-minute.sql`. */
export interface WholePeriod {
  readonly repeats: readonly PeriodRow[];
  readonly reuse_gaps: readonly PeriodRow[];
  readonly demand: readonly PeriodRow[];
}

export type PeriodRow = Readonly<Record<string, string | number | null>>;

export interface SimilarEvidence {
  readonly pairs: readonly LabelledPair[];
  readonly neighbors: NeighborRows;
}

export interface Simulation {
  readonly from: string;
  readonly to: string;
  readonly scenario: 'measured';
  readonly calls: number;
  /** null: every call was looked at */
  readonly sampling: (SamplingFacts & { readonly wholePeriod: WholePeriod }) | null;
  /** calls that cost money and that no lever may touch, and why they are not open to it */
  readonly keptPico: bigint;
  readonly groups: readonly (SpendGroup & {
    readonly team: string;
    /** rows of the period, buckets included */
    readonly calls: number;
    readonly cash: CashSaving;
  })[];
  readonly plan: Plan;
  readonly ranges: PlanRanges;
  readonly levers: readonly LeverFinding[];
  readonly evidence: Evidence;
  readonly batch: BatchEvidence;
  readonly calibration: readonly CalibrationRow[];
  readonly similar: SimilarFindings | null;
  /** null: not measured */
  readonly rewrites: readonly RewriteRow[] | null;
  readonly images: readonly ImageMoveFinding[];
  readonly fleets: readonly FleetFinding[];
  readonly quality: readonly MoveQuality[];
  readonly moves: readonly MoveFinding[];
  readonly waste: readonly WasteSign[];
  readonly parameters: Parameters;
}

/** Reads the calls once and simulates. Throws `Misconfigured` for parameters that make no sense. */
export async function simulate(calls: AsyncIterable<LoggedCall>, settings: SimulationSettings): Promise<Simulation> {
  const parameters = parametersWith(settings.parameters);
  const { log, evidence, neighbors } = await readCalls(calls, settings);
  const { isOpen, keptPico } = repriceable(log, settings.pricing);
  const open = { ...log, isOpen };
  const period = {
    from: settings.from ?? dayOf(log.timeMs[0] ?? 0),
    to: settings.to ?? dayOf(log.timeMs.at(-1) ?? 0),
  };
  const { pricing, similar, sample, rewrites = null } = settings;
  // the first rule that matches a call is the one for it: what config says goes before what was measured
  const config = { ...settings.levers, cuts: [...settings.levers.cuts, ...rewriteRules(rewrites ?? [])] };
  const calibration = cacheCalibration(open);
  const rented = { ...daysOf(period), callsPerCall: sample === null ? 1 : 1 / sample.rate };
  const kinds = createKindTable(log.kinds);
  const fleets = fleetFindings({ log: open, kinds, ...rented }, config.fleets, parameters);
  const candidates = fleets.flatMap(({ option, isCandidate }) => (isCandidate ? [option] : []));
  const knobs = leverKnobs({ config, fleets: candidates, parameters, calibration, hasSimilar: neighbors !== null });
  const values = new Map(knobs.map(({ name, value }) => [name, value]));
  const highs = new Map(knobs.map(({ name, high }) => [name, high]));
  const bounds = {
    highOf: (name: string) => highs.get(name) as number,
    limitsOf: settings.limitsOf ?? (() => null),
  };
  const facts = {
    log,
    isOpen,
    kinds,
    pricing,
    images: config.images,
    period: rented,
    semantic: neighbors === null ? null : { config: config.semantic, pairs: similar?.pairs ?? [], neighbors },
  };
  const effectsAt = createEffects(facts, { ...config, fleets: candidates }, calibration, bounds);
  const scenarioAt = (valueOf: KnobValue): Scenario => ({ log, kinds, effects: effectsAt(valueOf) });
  const scenario = scenarioAt((name) => values.get(name) as number);
  const levers = activeLevers(scenario, CALL_LEVERS);
  const groups = groupsOf(log);
  const clusterings = sample === null ? planGroups(log) : [...planGroups(log), unitGroups(log)];
  const planAt = (at: Scenario): PlanInput => ({
    scenario: at,
    levers,
    groupOf: groups.of,
    groups: groups.facts.length,
    clusterings,
  });
  const seen = makePlan(planAt(scenario));
  const totalAt = createScenarioTotals(scenario, seen.parts, seen.chosenBits);
  const seenRanges = planRanges(log, seen, knobs, {
    plan: (values) => makePlan(planAt(scenarioAt(values))),
    savingPico: (values) => seen.baselinePico - totalAt(scenarioAt(values)),
    isFleetKept: candidates.length > 0,
  });
  const whole =
    sample === null ? null : planOfPeriod({ plan: seen, ranges: seenRanges }, groups.facts, sample, UNIT_WAY);
  const plan = whole?.plan ?? seen;
  const ranges = whole?.ranges ?? seenRanges;
  const spend = (whole?.groups ?? groups.facts).map((group, at) => ({
    ...group,
    calls: whole?.rowsByGroup[at] ?? (groups.calls[at] as number),
    baselinePico: plan.baselineByGroup[at] as bigint,
    savingPico: plan.savingByGroup[at] as bigint,
  }));
  const { applicationTypes } = config.semantic;
  const band =
    neighbors !== null || applicationTypes.length === 0 ? null : illustrativeBand(open, applicationTypes, parameters);
  const quality = moveQualities(config.moves, parameters);
  const likely = movesWithin(config.moves, bounds)((name) => values.get(name) as number);
  const moves = moveFindings({ log: open, kinds, pricing, configured: config.moves, moves: likely, knobs });
  const cash = cashSavings(spend, settings.commitments, period);
  return {
    ...period,
    scenario: 'measured',
    calls: whole?.rows ?? log.calls,
    sampling: whole === null || sample === null ? null : { ...whole.sampling, wholePeriod: sample.wholePeriod },
    keptPico: plan.baselinePico - (whole === null ? seen.baselinePico - keptPico : openOf(seen, keptPico, sample)),
    groups: spend.map((group, at) => ({ ...group, cash: cash[at] as CashSaving })),
    plan,
    ranges,
    levers: leverFindings({
      log,
      scenario,
      plan,
      ranges,
      evidence,
      config,
      band,
      fleets,
      rewrites,
      quality,
      moves,
      knobs,
      hasSimilar: neighbors !== null,
    }),
    evidence: sample === null ? evidence : evidenceOfPeriod(evidence, sample.rate),
    batch: batchEvidence(
      scenario,
      batchSettings((id) => parameters.valueOf(id)),
    ),
    calibration: calibration.rows,
    similar: similarFindings(scenario, neighbors),
    rewrites,
    fleets,
    images: imageFindings(facts, rented, config, parameters),
    quality,
    moves,
    waste: wasteSigns(log, parameters),
    parameters,
  };
}

async function readCalls(
  calls: AsyncIterable<LoggedCall>,
  { evidence: settings, similar }: SimulationSettings,
): Promise<{ log: CallLog; evidence: Evidence; neighbors: Neighbors | null }> {
  const builder = createCallLog();
  const collector = createEvidence(settings);
  const neighbors = similar === null ? null : createNeighborCollector(similar.neighbors);
  let at = 0;
  for await (const call of calls) {
    collector.see(call, builder.add(call));
    neighbors?.see(call.recordId, at++);
  }
  const log = builder.finish();
  return { log, evidence: collector.evidence(), neighbors: neighbors?.finish(log) ?? null };
}

/** Caches of a sample are as much smaller as fewer prompts come (SHARDS, Waldspurger et al., FAST 2015); counts stay those of the sample. */
function evidenceOfPeriod(evidence: Evidence, rate: number): Evidence {
  const { prefix_cache: cache } = evidence;
  const by_capacity = cache.by_capacity.map(({ capacity_blocks, hit_tokens }) => ({
    capacity_blocks: Math.round(capacity_blocks / rate),
    hit_tokens,
  }));
  return { ...evidence, prefix_cache: { ...cache, by_capacity } };
}

/** What levers may touch of the period, as the sample shows it. */
function openOf({ baselinePico }: Plan, keptPico: bigint, sample: SampledPeriod | null): bigint {
  const billPico = (sample?.groups ?? []).reduce((sum, group) => sum + group.callsPico, 0n);
  return scaledPico(baselinePico - keptPico, billPico, baselinePico);
}

/** From the beginning of the first day to the end of the last one. */
function daysOf({ from, to }: { readonly from: string; readonly to: string }): { fromMs: number; toMs: number } {
  return { fromMs: Date.parse(from), toMs: Date.parse(to) + 86_400_000 };
}

/** Team, provider, account and model of every call: savings are told and paid by them. */
function groupsOf(log: CallLog): {
  of: Int32Array;
  calls: number[];
  facts: { team: string; provider: string; account: string | null; model: string }[];
} {
  const numbers = new Map<string, number>();
  const facts: { team: string; provider: string; account: string | null; model: string }[] = [];
  const calls: number[] = [];
  const of = new Int32Array(log.calls);
  const kinds = log.kinds.length;
  for (let call = 0; call < log.calls; call++) {
    const kindAt = log.kind[call] as number;
    const quick = `${(log.team.codes[call] as number) * kinds + kindAt}`;
    let number = numbers.get(quick);
    if (number === undefined) {
      const { provider, billingAccountId: account, model } = log.kinds[kindAt] as CallKind;
      const team = log.team.names[log.team.codes[call] as number] as string;
      const name = JSON.stringify([team, provider, account, model]);
      number = numbers.get(name) ?? facts.push({ team, provider, account, model }) - 1;
      numbers.set(quick, number);
      numbers.set(name, number);
    }
    of[call] = number;
    calls[number] = (calls[number] ?? 0) + 1;
  }
  return { of, calls, facts };
}
