/** Counters: which tokenizer for which model, exact where one exists, and labelled with ratio and range where none does. */
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTextCounters } from '../../lib/count/text-counter.ts';

const counters = createTextCounters(vocabularyBytes);

const TEXTS = [
  'Hello, world!',
  "I'LL don'T stop: 12345678901 times (½) — naïve 漢字 🙂\r\n\tdone.",
  '{"model":"gpt-4o","usage":{"prompt_tokens":12}}',
  'The quick brown fox jumps over the lazy dog. '.repeat(500),
];
const plain = { disallowedSpecial: new Set<string>() };

describe('OpenAI', () => {
  test.each([
    ['gpt-4o', 'o200k_base'],
    ['gpt-4o-mini-2024-07-18', 'o200k_base'],
    ['gpt-4.1-nano', 'o200k_base'],
    ['gpt-5.2', 'o200k_base'],
    ['gpt-oss-120b', 'o200k_base'],
    ['o3-mini', 'o200k_base'],
    ['chatgpt-4o-latest', 'o200k_base'],
    ['ft:gpt-4o-mini:acme::9', 'o200k_base'],
    ['openai/gpt-5', 'o200k_base'],
    ['gpt-4', 'cl100k_base'],
    ['gpt-4-turbo-2024-04-09', 'cl100k_base'],
    ['gpt-4-0613', 'cl100k_base'],
    ['gpt-3.5-turbo', 'cl100k_base'],
    ['gpt-35-turbo', 'cl100k_base'],
    ['ft:gpt-3.5-turbo:acme', 'cl100k_base'],
    ['text-embedding-3-small', 'cl100k_base'],
    ['text-embedding-ada-002', 'cl100k_base'],
  ])('%s counts with %s', (model, encoding) => {
    const counter = counters.for('openai', model);
    expect([counter.method, counter.basis]).toEqual([`counted:${encoding}`, 'counted']);
    const reference = encoding === 'o200k_base' ? o200k : cl100k;
    for (const text of TEXTS) expect(counter.count(text)).toBe(reference(text, plain));
  });

  test('hello world has the four tokens that OpenAI documents', () => {
    expect(counters.for('openai', 'gpt-4o').count('Hello, world!')).toBe(4);
    expect(counters.for('openai', 'gpt-4').count('tiktoken is great!')).toBe(6);
    expect(counters.for('openai', 'gpt-4').count('')).toBe(0);
  });

  test('special tokens in a text are plain text', () => {
    const text = 'before <|endoftext|> after <|im_start|>';
    expect(counters.for('openai', 'gpt-4o').count(text)).toBe(o200k(text, plain));
    expect(o200k(text, plain)).toBeGreaterThan(o200k('before  after ', plain) + 6);
  });

  test('halves of pairs and zero bytes are counted, not refused', () => {
    for (const text of ['\ud83d', 'a\ude00b', '\u0000\u0001'])
      expect(counters.for('openai', 'gpt-5').count(text)).toBeGreaterThan(0);
  });

  test('a name nobody knows is estimated: a deployment may be any model', () => {
    for (const [publisher, model] of [
      ['azure', 'prod-chat'],
      ['openai', 'text-davinci-003'],
      ['azure', 'Llama-3.3-70B'],
    ] as const) {
      expect(counters.for(publisher, model).basis).toBe('estimated');
    }
  });
});

describe('other vendors', () => {
  const text = 'word '.repeat(1000).trimEnd(); // 1,000 tokens in o200k_base: one for each word

  test('the ratio and its range are named, and the count is the ratio', () => {
    expect(o200k(text)).toBe(1000);
    const mistral = counters.for('mistral', 'mistral-large-2411');
    expect([mistral.basis, mistral.method, mistral.count(text)]).toEqual([
      'estimated',
      'estimated:o200k_base*1.1(0.85-1.35)',
      1100,
    ]);
  });

  test.each([
    ['claude-3-5-sonnet-20241022', 1100],
    ['claude-opus-4-20250514', 1100],
    ['claude-opus-4-6', 1100],
    ['anthropic.claude-3-haiku-20240307-v1:0', 1100],
    ['claude-2.1', 1100],
    ['claude-opus-4-7', 1430],
    ['claude-4.8-opus', 1430],
    ['claude-sonnet-5-20260601', 1430],
    ['claude-5.5-haiku', 1430],
  ])('%s: %i tokens for 1,000', (model, expected) => {
    expect(counters.for('anthropic', model).count(text)).toBe(expected);
  });

  test('any text has at least one token', () => {
    expect(counters.for('google', 'gemini-3-pro').count('a')).toBe(2);
    expect(counters.for('google', 'gemini-3-pro').count('')).toBe(0);
  });
});
