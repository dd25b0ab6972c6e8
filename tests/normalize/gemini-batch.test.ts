/** Gemini batch output: file mode, inline mode, whole jobs. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const response = (id: string | null, prompt: number): JsonObject => ({
  ...(id === null ? {} : { responseId: id }),
  modelVersion: 'gemini-2.5-flash',
  usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: 2, totalTokenCount: prompt + 2 },
});
const ERROR: JsonObject = { code: 3, message: 'bad' };

test('file mode and inline mode are at the batch tier', () => {
  const { records, lines } = readValues([
    { key: 'k-1', response: response('r-1', 10) },
    { response: response('r-2', 20), metadata: { key: 'k-2' } },
    { metadata: { key: 'k-3' }, error: ERROR },
  ]);
  expect(lines.map((l) => l.format)).toEqual(['gemini.batch', 'gemini.batch', 'gemini.batch']);
  expect(records.map((r) => [r.tags['batch_key'], r.tier, r.status, ...meters(r)])).toEqual([
    ['k-1', 'batch', 'ok', 10, 0, 0, 0, 2, 0],
    ['k-2', 'batch', 'ok', 20, 0, 0, 0, 2, 0],
    ['k-3', 'batch', 'error', 0, 0, 0, 0, 0, 0],
  ]);
});

test.each([
  [
    'REST',
    { response: { inlinedResponses: { inlinedResponses: [{ response: response('r-1', 10) }, { error: ERROR }] } } },
  ],
  ['SDK', { dest: { inlined_responses: [{ response: response('r-1', 10) }, { error: ERROR }] } }],
] as [string, JsonObject][])('a whole job as the %s writes it', (_, job) => {
  const { records } = readValues([{ name: 'batches/b-1', done: true, ...job }]);
  expect(records.map((r) => [r.tier, r.status, r.inputTokens])).toEqual([
    ['batch', 'ok', 10],
    ['batch', 'error', 0],
  ]);
});

test('an application’s envelope around a response is no batch', () => {
  const { lines, records } = readValues([{ key: 'k', request: {}, response: response('r-1', 10) }]);
  expect(lines[0]?.format).toBe('gemini.response');
  expect(records[0]?.tier).toBe('standard');
});

test('identity: the response’s id alone; without one, the key and what was answered, wherever the file lies', () => {
  const ids = (line: JsonObject, key: string): unknown => readValues([line], null, key).records[0]?.linkIds;
  expect(ids({ key: 'k', response: response('r-1', 10) }, 'a.jsonl')).toEqual([{ kind: 'response', value: 'r-1' }]);
  const bare = { key: 'k', response: response(null, 10) };
  expect(ids(bare, 'copies/b.jsonl')).toEqual(ids(bare, 'a.jsonl'));
  expect(ids({ key: 'k', response: response(null, 11) }, 'a.jsonl')).not.toEqual(ids(bare, 'a.jsonl'));
});
