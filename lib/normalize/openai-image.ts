/**
 * OpenAI image responses. In: `created`, images in `data`, and tokens by modality where the model counts them; the model and the image's
 * quality and size stand in the request, if the envelope kept it. Out: one record. Invariant: pictures are counted, never looked at.
 * Source: formats.md 1.1; defaults of DALL·E: OpenAI API specification of 2026-08-21.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, Outcome } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, firstText, isObject, objectAt, textAt } from './fields.ts';
import { readRequestId } from './openai-shape.ts';
import { readOpenAiUsage } from './openai-usage.ts';

const PICTURE_KEYS = ['b64_json', 'url', 'revised_prompt'];

export const openaiImage: Format = {
  id: 'openai.image',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['data'],
  detect: (line) => {
    const first = arrayAt(line, 'data')[0];
    return typeof line['created'] === 'number' && isObject(first) && PICTURE_KEYS.some((key) => key in first);
  },
  normalize(line, context): Outcome {
    const request = objectAt(context.outer, 'request');
    const model = textAt(line, 'model') ?? textAt(request, 'model') ?? textAt(context.outer, 'model') ?? 'unknown';
    const record = newRecord(openaiImage, 'openai', model);
    record.operation = 'image';
    record.occurredAtMs = fromUnixSeconds(line['created']);
    record.images = arrayAt(line, 'data').length;
    record.imageSpec = imageSpecOf(model, line, request);
    const usage = objectAt(line, 'usage');
    if (usage !== null) readOpenAiUsage(record, usage);
    applySurroundings(record, context);
    readRequestId(record, context);
    return { kind: 'usage', records: [record] };
  },
};

/** How the price book keys an image, from the response or the request; DALL·E has documented defaults, other models choose themselves. */
export function imageSpecOf(model: string, response: JsonObject | null, request: JsonObject | null): string | null {
  const isDallE = /^dall-e-[23]$/.test(model) && request !== null;
  const stated = (key: string): string | null => firstText(response, key) ?? firstText(request, key);
  const quality = stated('quality') ?? (isDallE ? 'standard' : null);
  const size = stated('size') ?? (isDallE ? '1024x1024' : null);
  const parts = [];
  if (quality !== null && quality !== 'auto') parts.push(`quality=${quality}`);
  if (size !== null && size !== 'auto') parts.push(`size=${size}`);
  return parts.length === 0 ? null : parts.join(';');
}
