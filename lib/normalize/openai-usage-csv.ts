/** The OpenAI dashboard's usage CSV: the usage page as rows. Rows of empty buckets have only their times. Source: formats.md 1.6. */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome } from '../record.ts';
import { bucketKey, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, countAt, optionalCountAt, textAt } from './fields.ts';
import { readTokens } from './openai-usage-page.ts';

const DIMENSIONS = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier'];

export const openaiUsageCsv: Format = {
  id: 'openai.usage_csv',
  sourceKind: 'provider',
  class: 'buckets',
  csvHeader: ['start_time', 'end_time_iso', 'num_model_requests'],
  detect: () => false,
  normalize(row: JsonObject, context: LineContext): Outcome {
    const requests = optionalCountAt(row, 'num_model_requests');
    if (requests === null && textAt(row, 'model') === null) return { kind: 'skip', reason: 'empty_bucket' };
    const from = countAt(row, 'start_time');
    const seconds = Math.max(0, countAt(row, 'end_time') - from);
    const record = newRecord(openaiUsageCsv, 'openai', textAt(row, 'model') ?? 'unknown');
    record.occurredAtMs = fromUnixSeconds(from);
    if (record.occurredAtMs === null) throw new BadField('start_time', 'must be Unix seconds');
    record.calls = requests ?? 0;
    // the same bucket from the API has the same key: project, user, key, model, batch and tier
    record.linkIds.push({ kind: 'natural', value: bucketKey('completions_csv', String(from), String(from + seconds), row, DIMENSIONS) });
    readTokens(record, row);
    const tier = textAt(row, 'service_tier');
    record.tier = /^true$/i.test(textAt(row, 'batch') ?? '') ? 'batch' : tier === 'flex' || tier === 'priority' ? tier : 'standard';
    record.evidence.project = textAt(row, 'project_name') ?? textAt(row, 'project_id');
    record.keyId = textAt(row, 'api_key_id');
    record.evidence.keyName = textAt(row, 'api_key_name');
    record.userId = textAt(row, 'user_email') ?? textAt(row, 'user_id');
    record.bucketGrouping = groupingKey(openaiUsageCsv.id, DIMENSIONS.filter((name) => name in row), seconds);
    applySurroundings(record, context);
    return { kind: 'usage', records: [record] };
  },
};
