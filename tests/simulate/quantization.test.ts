import { describe, expect, test } from 'vitest';
import { simulateSchema } from '../../lib/config-simulate.ts';
import { gpuSpec } from '../../lib/simulate/gpu-specs-data.ts';
import { QUANTIZATION_FACTORS } from '../../lib/simulate/quantization-data.ts';
import { otherPrecisions, recommendedPrecision, savedShares } from '../../lib/simulate/quantization.ts';
import type { ShareRange } from '../../lib/simulate/quantization.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { anchorOf, anchorsOf } from '../../lib/simulate/throughput-data.ts';
import { saturation } from '../../lib/simulate/throughput.ts';
import { loggedCall, simulationOf } from '../fixtures/logged-calls.ts';

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

  const others = (id: Parameters<typeof anchorOf>[0]) =>
    Object.fromEntries(otherPrecisions(anchorOf(id)).map((replica) => [replica.precision, replica]));
  const shares = (range: ShareRange | null | undefined): string | undefined =>
    range ? [range.low, range.high].map((share) => share.toFixed(3)).join(' to ') : undefined;

  test('of a measured replica can be fewer bits: 16 to 8 and to 4 on four A100', () => {
    // 288 GB less 141.2 of weights leave room for 146.8 GB of context, beside 70.6 or 35.3 GB on no fewer than four
    const { int8, w4a16, ...none } = others('llama-3.x-70b-bf16-4xa100-80-vllm');
    expect(Object.keys(none)).toEqual([]);
    expect(int8).toMatchObject({ gpus: 4, speedBasis: 'measured', speed: { inputUs: 50, outputUs: 394 } });
    // 1 − 1 / 1.87 and 1 − 1 / 1.81
    expect([shares(int8?.savedShare.saturated), shares(int8?.savedShare.synchronous)]).toEqual([
      '0.465 to 0.465',
      '0.448 to 0.448',
    ]);
    expect(w4a16).toMatchObject({ gpus: 4, speedBasis: 'scaled', anchor: { precision: 'bf16' } });
    expect(w4a16?.speed?.outputUs).toBeCloseTo(663 / 1.64, 9);
    expect(w4a16?.sources).toEqual(['arXiv 2411.02355v4, table 6; own fit of two terms', 'arXiv 2411.02355v4']);
    expect(w4a16?.quality).toContain('re-evaluate');
  });

  test('or more: what 8-bit floats on two H100 save already is lost', () => {
    // 144 GB less 70.6 leave 73.4: with 141.2 GB of weights four are needed, with 35.3 two
    const { bf16, w4a16, ...none } = others('llama-3.x-70b-fp8-2xh100');
    expect(Object.keys(none)).toEqual([]);
    expect(bf16).toMatchObject({ gpus: 4, speedBasis: 'measured', anchor: { id: 'llama-3.x-70b-bf16-4xh100-vllm' } });
    expect(shares(bf16?.savedShare.saturated)).toBe('-0.770 to -0.770');
    expect(w4a16).toMatchObject({ gpus: 2, speed: null, speedBasis: null, anchor: null });
    // 1 − 1.77 / 1.55 under load, 1 − 1.84 / 2.11 one at a time
    expect([shares(w4a16?.savedShare.saturated), shares(w4a16?.savedShare.synchronous)]).toEqual([
      '-0.142 to -0.142',
      '0.128 to 0.128',
    ]);
  });

  test('saves a range where the source has one: no less than its worst against the best of the other', () => {
    const { bf16, int8 } = others('llama-3.1-405b-fp8-8xh100');
    // 576 GB less 405.9 leave 170.1, beside 811.8 GB more than eight hold
    expect([bf16?.gpus, shares(bf16?.savedShare.saturated)]).toEqual([16, '-2.100 to -1.500']);
    expect([int8?.gpus, shares(int8?.savedShare.saturated)]).toEqual([8, '-0.240 to 0.194']);
  });

  test('is not listed where nothing of it was measured on these GPUs', () => {
    expect(others('llama-3.x-70b-fp4-1xb200')).toEqual({});
    expect(others('llama-3.x-70b-fp8-1xh200')).toEqual({});
    // Ampere has no 8-bit floats
    expect(Object.keys(others('llama-3.1-8b-bf16-1xa6000-vllm'))).toEqual(['int8', 'w4a16']);
  });

  test('stands in the JSON beside each fleet, and that an API bill is left as it is', async () => {
    const fleets = simulateSchema.parse({
      selfHosting: {
        fleets: [
          {
            name: 'own',
            models: ['claude-sonnet-4-5'],
            replica: 'llama-3.x-70b-fp8-2xh100',
            instance: 'p5.48xlarge',
            acceptedPercent: 100,
          },
        ],
      },
    }).selfHosting.fleets;
    const simulation = await simulationOf([loggedCall({ tokens: { input: 1_000, output: 100 } })], {
      levers: { fleets },
    });
    const json = JSON.parse(JSON.stringify(simulationJson(simulation)));
    expect(json.evidence.self_hosting.quantization).toContain('of an API bill they save nothing');
    const [fleet] = json.evidence.self_hosting.fleets;
    expect(fleet.recommended_precision).toEqual({ saturated: 'fp8', synchronous: 'w4a16' });
    expect(fleet.other_precisions).toMatchObject([
      {
        precision: 'bf16',
        gpus: 4,
        speed_basis: 'measured',
        replica: 'llama-3.x-70b-bf16-4xh100-vllm',
        output_us: 243,
      },
      { precision: 'w4a16', gpus: 2, speed_basis: null, replica: null, output_us: null },
    ]);
    expect(fleet.other_precisions[0].saved_share_low).toBeCloseTo(-0.77, 9);
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
