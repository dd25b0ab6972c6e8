/**
 * A replica that nobody measured, as config describes it, put on the roofline (`roofline.ts`). In: its description, the calls of its fleet, the
 * parameters of a run. Out: how many answers it writes at a time, its speed, the words that go beside every number of it. It runs as many
 * sequences as memory holds of the context that calls have on average, unless config says how many and of what. Invariant: what does not fit
 * into memory, or has no listed peak, is refused by its path; parameters at their worse ends only slow a replica down, to one sequence at least.
 */
import type { HostingOption } from '../config-hosting.ts';
import type { ExtrapolatedReplicaOption } from '../config-replica.ts';
import { Misconfigured } from '../errors.ts';
import { gpuSpec, modelShape } from './gpu-specs-data.ts';
import type { GpuType, ModelShape, Precision } from './gpu-specs-data.ts';
import type { HostingValues } from './hosting-option.ts';
import {
  concurrentSequences,
  decodeStepS,
  gpusForMemory,
  kvBytesPerToken,
  peakTeraflops,
  rooflineSpeed,
  sequencesWithin,
  weightBytes,
} from './roofline.ts';
import type { RooflineReplica } from './roofline.ts';
import type { ReplicaSpeed } from './throughput-data.ts';

/** Stands where a measured replica has a `ThroughputAnchor`. */
export interface ExtrapolatedReplica {
  readonly model: string;
  readonly precision: Precision;
  readonly gpu: GpuType;
  readonly replicaGpus: number;
  readonly roofline: RooflineReplica;
  /** as config gives them */
  readonly sequences: number | undefined;
  /** as config or the calls give them; undefined where neither does */
  readonly contextTokens: number | undefined;
}

export interface ExtrapolatedSpeed {
  /** without `perf.roofline_error` */
  readonly speed: ReplicaSpeed;
  /** answers written at a time */
  readonly sequences: number;
}

/** Lengths of the calls of a fleet; arrays of one length. */
interface Lengths {
  readonly inputTokens: ArrayLike<number>;
  readonly outputTokens: ArrayLike<number>;
}

/** What the numbers are from. */
export const ROOFLINE_SOURCE = 'roofline: data sheet × calibrated efficiencies';

/** The longest a token may take in each latency class; nobody waits for one in the class offline. */
const TOKEN_S = { offline: Infinity, relaxed: 0.05, tight: 0.02 } as const satisfies Readonly<
  Record<HostingOption['latencyClass'], number>
>;

/** Looks up shape and data sheet. Throws `Misconfigured`, naming `path` (that of the replica), where no peak of its arithmetic is listed. */
export function extrapolatedReplica(option: ExtrapolatedReplicaOption, path: string): ExtrapolatedReplica {
  const { precision, gpus, kvBytes, sequences, contextTokens } = option;
  const gpu = gpuSpec(option.gpu);
  if (peakTeraflops(gpu, precision) === null) {
    const valid = (['bf16', 'int8', 'fp8', 'w4a16', 'fp4'] as const).filter((one) => peakTeraflops(gpu, one) !== null);
    throw new Misconfigured(
      `${path}.precision: no peak of ${precision} arithmetic is listed for ${gpu.gpu}; valid: ${valid.join(', ')}`,
      { hint: 'take a precision or a GPU whose peak is listed, or a measured replica' },
    );
  }
  const shape = shapeOf(option.model);
  return {
    model: shape.model,
    precision,
    gpu: gpu.gpu,
    replicaGpus: gpus,
    roofline: { shape, gpu, gpus, precision, kvBytes },
    sequences,
    contextTokens,
  };
}

/**
 * The option with the context that its calls have, where config gives none: that of a token being written, input and half of the output
 * weighted by output, since a sequence is held for as long as it is written. Options of measured replicas stay as they are.
 */
export function withContext(option: HostingOption, { inputTokens, outputTokens }: Lengths): HostingOption {
  const { replica } = option;
  if (typeof replica === 'string' || replica.contextTokens !== undefined || inputTokens.length === 0) return option;
  let [held, written, read] = [0, 0, 0];
  for (let call = 0; call < inputTokens.length; call++) {
    const [input, output] = [inputTokens[call] as number, outputTokens[call] as number];
    held += output * (input + output / 2);
    written += output;
    read += input;
  }
  const context = written > 0 ? held / written : read / inputTokens.length;
  return { ...option, replica: { ...replica, contextTokens: Math.max(1, context) } };
}

/** Throws `Misconfigured`, naming `path` (that of the replica), where its memory does not hold the sequences asked for, or not even one. */
export function requireFit(replica: ExtrapolatedReplica, values: HostingValues, path: string): void {
  const { model, precision, sequences = 1, contextTokens = 1 } = replica;
  const usableMemory = values('gpu.memory_share');
  const on = { ...replica.roofline, usableMemory };
  const room = Math.floor(concurrentSequences(on, contextTokens));
  if (room >= sequences) return;
  const asked = sequences === 1 ? 'a sequence' : `${sequences} sequences`;
  const context = kvBytesPerToken(on.shape, on.kvBytes) * contextTokens;
  throw new Misconfigured(
    `${path}.${room < 1 ? 'gpus' : 'sequences'}: ${on.gpus} x ${on.gpu.gpu} do not hold ${model} in ${precision} and ${asked} of ` +
      `${Math.round(contextTokens)} tokens: ${gigabytes(weightBytes(on.shape, precision))} of weights and ` +
      `${gigabytes(sequences * context)} of keys and values, with room for ${gigabytes(1e9 * on.gpus * on.gpu.memoryGb * usableMemory)}`,
    {
      hint:
        `take ${gpusForMemory(on, sequences, contextTokens)} GPUs` +
        (room < 1 ? ', or fewer bits per weight' : `, or at most ${room} sequences`),
    },
  );
}

/** Sequences and speed under the parameters of a run. Throws `RangeError` where no calls gave the context. */
export function extrapolatedSpeed(replica: ExtrapolatedReplica, values: HostingValues): ExtrapolatedSpeed {
  const contextTokens = contextOf(replica);
  const on = atValues(replica, values);
  const sequences = replica.sequences ?? Math.max(1, Math.floor(concurrentSequences(on, contextTokens)));
  return { speed: rooflineSpeed(on, sequences, contextTokens), sequences };
}

/** What has to be said of a fleet of this replica: that it is an extrapolation, and whether its tokens come as soon as its class asks. */
export function extrapolationWarnings(
  replica: ExtrapolatedReplica,
  latencyClass: HostingOption['latencyClass'],
  values: HostingValues,
): string[] {
  const { sequences } = extrapolatedSpeed(replica, values);
  const contextTokens = contextOf(replica);
  const on = atValues(replica, values);
  const error = values('perf.roofline_error');
  const stepS = decodeStepS(on, sequences, contextTokens) * error;
  const boundS = TOKEN_S[latencyClass];
  const most = sequencesWithin(on, boundS / error, contextTokens);
  const said =
    `All numbers of this fleet are an extrapolation (${ROOFLINE_SOURCE}): nobody measured ${replica.model} in ${replica.precision} on ` +
    `${on.gpus} x ${on.gpu.gpu} here; it may be half or twice as fast (perf.roofline_error)`;
  if (stepS <= boundS) return [said];
  return [
    said,
    `A token takes ${(1e3 * stepS).toPrecision(3)} ms where ${sequences} sequences of ${Math.round(contextTokens)} tokens are written at a time; ` +
      `the class ${latencyClass} allows ${1e3 * boundS} ms, which ${most === 0 ? 'no number of sequences keeps' : `at most ${most} sequences keep`}`,
  ];
}

function contextOf({ contextTokens }: ExtrapolatedReplica): number {
  if (contextTokens === undefined)
    throw new RangeError('no call tells how many tokens a sequence of the replica holds');
  return contextTokens;
}

/** The replica with the efficiencies of a run; memory is asked for only where it decides. */
function atValues({ roofline, sequences }: ExtrapolatedReplica, values: HostingValues): RooflineReplica {
  return {
    ...roofline,
    computeEfficiency: values('perf.compute_efficiency'),
    memoryEfficiency: values('perf.bandwidth_efficiency'),
    ...(sequences === undefined && { usableMemory: values('gpu.memory_share') }),
  };
}

function shapeOf(model: ExtrapolatedReplicaOption['model']): ModelShape {
  if (typeof model === 'string') return modelShape(model);
  const { parameters, activeParameters = parameters, layers, hidden, kvHeads, headDim } = model;
  const billions = Number((parameters / 1e9).toPrecision(3));
  return {
    model: `own shape of ${billions} billion parameters`,
    totalParameters: parameters,
    activeParameters,
    layers,
    hidden,
    kvHeads,
    headDim,
  };
}

function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(4))} GB`;
}
