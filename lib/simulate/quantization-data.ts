/**
 * What fewer bits per weight do to the cost of serving, measured (arXiv 2411.02355v4, Kurtic et al., ACL 2025; Llama 3.1 8B, 70B, 405B; vLLM;
 * over 500,000 evaluations): how many times cheaper than BF16, for one request at a time (synchronous) and for a saturated replica. Ranges
 * where the paper's tables span several settings.
 */
import type { GpuType, Precision } from './gpu-specs-data.ts';

export interface CostFactor {
  readonly low: number;
  readonly high: number;
}

export interface QuantizationFactor {
  /** as in MODEL_SHAPES */
  readonly model: string;
  readonly precision: Precision;
  /** null where the source does not tell GPUs apart */
  readonly gpu: GpuType | null;
  readonly synchronous: CostFactor;
  readonly saturated: CostFactor;
  /** GPUs of BF16 and of this, for one request at a time */
  readonly gpusSynchronous: readonly [bf16: number, quantized: number] | null;
  readonly source: string;
  readonly date: string;
}

const PAPER = { source: 'arXiv 2411.02355v4', date: '2025-05' } as const;

export const QUANTIZATION_FACTORS: readonly QuantizationFactor[] = [
  factor('Llama-3.1-8B', 'int8', 'A6000', [1.54, 1.54], [1.38, 1.38], null),
  factor('Llama-3.1-8B', 'w4a16', 'A6000', [2.39, 2.39], [1.08, 1.08], null),
  factor('Llama-3.x-70B', 'int8', 'A100-80', [1.81, 1.81], [1.87, 1.87], [2, 1]),
  factor('Llama-3.x-70B', 'w4a16', 'A100-80', [2.67, 2.67], [1.64, 1.64], [2, 1]),
  factor('Llama-3.x-70B', 'fp8', 'H100', [1.84, 1.84], [1.77, 1.77], null),
  factor('Llama-3.x-70B', 'w4a16', 'H100', [2.11, 2.11], [1.55, 1.55], null),
  factor('Llama-3.1-405B', 'int8', null, [3.2, 3.3], [2.5, 3.1], null),
  factor('Llama-3.1-405B', 'fp8', null, [3.2, 3.3], [2.5, 3.1], null),
  factor('Llama-3.1-405B', 'w4a16', null, [5.2, 6.4], [2.5, 3.1], [16, 4]),
];

function factor(
  model: string,
  precision: Precision,
  gpu: GpuType | null,
  [syncLow, syncHigh]: readonly [number, number],
  [asyncLow, asyncHigh]: readonly [number, number],
  gpusSynchronous: QuantizationFactor['gpusSynchronous'],
): QuantizationFactor {
  return {
    model,
    precision,
    gpu,
    gpusSynchronous,
    synchronous: { low: syncLow, high: syncHigh },
    saturated: { low: asyncLow, high: asyncHigh },
    ...PAPER,
  };
}

/** What the paper's evaluations say of the answers, in words that go beside every saving. */
export const QUANTIZATION_QUALITY: Readonly<Record<Precision, string>> = {
  bf16: 'the model as published',
  fp8: 'no loss measured over 500,000 evaluations (arXiv 2411.02355v4)',
  int8: '1 to 3 % lower scores when tuned (arXiv 2411.02355v4)',
  w4a16: 'close to 8 bits; re-evaluate on your own tasks, above all for models of 8B or less (arXiv 2411.02355v4)',
  fp4: 'not in the evaluations used here; re-evaluate on your own tasks',
};
