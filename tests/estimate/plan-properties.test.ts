/** What holds of plans whatever the documents are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlannedDocument } from '../../lib/estimate/estimate-settings.ts';
import type { Estimate } from '../../lib/estimate/estimate.ts';
import type { Plan } from '../../lib/estimate/plan.ts';
import { corpusCostRows, estimateJson } from '../../lib/estimate/estimate-json.ts';
import { documentOf, estimateOf } from '../fixtures/estimates.ts';

const MODELS = [
  'gpt-4o',
  'gpt-4.1-mini',
  'gpt-5.6',
  'claude-opus-4-6',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'gemini-2.5-pro',
  'deepseek-v3.2',
  'text-embedding-3-small',
];

/** Lengths around the minima of caches, around thresholds of bands and windows, and any. */
const length = fc.oneof(
  fc.nat(6000),
  fc.integer({ min: 1000, max: 1050 }),
  fc.integer({ min: 120_000, max: 420_000 }),
  fc.integer({ min: 900_000, max: 2_200_000 }),
);
const corpus = fc
  .array(length, { minLength: 1, maxLength: 6 })
  .map((lengths) => lengths.map((tokens) => documentOf(tokens)));
const settings = fc.record({
  requestsPerDocument: fc.integer({ min: 1, max: 12 }),
  sharedPromptTokens: fc.oneof(fc.constant(0), fc.nat(9000)),
  questionTokens: fc.nat(50),
  batchCacheHits: fc.constantFrom(null, 0, 37, 100),
});
const output = fc.tuple(fc.nat(500), fc.nat(500), fc.nat(3000)).map(([low, more, most]) => ({
  low,
  expected: low + more,
  high: low + more + most,
}));

const planOf = ({ plans }: Estimate, model: string, mode: string): Plan | undefined =>
  plans.find((plan) => plan.model === model && plan.mode === mode);
const costOf = (plan: Plan | undefined): bigint => {
  if (plan?.costPico === null || plan === undefined) throw new Error('a plan without money');
  return plan.costPico.expected;
};
const withoutNames = (estimate: Estimate): unknown => ({ ...estimateJson(estimate), rejected: [] });

test('one more request never costs less, at once', () => {
  fc.assert(
    fc.property(corpus, settings, output, (documents, given, outputTokens) => {
      const more = { ...given, requestsPerDocument: given.requestsPerDocument + 1 };
      const [few, many] = [given, more].map((one) =>
        estimateOf(MODELS.slice(0, -1), documents, { settings: one, outputTokens }),
      );
      for (const model of MODELS.slice(0, -1))
        expect(costOf(planOf(many as Estimate, model, 'sync'))).toBeGreaterThanOrEqual(
          costOf(planOf(few as Estimate, model, 'sync')),
        );
    }),
    { numRuns: 40 },
  );
});

test('a cache never costs more than none, a batch never more than at once, at any level', () => {
  fc.assert(
    fc.property(corpus, settings, output, (documents, given, outputTokens) => {
      const found = estimateOf(MODELS, documents, { settings: given, outputTokens });
      for (const [mode, other] of [
        ['batch', 'sync'],
        ['cached', 'sync'],
        ['batch+cached', 'batch'],
      ] as const) {
        for (const model of MODELS) {
          const [less, more] = [planOf(found, model, mode)?.costPico, planOf(found, model, other)?.costPico];
          if (less === undefined || less === null || more === undefined || more === null) continue;
          for (const level of ['low', 'expected', 'high'] as const)
            expect(less[level]).toBeLessThanOrEqual(more[level]);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('low, expected and high are in order; what is given is one number where tokens are exact', () => {
  fc.assert(
    fc.property(corpus, settings, output, fc.boolean(), (documents, given, range, isRange) => {
      const found = estimateOf(MODELS, documents, { settings: given, outputTokens: isRange ? range : range.high });
      for (const { model, costPico, outputTokens: answers } of found.plans) {
        if (costPico === null) throw new Error('a plan without money');
        expect(costPico.low <= costPico.expected && costPico.expected <= costPico.high).toBe(true);
        expect(answers.low <= answers.expected && answers.expected <= answers.high).toBe(true);
        const isExact = !isRange && /^(gpt|text)-/.test(model);
        expect(!isExact || costPico.low === costPico.high).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('the order of documents does not matter', () => {
  fc.assert(
    fc.property(corpus, settings, output, fc.integer(), (documents, given, outputTokens, seed) => {
      const shuffled = fc.sample(fc.shuffledSubarray(documents, { minLength: documents.length }), {
        seed,
        numRuns: 1,
      })[0] as PlannedDocument[];
      const asked = { settings: given, outputTokens };
      expect(withoutNames(estimateOf(MODELS, shuffled, asked))).toEqual(
        withoutNames(estimateOf(MODELS, documents, asked)),
      );
    }),
    { numRuns: 40 },
  );
});

test('plans of a corpus cut in two add up; a shared prompt is written once by each part', () => {
  fc.assert(
    fc.property(corpus, corpus, settings, output, (left, right, given, outputTokens) => {
      const [a, b, whole] = [left, right, [...left, ...right]].map((documents) =>
        estimateOf(MODELS, documents, { settings: { ...given, batchCacheHits: null }, outputTokens }),
      ) as [Estimate, Estimate, Estimate];
      for (const plan of whole.plans) {
        const [inA, inB] = [planOf(a, plan.model, plan.mode), planOf(b, plan.model, plan.mode)];
        const isCached = plan.mode.includes('cached');
        // a part that caches nothing has no such plan: it is sent at once
        const parts = isCached
          ? [
              inA ?? planOf(a, plan.model, plan.mode.startsWith('batch') ? 'batch' : 'sync'),
              inB ?? planOf(b, plan.model, plan.mode.startsWith('batch') ? 'batch' : 'sync'),
            ]
          : [inA, inB];
        const sum = costOf(parts[0]) + costOf(parts[1]);
        // hundredths are rounded once in each part
        const rounding = plan.mode === 'batch+cached' ? 1n : 0n;
        const mayBeLess = isCached && given.sharedPromptTokens > 0;
        expect(costOf(plan) <= sum + rounding).toBe(true);
        expect(mayBeLess || costOf(plan) >= sum - rounding).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('the cheapest plan is one of the cheapest, and its row says so', () => {
  fc.assert(
    fc.property(corpus, settings, output, (documents, given, outputTokens) => {
      const found = estimateOf(MODELS, documents, { settings: given, outputTokens });
      const answering = found.plans.filter(({ isEmbedding }) => !isEmbedding);
      expect(answering.every((plan) => costOf(plan) >= costOf(found.cheapest ?? undefined))).toBe(true);
      const marked = corpusCostRows(found).filter((row) => row.is_cheapest);
      expect(marked.map(({ model, mode }) => ({ model, mode }))).toEqual([estimateJson(found).cheapest]);
    }),
    { numRuns: 30 },
  );
});
