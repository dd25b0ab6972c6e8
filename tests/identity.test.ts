import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { identify } from '../lib/identity.ts';
import { newRecord } from '../lib/record.ts';
import type { ObjectContext, UsageRecord } from '../lib/record.ts';

const object = (key: string, pathPairs: Record<string, string> = {}): ObjectContext => ({
  key,
  pathPairs,
  keyTimeMs: null,
  lastModifiedMs: 0,
  state: new Map(),
});
const record = (change: Partial<UsageRecord>): UsageRecord => ({
  ...newRecord({ id: 'native', sourceKind: 'provider', class: 'calls' }, 'openai', 'gpt-5'),
  ...change,
});
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('identity', () => {
  test('the response id decides, whatever the format, object or line; weaker ids are alternatives, without repeats', () => {
    const linkIds = [
      { kind: 'response', value: 'chatcmpl-1' },
      { kind: 'request', value: 'req-1' },
      { kind: 'response', value: 'chatcmpl-1' },
    ] as UsageRecord['linkIds'];
    const one = identify(record({ linkIds }), object('a.jsonl'), 1, 0);
    const two = identify(record({ linkIds, sourceFormat: 'litellm.slp' }), object('b.jsonl'), 9, 3);
    expect(one).toEqual({ recordId: sha('response:chatcmpl-1'), altIds: [sha('request:req-1')], kind: 'response' });
    expect(two).toEqual(one);
  });

  test('without an id the content decides, so a copy in another folder is the same and another user is not', () => {
    const base = { occurredAtMs: 1_780_000_000_000, inputTokens: 5 };
    const plain = identify(record(base), object('a.jsonl'), 1, 0);
    const inFolder = record({ ...base, tags: { team: 'x' } });
    inFolder.evidence.teamTag = 'x';
    expect(identify(inFolder, object('team=x/a.jsonl', { team: 'x' }), 7, 0)).toEqual(plain);
    expect(identify(record({ ...base, userId: 'u' }), object('a.jsonl'), 1, 0).recordId).not.toBe(plain.recordId);
    expect(plain.kind).toBe('content');
  });

  test('without id and time the position decides, so every line counts', () => {
    const one = identify(record({}), object('a.jsonl'), 1, 0);
    expect(one.kind).toBe('position');
    expect(identify(record({}), object('a.jsonl'), 2, 0).recordId).not.toBe(one.recordId);
    expect(identify(record({}), object('b.jsonl'), 1, 0).recordId).not.toBe(one.recordId);
  });
});
