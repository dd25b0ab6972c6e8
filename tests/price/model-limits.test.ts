/** The list of model limits: how it is made from a map of models, how it is read, and facts of the shipped one. */
import { describe, expect, test } from 'vitest';
import { readShippedLimits } from '../../lib/adapters/local/limits-file.ts';
import { modelLimits } from '../../lib/model-limits.ts';
import { bookRows } from '../../lib/price/price-book.ts';
import { limitLines } from '../../scripts/model-limits/merge.ts';
import { book, smallBook } from './shipped-book.ts';

const text = await readShippedLimits();
const limitsOf = modelLimits(text);

describe('the shipped list', () => {
  // vendors' own pages: 200,000 and 64,000 tokens of Claude Haiku 4.5; 128,000 and 16,384 of GPT-4o; GPT-5 takes 272,000 and answers 128,000
  test.each([
    ['anthropic', 'claude-haiku-4-5', 200_000, 64_000],
    ['bedrock', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 200_000, 64_000],
    ['openai', 'gpt-4o', 128_000, 16_384],
    ['azure', 'gpt-4o', 128_000, 16_384],
    ['openai', 'gpt-5', 272_000, 128_000],
    ['google', 'gemini-2.5-pro', 1_048_576, 65_536],
  ])('knows %s %s', (provider, model, contextTokens, maximumOutputTokens) => {
    expect(limitsOf(provider, model)).toMatchObject({
      contextTokens,
      maximumOutputTokens,
      output: ['text'],
      tools: true,
      regions: null,
      source: 'litellm 1.108.11',
      date: '2026-11-17',
    });
  });

  test('tells what others give than text', () => {
    expect(limitsOf('openai', 'gpt-image-1')?.output).toEqual(['image']);
    expect(limitsOf('openai', 'text-embedding-3-small')).toMatchObject({ contextTokens: 8191, output: ['embedding'] });
    expect(limitsOf('deepseek', 'deepseek-reasoner')?.tools).toBe(false);
  });

  test('says nothing of a model it does not know', () => {
    expect([limitsOf('openai', 'o9-huge'), limitsOf('anthropic', 'gpt-4o')]).toEqual([null, null]);
  });

  test('names models of the price book only, each once, in order, and is small', () => {
    const named = text
      .split('\n')
      .slice(3, -1)
      .map((line) => line.split(',').slice(0, 2).join('/'));
    expect(named.length).toBeGreaterThan(1000);
    const known = new Set([...bookRows(book)].map(({ provider, model }) => `${provider}/${model}`));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
    expect(Buffer.byteLength(text)).toBeLessThan(150_000);
  });
});

describe('reading', () => {
  const HEADER = 'provider,model,context_tokens,maximum_output_tokens,input,output,tools,source,date\n';

  test('takes an empty cell for not known', () => {
    expect(modelLimits(`${HEADER}p,m,,,,,,s,2026-11-17\n`)('p', 'm')).toEqual({
      contextTokens: null,
      maximumOutputTokens: null,
      input: null,
      output: null,
      tools: null,
      regions: null,
      source: 's',
      date: '2026-11-17',
    });
  });

  test('refuses what makes no sense', () => {
    expect(() => modelLimits(`${HEADER}p,m,0,,,,,s,d\n`)).toThrow('model limits: m has context_tokens 0');
    expect(() => modelLimits(`${HEADER}p,m,8k,,,,,s,d\n`)).toThrow('model limits: m has context_tokens 8k');
    expect(() => modelLimits(`${HEADER}p,m,,,smell,,,s,d\n`)).toThrow('model limits: no modality smell');
  });
});

describe('making', () => {
  const row = (model: string): string => `${model},,input,,,,,1,2025-01-01,,seen,s,high,\n`;
  const small = smallBook(
    { anthropic: row('claude-x') + row('claude-y'), bedrock: row('anthropic.claude-x-v1:0') },
    'anthropic,claude-x,,yes\n',
    'anthropic,claude-x-20250101,claude-x,same prices\nanthropic,claude-x-20250601,claude-x,same prices\n',
  );
  const chat = { litellm_provider: 'anthropic', mode: 'chat' };

  test('an own id wins over other names', () => {
    const lines = limitLines(
      {
        'claude-x': { ...chat, max_input_tokens: 200, supports_vision: true, supports_function_calling: true },
        'claude-x-20250101': { ...chat, max_input_tokens: 100, max_output_tokens: 10 },
      },
      small,
    );
    expect(lines).toEqual([
      {
        provider: 'anthropic',
        model: 'claude-x',
        context_tokens: '200',
        maximum_output_tokens: '',
        input: 'text image',
        output: 'text',
        tools: 'yes',
      },
    ]);
  });

  test('of several names the smallest limits and what all can do are taken', () => {
    const [line] = limitLines(
      {
        'claude-x-20250101': { ...chat, max_input_tokens: 100, supports_vision: true, supports_function_calling: true },
        'claude-x-20250601': {
          ...chat,
          max_input_tokens: 200,
          max_output_tokens: 20,
          supports_function_calling: false,
        },
      },
      small,
    );
    expect(line).toMatchObject({ context_tokens: '100', maximum_output_tokens: '20', input: 'text', tools: 'no' });
  });

  test('prefixes of gateways, regions and commitments are no part of an id; other providers and models are left out', () => {
    const lines = limitLines(
      {
        'bedrock/us-east-1/1-month-commitment/anthropic.claude-x-v1:0': {
          litellm_provider: 'bedrock',
          mode: 'chat',
          max_input_tokens: 7,
        },
        'openrouter/claude-y': { litellm_provider: 'openrouter', mode: 'chat', max_input_tokens: 9 },
        'claude-z': { ...chat, max_input_tokens: 9 },
      },
      small,
    );
    expect(lines.map(({ provider, model, context_tokens }) => [provider, model, context_tokens])).toEqual([
      ['bedrock', 'anthropic.claude-x-v1:0', '7'],
    ]);
  });
});
