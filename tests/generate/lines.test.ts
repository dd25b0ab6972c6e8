import { describe, expect, test } from 'vitest';
import { anthropicBatchLine, anthropicMessageLine, bedrockInvocationLine } from '../../lib/generate/anthropic-lines.ts';
import { claudeCodeLines, codexLines } from '../../lib/generate/agent-lines.ts';
import {
  geminiResponseLine,
  litellmPayloadLine,
  litellmSpendlogLine,
  nativeLine,
} from '../../lib/generate/gateway-lines.ts';
import { createIds, newCall, uuidOf } from '../../lib/generate/generated-call.ts';
import { openaiBatchLine, openaiChatLine, openaiResponseLine } from '../../lib/generate/openai-lines.ts';
import { createRandom } from '../../lib/generate/random.ts';

const AT = Date.UTC(2026, 9, 5, 12, 0, 0, 250);
const ID = 'aaaaaaaabbbbccccddddeeee000001';
const call = newCall({
  idHex: ID,
  startedAtMs: AT,
  model: 'gpt-5',
  inputTokens: 700,
  cacheReadTokens: 300,
  outputTokens: 90,
  reasoningTokens: 40,
  team: 'alpha',
  user: 'u1',
  latencyMs: 1500,
  firstTokenMs: 200,
});
const claude = newCall({
  ...call,
  model: 'claude-opus-4-6',
  reasoningTokens: 0,
  cacheWrite5mTokens: 50,
  cacheWrite1hTokens: 20,
});
const failed = newCall({ idHex: ID, startedAtMs: AT, model: 'gpt-5', status: 'error' });

describe('lines of OpenAI', () => {
  test('count inclusively: 700 fresh + 300 cached are a prompt of 1000', () => {
    expect(JSON.parse(openaiChatLine(call))).toMatchObject({
      id: 'chatcmpl-aaaaaaabbbbccccddddeeee000001',
      created: 1791201600,
      usage: {
        prompt_tokens: 1e3,
        completion_tokens: 90,
        total_tokens: 1090,
        prompt_tokens_details: { cached_tokens: 300 },
        completion_tokens_details: { reasoning_tokens: 40 },
      },
      service_tier: 'default',
      metadata: {
        team: 'alpha',
        user: 'u1',
      },
    });
  });

  test('stand in an envelope with their request where the prompt was logged', () => {
    const line = JSON.parse(openaiChatLine({ ...call, prompt: [{ role: 'user', content: 'why?' }] }));
    expect(line).toMatchObject({
      timestamp: '2026-10-05T12:00:00.250Z',
      request: { messages: [{ content: 'why?' }] },
      response: { object: 'chat.completion' },
    });
  });

  test('name a failure and then have no usage', () => {
    expect(JSON.parse(openaiResponseLine(failed))).toMatchObject({ status: 'failed', usage: null });
    expect(JSON.parse(openaiBatchLine(failed))).toMatchObject({ response: null, error: { code: 'batch_expired' } });
  });

  test('of the Responses API count tool calls as items and the end to the second', () => {
    const line = JSON.parse(openaiResponseLine({ ...call, webSearches: 2, tier: 'flex' }));
    expect(line.output.filter((item: { type: string }) => item.type === 'web_search_call')).toHaveLength(2);
    expect(line).toMatchObject({
      service_tier: 'flex',
      completed_at: 1791201602,
      usage: { input_tokens: 1000, total_tokens: 1090 },
    });
  });
});

describe('lines of Anthropic and Bedrock', () => {
  test('count exclusively, with the lifetimes of cache writes apart', () => {
    const usage = {
      input_tokens: 700,
      cache_read_input_tokens: 300,
      cache_creation_input_tokens: 70,
      output_tokens: 90,
      cache_creation: {
        ephemeral_5m_input_tokens: 50,
        ephemeral_1h_input_tokens: 20,
      },
    };
    const line = JSON.parse(anthropicMessageLine(claude));
    expect(line).toMatchObject({ timestamp: '2026-10-05T12:00:00.250Z', team: 'alpha', response: { usage } });
    expect(line.request.metadata).toEqual({ user_id: 'u1' });
    expect(JSON.parse(anthropicBatchLine({ ...claude, tier: 'batch' })).result.message.usage).toMatchObject({
      ...usage,
      service_tier: 'batch',
    });
  });

  test('of Bedrock have one write counter and the lifetimes in the body; the role comes from a tag', () => {
    const line = JSON.parse(bedrockInvocationLine({ ...claude, tags: { role: 'fin-app' } }));
    expect(line.identity.arn).toBe('arn:aws:sts::111122223333:assumed-role/fin-app/u1');
    expect(line.input).toMatchObject({
      inputTokenCount: 700,
      cacheReadInputTokenCount: 300,
      cacheWriteInputTokenCount: 70,
    });
    expect(line.output.outputBodyJson.usage.cacheDetails).toEqual([
      { ttl: '5m', inputTokens: 50 },
      { ttl: '1h', inputTokens: 20 },
    ]);
    expect(line.requestMetadata).toEqual({ team: 'alpha' });
    expect(JSON.parse(bedrockInvocationLine(failed))).not.toHaveProperty('output');
  });
});

describe('lines of gateways and others', () => {
  test('of LiteLLM carry the provider’s id, so that both logs of one call can be linked', () => {
    const chatId = JSON.parse(openaiChatLine(call)).id;
    expect(JSON.parse(litellmSpendlogLine(call))).toMatchObject({
      request_id: chatId,
      prompt_tokens: 1000,
      total_tokens: 1090,
      cache_hit: 'False',
    });
    expect(JSON.parse(litellmPayloadLine(call))).toMatchObject({
      id: chatId,
      startTime: 1791201600.25,
      endTime: 1791201601.75,
    });
    expect(JSON.parse(litellmSpendlogLine(claude)).request_id).toBe(
      JSON.parse(anthropicMessageLine(claude)).response.id,
    );
    expect(JSON.parse(litellmSpendlogLine(call, { cacheHit: true })).cache_hit).toBe('True');
  });

  test('of Gemini keep thoughts outside the candidates and audio inside the prompt', () => {
    const { response } = JSON.parse(geminiResponseLine({ ...call, audioInputTokens: 120 }));
    expect(response.usageMetadata).toMatchObject({
      promptTokenCount: 1e3,
      cachedContentTokenCount: 300,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 40,
      totalTokenCount: 1090,
      promptTokensDetails: [
        {
          modality: 'TEXT',
          tokenCount: 880,
        },
        {
          modality: 'AUDIO',
          tokenCount: 120,
        },
      ],
    });
  });

  test('of our own say whether input includes the cache as soon as there is any', () => {
    expect(JSON.parse(nativeLine(claude))).toMatchObject({
      input_tokens: 700,
      cached_tokens: 300,
      cache_write_1h_tokens: 20,
      input_includes_cache: false,
    });
    expect(JSON.parse(nativeLine(failed))).not.toHaveProperty('input_includes_cache');
    expect(
      JSON.parse(nativeLine(call, { promptBlocks: [1, 2], blockTokens: 128, operation: 'embedding' })),
    ).toMatchObject({
      prompt_blocks: [1, 2],
      block_tokens: 128,
      operation: 'embedding',
    });
  });
});

describe('session files', () => {
  const session = { sessionId: uuidOf(ID), startedAtMs: AT, repository: 'checkout', branch: 'main' };
  const calls = Array.from({ length: 30 }, (_, i) =>
    newCall({ ...claude, idHex: ID.slice(0, 28) + String(i).padStart(2, '0'), startedAtMs: AT + i * 60_000 }),
  );

  test('of Claude Code write a call in up to three growing snapshots, the last one whole', () => {
    const lines = [...claudeCodeLines(session, calls, createRandom(1))];
    const snapshots = lines.filter((line) => line.hasUsage).map((line) => JSON.parse(line.line).message);
    expect(new Set(snapshots.map((m) => m.id)).size).toBe(30);
    expect(snapshots.length).toBeGreaterThan(30);
    expect(snapshots.filter((m) => m.stop_reason === 'end_turn').every((m) => m.usage.output_tokens === 90)).toBe(true);
    expect(snapshots.filter((m) => m.stop_reason === null).every((m) => m.usage.output_tokens < 90)).toBe(true);
    expect(lines.filter((line) => line.call !== null)).toHaveLength(30);
    expect(lines.some((line) => !line.hasUsage)).toBe(true);
  });

  test('of Codex hold cumulative counters, repeats and empty ones', () => {
    const lines = [
      ...codexLines(
        session,
        'gpt-5.3-codex',
        calls.map((c) => ({ ...c, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 })),
        createRandom(1),
      ),
    ];
    const infos = lines.slice(2).map((line) => JSON.parse(line.line).payload.info);
    const totals = infos.filter((info) => info !== null).map((info) => info.total_token_usage.total_tokens);
    // 30 calls of 1000 in and 90 out
    expect(Math.max(...totals)).toBe(30 * 1090);
    expect(new Set(totals).size).toBe(30);
    expect(totals.length).toBeGreaterThan(30);
    expect(infos).toContain(null);
  });
});

test('ids of one generation never repeat', () => {
  const nextId = createIds(createRandom(1));
  const ids = new Set(Array.from({ length: 20_000 }, nextId));
  expect(ids.size).toBe(20_000);
  expect([...ids].every((id) => /^[0-9a-f]{30}$/.test(id))).toBe(true);
});
