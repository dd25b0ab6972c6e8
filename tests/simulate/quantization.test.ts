import { describe, expect, test } from 'vitest';
import { gpuSpec, modelShape } from '../../lib/simulate/gpu-specs-data.ts';
import { QUANTIZATION_FACTORS } from '../../lib/simulate/quantization-data.ts';
import {
  quantizationSavingPico,
  quantizedReplica,
  recommendedPrecision,
  savedShares,
} from '../../lib/simulate/quantization.ts';
import type { ReplicaNeed } from '../../lib/simulate/quantization.ts';
import { anchorsOf } from '../../lib/simulate/throughput-data.ts';
import { saturation } from '../../lib/simulate/throughput.ts';

const SEVENTY: ReplicaNeed = {
  shape: modelShape('Llama-3.x-70B'),
  gpu: gpuSpec('A100-80'),
  load: 'saturated',
  sequences: 100,
  contextTokens: 2000,
  kvBytes: 2,
};

describe('what fewer bits save', () => {
  /** In per cent, over all rows of a precision and a load except those of 405B. */
  const span = (precisions: readonly string[], load: 'synchronous' | 'saturated', large = false): string => {
    const shares = QUANTIZATION_FACTORS.filter(
      (row) => precisions.includes(row.precision) && (row.model === 'Llama-3.1-405B') === large,
    ).flatMap((row) => Object.values(savedShares(row[load])));
    return [Math.min(...shares), Math.max(...shares)].map((share) => (100 * share).toFixed(0)).join(' to ');
  };

  test('of GPU cost is less than of memory', () => {
    expect(span(['int8', 'fp8'], 'saturated')).toBe('28 to 47');
    expect(span(['w4a16'], 'saturated')).toBe('7 to 39');
    expect(span(['int8', 'fp8', 'w4a16'], 'synchronous')).toBe('35 to 63');
    expect([span(['int8', 'fp8', 'w4a16'], 'saturated', true), span(['w4a16'], 'synchronous', true)]).toEqual([
      '60 to 68',
      '81 to 84',
    ]);
  });

  test('of an API bill is nothing', () => {
    expect(quantizationSavingPico('api', 5n * 10n ** 15n, 10n ** 15n)).toBe(0n);
    expect(quantizationSavingPico('self_hosted', 5n * 10n ** 15n, 10n ** 15n)).toBe(4n * 10n ** 15n);
    // a smaller fleet may not be cheaper: then it costs
    expect(quantizationSavingPico('self_hosted', 1n, 3n)).toBe(-2n);
  });
});

describe('the form of the weights', () => {
  test('goes by GPU and load', () => {
    const gpus = ['A10G', 'A100-80', 'L40S', 'H100', 'H200', 'B200'] as const;
    expect(gpus.map((gpu) => recommendedPrecision(gpuSpec(gpu), 'saturated'))).toEqual([
      'int8',
      'int8',
      'fp8',
      'fp8',
      'fp8',
      'fp4',
    ]);
    expect(new Set(gpus.map((gpu) => recommendedPrecision(gpuSpec(gpu), 'synchronous')))).toEqual(new Set(['w4a16']));
  });

  test('leads to a replica with its measured speed', () => {
    // 100 sequences of 2,000 tokens: 65.5 GB; with 141.2 or 70.6 GB of weights over 72 GB a GPU: 4 and 2
    const plain = quantizedReplica(SEVENTY, 'bf16');
    expect(plain).toMatchObject({ gpus: 4, speedBasis: 'measured', savedShare: { low: 0, high: 0 } });
    expect(plain.speed?.inputUs).toBe(142);
    const hopper = quantizedReplica({ ...SEVENTY, gpu: gpuSpec('H100') }, 'fp8');
    expect(hopper).toMatchObject({ gpus: 2, speedBasis: 'measured', speed: { inputUs: 68.6, contextNs: 68.4 } });
    expect(hopper.savedShare?.low.toFixed(3)).toBe('0.435');
    expect(hopper.quality).toContain('no loss');
  });

  test('or with that of BF16 on as many GPUs, as many times faster as was measured', () => {
    // 500 sequences: 327.7 GB beside 35.3 GB, on eight; 250: 163.8 + 35.3 GB, on four, where BF16 was measured
    const scaled = quantizedReplica({ ...SEVENTY, sequences: 250 }, 'w4a16');
    expect(scaled).toMatchObject({ gpus: 4, speedBasis: 'scaled', anchor: { precision: 'bf16' } });
    expect(scaled.speed?.outputUs).toBeCloseTo(663 / 1.64, 9);
    const unknown = quantizedReplica({ ...SEVENTY, sequences: 500 }, 'w4a16');
    expect(unknown).toMatchObject({ gpus: 8, speed: null, anchor: null, speedBasis: null });
  });

  test('of one request at a time needs half the GPUs, and its speed is not that of a full batch', () => {
    const alone = { ...SEVENTY, load: 'synchronous', sequences: 1 } as const;
    expect(quantizedReplica(alone, 'bf16').gpus).toBe(2);
    const small = quantizedReplica(alone, 'w4a16');
    expect(small).toMatchObject({ gpus: 1, speed: null });
    expect(small.savedShare?.high.toFixed(3)).toBe('0.625');
    expect(quantizedReplica({ ...alone, sequences: 250 }, 'w4a16').speed).toBeNull();
  });

  test('that was not measured saves an unknown share', () => {
    const blackwell = quantizedReplica({ ...SEVENTY, gpu: gpuSpec('B200') }, 'fp4');
    expect(blackwell).toMatchObject({ gpus: 1, speedBasis: 'measured', savedShare: null });
  });

  test('of 4-bit floats on a B200 makes 2.4 times the tokens of 8-bit floats on an H200: other GPUs, not only other bits', () => {
    const rate = (...of: Parameters<typeof anchorsOf>): number => anchorsOf(...of)[0]?.measuredAt1000 ?? NaN;
    const ratio = rate('Llama-3.x-70B', 'fp4', 'B200', 1) / rate('Llama-3.x-70B', 'fp8', 'H200', 1);
    expect(ratio.toFixed(1)).toBe('2.4');
  });

  test('of the old fits is as fast against BF16 as the table of factors says, within its 20 %', () => {
    const lengths = { inputTokens: [512], outputTokens: [256] };
    const rate = (...of: Parameters<typeof anchorsOf>): number => {
      const [row] = anchorsOf(...of);
      return row ? saturation(row, lengths).requestsPerSecond : NaN;
    };
    const ratios = [
      rate('Llama-3.x-70B', 'int8', 'A100-80', 4) / rate('Llama-3.x-70B', 'bf16', 'A100-80', 4) / 1.87,
      rate('Llama-3.x-70B', 'fp8', 'H100', 4) / rate('Llama-3.x-70B', 'bf16', 'H100', 4) / 1.77,
      rate('Llama-3.1-8B', 'int8', 'A6000', 1) / rate('Llama-3.1-8B', 'bf16', 'A6000', 1) / 1.38,
    ];
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
  });
});
