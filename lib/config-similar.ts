/**
 * Two keys of the section `simulate` of the configuration: what the owner measured about similar questions (`semanticCache`), and where images may
 * be made instead (`imageGeneration`). In: parsed JSON. Out: settings with defaults. Invariant: no default claims anything of the owner's calls:
 * without evidence no call is served, without a named move no image is made elsewhere.
 */
import * as z from 'zod';

const name = z.string().regex(/\S/, 'must not be blank').max(200);
const file = z.string().regex(/\S/, 'must not be blank').max(4096);

const applicationType = z.strictObject({
  application: name.describe('Application as in table usage.'),
  type: z.enum(['faq', 'open_chat', 'agents']),
});

export const semanticCacheSchema = z
  .strictObject({
    pairs: file
      .optional()
      .describe('JSON Lines of labelled pairs, relative to this file: {"similarity":0.93,"same_answer":true}.'),
    neighbors: file
      .optional()
      .describe(
        'JSON Lines with the nearest earlier request of each: {"record_id":"…","nearest":"…","similarity":0.91}.',
      ),
    ttlSeconds: z
      .number()
      .positive()
      .max(31_536_000)
      .optional()
      .describe('How long a stored answer may be served; without it, parameter exact.ttl_s.'),
    embedUsd: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('USD for embedding one call; without it, parameter sem.embed_usd_per_million times its input tokens.'),
    maxFalsePercent: z
      .number()
      .min(0.001)
      .max(50)
      .optional()
      .describe('Wrong answers among hits that are allowed, in percent; without it, parameter sem.max_false_share.'),
    falseHitCalls: z
      .number()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Cost of a wrong answer, in calls of the same price; without it, parameter sem.false_hit_calls.'),
    applicationTypes: z
      .array(applicationType)
      .max(1000)
      .default([])
      .refine(
        (types) => new Set(types.map(({ application }) => application)).size === types.length,
        'must not name an application twice',
      )
      .describe('What kind of application it is, for an illustration where there is no evidence; never in a plan.'),
  })
  .refine(
    ({ pairs, neighbors }) => (pairs === undefined) === (neighbors === undefined),
    'needs pairs and neighbors, or neither: a threshold without neighbors finds no hits, neighbors without labels certify none',
  );

const hostedImages = z
  .strictObject({
    model: name.describe('The model you would host; its license must be known here and allow the use.'),
    instance: name.describe('Instance with a listed price, such as g6e.xlarge (docs/simulation.md).'),
    stepsPerSecond: z.number().positive().max(10_000).describe('Steps per second of one accelerator, as you measured.'),
    steps: z.number().int().min(1).max(1000).describe('Steps of one image.'),
    otherSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(0)
      .describe('Seconds per image for encoding and decoding, where the steps per second leave them out.'),
    pixelRatio: z
      .number()
      .positive()
      .max(1000)
      .default(1)
      .describe('Pixels of your images over those at which the steps per second were measured.'),
    utilizationPercent: z
      .number()
      .min(0.1)
      .max(100)
      .describe('Share of the rented time in which images are made, in percent.'),
    batchGain: z
      .number()
      .positive()
      .max(1000)
      .default(1)
      .describe('Images per time at the batch size you use, over one at a time.'),
    commercial: z.boolean().describe('Whether the images serve a business.'),
  })
  .describe('A model on rented accelerators.');

const imageMove = z
  .strictObject({
    from: name.describe('Canonical id of the image model as in table usage.'),
    to: name.optional().describe('Image model of the same provider that takes its calls.'),
    hosted: hostedImages.optional(),
  })
  .refine(
    ({ to, hosted }) => (to === undefined) !== (hosted === undefined),
    'needs to (another model) or hosted (your own accelerators), and not both',
  )
  .describe('Images of one model that another one may make. Quality is yours to assess: nothing here does.');

export const imageGenerationSchema = z
  .array(imageMove)
  .max(50)
  .refine(
    (moves) => new Set(moves.map(({ from }) => from)).size === moves.length,
    'must not name a model twice in from: its images can go one way only',
  )
  .default([]);

export type SemanticCacheConfig = z.output<typeof semanticCacheSchema>;
