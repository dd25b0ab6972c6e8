/**
 * The demo's two prompt-heavy programs: a support chatbot behind a LiteLLM gateway, whose customers ask the same things again and again,
 * and the nightly enrichment job, which could wait for a batch. Out: log files with text or block ids, so that repeats can be found.
 * Invariant: a repeat has the very same prompt as the call it repeats.
 */
import { times, volume } from './demo-calendar.ts';
import type { DemoDay } from './demo-calendar.ts';
import { DEMO } from './demo-config.ts';
import { answerMs } from './demo-world.ts';
import type { DemoFile, DemoWorld } from './demo-world.ts';
import { litellmSpendlogLine, nativeLine } from './gateway-lines.ts';
import type { ChatTurn, GeneratedCall } from './generated-call.ts';
import { openaiBatchLine, openaiChatLine } from './openai-lines.ts';
import { question } from './prose.ts';
import { createRandom, seedFor } from './random.ts';
import type { Random } from './random.ts';

const INSTRUCTIONS = `You are the support assistant of a shop. Answer in at most four sentences. Be friendly and exact. Never promise a refund before the order was looked up.
Orders: ask for the order number if it is missing. A parcel is late after five working days. Returns are free within 30 days, later only for defects.
Invoices: they are sent by mail when the parcel leaves. Copies are in the account under "documents". A company address can be added until the parcel leaves.
Account: a lost password is reset by mail. Two people cannot share one account. Deleting an account needs a confirmation by mail and takes a week.
If the question is about anything else, say that a colleague will answer within a day and name the ticket category: delivery, payment, account or other.`;

const FREQUENT_QUESTIONS = 60;

/** The support chatbot. Its questions follow a long tail; two in a hundred repeats are answered by the gateway's own cache. */
export interface SupportBot {
  /** a day's gateway log; `copy` holds what the provider's own log would say of its OpenAI calls */
  day(day: DemoDay): { log: DemoFile; copy: DemoFile };
}

export function createSupportBot(world: DemoWorld): SupportBot {
  const start = createRandom(seedFor(world.seed, 'support questions'));
  const frequent = Array.from({ length: FREQUENT_QUESTIONS }, () => question(start));
  const weights = frequent.map((_, i) => 1 / (i + 1));
  const answered = new Map<string, GeneratedCall>();
  return {
    day(day) {
      const random = world.random('support', day);
      const lines: string[] = [];
      const copies: string[] = [];
      for (const startedAtMs of times(random, day, volume(random, day, 230, 0.7), 4, 23)) {
        const text = random.chance(0.6) ? (frequent[random.weighted(weights)] ?? '') : question(random);
        const known = answered.get(text);
        if (known !== undefined && random.chance(0.03)) {
          lines.push(
            litellmSpendlogLine({ ...known, startedAtMs, latencyMs: 12, firstTokenMs: null }, { cacheHit: true }),
          );
          continue;
        }
        const call = supportCall(world, random, startedAtMs, text);
        answered.set(text, call);
        lines.push(litellmSpendlogLine(call, { keyAlias: 'support-prod' }));
        if (call.model.startsWith('gpt')) {
          world.openai.add(call);
          copies.push(openaiChatLine({ ...call, prompt: null, team: null, user: null, feature: null, tags: {} }));
        }
      }
      return {
        log: { key: `litellm/team=support/date=${day.day}/spend-logs.jsonl.gz`, lines },
        copy: { key: `openai-proxy/${day.day}.jsonl`, lines: copies },
      };
    },
  };
}

function supportCall(world: DemoWorld, random: Random, startedAtMs: number, text: string): GeneratedCall {
  const prompt: ChatTurn[] = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: text },
  ];
  const outputTokens = random.skewed(110, 0.4);
  // about four characters a token, and a few tokens of framing per turn: what a provider would report
  const inputTokens = Math.ceil((INSTRUCTIONS.length + text.length) / 4) + 8;
  return world.call({
    startedAtMs,
    model: random.chance(0.8) ? 'gpt-4o-mini' : 'claude-haiku-4-5-20251001',
    inputTokens,
    outputTokens,
    prompt,
    team: 'support',
    user: `agent-desk-${random.between(1, 4)}`,
    sessionId: `chat-${random.hex(10)}`,
    tags: { env: 'prod' },
    feature: 'chatbot',
    ...answerMs(random, outputTokens),
  });
}

const BLOCK_TOKENS = 128;
const SHARED_BLOCKS = 9;

/** The nightly job: native lines at night, tagged, with a deadline of eight hours and the block ids of their prompts. */
export function nightlyLog(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('nightly', day);
  const shared = Array.from({ length: SHARED_BLOCKS }, (_, i) => i + 1);
  const lines = times(random, day, volume(random, day, 190, 1), 1, 4).map((startedAtMs, i) => {
    const own = random.between(12, 36);
    const outputTokens = random.skewed(240, 0.3);
    const call = world.call({
      startedAtMs,
      model: 'gpt-4o',
      inputTokens: (SHARED_BLOCKS + own) * BLOCK_TOKENS,
      outputTokens,
      user: 'svc-nightly',
      tags: { job: DEMO.nightlyJob },
      deadlineSeconds: 8 * 3600,
      ...answerMs(random, outputTokens),
    });
    world.openai.add(call);
    const first = 1_000 + (day.index * 1_000 + i) * 64;
    const promptBlocks = [...shared, ...Array.from({ length: own }, (_, k) => first + k)];
    return nativeLine(call, { promptBlocks, blockTokens: BLOCK_TOKENS });
  });
  return { key: `nightly/${day.day}.jsonl.gz`, lines };
}

/** The weekly evaluation of search, sent as a batch; a few requests expire. */
export function evaluationBatch(world: DemoWorld, day: DemoDay): DemoFile {
  const random = world.random('evaluation', day);
  const calls = times(random, day, 220, 2, 5).map((startedAtMs) => {
    const fields = { startedAtMs, model: 'gpt-4o-mini', tier: 'batch', team: 'search', feature: 'evaluation' } as const;
    if (random.chance(0.02)) return world.call({ ...fields, status: 'error' });
    return world.call({ ...fields, inputTokens: random.skewed(1500, 0.4), outputTokens: random.skewed(90, 0.4) });
  });
  calls.filter((call) => call.status === 'ok').forEach((call) => world.openai.add(call));
  return { key: `openai-batches/${day.day}_evaluation_output.jsonl`, lines: calls.map(openaiBatchLine) };
}
