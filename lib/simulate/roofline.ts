/**
 * Speed of a replica nobody measured, from the peaks of its GPUs: an extrapolation, and whoever shows it says so. In: a model's shape, a GPU,
 * efficiencies. Out: the three numbers of `throughput-data.ts`, the sequences that fit into memory, the duration of a decode step, the number
 * of GPUs. Links between GPUs are not in it. Arithmetic bounds the input, bandwidth the output (roofline: Williams et al., CACM 2009). Calibrated against the measured rows:
 * arithmetic reaches 0.41 to 0.59 of peak, reading keys and values 0.72 to 0.77 of bandwidth (the 8B row shows twice that with 16-bit keys
 * and values: they were 8-bit). Uncalibrated it promises 1.0 to 2.9 times too much; with the defaults a factor of 2 either way remains
 * (parameter perf.roofline_error), which is for the caller to apply.
 */
import type { GpuSpec, ModelShape, Precision } from './gpu-specs-data.ts';
import { SELF_HOSTING_PARAMETERS } from './self-hosting-parameters-data.ts';
import type { ReplicaSpeed } from './throughput-data.ts';

export interface RooflineReplica {
  readonly shape: ModelShape;
  readonly gpu: GpuSpec;
  readonly gpus: number;
  readonly precision: Precision;
  /** bytes of one key or value: 2 for BF16, 1 for FP8 */
  readonly kvBytes: number;
  readonly computeEfficiency?: number;
  readonly memoryEfficiency?: number;
  /** share of memory that weights, keys and values may fill */
  readonly usableMemory?: number;
}

const WEIGHT_BITS: Readonly<Record<Precision, number>> = { bf16: 16, int8: 8, fp8: 8, w4a16: 4, fp4: 4 };

/** Bytes of keys and values that one token of context occupies. */
export function kvBytesPerToken(shape: ModelShape, kvBytes: number): number {
  return 2 * shape.layers * shape.kvHeads * shape.headDim * kvBytes;
}

/** Bytes of all weights. */
export function weightBytes(shape: ModelShape, precision: Precision): number {
  return (shape.totalParameters * WEIGHT_BITS[precision]) / 8;
}

/** Sequences of `contextTokens` that fit beside the weights; below 1 the model does not fit. */
export function concurrentSequences(replica: RooflineReplica, contextTokens: number): number {
  const memory = replica.gpus * usableBytes(replica);
  const perSequence = kvBytesPerToken(replica.shape, replica.kvBytes) * contextTokens;
  return (memory - weightBytes(replica.shape, replica.precision)) / perSequence;
}

/** The least power of two of GPUs whose memory holds the weights and `sequences` of `contextTokens`. */
export function gpusForMemory(
  replica: Omit<RooflineReplica, 'gpus'>,
  sequences: number,
  contextTokens: number,
): number {
  const perGpu = usableBytes(replica);
  const kv = sequences * contextTokens * kvBytesPerToken(replica.shape, replica.kvBytes);
  const needed = weightBytes(replica.shape, replica.precision) + kv;
  if (!(needed < Infinity))
    throw new RangeError(`memory for ${sequences} sequences of ${contextTokens} tokens is unknown`);
  let gpus = 1;
  while (gpus * perGpu < needed) gpus *= 2;
  return gpus;
}

/**
 * The three numbers of a replica that runs `sequences` at a time on prompts of `meanInputTokens`. Throws `RangeError` where `peakTeraflops` is null.
 */
export function rooflineSpeed(replica: RooflineReplica, sequences: number, meanInputTokens: number): ReplicaSpeed {
  const { shape } = replica;
  const flops = computePerSecond(replica);
  const bytesPerSecond = bandwidth(replica);
  const linearS = (2 * shape.activeParameters) / flops;
  const attention = 1 + (shape.layers * shape.hidden * meanInputTokens) / shape.activeParameters;
  const weightsS = weightBytes(shape, replica.precision) / (sequences * bytesPerSecond);
  return {
    inputUs: linearS * attention * 1e6,
    outputUs: (linearS + weightsS) * 1e6,
    contextNs: (kvBytesPerToken(shape, replica.kvBytes) / bytesPerSecond) * 1e9,
  };
}

/** Seconds of one decode step of `sequences` with `contextTokens` each: the least time between two tokens of one answer. */
export function decodeStepS(replica: RooflineReplica, sequences: number, contextTokens: number): number {
  const kv = sequences * contextTokens * kvBytesPerToken(replica.shape, replica.kvBytes);
  const reading = (weightBytes(replica.shape, replica.precision) + kv) / bandwidth(replica);
  return Math.max(reading, (2 * replica.shape.activeParameters * sequences) / computePerSecond(replica));
}

/** The most sequences whose decode step takes at most so many seconds; 0 where even one takes longer. */
export function sequencesWithin(replica: RooflineReplica, stepS: number, contextTokens: number): number {
  const perSequence = kvBytesPerToken(replica.shape, replica.kvBytes) * contextTokens;
  const read = (stepS * bandwidth(replica) - weightBytes(replica.shape, replica.precision)) / perSequence;
  const computed = (stepS * computePerSecond(replica)) / (2 * replica.shape.activeParameters);
  return Math.max(0, Math.floor(Math.min(read, computed)));
}

/** Peak of the arithmetic that weights of this precision are multiplied in, in 10¹² operations per second; null where none is listed. */
export function peakTeraflops({ teraflops }: GpuSpec, precision: Precision): number | null {
  // 4-bit weights are multiplied as 16-bit numbers
  if (precision === 'bf16' || precision === 'w4a16') return teraflops.bf16;
  return precision === 'int8' ? null : teraflops[precision];
}

function usableBytes({ gpu, usableMemory }: Pick<RooflineReplica, 'gpu' | 'usableMemory'>): number {
  return gpu.memoryGb * 1e9 * (usableMemory ?? SELF_HOSTING_PARAMETERS.usableMemory.value);
}

function bandwidth(replica: RooflineReplica): number {
  const efficiency = replica.memoryEfficiency ?? SELF_HOSTING_PARAMETERS.memoryEfficiency.value;
  return efficiency * replica.gpus * replica.gpu.bandwidthTbPerS * 1e12;
}

function computePerSecond({ gpu, gpus, precision, computeEfficiency }: RooflineReplica): number {
  const peak = peakTeraflops(gpu, precision);
  if (peak === null) throw new RangeError(`no peak of ${precision} arithmetic is listed for the GPU ${gpu.gpu}`);
  return (computeEfficiency ?? SELF_HOSTING_PARAMETERS.computeEfficiency.value) * gpus * peak * 1e12;
}
