/**
 * The four log shapes of the benchmark as zod schemas, the way most programs check a line: one union, tried in order. In: parsed JSON. Out:
 * a flat call. The union is the point: it is what the product is measured against.
 */
import * as z from 'zod';

const count = z.number().int().nonnegative();

const litellm = z.object({
  request_id: z.string(),
  call_type: z.string(),
  startTime: z.string(),
  model: z.string(),
  user: z.string().nullable(),
  team_id: z.string().nullable(),
  status: z.enum(['success', 'failure']),
  prompt_tokens: count,
  completion_tokens: count,
  metadata: z.object({ usage_object: z.object({ prompt_tokens_details: z.object({ cached_tokens: count }) }) }),
});

const openai = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: count,
  model: z.string(),
  metadata: z.object({ team: z.string().optional(), user: z.string().optional() }),
  usage: z.object({
    prompt_tokens: count,
    completion_tokens: count,
    prompt_tokens_details: z.object({ cached_tokens: count }),
  }),
});

const anthropic = z.object({
  timestamp: z.string(),
  team: z.string().optional(),
  request: z.object({ metadata: z.object({ user_id: z.string().nullable() }) }),
  response: z.object({
    id: z.string(),
    type: z.literal('message'),
    model: z.string(),
    usage: z.object({
      input_tokens: count,
      cache_read_input_tokens: count,
      output_tokens: count,
      cache_creation: z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
    }),
  }),
});

const bedrock = z.object({
  schemaType: z.literal('ModelInvocationLog'),
  timestamp: z.string(),
  requestId: z.string(),
  modelId: z.string(),
  identity: z.object({ arn: z.string() }),
  errorCode: z.string().optional(),
  input: z.object({
    inputTokenCount: count.optional(),
    cacheReadInputTokenCount: count.optional(),
    cacheWriteInputTokenCount: count.optional(),
  }),
  output: z
    .object({
      outputTokenCount: count,
      outputBodyJson: z.object({
        usage: z.object({ cacheDetails: z.array(z.object({ ttl: z.string(), inputTokens: count })) }).optional(),
      }),
    })
    .optional(),
  requestMetadata: z.object({ team: z.string().optional() }).optional(),
});

/** A completion in the envelope that the application wrote around it, as lines with texts have it. */
const wrapped = z.object({ timestamp: z.string(), response: openai });

const line = z.union([litellm, openai, anthropic, wrapped, bedrock]);

/** One call, flat. Tokens are disjoint. */
export interface PlainCall {
  readonly recordId: string;
  readonly occurredAtMs: number;
  readonly provider: string;
  readonly model: string;
  readonly team: string | null;
  readonly userId: string | null;
  readonly status: string;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
}

/** The call of a line, or null for a line that fits none of the shapes. */
export function plainCall(value: unknown): PlainCall | null {
  const result = line.safeParse(value);
  if (!result.success) return null;
  const parsed = result.data;
  if ('request_id' in parsed) return litellmCall(parsed);
  if ('object' in parsed) return openaiCall(parsed);
  if (!('response' in parsed)) return bedrockCall(parsed);
  return 'request' in parsed ? anthropicCall(parsed) : openaiCall(parsed.response);
}

function litellmCall(o: z.output<typeof litellm>): PlainCall {
  const cacheRead = o.metadata.usage_object.prompt_tokens_details.cached_tokens;
  return {
    recordId: o.request_id,
    occurredAtMs: Date.parse(o.startTime),
    model: o.model,
    team: o.team_id,
    userId: o.user,
    provider: o.model.startsWith('claude') ? 'anthropic' : 'openai',
    status: o.status === 'success' ? 'ok' : 'error',
    input: o.prompt_tokens - cacheRead,
    cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: o.completion_tokens,
  };
}

function openaiCall(o: z.output<typeof openai>): PlainCall {
  const cacheRead = o.usage.prompt_tokens_details.cached_tokens;
  return {
    recordId: o.id,
    occurredAtMs: o.created * 1e3,
    provider: 'openai',
    model: o.model,
    status: 'ok',
    team: o.metadata.team ?? null,
    userId: o.metadata.user ?? null,
    input: o.usage.prompt_tokens - cacheRead,
    cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: o.usage.completion_tokens,
  };
}

function anthropicCall(o: z.output<typeof anthropic>): PlainCall {
  const { id, model, usage } = o.response;
  return {
    recordId: id,
    occurredAtMs: Date.parse(o.timestamp),
    provider: 'anthropic',
    model,
    status: 'ok',
    team: o.team ?? null,
    userId: o.request.metadata.user_id,
    input: usage.input_tokens,
    cacheRead: usage.cache_read_input_tokens,
    cacheWrite5m: usage.cache_creation.ephemeral_5m_input_tokens,
    cacheWrite1h: usage.cache_creation.ephemeral_1h_input_tokens,
    output: usage.output_tokens,
  };
}

function bedrockCall(o: z.output<typeof bedrock>): PlainCall {
  const details = o.output?.outputBodyJson.usage?.cacheDetails ?? [];
  const written = o.input.cacheWriteInputTokenCount ?? 0;
  const cacheWrite1h = details.filter((d) => d.ttl === '1h').reduce((sum, d) => sum + d.inputTokens, 0);
  return {
    recordId: o.requestId,
    occurredAtMs: Date.parse(o.timestamp),
    provider: 'bedrock',
    model: o.modelId,
    team: o.requestMetadata?.team ?? null,
    userId: o.identity.arn.split('/').at(-1) ?? null,
    status: o.errorCode === undefined ? 'ok' : 'error',
    input: o.input.inputTokenCount ?? 0,
    cacheRead: o.input.cacheReadInputTokenCount ?? 0,
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
    output: o.output?.outputTokenCount ?? 0,
  };
}
