import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createScriptCounter } from '../../lib/count/script-classes.ts';
import { createTextCounters } from '../../lib/count/text-counter.ts';
import { O200K_DENSITY } from '../../lib/count/tokenizer-ratios-data.ts';
import { estimatedRatio, estimateTokens, tokenShares, wholeTokens } from '../../lib/count/tokenizer-ratios.ts';
import { SCRIPT_CLASSES } from '../../lib/script-class.ts';
import { SCRIPT_RATIOS } from '../fixtures/tokenizer-families.ts';

const MODELS: readonly (readonly [publisher: string, model: string, family: string])[] = [
  ['anthropic', 'claude-3-5-haiku-20241022', 'claude'],
  ['anthropic', 'claude-opus-4-20250514', 'claude'],
  ['bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude'],
  ['anthropic', 'claude-opus-4-7', 'claude from 4.7 on'],
  ['vertex', 'claude-sonnet-5@20260801', 'claude from 4.7 on'],
  ['google', 'gemini-2.5-pro', 'gemini'],
  ['google', 'gemma-3-27b-it', 'gemma 3'],
  ['google', 'gemma-2-9b', 'gemini'],
  ['meta', 'meta.llama3-1-70b-instruct-v1:0', 'llama 3'],
  ['meta', 'llama-4-scout', 'other'],
  ['alibaba', 'Qwen/Qwen3-235B-A22B', 'qwen 2 and 3'],
  ['alibaba', 'qwen3.5-plus', 'other'],
  ['deepseek', 'deepseek-v3.1', 'deepseek 3'],
  ['mistral', 'mistral-large-latest', 'other'],
  ['cohere', 'command-r-plus-08-2024', 'command r'],
  ['xai', 'grok-4', 'other'],
  ['openai', 'text-embedding-3-large', 'cl100k_base'],
  ['azure', 'gpt-4-turbo', 'cl100k_base'],
];
const mixes = fc.dictionary(fc.constantFrom(...SCRIPT_CLASSES), fc.integer({ min: 1, max: 100_000 }), { maxKeys: 8 });
const models = fc.constantFrom(...MODELS);

const counters = createTextCounters(vocabularyBytes);

describe('the ratios', () => {
  test.each(MODELS)('%s %s is of the family %s', (publisher, model, family) => {
    expect(estimatedRatio({ latin: 1 }, publisher, model).family).toBe(family);
  });

  test('are in order, and say where they come from', () => {
    expect(new Set(SCRIPT_RATIOS.map(({ family }) => family)).size).toBe(11);
    for (const row of SCRIPT_RATIOS) {
      expect(row.low).toBeLessThanOrEqual(row.expected);
      expect(row.expected).toBeLessThanOrEqual(row.high);
      expect(row.source).not.toBe('');
    }
  });

  test('are facts for models with a public tokenizer only', () => {
    const facts = new Set(SCRIPT_RATIOS.flatMap(({ kind, family }) => (kind === 'fact' ? [family] : [])));
    expect([...facts]).toEqual([
      'cl100k_base',
      'gemma 3',
      'llama 3',
      'qwen 2 and 3',
      'deepseek 3',
      'mistral nemo',
      'command r',
    ]);
  });

  test('of an assumption hold what any modern tokenizer is expected to make of a script', () => {
    const rows = SCRIPT_RATIOS;
    for (const script of SCRIPT_CLASSES) {
      const facts = rows.filter((row) => row.script === script && row.kind === 'fact' && row.family !== 'cl100k_base');
      for (const row of rows.filter((one) => one.script === script && one.family === 'gemini')) {
        expect(row.low).toBeLessThanOrEqual(Math.min(...facts.map(({ expected }) => expected)));
        expect(row.high).toBeGreaterThanOrEqual(Math.max(...facts.map(({ expected }) => expected)));
      }
    }
  });
});

describe('an estimate', () => {
  test('lies between the ratios of the classes that the text has', () => {
    fc.assert(
      fc.property(mixes, models, fc.integer({ min: 1, max: 10_000_000 }), (mix, [publisher, model, family], tokens) => {
        fc.pre(Object.keys(mix).length > 0);
        const rows = SCRIPT_RATIOS.filter((row) => row.family === family && mix[row.script] !== undefined);
        const bound = (pick: (row: (typeof rows)[number]) => number): readonly [number, number] => [
          Math.min(...rows.map((row) => pick(row))) * tokens,
          Math.max(...rows.map((row) => pick(row))) * tokens,
        ];
        const { low, expected, high } = estimateTokens(tokens, mix, publisher, model);
        for (const [value, [least, most]] of [
          [low, bound((row) => row.low)],
          [expected, bound((row) => row.expected)],
          [high, bound((row) => row.high)],
        ] as const) {
          expect(value).toBeGreaterThanOrEqual(Math.max(1, Math.floor(least - 1e-6)));
          expect(value).toBeLessThanOrEqual(Math.ceil(most + 1e-6));
        }
        expect(low).toBeLessThanOrEqual(expected);
        expect(expected).toBeLessThanOrEqual(high);
      }),
    );
  });

  test('of a text n times as long is n times as high', () => {
    fc.assert(
      fc.property(mixes, models, fc.integer({ min: 2, max: 50 }), (mix, [publisher, model], times) => {
        const longer = Object.fromEntries(Object.entries(mix).map(([script, units]) => [script, units * times]));
        const one = estimatedRatio(mix, publisher, model).ratio;
        const many = estimatedRatio(longer, publisher, model).ratio;
        for (const [at, value] of one.entries()) expect(many[at]).toBeCloseTo(value, 9);
      }),
    );
  });

  test('of nothing is nothing, and of a text of unknown scripts as wide as it may be', () => {
    expect(estimateTokens(0, {}, 'google', 'gemini-2.5-pro')).toMatchObject({ low: 0, expected: 0, high: 0 });
    const rows = SCRIPT_RATIOS.filter(({ family }) => family === 'gemini');
    const { low, high } = estimateTokens(1_000_000, {}, 'google', 'gemini-2.5-pro');
    expect(low).toBe(Math.floor(1e6 * Math.min(...rows.map((row) => row.low))));
    expect(high).toBe(Math.ceil(1e6 * Math.max(...rows.map((row) => row.high))));
  });

  test('is weighed by tokens: half the characters in Chinese are three quarters of the tokens', () => {
    const [latin = 0, , cjk = 0] = tokenShares({ latin: 500, cjk: 500 });
    expect(latin + cjk).toBeCloseTo(1, 12);
    expect(cjk).toBeCloseTo(O200K_DENSITY.cjk / (O200K_DENSITY.cjk + O200K_DENSITY.latin), 12);
    expect(cjk).toBeGreaterThan(0.75);
  });

  test('names its family, whether that was measured, the day and the source', () => {
    const mix = { digits: 10 };
    expect(estimateTokens(100, mix, 'meta', 'llama-3.1-8b').basis).toBe(
      'estimated:o200k_base by script, llama 3 (measured 2026-11, its public tokenizer (llama3))',
    );
    expect(estimateTokens(100, mix, 'xai', 'grok-4').basis).toBe(
      'estimated:o200k_base by script, other (assumed 2026-11, between the tokenizers of gemma3, llama3, qwen2, deepseek3, mistral_nemo, command_r)',
    );
  });

  test('is in whole tokens: bounds are rounded outward, and what has a token has one under every tokenizer', () => {
    expect(wholeTokens(10, { low: 0.96, expected: 1.05, high: 1.11 })).toEqual({ low: 9, expected: 11, high: 12 });
    expect(wholeTokens(1, { low: 0.32, expected: 0.4, high: 0.9 })).toEqual({ low: 1, expected: 1, high: 1 });
    expect(wholeTokens(0, { low: 0.32, expected: 0.4, high: 0.9 })).toEqual({ low: 0, expected: 0, high: 0 });
  });

  test.each([
    [
      'prose in English',
      'The quick brown fox jumps over the lazy dog, and then it sleeps under the old tree. '.repeat(20),
    ],
    ['prose in Russian', 'Все люди рождаются свободными и равными в своем достоинстве и правах. '.repeat(20)],
    ['Chinese', '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心。'.repeat(20)],
    ['JSON', '{"id":"a-1","tags":["x","y"],"n":12345}\n'.repeat(50)],
  ])('holds the exact count of cl100k_base of %s', (_name, text) => {
    const running = createScriptCounter().begin();
    running.add(text);
    const o200k = counters.for('openai', 'gpt-4o').count(text);
    const exact = counters.for('openai', 'gpt-4').count(text);
    const { low, high } = estimateTokens(o200k, running.end(), 'openai', 'gpt-4');
    expect(exact).toBeGreaterThanOrEqual(0.9 * low);
    expect(exact).toBeLessThanOrEqual(1.1 * high);
  });
});
