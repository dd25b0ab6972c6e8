/** Wrappers: every real layer is taken off, what is around stays, and what is a record is left alone. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { peelEnvelope } from '../../lib/ingest/envelope.ts';
import { objectContext } from '../../lib/ingest/object-key.ts';
import { createNormalizer } from '../../lib/normalize/registry.ts';
import type { JsonObject, JsonValue } from '../../lib/record.ts';

const RESPONSE = {
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [],
  usage: { input_tokens: 10, output_tokens: 20 },
};
const TEXT = JSON.stringify(RESPONSE);
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Takes layers off until nothing is wrapped: the innermost values and everything around the first. */
function peelAll(line: JsonObject): { inner: JsonValue[]; outer: JsonObject } {
  let inner: JsonValue[] = [line];
  let outer: JsonObject = {};
  for (let layer = 0; layer < 6; layer++) {
    const peeled = inner.map((value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && value['id'] !== 'msg_01'
        ? peelEnvelope(value)
        : null,
    );
    if (peeled.every((each) => each === null)) break;
    outer = { ...outer, ...peeled[0]?.outer };
    inner = peeled.flatMap((each, i) => (each === null ? [inner[i] as JsonValue] : [...each.inner]));
  }
  return { inner, outer };
}

describe('wrappers of cloud services and shippers', () => {
  const subscription = {
    messageType: 'DATA_MESSAGE',
    logGroup: 'g',
    logEvents: [{ id: '1', timestamp: 1_785_542_400_000, message: TEXT }],
  };
  const wrappers: Record<string, JsonObject> = {
    'CloudWatch export': { timestamp: 1, message: TEXT, ingestionTime: 2 },
    'Logs Insights': { '@timestamp': '2026-08-01', '@message': TEXT },
    'CloudWatch subscription': subscription,
    'CloudWatch subscription to Lambda': {
      awslogs: { data: gzipSync(JSON.stringify(subscription)).toString('base64') },
    },
    EventBridge: { 'detail-type': 'llm', source: 'app', detail: RESPONSE },
    'SNS message': { Type: 'Notification', Message: TEXT },
    'SQS to Lambda': { Records: [{ messageId: 'm', body: TEXT }] },
    'SQS dump': { Messages: [{ MessageId: 'm', Body: TEXT }] },
    'SNS to SQS to Lambda': { Records: [{ body: JSON.stringify({ Type: 'Notification', Message: TEXT }) }] },
    'SNS to Lambda': { Records: [{ EventSource: 'aws:sns', Sns: { MessageId: 'm', Message: TEXT } }] },
    'Kinesis to Lambda': { Records: [{ kinesis: { data: base64(TEXT) } }] },
    'Firehose record': { recordId: 'r', data: base64(TEXT) },
    'Firehose batch': { requestId: 'r', records: [{ data: base64(`${TEXT}\n`) }] },
    'Azure Event Hub': { records: [RESPONSE] },
    Elastic: { _index: 'i', _id: '1', _source: RESPONSE },
    'Docker log': { log: `${TEXT}\n`, stream: 'stdout', time: '2026-08-01T00:00:00Z' },
    'response in a body': { response: { status: 200, body: RESPONSE } },
    'body as text': { status: 200, body: TEXT },
    'event and payload': { event: { payload: RESPONSE } },
    'data and result': { data: { result: TEXT } },
  };

  test.each(Object.entries(wrappers))('%s', (_, line) => {
    expect(peelAll(line).inner).toEqual([RESPONSE]);
  });

  test('what is around stays: of every layer, without the value itself', () => {
    const { outer } = peelAll(subscription);
    expect(outer).toEqual({ messageType: 'DATA_MESSAGE', logGroup: 'g', id: '1', timestamp: 1_785_542_400_000 });
    const pair = { request: { user: 'u1' }, response: RESPONSE, metadata: { team: 'alpha' }, ms: 3 };
    expect(peelEnvelope(pair)).toEqual({
      inner: [RESPONSE],
      outer: { request: { user: 'u1' }, metadata: { team: 'alpha' }, ms: 3 },
    });
  });

  test('the value that looks like a response is taken, whichever name stands first', () => {
    const line = { message: { role: 'user', text: 'CANARY' }, detail: { a: 1 }, result: RESPONSE };
    expect(peelEnvelope(line)?.inner).toEqual([RESPONSE]);
    expect(peelEnvelope({ message: 'request done', response: RESPONSE })?.inner).toEqual([RESPONSE]);
  });

  test('every member of a list is handed on, also those that are no lines', () => {
    const line = { logEvents: [{ message: TEXT }, { message: 'START RequestId' }, 'odd', { message: TEXT }] };
    expect(peelEnvelope(line)?.inner).toEqual(line.logEvents);
  });
});

describe('what is no wrapper', () => {
  test('a line with usage of its own is not taken for the wrapper of its parts', () => {
    expect(
      peelEnvelope({ model: 'm', usage: { prompt_tokens: 1 }, message: { role: 'assistant', content: 'x' } }),
    ).toBeNull();
  });

  test.each<[string, JsonObject]>([
    ['plain text', { message: 'all good', level: 'info' }],
    ['broken JSON text', { message: '{"a":' }],
    ['a list of words', { data: ['a', 'b'] }],
    ['an empty list', { records: [], data: [] }],
    ['text that only looks like base64', { data: 'eyesAreWonderful' }],
    ['compressed text that is broken', { data: 'H4sIAAAAAAAAA0vLz1dISiyqBQBbnrYx' }],
    ['nothing', {}],
  ])('%s', (_, line) => {
    expect(peelEnvelope(line)).toBeNull();
  });

  test('a compressed bomb and a text nested without end are left alone', () => {
    const bomb = gzipSync(Buffer.alloc(80 << 20, ' '), { level: 1 }).toString('base64');
    expect(peelEnvelope({ data: bomb })).toBeNull();
    expect(peelEnvelope({ message: `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}` })).toBeNull();
  });
});

test('through the normalizer: each event of a batch keeps its own time, and a text between them is told', () => {
  const other = { ...RESPONSE, id: 'msg_02' };
  const line = {
    logEvents: [
      { timestamp: Date.UTC(2026, 7, 1), message: TEXT },
      { timestamp: Date.UTC(2026, 7, 2), message: JSON.stringify(other) },
      { timestamp: Date.UTC(2026, 7, 2), message: 'END RequestId' },
    ],
  };
  const context = { object: objectContext('x.jsonl', 0), line: 1, outer: null };
  const { outcome } = createNormalizer(peelEnvelope).normalizeLine(line, context);
  expect(outcome).toMatchObject({
    kind: 'usage',
    records: [
      { callId: 'msg_01', occurredAtMs: Date.UTC(2026, 7, 1) },
      { callId: 'msg_02', occurredAtMs: Date.UTC(2026, 7, 2) },
    ],
    alsoBad: { reason: 'unknown_format' },
  });
});
