/**
 * Calls as OpenAI writes them: chat completions, Responses objects, batch output lines. In: a call. Out: one JSON line. Invariant: the
 * inclusive counting of OpenAI (prompt holds cache, completion holds reasoning); an error carries no usage. Shapes: formats.md 1.1–1.3.
 */
import { isoMs, promptSideTokens } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';

const SERVED_TIER = { standard: 'default', batch: 'default', flex: 'flex', priority: 'priority' } as const;

/** The response id that every log of this call carries. */
export function chatId(call: GeneratedCall): string {
  return `chatcmpl-${call.idHex.slice(1)}`;
}

function chatUsage(call: GeneratedCall): object {
  const prompt = promptSideTokens(call);
  const cacheWrite = call.cacheWrite5mTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: call.outputTokens,
    total_tokens: prompt + call.outputTokens,
    prompt_tokens_details: {
      cached_tokens: call.cacheReadTokens,
      audio_tokens: call.audioInputTokens,
      ...(cacheWrite > 0 && { cache_write_tokens: cacheWrite }),
    },
    completion_tokens_details: { reasoning_tokens: call.reasoningTokens, audio_tokens: 0 },
  };
}

/** A chat completion body. `created` is whole seconds: the call's milliseconds are lost, as in the real format. */
function chatBody(call: GeneratedCall): object {
  const message = { role: 'assistant', content: call.answer, refusal: null };
  return {
    id: chatId(call),
    object: 'chat.completion',
    created: Math.floor(call.startedAtMs / 1000),
    model: call.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: chatUsage(call),
    service_tier: SERVED_TIER[call.tier],
    system_fingerprint: `fp_${call.idHex.slice(0, 10)}`,
    metadata: tagsOf(call),
  };
}

/** A chat completion; wrapped with its request where the application logged the prompt. */
export function openaiChatLine(call: GeneratedCall): string {
  const body = chatBody(call);
  if (call.prompt === null) return JSON.stringify(body);
  const request = { model: call.model, messages: call.prompt };
  return JSON.stringify({ timestamp: isoMs(call.startedAtMs), latency_ms: call.latencyMs, request, response: body });
}

/** A Responses object; a failed one has `usage: null`. */
export function openaiResponseLine(call: GeneratedCall): string {
  const isError = call.status === 'error';
  const prompt = promptSideTokens(call);
  const created = Math.floor(call.startedAtMs / 1000);
  const usage = {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: call.cacheReadTokens, cache_write_tokens: call.cacheWrite5mTokens },
    output_tokens: call.outputTokens,
    output_tokens_details: { reasoning_tokens: call.reasoningTokens },
    total_tokens: prompt + call.outputTokens,
  };
  return JSON.stringify({
    id: `resp_${call.idHex}`,
    object: 'response',
    created_at: created,
    completed_at: isError ? null : created + Math.ceil(call.latencyMs / 1000),
    status: isError ? 'failed' : 'completed',
    error: isError ? { code: 'server_error', message: 'synthetic' } : null,
    model: call.model,
    output: searchItems(call),
    service_tier: SERVED_TIER[call.tier],
    metadata: tagsOf(call),
    safety_identifier: call.user,
    usage: isError ? null : usage,
  });
}

function searchItems(call: GeneratedCall): object[] {
  const searches = Array.from({ length: call.webSearches }, (_, i) => ({
    id: `ws_${call.idHex}${i}`,
    type: 'web_search_call',
    status: 'completed',
  }));
  return [...searches, { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: call.answer }] }];
}

/** A line of a batch's output or error file; an expired request has no response. */
export function openaiBatchLine(call: GeneratedCall): string {
  const line = { id: `batch_req_${call.idHex}`, custom_id: `${call.feature ?? 'job'}-${call.idHex.slice(-8)}` };
  if (call.status === 'error') {
    return JSON.stringify({ ...line, response: null, error: { code: 'batch_expired', message: 'synthetic' } });
  }
  const response = { status_code: 200, request_id: `req_${call.idHex}`, body: chatBody(call) };
  return JSON.stringify({ ...line, response, error: null });
}

/** The tags an application hands to the provider: who and what for. */
export function tagsOf(call: GeneratedCall): Record<string, string> {
  return {
    ...(call.team !== null && { team: call.team }),
    ...(call.user !== null && { user: call.user }),
    ...(call.feature !== null && { feature: call.feature }),
    ...call.tags,
  };
}
