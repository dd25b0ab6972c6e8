/**
 * The section `documents` of the configuration: how corpora are read and priced. In: parsed JSON. Out: settings for reading, and for plans
 * (`estimate`, table `corpus_costs`). Where a key is absent the default of the stage that reads it holds (docs/estimate.md).
 */
import * as z from 'zod';

const tokens = z.number().int().min(0).max(1_000_000_000);
const names = z.array(z.string().min(1).max(200)).max(200);
const limit = z.number().int().positive();

export const documentsSchema = z.strictObject({
  models: names.default([]).describe('Models to price, as "gpt-4o" or "azure/gpt-4o"; without any, six common ones.'),
  textColumn: z.string().min(1).max(200).optional().describe('Column with the text, in Parquet, CSV and JSON Lines.'),
  outputTokens: z
    .union([
      tokens,
      z
        .strictObject({ low: tokens, expected: tokens, high: tokens })
        .refine(
          ({ low, expected, high }) => low <= expected && expected <= high,
          'must be low, expected, high in this order',
        ),
    ])
    .optional()
    .describe('Tokens of an answer; without it the range of a task, or what the ledger saw.'),
  requestsPerDocument: z.number().int().min(1).max(1_000_000).optional(),
  sharedPromptTokens: tokens.optional().describe('The beginning that all requests have in common.'),
  chunkTokens: tokens.min(1).optional().describe('Tokens of a chunk for embeddings.'),
  overlapTokens: tokens.optional().describe('Tokens that neighboring chunks share.'),
  tokenizers: z
    .record(z.string().regex(/^[a-z0-9_.-]{1,64}$/i), z.strictObject({ file: z.string().min(1), models: names.min(1) }))
    .default({})
    .describe('Further exact tokenizers: a tokenizer.json and the models that are its own; * at the end matches any.'),
  limits: z
    .strictObject({
      maxBytes: limit,
      maxCharacters: limit,
      maxSeconds: limit,
      maxMemoryMb: limit,
      maxParts: limit,
      maxDepth: limit,
    })
    .partial()
    .default({})
    .describe('What one document may take before it is rejected.'),
});
