import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPrefixReplay, inputCostRatio } from '../../lib/simulate/prefix-replay.ts';
import type { PrefixRule, PrefixTokens, PromptRequest } from '../../lib/simulate/prefix-replay.ts';
import { drawnPrompts, drawnRule, plainReplay, unchainedPrompts } from '../fixtures/drawn-prompts.ts';
import type { PlainTokens } from '../fixtures/drawn-prompts.ts';
import { tracePrompts } from '../fixtures/prompt-paths.ts';

const MINUTE_MS = 60_000;
const ANY: PrefixRule = {
  rule: 'radix',
  ttlMs: null,
  ttlRefresh: 'sliding',
  capacityBlocks: null,
  minimumTokens: 0,
  incrementTokens: 1,
};

function totalsOf(requests: readonly PromptRequest[], rule: Partial<PrefixRule>): Readonly<PrefixTokens> {
  const replay = createPrefixReplay({ ...ANY, ...rule });
  for (const request of requests) replay.see(request);
  return replay.totals;
}

function outcomes(requests: readonly PromptRequest[], rule: PrefixRule): PlainTokens[] {
  const replay = createPrefixReplay(rule);
  return requests.map((request) => {
    const { hitTokens, readTokens, writtenTokens, plainTokens } = replay.see(request);
    return [hitTokens, readTokens, writtenTokens, plainTokens];
  });
}

// facts/simulation.md §2.2 prints these; the sums behind them were counted by a separate program from the published files
describe('open traces', () => {
  const mooncake = tracePrompts('mooncake_synthetic_paths.csv.gz', 512);
  const agents = tracePrompts('agentic_sessions_paths.csv.gz', 64);
  const hitRatio = (requests: readonly PromptRequest[], minutes: number | null): string => {
    const totals = totalsOf(requests, { ttlMs: minutes === null ? null : minutes * MINUTE_MS });
    return (totals.hitTokens / totals.inputTokens).toFixed(3);
  };
  const marked = (requests: readonly PromptRequest[], minutes: number, writeMultiplier: number): string =>
    inputCostRatio(
      totalsOf(requests, { rule: 'breakpoint', ttlMs: minutes * MINUTE_MS, minimumTokens: 1024 }),
      0.1,
      writeMultiplier,
    ).toFixed(3);
  const automatic = (requests: readonly PromptRequest[]): string =>
    inputCostRatio(
      totalsOf(requests, { ttlMs: 5 * MINUTE_MS, minimumTokens: 1024, incrementTokens: 128 }),
      0.5,
      0,
    ).toFixed(3);

  test('are whole', () => {
    const sums = [mooncake, agents].map((requests) => [
      requests.length,
      requests.reduce((sum, r) => sum + r.inputTokens, 0),
      requests.reduce((sum, r) => sum + r.blocks.length, 0),
    ]);
    expect(sums).toEqual([
      [3_993, 61_194_628, 121_877],
      [4_133, 547_977_417, 8_560_109],
    ]);
  });

  test('Mooncake synthetic', () => {
    expect([null, 5, 60].map((minutes) => hitRatio(mooncake, minutes))).toEqual(['0.651', '0.595', '0.651']);
    expect([marked(mooncake, 5, 1.25), marked(mooncake, 60, 2), marked(mooncake, 30, 1.25)]).toEqual([
      '0.713',
      '1.019',
      '0.661',
    ]);
    expect(automatic(mooncake)).toBe('0.703');
  });

  test('coding agents', () => {
    expect([null, 5, 60].map((minutes) => hitRatio(agents, minutes))).toEqual(['0.966', '0.914', '0.962']);
    // 0.18147 for the hour, of a second program, too, and under any minimum; who rounds it twice (0.1815) prints 0.182
    expect([marked(agents, 5, 1.25), marked(agents, 60, 2), marked(agents, 30, 1.25)]).toEqual([
      '0.210',
      '0.181',
      '0.156',
    ]);
    expect(automatic(agents)).toBe('0.543');
  });
});

describe('laws', () => {
  const anyPrompts = fc.oneof(drawnPrompts, unchainedPrompts);

  test('every request is as in the plain replay', () => {
    fc.assert(
      fc.property(anyPrompts, drawnRule, (requests, rule) => {
        expect(outcomes(requests, rule)).toEqual(plainReplay(rule, requests));
      }),
      { numRuns: 2_000 },
    );
  });

  test('read + written + plain = input, and nothing is negative', () => {
    fc.assert(
      fc.property(anyPrompts, drawnRule, (requests, rule) => {
        for (const [i, [hit, read, written, plain]] of outcomes(requests, rule).entries()) {
          expect(read + written + plain).toBe(requests[i]?.inputTokens);
          expect(Math.min(hit, read, written, plain)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  test('a longer life never finds less, nor does a larger cache', () => {
    fc.assert(
      fc.property(
        drawnPrompts,
        fc.integer({ min: 0, max: 900_000 }),
        fc.integer({ min: 0, max: 900_000 }),
        (requests, ttlMs, more) => {
          const hits = (rule: Partial<PrefixRule>): number => totalsOf(requests, rule).hitTokens;
          expect(hits({ ttlMs: ttlMs + more })).toBeGreaterThanOrEqual(hits({ ttlMs }));
          const blocks = 1 + (ttlMs % 20);
          expect(hits({ capacityBlocks: blocks + (more % 20) })).toBeGreaterThanOrEqual(
            hits({ capacityBlocks: blocks }),
          );
        },
      ),
    );
  });

  test('a marked prefix is never read where the tree has nothing', () => {
    fc.assert(
      fc.property(drawnPrompts, drawnRule, (requests, rule) => {
        const sliding = { ...rule, ttlRefresh: 'sliding' as const, incrementTokens: 1 };
        const marked = outcomes(requests, { ...sliding, rule: 'breakpoint' });
        const tree = outcomes(requests, { ...sliding, rule: 'radix' });
        for (const [i, [, read]] of marked.entries()) expect(read).toBeLessThanOrEqual(tree[i]?.[1] ?? 0);
      }),
    );
  });
});

describe('borders', () => {
  const prompt = (timeMs: number, ...blocks: number[]): PromptRequest => ({
    timeMs,
    inputTokens: blocks.length * 16,
    blockTokens: 16,
    blocks: Int32Array.from(blocks),
  });

  test('a block lives up to its lifetime and no millisecond more', () => {
    const twice = (gapMs: number): number => totalsOf([prompt(0, 1), prompt(gapMs, 1)], { ttlMs: 1_000 }).readTokens;
    expect([twice(1_000), twice(1_001)]).toEqual([16, 0]);
  });

  test('a use renews a sliding life, not a fixed one', () => {
    const three = (ttlRefresh: 'sliding' | 'fixed'): number =>
      totalsOf([prompt(0, 1), prompt(800, 1), prompt(1_600, 1)], { ttlMs: 1_000, ttlRefresh }).readTokens;
    expect([three('sliding'), three('fixed')]).toEqual([32, 16]);
  });

  test('a marked entry serves no shorter prefix', () => {
    const read = (rule: 'radix' | 'breakpoint'): number =>
      totalsOf([prompt(0, 1, 2, 3), prompt(1, 1, 2, 4)], { rule }).readTokens;
    expect([read('radix'), read('breakpoint')]).toEqual([32, 0]);
  });

  test('a prompt below the minimum writes nothing; one without tokens costs nothing', () => {
    const below = totalsOf([prompt(0, 1, 2), prompt(1, 1, 2)], { rule: 'breakpoint', minimumTokens: 33 });
    expect(below).toEqual({ inputTokens: 64, hitTokens: 0, readTokens: 0, writtenTokens: 0, plainTokens: 64 });
    expect(inputCostRatio(totalsOf([prompt(0)], {}), 0.1, 1.25)).toBe(1);
  });

  test('the ratio weighs what is read, written and plain', () => {
    const tokens = { inputTokens: 100, hitTokens: 50, readTokens: 50, writtenTokens: 40, plainTokens: 10 };
    expect(inputCostRatio(tokens, 0.1, 1.25)).toBe(0.65);
  });
});
