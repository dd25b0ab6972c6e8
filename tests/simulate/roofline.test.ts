import { describe, expect, test } from 'vitest';
import { gpuSpec, modelShape } from '../../lib/simulate/gpu-specs-data.ts';
import type { GpuType, Precision } from '../../lib/simulate/gpu-specs-data.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import {
  concurrentSequences,
  decodeStepS,
  gpusForMemory,
  kvBytesPerToken,
  rooflineSpeed,
  weightBytes,
} from '../../lib/simulate/roofline.ts';
import type { RooflineReplica } from '../../lib/simulate/roofline.ts';
import { anchorsOf } from '../../lib/simulate/throughput-data.ts';

function replica(model: string, gpu: GpuType, gpus: number, precision: Precision, kvBytes = 2): RooflineReplica {
  return { shape: modelShape(model), gpu: gpuSpec(gpu), gpus, precision, kvBytes };
}

describe('memory', () => {
  test('of keys and values per token', () => {
    const bytes = ['Llama-3.1-8B', 'Llama-3.x-70B', 'Llama-3.1-405B'].map((model) =>
      kvBytesPerToken(modelShape(model), 2),
    );
    expect(bytes).toEqual([131_072, 327_680, 516_096]);
    expect(kvBytesPerToken(modelShape('Llama-3.1-8B'), 1)).toBe(65_536);
  });

  test('of weights is a quarter at 4 bits', () => {
    const shape = modelShape('Llama-3.x-70B');
    expect([weightBytes(shape, 'bf16'), weightBytes(shape, 'fp8'), weightBytes(shape, 'fp4')]).toEqual([
      141.2e9, 70.6e9, 35.3e9,
    ]);
  });

  // 0.9 · 80 GB = 72 GB a GPU. 70B: 141.2, 70.6 or 35.3 GB and 1.34 GB for a sequence of 4,096 tokens; 405B: 811.8, 405.9 or 203 GB and 2.1 GB
  test.each([
    ['Llama-3.x-70B', 'bf16', 1, 2],
    ['Llama-3.x-70B', 'int8', 1, 1],
    ['Llama-3.x-70B', 'w4a16', 1, 1],
    ['Llama-3.x-70B', 'bf16', 16, 4],
    ['Llama-3.1-405B', 'bf16', 1, 16],
    ['Llama-3.1-405B', 'int8', 1, 8],
    ['Llama-3.1-405B', 'w4a16', 1, 4],
  ] as const)('takes %s in %s with %i sequences to %i GPUs of 80 GB', (model, precision, sequences, gpus) => {
    expect(gpusForMemory(replica(model, 'A100-80', 1, precision), sequences, 4096)).toBe(gpus);
  });

  test('left beside the weights holds so many sequences, fewer than one where they do not fit', () => {
    // (2 · 72 − 70.6) GB over 2,000 tokens of 327,680 bytes
    expect(concurrentSequences(replica('Llama-3.x-70B', 'H100', 2, 'fp8'), 2000)).toBeCloseTo(73.4e9 / 655_360_000, 9);
    expect(concurrentSequences(replica('Llama-3.x-70B', 'H100', 1, 'bf16'), 2000)).toBeLessThan(0);
  });

  test('for an unknown context is unknown', () => {
    expect(() => gpusForMemory(replica('Llama-3.1-8B', 'L4', 1, 'bf16'), 1, NaN)).toThrow('unknown');
  });
});

describe('the roofline', () => {
  // efficiency that turns the peak into the measured number: 2 · parameters / (GPUs · peak · measured), keys and values likewise
  test.each([
    ['Llama-3.1-8B', 'H100', 1, 'fp8', '0.57', '1.53'],
    ['Llama-3.x-70B', 'H100', 2, 'fp8', '0.52', '0.72'],
    ['Llama-3.x-70B', 'H200', 1, 'fp8', '0.59', '0.73'],
    ['Llama-3.x-70B', 'B200', 1, 'fp4', '0.41', '0.86'],
  ] as const)('of %s on %s × %i (%s) is reached to these shares', (model, gpu, gpus, precision, compute, memory) => {
    const peak = { ...replica(model, gpu, gpus, precision), computeEfficiency: 1, memoryEfficiency: 1 };
    const [measured] = anchorsOf(model, precision, gpu, gpus);
    const speed = rooflineSpeed(peak, 64, 0);
    expect((speed.inputUs / (measured?.inputUs ?? NaN)).toFixed(2)).toBe(compute);
    expect((speed.contextNs / (measured?.contextNs ?? NaN)).toFixed(2)).toBe(memory);
  });

  test('with its defaults is within its stated factor of every measured input and context', () => {
    for (const [model, gpu, gpus, precision, kvBytes] of [
      ['Llama-3.1-8B', 'H100', 1, 'fp8', 1],
      ['Llama-3.1-8B', 'H200', 1, 'fp8', 1],
      ['Llama-3.x-70B', 'H100', 2, 'fp8', 2],
      ['Llama-3.x-70B', 'H200', 1, 'fp8', 2],
      ['Llama-3.x-70B', 'B200', 1, 'fp4', 2],
    ] as const) {
      const [measured] = anchorsOf(model, precision, gpu, gpus);
      const speed = rooflineSpeed(replica(model, gpu, gpus, precision, kvBytes), 64, 1000);
      for (const term of ['inputUs', 'contextNs'] as const) {
        const ratio = speed[term] / (measured?.[term] ?? NaN);
        expect(Math.max(ratio, 1 / ratio)).toBeLessThan(parametersWith().rowOf('perf.roofline_error').high);
      }
    }
  });

  test('adds attention: 13 % at 8,000 tokens for 8B, 19 % at 20,000 for 70B', () => {
    const extra = (model: string, input: number): string => {
      const on = replica(model, 'H100', 1, 'fp8');
      return (100 * (rooflineSpeed(on, 1, input).inputUs / rooflineSpeed(on, 1, 0).inputUs - 1)).toFixed(0);
    };
    expect([extra('Llama-3.1-8B', 8000), extra('Llama-3.x-70B', 20_000)]).toEqual(['13', '19']);
  });

  test('shares the reading of weights among the sequences', () => {
    const on = replica('Llama-3.1-8B', 'H100', 1, 'fp8');
    const linear = rooflineSpeed(on, 1, 0).inputUs;
    const [one, many] = [1, 64].map((n) => rooflineSpeed(on, n, 0).outputUs - linear);
    // 8.03 GB at 0.7 · 3.35 TB/s
    expect(one).toBeCloseTo((8.03e9 / (0.7 * 3.35e12)) * 1e6, 6);
    expect(many).toBeCloseTo((one ?? NaN) / 64, 9);
  });

  test('was 1.9 and 2.9 times too fast for the software of 2023: 70B in FP16 on four A100, 44 and 73 ms a step', () => {
    const on = { ...replica('Llama-3.x-70B', 'A100-80', 4, 'bf16'), memoryEfficiency: 0.75 };
    const [alone, batch] = [decodeStepS(on, 1, 512), decodeStepS(on, 64, 512)];
    expect([alone * 1e3, batch * 1e3].map((ms) => ms.toFixed(0))).toEqual(['23', '25']);
    expect([0.044 / alone, 0.0729 / batch].map((times) => times.toFixed(1))).toEqual(['1.9', '2.9']);
  });

  test('bounds a large batch by arithmetic', () => {
    const on = replica('Llama-3.1-8B', 'L4', 1, 'bf16');
    expect(decodeStepS(on, 10_000, 1)).toBeCloseTo((2 * 8.03e9 * 10_000) / (0.5 * 121e12), 9);
  });

  test('is not drawn where a peak is not listed', () => {
    expect(() => rooflineSpeed(replica('Llama-3.1-8B', 'A100-80', 1, 'fp8'), 1, 0)).toThrow('fp8');
    expect(() => rooflineSpeed(replica('Llama-3.1-8B', 'H100', 1, 'int8'), 1, 0)).toThrow('int8');
    expect(() => gpuSpec('V100' as 'A6000')).toThrow('listed: A6000, A10G');
    expect(() => modelShape('Llama-9')).toThrow('listed: Llama-3.1-8B');
  });
});
