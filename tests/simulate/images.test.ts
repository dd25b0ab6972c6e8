import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IMAGE_SPEEDS } from '../../lib/simulate/image-models-data.ts';
import {
  exactImageRepeats,
  hostedImageUsd,
  imageApiPico,
  imageCrossoverPerDay,
  imagesPerHour,
  licenseGate,
  secondsPerImage,
} from '../../lib/simulate/images.ts';
import type { ImageCalls, ImageHost } from '../../lib/simulate/images.ts';

const H100: ImageHost = { pricePerHourUsd: 6.88, utilization: 0.4, batchGain: 1 };
const L40S: ImageHost = { pricePerHourUsd: 1.861, utilization: 0.4, batchGain: 1 };

// facts/simulation.md §9
describe('published numbers', () => {
  test.each([
    ['H100, eager', 6.1, '4.6'],
    ['H100, compiled', 11.5, '2.4'],
  ])('%s: seconds of 28 steps', (_what, stepsPerSecond, seconds) => {
    const work = { steps: 28, stepsPerSecond, otherSeconds: 0, pixelRatio: 1, pixelExponent: 1.15 };
    expect(secondsPerImage(work).toFixed(1)).toBe(seconds);
  });

  // 6.88 · 2.4 / (3600 · 0.4) = 0.01147; 1.861 · 5.5 / 1440 = 0.00711
  test('cost of an image', () => {
    expect(hostedImageUsd(2.4, H100).toFixed(4)).toBe('0.0115');
    expect(hostedImageUsd(5.5, L40S).toFixed(4)).toBe('0.0071');
  });

  // 24 · 1.861 / 0.03 = 1,488.8
  test('crossover of one L40S', () => {
    expect(imageCrossoverPerDay(5.5, L40S, 0.03, 0)).toBe(1489);
  });

  test('the table of speeds is that of the rates', () => {
    const compiled = IMAGE_SPEEDS.find(({ accelerator, isCompiled }) => accelerator === 'H100' && isCompiled);
    expect(compiled?.secondsPerImage.toFixed(1)).toBe('2.4');
  });
});

describe('an image', () => {
  // twice the pixels at exponent 1.3: 2^1.3 = 2.462 times the steps' time; text and decoding stay
  test('takes longer with more pixels', () => {
    const work = { steps: 20, stepsPerSecond: 10, otherSeconds: 0.5, pixelRatio: 2, pixelExponent: 1.3 };
    expect(secondsPerImage(work)).toBeCloseTo(2 * 2.46229 + 0.5, 4);
  });

  test('costs the rent of the hour over the images in it', () => {
    const host = { pricePerHourUsd: 3, utilization: 0.5, batchGain: 2 };
    expect(imagesPerHour(4, host)).toBe(900);
    expect(hostedImageUsd(4, host)).toBeCloseTo(3 / 900, 12);
  });

  // GPT Image 1, medium: 0.042; half in a batch
  test('costs at an API its price, exactly', () => {
    expect(imageApiPico(3, 42_000_000_000n)).toBe(126_000_000_000n);
    expect(imageApiPico(3, 42_000_000_000n, 50)).toBe(63_000_000_000n);
    expect(imageApiPico(0, 42_000_000_000n)).toBe(0n);
  });
});

describe('the crossover', () => {
  test('is infinite where even full hosts cost more', () => {
    expect(imageCrossoverPerDay(5.5, L40S, 0.007, 0)).toBe(Infinity);
    expect(imageCrossoverPerDay(2.4, H100, 0.006, 100)).toBe(Infinity);
  });

  test('moves up with fixed cost', () => {
    // (24 · 1.861 + 30) / 0.03 = 2,488.8
    expect(imageCrossoverPerDay(5.5, L40S, 0.03, 30)).toBe(2489);
  });

  test('is where hosting costs no more from there on, as counted image by image', () => {
    const cases = fc.record({
      seconds: fc.integer({ min: 600, max: 6000 }),
      pricePerHourUsd: fc.integer({ min: 1, max: 30 }).map((tenths) => tenths / 10),
      apiUsd: fc.integer({ min: 1, max: 60 }).map((tenths) => tenths / 10 + 0.0137),
      fixedUsd: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(cases, ({ seconds, pricePerHourUsd, apiUsd, fixedUsd }) => {
        const host = { pricePerHourUsd, utilization: 1, batchGain: 1 };
        const crossover = imageCrossoverPerDay(seconds, host, apiUsd, fixedUsd);
        const perHostDay = imagesPerHour(seconds, host) * 24;
        const isWon = (images: number): boolean =>
          Math.max(1, Math.ceil(images / perHostDay - 1e-9)) * 24 * pricePerHourUsd + fixedUsd <=
          images * apiUsd + 1e-9;
        // a margin too thin for a scan of this length is left out
        fc.pre(crossover === Infinity || crossover < 20_000);
        const looked = Math.min(crossover, 20_000);
        let lastLost = 0;
        for (let images = 1; images < looked + 5 * perHostDay; images++) if (!isWon(images)) lastLost = images;
        expect(Math.min(lastLost + 1, looked)).toBe(looked);
        expect(lastLost).toBeLessThan(crossover);
      }),
    );
  });
});

describe('the license gate', () => {
  test.each([
    ['flux.1-dev', true, false, 'does not allow'],
    ['flux.1-dev', false, true, 'allows'],
    ['flux.1-schnell', true, true, 'Apache-2.0 allows'],
    ['stable-diffusion-xl', true, true, 'OpenRAIL++-M allows'],
    ['a-model-of-tomorrow', false, false, 'is not known here'],
  ])('%s, commercial %s: %s', (model, isCommercial, isAllowed, reason) => {
    const gate = licenseGate(model, isCommercial);
    expect(gate.isAllowed).toBe(isAllowed);
    expect(gate.reason).toContain(reason);
  });
});

describe('exact repeats', () => {
  type Row = readonly [time: number, prompt: number, model: number, size: number, seed: number];
  const calls = (rows: readonly Row[]): ImageCalls => ({
    timeMs: Float64Array.from(rows, (row) => row[0]),
    prompt: Int32Array.from(rows, (row) => row[1]),
    model: Int32Array.from(rows, (row) => row[2]),
    size: Int32Array.from(rows, (row) => row[3]),
    seed: Float64Array.from(rows, (row) => row[4]),
  });

  test.each<[string, Row, number]>([
    ['the same', [10, 1, 1, 1, 7], 1],
    ['another prompt', [10, 2, 1, 1, 7], 0],
    ['another model', [10, 1, 2, 1, 7], 0],
    ['another size', [10, 1, 1, 2, 7], 0],
    ['another seed', [10, 1, 1, 1, 8], 0],
    ['at the end of its life', [100, 1, 1, 1, 7], 1],
    ['too late', [101, 1, 1, 1, 7], 0],
  ])('%s', (_what, second, repeat) => {
    expect([...exactImageRepeats(calls([[0, 1, 1, 1, 7], second]), 100)]).toEqual([0, repeat]);
  });

  test('a call without a seed wants a new picture', () => {
    expect([
      ...exactImageRepeats(
        calls([
          [0, 1, 1, 1, NaN],
          [1, 1, 1, 1, NaN],
        ]),
        null,
      ),
    ]).toEqual([0, 0]);
  });

  test('are all but the first of each kind, if they live for ever', () => {
    const row = fc.tuple(fc.constant(0), fc.nat(2), fc.nat(1), fc.nat(1), fc.nat(2));
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const repeats = exactImageRepeats(calls(rows), null).reduce((sum, repeat) => sum + repeat, 0);
        expect(repeats).toBe(rows.length - new Set(rows.map((each) => each.join())).size);
      }),
    );
  });
});
