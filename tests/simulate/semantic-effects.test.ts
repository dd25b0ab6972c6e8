import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallLog, LoggedCall } from '../../lib/simulate/call-log.ts';
import { exactHits } from '../../lib/simulate/exact-hits.ts';
import type { ParameterId } from '../../lib/simulate/parameters-data.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { illustrativeBand } from '../../lib/simulate/semantic-band.ts';
import type { LabelledPair } from '../../lib/simulate/semantic-cache.ts';
import { semanticEffects, semanticHitPico, semanticSettings } from '../../lib/simulate/semantic-effects.ts';
import type { SemanticEffects, SemanticFlags, SemanticSettings } from '../../lib/simulate/semantic-effects.ts';
import { loggedCall, logOf, promptOf } from '../fixtures/logged-calls.ts';

const START_MS = Date.UTC(2026, 9, 5);
/** Certified at 1 %: 1 − 0.05^(1/n) ≤ 0.01 from n = 299 on, so the upper bound of 400 clean pairs is 1 − 0.05^(1/400) = 0.746 %. */
const CLEAN: readonly LabelledPair[] = Array.from({ length: 400 }, () => ({ similarity: 0.9, isSameAnswer: true }));
const UPPER = 1 - 0.05 ** (1 / 400);
const SETTINGS: SemanticSettings = {
  ttlMs: 100_000,
  assumedLatencyMs: 5_000,
  maxFalseShare: 0.01,
  confidence: 0.95,
  falseHitCalls: 1,
  embedPico: 700,
  embedPicoPerToken: 0,
  searchPico: 300,
  storePico: 50,
};

/** A call at second `s` that costs a million picodollars, answered after one second. */
const at = (s: number, given: Partial<LoggedCall> = {}): LoggedCall =>
  loggedCall({ timeMs: START_MS + s * 1_000, costPico: 1_000_000n, ...given });

type Near = readonly [nearest: number, similarity: number];
const NONE: Near = [-1, NaN];
const nearestOf = (rows: readonly Near[]) => ({
  nearest: Int32Array.from(rows, ([nearest]) => nearest),
  similarity: Float64Array.from(rows, ([, similarity]) => similarity),
});

const effectsOf = (
  calls: readonly LoggedCall[],
  near: readonly Near[],
  settings: Partial<SemanticSettings> = {},
  pairs = CLEAN,
): SemanticEffects => semanticEffects(logOf(calls), nearestOf(near), pairs, { ...SETTINGS, ...settings });
const hitsOf = (...given: Parameters<typeof effectsOf>): number[] => [...effectsOf(...given).isHit];

/** What all calls cost with the cache. */
function totalWith(log: CallLog, { lookupPico, storePico, wrongCalls }: SemanticEffects, flags: SemanticFlags): number {
  let total = 0;
  for (let call = 0; call < log.calls; call++) {
    const cost = Number(log.costPico[call]);
    const lookup = lookupPico[call] ?? NaN;
    if (flags.isHit[call] === 1) total += semanticHitPico(lookup, wrongCalls, cost);
    else total += cost + (flags.isAsked[call] === 1 ? lookup + storePico : 0);
  }
  return total;
}

describe('a hit', () => {
  // the second call of each case has its nearest in the first, which was answered after one second
  test.each<[string, LoggedCall, Near, number]>([
    ['at the threshold', at(50), [0, 0.9], 1],
    ['below it', at(50), [0, 0.899], 0],
    ['without a neighbor', at(50), NONE, 0],
    ['just when the answer is there', at(1), [0, 1], 1],
    ['before it is', at(0.999), [0, 1], 0],
    ['at the end of its life', at(100), [0, 1], 1],
    ['after it', at(100.001), [0, 1], 0],
    ['on another model', at(50, { model: 'claude-haiku-4-5' }), [0, 1], 0],
    ['of another key', at(50, { keyId: 'other' }), [0, 1], 0],
    ['that failed', at(50, { status: 'error' }), [0, 1], 0],
    ['that is a sum of calls', at(50, { calls: 2 }), [0, 1], 0],
  ])('%s', (_what, second, near, hit) => {
    expect(hitsOf([at(0), second], [NONE, near])).toEqual([0, hit]);
  });

  test('is not served by a call that failed, nor before an answer whose time is not known but assumed', () => {
    expect(hitsOf([at(0, { status: 'error' }), at(50)], [NONE, [0, 1]])).toEqual([0, 0]);
    const unknown = { latencyMs: null };
    expect(hitsOf([at(0, unknown), at(4.999), at(5)], [NONE, [0, 1], [0, 1]])).toEqual([0, 0, 1]);
  });

  // b is served from a and so never answered by the model: c has no stored nearest, is asked of the model, and serves d
  test('is served from an answer of the model, not from another hit', () => {
    expect(hitsOf([at(0), at(10), at(20), at(30)], [NONE, [0, 1], [1, 1], [2, 1]])).toEqual([0, 1, 0, 1]);
  });

  test('takes the same prompt in place of a call that was served itself', () => {
    const asked = (s: number, words: string): LoggedCall => at(s, { prompt: promptOf(words.split(' ')) });
    const calls = [asked(0, 'a'), asked(10, 'a'), asked(20, 'c')];
    const near: Near[] = [NONE, [0, 1], [1, 0.95]];
    expect(hitsOf(calls, near)).toEqual([0, 1, 1]);
    // as well where an exact cache served the second one
    const log = logOf(calls);
    const exact = exactHits(log, { ttlMs: 100_000, assumedLatencyMs: 5_000, capacity: 10 });
    expect([...exact]).toEqual([0, 1, 0]);
    const flags = semanticEffects(log, nearestOf(near), CLEAN, SETTINGS).hitsAmong(exact.map((hit) => 1 - hit));
    expect([[...flags.isHit], [...flags.isAsked]]).toEqual([
      [0, 0, 1],
      [1, 0, 1],
    ]);
  });

  test('pays its lookup and the wrong answers that the labels cannot rule out', () => {
    const { lookupPico, wrongCalls, threshold, reason } = effectsOf([at(0), at(50)], [NONE, [0, 1]], {
      falseHitCalls: 3,
    });
    expect([...lookupPico]).toEqual([1_000, 1_000]);
    expect(wrongCalls).toBeCloseTo(3 * UPPER, 10);
    expect(threshold).toMatchObject({ threshold: 0.9, checked: 400, errors: 0 });
    expect(reason).toBeNull();
    // 1,000 + 3 · 0.007461 · 1,000,000 = 23,384
    expect(semanticHitPico(1_000, wrongCalls, 1_000_000)).toBe(23_384);
  });
});

describe('the cache stands only where it pays', () => {
  // one hit of a million saves 1,000,000 − 1,000 − 7,461 = 991,539; each of n misses costs 1,050: it pays up to 944 of them
  test.each([
    [943, 1],
    [944, 1],
    [945, 0],
  ])('one hit among %i misses: %i', (misses, hit) => {
    const calls = [...Array.from({ length: misses }, (_, call) => at(call / 100)), at(50)];
    const near = [...Array.from({ length: misses }, () => NONE), [0, 1] as const];
    const { isHit, isAsked } = effectsOf(calls, near);
    expect([isHit.at(-1), isAsked[0]]).toEqual([hit, hit]);
  });

  test('each model and workspace for itself', () => {
    const other = { keyId: 'other' };
    const calls = [at(0), at(1, other), at(20), at(21, { ...other, costPico: 900n })];
    const { isHit, isAsked } = effectsOf(calls, [NONE, NONE, [0, 1], [1, 1]]);
    expect([[...isHit], [...isAsked]]).toEqual([
      [0, 0, 1, 0],
      [1, 0, 1, 0],
    ]);
  });

  test('a cache of wrong hits never gains: at 50 % wrong and two calls each it stands nowhere', () => {
    const half = Array.from({ length: 1000 }, (_, pair) => ({ similarity: 0.9, isSameAnswer: pair % 2 === 0 }));
    const { threshold, isHit, isAsked } = effectsOf(
      [at(0), at(50)],
      [NONE, [0, 1]],
      { maxFalseShare: 0.6, falseHitCalls: 2 },
      half,
    );
    expect(threshold).toMatchObject({ errors: 500 });
    expect([isHit.includes(1), isAsked.includes(1)]).toEqual([false, false]);
  });
});

describe('without a certified threshold nothing is served, and it is said why', () => {
  test.each<[string, readonly LabelledPair[], string]>([
    ['no pairs', [], 'there are no labelled pairs; at least 299 pairs without an error are needed'],
    [
      'too few',
      CLEAN.slice(0, 298),
      'there are only 298 labelled pairs; at least 299 pairs without an error are needed',
    ],
    [
      'too many errors',
      CLEAN.map((pair, index) => ({ ...pair, isSameAnswer: index > 20 })),
      'no threshold is certified',
    ],
  ])('%s', (_what, pairs, why) => {
    const { threshold, reason, isHit, isAsked } = effectsOf([at(0), at(50)], [NONE, [0, 1]], {}, pairs);
    expect(threshold).toBeNull();
    expect(reason).toContain(why);
    expect([isHit.includes(1), isAsked.includes(1)]).toEqual([false, false]);
  });
});

/** The rules once more, call by call and from the front each time. */
function plainHits(
  log: CallLog,
  near: readonly Near[],
  survives: readonly number[],
  { ttlMs, assumedLatencyMs }: SemanticSettings,
): boolean[] {
  const served: boolean[] = [];
  const answeredAt = (call: number): number => {
    const latency = log.latencyMs[call] ?? NaN;
    return (log.timeMs[call] ?? 0) + (Number.isNaN(latency) ? assumedLatencyMs : latency);
  };
  for (let call = 0; call < log.calls; call++) {
    const [nearest, similarity] = near[call] ?? NONE;
    const isByModel = (other: number): boolean => survives[other] === 1 && !served[other];
    const isOwn = (other: number): boolean =>
      log.model.codes[other] === log.model.codes[call] && log.workspace.codes[other] === log.workspace.codes[call];
    const alike = Array.from({ length: call }, (_, other) => other).filter(
      (other) => isByModel(other) && (log.prompt[other] ?? -1) >= 0 && log.prompt[other] === log.prompt[nearest],
    );
    const source = nearest >= 0 && isByModel(nearest) ? nearest : nearest >= 0 ? (alike.at(-1) ?? -1) : -1;
    const now = log.timeMs[call] ?? 0;
    served.push(
      survives[call] === 1 &&
        source >= 0 &&
        similarity >= 0.9 &&
        isOwn(nearest) &&
        answeredAt(source) <= now &&
        now - (log.timeMs[source] ?? 0) <= ttlMs,
    );
  }
  return served;
}

interface DrawnCall {
  readonly gapS: number;
  readonly latencyMs: number | null;
  readonly words: string | null;
  readonly status: string;
  readonly keyId: string;
  readonly model: string;
  readonly cost: number;
  readonly nearest: number;
  readonly similarity: number;
  readonly isExact: boolean;
}

const drawnLog: fc.Arbitrary<DrawnCall[]> = fc.array(
  fc.record({
    gapS: fc.integer({ min: 0, max: 40 }),
    latencyMs: fc.option(fc.integer({ min: 0, max: 30_000 })),
    words: fc.option(fc.constantFrom('a', 'b', 'c')),
    status: fc.constantFrom('ok', 'ok', 'ok', 'error'),
    keyId: fc.constantFrom('k', 'k', 'l'),
    model: fc.constantFrom('claude-sonnet-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5'),
    cost: fc.integer({ min: 0, max: 100_000 }),
    nearest: fc.nat(1_000),
    similarity: fc.constantFrom(0.5, 0.89, 0.9, 0.95, 1),
    isExact: fc.boolean(),
  }),
  { maxLength: 30 },
);

function built(drawn: readonly DrawnCall[]): { log: CallLog; near: Near[] } {
  let now = 0;
  const calls = drawn.map(({ gapS, latencyMs, words, status, keyId, model, cost }) => {
    now += gapS;
    const prompt = words === null ? null : promptOf([words]);
    return at(now, { latencyMs, status, keyId, model, costPico: BigInt(cost), prompt });
  });
  const near = drawn.map(({ nearest, similarity }, call): Near => [(nearest % (call + 1)) - 1, similarity]);
  return { log: logOf(calls), near };
}

describe('on drawn logs', () => {
  test('hits are those of the rules written down a second time, wherever the cache stands', () => {
    fc.assert(
      fc.property(drawnLog, fc.boolean(), (drawn, isWithExact) => {
        const { log, near } = built(drawn);
        const survives = drawn.map(({ isExact }, call) => (isWithExact && isExact ? 0 : (log.isOpen[call] ?? 0)));
        const free = { ...SETTINGS, embedPico: 0, searchPico: 0, storePico: 0 };
        const flags = semanticEffects(log, nearestOf(near), CLEAN, free).hitsAmong(Uint8Array.from(survives));
        const plain = plainHits(log, near, survives, free);
        // where lookups cost nothing a stream is left alone only if its hits are worth nothing
        const streamOf = (call: number): string => `${log.model.codes[call]} ${log.workspace.codes[call]}`;
        const worth = new Map<string, number>();
        for (const [call, hit] of plain.entries()) {
          const cost = Number(log.costPico[call]);
          const gain = hit ? cost - Math.round(UPPER * cost) : 0;
          worth.set(streamOf(call), (worth.get(streamOf(call)) ?? 0) + gain);
        }
        const stands = plain.map((_, call) => (worth.get(streamOf(call)) ?? 0) > 0);
        expect([...flags.isHit]).toEqual(plain.map((hit, call) => Number(hit && stands[call])));
        expect([...flags.isAsked]).toEqual(survives.map((open, call) => Number(open === 1 && stands[call])));
      }),
      { numRuns: 500 },
    );
  });

  // from 134.03 calls on the upper share of 0.746 % costs a call for each hit
  test.each([
    ['no log ever costs more', 1, 134, 'at most'],
    ['a log with wrong hits alone stays as it was', 135, 1_000, 'exactly'],
  ] as const)('%s', (_what, min, max, how) => {
    fc.assert(
      fc.property(drawnLog, fc.integer({ min, max }), (drawn, falseHitCalls) => {
        const { log, near } = built(drawn);
        const effects = semanticEffects(log, nearestOf(near), CLEAN, { ...SETTINGS, falseHitCalls });
        const base = log.costPico.reduce((sum, cost) => sum + Number(cost), 0);
        const total = totalWith(log, effects, effects);
        expect(how === 'exactly' ? total === base : total <= base).toBe(true);
        for (let call = 0; call < log.calls; call++)
          expect(effects.isHit[call]).toBeLessThanOrEqual(effects.isAsked[call] ?? NaN);
      }),
      { numRuns: 300 },
    );
  });
});

test('what config does not say is the register’s', () => {
  const parameters = parametersWith();
  const valueOf = (id: ParameterId): number => parameters.valueOf(id);
  // 0.02 USD per million tokens: 20,000 picodollars a token; 0.00001 and 0.000005 USD
  expect(semanticSettings({}, valueOf)).toEqual({
    ttlMs: 86_400_000,
    assumedLatencyMs: 5_000,
    maxFalseShare: 0.01,
    confidence: 0.95,
    falseHitCalls: 1,
    embedPico: 0,
    embedPicoPerToken: 20_000,
    searchPico: 10_000_000,
    storePico: 5_000_000,
  });
  const given = { ttlSeconds: 60, embedUsd: 0.000002, maxFalsePercent: 2, falseHitCalls: 4 };
  expect(semanticSettings(given, valueOf)).toMatchObject({
    ttlMs: 60_000,
    maxFalseShare: 0.02,
    falseHitCalls: 4,
    embedPico: 2_000_000,
    embedPicoPerToken: 0,
  });
});

test('embedding is billed by the tokens of the call where nothing else is known', () => {
  const tokens = { input: 900, cacheRead: 100 };
  const { lookupPico } = semanticEffects(
    logOf([loggedCall({ tokens })]),
    nearestOf([NONE]),
    CLEAN,
    semanticSettings({}, (id) => parametersWith().valueOf(id)),
  );
  // 10,000,000 + 1,000 · 20,000
  expect([...lookupPico]).toEqual([30_000_000]);
});

test('refuses neighbors from the future', () => {
  expect(() => effectsOf([at(0), at(1)], [[1, 1], NONE])).toThrow('call 0: its nearest call 1');
});

describe('the illustration without evidence', () => {
  const call = (sessionId: string | null, given: Partial<LoggedCall> = {}): LoggedCall =>
    loggedCall({ application: 'help', sessionId, costPico: 1_000_000_000n, ...given });
  const band = (calls: readonly LoggedCall[], type: 'faq' | 'agents' = 'faq') =>
    illustrativeBand(logOf(calls), [{ application: 'help', type }], parametersWith());

  test('looks at calls that stand alone, of the applications named', () => {
    const calls = [
      call(null),
      call('s1'),
      call('s2'),
      call('s2'),
      call(null, { application: 'other' }),
      call(null, { status: 'error' }),
    ];
    expect(band(calls).calls).toBe(2);
    expect(band([call(null, { application: null })])).toMatchObject({ calls: 0, withoutCalls: ['help'] });
  });

  // two calls of 10⁹: hits 20, 32.5, 45 % of 2·10⁹, 1 % of them wrong; two lookups 20,000,000; stored (1 − h) · 10,000,000
  test('is a share of their cost less wrong answers, lookups and stored answers', () => {
    expect(band([call(null), call('s1')])).toEqual({
      lowPico: 396_000_000n - 20_000_000n - 8_000_000n,
      valuePico: 643_500_000n - 20_000_000n - 6_750_000n,
      highPico: 891_000_000n - 20_000_000n - 5_500_000n,
      calls: 2,
      withoutCalls: [],
    });
  });

  test('may be a loss: a cache that serves nobody still costs its lookups', () => {
    const { lowPico, highPico } = band([call(null)], 'agents');
    expect([lowPico, highPico]).toEqual([-15_000_000n, 19_800_000n - 10_000_000n - 4_900_000n]);
  });
});
