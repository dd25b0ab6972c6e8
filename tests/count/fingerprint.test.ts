/** Fingerprints: equal prefixes share blocks, different ones do not, keys separate owners, and no text comes through. */
import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalPrompt } from '../../lib/count/canonical-prompt.ts';
import { fingerprint } from '../../lib/count/fingerprint.ts';
import { newRecord } from '../../lib/record.ts';
import type { JsonValue, UsageRecord } from '../../lib/record.ts';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');

function recordOf(promptText: JsonValue | null, fields: Partial<UsageRecord> = {}): UsageRecord {
  const record = newRecord({ id: 'native', sourceKind: 'provider', class: 'calls' }, 'openai', 'gpt-4o');
  return Object.assign(record, { promptText, inputTokens: 1000 }, fields);
}

const print = (promptText: JsonValue | null, fields: Partial<UsageRecord> = {}) =>
  fingerprint(recordOf(promptText, fields), KEY);
const turn = (i: number): JsonValue => ({
  role: i % 2 === 0 ? 'user' : 'assistant',
  content: `message ${i} ${'lorem ipsum '.repeat(80)}`,
});

/** Number of blocks two prompts share from the beginning. */
function shared(a: readonly bigint[], b: readonly bigint[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

describe('of text', () => {
  test('blocks and hash are the chained HMAC of the bytes', () => {
    const text = 'x'.repeat(512) + 'y'.repeat(100);
    const first = createHmac('sha256', KEY).update('x'.repeat(512)).digest();
    const second = createHmac('sha256', KEY).update(first).update('y'.repeat(100)).digest();
    expect(print(text, { inputTokens: 153 })).toEqual({
      promptHash: createHmac('sha256', KEY).update(text).digest('hex').slice(0, 32),
      blocks: [first.readBigInt64BE(0), second.readBigInt64BE(0)],
      blockTokens: 128, // 153 tokens × 512 of 612 bytes
    });
  });

  test('a longer conversation begins with the blocks of the shorter one, whatever their token counts', () => {
    const turns = Array.from({ length: 12 }, (_, i) => turn(i));
    const short = print(turns.slice(0, 8), { inputTokens: 2000 });
    const long = print(turns, { inputTokens: 3100 });
    const wholeBlocks = Math.floor(canonicalPrompt(turns.slice(0, 8)).length / 512);
    expect(wholeBlocks).toBeGreaterThan(10);
    expect(shared(short?.blocks ?? [], long?.blocks ?? [])).toBe(wholeBlocks);
    const [, ...others] = turns;
    expect(shared(short?.blocks ?? [], print(others)?.blocks ?? [])).toBe(0);
  });

  test('tools and system come first, keys in any order are the same, cache markers and the form of a text do not count', () => {
    const messages = [{ role: 'user', content: 'hello' }];
    const a = print({ messages, system: 'be kind', tools: [{ name: 'f' }] });
    const marked = [{ content: [{ cache_control: { type: 'ephemeral' }, text: 'hello', type: 'text' }], role: 'user' }];
    expect(print({ tools: [{ name: 'f' }], system: 'be kind', messages: marked })).toEqual(a);
    expect(print({ messages, system: 'be kind', tools: [{ name: 'g' }] })?.promptHash).not.toBe(a?.promptHash);
    expect(
      print({ messages: [{ role: 'assistant', content: 'hello' }], system: 'be kind', tools: [{ name: 'f' }] })
        ?.promptHash,
    ).not.toBe(a?.promptHash);
  });

  test('moving a boundary changes the hash', () => {
    expect(print([{ content: 'ab' }, { content: 'c' }])?.promptHash).not.toBe(
      print([{ content: 'a' }, { content: 'bc' }])?.promptHash,
    );
    expect(print('\ud83d x')?.promptHash).toBe(print('\ufffd x')?.promptHash); // a half pair has no bytes of its own
  });

  test('another key shares nothing', () => {
    const other = fingerprint(recordOf('some prompt'), Buffer.from('another key'));
    expect(other?.promptHash).not.toBe(print('some prompt')?.promptHash);
    expect(other?.blocks).not.toEqual(print('some prompt')?.blocks);
  });

  test('no text, placeholders and calls without tokens have none', () => {
    for (const prompt of [
      null,
      '',
      [],
      'redacted-by-litellm',
      [{ role: 'user', content: '****' }],
      [
        { role: 'user', content: 'a' },
        { role: 'user', content: '[REDACTED]' },
      ],
    ]) {
      expect(print(prompt)).toBeNull();
    }
    expect(print('text', { inputTokens: 0 })).toBeNull();
    expect(print('text', { inputTokens: 0, cacheReadTokens: 40 })?.blockTokens).toBe(5120); // 40 tokens × 512 of 4 bytes
  });

  test('nothing of a text comes through', () => {
    const output = JSON.stringify(print([{ role: 'user', content: 'CANARY-4242 '.repeat(200) }]), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(output).not.toContain('CANARY');
    expect(output).not.toContain('user');
  });
});

describe('given by the source', () => {
  test('whole numbers are kept, names and other numbers are hashed to 64 bits', () => {
    const given = print(null, {
      promptBlocks: [0, -1, 46, Number.MAX_SAFE_INTEGER, 'b1', 1.5, 2 ** 60],
      blockTokens: 512,
    });
    expect(given?.blocks.slice(0, 4)).toEqual([0n, -1n, 46n, 9_007_199_254_740_991n]);
    expect(given?.blockTokens).toBe(512);
    expect(given?.blocks[4]).toBe(createHmac('sha256', KEY).update('block:b1').digest().readBigInt64BE(0));
    for (const block of given?.blocks ?? []) expect(BigInt.asIntN(64, block)).toBe(block);
  });

  test('without a size a block has 128 tokens; without a hash the blocks are the hash', () => {
    const a = print(null, { promptBlocks: [1, 2] });
    expect(a?.blockTokens).toBe(128);
    expect(print(null, { promptBlocks: [1, 2] })).toEqual(a);
    expect(print(null, { promptBlocks: [12] })?.promptHash).not.toBe(a?.promptHash);
  });

  test('a hash is hashed again and stands beside the blocks of a text', () => {
    const plain = print(null, { promptHash: 'abc' });
    expect(plain).toEqual({
      promptHash: createHmac('sha256', KEY).update('prompt:abc').digest('hex').slice(0, 32),
      blocks: [],
      blockTokens: 128,
    });
    expect(print('text', { promptHash: 'abc' })).toMatchObject({
      promptHash: plain?.promptHash,
      blocks: [expect.any(BigInt)],
    });
    expect(print(null, { promptBlocks: [] })).toBeNull();
  });
});

test('law: prompts share the blocks of their common bytes and no more', () => {
  const text = fc.string({ minLength: 0, maxLength: 3000 });
  fc.assert(
    fc.property(text, text, text, (prefix, a, b) => {
      const [left, right] = [`${prefix}|${a}`, `${prefix}|${b}`];
      fc.pre(left !== right);
      const leftBytes = Buffer.from(left, 'utf8');
      const rightBytes = Buffer.from(right, 'utf8');
      let common = 0;
      while (common < leftBytes.length && leftBytes[common] === rightBytes[common]) common++;
      const blocks = shared(print(left)?.blocks ?? [], print(right)?.blocks ?? []);
      expect(blocks).toBe(Math.floor(common / 512));
    }),
    { numRuns: 200 },
  );
});
