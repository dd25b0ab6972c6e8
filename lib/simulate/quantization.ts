/**
 * Fewer or more bits per weight: what a measured replica would need and cost in another form of its weights. In: the replica. Out: per form the
 * GPUs whose memory holds it, its speed where it was measured or follows from BF16 by a measured factor, the share of GPU cost it saves, the words
 * on quality. Invariant: it changes only what self-hosting costs. An API bill does not change with the bits of weights its user never sees.
 *
 * "70 to 80 % cheaper" is a statement about the memory of weights (16 to 4 bits: 75 %), not about cost: under load 8 bits save 28 to 47 %, 4
 * bits 7 to 39 % (`quantization-data.ts`).
 */
import { gpuSpec, modelShape } from './gpu-specs-data.ts';
import type { GpuSpec, Precision } from './gpu-specs-data.ts';
import { QUANTIZATION_FACTORS, QUANTIZATION_QUALITY } from './quantization-data.ts';
import type { CostFactor, QuantizationFactor } from './quantization-data.ts';
import { concurrentSequences, gpusForMemory } from './roofline.ts';
import { anchorsOf } from './throughput-data.ts';
import type { ReplicaSpeed, ThroughputAnchor } from './throughput-data.ts';

/** `synchronous`: one request at a time, bound by latency and memory. `saturated`: full batches, bound by arithmetic. */
export type ReplicaLoad = 'synchronous' | 'saturated';

/** Shares of GPU cost; below 0 where it would cost more. */
export interface ShareRange {
  readonly low: number;
  readonly high: number;
}

export interface QuantizedReplica {
  readonly precision: Precision;
  /** GPUs whose memory holds the weights and as many tokens of context as the replica has room for: a power of two */
  readonly gpus: number;
  readonly speed: ReplicaSpeed | null;
  /** the row the speed is from: of this precision, or of BF16 and then scaled; null where neither was measured on so many GPUs */
  readonly anchor: ThroughputAnchor | null;
  readonly speedBasis: 'measured' | 'scaled' | null;
  /** share of GPU cost saved against the replica, by load; null where one of the two was not measured on these GPUs */
  readonly savedShare: Readonly<Record<ReplicaLoad, ShareRange | null>>;
  readonly quality: string;
  /** what speed and shares are from */
  readonly sources: readonly string[];
}

const FORMS: readonly Precision[] = ['bf16', 'fp8', 'int8', 'w4a16', 'fp4'];
/** Bytes of a key or value: it cancels out, for the context that is to be held is what the replica holds. */
const KV_BYTES = 2;
/** BF16 against itself. */
const SAME: CostFactor = { low: 1, high: 1 };

/** The form of the weights that a load on a GPU asks for. */
export function recommendedPrecision(gpu: GpuSpec, load: ReplicaLoad): Precision {
  if (load === 'synchronous') return 'w4a16';
  if (gpu.teraflops.fp4 !== null) return 'fp4';
  return hasFp8(gpu) ? 'fp8' : 'int8';
}

/** The replica in every other form that its GPUs can work with and of which speed or saving is known. */
export function otherPrecisions(replica: ThroughputAnchor): QuantizedReplica[] {
  const gpu = gpuSpec(replica.gpu);
  const canRun = (precision: Precision): boolean =>
    precision === 'fp8' ? hasFp8(gpu) : precision !== 'fp4' || gpu.teraflops.fp4 !== null;
  return FORMS.filter((precision) => precision !== replica.precision && canRun(precision))
    .map((precision) => quantizedReplica(replica, precision))
    .filter(({ speed, sources }) => speed !== null || sources.length > 0);
}

/** Ampere multiplies 8-bit integers, not 8-bit floats; of the L4 no peak of 8-bit floats is listed, but it has them. */
function hasFp8({ generation }: GpuSpec): boolean {
  return generation !== 'ampere';
}

function quantizedReplica(replica: ThroughputAnchor, precision: Precision): QuantizedReplica {
  const { model, gpu } = replica;
  const gpus = gpusOf(replica, precision);
  const [factors, own] = [factorsOf(replica, precision), factorsOf(replica, replica.precision)];
  const measured = anchorsOf(model, precision, gpu, gpus)[0];
  const plain = anchorsOf(model, 'bf16', gpu, gpus)[0];
  const scaled = measured || !plain || !factors ? null : scaledSpeed(plain, factors.saturated.low);
  const anchor = measured ?? (scaled === null ? null : (plain ?? null));
  const savedShare = {
    saturated: factors && own && savedShares(factors.saturated, own.saturated),
    synchronous: factors && own && savedShares(factors.synchronous, own.synchronous),
  };
  const isCompared = savedShare.saturated !== null;
  const used = [anchor, scaled !== null || isCompared ? factors : null, isCompared ? own : null];
  return {
    precision,
    gpus,
    speed: measured ?? scaled,
    anchor,
    speedBasis: measured ? 'measured' : scaled ? 'scaled' : null,
    savedShare,
    quality: QUANTIZATION_QUALITY[precision],
    sources: [...new Set(used.flatMap((row) => row?.source ?? []))],
  };
}

function gpusOf({ model, gpu, replicaGpus, precision: own }: ThroughputAnchor, precision: Precision): number {
  const need = { shape: modelShape(model), gpu: gpuSpec(gpu), kvBytes: KV_BYTES };
  const contextTokens = Math.floor(concurrentSequences({ ...need, gpus: replicaGpus, precision: own }, 1));
  return gpusForMemory({ ...need, precision }, Math.max(1, contextTokens), 1);
}

/** Share of cost saved by a form that is `to` times cheaper than BF16, against one that is `from` times cheaper: 1.38 against 1 saves 28 %. */
export function savedShares(to: CostFactor, from: CostFactor = SAME): ShareRange {
  return { low: 1 - from.high / to.low, high: 1 - from.low / to.high };
}

function factorsOf(
  { model, gpu }: ThroughputAnchor,
  precision: Precision,
): (Pick<QuantizationFactor, ReplicaLoad> & { readonly source?: string }) | null {
  if (precision === 'bf16') return { saturated: SAME, synchronous: SAME };
  return (
    QUANTIZATION_FACTORS.find(
      (row) => row.model === model && row.precision === precision && (row.gpu === null || row.gpu === gpu),
    ) ?? null
  );
}

function scaledSpeed({ inputUs, outputUs, contextNs }: ReplicaSpeed, factor: number): ReplicaSpeed {
  return { inputUs: inputUs / factor, outputUs: outputUs / factor, contextNs };
}
