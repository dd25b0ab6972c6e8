/**
 * Bedrock batch inference output. In: one line, the model's own response to one record of the job. Out: one record at the batch tier. Most
 * models name neither themselves nor a time: both come from the path (`model=…`, dates) or the object. Source: formats.md 3.2.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { batchLineKey } from './batch-key.ts';
import { bedrockModel } from './bedrock-model.ts';
import { bodyCounters, bodyOf, readCounters, requestPrompt, responseText } from './bedrock-usage.ts';
import { applySurroundings } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';

export const bedrockBatch: Format = {
  id: 'bedrock.batch',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['recordId'],
  detect: (line) => 'recordId' in line && ('modelOutput' in line || 'error' in line),
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [lineRecord(line, context)] }),
};

function lineRecord(line: JsonObject, context: LineContext): UsageRecord {
  const body = bodyOf(line['modelOutput']);
  const output = body[0] ?? null;
  const { pathPairs } = context.object;
  const named = textAt(output, 'model') ?? pathPairs['model'] ?? pathPairs['modelId'] ?? 'unknown';
  const { model, scope, publisher } = bedrockModel(named);
  const record = newRecord(bedrockBatch, 'bedrock', model);
  record.publisher = publisher;
  record.priceRegion = scope;
  record.tier = 'batch';
  readIdentity(record, line, output, context);
  record.promptText = requestPrompt(objectAt(line, 'modelInput'));
  if (/embed/.test(model) || (output !== null && 'embedding' in output)) record.operation = 'embedding';
  if (output === null) record.status = 'error';
  else if (!readCounters(record, bodyCounters(body), body)) {
    record.usageBasis = 'missing';
    record.responseText = responseText(body);
  }
  applySurroundings(record, context);
  return record;
}

/** A job's output lies in a folder named by the job's id: twelve lower-case letters and digits. */
const JOB_FOLDER = /(?:^|\/)(?=[a-z]*\d)([a-z0-9]{12})\/[^/]+$/;

/** The message id where the model gives one; record ids repeat in every job, so they are told apart by job and answer. */
function readIdentity(record: UsageRecord, line: JsonObject, output: JsonObject | null, context: LineContext): void {
  const id = textAt(output, 'id');
  const recordId = textAt(line, 'recordId') ?? '';
  record.callId = id;
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  else {
    const jobId = JOB_FOLDER.exec(context.object.key)?.[1] ?? null;
    const content = [line['modelInput'] ?? null, line['modelOutput'] ?? null, line['error'] ?? null];
    record.linkIds.push(batchLineKey(bedrockBatch.id, recordId, jobId, content));
  }
}
