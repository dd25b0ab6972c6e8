import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { explainIssues } from '../lib/config-problems.ts';
import { imageGenerationSchema, semanticCacheSchema } from '../lib/config-similar.ts';

const root = z.strictObject({ semanticCache: semanticCacheSchema.optional(), imageGeneration: imageGenerationSchema });
const problems = (value: unknown): string[] => {
  const result = root.safeParse(value);
  const jsonSchema = z.toJSONSchema(root, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
  return result.success ? [] : explainIssues(result.error.issues, jsonSchema);
};
const hosted = {
  model: 'flux.1-schnell',
  instance: 'g6e.xlarge',
  stepsPerSecond: 2,
  steps: 4,
  utilizationPercent: 40,
  commercial: true,
};

test('without anything there are no moves and no claims', () => {
  expect(root.parse({})).toEqual({ imageGeneration: [] });
  expect(root.parse({ semanticCache: {} }).semanticCache).toEqual({ applicationTypes: [] });
});

test('a hosted model is taken as measured: nothing beside its steps, one size, one at a time', () => {
  const { imageGeneration } = root.parse({ imageGeneration: [{ from: 'gpt-image-1', hosted }] });
  expect(imageGeneration[0]?.hosted).toEqual({ ...hosted, otherSeconds: 0, pixelRatio: 1, batchGain: 1 });
});

describe('says what is wrong', () => {
  test.each([
    [{ semanticCache: { pairs: 'a.jsonl' } }, 'semanticCache: needs pairs and neighbors, or neither'],
    [{ semanticCache: { pair: 'a.jsonl' } }, 'unknown key "pair", did you mean "pairs"?'],
    [{ semanticCache: { maxFalsePercent: 60 } }, 'semanticCache.maxFalsePercent: must be at most 50'],
    [{ semanticCache: { falseHitCalls: 0.5 } }, 'semanticCache.falseHitCalls: must be at least 1'],
    [
      { semanticCache: { applicationTypes: [{ application: 'a', type: 'shop' }] } },
      'semanticCache.applicationTypes[0].type: must be one of faq, open_chat, agents',
    ],
    [
      {
        semanticCache: {
          applicationTypes: [
            { application: 'a', type: 'faq' },
            { application: 'a', type: 'agents' },
          ],
        },
      },
      'semanticCache.applicationTypes: must not name an application twice',
    ],
    [{ imageGeneration: [{ from: 'a' }] }, 'imageGeneration[0]: needs to (another model) or hosted'],
    [{ imageGeneration: [{ from: 'a', to: 'b', hosted }] }, 'imageGeneration[0]: needs to (another model) or hosted'],
    [
      {
        imageGeneration: [
          { from: 'a', to: 'b' },
          { from: 'a', to: 'c' },
        ],
      },
      'imageGeneration: must not name a model twice in from',
    ],
    [
      { imageGeneration: [{ from: 'a', hosted: { ...hosted, commercial: undefined } }] },
      'imageGeneration[0].hosted.commercial: must be boolean, is missing',
    ],
  ])('%j', (value, problem) => {
    expect(problems(value).join('; ')).toContain(problem);
  });
});
