import fc from 'fast-check';
import { promptCuts } from '../../lib/simulate/prompt-cuts.ts';
import { describe, expect, test } from 'vitest';
import { compileCustomerRates } from '../../lib/price/customer-rates.ts';
import { callPricing } from '../../lib/simulation.ts';
import type { CallKind, CallLog, CallTokens, LoggedCall } from '../../lib/simulate/call-log.ts';
import { createKindTable } from '../../lib/simulate/call-pricing.ts';
import type { CallPricing } from '../../lib/simulate/call-pricing.ts';
import { callStates } from '../../lib/simulate/call-states.ts';
import { hostedImageCrossover, hostedImages } from '../../lib/simulate/hosted-images.ts';
import type { HostedImageModel } from '../../lib/simulate/hosted-images.ts';
import { imageMoves } from '../../lib/simulate/image-effects.ts';
import type { ImageEffects, ImageMove } from '../../lib/simulate/image-effects.ts';
import { loggedCall, logOf } from '../fixtures/logged-calls.ts';
import { book } from '../price/shipped-book.ts';

const START_MS = Date.UTC(2026, 9, 5);
/** Picodollars per image: GPT Image 1 medium 0.042, Mini 0.011, Imagen 4 Ultra 0.06 USD; others by token: input and output. */
const PER_IMAGE: Readonly<Record<string, number>> = {
  'by-piece': 42_000_000_000,
  'by-piece-mini': 11_000_000_000,
  'by-piece-ultra': 60_000_000_000,
};
const PER_TOKEN: Readonly<Record<string, readonly [number, number]>> = {
  'by-token': [5_000_000, 40_000_000],
  'by-token-mini': [2_000_000, 8_000_000],
  'input-by-token': [5_000_000, NaN],
};

/** As the engine does it: a meter without a price leaves the call unpriced; pieces are billed where no output tokens are. */
const pricing: CallPricing = {
  costPico({ model }: CallKind, _timeMs: number, tokens: CallTokens) {
    const [input = NaN, output = NaN] = PER_TOKEN[model] ?? [];
    const byPiece = model === 'input-by-token' ? 30_000_000_000 : (PER_IMAGE[model] ?? NaN);
    let cost = 0;
    if (tokens.input > 0) cost += tokens.input * input;
    if (tokens.output > 0) cost += tokens.output * output;
    else if (tokens.images > 0) cost += tokens.images * byPiece;
    return Number.isNaN(cost) ? null : cost;
  },
};

function image(given: Partial<Omit<LoggedCall, 'tokens'>> & { tokens?: Partial<CallTokens> } = {}): LoggedCall {
  const call = loggedCall({ operation: 'image', model: 'by-piece', tokens: { images: 1 }, ...given });
  return 'costPico' in given
    ? call
    : { ...call, costPico: BigInt(pricing.costPico(call, call.timeMs, call.tokens) ?? 0) };
}

interface Moved extends ImageEffects {
  readonly log: CallLog;
  /** what all calls cost with the moves, by the states that other levers go by */
  readonly billPico: bigint;
}

function movesOf(calls: readonly LoggedCall[], moves: readonly ImageMove[], periodHours = 24): Moved {
  const log = logOf(calls);
  const kinds = createKindTable(log.kinds);
  const effects = imageMoves({ log, kinds, pricing, moves, periodHours, pixelExponent: 1.15 });
  const states = callStates(log, kinds, pricing, effects, promptCuts(log, []));
  let billPico = 0n;
  for (const [call, kind] of effects.moveTo.entries()) {
    const hosted = effects.hostedPico[call] ?? NaN;
    const state = { kind, isShort: false };
    if (hosted >= 0) billPico += BigInt(hosted);
    else if (kind < 0) billPico += log.costPico[call] ?? 0n;
    else billPico += BigInt(states.costPico(call, state, states.tokens(call, state)) ?? NaN);
  }
  return { ...effects, log, billPico };
}

describe('another model of the provider', () => {
  // 3 images: 3 · 0.042 against 3 · 0.011
  test('takes its images at the price book’s price', () => {
    const { moveTo, inputThousandths, findings, hostedPico, fixedPico } = movesOf(
      [image(), image({ tokens: { images: 2 } }), image({ model: 'by-piece-mini' })],
      [{ from: 'by-piece', to: 'by-piece-mini' }],
    );
    expect(findings).toEqual([
      {
        from: 'by-piece',
        crossoverPerDay: null,
        to: 'by-piece-mini',
        hosted: null,
        calls: 2,
        staying: 0,
        images: 3,
        loggedPico: 126_000_000_000n,
        movedPico: 33_000_000_000n,
        taken: 2,
        savingPico: 93_000_000_000n,
        reason: null,
      },
    ]);
    expect([moveTo[0], moveTo[1], moveTo[2]]).toEqual([moveTo[0], moveTo[0], -1]);
    expect([...inputThousandths]).toEqual([1000, 1000, 0]);
    expect([hostedPico.every((share) => share === -1), fixedPico]).toEqual([true, 0n]);
  });

  test('takes only images, of open calls', () => {
    const { findings, moveTo } = movesOf(
      [
        image({ operation: 'chat', tokens: { images: 0, input: 5 }, costPico: 1n }),
        image({ status: 'error' }),
        image({ operation: 'chat', tokens: { images: 1 } }),
      ],
      [{ from: 'by-piece', to: 'by-piece-mini' }],
    );
    expect(findings[0]).toMatchObject({ calls: 1, taken: 1 });
    expect([...moveTo].map((kind) => kind >= 0)).toEqual([false, false, true]);
  });

  // 100 · 5 + 1,056 · 40 = 42,740 millionths of a dollar; as mini 100 · 2 + 1,056 · 8 = 8,648
  test('bills by token what was billed by token', () => {
    const tokens = { images: 1, input: 100, output: 1_056 };
    const { findings } = movesOf([image({ model: 'by-token', tokens })], [{ from: 'by-token', to: 'by-token-mini' }]);
    expect(findings[0]).toMatchObject({ loggedPico: 42_740_000_000n, movedPico: 8_648_000_000n, taken: 1 });
  });

  test.each([
    ['without any token', 'by-piece-mini', [0, 0], 11_000_000_000n],
    // 100 · 5 + 30,000 millionths
    ['without its output tokens', 'input-by-token', [1000, 0], 30_500_000_000n],
  ] as const)('bills by the piece %s', (_what, to, thousandths, movedPico) => {
    const tokens = { images: 1, input: 100, output: 1_056 };
    const { findings, inputThousandths, outputThousandths } = movesOf(
      [image({ model: 'by-token', tokens })],
      [{ from: 'by-token', to }],
    );
    expect(findings[0]).toMatchObject({ movedPico, taken: 1 });
    expect([inputThousandths[0], outputThousandths[0]]).toEqual(thousandths);
  });

  test('stays where it has no price there: pieces have no tokens, and tokens may have no count of pieces', () => {
    const byPiece = movesOf([image()], [{ from: 'by-piece', to: 'by-token-mini' }]);
    expect(byPiece.findings[0]).toMatchObject({
      staying: 1,
      taken: 0,
      reason: '1 calls have no price as by-token-mini and stay',
    });
    const uncounted = image({ model: 'by-token', tokens: { images: 0, input: 100, output: 1_056 } });
    expect(movesOf([uncounted], [{ from: 'by-token', to: 'by-piece-mini' }]).findings[0]).toMatchObject({
      staying: 1,
      taken: 0,
    });
  });

  test('that costs more is shown with its loss, and not taken', () => {
    const { findings, moveTo } = movesOf([image()], [{ from: 'by-piece', to: 'by-piece-ultra' }]);
    expect(findings[0]).toMatchObject({ loggedPico: 42_000_000_000n, movedPico: 60_000_000_000n, taken: 0 });
    expect(findings[0]?.reason).toBe('1 calls are of workspaces in which by-piece-ultra costs no less');
    expect([...moveTo]).toEqual([-1]);
  });

  test('is taken by workspaces in which it pays', () => {
    // the second key was billed little, as by a rate of its own
    const { findings, moveTo } = movesOf(
      [image(), image({ keyId: 'cheap', costPico: 1_000n })],
      [{ from: 'by-piece', to: 'by-piece-mini' }],
    );
    expect(findings[0]).toMatchObject({ calls: 2, taken: 1 });
    expect([...moveTo].map((kind) => kind >= 0)).toEqual([true, false]);
  });

  test('that no call uses is said to be so', () => {
    expect(movesOf([image()], [{ from: 'other', to: 'by-piece' }]).findings[0]).toMatchObject({
      calls: 0,
      reason: 'no open call made images with other',
    });
  });
});

/** 1.861 USD an hour; 5.5 s an image: 261.8 images an hour at 40 %. */
const L40S: HostedImageModel = {
  model: 'flux.1-schnell',
  instance: 'g6e.xlarge',
  stepsPerSecond: 4,
  steps: 20,
  otherSeconds: 0.5,
  utilizationPercent: 40,
  commercial: true,
};
const DAY = { periodHours: 24, pixelExponent: 1.15, path: 'simulate.imageGeneration[0].hosted' };
const onHosts = (hosted: HostedImageModel, images: number) =>
  hostedImages(hosted, [{ timeMs: START_MS, images }], DAY).facts;

describe('a fleet for images', () => {
  // facts of §9: 1.861 · 5.5 / (3600 · 0.4) = 0.0071078; 24 · 1.861 = 44.664; / 1,490 images = 0.0299758
  test('costs its whole instances for the whole period, which is more per image than at the planned load', () => {
    const facts = onHosts(L40S, 1_490);
    expect(facts).toMatchObject({ secondsPerImage: 5.5, instances: 1, hours: 24, rentPico: 44_664_000_000_000n });
    expect(facts.imagesPerInstanceHour).toBeCloseTo(261.818, 3);
    expect(facts.pricePico).toBe(7_107_986_111n);
    expect(facts.paidPico).toBe(29_975_838_926n);
  });

  // 900 images an hour at 50 % of 2 s: 21,600 a day and not one more
  test.each([
    [0, 0],
    [1, 1],
    [21_600, 1],
    [21_601, 2],
    [43_200, 2],
  ])('%i images: %i instances', (images, instances) => {
    const hosted = { ...L40S, stepsPerSecond: 10, otherSeconds: 0, utilizationPercent: 50 };
    expect(onHosts(hosted, images)).toMatchObject({ imagesPerInstanceHour: 900, instances });
  });

  // a p5 has eight H100: 28 / 11.5 = 2.4348 s; 8 · 3600 · 0.4 / 2.4348 = 4,731 an hour; 55.04 / 4,731.43 = 0.011633 USD
  test('makes images on all accelerators of an instance', () => {
    const facts = onHosts({ ...L40S, instance: 'p5.48xlarge', stepsPerSecond: 11.5, steps: 28, otherSeconds: 0 }, 1);
    expect(facts.imagesPerInstanceHour).toBeCloseTo(4_731.43, 1);
    expect(Number(facts.pricePico) / 1e12).toBeCloseTo(0.011633, 6);
    expect(facts.rentPico).toBe(1_320_960_000_000_000n);
  });

  // twice the pixels at 1.15: 2^1.15 = 2.2191 times the steps; gain 2 halves what is rented
  test('counts pixels and batches', () => {
    expect(onHosts({ ...L40S, pixelRatio: 2 }, 1).secondsPerImage).toBeCloseTo(5 * 2.21914 + 0.5, 4);
    expect(onHosts({ ...L40S, batchGain: 2 }, 1).imagesPerInstanceHour).toBeCloseTo(523.636, 3);
  });

  // 1,309 images within an hour on one L40S that makes 654.5 without a pause: twice too many; the same over a day are few
  test('tells when everything comes at once', () => {
    const at = (hour: number, images: number) => ({ timeMs: START_MS + hour * 3_600_000, images });
    const load = (...made: { timeMs: number; images: number }[]): number =>
      hostedImages(L40S, made, DAY).facts.busiestHourLoad;
    expect(load(at(3, 1_000), at(3.9, 309))).toBeCloseTo(2, 3);
    expect(load(at(3, 1_000), at(4, 309))).toBeCloseTo(1_000 / 654.545, 3);
  });

  // 24 · 1.861 / 0.03 = 1,488.8; at the tenth of it no number of images pays: a full one comes to 1.861 / (654.545 · 0.4) = 0.0071 each
  test('pays from a number of images a day on, or never', () => {
    expect(hostedImageCrossover(L40S, 0.03, DAY)).toBe(1_489);
    expect(hostedImageCrossover(L40S, 0.003, DAY)).toBe(Infinity);
    // of eight accelerators in one instance: eight times the images for one rent
    const eight = { ...L40S, instance: 'p5.48xlarge' };
    expect(hostedImageCrossover(eight, 0.25, DAY)).toBe(Math.ceil((24 * 55.04) / 0.25));
  });

  test('is refused without a listed price, naming what is listed', () => {
    expect(() => onHosts({ ...L40S, instance: 'g6e.large' }, 1)).toThrow(
      /^simulate\.imageGeneration\[0\]\.hosted\.instance: .*g6e\.xlarge/,
    );
  });
});

describe('a move to own accelerators', () => {
  const many = (count: number, given: Partial<LoggedCall> = {}): LoggedCall[] =>
    Array.from({ length: count }, (_, call) => image({ timeMs: START_MS + call, ...given }));

  // 1,100 · 0.042 = 46.2 USD against 24 · 1.861 = 44.664 USD; 1,063 images cost 44.646
  test('is taken where the rent is below what the calls cost, and is then shared by images', () => {
    const calls = [...many(1_098), image({ timeMs: START_MS + 5_000, tokens: { images: 2 } })];
    const { findings, hostedPico, fixedPico, moveTo } = movesOf(calls, [{ from: 'by-piece', hosted: L40S }]);
    expect(findings[0]).toMatchObject({
      to: null,
      calls: 1_099,
      images: 1_100,
      taken: 1_099,
      loggedPico: 46_200_000_000_000n,
      movedPico: 44_664_000_000_000n,
      reason: null,
    });
    expect(fixedPico).toBe(44_664_000_000_000n);
    expect(hostedPico.reduce((sum, share) => sum + BigInt(share), 0n)).toBe(fixedPico);
    expect((hostedPico[1_098] ?? 0) / (hostedPico[0] ?? 1)).toBeCloseTo(2, 6);
    expect(moveTo.every((kind) => kind === -1)).toBe(true);
  });

  test('is not taken where it is not, and its loss is shown', () => {
    const { findings, hostedPico, fixedPico } = movesOf(many(1_063), [{ from: 'by-piece', hosted: L40S }]);
    expect(findings[0]).toMatchObject({ taken: 0, loggedPico: 44_646_000_000_000n, movedPico: 44_664_000_000_000n });
    expect(findings[0]?.reason).toContain('whole instances for the whole period');
    expect([hostedPico.includes(0), hostedPico.every((share) => share === -1), fixedPico]).toEqual([false, true, 0n]);
  });

  test.each([
    ['flux.1-dev', true, 'FLUX.1 [dev] Non-Commercial License does not allow this use'],
    ['a-model-of-tomorrow', false, 'the license of a-model-of-tomorrow is not known here'],
  ])('never happens against a license: %s', (model, commercial, reason) => {
    const { findings, hostedPico } = movesOf(many(5_000), [
      { from: 'by-piece', hosted: { ...L40S, model, commercial } },
    ]);
    expect(findings[0]).toMatchObject({ hosted: null, movedPico: null, taken: 0, reason });
    expect(hostedPico.every((share) => share === -1)).toBe(true);
  });

  test('needs counted images', () => {
    const uncounted = image({ model: 'by-token', tokens: { images: 0, output: 1_000 } });
    expect(movesOf([uncounted], [{ from: 'by-token', hosted: L40S }]).findings[0]).toMatchObject({
      calls: 1,
      staying: 1,
      taken: 0,
      reason: 'no open call has a count of images made with by-token',
    });
  });

  test('with another move beside it leaves each call one way', () => {
    const { moveTo, hostedPico } = movesOf(
      [...many(2_000), image({ model: 'by-piece-ultra' })],
      [
        { from: 'by-piece', hosted: L40S },
        { from: 'by-piece-ultra', to: 'by-piece-mini' },
      ],
    );
    for (const [call, kind] of moveTo.entries()) expect(kind >= 0).toBe((hostedPico[call] ?? 0) < 0);
  });
});

describe('with the shipped price book', () => {
  const shipped = callPricing(book, compileCustomerRates([]));
  const moved = (
    from: Partial<LoggedCall>,
    tokens: Partial<CallTokens>,
    to: string,
  ): [bigint | null, string | null] => {
    const call = loggedCall({ provider: 'openai', operation: 'image', costPico: 10n ** 12n, ...from, tokens });
    const log = logOf([call]);
    const kinds = createKindTable(log.kinds);
    const { findings } = imageMoves({
      log,
      kinds,
      pricing: shipped,
      moves: [{ from: call.model, to }],
      periodHours: 24,
      pixelExponent: 1.15,
    });
    return [findings[0]?.taken === 1 ? findings[0].movedPico : null, findings[0]?.reason ?? null];
  };
  const gpt = { model: 'gpt-image-1', modelReported: 'gpt-image-1' };
  const imagen = {
    provider: 'google',
    model: 'imagen-4.0-ultra-generate-001',
    modelReported: 'imagen-4.0-ultra-generate-001',
  };

  // GPT Image 1 Mini: 2 USD per million text tokens in, 8 per million image tokens out: 40 · 2 + 1,056 · 8 = 8,528 millionths
  test('an image billed by token', () => {
    expect(moved(gpt, { images: 1, input: 40, output: 1_056 }, 'gpt-image-1-mini')).toEqual([8_528_000_000n, null]);
  });

  // Imagen 4 Fast: 0.02 USD an image
  test('images billed by the piece', () => {
    expect(moved(imagen, { images: 3 }, 'imagen-4.0-fast-generate-001')).toEqual([60_000_000_000n, null]);
  });

  // tokens of the one that bills by token are none of the other's: 0.02 USD, whatever they were
  test('from tokens to pieces', () => {
    const gemini = { provider: 'google', model: 'gemini-2.5-flash-image', modelReported: 'gemini-2.5-flash-image' };
    const tokens = { images: 1, input: 40, output: 1_290 };
    expect(moved(gemini, tokens, 'imagen-4.0-fast-generate-001')).toEqual([20_000_000_000n, null]);
  });

  test('from pieces to tokens nothing is known', () => {
    expect(moved(imagen, { images: 1 }, 'gemini-2.5-flash-image')).toEqual([
      null,
      '1 calls have no price as gemini-2.5-flash-image and stay',
    ]);
  });
});

test('no move ever adds to the bill, whatever the log: taken ones save what they say', () => {
  const drawn = fc.array(
    fc.record({
      model: fc.constantFrom('by-piece', 'by-piece-ultra', 'by-token'),
      images: fc.integer({ min: 0, max: 900 }),
      output: fc.constantFrom(0, 0, 1_056),
      keyId: fc.constantFrom('k', 'l'),
      hour: fc.nat(23),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(drawn, fc.constantFrom('by-piece', 'by-piece-mini', 'by-token-mini'), (rows, to) => {
      const calls = rows.map(({ model, images, output, keyId, hour }) =>
        image({
          timeMs: START_MS + hour * 3_600_000,
          model,
          keyId,
          tokens: { images, output: model === 'by-token' ? output : 0 },
        }),
      );
      const moves = [
        { from: 'by-piece', hosted: L40S },
        { from: 'by-piece-ultra', to },
        { from: 'by-token', to },
      ];
      const { log, billPico, hostedPico, fixedPico, findings } = movesOf(calls, moves);
      const logged = log.costPico.reduce((sum, cost) => sum + cost, 0n);
      expect(logged - billPico).toBe(findings.reduce((sum, { savingPico }) => sum + savingPico, 0n));
      expect(fixedPico).toBe(hostedPico.reduce((sum, share) => sum + (share < 0 ? 0n : BigInt(share)), 0n));
      for (const { calls: found, taken, staying, savingPico } of findings) {
        expect(taken + staying).toBeLessThanOrEqual(found);
        expect(taken > 0 ? savingPico > 0n : savingPico === 0n).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
