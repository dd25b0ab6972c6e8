import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { keptShareOf, promptSaving } from '../../lib/simulate/prompt-optimization.ts';
import type { PromptChange, PromptPart } from '../../lib/simulate/prompt-optimization.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

const PRICES = { inputPico: 3_000_000n, cachedPico: 300_000n, outputPico: 15_000_000n };
const UNCHANGED = { outputTokensSaved: 0, compressorPico: 0n, cacheMinimumTokens: 0 };

function part(tokens: number, cachedTokens: number, keptShare: number, cachedShareAfter: number): PromptPart {
  return { component: 'system', tokens, cachedTokens, keptShare, cachedShareAfter };
}

describe('the trap', () => {
  // 10,000 tokens, half of them read at a tenth: 5,000 · 3 + 5,000 · 0.3 = 16,500 (10⁻⁶ USD), which is 60 % of the bill with 11,000 of output
  const outputPico = 11_000_000_000n;
  const percentOfBill = (parts: readonly PromptPart[]): number => {
    const saving = promptSaving({ parts, outputTokens: 0, ...UNCHANGED }, PRICES);
    return (Number(saving.savingPico) / Number(saving.beforePico + outputPico)) * 100;
  };

  test('a prompt shorter by 40 % saves 24 % of the bill if the cut is spread evenly', () => {
    expect(percentOfBill([part(5000, 5000, 0.6, 1), part(5000, 0, 0.6, 0)])).toBeCloseTo(24, 9);
  });

  // 4,000 tokens · 0.3 = 1,200 of 27,500
  test('and 4.4 % if it all comes out of the cached half', () => {
    expect(percentOfBill([part(5000, 5000, 0.2, 1), part(5000, 0, 1, 0)]).toFixed(1)).toBe('4.4');
  });

  test('40 % of a prefix read at a tenth is 4 % of its list price', () => {
    const { savingPico } = promptSaving(
      { parts: [part(10_000, 10_000, 0.6, 1)], outputTokens: 0, ...UNCHANGED },
      PRICES,
    );
    expect(Number(savingPico) / Number(10_000n * PRICES.inputPico)).toBeCloseTo(0.04, 12);
  });

  // 10,000 tokens at 0.3 = 3,000 before; 3,000 unique tokens at 3 = 9,000 after
  test('compression that makes a cached prefix unique makes it dearer', () => {
    const { savingPico } = promptSaving(
      { parts: [part(10_000, 10_000, 0.3, 0)], outputTokens: 0, ...UNCHANGED },
      PRICES,
    );
    expect(savingPico).toBe(-6_000_000_000n);
  });

  // 1,100 cached at 0.3 = 330; 990 fresh at 3 = 2,970
  test('a prompt cut below the minimum of its cache is dearer', () => {
    const change = { parts: [part(1100, 1100, 0.9, 1)], outputTokens: 0, ...UNCHANGED };
    const below = promptSaving({ ...change, cacheMinimumTokens: 1024 }, PRICES);
    expect([below.hasLostCache, below.savingPico]).toEqual([true, -2_640_000_000n]);
    expect(promptSaving({ ...change, cacheMinimumTokens: 990 }, PRICES)).toMatchObject({
      hasLostCache: false,
      savingPico: 33_000_000n,
    });
  });
});

describe('by component', () => {
  // user untouched; history 2,000 → 1,200 fresh: 800 · 3; output 100 less: 100 · 15; compressor 50
  test('adds up with output and compressor', () => {
    const saving = promptSaving(
      {
        parts: [
          { component: 'history', tokens: 2000, cachedTokens: 0, keptShare: 0.6, cachedShareAfter: 0 },
          { component: 'user', tokens: 500, cachedTokens: 0, keptShare: 1, cachedShareAfter: 0 },
        ],
        outputTokens: 400,
        outputTokensSaved: 100,
        compressorPico: 50n,
        cacheMinimumTokens: 1024,
      },
      PRICES,
    );
    expect(saving).toEqual({
      byComponent: [
        { component: 'history', savingPico: 2_400_000_000n },
        { component: 'user', savingPico: 0n },
      ],
      outputSavingPico: 1_500_000_000n,
      savingPico: 3_899_999_950n,
      beforePico: 2500n * 3_000_000n + 400n * 15_000_000n,
      hasLostCache: false,
    });
  });

  const parts = fc.array(
    fc
      .record({
        component: fc.constantFrom('system', 'few_shot', 'retrieved', 'history', 'user'),
        tokens: fc.nat(100_000),
        cached: drawnBetween(0, 1),
        keptShare: drawnBetween(0, 1),
        cachedShareAfter: drawnBetween(0, 1),
      })
      .map(({ cached, ...rest }): PromptPart => ({ ...rest, cachedTokens: Math.round(rest.tokens * cached) })),
    { maxLength: 6 },
  );
  const change = fc
    .record({
      parts,
      outputTokens: fc.nat(1000),
      outputTokensSaved: fc.integer({ min: -500, max: 500 }),
      minimum: fc.nat(4096),
    })
    .map(({ minimum, ...rest }): PromptChange => ({ ...rest, compressorPico: 7n, cacheMinimumTokens: minimum }));

  test('the parts sum to the saving, and no saving exceeds the bill', () => {
    fc.assert(
      fc.property(change, (drawn) => {
        const { byComponent, outputSavingPico, savingPico, beforePico } = promptSaving(drawn, PRICES);
        const sum = byComponent.reduce((total, { savingPico }) => total + savingPico, 0n);
        expect(savingPico).toBe(sum + outputSavingPico - 7n);
        expect(drawn.outputTokensSaved > drawn.outputTokens || savingPico <= beforePico).toBe(true);
      }),
    );
  });

  test('nothing changed saves nothing', () => {
    fc.assert(
      fc.property(parts, (drawn) => {
        const same = drawn.map((each) => ({
          ...each,
          keptShare: 1,
          cachedShareAfter: each.tokens === 0 ? 0 : each.cachedTokens / each.tokens,
        }));
        expect(promptSaving({ parts: same, outputTokens: 5, ...UNCHANGED }, PRICES).savingPico).toBe(0n);
      }),
    );
  });
});

test('kept shares are parameters, and what users write stays', () => {
  const parameters = parametersWith({ 'prompt.kept_history': 0.5 });
  expect(
    (['system', 'few_shot', 'retrieved', 'history', 'user'] as const).map((c) => keptShareOf(c, parameters)),
  ).toEqual([0.825, 0.55, 0.6, 0.5, 1]);
});
