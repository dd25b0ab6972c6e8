/**
 * Bedrock batch inference output: the model's own response per line, without model id and time for most models (job metadata is needed).
 * The tier is batch. Source: formats.md 3.2.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, Outcome, UsageRecord } from '../record.ts';
import { readAnthropicTokens } from './anthropic-usage.ts';
import { bedrockModel } from './bedrock-model.ts';
import { applySurroundings } from './evidence.ts';
import { countAt, objectAt, optionalCountAt, textAt } from './fields.ts';

export const bedrockBatch: Format = {
  id: 'bedrock.batch',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => 'recordId' in line && ('modelOutput' in line || 'error' in line),
  normalize(line, context): Outcome {
    const output = objectAt(line, 'modelOutput');
    const { model, scope, publisher } = bedrockModel(textAt(output, 'model') ?? modelInPath(context.object.key) ?? 'unknown');
    const record = newRecord(bedrockBatch, 'bedrock', model);
    record.publisher = publisher;
    record.priceRegion = scope;
    record.tier = 'batch';
    const id = textAt(output, 'id');
    if (id !== null) record.linkIds.push({ kind: 'response', value: id });
    record.callId = id;
    record.linkIds.push({ kind: 'natural', value: `bedrock.batch|${jobOf(context.object.key)}|${textAt(line, 'recordId') ?? ''}` });
    if (output === null) record.status = 'error';
    else readOutput(record, output);
    applySurroundings(record, context);
    return { kind: 'usage', records: [record] };
  },
};

/** Usage in the native shape of each model family. */
function readOutput(record: UsageRecord, output: JsonObject): void {
  const usage = objectAt(output, 'usage');
  if (usage !== null && 'input_tokens' in usage) readAnthropicTokens(record, usage);
  else if (usage !== null && 'inputTokens' in usage) {
    record.inputTokens = countAt(usage, 'inputTokens');
    record.cacheReadTokens = countAt(usage, 'cacheReadInputTokens');
    record.cacheWrite5mTokens = countAt(usage, 'cacheWriteInputTokens');
    record.outputTokens = countAt(usage, 'outputTokens');
  } else if (optionalCountAt(output, 'prompt_token_count') !== null) {
    record.inputTokens = countAt(output, 'prompt_token_count');
    record.outputTokens = countAt(output, 'generation_token_count');
  } else if (optionalCountAt(output, 'inputTextTokenCount') !== null) {
    record.inputTokens = countAt(output, 'inputTextTokenCount');
    const results = output['results'];
    if (Array.isArray(results)) for (const result of results) record.outputTokens += countAt(result as JsonObject, 'tokenCount');
    else record.operation = 'embedding';
  } else record.usageBasis = 'missing';
}

/** The folder of the output file is the job. */
function jobOf(key: string): string {
  return key.split('/').slice(-2, -1)[0] ?? key;
}

/** `model=…` in the path, for jobs whose output does not name the model. */
function modelInPath(key: string): string | null {
  return /(?:^|\/)model=([^/]+)\//.exec(key)?.[1] ?? null;
}

