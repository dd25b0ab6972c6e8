/**
 * Fleets of open models as places where calls may go. In: a log, fleets that config names, the days that are paid, parameter values. Out: the
 * pools that could pay, and for every fleet what it would cost and save by itself. A model goes to one fleet: of those that name it, the one that
 * saves most by itself; a fleet that costs more than the calls it would take is none (docs/simulation.md, "Self-hosting"). Invariant: answers
 * that are not accepted are paid at the provider as well, and how many are accepted is the owner's number.
 */
import type { HostingOption } from '../config-hosting.ts';
import type { AcceleratorPool, PooledCalls } from './accelerator-pools.ts';
import { declaredWaitMs } from './batch-eligibility.ts';
import type { CallKind, CallLog } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import { extrapolatedSpeed, requireFit, withContext } from './extrapolated-replica.ts';
import { hostedFleet } from './hosted-fleet.ts';
import type { HostedFleet } from './hosted-fleet.ts';
import type { HostedCalls } from './hosted-work.ts';
import { hostingCrossover } from './hosting-crossover.ts';
import type { HostingCrossover } from './hosting-crossover.ts';
import { acceptedShareOf, hostingKnobs, hostingSetup, isExtrapolated } from './hosting-option.ts';
import type { HostingValues } from './hosting-option.ts';
import { parameterKnob, percentKnob } from './model-moves.ts';
import type { Knob, KnobValue } from './model-moves.ts';
import type { ParameterId } from './parameters-data.ts';
import type { Parameters } from './parameters.ts';
import { shareOfPico } from './share-of-pico.ts';
import { replicaSeconds } from './throughput.ts';

export interface HostingInput {
  /** with the `isOpen` of the plan */
  readonly log: CallLog;
  readonly kinds: KindTable;
  readonly fromMs: number;
  readonly toMs: number;
  /** calls of the period that each of these stands for: more than 1 where they are a sample */
  readonly callsPerCall: number;
}

/** A fleet by itself, with all the calls that it could take. */
export interface FleetFinding {
  readonly option: HostingOption;
  readonly fleet: HostedFleet;
  readonly crossover: HostingCrossover | null;
  readonly loggedPico: bigint;
  /** may be negative */
  readonly savingPico: bigint;
  /** the same with an extrapolated speed at the ends of its error; null where the replica was measured */
  readonly ifSpeedErrs: { readonly slowPico: bigint; readonly fastPico: bigint } | null;
  readonly isCandidate: boolean;
}

const TEXT_OPERATIONS: ReadonlySet<string> = new Set(['chat', 'completion']);

/** Every fleet by itself, in the order of the config, with the context of its calls in the option. `isCandidate` marks those that a plan may rent. Throws `Misconfigured` for an impossible one. */
export function fleetFindings(
  input: HostingInput,
  options: readonly HostingOption[],
  parameters: Parameters,
): FleetFinding[] {
  const values: HostingValues = (id) => parameters.valueOf(id);
  const found = options.map((configured, at): FleetFinding => {
    const path = `simulate.selfHosting.fleets[${at}]`;
    const calls = callsOf(input, configured);
    const loggedPico = calls.reduce((sum, call) => sum + (input.log.costPico[call] as bigint), 0n);
    const hosted = hostedCalls(input, loggedCalls(input, calls));
    const option = withContext(configured, hosted);
    const { anchor } = hostingSetup(option, path);
    if (isExtrapolated(anchor)) requireFit(anchor, values, `${path}.replica`);
    const fleet = hostedFleet(hosted, option, values);
    const rejectedPico = shareOfPico(loggedPico, 1 - acceptedShareOf(option));
    const savingPico = ({ totalPico }: HostedFleet): bigint =>
      loggedPico - rejectedPico - inUnitsOfTheLog(totalPico, input);
    const { low, high } = parameters.rowOf('perf.roofline_error');
    const savingWithError = (error: number): bigint =>
      savingPico(hostedFleet(hosted, option, (id) => (id === 'perf.roofline_error' ? error : values(id))));
    return {
      option,
      fleet,
      crossover: calls.length === 0 ? null : hostingCrossover(hosted, option, loggedPico, values, fleet),
      loggedPico,
      savingPico: savingPico(fleet),
      ifSpeedErrs: isExtrapolated(anchor) ? { slowPico: savingWithError(high), fastPico: savingWithError(low) } : null,
      isCandidate: false,
    };
  });
  const taken = new Set<string>();
  const byGain = found.toSorted((a, b) => (a.savingPico === b.savingPico ? 0 : a.savingPico > b.savingPico ? -1 : 1));
  const chosen = new Set<FleetFinding>();
  for (const finding of byGain) {
    if (finding.savingPico <= 0n || finding.option.models.some((model) => taken.has(model))) continue;
    chosen.add(finding);
    for (const model of finding.option.models) taken.add(model);
  }
  return found.map((finding) => ({ ...finding, isCandidate: chosen.has(finding) }));
}

/** Pools of these fleets, in the order given. */
export function hostingPools(
  input: HostingInput,
  options: readonly HostingOption[],
  parameters: HostingParameters,
): AcceleratorPool[] {
  const values: HostingValues = (id) => {
    const value = parameters[id];
    if (value === undefined) throw new RangeError(`hostingKnobs does not name ${id}`);
    return value;
  };
  return options.map((option): AcceleratorPool => {
    const { anchor } = hostingSetup(option);
    const speed = isExtrapolated(anchor) ? extrapolatedSpeed(anchor, values).speed : anchor;
    return {
      lever: 'self_hosting',
      takes: (_, kind) => isTaken(option, input.kinds.kinds[kind] as CallKind),
      rejectedThousandths: Math.round((1 - acceptedShareOf(option)) * 1000),
      workS: (_, tokens) =>
        replicaSeconds(
          speed,
          tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h,
          tokens.output,
        ),
      costPico: (calls) => inUnitsOfTheLog(hostedFleet(hostedCalls(input, calls), option, values).totalPico, input),
    };
  });
}

/** Values of the parameters that fleets hang on. */
export type HostingParameters = Readonly<Partial<Record<ParameterId, number>>>;

/** Those of these fleets. */
export function hostingParameters(options: readonly HostingOption[], values: HostingValues): HostingParameters {
  return Object.fromEntries(options.flatMap((option) => hostingKnobs(option)).map((id) => [id, values(id)]));
}

/** Shares of accepted answers, and the parameters of the register that these fleets hang on. */
export function fleetKnobs(options: readonly HostingOption[], parameters: Parameters): Knob[] {
  const ids = new Set(options.flatMap((option) => hostingKnobs(option)));
  return [
    ...[...ids].map((id) => parameterKnob(id, parameters)),
    ...options.map((option) => percentKnob(acceptedName(option), option.acceptedPercent)),
  ];
}

/** The fleets with the share of accepted answers that `valueOf` gives. */
export function fleetsAt(options: readonly HostingOption[], valueOf: KnobValue): HostingOption[] {
  return options.map((option) => ({ ...option, acceptedPercent: valueOf(acceptedName(option)) }));
}

function acceptedName({ name }: HostingOption): string {
  return `selfHosting.fleets[${name}].acceptedPercent`;
}

function isTaken({ models }: HostingOption, { model, operation }: CallKind): boolean {
  return TEXT_OPERATIONS.has(operation) && models.includes(model);
}

function callsOf({ log, kinds }: HostingInput, option: HostingOption): Int32Array {
  const takes = log.kinds.map((_, kind) => isTaken(option, kinds.kinds[kind] as CallKind));
  const calls: number[] = [];
  for (let call = 0; call < log.calls; call++)
    if (log.isOpen[call] === 1 && takes[log.kind[call] as number] === true) calls.push(call);
  return Int32Array.from(calls);
}

function loggedCalls({ log }: HostingInput, calls: Int32Array): PooledCalls {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(calls, (call) => column[call] as number);
  return { calls, inputTokens: pick(log.allInput), outputTokens: pick(log.output), images: pick(log.images) };
}

function hostedCalls(
  { log, fromMs, toMs, callsPerCall }: HostingInput,
  { calls, inputTokens, outputTokens }: PooledCalls,
): HostedCalls {
  return {
    arrivalMs: Float64Array.from(calls, (call) => log.timeMs[call] as number),
    inputTokens,
    outputTokens,
    waitMs: Float64Array.from(calls, (call) => declaredWaitMs(log, call) ?? NaN),
    fromMs,
    toMs,
    callsPerCall,
  };
}

/** The fleet is that of the period; a sample bears its part of it. */
function inUnitsOfTheLog(pico: bigint, { callsPerCall }: HostingInput): bigint {
  return callsPerCall === 1 ? pico : shareOfPico(pico, 1 / callsPerCall);
}
