import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/generate/random.ts';
import type { CacheCalibration, CalibrationRow } from '../../lib/simulate/cache-calibration.ts';
import type { CallTokens, LoggedCall } from '../../lib/simulate/call-log.ts';
import { createKindTable, repriceable } from '../../lib/simulate/call-pricing.ts';
import type { CallPricing } from '../../lib/simulate/call-pricing.ts';
import { createEffects, leverKnobs } from '../../lib/simulate/lever-config.ts';
import type { LeverConfig } from '../../lib/simulate/lever-config.ts';
import type { Knob, KnobValue } from '../../lib/simulate/model-moves.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { planParts } from '../../lib/simulate/plan-parts.ts';
import type { PlanPart } from '../../lib/simulate/plan-parts.ts';
import { createScenarioTotals } from '../../lib/simulate/plan-totals.ts';
import { makePlan } from '../../lib/simulate/plan.ts';
import { poolCosts } from '../../lib/simulate/pool-costs.ts';
import { CALL_LEVERS, leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import type { Scenario } from '../../lib/simulate/scenario-costs.ts';
import { hostingOption } from '../fixtures/hosted-calls.ts';
import { loggedCall, logOf, promptOf, tablePricing } from '../fixtures/logged-calls.ts';

const IMAGE_PICO = new Map([
  ['large-image', 40_000_000_000],
  ['small-image', 11_000_000_000],
  ['own-image', 20_000_000_000],
]);
/** priced as these */
const ALIKE = new Map([
  ['gpt-4o', 'claude-sonnet-4-5'],
  ['gpt-4o-mini', 'claude-haiku-4-5'],
]);
const pricing: CallPricing = {
  costPico: (kind, timeMs, tokens) => {
    const pico = IMAGE_PICO.get(kind.model);
    if (pico !== undefined) return tokens.images * pico;
    const model = ALIKE.get(kind.model) ?? kind.model;
    return tablePricing.costPico({ ...kind, model }, timeMs, tokens);
  },
};

/** All eight levers, everything with a range. */
const config: LeverConfig = {
  moves: [
    {
      from: 'claude-sonnet-4-5',
      to: 'claude-haiku-4-5',
      inputPercent: { value: 110, low: 90, high: 130 },
      sharePercent: { value: 60, low: 10, high: 100 },
      routerUsd: '0.00001',
    },
    {
      from: 'gpt-4o',
      to: 'gpt-4o-mini',
      cascade: { judgeUsd: '0.00001', escalatedPercent: { value: 30, low: 10, high: 50 } },
    },
  ],
  cuts: [
    {
      team: 'growth',
      cut: 'evenly',
      keptPercent: { value: 80, low: 60, high: 95 },
      outputPercent: { value: 100, low: 90, high: 120 },
      compressorUsd: '0.00002',
    },
  ],
  images: [
    { from: 'large-image', to: 'small-image' },
    {
      from: 'own-image',
      hosted: {
        model: 'flux.1-schnell',
        instance: 'g6e.xlarge',
        stepsPerSecond: 10,
        steps: 4,
        pixelRatio: 2,
        utilizationPercent: 50,
        commercial: true,
      },
    },
  ],
  fleets: [
    hostingOption({
      models: ['gpt-4o', 'claude-haiku-4-5'],
      fillTroughs: false,
      acceptedPercent: { value: 80, low: 60, high: 95 },
    }),
  ],
  semantic: { applicationTypes: [] },
};

const calibration: CacheCalibration = {
  rows: [{ provider: 'anthropic', model: 'claude-sonnet-4-5', kappaRange: { low: 0.5, high: 0.9 } } as CalibrationRow],
  servedShareFor: (_provider, model) => (model === 'claude-sonnet-4-5' ? 0.8 : null),
};
const parameters = parametersWith({});
const knobs = leverKnobs({ config, fleets: config.fleets, parameters, calibration, hasSimilar: true });
const values = new Map(knobs.map(({ name, value }) => [name, value]));
const highs = new Map(knobs.map(({ name, high }) => [name, high]));
const bounds = { highOf: (name: string) => highs.get(name) as number, limitsOf: () => null };
const atValue: KnobValue = (name) => values.get(name) as number;
const moved =
  (knob: Knob, value: number): KnobValue =>
  (name) =>
    name === knob.name ? value : atValue(name);

/** One of every lever and of every kind of argument. */
const MUST_MOVE = [
  'exact.ttl_s',
  'exact.lookup_usd',
  'exact.store_usd',
  'batch.turnaround_median_s',
  'batch.cache_kept_share',
  'sem.false_hit_calls',
  'sem.lookup_usd',
  'ops.fte',
  'modelChoice[0].inputPercent',
  'modelChoice[0].sharePercent',
  'modelChoice[1].cascade.escalatedPercent',
  'promptOptimization[0].keptPercent',
  'selfHosting.fleets[llama].acceptedPercent',
  'cache calibration of anthropic claude-sonnet-4-5',
];

const MODELS_OF = {
  everything: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
  questions: ['claude-haiku-4-5'],
  agents: ['claude-sonnet-4-5'],
  hosted: ['gpt-4o'],
  nightly: ['claude-haiku-4-5'],
} as const;
const ALL = (1 << CALL_LEVERS.length) - 1;
const START_MS = Date.UTC(2026, 9, 5);
/** Pauses before a repeat: within and beyond what caches of any setting keep, and before an answer is there. */
const PAUSES_S = [2, 20, 240, 1_800, 40_000, 100_000];

/** Six workspaces, in each of which other levers act; in the first all that act on text. */
function drawnCalls(seed: number): LoggedCall[] {
  const random = createRandom(seed);
  const calls: LoggedCall[] = [];
  const add = (project: string, atS: number, given: Partial<LoggedCall>, tokens: Partial<CallTokens>): void => {
    const filled = loggedCall({ project, timeMs: START_MS + atS * 1_000, ...given, tokens });
    const { model } = filled;
    const costPico = pricing.costPico(filled, filled.timeMs, filled.tokens);
    calls.push({ ...filled, modelReported: model, costPico: costPico === null ? null : BigInt(costPico) });
  };
  for (const project of ['everything', 'questions', 'agents', 'hosted', 'nightly'] as const) {
    const threads = Array.from({ length: 3 }, (_, n) => ({
      atS: random.below(50_000),
      words: [project, 'a', 'b', 'c', `${n}`],
    }));
    for (let n = 0; n < 14; n++) {
      const thread = random.pick(threads);
      thread.atS += random.pick(project === 'agents' ? PAUSES_S.slice(0, 3) : PAUSES_S);
      if (project === 'agents' || (project === 'everything' && random.chance(0.5)))
        thread.words = [...thread.words, `${n}`];
      const isCached = project === 'nightly' && random.below(2) === 0;
      add(
        project,
        thread.atS,
        {
          model: random.pick(MODELS_OF[project]),
          provider: project === 'hosted' ? 'openai' : 'anthropic',
          team: random.pick(['search', 'growth']),
          status: random.pick(['ok', 'ok', 'ok', 'ok', 'error']),
          sessionId: random.pick([null, 'a', 'b']),
          latencyMs: random.pick([null, 1_000]),
          deadlineSeconds: project === 'nightly' ? random.pick([null, 7_200, 14_400]) : null,
          tags: project === 'nightly' || (project !== 'agents' && random.chance(0.25)) ? { mode: 'batch' } : {},
          prompt: promptOf(thread.words),
        },
        {
          input: thread.words.length * 1_024 + random.below(1_024),
          cacheRead: isCached ? 4_000 : 0,
          output: random.below(800),
        },
      );
    }
  }
  for (const model of IMAGE_PICO.keys())
    add('pictures', random.below(100_000), { model, operation: 'image' }, { images: 1 + random.below(3) });
  return calls;
}

interface Drawn {
  readonly effectsOf: () => (valueOf: KnobValue) => Scenario;
  readonly groupOf: Int32Array;
  readonly groups: number;
}

/** A log, and by every call of `effectsOf` effects that remember nothing of others. */
function logOfSeed(seed: number, similar: readonly number[]): Drawn {
  const log = logOf(drawnCalls(seed));
  const kinds = createKindTable(log.kinds);
  const { isOpen } = repriceable(log, pricing);
  const drawnAt = (call: number): number => similar[call % similar.length] as number;
  const neighbors = {
    nearest: Int32Array.from({ length: log.calls }, (_, call) => Math.floor(drawnAt(call) * (call + 1)) - 1),
    similarity: Float64Array.from({ length: log.calls }, (_, call) => 0.8 + 0.2 * drawnAt(call)),
  };
  const pairs = Array.from({ length: 2_000 }, (_, at) => ({
    similarity: 0.8 + at / 10_000,
    isSameAnswer: at % 100 !== 0 || at > 1_000,
  }));
  const facts = { log, isOpen, kinds, pricing, images: config.images, semantic: { config: {}, pairs, neighbors } };
  return {
    effectsOf: () => {
      const effects = createEffects(facts, config, calibration, bounds);
      return (valueOf: KnobValue): Scenario => ({ log, kinds, effects: effects(valueOf) });
    },
    groupOf: log.team.codes,
    groups: log.team.names.length,
  };
}

const drawnLog = fc
  .tuple(fc.nat(), fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 5 }))
  .map(([seed, similar]) => logOfSeed(seed, similar));
const SIMILAR = [0.999, 0.95, 0.3, 0.9, 0.99, 0.7, 0.985];

/** The total with nothing remembered: each part and each pool priced from the beginning. */
function pricedAgain(scenario: Scenario, parts: readonly PlanPart[], bits: readonly number[]): bigint {
  const { log, effects } = scenario;
  let sum = 0n;
  for (const [at, part] of parts.entries()) {
    const { costPico } = scenarioCosts(scenario, bits[at] as number, part.calls);
    for (const [position, call] of part.calls.entries())
      sum += effects.isOpen[call] === 1 ? BigInt(costPico[position] as number) : (log.costPico[call] as bigint);
  }
  return poolCosts(scenario, parts)(bits).reduce((total, pico) => total + pico, sum);
}

describe('a plan under other values', () => {
  test('costs to the picodollar what it costs with nothing remembered: every knob at both ends, levers as drawn', () => {
    const isMoved = new Set<string>();
    fc.assert(
      fc.property(
        drawnLog,
        fc.array(fc.oneof(fc.constant(ALL), fc.nat(ALL)), { minLength: 1 }),
        ({ effectsOf, groupOf }, drawnSets) => {
          const scenarioAt = effectsOf();
          const base = scenarioAt(atValue);
          const parts = planParts(base, CALL_LEVERS, groupOf, []);
          for (const mask of [ALL, ALL & ~(1 << CALL_LEVERS.indexOf('self_hosting'))]) {
            const bits = parts.map(
              ({ levers }, at) =>
                levers.reduce((all, lever) => all | leverBit(lever), 0) &
                mask &
                (drawnSets[at % drawnSets.length] as number),
            );
            const totalAt = createScenarioTotals(base, parts, bits);
            const basePico = totalAt(base);
            expect(basePico).toBe(pricedAgain(effectsOf()(atValue), parts, bits));
            for (const knob of knobs)
              for (const value of [knob.low, knob.high]) {
                const pico = totalAt(scenarioAt(moved(knob, value)));
                const again = pricedAgain(effectsOf()(moved(knob, value)), parts, bits);
                expect(pico, `${knob.name} at ${value}`).toBe(again);
                if (pico !== basePico) isMoved.add(knob.name);
              }
          }
        },
      ),
      {
        numRuns: 6,
        examples: [1, 2, 3].map((seed) => [logOfSeed(seed, SIMILAR), [ALL, ALL ^ leverBit('model_choice')]]),
      },
    );
    // so that the comparison is one: knobs of every lever did move something
    expect([...isMoved]).toEqual(expect.arrayContaining(MUST_MOVE));
  });

  test('is the same plan with nothing remembered, with all values at one end', () => {
    fc.assert(
      fc.property(drawnLog, fc.boolean(), ({ effectsOf, groupOf, groups }, isHigh) => {
        const ends = new Map(knobs.map(({ name, low, high }) => [name, isHigh ? high : low]));
        const endOf: KnobValue = (name) => ends.get(name) as number;
        const scenarioAt = effectsOf();
        const planOf = (scenario: Scenario) => {
          const { parts, ...plan } = makePlan({
            scenario,
            levers: CALL_LEVERS,
            groupOf,
            groups,
            clusterings: [{ of: groupOf, clusters: groups }],
          });
          return { ...plan, parts: parts.length };
        };
        planOf(scenarioAt(atValue));
        expect(planOf(scenarioAt(endOf))).toEqual(planOf(effectsOf()(endOf)));
      }),
      { numRuns: 10 },
    );
  });
});
