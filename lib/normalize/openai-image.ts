/** OpenAI image responses: `created`, images in `data`, and tokens by modality. The model stands in the request, if the envelope kept it. */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, isObject, objectAt, textAt } from './fields.ts';
import { readOpenAiUsage } from './openai-usage.ts';

export const openaiImage: Format = {
  id: 'openai.image',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => {
    const first = arrayAt(line, 'data')[0];
    return typeof line['created'] === 'number' && isObject(first) && ('b64_json' in first || 'url' in first || 'revised_prompt' in first);
  },
  normalize(line, context) {
    const request = objectAt(context.outer, 'request');
    const record = newRecord(openaiImage, 'openai', textAt(line, 'model') ?? textAt(request, 'model') ?? 'unknown');
    record.operation = 'image';
    record.occurredAtMs = fromUnixSeconds(line['created']);
    const usage = objectAt(line, 'usage');
    if (usage !== null) readOpenAiUsage(record, usage);
    else {
      // priced per image where no tokens are reported
      record.images = arrayAt(line, 'data').length;
      const size = textAt(line, 'size') ?? textAt(request, 'size') ?? '1024x1024';
      record.imageSpec = `quality=${textAt(line, 'quality') ?? textAt(request, 'quality') ?? 'standard'};size=${size}`;
    }
    if (usage !== null && record.imageOutputTokens === 0) record.imageOutputTokens = record.outputTokens;
    applySurroundings(record, context);
    return { kind: 'usage', records: [record] };
  },
};
