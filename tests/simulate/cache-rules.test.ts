import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CACHE_RULES } from '../../lib/simulate/cache-rules-data.ts';
import { cacheRulesFor } from '../../lib/simulate/cache-rules.ts';
import { ruleAt } from '../../lib/simulate/dated-rules.ts';
import type { DatedRule } from '../../lib/simulate/dated-rules.ts';
import { matchCloseness } from '../../lib/simulate/model-pattern.ts';

const NOVEMBER = Date.UTC(2026, 10, 15);

describe('the rule of a model', () => {
  // facts/simulation.md §2.2, the worse value where sources disagree
  test.each([
    ['openai', 'gpt-4o', 'radix', 1024, 128],
    ['openai', 'gpt-4o-mini', 'radix', 1024, 128],
    ['openai', 'gpt-4.1-nano', 'radix', 1024, 128],
    ['openai', 'o3', 'radix', 1024, 128],
    ['openai', 'gpt-5', 'radix', 1024, 128],
    ['azure', 'gpt-5.5-pro', 'radix', 1024, 128],
    ['openai', 'gpt-5.6-sol', 'breakpoint', 1024, 1],
    ['openai', 'gpt-6.1-terra', 'breakpoint', 1024, 1],
    ['anthropic', 'claude-opus-5', 'breakpoint', 512, 1],
    ['anthropic', 'claude-fable-5', 'breakpoint', 512, 1],
    ['anthropic', 'claude-sonnet-5', 'breakpoint', 1024, 1],
    ['anthropic', 'claude-opus-4-8', 'breakpoint', 1024, 1],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'breakpoint', 1024, 1],
    ['anthropic', 'claude-sonnet-4-6', 'breakpoint', 2048, 1],
    ['anthropic', 'claude-opus-4-5-20251101', 'breakpoint', 4096, 1],
    ['anthropic', 'claude-opus-4-7', 'breakpoint', 4096, 1],
    ['vertex', 'claude-haiku-4-5@20251001', 'breakpoint', 4096, 1],
    ['bedrock', 'anthropic.claude-fable-5', 'breakpoint', 1024, 1],
    ['bedrock', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', 'breakpoint', 4096, 1],
    ['bedrock', 'global.anthropic.claude-opus-4-6-v1', 'breakpoint', 4096, 1],
    ['google', 'gemini-2.5-flash', 'radix', 2048, 1],
    ['vertex', 'gemini-3.1-pro-preview', 'radix', 4096, 1],
  ])('%s %s is %s from %i tokens on', (provider, model, rule, minimumTokens, incrementTokens) => {
    expect(cacheRulesFor(provider, model, NOVEMBER)).toMatchObject({ rule, minimumTokens, incrementTokens });
  });

  test.each([
    ['openai', 'gpt-4'],
    ['openai', 'gpt-4o-2024-05-13'],
    ['openai', 'gpt-7'],
    ['anthropic', 'claude-opus-4-9'],
    ['anthropic', 'claude-opus-5-6'],
    ['openai', 'claude-opus-5'],
    ['somebody', 'gpt-5'],
  ])('%s %s is not known', (provider, model) => {
    expect(cacheRulesFor(provider, model, NOVEMBER)).toBeNull();
  });

  test('lives as long as bought', () => {
    const lives = (provider: string, model: string): unknown =>
      cacheRulesFor(provider, model, NOVEMBER)?.lifetimes.map(({ lifeMs, write }) => [lifeMs / 60_000, write]);
    expect(lives('anthropic', 'claude-sonnet-5')).toEqual([
      [5, '5m'],
      [60, '1h'],
    ]);
    expect(lives('openai', 'gpt-4o')).toEqual([[5, 'implicit']]);
    expect(lives('bedrock', 'anthropic.claude-sonnet-4-20250514-v1:0')).toEqual([[5, '5m']]);
    expect(lives('bedrock', 'eu.anthropic.claude-sonnet-5')).toEqual([[5, '5m']]);
    expect(lives('openai', 'gpt-5.1')).toEqual([
      [5, 'implicit'],
      [1440, 'implicit'],
    ]);
    expect(lives('openai', 'gpt-5-mini')).toEqual([[5, 'implicit']]);
    expect(lives('openai', 'gpt-5.5-pro')).toEqual([[1440, 'implicit']]);
    expect(lives('openai', 'gpt-5.6-luna')).toEqual([[30, 'implicit']]);
  });

  test('says whether there is anything to switch on, and for whom it holds', () => {
    expect(cacheRulesFor('openai', 'gpt-5', NOVEMBER)).toMatchObject({
      isAutomatic: true,
      requestsPerMinutePerKey: 15,
    });
    expect(cacheRulesFor('anthropic', 'claude-opus-5', NOVEMBER)).toMatchObject({
      isAutomatic: false,
      scope: 'workspace',
    });
    expect(cacheRulesFor('bedrock', 'anthropic.claude-fable-5', NOVEMBER)?.scope).toBe('organization');
  });

  test('begins and ends on its day, UTC', () => {
    const october = Date.UTC(2024, 9, 1);
    expect(cacheRulesFor('openai', 'gpt-4o', october - 1)).toBeNull();
    expect(cacheRulesFor('openai', 'gpt-4o', october)?.id).toBe('openai-before-gpt-4.1');
    const newYear = Date.UTC(2027, 0, 1);
    expect(cacheRulesFor('google', 'gemini-3.8-flash', newYear - 1)?.stored?.usdPerMillionHour).toBe('0.5');
    expect(cacheRulesFor('google', 'gemini-3.8-flash', newYear)?.stored?.usdPerMillionHour).toBe('1');
  });

  test('can be the owner’s', () => {
    const own = CACHE_RULES.filter(({ id }) => id === 'anthropic-512').map((row) => ({ ...row, models: ['claude-x'] }));
    expect(cacheRulesFor('anthropic', 'claude-x', NOVEMBER, [...CACHE_RULES, ...own])?.minimumTokens).toBe(512);
  });
});

describe('the rows', () => {
  test('have unique ids, sources, and say what they doubt where they assume', () => {
    expect(new Set(CACHE_RULES.map(({ id }) => id)).size).toBe(CACHE_RULES.length);
    for (const row of CACHE_RULES) {
      expect(row.source).not.toBe('');
      expect(row.kind === 'fact' || row.doubt !== null).toBe(true);
    }
  });

  test('name each id once at a time', () => {
    const named = CACHE_RULES.flatMap(({ providers, models, fromDay }) =>
      providers.flatMap((provider) => models.map((model) => `${provider} ${model} ${fromDay}`)),
    );
    expect(named.length).toBe(new Set(named).size);
  });
});

describe('a name', () => {
  test.each([
    [['gpt-5*'], 'gpt-5.6-sol', true],
    [['gpt-5'], 'gpt-5.6-sol', false],
    [['gpt-5'], 'gpt-5-2025-08-07', true],
    [['gpt-5'], 'my-gpt-5', false],
    [['claude-opus-4'], 'claude-opus-4-20250514', true],
    [['claude-opus-4'], 'claude-opus-4-5', false],
    [['claude-opus-4'], 'claude-opus-4-5-20251101', false],
    [['claude-3-5-sonnet'], 'claude-3-5-sonnet-latest', true],
    [['anthropic.claude-sonnet-4'], 'eu.anthropic.claude-sonnet-4-20250514-v1:0', true],
    [['gpt-5'], 'GPT-5', true],
    [['*'], 'anything', true],
  ])('%j against %s: %s', (names, model, matches) => {
    expect(matchCloseness(names, model) > 0).toBe(matches);
  });

  test('an id beats a family, a long family a short one, whatever the order', () => {
    const row = (id: string, models: string[]): DatedRule => ({
      id,
      models,
      providers: ['p'],
      fromDay: null,
      toDay: null,
      kind: 'fact',
      source: 's',
      date: '2026',
      doubt: null,
    });
    const rows = [row('all', ['*']), row('family', ['m-1*']), row('id', ['m-1']), row('snapshot', ['m-1-20260101'])];
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 4 }), (shuffled) => {
        const found = (model: string): string | undefined => ruleAt(shuffled, 'p', model, 0)?.id;
        expect(['m-2', 'm-1.5', 'm-1-20250101', 'm-1-20260101', 'm-1'].map(found)).toEqual([
          'all',
          'family',
          'id',
          'snapshot',
          'id',
        ]);
      }),
    );
  });
});

describe('a day', () => {
  const days: DatedRule = {
    id: 'one-day',
    models: ['m'],
    providers: ['p'],
    fromDay: '2026-11-01',
    toDay: '2026-11-02',
    kind: 'fact',
    source: 's',
    date: '2026',
    doubt: null,
  };

  test('holds from its first millisecond to its last', () => {
    const start = Date.UTC(2026, 10, 1);
    const found = [start - 1, start, start + 86_399_999, start + 86_400_000].map(
      (ms) => ruleAt([days], 'p', 'm', ms)?.id,
    );
    expect(found).toEqual([undefined, 'one-day', 'one-day', undefined]);
  });

  test('begun later wins between equals', () => {
    const later = { ...days, id: 'later', fromDay: '2026-11-01', toDay: null };
    const always = { ...days, id: 'always', fromDay: null, toDay: null };
    for (const rows of [
      [always, later],
      [later, always],
    ]) {
      expect(ruleAt(rows, 'p', 'm', Date.UTC(2026, 10, 9))?.id).toBe('later');
      expect(ruleAt(rows, 'p', 'm', Date.UTC(2026, 9, 9))?.id).toBe('always');
    }
  });
});
