/**
 * The demo's applications: search, mobile app, finance reports, marketing texts, research, labs, the shared document index and images. In:
 * the demo's world and a day. Out: that day's log files. Invariant: every OpenAI call is also counted by the provider's meter.
 */
import { anthropicMessageLine, bedrockInvocationLine } from './anthropic-lines.ts';
import { times, volume } from './demo-calendar.ts';
import type { DemoDay } from './demo-calendar.ts';
import { DEMO } from './demo-config.ts';
import { answerMs } from './demo-world.ts';
import type { DemoFile, DemoWorld } from './demo-world.ts';
import { geminiResponseLine, nativeLine } from './gateway-lines.ts';
import { isoMs } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import { openaiChatLine, openaiResponseLine } from './openai-lines.ts';

/** The team that grows in the last week, and by how much. */
const GROWTH_OF_SEARCH = 1.9;

/** Search: retrieval answers on gpt-5 with a cached instruction, re-ranking on gpt-4o-mini; a few calls name no team. */
export function searchLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('search', day);
  const count = volume(random, day, 170 * (day.week === 4 ? GROWTH_OF_SEARCH : 1), 0.45);
  const calls = times(random, day, count).map((startedAtMs) => {
    const isAnswer = random.chance(0.55);
    const cacheReadTokens = isAnswer && random.chance(0.8) ? 1280 : 0;
    const outputTokens = isAnswer ? random.skewed(700, 0.5) : random.between(4, 30);
    return world.call({
      startedAtMs,
      model: isAnswer ? 'gpt-5' : 'gpt-4o-mini',
      feature: isAnswer ? 'answer' : 'rerank',
      cacheReadTokens,
      inputTokens: random.skewed(isAnswer ? 6000 : 900, 0.5),
      outputTokens,
      reasoningTokens: isAnswer ? Math.floor(outputTokens * 0.4) : 0,
      ...(random.chance(0.05) ? {} : { team: 'search' }),
      user: `svc-search-${random.between(1, 3)}`,
      ...answerMs(random, outputTokens),
    });
  });
  calls.forEach((call) => world.openai.add(call));
  return { key: `openai/search/${day.day}.jsonl`, lines: calls.map((call) => openaiChatLine(call)) };
}

/** Mobile: Gemini Flash with voice notes; two documents a day are long enough for the higher context price of Pro. */
export function mobileLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('mobile', day);
  const calls = times(random, day, volume(random, day, 100, 0.8), 5, 23).map((startedAtMs, i): GeneratedCall => {
    const isLong = i < 2;
    const audioInputTokens = !isLong && random.chance(0.3) ? random.between(200, 2400) : 0;
    const outputTokens = random.skewed(isLong ? 900 : 180, 0.5);
    const text = isLong ? random.between(205_000, 380_000) : random.skewed(700, 0.6);
    return world.call({
      startedAtMs,
      model: isLong ? 'gemini-2.5-pro' : 'gemini-2.5-flash',
      audioInputTokens,
      inputTokens: text + audioInputTokens,
      outputTokens,
      reasoningTokens: isLong ? Math.floor(outputTokens / 3) : 0,
      team: 'mobile',
      feature: isLong ? 'contract-review' : 'voice-notes',
      ...answerMs(random, outputTokens),
    });
  });
  return { key: `gemini/mobile/${day.day}.jsonl`, lines: calls.map(geminiResponseLine) };
}

/** Finance: Bedrock under an IAM role; the log names no team, the role does. Two in a hundred are throttled. */
export function financeLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('finance', day);
  const calls = times(random, day, volume(random, day, 100, 0.2), 5, 19).map((startedAtMs) => {
    const isReport = random.chance(0.35);
    const writes = isReport && random.chance(0.12) ? random.between(6_000, 22_000) : 0;
    const outputTokens = random.skewed(isReport ? 1100 : 140, 0.5);
    const call: Partial<GeneratedCall> = random.chance(0.02)
      ? { status: 'error' }
      : {
          cacheWrite5mTokens: writes,
          cacheReadTokens: isReport && writes === 0 ? random.between(6_000, 22_000) : 0,
          inputTokens: random.skewed(isReport ? 1800 : 1200, 0.6),
          outputTokens,
        };
    return world.call({
      startedAtMs,
      model: isReport ? 'us.anthropic.claude-sonnet-4-6' : 'amazon.nova-lite-v1:0',
      ...call,
      user: `report-${random.between(1, 6)}`,
      tags: {
        role: DEMO.financeRole,
        env: 'prod',
      },
      ...answerMs(random, outputTokens),
    });
  });
  return { key: bedrockKey(day, '0000000000000000'), lines: calls.map(bedrockInvocationLine) };
}

/** Where Bedrock delivers a day's log; the real service writes one object an hour or more. */
export function bedrockKey(day: DemoDay, suffix: string): string {
  const folder = `bedrock/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/${day.day.replaceAll('-', '/')}/00`;
  return `${folder}/${day.day.replaceAll('-', '')}T000000000Z_${suffix}.json.gz`;
}

/** Growth: marketing texts with web searches, logged with the request; the team writes its name in its own way. */
export function growthLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('growth', day);
  const calls = times(random, day, volume(random, day, 60, 0.3), 7, 19).map((startedAtMs) => {
    const outputTokens = random.skewed(900, 0.5);
    return world.call({
      startedAtMs,
      model: random.chance(0.8) ? 'claude-sonnet-4-5-20250929' : 'claude-opus-4-6',
      inputTokens: random.skewed(1500, 0.7),
      outputTokens,
      webSearches: random.chance(0.25) ? random.between(1, 3) : 0,
      team: DEMO.growthAlias,
      user: `marketer-${random.between(1, 5)}`,
      feature: 'copywriting',
      ...answerMs(random, outputTokens),
    });
  });
  return { key: `anthropic/growth/${day.day}.jsonl`, lines: calls.map(anthropicMessageLine) };
}

/** Research: reasoning models through the Responses API, partly on the flex tier. */
export function researchLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('research', day);
  const calls = times(random, day, volume(random, day, 40, 0.5)).map((startedAtMs) => {
    const isLarge = random.chance(0.6);
    const outputTokens = random.skewed(isLarge ? 3200 : 1500, 0.6);
    return world.call({
      startedAtMs,
      model: isLarge ? 'gpt-5.4' : 'o3-mini',
      tier: isLarge && random.chance(0.4) ? 'flex' : 'standard',
      inputTokens: random.skewed(5200, 0.7),
      cacheReadTokens: random.chance(0.3) ? 2048 : 0,
      outputTokens,
      reasoningTokens: Math.floor(outputTokens * 0.7),
      team: 'research',
      user: `researcher-${random.between(1, 4)}`,
      ...answerMs(random, outputTokens),
    });
  });
  calls.forEach((call) => world.openai.add(call));
  return { key: `openai-responses/research/${day.day}.jsonl`, lines: calls.map(openaiResponseLine) };
}

/** Labs: a model that no price list knows. */
export function labsLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('labs', day);
  const lines = times(random, day, volume(random, day, 18, 0.5)).map((startedAtMs) => {
    const outputTokens = random.skewed(300, 0.5);
    const call = world.call({
      startedAtMs,
      model: DEMO.unknownModel,
      inputTokens: random.skewed(1100, 0.5),
      outputTokens,
      team: DEMO.labsTeam,
      user: `researcher-${random.between(1, 4)}`,
      ...answerMs(random, outputTokens),
    });
    return nativeLine(call);
  });
  return { key: `labs/${day.day}.jsonl`, lines };
}

/** The document index that all teams use: embeddings, split over the teams by the config. */
export function indexLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('index', day);
  const lines = times(random, day, volume(random, day, 28, 0.6), 0, 24).map((startedAtMs) =>
    nativeLine(
      world.call({
        startedAtMs,
        model: 'text-embedding-3-small',
        inputTokens: random.between(1e5, 7e5),
        team: DEMO.sharedTeam,
        feature: 'document-index',
        latencyMs: random.skewed(900, 0.4),
      }),
      { operation: 'embedding' },
    ),
  );
  return { key: `document-index/${day.day}.jsonl`, lines };
}

/** Pictures for campaigns: image tokens, no id in the response. Shape: formats.md 1.1. */
export function imageLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('images', day);
  const lines = times(random, day, volume(random, day, 6, 0.4), 8, 18).map((startedAtMs) => {
    const text = random.between(30, 120);
    const output = random.pick([272, 1056, 4160]);
    const usage = {
      input_tokens: text,
      input_tokens_details: {
        text_tokens: text,
        image_tokens: 0,
      },
      output_tokens: output,
      total_tokens: text + output,
    };
    const response = { created: Math.floor(startedAtMs / 1000), data: [{ b64_json: '' }], usage };
    const request = { model: 'gpt-image-1', size: '1024x1024' };
    return JSON.stringify({
      timestamp: isoMs(startedAtMs),
      team: DEMO.growthAlias,
      feature: 'pictures',
      request,
      response,
    });
  });
  return { key: `images/${day.day}.jsonl`, lines };
}
