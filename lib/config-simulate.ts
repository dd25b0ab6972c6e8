/**
 * The section `simulate` of the configuration: what the simulation may take for granted about caches, batches, fleets and other models. In:
 * parsed JSON. Out: settings with defaults. Keys are those of the JSON that `simulate --format json` prints (docs/simulation.md). Invariant:
 * the defaults need no answer from anybody: what a lever cannot know from the log is left out of the plan, not guessed.
 */
import * as z from 'zod';
import { hostingFleetSchema } from './config-hosting.ts';
import { MODALITIES } from './model-limits.ts';
import { imageGenerationSchema, semanticCacheSchema } from './config-similar.ts';

const seconds = z.number().positive().max(31_536_000);
const tokens = z.number().int().min(0).max(10_000_000);
const multiplier = z.number().min(0).max(100);
/** A number that is meant exactly, or one with the range in which it is believed. */
function ranged(min: number, max: number) {
  const number = z.number().min(min).max(max);
  return z.union([number, z.strictObject({ value: number, low: number.optional(), high: number.optional() })]);
}

const prefixReplay = z
  .strictObject({
    rule: z.enum(['radix', 'breakpoint']),
    ttlSeconds: seconds.nullable().default(300),
    ttlRefresh: z.enum(['sliding', 'fixed']).default('sliding'),
    capacityBlocks: z.number().int().min(1).max(2_000_000_000).nullable().default(null),
    minimumTokens: tokens.default(1024),
    incrementTokens: z.number().int().min(1).max(1_000_000).default(1),
    readMultiplier: multiplier.default(0.1),
    writeMultiplier: multiplier.default(1.25),
  })
  .describe('A cache to replay: its rule, lifetime and what reads and writes cost as a share of plain input.');

const fleetReplay = z
  .strictObject({
    servers: z.number().int().min(1).max(100_000),
    serviceModel: z.strictObject({
      baseSeconds: z.number().min(0).max(3600),
      prefillTokensPerSecond: z.number().positive().max(1e9),
      decodeSecondsPerToken: z.number().min(0).max(60),
    }),
  })
  .describe('A fleet to replay: first come, first served, one request per server.');

const name = z.string().regex(/\S/, 'must not be blank').max(200);

const passedTasks = z
  .strictObject({ passed: z.number().int().min(0), checked: z.number().int().min(1).max(1_000_000_000) })
  .refine(({ passed, checked }) => passed <= checked, 'passed must not exceed checked');

const evaluatedTasks = z
  .strictObject({
    task: name.describe('Class of tasks.'),
    from: passedTasks.describe('Tasks that the first model passed, of those it was given.'),
    to: passedTasks.describe('The same of the other model.'),
  })
  .describe('Tasks of one class that both models were given.');

const usdText = z.string().regex(/^\d{1,6}(\.\d{1,12})?$/, 'must be decimal text in USD such as "0.0001"');
const share = z.number().min(0).max(1);

const router = z
  .strictObject({
    recoveredQualityPercent: z
      .number()
      .min(0)
      .max(100)
      .describe('Share of the quality gap between the two models that must be recovered, in percent.'),
    curve: z
      .array(z.tuple([share, share]))
      .min(2)
      .max(1000)
      .optional()
      .describe(
        'Your own measurement, from [0, 0] to [1, 1]: recovered share of the gap, share of calls that stay with the first model. Without it, published curves.',
      ),
    curveSource: name.optional().describe('Where the curve is from.'),
  })
  .describe('A router that sends as many sessions away as a curve of quality allows; in place of sharePercent.');

const cascade = z
  .strictObject({
    escalatedPercent: ranged(0, 100).describe('Answers that the judge sends on to the first model, in percent.'),
    judgeUsd: usdText.describe('What judging costs for each call.'),
  })
  .describe('Every call is asked of the other model, judged, and some are asked again of the first one.');

const offer = z
  .strictObject({
    contextTokens: z.number().int().min(1).max(1_000_000_000).optional().describe('Prompt and answer together.'),
    maximumOutputTokens: z.number().int().min(1).max(1_000_000_000).optional().describe('Longest answer.'),
    tools: z.boolean().optional().describe('Whether it can call tools.'),
    modalities: z.array(z.enum(MODALITIES)).min(1).optional().describe('What it takes and gives.'),
    regions: z.array(name).min(1).optional().describe('Where it is served, as price_region of table usage.'),
  })
  .describe('What you know of the other model; it wins over the shipped list.');

const modelMove = z
  .strictObject({
    from: name.describe('Canonical model id as in table usage.'),
    to: name.describe('Model of the same provider that takes its calls.'),
    inputPercent: ranged(10, 1000)
      .optional()
      .describe('Tokens of the same text, in percent; without it, parameter model.token_ratio.'),
    outputPercent: ranged(1, 10_000)
      .optional()
      .describe('Length of its answers, in percent; without it, parameter model.output_ratio.'),
    retryPercent: ranged(0, 100)
      .optional()
      .describe(
        'Answers that are rejected and asked again of the first model, in percent; without it, parameter model.retry_share.',
      ),
    sharePercent: ranged(0, 100)
      .optional()
      .describe('Sessions that a router sends there, in percent; without it, all calls.'),
    router: router.optional(),
    routerUsd: usdText.optional().describe('What a router costs for each call of the first model that may move.'),
    cascade: cascade.optional(),
    offer: offer.optional(),
    evaluation: z
      .array(evaluatedTasks)
      .max(100)
      .optional()
      .describe('Your own evaluation, by class of task; without it, quality is not assessed.'),
  })
  .describe('Calls of one model that another one may take. Quality is yours to assess: nothing here does.');

const promptParts = z
  .strictObject({
    system: tokens.optional().describe('System prompt and tools.'),
    fewShot: tokens.optional().describe('Examples.'),
    retrieved: tokens.optional().describe('Retrieved text.'),
    history: tokens.optional().describe('Earlier turns of the conversation.'),
    user: tokens.optional().describe("The user's words, which are never cut."),
  })
  .refine((parts) => Object.values(parts).some((count) => (count ?? 0) > 0), 'must have a part with tokens')
  .describe('Average tokens per prompt by part; how much of each remains is a parameter, prompt.kept_….');

const promptCut = z
  .strictObject({
    application: name.optional(),
    team: name.optional(),
    model: name.optional().describe('Canonical model id as in table usage.'),
    keptPercent: ranged(1, 100)
      .optional()
      .describe('Input tokens that remain, in percent, as you measured on your own prompts; or parts.'),
    parts: promptParts.optional(),
    cut: z
      .enum(['evenly', 'fresh', 'cached'])
      .optional()
      .describe(
        'What goes: tokens of all kinds alike, fresh ones only, or those that are read from or written to a cache. Without it evenly; with parts, cached tokens first of what is cut at the beginning of the prompt.',
      ),
    outputPercent: ranged(1, 10_000).default(100).describe('Length of the answers to shorter prompts, in percent.'),
    compressorUsd: usdText.default('0').describe('What shortening one prompt costs.'),
  })
  .refine(
    ({ keptPercent, parts }) => (keptPercent === undefined) !== (parts === undefined),
    'must have either keptPercent or parts',
  )
  .describe('Calls whose prompts can be shortened; the first entry that matches a call is the one for it.');

/** What commitments and credits keep from reaching the bank. */
export const commitmentSchema = z.strictObject({
  id: name,
  provider: name,
  account: name.optional(),
  kind: z.enum(['spend', 'credit', 'provisioned', 'seats']),
  amount: z
    .string()
    .regex(/^\d{1,12}(\.\d{1,12})?$/, 'must be decimal text in USD such as "10000"')
    .describe('USD over the whole time from … to.'),
  from: z.iso.date().describe('First day.'),
  to: z.iso.date().describe('Day on which it ends or renews.'),
  eligible: z.array(name).min(1).optional().describe('Models it covers; without it, all of the provider.'),
});

const DEFAULT_PREFIX_REPLAYS = [
  { rule: 'radix' as const, ttlSeconds: null, minimumTokens: 0, writeMultiplier: 0 },
  { rule: 'radix' as const, ttlSeconds: 300, incrementTokens: 128, writeMultiplier: 0 },
  { rule: 'breakpoint' as const, ttlSeconds: 300 },
  { rule: 'breakpoint' as const, ttlSeconds: 3600, writeMultiplier: 2 },
];

export const simulateSchema = z.strictObject({
  exactCache: z
    .strictObject({
      ttlSeconds: z
        .array(seconds)
        .min(1)
        .max(20)
        .default([60, 300, 3600, 86_400])
        .describe('Lifetimes to count hits for; that of the plan is parameter exact.ttl_s.'),
    })
    .prefault({}),
  prefixCache: z.strictObject({ replays: z.array(prefixReplay).max(50).prefault(DEFAULT_PREFIX_REPLAYS) }).prefault({}),
  selfHosting: z
    .strictObject({
      replays: z.array(fleetReplay).max(50).default([]),
      fleets: z
        .array(hostingFleetSchema)
        .max(10)
        .refine(
          (fleets) => new Set(fleets.map(({ name: own }) => own)).size === fleets.length,
          'must not name two fleets alike',
        )
        .default([]),
    })
    .prefault({}),
  modelChoice: z.array(modelMove).max(50).default([]),
  promptOptimization: z.array(promptCut).max(50).default([]),
  semanticCache: semanticCacheSchema.prefault({}),
  imageGeneration: imageGenerationSchema,
  parameters: z
    .record(
      z.string(),
      z.union([
        z.number(),
        z.strictObject({ value: z.number(), low: z.number().optional(), high: z.number().optional() }),
      ]),
    )
    .default({})
    .describe('Parameters by id (docs/simulation.md).'),
});

export type SimulateConfig = z.output<typeof simulateSchema>;
