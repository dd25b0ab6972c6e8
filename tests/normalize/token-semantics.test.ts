import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatewayMeters, geminiMeters, inclusiveMeters, INCONSISTENT } from '../../lib/normalize/token-semantics.ts';
import type { RawCounts } from '../../lib/normalize/token-semantics.ts';

const counts = (c: Partial<RawCounts>): RawCounts => ({
  prompt: 0,
  completion: 0,
  total: 0,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  ...c,
});

const tokens = fc.integer({ min: 0, max: 2_000_000 });
const some = fc.integer({ min: 1, max: 2_000_000 });

describe('the inclusive family (OpenAI)', () => {
  test('cached tokens are part of the prompt (pitfall 2: 17,903 of which 17,817 cached)', () => {
    expect(inclusiveMeters(counts({ prompt: 17_903, cacheRead: 17_817, completion: 200, total: 18_103 }))).toEqual({
      input: 86,
      output: 200,
      flag: null,
    });
  });

  test.each([
    ['inside: total = prompt + completion', { prompt: 100, completion: 500, reasoning: 300, total: 600 }, 500, null],
    ['outside: total = all three (xAI)', { prompt: 41, completion: 12, reasoning: 107, total: 160 }, 119, null],
    ['outside, no text at all (a Gemini proxy)', { prompt: 21, completion: 0, reasoning: 60, total: 81 }, 60, null],
    ['no total: trusted as documented', { prompt: 100, completion: 500, reasoning: 300 }, 500, null],
    ['a total that fits neither', { prompt: 100, completion: 500, reasoning: 300, total: 777 }, 500, INCONSISTENT],
    ['more reasoning than completion, no total', { prompt: 100, completion: 5, reasoning: 300 }, 5, INCONSISTENT],
  ])('reasoning %s', (_what, given, output, flag) => {
    expect(inclusiveMeters(counts(given))).toMatchObject({ output, flag });
  });

  test('fresh input below zero is zero and flagged', () => {
    expect(inclusiveMeters(counts({ prompt: 10, cacheRead: 8, cacheWrite: 5 }))).toEqual({
      input: 0,
      output: 0,
      flag: INCONSISTENT,
    });
  });

  test('law: what was taken apart sums to what was put together, reasoning inside or outside', () => {
    fc.assert(
      fc.property(
        tokens,
        tokens,
        tokens,
        tokens,
        some,
        fc.boolean(),
        (fresh, cacheRead, cacheWrite, text, reasoning, isOutside) => {
          const prompt = fresh + cacheRead + cacheWrite;
          const completion = isOutside ? text : text + reasoning;
          const total = prompt + text + reasoning;
          const meters = inclusiveMeters({ prompt, completion, total, cacheRead, cacheWrite, reasoning });
          expect(meters).toEqual({ input: fresh, output: text + reasoning, flag: null });
        },
      ),
    );
  });

  test('law: any counts give meters that are disjoint and sum to the reported total, or a flag', () => {
    fc.assert(
      fc.property(
        fc.record({
          prompt: tokens,
          completion: tokens,
          total: some,
          cacheRead: tokens,
          cacheWrite: tokens,
          reasoning: tokens,
        }),
        (c) => {
          for (const meters of [inclusiveMeters(c), inclusiveMeters({ ...c, total: c.prompt + c.completion })]) {
            expect(meters.input).toBeGreaterThanOrEqual(0);
            expect(meters.output).toBeGreaterThanOrEqual(0);
          }
          const meters = inclusiveMeters(c);
          const sum = meters.input + c.cacheRead + c.cacheWrite + meters.output;
          expect(meters.flag === INCONSISTENT || sum === c.total).toBe(true);
        },
      ),
    );
  });
});

describe("Anthropic's counters inside OpenAI's shape (gateways)", () => {
  test('inclusive: LiteLLM as it normally writes (8 fresh of 11,808)', () => {
    const c = counts({ prompt: 11_808, cacheWrite: 11_800, completion: 238, total: 12_046 });
    expect(gatewayMeters(c)).toEqual({ input: 8, output: 238, flag: null });
  });

  test('exclusive: the prompt cannot hold the cache tokens (pitfall 1: 3 fresh, 12,304 written)', () => {
    const c = counts({ prompt: 3, cacheWrite: 12_304, completion: 550, total: 553 });
    expect(gatewayMeters(c)).toEqual({ input: 3, output: 550, flag: null });
  });

  test('exclusive: only the total tells', () => {
    const c = counts({ prompt: 5000, cacheRead: 1000, completion: 100, total: 6100 });
    expect(gatewayMeters(c)).toEqual({ input: 5000, output: 100, flag: null });
  });

  test('without cache tokens reasoning outside is still seen', () => {
    expect(gatewayMeters(counts({ prompt: 41, completion: 12, reasoning: 107, total: 160 })).output).toBe(119);
  });

  test('a total that no reading explains is flagged', () => {
    expect(gatewayMeters(counts({ prompt: 3, cacheWrite: 12_304, completion: 550, total: 99 })).flag).toBe(
      INCONSISTENT,
    );
  });

  test('law: both ways of writing one call give its own meters', () => {
    fc.assert(
      fc.property(tokens, some, tokens, tokens, (fresh, cacheRead, cacheWrite, completion) => {
        const cached = cacheRead + cacheWrite;
        const total = fresh + cached + completion;
        const own = { input: fresh, output: completion, flag: null };
        const base = { completion, total, cacheRead, cacheWrite, reasoning: 0 };
        expect(gatewayMeters({ ...base, prompt: fresh + cached })).toEqual(own);
        expect(gatewayMeters({ ...base, prompt: fresh })).toEqual(own);
      }),
    );
  });
});

describe('the Gemini family', () => {
  test.each([
    ['thoughts outside candidates', { prompt: 10, candidates: 20, thoughts: 100, total: 130 }, 120, null],
    ['thoughts inside candidates', { prompt: 10, candidates: 120, thoughts: 100, total: 130 }, 120, null],
    ['neither sum fits', { prompt: 10, candidates: 20, thoughts: 100, total: 999 }, 120, INCONSISTENT],
    ['no total', { prompt: 10, candidates: 20, thoughts: 100, total: 0 }, 120, null],
  ])('%s (pitfall 4)', (_what, given, output, flag) => {
    expect(geminiMeters({ toolUse: 0, cached: 0, ...given })).toEqual({ input: 10, output, flag });
  });

  test('tool use is extra input, cached is part of the prompt', () => {
    const c = { prompt: 300, cached: 250, toolUse: 40, candidates: 20, thoughts: 0, total: 360 };
    expect(geminiMeters(c)).toEqual({ input: 90, output: 20, flag: null });
  });

  test('more cached than prompt is flagged', () => {
    const c = { prompt: 10, cached: 11, toolUse: 0, candidates: 0, thoughts: 0, total: 0 };
    expect(geminiMeters(c)).toEqual({ input: 0, output: 0, flag: INCONSISTENT });
  });

  test('law: thoughts inside or outside, the meters sum to the total', () => {
    fc.assert(
      fc.property(
        tokens,
        tokens,
        tokens,
        tokens,
        some,
        fc.boolean(),
        (fresh, cached, toolUse, text, thoughts, isInside) => {
          const prompt = fresh + cached;
          const candidates = isInside ? text + thoughts : text;
          const total = prompt + toolUse + text + thoughts;
          const meters = geminiMeters({ prompt, cached, toolUse, candidates, thoughts, total });
          expect(meters).toEqual({ input: fresh + toolUse, output: text + thoughts, flag: null });
        },
      ),
    );
  });
});
