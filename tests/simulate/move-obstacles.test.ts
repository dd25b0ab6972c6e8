/** What keeps calls from moving to another model, in the lever itself and in what is said of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LimitsOf, ModelLimits } from '../../lib/model-limits.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import type { ConfiguredMove } from '../../lib/simulate/model-moves.ts';
import type { ModelMove } from '../../lib/simulate/move-effects.ts';
import { obstacleBit, OBSTACLES, offerOf } from '../../lib/simulate/move-obstacles.ts';
import type { ModelOffer, Obstacle } from '../../lib/simulate/move-obstacles.ts';
import { leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { drawnCalls, loggedCall, scenarioOf, simulationOf } from '../fixtures/logged-calls.ts';

const PAIR = { from: 'claude-sonnet-4-5', to: 'claude-haiku-4-5' };
const EXACT = { ...PAIR, inputPercent: 100, outputPercent: 100, retryPercent: 0 };
const OFFER: ModelOffer = {
  contextTokens: 128_000,
  maximumOutputTokens: 16_000,
  input: ['text', 'image'],
  output: ['text'],
  tools: true,
  regions: null,
  source: 'test',
};
const LIMITS: ModelLimits = {
  contextTokens: 11_000,
  maximumOutputTokens: 16_000,
  input: ['text'],
  output: ['text'],
  tools: true,
  regions: null,
  source: 'a list',
  date: '2026-11-17',
};
const START = Date.UTC(2026, 9, 5);
const call = (given: Parameters<typeof loggedCall>[0] = {}): LoggedCall =>
  loggedCall({ ...given, tokens: { input: 6_000, cacheRead: 4_000, output: 1_000, ...given.tokens } });

/** Whether a single call moves under an offer. */
function moves(
  given: Parameters<typeof loggedCall>[0],
  offer: Partial<ModelOffer>,
  move: Partial<ModelMove> = {},
): boolean {
  const offerAt = (): ModelOffer => ({ ...OFFER, ...offer });
  const { effects } = scenarioOf([call(given)], [{ ...EXACT, ...move, offerAt }]);
  return (effects.moveTo[0] as number) >= 0;
}

describe('a call', () => {
  test.each<[string, Parameters<typeof loggedCall>[0], Partial<ModelOffer>, boolean]>([
    ['fits', {}, {}, true],
    // 6,000 fresh + 4,000 cached + 1,000 of the answer
    ['fills the window to the last token', {}, { contextTokens: 11_000 }, true],
    ['finds the window one token short', {}, { contextTokens: 10_999 }, false],
    ['meets a window that is not known', {}, { contextTokens: null }, true],
    ['has the longest answer', { tokens: { output: 16_000 } }, {}, true],
    ['has a longer answer', { tokens: { output: 16_001 } }, {}, false],
    ['meets a longest answer that is not known', { tokens: { output: 16_001 } }, { maximumOutputTokens: null }, true],
    ['wants vectors', { operation: 'embedding' }, {}, false],
    ['wants vectors of a model that gives them', { operation: 'embedding' }, { output: ['embedding'] }, true],
    ['wants what is not known', { operation: 'embedding' }, { output: null }, true],
    ['made an image', { operation: 'image' }, {}, false],
    ['made an image beside its text', { tokens: { images: 1 } }, {}, false],
    ['made an image, as the other model does', { tokens: { images: 1 } }, { output: ['text', 'image'] }, true],
    ['hears or speaks', { operation: 'audio' }, {}, false],
    ['is heard', { operation: 'audio' }, { input: ['audio'] }, true],
    ['is of an unknown kind', { operation: 'other' }, { output: ['image'] }, true],
    ['must stay in a region', { priceRegion: 'eu' }, { regions: ['us'] }, false],
    ['must stay in a region it is in', { priceRegion: 'eu' }, { regions: ['us', 'eu'] }, true],
    ['may be anywhere', {}, { regions: ['us'] }, true],
    ['may have used tools', {}, { tools: false }, true],
  ])('that %s', (_what, given, offer, isMoving) => {
    expect(moves(given, offer)).toBe(isMoving);
  });

  test('is measured with as many tokens as it may become, not as many as are likely', () => {
    const longest = { longestInputPercent: 135, longestOutputPercent: 500 };
    // 10,000 · 1.35 + 1,000 · 5 = 18,500
    expect(moves({}, { contextTokens: 18_500 }, longest)).toBe(true);
    expect(moves({}, { contextTokens: 18_499 }, longest)).toBe(false);
    expect(moves({}, { maximumOutputTokens: 4_999 }, longest)).toBe(false);
  });

  test('that stays costs what it did, and pays no router', () => {
    const offerAt = (): ModelOffer => ({ ...OFFER, contextTokens: 10_999 });
    const scenario = scenarioOf([call()], [{ ...EXACT, routerPico: 5, offerAt }]);
    const { costPico, touched } = scenarioCosts(scenario, leverBit('model_choice'));
    expect([costPico[0], touched[0]]).toEqual([Number(call().costPico), 0]);
  });
});

test('no lever moves more calls with obstacles than without, nor with a smaller offer than with a larger one', () => {
  const tokens = fc.option(fc.integer({ min: 1, max: 20_000 }));
  fc.assert(
    fc.property(drawnCalls, tokens, tokens, fc.integer({ min: 0, max: 9_000 }), (calls, context, output, less) => {
      const touched = (offer: Partial<ModelOffer> | null): Uint8Array => {
        const offerAt = offer === null ? undefined : (): ModelOffer => ({ ...OFFER, ...offer });
        return scenarioCosts(scenarioOf(calls, [{ ...EXACT, offerAt }]), leverBit('model_choice')).touched;
      };
      const smaller = (limit: number | null): number | null => (limit === null ? null : Math.max(1, limit - less));
      const free = touched(null);
      const wide = touched({ contextTokens: context, maximumOutputTokens: output });
      const narrow = touched({ contextTokens: smaller(context), maximumOutputTokens: smaller(output) });
      expect(wide.every((bits, at) => bits === 0 || free[at] !== 0)).toBe(true);
      expect(narrow.every((bits, at) => bits === 0 || wide[at] !== 0)).toBe(true);
    }),
  );
});

test('the owner’s word wins over the list, field by field', () => {
  expect(offerOf(LIMITS, { contextTokens: 9, tools: false, modalities: ['text', 'image'], regions: ['eu'] })).toEqual({
    contextTokens: 9,
    maximumOutputTokens: 16_000,
    input: ['text', 'image'],
    output: ['text', 'image'],
    tools: false,
    regions: ['eu'],
    source: 'config; a list, 2026-11-17',
  });
  expect(offerOf(null).source).toBeNull();
  expect(offerOf(LIMITS, {}).source).toBe('a list, 2026-11-17');
});

test('reasons have bits of their own', () => {
  expect(OBSTACLES.map(obstacleBit)).toEqual([1, 2, 4, 8]);
});

describe('what is said of a move', () => {
  // ten calls of 11,000 tokens, five of 31,000, one with an answer of 17,000; 20 days apart so that the plan has ranges
  const calls = [
    ...Array.from({ length: 10 }, () => ({ input: 6_000 })),
    ...Array.from({ length: 5 }, () => ({ input: 26_000 })),
    { input: 6_000, output: 17_000 },
  ].map((tokens, n) => call({ timeMs: START + n * 86_400_000, tokens }));
  const simulated = (move: Partial<ConfiguredMove> = {}, limitsOf?: LimitsOf): Promise<Simulation> =>
    simulationOf(calls, { levers: { moves: [{ ...EXACT, ...move }] }, limitsOf });
  const said = ({ levers }: Simulation) => levers.find(({ lever }) => lever === 'model_choice');
  const atHome: LimitsOf = (provider, model) =>
    provider === 'anthropic' && model === 'claude-haiku-4-5' ? LIMITS : null;

  test('how many calls are kept back, and why', async () => {
    const simulation = await simulated({}, atHome);
    const reasons: Record<Obstacle, number> = { context_tokens: 6, output_tokens: 1, modality: 0, region: 0 };
    expect(simulation.moves).toMatchObject([
      { ...PAIR, provider: 'anthropic', calls: 16, moving: 10, keptBack: 6, reasons, unpriced: 0 },
    ]);
    // each: 6,000 · 3 + 4,000 · 0.3 + 1,000 · 15 = 34,200 on the first, 11,400 on the other (10⁻⁶ USD)
    expect(simulation.plan.savingPico).toBe(10n * 22_800_000_000n);
    expect([simulation.moves[0]?.strongPico, simulation.moves[0]?.weakPico]).toEqual([
      342_000_000_000n,
      114_000_000_000n,
    ]);
    expect(said(simulation)?.assumptions).toContain(
      '6 of 16 calls of claude-sonnet-4-5 do not move to claude-haiku-4-5 (anthropic): 6 could exceed its context window, 1 could need a longer answer than it gives',
    );
    expect(JSON.stringify(simulationJson(simulation))).toContain(
      '"calls":16,"calls_moving":10,"calls_kept_back":6,"kept_back":{"context_tokens":6,"output_tokens":1,"modality":0,"region":0},"calls_without_price":0',
    );
  });

  test('that nothing is kept back for what is not known', async () => {
    const simulation = await simulated();
    expect(simulation.moves).toMatchObject([{ calls: 16, moving: 16, keptBack: 0 }]);
    expect(said(simulation)?.assumptions).toEqual(
      expect.arrayContaining([
        'context window of claude-haiku-4-5 (anthropic) is not known: no call was kept back for length',
        'longest answer of claude-haiku-4-5 (anthropic) is not known: no call was kept back for the length of its answer',
      ]),
    );
  });

  test('what the owner knows, over what is shipped', async () => {
    const simulation = await simulated({ offer: { contextTokens: 31_000, tools: false } }, atHome);
    expect(simulation.moves[0]).toMatchObject({ moving: 15, keptBack: 1, reasons: { output_tokens: 1 } });
    const { assumptions = [] } = said(simulation) ?? {};
    expect(assumptions.some((text) => text.includes('is not known'))).toBe(false);
    expect(assumptions).toContain(
      'claude-haiku-4-5 (anthropic) is known not to call tools; whether a call used any is not in the log, none was kept back for it',
    );
  });

  test('lengths are those of the high end of what is not told, whatever value the plan takes', async () => {
    // register: answers up to 5 times as long, so 1,000 may become 5,000, and prompts of 10,000 13,500
    const open = { ...PAIR, inputPercent: undefined, outputPercent: undefined };
    const fits = await simulated({ ...open, offer: { contextTokens: 18_500 } }, atHome);
    const short = await simulated({ ...open, offer: { contextTokens: 18_499 } }, atHome);
    expect([fits.moves[0]?.moving, short.moves[0]?.moving]).toEqual([10, 0]);
    expect(said(short)?.why).toBe('all calls of the models that config simulate.modelChoice names are kept back');
    expect(short.plan.savingPico).toBe(0n);
  });

  test('which calls have no price there', async () => {
    const simulation = await simulated({ to: 'a-model-without-price' });
    expect(simulation.moves[0]).toMatchObject({ calls: 16, moving: 0, unpriced: 16, breakEvenStrongShare: null });
  });
});
