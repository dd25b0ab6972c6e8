import { describe, expect, test } from 'vitest';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import { leverKnobs, NO_LEVER_CONFIG, PARAMETERS_OF_PLANS } from '../../lib/simulate/lever-config.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { readNeighbors } from '../../lib/simulate/semantic-evidence.ts';
import type { SimilarEvidence, Simulation } from '../../lib/simulate/simulate.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { loggedCall, promptOf, simulationOf, tablePricing } from '../fixtures/logged-calls.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 9, 5);
const at = (minutes: number, given: Partial<LoggedCall> = {}): LoggedCall =>
  loggedCall({ timeMs: START + minutes * 60_000, ...given, tokens: { input: 10_000, ...given.tokens } });
const NO_CALIBRATION = { rows: [], servedShareFor: () => null };
const finding = ({ levers }: Simulation, lever: string) => levers.find((each) => each.lever === lever);

describe('what a plan hangs on', () => {
  test('only parameters of levers in play are moved', () => {
    const knobs = (hasSimilar: boolean): string[] =>
      leverKnobs({
        config: NO_LEVER_CONFIG,
        fleets: [],
        parameters: parametersWith({}),
        calibration: NO_CALIBRATION,
        hasSimilar,
      }).map(({ name }) => name);
    expect(knobs(false).some((name) => name.startsWith('sem.') || name.startsWith('img.'))).toBe(false);
    expect(knobs(true)).toContain('sem.false_hit_calls');
    expect(PARAMETERS_OF_PLANS).toEqual(expect.arrayContaining(knobs(true)));
  });

  test('a model goes one way only', () => {
    const both = { moves: [{ from: 'a', to: 'b' }], images: [{ from: 'a', to: 'c' }] };
    expect(() =>
      leverKnobs({
        config: { ...NO_LEVER_CONFIG, ...both },
        fleets: [],
        parameters: parametersWith({}),
        calibration: NO_CALIBRATION,
        hasSimilar: false,
      }),
    ).toThrow('simulate.modelChoice and simulate.imageGeneration both name a');
  });
});

describe('similar questions', () => {
  // questions in pairs, an hour apart: the second of each is like the first
  const calls = Array.from({ length: 80 }, (_, n) =>
    at(Math.floor(n / 4) * 24 * 60 + (n % 4) * 60, { recordId: `r${n}`, sessionId: `s${n}` }),
  );
  const similar = async (errors: number): Promise<SimilarEvidence> => ({
    pairs: Array.from({ length: 1_000 }, (_, n) => ({ similarity: 0.9, isSameAnswer: n >= errors })),
    neighbors: await readNeighbors(
      calls.map((_, n) =>
        JSON.stringify(
          n % 2 === 0
            ? { record_id: `r${n}`, nearest: null }
            : { record_id: `r${n}`, nearest: `r${n - 1}`, similarity: 0.95 },
        ),
      ),
      'neighbors',
    ),
  });

  test('are a lever of the plan: half of the calls are served, and pay for the wrong answers that the labels cannot rule out', async () => {
    const simulation = await simulationOf(calls, {
      similar: await similar(0),
      parameters: {
        'sem.embed_usd_per_million': 0,
        'sem.lookup_usd': 0,
        'exact.store_usd': 0,
        'sem.false_hit_calls': 2,
      },
    });
    // 40 hits of 0.03 USD, each less 2 · u of it, u = 1 − 0.05^(1/1000) = 0.0029912
    const wrong = 2 * (1 - 0.05 ** (1 / 1_000));
    expect(Number(simulation.plan.savingPico) / 1e12).toBeCloseTo(40 * 0.03 * (1 - wrong), 9);
    expect(finding(simulation, 'semantic_cache')).toMatchObject({ basis: 'modelled', isInPlan: true, calls: 80 });
    expect(simulation.similar).toMatchObject({ hits: 40, threshold: { threshold: 0.9 }, neighbors: { rows: 80 } });
  });

  test('without a certified threshold none is served, and it is said why', async () => {
    const simulation = await simulationOf(calls, { similar: await similar(30) });
    expect(finding(simulation, 'semantic_cache')).toMatchObject({ isInPlan: false, savingPico: 0n });
    expect(finding(simulation, 'semantic_cache')?.why).toContain('no threshold is certified');
  });

  test('without evidence, what others saw is an illustration and in no plan', async () => {
    const simulation = await simulationOf(
      calls.map((call) => ({ ...call, application: 'help' })),
      { levers: { semantic: { applicationTypes: [{ application: 'help', type: 'faq' }] } } },
    );
    const lever = finding(simulation, 'semantic_cache');
    expect(lever).toMatchObject({ basis: 'illustrative', isInPlan: false, savingPico: null });
    expect(lever?.illustration?.calls).toBe(80);
    expect((lever?.illustration?.lowPico ?? 0n) < (lever?.illustration?.highPico ?? 0n)).toBe(true);
    expect(simulation.plan.savingPico).toBe(0n);
    expect(JSON.stringify(simulationJson(simulation))).toContain('"illustration":{"calls":80');
  });

  test('what an exact cache serves is not served twice', async () => {
    const repeated = calls.map((call, n) => ({ ...call, prompt: promptOf([`q${Math.floor(n / 2)}`]) }));
    const simulation = await simulationOf(repeated, {
      similar: await similar(0),
      parameters: { 'exact.lookup_usd': 0 },
    });
    expect([simulation.similar?.hits, simulation.similar?.hitsAfterExact]).toEqual([40, 0]);
    const together =
      (finding(simulation, 'exact_cache')?.alonePico ?? 0n) + (finding(simulation, 'semantic_cache')?.alonePico ?? 0n);
    expect(simulation.plan.savingPico < together).toBe(true);
    expect(simulation.plan.overlapPico > 0n).toBe(true);
  });
});

describe('images', () => {
  const pricing: typeof tablePricing = {
    costPico: (kind, timeMs, tokens) =>
      tokens.images > 0
        ? tokens.images * (kind.model === 'large-image' ? 40_000_000_000 : 11_000_000_000)
        : tablePricing.costPico(kind, timeMs, tokens),
  };
  const image = (n: number): LoggedCall => {
    const call = at(n * 30, { model: 'large-image', modelReported: 'large-image', operation: 'image' });
    return { ...call, tokens: { ...call.tokens, input: 0, images: 1 }, costPico: 40_000_000_000n };
  };

  test('of another model: exact, and each call once', async () => {
    const simulation = await simulationOf(
      Array.from({ length: 100 }, (_, n) => image(n)),
      {
        pricing,
        levers: { images: [{ from: 'large-image', to: 'small-image' }] },
      },
    );
    expect(simulation.plan.savingPico).toBe(100n * 29_000_000_000n);
    expect(finding(simulation, 'image_generation')).toMatchObject({ basis: 'modelled', isInPlan: true, calls: 100 });
  });

  test('on own accelerators: whole instances for the whole period, or not at all', async () => {
    const hosted = {
      model: 'flux.1-schnell',
      instance: 'g6e.xlarge',
      stepsPerSecond: 10,
      steps: 4,
      utilizationPercent: 50,
      commercial: true,
    };
    const twoDays = (count: number): LoggedCall[] =>
      Array.from({ length: count }, (_, n) => ({ ...image(0), timeMs: START + Math.floor((n * 2 * DAY_MS) / count) }));
    const run = (count: number) =>
      simulationOf(twoDays(count), { pricing, levers: { images: [{ from: 'large-image', hosted }] } });
    // 48 hours of 1.861 USD are 89.328: 2,000 images cost 80 at the provider, 3,000 cost 120
    const few = await run(2_000);
    expect([few.plan.savingPico, few.plan.poolPico]).toEqual([0n, [0n]]);
    const many = await run(3_000);
    expect(many.plan.poolPico).toEqual([89_328_000_000_000n]);
    expect(many.plan.savingPico).toBe(120_000_000_000_000n - 89_328_000_000_000n);
  });
});

test('what a log itself shows of caches takes the place of the assumption', async () => {
  // one workspace is cached and serves four of five reads; the other, of the same model, is not
  const words = ['tools', 'system', 'guide', 'examples', 'question'];
  const calls = Array.from({ length: 800 }, (_, n) => {
    const isCached = n % 2 === 0;
    const isServed = n % 10 !== 0;
    const tokens = isCached
      ? { input: 0, cacheRead: isServed ? 5_120 : 0, cacheWrite5m: isServed ? 0 : 5_120 }
      : { input: 5_120 };
    const timeMs = START + n * 60_000;
    return loggedCall({ timeMs, keyId: isCached ? 'cached' : 'plain', prompt: promptOf(words), tokens });
  });
  const simulation = await simulationOf(calls);
  const row = simulation.calibration[0];
  expect(row).toMatchObject({ provider: 'anthropic', model: 'claude-sonnet-4-5', calls: 400 });
  expect(row?.kappa).toBeCloseTo(0.8, 2);
  expect(simulation.ranges.tornado.some(({ name }) => name.startsWith('cache calibration of anthropic'))).toBe(
    row?.kappaRange !== null,
  );
});
