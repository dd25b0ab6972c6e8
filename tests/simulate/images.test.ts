import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IMAGE_SPEEDS } from '../../lib/simulate/image-models-data.ts';
import {
  hostedImageUsd,
  imageCrossoverPerDay,
  imagesPerHour,
  licenseGate,
  secondsPerImage,
} from '../../lib/simulate/images.ts';
import type { ImageHost } from '../../lib/simulate/images.ts';

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
