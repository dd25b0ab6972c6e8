/**
 * A replica that nobody measured, as config `simulate.selfHosting.fleets[].replica` describes it: model, precision, GPUs. In: parsed JSON. Out: the
 * description with its defaults; its speed is extrapolated from data sheets (`lib/simulate/extrapolated-replica.ts`). Models and GPUs are
 * declared here, so that the file's JSON Schema lists them; their numbers stand in `lib/simulate`, and a test keeps both alike.
 */
import * as z from 'zod';

/** Models whose shape is listed. */
export const SHAPED_MODELS = ['Llama-3.1-8B', 'Llama-3.x-70B', 'Llama-3.1-405B'] as const;

/** GPUs whose data sheet is listed. */
export const SPECIFIED_GPUS = ['A6000', 'A10G', 'L4', 'L40S', 'A100-40', 'A100-80', 'H100', 'H200', 'B200'] as const;

const PRECISIONS = ['bf16', 'int8', 'fp8', 'w4a16', 'fp4'] as const;

const parameters = z.number().min(1e6).max(1e14);

const ownShape = z
  .strictObject({
    parameters: parameters.describe('All weights, as a count: 70600000000 for 70B.'),
    activeParameters: parameters
      .optional()
      .describe('Weights used for one token, where the model is a mixture of experts; without it, all.'),
    layers: z.number().int().min(1).max(10_000).describe('num_hidden_layers of its config.json.'),
    hidden: z.number().int().min(1).max(1_000_000).describe('hidden_size of its config.json.'),
    kvHeads: z.number().int().min(1).max(10_000).describe('num_key_value_heads of its config.json.'),
    headDim: z.number().int().min(1).max(100_000).describe('head_dim of its config.json.'),
  })
  .refine(({ parameters: all, activeParameters = all }) => activeParameters <= all, {
    message: 'must not exceed parameters',
    path: ['activeParameters'],
  })
  .describe('The shape of another model, from its published config.json.');

/** A replica whose speed is extrapolated. */
export const extrapolatedReplicaSchema = z
  .strictObject({
    model: z
      .union([z.enum(SHAPED_MODELS), ownShape], {
        error: `must be one of ${SHAPED_MODELS.join(', ')}, or an object with parameters, layers, hidden, kvHeads and headDim`,
      })
      .describe('The open model: one whose shape is listed, or a shape of your own.'),
    precision: z.enum(PRECISIONS).describe('How its weights are kept; w4a16: 4-bit weights, 16-bit arithmetic.'),
    gpu: z.enum(SPECIFIED_GPUS).describe('Kind of its GPUs.'),
    gpus: z.number().int().min(1).max(1024).describe('GPUs of one replica.'),
    sequences: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Answers written at a time; without it, as many as fit into memory.'),
    contextTokens: z
      .number()
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe('Tokens that each of them holds on average; without it, those of the calls in the log.'),
    kvBytes: z.number().min(0.25).max(4).default(2).describe('Bytes of one key or value: 2 for 16 bits, 1 for 8 bits.'),
  })
  .describe('A replica that nobody measured: its speed is extrapolated, half to twice of what is said.');

export type ExtrapolatedReplicaOption = z.output<typeof extrapolatedReplicaSchema>;
