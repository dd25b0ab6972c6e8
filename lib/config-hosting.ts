/**
 * One entry of config `simulate.selfHosting.fleets`: a fleet of an open model that could take calls off an API. In: parsed JSON. Out: the option
 * with its defaults; what is left out is the register's parameter (docs/simulation.md), not a second default here. Invariant: how many answers
 * the open model gets right has no default, because quality is never invented. Ids of replicas and instances are declared here, so that the
 * file's JSON Schema lists them; their numbers stand in `lib/simulate`, and the compiler keeps both alike.
 */
import * as z from 'zod';
import { extrapolatedReplicaSchema } from './config-replica.ts';

/** Measured replicas: model, precision, GPUs; TensorRT-LLM unless another engine is named. An id never changes its meaning. */
export const REPLICA_IDS = [
  'llama-3.1-8b-fp8-1xh100',
  'llama-3.1-8b-fp8-1xh200',
  'llama-3.x-70b-fp8-2xh100',
  'llama-3.x-70b-fp8-1xh200',
  'llama-3.x-70b-fp4-1xb200',
  'llama-3.1-405b-fp8-8xh200',
  'llama-3.1-405b-fp8-8xh100',
  'llama-3.x-70b-bf16-4xa100-80-vllm',
  'llama-3.x-70b-int8-4xa100-80-vllm',
  'llama-3.x-70b-bf16-4xh100-vllm',
  'llama-3.x-70b-fp8-4xh100-vllm',
  'llama-3.1-8b-bf16-1xa6000-vllm',
  'llama-3.1-8b-int8-1xa6000-vllm',
] as const;
export type ReplicaId = (typeof REPLICA_IDS)[number];

/** Instances with a list price. */
export const INSTANCE_IDS = [
  'g5.xlarge',
  'g5.12xlarge',
  'g6.xlarge',
  'g6.12xlarge',
  'g6e.xlarge',
  'g6e.12xlarge',
  'p4d.24xlarge',
  'p4de.24xlarge',
  'p5.48xlarge',
  'p5en.48xlarge',
  'p6-b200.48xlarge',
] as const;
export type InstanceId = (typeof INSTANCE_IDS)[number];

const GPU_TYPES = ['A6000', 'A10G', 'L4', 'L40S', 'A100-40', 'A100-80', 'H100', 'H200', 'B200'] as const;

const name = z.string().regex(/\S/, 'must not be blank').max(200);
const usdPerHour = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,12})?$/, 'must be decimal text in USD such as "55.04"')
  .refine((text) => Number(text) > 0, 'must be above 0');
const discount = z
  .number()
  .min(0)
  .max(0.99)
  .optional()
  .describe(
    'Share off the price on demand; without it, the parameter gpu.discount_1y, gpu.discount_3y or gpu.discount_spot.',
  );
const percent = z.number().min(0).max(100);

const purchase = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('on_demand') }),
      z.strictObject({ kind: z.literal('savings_1y'), discount }),
      z.strictObject({ kind: z.literal('savings_3y'), discount }),
      z.strictObject({
        kind: z.literal('spot'),
        discount,
        interruptionsPerHour: z
          .number()
          .min(0)
          .max(60)
          .optional()
          .describe('How often an instance is taken away; without it, the parameter gpu.spot_interruptions_per_h.'),
        restartSeconds: z
          .number()
          .min(0)
          .max(86_400)
          .optional()
          .describe('From an interruption to serving again; without it, the parameter gpu.restart_s.'),
        lostWorkSeconds: z
          .number()
          .min(0)
          .max(86_400)
          .describe('Work of an instance that an interruption throws away. It depends on your requests: no default.'),
      }),
    ],
    { error: 'must be one of on_demand, savings_1y, savings_3y, spot' },
  )
  .describe(
    'How instances are paid. A commitment covers the instances that always run, the others are on demand; on spot the least number of replicas ' +
      'is on demand while people wait.',
  );

const ownInstance = z
  .strictObject({
    gpu: z.enum(GPU_TYPES).describe('Kind of its GPUs.'),
    gpus: z.number().int().min(1).max(1024).describe('GPUs that are rented as one.'),
    usdPerHour: usdPerHour.describe('Rent of all of them for an hour, decimal text.'),
  })
  .describe('An instance without a list price here, such as that of another cloud.');

/** One fleet that could take calls off an API. */
export const hostingFleetSchema = z
  .strictObject({
    name: name.describe('What the fleet is called in answers.'),
    models: z.array(name).min(1).max(100).describe('Canonical model ids as in table usage whose calls it takes.'),
    replica: z
      .union([z.enum(REPLICA_IDS), extrapolatedReplicaSchema], {
        error: `must be one of ${REPLICA_IDS.join(', ')}, or an object with model, precision, gpu and gpus of a replica that nobody measured`,
      })
      .describe('The measured replica: open model, precision and GPUs; or one whose speed is extrapolated.'),
    instance: z
      .union([z.enum(INSTANCE_IDS), ownInstance], {
        error: `must be one of ${INSTANCE_IDS.join(', ')}, or an object with gpu (${GPU_TYPES.join(', ')}), gpus and usdPerHour (decimal text)`,
      })
      .describe('What is rented, always whole: an instance with a list price, or one of your own.'),
    usdPerHour: usdPerHour
      .optional()
      .describe('Your rate of a listed instance on demand, decimal text; without it, the list price.'),
    purchase: purchase.prefault({ kind: 'on_demand' }),
    capacity: z
      .enum(['static', 'autoscaled', 'scheduled'])
      .default('static')
      .describe('One size for the whole period; or one that follows the demand; or a timetable of the week.'),
    maxWaitSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .optional()
      .describe('Wait for a replica that callers accept; without it, the parameter scale.slo_wait_s (2).'),
    lateShare: z
      .number()
      .min(0)
      .max(0.99)
      .optional()
      .describe('Share of calls that may wait longer; without it, the parameter scale.slo_late_share (0.05).'),
    latencyClass: z
      .enum(['offline', 'relaxed', 'tight'])
      .default('relaxed')
      .describe('How soon tokens must follow each other: offline does not matter, relaxed 50 ms, tight 20 ms.'),
    acceptedPercent: z
      .union(
        [
          percent,
          z
            .strictObject({ value: percent, low: percent.optional(), high: percent.optional() })
            .refine(
              ({ value, low = value, high = value }) => low <= value && value <= high,
              'low must not exceed value, nor value high',
            ),
        ],
        {
          error:
            'must be a percent from 0 to 100 or { "value", "low", "high" } around it: how many answers of the open model your own evaluation accepts',
        },
      )
      .describe(
        'Answers that are accepted in place of those of the models, in percent, from your own evaluation. The others are asked again at the API.',
      ),
    minimumReplicas: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .describe(
        'Replicas that always run; without it, the parameter scale.min_replicas, or scale.min_replicas_deferrable where all calls can wait.',
      ),
    fillTroughs: z
      .boolean()
      .default(true)
      .describe('Calls that can wait are done when the fleet has room, instead of at once.'),
  })
  .describe('An open model on rented GPUs that takes all calls of some models.');

export type HostingOption = z.output<typeof hostingFleetSchema>;
