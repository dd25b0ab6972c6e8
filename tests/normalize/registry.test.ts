import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { peelEnvelope } from '../../lib/ingest/envelope.ts';
import { createNormalizer, FORMATS } from '../../lib/normalize/registry.ts';
import type { JsonObject, JsonValue } from '../../lib/record.ts';
import { meters, objectContext, readValues, sampleText } from '../golden/read-sample.ts';

const chat = (id: string, prompt = 100): JsonObject => ({
  id,
  object: 'chat.completion',
  created: 1785542400,
  model: 'gpt-4o',
  usage: {
    prompt_tokens: prompt,
    completion_tokens: 10,
    total_tokens: prompt + 10,
  },
});

/** Samples of one JSON line or more, and the format that must read each line. */
const SAMPLES: readonly (readonly [file: string, format: string])[] = [
  ['openai-chat.jsonl', 'openai.chat'],
  ['openai-chat-stream-chunks.jsonl', 'openai.chunk'],
  ['openai-responses.jsonl', 'openai.response'],
  ['openai-batch-output.jsonl', 'openai.batch'],
  ['openai-embedding.json', 'openai.embedding'],
  ['openai-usage-completions.json', 'openai.usage_page'],
  ['openai-costs.json', 'openai.costs'],
  ['litellm-s3-payload.json', 'litellm.slp'],
  ['litellm-spendlogs.jsonl', 'litellm.spendlog'],
  ['anthropic-messages.jsonl', 'anthropic.message'],
  ['anthropic-batch-results.jsonl', 'anthropic.batch'],
  ['anthropic-usage-report.json', 'anthropic.usage'],
  ['anthropic-cost-report.json', 'anthropic.cost_report'],
  ['anthropic-claude-code-report.json', 'anthropic.claude_code_report'],
  ['bedrock-invocation.jsonl', 'bedrock.invocation'],
  ['bedrock-batch.jsonl.out', 'bedrock.batch'],
  ['bedrock-batch-manifest.json.out', 'bedrock.batch.manifest'],
  ['claude-code-session.jsonl', 'claude_code'],
  ['codex-rollout.jsonl', 'codex.rollout'],
  ['gemini-response.jsonl', 'gemini.response'],
  ['gemini-batch.jsonl', 'gemini.batch'],
  ['vertex-batch.jsonl', 'vertex.batch'],
  ['vertex-request-response-log.jsonl', 'vertex.log'],
  ['s3-event-notification.json', 's3.event'],
  ['s3-event-eventbridge.json', 's3.event'],
  ['langfuse-manifest.json', 'langfuse.manifest'],
];

const LINES: readonly { readonly value: JsonValue; readonly format: string }[] = [
  ...SAMPLES.flatMap(([file, format]) => linesOf(file).map((value) => ({ value, format }))),
  { value: { timestamp: 1_785_542_400, model: 'gpt-4o', input_tokens: 1, output_tokens: 1 }, format: 'native' },
  { value: { error: { message: 'x', type: 'server_error' } }, format: 'error.body' },
];

function linesOf(file: string): JsonValue[] {
  const text = sampleText(file);
  try {
    return [JSON.parse(text) as JsonValue];
  } catch {
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JsonValue);
  }
}

const formatsOf = (values: readonly JsonValue[]) => readValues(values).lines.map((line) => line.format);

describe('detection', () => {
  test.each(LINES.map(({ value, format }) => [format, value] as const))('%s', (format, value) => {
    expect(formatsOf([value])).toEqual([format]);
  });

  test('law: formats mixed in one object in any order are told apart line by line', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...LINES], { minLength: 2 }), (lines) => {
        expect(formatsOf(lines.map((line) => line.value))).toEqual(lines.map((line) => line.format));
      }),
      { numRuns: 200 },
    );
  });

  test('ids are unique', () => {
    const ids = FORMATS.map((format) => format.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('CSV', () => {
  test.each([
    [['start_time', 'end_time', 'start_time_iso', 'end_time_iso', 'num_model_requests', 'model'], 'openai.usage_csv'],
    [['start_time', 'end_time', 'start_time_iso', 'end_time_iso'], 'openai.usage_csv_empty'],
    [
      ['start_time', 'end_time', 'start_time_iso', 'end_time_iso', 'amount_value', 'amount_currency', 'line_item'],
      'openai.costs_csv',
    ],
    [['usage_date_utc', 'token_type', 'cost_usd', 'model'], 'anthropic.console_cost'],
    [['BilledCost', 'ChargePeriodStart', 'BillingCurrency'], 'focus'],
    [['timestamp', 'model', 'input_tokens', 'output_tokens'], 'native'],
    [['a', 'b'], null],
  ])('%j is %s', (header, format) => {
    const row = Object.fromEntries(header.map((name) => [name, '']));
    expect(readValues([row], header).lines[0]?.format).toBe(format);
  });

  test('an unknown table is rejected with the names of its columns', () => {
    expect(readValues([{ a: 'SECRET', b: '2' }], ['a', 'b']).rejects).toEqual([
      'unknown_format: no reader knows a line with these keys: a, b',
    ]);
  });
});

describe('wrappers', () => {
  test('what is around a record stays as context; the inner layer wins', () => {
    const line = { team: 'outer', environment: 'prod', record: { team: 'inner', response: chat('chatcmpl-aaaabbbb') } };
    const { records } = readValues([line]);
    expect(records[0]?.evidence).toMatchObject({ teamTag: 'inner', environment: 'prod' });
  });

  test('four layers are peeled, a fifth is not', () => {
    const wrap = (layers: number): JsonValue =>
      layers === 0 ? chat('chatcmpl-aaaabbbb') : { event: wrap(layers - 1) };
    expect(readValues([wrap(4)]).records).toHaveLength(1);
    expect(readValues([wrap(5)]).rejects).toEqual(['unknown_format: no reader knows a line with these keys: event']);
  });

  test('one line may hold several records', () => {
    const line = {
      logEvents: [chat('chatcmpl-1'), chat('chatcmpl-2', 200)].map((body) => ({ message: JSON.stringify(body) })),
    };
    const { records, lines } = readValues([line]);
    expect(lines[0]?.format).toBe('openai.chat');
    expect(records.map(meters)).toEqual([
      [100, 0, 0, 0, 10, 0],
      [200, 0, 0, 0, 10, 0],
    ]);
  });

  test('what could not be read beside records is told', () => {
    const line = {
      records: [chat('chatcmpl-1'), { what: 'ever' }, { ...chat('chatcmpl-2'), usage: { prompt_tokens: -1 } }],
    };
    const outcome = readValues([line]).lines[0]?.outcome;
    expect(outcome).toMatchObject({ kind: 'usage', alsoBad: { reason: 'unknown_format' } });
    expect(outcome?.kind === 'usage' && outcome.records).toHaveLength(1);
  });

  test('two wrapped lines apart: also what is bad two layers down', () => {
    const inner = { records: [chat('chatcmpl-1'), { what: 'ever' }] };
    expect(readValues([{ event: inner }]).lines[0]?.outcome).toMatchObject({
      kind: 'usage',
      alsoBad: { reason: 'unknown_format' },
    });
  });

  test('skips inside, a reject beside them', () => {
    const events = { records: [{ type: 'response.output_text.delta' }, { type: 'response.output_text.delta' }] };
    expect(readValues([events]).skips).toEqual(['stream_event']);
    const mixed = { records: [{ type: 'response.output_text.delta' }, { what: 'ever' }] };
    expect(readValues([mixed]).rejects).toHaveLength(1);
  });
});

describe('rejects', () => {
  test.each([[1], ['text'], [null], [[chat('x')]], [true]])('%j is no object', (value) => {
    expect(readValues([value as JsonValue]).rejects).toEqual(['not_an_object: a record must be a JSON object']);
  });

  test('unknown: at most twelve names of keys, none that could be data, no values', () => {
    const keys = Array.from({ length: 20 }, (_, i) => [`k${i}`, 'SECRET'] as const);
    const line = { 'my secret sentence': 1, ['x'.repeat(65)]: 1, ...Object.fromEntries(keys) };
    expect(readValues([line]).rejects).toEqual([
      'unknown_format: no reader knows a line with these keys: k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11',
    ]);
  });

  test('law: whatever a line holds, it comes to an outcome, and no message carries a value', () => {
    const scrambled = fc
      .constantFrom(...LINES)
      .chain(({ value }) => fc.jsonValue().map((junk) => withJunk(value as JsonObject, junk)));
    fc.assert(
      fc.property(fc.array(scrambled, { maxLength: 8 }), (values) => {
        const { lines } = readValues(values);
        expect(lines).toHaveLength(values.length);
        const details = lines.map(({ outcome }) => (outcome.kind === 'bad' ? outcome.detail : ''));
        expect(details.join('\n')).not.toContain('CANARY');
      }),
      { numRuns: 300 },
    );
  });
});

/** Replaces the value of every second key, here and one level down, by something unexpected. */
function withJunk(line: JsonObject, junk: JsonValue): JsonObject {
  const canary: JsonValue = typeof junk === 'string' ? `CANARY${junk}` : junk;
  const replaced = (o: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(o).map(([key, value], i) => [
        key,
        i % 2 === 1 && key !== 'object' && key !== 'type' ? canary : value,
      ]),
    );
  const deeper = Object.entries(line).map(([key, value]) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [key, isMap ? replaced(value) : value] as const;
  });
  return Object.fromEntries(deeper);
}

test('one normalizer per object: what one object leaves open does not reach the next', () => {
  const chunk = {
    id: 'a',
    object: 'chat.completion.chunk',
    created: 1_785_542_400,
    model: 'm',
    choices: [{ delta: { content: 'x' } }],
  };
  const first = objectContext('a.jsonl');
  const normalizer = createNormalizer(peelEnvelope);
  normalizer.normalizeLine(chunk, { object: first, line: 7, outer: null });
  expect(normalizer.finish(first).map((late) => [late.record.callId, late.line])).toEqual([['a', 7]]);
  expect(normalizer.finish(first)).toEqual([]);
  const second = objectContext('b.jsonl');
  expect(createNormalizer(peelEnvelope).finish(second)).toEqual([]);
});
