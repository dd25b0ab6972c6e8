/**
 * Measured speeds of model replicas, each fitted to three numbers (`throughput.ts` says how they are used). Every row names engine, version
 * and date, because software alone doubled throughput within months in 2024 (vLLM 0.5.4 to 0.6).
 *
 * The rows of TensorRT-LLM are relative least squares, non-negative, to its perf-overview of v1.0: output tokens per second at ten pairs of
 * fixed lengths (128/128 to 20,000/2,000), requests at an infinite rate, so an upper bound for interactive use. The rows of vLLM are fits of
 * two terms to queries per second in arXiv 2411.02355v4 (Kurtic et al., ACL 2025), table 6, at seven task shapes (256/128 to 4,096/512).
 */
import type { ReplicaId } from '../config-hosting.ts';
import type { GpuType, Precision } from './gpu-specs-data.ts';

export interface ReplicaSpeed {
  /** µs of a replica per input token that is not in its prefix cache: prefill */
  readonly inputUs: number;
  /** µs per output token: reading weights and decode arithmetic, shared by the whole batch */
  readonly outputUs: number;
  /** ns per output token and token of context: reading keys and values */
  readonly contextNs: number;
}

export interface ThroughputAnchor extends ReplicaSpeed {
  /** how config names it */
  readonly id: ReplicaId;
  /** as in MODEL_SHAPES */
  readonly model: string;
  readonly precision: Precision;
  readonly gpu: GpuType;
  readonly replicaGpus: number;
  /** greatest relative error of the fit at its own points */
  readonly maxFitError: number;
  /** greatest and mean relative error at a point left out of the fit; null where it was not computed */
  readonly leaveOneOutMaxError: number | null;
  readonly leaveOneOutMeanError: number | null;
  /** output tokens per second measured at 1,000 in and 1,000 out; null where that pair was not measured */
  readonly measuredAt1000: number | null;
  readonly inputTokens: readonly [least: number, most: number];
  readonly outputTokens: readonly [least: number, most: number];
  readonly engine: string;
  readonly engineVersion: string | null;
  /** when the measurement was published */
  readonly measuredAt: string;
  readonly source: string;
}

const TENSORRT = {
  inputTokens: [128, 20_000],
  outputTokens: [128, 4096],
  engine: 'TensorRT-LLM',
  engineVersion: '1.0',
  measuredAt: '2025-09-24',
  source: 'TensorRT-LLM perf-overview v1.0, maximum throughput; own fit',
} as const;

const VLLM = {
  contextNs: 0,
  // errors over all six fits: mean 8 to 22 %, worst 51 %; they were not kept per row
  maxFitError: 0.51,
  leaveOneOutMaxError: null,
  leaveOneOutMeanError: null,
  measuredAt1000: null,
  inputTokens: [256, 4096],
  outputTokens: [128, 1024],
  engine: 'vLLM',
  engineVersion: null,
  measuredAt: '2024-11-04',
  source: 'arXiv 2411.02355v4, table 6; own fit of two terms',
} as const;

export const THROUGHPUT_ANCHORS: readonly ThroughputAnchor[] = [
  tensorRt('llama-3.1-8b-fp8-1xh100', 'Llama-3.1-8B', 'fp8', 1, 'H100', [14.3, 14.7, 25.5], [0.06, 0.14, 0.04], 15_220),
  tensorRt('llama-3.1-8b-fp8-1xh200', 'Llama-3.1-8B', 'fp8', 1, 'H200', [14.5, 17.2, 17.5], [0.04, 0.07, 0.03], 17_744),
  tensorRt('llama-3.x-70b-fp8-2xh100', 'Llama-3.x-70B', 'fp8', 2, 'H100', [68.6, 71, 68.4], [0.08, 0.1, 0.04], 4205),
  tensorRt('llama-3.x-70b-fp8-1xh200', 'Llama-3.x-70B', 'fp8', 1, 'H200', [120, 110, 93.5], [0.09, 0.13, 0.07], 2909),
  tensorRt('llama-3.x-70b-fp4-1xb200', 'Llama-3.x-70B', 'fp4', 1, 'B200', [38, 41.6, 47.8], [0.08, 0.1, 0.04], 7007),
  tensorRt('llama-3.1-405b-fp8-8xh200', 'Llama-3.1-405B', 'fp8', 8, 'H200', [122, 140, 29.6], [0.04, 0.05, 0.03], 3330),
  tensorRt('llama-3.1-405b-fp8-8xh100', 'Llama-3.1-405B', 'fp8', 8, 'H100', [117, 136, 70.1], [0.09, 0.12, 0.07], 2919),
  {
    id: 'llama-3.x-70b-bf16-4xa100-80-vllm',
    model: 'Llama-3.x-70B',
    precision: 'bf16',
    replicaGpus: 4,
    gpu: 'A100-80',
    inputUs: 142,
    outputUs: 663,
    ...VLLM,
  },
  {
    id: 'llama-3.x-70b-int8-4xa100-80-vllm',
    model: 'Llama-3.x-70B',
    precision: 'int8',
    replicaGpus: 4,
    gpu: 'A100-80',
    inputUs: 50,
    outputUs: 394,
    ...VLLM,
  },
  {
    id: 'llama-3.x-70b-bf16-4xh100-vllm',
    model: 'Llama-3.x-70B',
    precision: 'bf16',
    replicaGpus: 4,
    gpu: 'H100',
    inputUs: 93,
    outputUs: 243,
    ...VLLM,
  },
  {
    id: 'llama-3.x-70b-fp8-4xh100-vllm',
    model: 'Llama-3.x-70B',
    precision: 'fp8',
    replicaGpus: 4,
    gpu: 'H100',
    inputUs: 55,
    outputUs: 126,
    ...VLLM,
  },
  {
    id: 'llama-3.1-8b-bf16-1xa6000-vllm',
    model: 'Llama-3.1-8B',
    precision: 'bf16',
    replicaGpus: 1,
    gpu: 'A6000',
    inputUs: 157,
    outputUs: 521,
    ...VLLM,
  },
  {
    id: 'llama-3.1-8b-int8-1xa6000-vllm',
    model: 'Llama-3.1-8B',
    precision: 'int8',
    replicaGpus: 1,
    gpu: 'A6000',
    inputUs: 115,
    outputUs: 372,
    ...VLLM,
  },
];

function tensorRt(
  id: ReplicaId,
  model: string,
  precision: Precision,
  replicaGpus: number,
  gpu: GpuType,
  [inputUs, outputUs, contextNs]: readonly [number, number, number],
  [maxFitError, leaveOneOutMaxError, leaveOneOutMeanError]: readonly [number, number, number],
  measuredAt1000: number,
): ThroughputAnchor {
  return {
    ...TENSORRT,
    id,
    model,
    precision,
    replicaGpus,
    gpu,
    inputUs,
    outputUs,
    contextNs,
    maxFitError,
    leaveOneOutMaxError,
    leaveOneOutMeanError,
    measuredAt1000,
  };
}

/** Anchors of one configuration, newest measurement first; the same hardware may have been measured with several engines. */
export function anchorsOf(model: string, precision: Precision, gpu: GpuType, replicaGpus: number): ThroughputAnchor[] {
  return THROUGHPUT_ANCHORS.filter(
    (row) => row.model === model && row.precision === precision && row.gpu === gpu && row.replicaGpus === replicaGpus,
  ).toSorted((a, b) => b.measuredAt.localeCompare(a.measuredAt));
}

/** The measured replica that config names. */
export function anchorOf(id: ReplicaId): ThroughputAnchor {
  const found = THROUGHPUT_ANCHORS.find((row) => row.id === id);
  if (!found)
    throw new RangeError(`no measured replica ${id}; measured: ${THROUGHPUT_ANCHORS.map((row) => row.id).join(', ')}`);
  return found;
}
