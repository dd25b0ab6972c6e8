import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cheapestModel, movedCost, obstacles, tokenRatiosOf, withRetries } from '../../lib/simulate/model-choice.ts';
import type { CallNeeds, ModelOffer, MoveOptions, TokenRatios } from '../../lib/simulate/model-choice.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import type { PriceOfCall } from '../../lib/simulate/price-of-call.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

const CALL: CallNeeds = {
  model: 'large',
  inputTokens: 10_000,
  cachedTokens: 4000,
  outputTokens: 1000,
  modalities: ['text'],
  usesTools: false,
  region: null,
};
const OFFER: ModelOffer = {
  model: 'small',
  contextTokens: 128_000,
  maximumOutputTokens: 16_000,
  modalities: ['text', 'image'],
  supportsTools: true,
  regions: null,
};
const same = { low: 1, value: 1, high: 1 };
const SAME: TokenRatios = { input: same, output: same };
const OPTIONS: MoveOptions = { ratios: SAME, retryShare: 0, evaluation: null, margin: 0.02 };

/** Picodollars per token: fresh, cached, output. */
const RATES: Record<string, readonly [bigint, bigint, bigint]> = {
  large: [2_500_000n, 1_250_000n, 10_000_000n],
  small: [150_000n, 75_000n, 600_000n],
  medium: [1_000_000n, 100_000n, 4_000_000n],
};
const priceOf: PriceOfCall = (input, cached, output, model) => {
  const rates = RATES[model];
  if (rates === undefined) return null;
  return BigInt(input - cached) * rates[0] + BigInt(cached) * rates[1] + BigInt(output) * rates[2];
};

describe('what keeps a call from moving', () => {
  test.each([
    ['nothing', {}, {}, []],
    ['the model itself', { model: 'small' }, {}, ['same_model']],
    ['a window filled to the last token', {}, { contextTokens: 11_000 }, []],
    ['a window one token short', {}, { contextTokens: 10_999 }, ['context_tokens']],
    ['a window not known', {}, { contextTokens: null }, ['context_tokens']],
    ['a long answer', { outputTokens: 16_001 }, {}, ['output_tokens']],
    ['audio', { modalities: ['text', 'audio'] }, {}, ['modality']],
    ['an image', { modalities: ['image'] }, {}, []],
    ['tools', { usesTools: true }, { supportsTools: false }, ['tools']],
    ['tools, support not known', { usesTools: true }, { supportsTools: null }, ['tools']],
    ['tools, use not known', { usesTools: null }, { supportsTools: null }, ['tools']],
    ['no tools', {}, { supportsTools: null }, []],
    ['a region', { region: 'eu' }, { regions: ['us'] }, ['region']],
    ['a region it is in', { region: 'eu' }, { regions: ['us', 'eu'] }, []],
    ['no region', {}, { regions: ['us'] }, []],
    ['two things', { modalities: ['audio'], usesTools: true }, { supportsTools: false }, ['modality', 'tools']],
  ])('%s', (_what, call, offer, reasons) => {
    expect(obstacles({ ...CALL, ...call }, { ...OFFER, ...offer }, SAME)).toEqual(reasons);
  });

  test('is measured with as many tokens as it may become', () => {
    const ratios = tokenRatiosOf(parametersWith());
    // 10,000 · 1.35 + 1,000 · 5 = 18,500
    expect(obstacles(CALL, { ...OFFER, contextTokens: 18_500 }, ratios)).toEqual([]);
    expect(obstacles(CALL, { ...OFFER, contextTokens: 18_499 }, ratios)).toEqual(['context_tokens']);
  });
});

describe('a moved call', () => {
  // large: 6,000 · 2.5 + 4,000 · 1.25 + 1,000 · 10 = 30,000; small: 900 + 300 + 600 = 1,800 (in 10⁻⁶ USD)
  test('costs its price on the new model', () => {
    const moved = movedCost(CALL, 'small', priceOf, OPTIONS);
    expect(moved?.costPico.value).toBe(1_800_000_000n);
    expect(moved?.savingPico).toEqual({ low: 28_200_000_000n, value: 28_200_000_000n, high: 28_200_000_000n });
    expect(moved?.quality.text).toBe('quality not assessed');
  });

  // C′ · 1.1 + 0.1 · C = 1,980 + 3,000
  test('is asked again where it was rejected', () => {
    expect(movedCost(CALL, 'small', priceOf, { ...OPTIONS, retryShare: 0.1 })?.costPico.value).toBe(4_980_000_000n);
    expect(withRetries(1800n, 30_000n, 0.1)).toBe(4980n);
  });

  // medium at ω = 5: 6,000 + 400 + 20,000 = 26,400; at ω = 8: 38,400 is more than staying
  test('can cost more when the new model talks more', () => {
    const at = (output: number) =>
      movedCost(CALL, 'medium', priceOf, {
        ...OPTIONS,
        ratios: { input: same, output: { low: 1, value: 5, high: output } },
      });
    expect(at(5)?.savingPico).toEqual({ low: 3_600_000_000n, value: 3_600_000_000n, high: 19_600_000_000n });
    expect(at(8)?.savingPico.low).toBe(-8_400_000_000n);
  });

  test('has no cost where a price is missing', () => {
    expect(movedCost(CALL, 'nowhere', priceOf, OPTIONS)).toBeNull();
    expect(movedCost({ ...CALL, model: 'nowhere' }, 'small', priceOf, OPTIONS)).toBeNull();
  });

  // the whole request moves to five times the price above 100,000 tokens of input: Claude Haiku 5.5, 0.10 and 0.50 per million
  test('flips at the exact threshold of a band, also when only the tokenizer takes it there', () => {
    const banded: PriceOfCall = (input, _cached, _output, model) =>
      model === 'large' ? BigInt(input) * 300_000n : BigInt(input) * (input > 100_000 ? 500_000n : 100_000n);
    const cost = (inputTokens: number, ratio: number): bigint | undefined => {
      const input = { low: ratio, value: ratio, high: ratio };
      const call = { ...CALL, inputTokens, cachedTokens: 0 };
      return movedCost(call, 'haiku', banded, { ...OPTIONS, ratios: { input, output: same } })?.costPico.value;
    };
    expect(cost(100_000, 1)).toBe(10_000_000_000n);
    expect(cost(100_001, 1)).toBe(50_000_500_000n);
    expect(cost(80_000, 1.25)).toBe(10_000_000_000n);
    expect(cost(80_001, 1.25)).toBe(100_001n * 500_000n);
  });

  test('costs no less with longer texts, more retries, or a dearer model', () => {
    const ratio = drawnBetween(0.1, 10);
    const tokens = fc.nat(1_000_000);
    fc.assert(
      fc.property(tokens, tokens, tokens, ratio, ratio, drawnBetween(0, 0.5), (input, cached, output, a, b, r) => {
        const call = { ...CALL, inputTokens: input, cachedTokens: Math.min(input, cached), outputTokens: output };
        const range = { low: Math.min(a, b), value: (a + b) / 2, high: Math.max(a, b) };
        const options = { ...OPTIONS, ratios: { input: same, output: range } };
        const moved = movedCost(call, 'small', priceOf, options);
        const retried = movedCost(call, 'small', priceOf, { ...options, retryShare: r });
        if (moved === null || retried === null) throw new Error('a price is missing');
        expect(moved.costPico.low <= moved.costPico.value && moved.costPico.value <= moved.costPico.high).toBe(true);
        expect(retried.costPico.value >= moved.costPico.value).toBe(true);
        const base = priceOf(input, call.cachedTokens, output, 'large') ?? 0n;
        expect(moved.savingPico.low).toBe(base - moved.costPico.high);
      }),
    );
  });
});

describe('the cheapest model', () => {
  const offers = ['medium', 'small', 'nowhere'].map((model) => ({ ...OFFER, model }));

  test('is the one that saves most, the others are named with their reasons', () => {
    const choice = cheapestModel(CALL, offers, priceOf, OPTIONS);
    expect([choice.model, choice.moved?.savingPico.value]).toEqual(['small', 28_200_000_000n]);
    expect([...choice.refused]).toEqual([['nowhere', ['no_price']]]);
  });

  test('must be open to the call', () => {
    const closed = offers.map((offer) => (offer.model === 'small' ? { ...offer, modalities: [] } : offer));
    const choice = cheapestModel(CALL, closed, priceOf, OPTIONS);
    expect(choice.model).toBe('medium');
    expect(choice.refused.get('small')).toEqual(['modality']);
  });

  test('is the present one where all others cost more', () => {
    const dear = cheapestModel({ ...CALL, model: 'small' }, [{ ...OFFER, model: 'large' }], priceOf, OPTIONS);
    expect([dear.model, dear.moved]).toEqual([null, null]);
  });
});
