/**
 * Speed of a replica nobody measured, from the peaks of its GPUs: an extrapolation, and every result says so. In: a model's shape, a GPU,
 * efficiencies. Out: the three numbers of `throughput-data.ts`, the sequences that fit into memory, the duration of a decode step, the number
 * of GPUs. Arithmetic bounds the input, bandwidth the output (roofline: Williams et al., CACM 2009). Calibrated against the measured rows:
 * arithmetic reaches 0.41 to 0.59 of peak, reading keys and values 0.72 to 0.77 of bandwidth (the 8B row shows twice that with 16-bit keys
 * and values: they were 8-bit). Uncalibrated it promises 1.0 to 2.9 times too much; with the defaults a factor of 2 either way remains.
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
}

export interface RooflineSpeed extends ReplicaSpeed {
  readonly basis: 'extrapolated';
  /** true speed lies between the stated one divided by this and times this */
  readonly errorFactor: number;
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
  const memory = replica.gpus * replica.gpu.memoryGb * 1e9 * SELF_HOSTING_PARAMETERS.usableMemory.value;
  const perSequence = kvBytesPerToken(replica.shape, replica.kvBytes) * contextTokens;
  return (memory - weightBytes(replica.shape, replica.precision)) / perSequence;
}

/** The least power of two of GPUs whose memory holds the weights and `sequences` of `contextTokens`. */
export function gpusForMemory(
  replica: Omit<RooflineReplica, 'gpus'>,
  sequences: number,
  contextTokens: number,
): number {
  const perGpu = replica.gpu.memoryGb * 1e9 * SELF_HOSTING_PARAMETERS.usableMemory.value;
  const kv = sequences * contextTokens * kvBytesPerToken(replica.shape, replica.kvBytes);
  const needed = weightBytes(replica.shape, replica.precision) + kv;
  if (!(needed < Infinity))
    throw new RangeError(`memory for ${sequences} sequences of ${contextTokens} tokens is unknown`);
  let gpus = 1;
  while (gpus * perGpu < needed) gpus *= 2;
  return gpus;
}

/** The three numbers of a replica that runs `sequences` at a time on prompts of `meanInputTokens`. */
export function rooflineSpeed(replica: RooflineReplica, sequences: number, meanInputTokens: number): RooflineSpeed {
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
    basis: 'extrapolated',
    errorFactor: SELF_HOSTING_PARAMETERS.rooflineErrorFactor.value,
  };
}

/** Seconds of one decode step of `sequences` with `contextTokens` each: the least time between two tokens of one answer. */
export function decodeStepS(replica: RooflineReplica, sequences: number, contextTokens: number): number {
  const kv = sequences * contextTokens * kvBytesPerToken(replica.shape, replica.kvBytes);
  const reading = (weightBytes(replica.shape, replica.precision) + kv) / bandwidth(replica);
  return Math.max(reading, (2 * replica.shape.activeParameters * sequences) / computePerSecond(replica));
}

function bandwidth(replica: RooflineReplica): number {
  const efficiency = replica.memoryEfficiency ?? SELF_HOSTING_PARAMETERS.memoryEfficiency.value;
  return efficiency * replica.gpus * replica.gpu.bandwidthTbPerS * 1e12;
}

function computePerSecond(replica: RooflineReplica): number {
  const { teraflops, gpu } = replica.gpu;
  const { precision } = replica;
  // 4-bit weights are multiplied as 16-bit numbers
  const peak =
    precision === 'bf16' || precision === 'w4a16' ? teraflops.bf16 : precision === 'int8' ? null : teraflops[precision];
  if (peak === null) throw new RangeError(`no peak of ${precision} arithmetic is listed for the GPU ${gpu}`);
  const efficiency = replica.computeEfficiency ?? SELF_HOSTING_PARAMETERS.computeEfficiency.value;
  return efficiency * replica.gpus * peak * 1e12;
}
