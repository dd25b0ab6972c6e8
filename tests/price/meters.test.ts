/** Which part of a record is billed by which meter: parts move to their own meter where the model has one, and stay where not. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillQuantities, METERS, type Meter, type PricedMeters } from '../../lib/price/meters.ts';
import type { UsageRecord } from '../../lib/record.ts';
import { call } from './shipped-book.ts';

function having(...meters: Meter[]): PricedMeters {
  return Object.fromEntries(METERS.map((meter) => [meter, meters.includes(meter)])) as Record<Meter, boolean>;
}

function quantitiesOf(
  fields: Partial<UsageRecord>,
  ...meters: Meter[]
): { quantities: Partial<Record<Meter, number>>; isConsistent: boolean } {
  const out = new Float64Array(METERS.length).fill(99);
  const isConsistent = fillQuantities(call('acme', 'm', fields), having(...meters), out);
  const quantities = Object.fromEntries(METERS.flatMap((meter, i) => (out[i] === 0 ? [] : [[meter, out[i]]])));
  return { quantities, isConsistent };
}

test('audio and image parts leave the text they are part of', () => {
  const fields = {
    inputTokens: 100,
    audioInputTokens: 30,
    imageInputTokens: 20,
    outputTokens: 50,
    audioOutputTokens: 10,
    imageOutputTokens: 5,
  };
  expect(quantitiesOf(fields, 'input', 'output', 'audio_in', 'image_in', 'audio_out', 'image_out').quantities).toEqual({
    input: 50,
    audio_in: 30,
    image_in: 20,
    output: 35,
    audio_out: 10,
    image_out: 5,
  });
  expect(quantitiesOf(fields, 'input', 'output').quantities).toEqual({ input: 100, output: 50 });
});

test('reasoning is its own meter only where the book has one', () => {
  const fields = { outputTokens: 50, reasoningTokens: 40 };
  expect(quantitiesOf(fields, 'output', 'reasoning').quantities).toEqual({ output: 10, reasoning: 40 });
  expect(quantitiesOf(fields, 'output').quantities).toEqual({ output: 50 });
});

test('cached audio is never priced as cached text of a model that prices audio', () => {
  const fields = { cacheReadTokens: 100, cachedAudioTokens: 60 };
  expect(quantitiesOf(fields, 'cached_input', 'audio_in').quantities).toEqual({
    cached_input: 40,
    cached_audio_in: 60,
  });
  expect(quantitiesOf(fields, 'cached_input').quantities).toEqual({ cached_input: 100 });
});

test('embedding input', () => {
  const fields: Partial<UsageRecord> = { operation: 'embedding', inputTokens: 7 };
  expect(quantitiesOf(fields, 'input', 'embedding_input').quantities).toEqual({ embedding_input: 7 });
  expect(quantitiesOf(fields, 'input').quantities).toEqual({ input: 7 });
  expect(quantitiesOf({ inputTokens: 7 }, 'embedding_input').quantities).toEqual({ embedding_input: 7 });
});

test('images are billed one by one where no image tokens are counted', () => {
  expect(quantitiesOf({ operation: 'image', images: 2 }, 'image').quantities).toEqual({ image: 2 });
  expect(quantitiesOf({ operation: 'image', images: 2, inputTokens: 9 }, 'input', 'image').quantities).toEqual({
    input: 9,
    image: 2,
  });
  expect(
    quantitiesOf({ operation: 'image', images: 2, outputTokens: 9 }, 'output', 'image', 'image_out').quantities,
  ).toEqual({ image_out: 9 });
});

test('a part larger than its whole is told', () => {
  const { quantities, isConsistent } = quantitiesOf({ inputTokens: 10, audioInputTokens: 12 }, 'input', 'audio_in');
  expect([quantities, isConsistent]).toEqual([{ audio_in: 12 }, false]);
  expect(quantitiesOf({ outputTokens: 1, reasoningTokens: 2 }, 'output', 'reasoning').isConsistent).toBe(false);
  expect(
    quantitiesOf({ cacheReadTokens: 1, cachedAudioTokens: 2 }, 'cached_input', 'cached_audio_in').isConsistent,
  ).toBe(false);
});

test('token quantities sum to the record', () => {
  const part = fc.integer({ min: 0, max: 1000 });
  const meters = fc.subarray([
    'audio_in',
    'image_in',
    'cached_audio_in',
    'reasoning',
    'audio_out',
    'image_out',
  ] as const);
  fc.assert(
    fc.property(fc.array(part, { minLength: 10, maxLength: 10 }), meters, (n, extra) => {
      const [
        text = 0,
        audio = 0,
        image = 0,
        cached = 0,
        cachedAudio = 0,
        out = 0,
        think = 0,
        speech = 0,
        picture = 0,
        written = 0,
      ] = n;
      const record: Partial<UsageRecord> = {
        inputTokens: text + audio + image,
        audioInputTokens: audio,
        imageInputTokens: image,
        cacheReadTokens: cached + cachedAudio,
        cachedAudioTokens: cachedAudio,
        cacheWrite5mTokens: written,
        cacheWrite1hTokens: written,
        outputTokens: out + think + speech + picture,
        reasoningTokens: think,
        audioOutputTokens: speech,
        imageOutputTokens: picture,
      };
      const { quantities, isConsistent } = quantitiesOf(record, 'input', 'output', 'cached_input', ...extra);
      const total = Object.values(quantities).reduce((sum, value) => sum + value, 0);
      const whole = text + audio + image + cached + cachedAudio + 2 * written + out + think + speech + picture;
      expect([total, isConsistent]).toEqual([whole, true]);
    }),
  );
});
