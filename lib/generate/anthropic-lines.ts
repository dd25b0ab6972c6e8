/**
 * Calls as Anthropic and Bedrock write them: messages in an application's envelope, batch results, model invocation logs. In: a call.
 * Out: one JSON line. Invariant: exclusive counting (fresh input, cache reads and cache writes stand apart). Shapes: formats.md 2.1, 2.2, 3.1.
 */
import { isoMs, uuidOf } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import { tagsOf } from './openai-lines.ts';

/** The message id that every log of this call carries. */
export function messageId(call: GeneratedCall): string {
  return `msg_${call.idHex.slice(6)}`;
}

/** Anthropic's usage object. */
export function messageUsage(call: GeneratedCall, outputTokens: number = call.outputTokens): object {
  const searches = { web_search_requests: call.webSearches, web_fetch_requests: 0 };
  return {
    input_tokens: call.inputTokens,
    cache_creation_input_tokens: call.cacheWrite5mTokens + call.cacheWrite1hTokens,
    cache_read_input_tokens: call.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: call.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: call.cacheWrite1hTokens,
    },
    output_tokens: outputTokens,
    service_tier: call.tier === 'flex' ? 'standard' : call.tier,
    server_tool_use: call.webSearches > 0 ? searches : null,
  };
}

function messageBody(call: GeneratedCall): object {
  return {
    id: messageId(call),
    type: 'message',
    role: 'assistant',
    model: call.model,
    content: [{ type: 'text', text: call.answer }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: messageUsage(call),
  };
}

/** A message with the request beside it, as applications log it; the message itself has no time. */
export function anthropicMessageLine(call: GeneratedCall): string {
  const system = call.prompt?.find((turn) => turn.role === 'system')?.content;
  const messages = call.prompt?.filter((turn) => turn.role !== 'system');
  const request = {
    model: call.model,
    max_tokens: 4096,
    ...(system !== undefined && { system }),
    ...(messages !== undefined && { messages }),
    metadata: { user_id: call.user },
  };
  const { user: _, ...tags } = tagsOf(call);
  const timestamp = isoMs(call.startedAtMs);
  return JSON.stringify({ timestamp, ...tags, duration_ms: call.latencyMs, request, response: messageBody(call) });
}

/** A line of a message batch's results: no time, no team; only what succeeded has usage. */
export function anthropicBatchLine(call: GeneratedCall): string {
  const customId = `${call.feature ?? 'row'}-${call.idHex.slice(-8)}`;
  const error = { type: 'error', error: { type: 'invalid_request_error', message: 'synthetic' } };
  const result =
    call.status === 'error' ? { type: 'errored', error } : { type: 'succeeded', message: messageBody(call) };
  return JSON.stringify({ custom_id: customId, result });
}

/** AWS account of all synthetic Bedrock logs (AWS's own documentation number). */
const BEDROCK_ACCOUNT = '111122223333';

/** A model invocation log line; `call.tags.role` names the IAM role, everything else of the tags is request metadata. */
export function bedrockInvocationLine(call: GeneratedCall): string {
  const { role = 'application', ...metadata } = tagsOf(call);
  const { user, ...requestMetadata } = metadata;
  const line = {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: `${isoMs(call.startedAtMs).slice(0, 19)}Z`,
    accountId: BEDROCK_ACCOUNT,
    identity: { arn: `arn:aws:sts::${BEDROCK_ACCOUNT}:assumed-role/${role}/${user ?? 'session'}` },
    region: 'us-east-1',
    requestId: uuidOf(call.idHex),
    operation: 'Converse',
    modelId: call.model,
  };
  if (call.status === 'error') {
    return JSON.stringify({
      ...line,
      errorCode: 'ThrottlingException',
      input: { inputContentType: 'application/json' },
    });
  }
  return JSON.stringify({ ...line, input: invocationInput(call), output: invocationOutput(call), requestMetadata });
}

function invocationInput(call: GeneratedCall): object {
  return {
    inputContentType: 'application/json',
    ...(call.prompt !== null && { inputBodyJson: { messages: call.prompt } }),
    inputTokenCount: call.inputTokens,
    cacheReadInputTokenCount: call.cacheReadTokens,
    cacheWriteInputTokenCount: call.cacheWrite5mTokens + call.cacheWrite1hTokens,
  };
}

/** The body tells the lifetimes of cache writes apart; the counters do not. */
function invocationOutput(call: GeneratedCall): object {
  const cacheDetails = [
    { ttl: '5m', inputTokens: call.cacheWrite5mTokens },
    { ttl: '1h', inputTokens: call.cacheWrite1hTokens },
  ].filter((detail) => detail.inputTokens > 0);
  return {
    outputContentType: 'application/json',
    outputBodyJson: {
      output: { message: { role: 'assistant', content: [{ text: call.answer }] } },
      stopReason: 'end_turn',
      metrics: { latencyMs: call.latencyMs },
      ...(cacheDetails.length > 0 && { usage: { cacheDetails } }),
    },
    outputTokenCount: call.outputTokens,
  };
}
