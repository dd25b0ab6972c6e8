/**
 * Fewer bits per weight: which form a GPU and a load ask for, and the replica it leads to. In: a model's shape, a GPU, the load. Out: the
 * number of GPUs from memory, the measured speed where there is one, the share of GPU cost saved. Invariant: it changes only what self-hosting
 * costs. An API bill does not change with the bits of weights its user never sees, so the saving there is exactly nothing.
 *
 * "70 to 80 % cheaper" is a statement about the memory of weights (16 to 4 bits: 75 %), not about cost: under load 8 bits save 28 to 47 %, 4
 * bits 7 to 39 % (`quantization-data.ts`).
 */
import type { GpuSpec, ModelShape, Precision } from './gpu-specs-data.ts';
import { QUANTIZATION_FACTORS, QUANTIZATION_QUALITY } from './quantization-data.ts';
import type { QuantizationFactor } from './quantization-data.ts';
import { gpusForMemory } from './roofline.ts';
import { anchorsOf } from './throughput-data.ts';
import type { ReplicaSpeed, ThroughputAnchor } from './throughput-data.ts';

/** `synchronous`: one request at a time, bound by latency and memory. `saturated`: full batches, bound by arithmetic. */
export type ReplicaLoad = 'synchronous' | 'saturated';

export interface ShareRange {
  readonly low: number;
  readonly high: number;
}

export interface QuantizedReplica {
  readonly precision: Precision;
  /** GPUs whose memory holds weights and context: a power of two */
  readonly gpus: number;
  readonly speed: ReplicaSpeed | null;
  /** the row the speed is from: of this precision, or of BF16 and then scaled; null where neither was measured on so many GPUs */
  readonly anchor: ThroughputAnchor | null;
  readonly speedBasis: 'measured' | 'scaled' | null;
  /** share of GPU cost saved against BF16; null where it was not measured */
  readonly savedShare: ShareRange | null;
  readonly quality: string;
}

export interface ReplicaNeed {
  readonly shape: ModelShape;
  readonly gpu: GpuSpec;
  readonly load: ReplicaLoad;
  /** sequences at a time that memory must hold, and the tokens of each */
  readonly sequences: number;
  readonly contextTokens: number;
  /** bytes of one key or value */
  readonly kvBytes: number;
}

/** The form of the weights that a load on a GPU asks for. */
export function recommendedPrecision(gpu: GpuSpec, load: ReplicaLoad): Precision {
  if (load === 'synchronous') return 'w4a16';
  if (gpu.teraflops.fp4 !== null) return 'fp4';
  // Ampere multiplies 8-bit integers, not 8-bit floats; of the L4 no peak of 8-bit floats is listed, but it has them
  return gpu.generation === 'ampere' ? 'int8' : 'fp8';
}

/** The replica that serves a model in this precision. */
export function quantizedReplica(need: ReplicaNeed, precision: Precision): QuantizedReplica {
  const { shape, gpu } = need;
  const gpus = gpusForMemory({ shape, gpu, precision, kvBytes: need.kvBytes }, need.sequences, need.contextTokens);
  const row = factorOf(need, precision);
  const factors = row?.[need.load] ?? null;
  const measured = anchorsOf(shape.model, precision, gpu.gpu, gpus)[0];
  const plain = anchorsOf(shape.model, 'bf16', gpu.gpu, gpus)[0];
  // a factor between fleets of different sizes says nothing about one replica's speed
  const scaled = measured || !plain || !factors || need.load === 'synchronous' ? null : scaledSpeed(plain, factors.low);
  return {
    precision,
    gpus,
    speed: measured ?? scaled,
    anchor: measured ?? (scaled ? (plain ?? null) : null),
    speedBasis: measured ? 'measured' : scaled ? 'scaled' : null,
    savedShare: precision === 'bf16' ? { low: 0, high: 0 } : factors && savedShares(factors),
    quality: QUANTIZATION_QUALITY[precision],
  };
}

/** Share of cost saved by a factor: 1.38 times cheaper saves 28 %. */
export function savedShares(factors: ShareRange): ShareRange {
  return { low: 1 - 1 / factors.low, high: 1 - 1 / factors.high };
}

/** What quantization takes off an amount that was paid to `channel`: nothing of an API bill, ever. */
export function quantizationSavingPico(
  channel: 'api' | 'self_hosted',
  gpuCostPico: bigint,
  quantizedCostPico: bigint,
): bigint {
  return channel === 'api' ? 0n : gpuCostPico - quantizedCostPico;
}

function factorOf({ shape, gpu }: ReplicaNeed, precision: Precision): QuantizationFactor | undefined {
  return QUANTIZATION_FACTORS.find(
    (row) => row.model === shape.model && row.precision === precision && (row.gpu === null || row.gpu === gpu.gpu),
  );
}

function scaledSpeed({ inputUs, outputUs, contextNs }: ReplicaSpeed, factor: number): ReplicaSpeed {
  return { inputUs: inputUs / factor, outputUs: outputUs / factor, contextNs };
}
