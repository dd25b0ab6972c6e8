import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MIN_CALIBRATION_CALLS, cacheCalibration, calibrationJson } from '../../lib/simulate/cache-calibration.ts';
import type { CacheCalibration, CalibrationRow } from '../../lib/simulate/cache-calibration.ts';
import type { CallTokens, LoggedCall } from '../../lib/simulate/call-log.ts';
import { drawnPrompts, plainReplay } from '../fixtures/drawn-prompts.ts';
import { loggedCall, logOf, promptOf } from '../fixtures/logged-calls.ts';

const START_MS = Date.UTC(2026, 9, 5);
const OPENAI = { provider: 'openai', model: 'gpt-5', modelReported: 'gpt-5' };
const CLAUDE = { provider: 'anthropic', model: 'claude-sonnet-4-5', modelReported: 'claude-sonnet-4-5' };

/** A call at second `s` with a prompt of words of 1,024 tokens; cached ones come out of its input. */
function asked(
  s: number,
  words: string,
  cached: Partial<CallTokens> = {},
  given: Partial<LoggedCall> = {},
): LoggedCall {
  const list = words.split(' ');
  const { cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = cached;
  const input = list.length * 1_024 - cacheRead - cacheWrite5m - cacheWrite1h;
  return loggedCall({
    ...OPENAI,
    timeMs: START_MS + s * 1_000,
    costPico: 1n,
    prompt: promptOf(list),
    tokens: { input, cacheRead, cacheWrite5m, cacheWrite1h },
    ...given,
  });
}

const calibrated = (calls: readonly LoggedCall[]): CacheCalibration => cacheCalibration(logOf(calls));
const onlyRow = (calls: readonly LoggedCall[]): CalibrationRow => {
  const { rows } = calibrated(calls);
  expect(rows).toHaveLength(1);
  return rows[0] as CalibrationRow;
};

/**
 * `days` days of `pairs` pairs of calls a minute apart with prompts of their own: the second finds the whole first one, 2,048 tokens. OpenAI reads
 * in steps of 128 from 1,024 on, so 2,048 is what the replay has; the provider gives 8 in 10 times all and else nothing: κ = 0.8.
 */
function planted(days: number, pairs = 10): LoggedCall[] {
  return Array.from({ length: days * pairs }, (_, pair) => {
    const s = Math.floor(pair / pairs) * 86_400 + (pair % pairs) * 600;
    const session = { sessionId: `s${pair}` };
    return [
      asked(s, `p${pair} q`, {}, session),
      asked(s + 60, `p${pair} q r`, { cacheRead: pair % 10 < 8 ? 2_048 : 0 }, session),
    ];
  }).flat();
}

describe('κ', () => {
  test('is what was given of what was promised, planted as 0.8', () => {
    const row = onlyRow(planted(20));
    expect(row).toMatchObject({
      provider: 'openai',
      model: 'gpt-5',
      rule: 'radix',
      ttlMs: 300_000,
      calls: 400,
      simulatedReadTokens: 200 * 2_048,
      observedReadTokens: 160 * 2_048,
      kappa: 0.8,
    });
    // 40 of 400 calls are off by 2,048; all input is 200 · (2 + 3) · 1,024
    expect(row.meanErrorTokens).toBeCloseTo(204.8, 10);
    expect(row.meanAbsoluteErrorTokens).toBeCloseTo(204.8, 10);
    expect(row.errorShare).toBeCloseTo(0.08, 10);
    expect(row.absoluteErrorShare).toBeCloseTo(0.08, 10);
    // every day is like the other
    expect(row.kappaRange?.low).toBeCloseTo(0.8, 10);
    expect(row.kappaRange?.high).toBeCloseTo(0.8, 10);
  });

  test('has a range by sessions where days are few, and none where both are', () => {
    const { kappaRange } = onlyRow(planted(2, 50));
    // 100 sessions of which 80 were served: 0.8 ± 1.96 · √(0.8 · 0.2 / 100) = 0.72 to 0.88
    expect(kappaRange?.low).toBeGreaterThan(0.69);
    expect(kappaRange?.low).toBeLessThan(0.75);
    expect(kappaRange?.high).toBeGreaterThan(0.85);
    expect(kappaRange?.high).toBeLessThan(0.91);
    expect(onlyRow(planted(2, 6)).kappaRange).toBeNull();
  });

  test('tells errors that cancel out in sum by the single call', () => {
    // 2,048 promised to each: one got 1,024, the other 3,072
    const row = onlyRow([
      asked(0, 'a b'),
      asked(10, 'a b c', { cacheRead: 1_024 }),
      asked(1_000, 'x y'),
      asked(1_010, 'x y z', { cacheRead: 3_072 }),
    ]);
    expect(row).toMatchObject({ kappa: 1, meanErrorTokens: 0, meanAbsoluteErrorTokens: 512 });
  });

  test.each([
    ['no cached tokens in the log', [asked(0, 'a b'), asked(10, 'a b c')]],
    ['nothing to promise', [asked(0, 'a b'), asked(10, 'c d', { cacheRead: 1_024 })]],
  ])('is not known with %s', (_what, calls) => {
    expect(onlyRow(calls)).toMatchObject({ kappa: null, kappaRange: null });
  });
});

describe('the replay', () => {
  test('keeps workspaces, providers and models apart', () => {
    const calls = [
      asked(0, 'a b'),
      asked(10, 'a b', { cacheRead: 2_048 }),
      asked(20, 'a b', {}, { keyId: 'other' }),
      asked(30, 'a b', {}, { model: 'gpt-4o', modelReported: 'gpt-4o' }),
    ];
    const { rows } = calibrated(calls);
    expect(rows.map(({ model, calls: found, simulatedReadTokens }) => [model, found, simulatedReadTokens])).toEqual([
      ['gpt-5', 3, 2_048],
      ['gpt-4o', 1, 0],
    ]);
  });

  test('leaves out failed calls, batches, calls without a prompt, and providers without a rule', () => {
    const calls = [
      asked(0, 'a b', {}, { status: 'error' }),
      asked(10, 'a b', {}, { tier: 'batch' }),
      asked(15, 'a b', {}, { prompt: null }),
      asked(20, 'a b', {}, { provider: 'nobody' }),
      asked(30, 'a b', { cacheRead: 1_024 }),
    ];
    expect(onlyRow(calls)).toMatchObject({ calls: 1, simulatedReadTokens: 0 });
  });

  // Claude reads where an earlier prompt ended; 600 s apart is too long for five minutes, not for an hour
  test.each([
    ['cacheWrite5m', 300_000, 0],
    ['cacheWrite1h', 3_600_000, 2_048],
  ] as const)('of marked prompts has the lifetime that was bought: %s', (write, ttlMs, read) => {
    const row = onlyRow([
      asked(0, 'a b', { [write]: 2_048 }, CLAUDE),
      asked(600, 'a b c', { [write]: 1_024, cacheRead: 2_048 }, CLAUDE),
    ]);
    expect(row).toMatchObject({ rule: 'breakpoint', ttlMs, simulatedReadTokens: read, observedReadTokens: 2_048 });
  });

  test('of marked prompts is of streams that were marked, by lifetime', () => {
    const calls = [
      asked(0, 'a b', {}, { ...CLAUDE, keyId: 'unmarked' }),
      asked(10, 'a b', {}, { ...CLAUDE, keyId: 'unmarked' }),
      asked(20, 'a b', { cacheWrite5m: 2_048 }, { ...CLAUDE, keyId: 'short' }),
      asked(30, 'a b', { cacheRead: 1_024 }, { ...CLAUDE, keyId: 'short' }),
      asked(40, 'a b', { cacheWrite1h: 2_048 }, { ...CLAUDE, keyId: 'long' }),
      asked(2_040, 'a b', { cacheRead: 2_048 }, { ...CLAUDE, keyId: 'long' }),
    ];
    const { rows } = calibrated(calls);
    expect(rows.map(({ ttlMs, calls: found, kappa }) => [ttlMs, found, kappa])).toEqual([
      [300_000, 2, 0.5],
      [3_600_000, 2, 1],
    ]);
  });

  test('promises what a second, plain replay promises', () => {
    fc.assert(
      fc.property(drawnPrompts, fc.constantFrom(OPENAI, CLAUDE), fc.array(fc.nat(100)), (requests, who, given) => {
        const isClaude = who === CLAUDE;
        // the blocks of 16 tokens of the drawn prompts, each counted 64 times: minima are 1,024 tokens
        const scaled = requests.map((request) => ({
          ...request,
          blockTokens: 1_024,
          inputTokens: request.inputTokens * 64,
        }));
        const calls = scaled.map(({ timeMs, inputTokens, blocks }, call) => {
          const cacheRead = Math.min(inputTokens, (given[call] ?? 0) * 10);
          const write = isClaude && call === 0 ? Math.min(1, inputTokens - cacheRead) : 0;
          return loggedCall({
            ...who,
            timeMs: START_MS + timeMs,
            costPico: 1n,
            tokens: { input: inputTokens - cacheRead - write, cacheRead, cacheWrite5m: write },
            prompt: {
              hashKeyId: 'k',
              promptHash: '0'.repeat(32),
              blocks: [...blocks].map(BigInt),
              blockTokens: 1_024,
            },
          });
        });
        const rule = {
          rule: isClaude ? ('breakpoint' as const) : ('radix' as const),
          ttlMs: 300_000,
          ttlRefresh: 'sliding' as const,
          capacityBlocks: null,
          minimumTokens: 1_024,
          incrementTokens: isClaude ? 1 : 128,
        };
        // a prompt without blocks has nothing to go by, and does nothing to a cache
        const withBlocks = scaled.filter(({ blocks }) => blocks.length > 0);
        const read = plainReplay(rule, withBlocks).reduce((sum, [, tokens]) => sum + tokens, 0);
        const row = calibrated(calls).rows[0];
        const isMarked = calls.some(
          ({ prompt, tokens }) => prompt?.blocks.length !== 0 && tokens.cacheRead + tokens.cacheWrite5m > 0,
        );
        expect(row !== undefined).toBe(withBlocks.length > 0 && (isMarked || !isClaude));
        fc.pre(row !== undefined);
        expect(row.calls).toBe(withBlocks.length);
        expect(row.simulatedReadTokens).toBe(read);
        expect(row.kappa).toBe(read > 0 && isMarked ? row.observedReadTokens / read : null);
        expect(row.meanAbsoluteErrorTokens).toBeGreaterThanOrEqual(Math.abs(row.meanErrorTokens));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the share that takes the place of a parameter', () => {
  // 20 days: 409,600 simulated tokens; 60 days: 1,228,800 in 1,200 calls
  test('needs a million simulated tokens', () => {
    expect(calibrated(planted(20)).servedShareFor('openai', 'gpt-5')).toBeNull();
    const calibration = calibrated(planted(60));
    expect(calibration.servedShareFor('openai', 'gpt-5')).toBeCloseTo(0.8, 12);
    expect(calibration.servedShareFor('azure', 'gpt-5')).toBeNull();
    expect(calibration.servedShareFor('openai', 'gpt-4o')).toBeNull();
  });

  /** Pairs of prompts of 25 blocks: 25,600 tokens are promised to each second call. */
  const long = (pairs: number, cacheRead: number): LoggedCall[] =>
    Array.from({ length: pairs }, (_, pair) => {
      const words = Array.from({ length: 25 }, (_word, at) => `p${pair}w${at}`).join(' ');
      return [asked(pair * 100, words), asked(pair * 100 + 10, `${words} more`, { cacheRead })];
    }).flat();

  test('needs a hundred calls', () => {
    // 49 · 25,600 = 1,254,400 tokens in 98 calls
    expect(calibrated(long(49, 12_800)).servedShareFor('openai', 'gpt-5')).toBeNull();
    expect(calibrated(long(MIN_CALIBRATION_CALLS / 2, 12_800)).servedShareFor('openai', 'gpt-5')).toBe(0.5);
  });

  test('is never above 1: what is promised is not made more', () => {
    const calibration = calibrated(long(60, 26_000));
    expect(calibration.rows[0]?.kappa).toBeGreaterThan(1);
    expect(calibration.servedShareFor('openai', 'gpt-5')).toBe(1);
  });
});

test('the JSON of the contract', () => {
  const calls = [asked(0, 'a b'), asked(10, 'a b c', { cacheRead: 1_024 })];
  expect(calibrationJson(calibrated(calls).rows)).toEqual([
    {
      provider: 'openai',
      model: 'gpt-5',
      calls: 2,
      simulated_read_tokens: 2_048,
      observed_read_tokens: 1_024,
      kappa: 0.5,
      kappa_low: null,
      kappa_high: null,
      mean_absolute_error_tokens: 512,
      rule: 'radix',
      ttl_seconds: 300,
    },
  ]);
});
