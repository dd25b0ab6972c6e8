/**
 * Calls as a LiteLLM gateway writes them (SpendLogs rows, S3 payloads), as Gemini answers them, and as our native JSON Lines. In: a call.
 * Out: one JSON line. Invariant: a gateway's line of an OpenAI call carries the provider's response id. Shapes: formats.md 4.3, 5.1, 5.2.
 */
import { isoMs, promptSideTokens } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import { messageId } from './anthropic-lines.ts';
import { chatId, tagsOf } from './openai-lines.ts';

const isClaude = (call: GeneratedCall): boolean => call.model.startsWith('claude');
const gatewayProvider = (call: GeneratedCall): string => (isClaude(call) ? 'anthropic' : 'openai');

/** LiteLLM hands the provider's id on. */
function gatewayId(call: GeneratedCall): string {
  return isClaude(call) ? messageId(call) : chatId(call);
}

/** LiteLLM's counters include cache for every provider; 5-minute writes stand in its details with their lifetime. */
function gatewayUsage(call: GeneratedCall): object {
  const prompt = promptSideTokens(call);
  const cacheWrite = call.cacheWrite5mTokens + call.cacheWrite1hTokens;
  const creation = {
    ephemeral_5m_input_tokens: call.cacheWrite5mTokens,
    ephemeral_1h_input_tokens: call.cacheWrite1hTokens,
  };
  return {
    prompt_tokens: prompt,
    completion_tokens: call.outputTokens,
    total_tokens: prompt + call.outputTokens,
    prompt_tokens_details: { cached_tokens: call.cacheReadTokens, cache_creation_tokens: cacheWrite },
    completion_tokens_details: { reasoning_tokens: call.reasoningTokens },
    ...(cacheWrite > 0 && { cache_creation_input_tokens: cacheWrite, cache_creation: creation }),
  };
}

function topLevelTokens(call: GeneratedCall): object {
  const prompt = promptSideTokens(call);
  return { total_tokens: prompt + call.outputTokens, prompt_tokens: prompt, completion_tokens: call.outputTokens };
}

/** Options of a gateway line. `cacheHit`: answered from the gateway's own cache, the provider was not called. */
export interface GatewayOptions {
  readonly cacheHit?: boolean;
  readonly keyAlias?: string;
}

/** A SpendLogs row. LiteLLM's own `spend` is left at 0: it is evidence, and made-up evidence would mislead. */
export function litellmSpendlogLine(call: GeneratedCall, options: GatewayOptions = {}): string {
  const { team, user, ...tags } = tagsOf(call);
  const finishedAtMs = call.startedAtMs + call.latencyMs;
  return JSON.stringify({
    request_id: gatewayId(call),
    call_type: 'acompletion',
    api_key: `${call.idHex.slice(0, 4)}5f1d0c9e7b3a28460d5c`,
    spend: 0,
    ...topLevelTokens(call),
    startTime: isoMs(call.startedAtMs),
    endTime: isoMs(finishedAtMs),
    completionStartTime: isoMs(call.firstTokenMs === null ? finishedAtMs : call.startedAtMs + call.firstTokenMs),
    model: call.model,
    model_group: call.model,
    custom_llm_provider: gatewayProvider(call),
    user: user ?? '',
    metadata: {
      user_api_key_team_alias: team ?? null,
      user_api_key_alias: options.keyAlias ?? null,
      usage_object: gatewayUsage(call),
    },
    cache_hit: options.cacheHit === true ? 'True' : 'False',
    request_tags: Object.entries(tags).map(([name, value]) => `${name}:${value}`),
    team_id: team ?? null,
    messages: call.prompt ?? {},
    response: {},
    session_id: call.sessionId,
    status: call.status === 'error' ? 'failure' : 'success',
  });
}

/** The object LiteLLM's S3 logger writes per call. */
export function litellmPayloadLine(call: GeneratedCall): string {
  const { team, user, ...tags } = tagsOf(call);
  return JSON.stringify({
    id: gatewayId(call),
    trace_id: call.sessionId ?? call.idHex,
    call_type: 'acompletion',
    stream: call.firstTokenMs !== null,
    status: call.status === 'error' ? 'failure' : 'success',
    response_cost: 0,
    custom_llm_provider: gatewayProvider(call),
    ...topLevelTokens(call),
    startTime: call.startedAtMs / 1000,
    endTime: (call.startedAtMs + call.latencyMs) / 1000,
    completionStartTime: (call.startedAtMs + (call.firstTokenMs ?? call.latencyMs)) / 1000,
    model: call.model,
    model_group: call.model,
    cache_hit: false,
    request_tags: Object.entries(tags).map(([name, value]) => `${name}:${value}`),
    end_user: null,
    metadata: {
      user_api_key_team_alias: team ?? null,
      user_api_key_user_id: user ?? null,
      usage_object: gatewayUsage(call),
    },
    hidden_params: { response_cost: '0' },
    messages: call.prompt,
    response: { id: gatewayId(call), service_tier: call.tier, usage: gatewayUsage(call) },
    model_map_information: { model_map_key: call.model, model_map_value: null },
    error_str: call.status === 'error' ? 'synthetic' : null,
  });
}

/** A Gemini response in an envelope with the request's labels. Thoughts stand outside the candidates. */
export function geminiResponseLine(call: GeneratedCall): string {
  const prompt = call.inputTokens + call.cacheReadTokens;
  const text = prompt - call.audioInputTokens;
  const details = [
    { modality: 'TEXT', tokenCount: text },
    ...(call.audioInputTokens > 0 ? [{ modality: 'AUDIO', tokenCount: call.audioInputTokens }] : []),
  ];
  const usageMetadata = {
    promptTokenCount: prompt,
    candidatesTokenCount: call.outputTokens - call.reasoningTokens,
    totalTokenCount: prompt + call.outputTokens,
    promptTokensDetails: details,
    ...(call.cacheReadTokens > 0 && { cachedContentTokenCount: call.cacheReadTokens }),
    ...(call.reasoningTokens > 0 && { thoughtsTokenCount: call.reasoningTokens }),
  };
  const response = {
    candidates: [{ content: { role: 'model', parts: [{ text: call.answer }] }, finishReason: 'STOP' }],
    usageMetadata,
    modelVersion: call.model,
    createTime: isoMs(call.startedAtMs).replace('Z', '000Z'),
    responseId: call.idHex,
  };
  return JSON.stringify({ labels: tagsOf(call), duration_ms: call.latencyMs, response });
}

/** What only a native line can say. */
export interface NativeOptions {
  readonly operation?: string;
  readonly promptBlocks?: readonly number[];
  readonly blockTokens?: number;
}

/** A native line. */
export function nativeLine(call: GeneratedCall, options: NativeOptions = {}): string {
  const hasCache = call.cacheReadTokens + call.cacheWrite5mTokens + call.cacheWrite1hTokens > 0;
  return JSON.stringify({
    timestamp: isoMs(call.startedAtMs),
    id: `nat-${call.idHex}`,
    model: call.model,
    ...(options.operation !== undefined && { operation: options.operation }),
    input_tokens: call.inputTokens,
    output_tokens: call.outputTokens,
    ...(hasCache && {
      cached_tokens: call.cacheReadTokens,
      cache_write_5m_tokens: call.cacheWrite5mTokens,
      cache_write_1h_tokens: call.cacheWrite1hTokens,
      input_includes_cache: false,
    }),
    ...(call.reasoningTokens > 0 && { reasoning_tokens: call.reasoningTokens }),
    ...(call.tier !== 'standard' && { tier: call.tier }),
    ...(call.status !== 'ok' && { status: call.status }),
    ...(call.team !== null && { team: call.team }),
    ...(call.user !== null && { user: call.user }),
    ...(call.feature !== null && { feature: call.feature }),
    ...(call.sessionId !== null && { session: call.sessionId }),
    ...(Object.keys(call.tags).length > 0 && { tags: call.tags }),
    ...(call.deadlineSeconds !== null && { deadline_seconds: call.deadlineSeconds }),
    latency_ms: call.latencyMs,
    ...(call.prompt !== null && { prompt: call.prompt }),
    ...(options.promptBlocks !== undefined && { prompt_blocks: options.promptBlocks }),
    ...(options.blockTokens !== undefined && { block_tokens: options.blockTokens }),
  });
}
