/**
 * The demo's coding agents: Claude Code on the API account and on seats of a subscription, Codex on nobody knows what. In: the demo's world
 * and a day. Out: that day's session files. Invariant: within a session the context only grows until it is compacted, so that most of what
 * a call reads was written to the cache by the calls before it.
 */
import { claudeCodeLines, codexLines } from './agent-lines.ts';
import type { AgentSession } from './agent-lines.ts';
import type { DemoDay } from './demo-calendar.ts';
import type { DEMO } from './demo-config.ts';
import type { DemoFile, DemoWorld } from './demo-world.ts';
import { uuidOf } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import type { Random } from './random.ts';
import { sessionKey } from './usage-log.ts';

const PEOPLE = ['ada', 'grace', 'edsger', 'barbara', 'ken', 'margaret'];
const REPOSITORIES = ['checkout-service', 'infrastructure', 'mobile-app', 'data-pipeline'];
/** Tools and instructions of the agent, and the size at which it compacts. */
const PREFIX_TOKENS = 18_000;
const COMPACTED_TOKENS = 12_000;
const COMPACT_ABOVE_TOKENS = 160_000;

/** Claude Code sessions of a day, on the API account (`agents/api/`) or on seats (`agents/subscription/`). */
export function claudeCodeSessions(
  world: DemoWorld,
  day: DemoDay,
  folder: typeof DEMO.apiAgents | typeof DEMO.seatAgents,
): DemoFile[] {
  const random = world.random(folder, day);
  const count = day.isWeekend ? 1 : random.between(5, 6);
  return Array.from({ length: count }, () => {
    const session = newSession(random, day);
    const person = random.pick(PEOPLE);
    const model = random.chance(0.7) ? 'claude-sonnet-4-5-20250929' : 'claude-opus-4-6';
    const calls = agentCalls(world, random, session, model, random.skewed(20, 0.3));
    const lines = [...claudeCodeLines(session, calls, random)].map(({ line }) => line);
    return { key: `${folder}${person}/projects/-home-dev-${session.repository}/${session.sessionId}.jsonl`, lines };
  });
}

/** Codex rollouts of a working day. Nothing in the logs or the config says how they are paid. */
export function codexSessions(world: DemoWorld, day: DemoDay): DemoFile[] {
  if (day.isWeekend) return [];
  const random = world.random('codex', day);
  return Array.from({ length: 2 }, () => {
    const session = newSession(random, day);
    const model = 'gpt-5.3-codex';
    const calls = agentCalls(world, random, session, model, random.skewed(14, 0.4));
    const lines = [...codexLines(session, model, calls, random)].map(({ line }) => line);
    return { key: sessionKey('codex.rollout', day.day, session), lines };
  });
}

function newSession(random: Random, day: DemoDay): AgentSession {
  return {
    sessionId: uuidOf(random.hex(30)),
    startedAtMs: day.startMs + random.between(7 * 60, 19 * 60) * 60_000,
    repository: random.pick(REPOSITORIES),
    branch: random.chance(0.3) ? 'main' : `feature-${random.between(100, 180)}`,
  };
}

/** Calls of a session: each reads the context so far and adds a turn to it. OpenAI does not report what it writes to its cache. */
function agentCalls(
  world: DemoWorld,
  random: Random,
  session: AgentSession,
  model: string,
  count: number,
): GeneratedCall[] {
  const reportsWrites = model.startsWith('claude');
  let contextTokens = 0;
  let atMs = session.startedAtMs;
  return Array.from({ length: count }, () => {
    const turnTokens = contextTokens === 0 ? PREFIX_TOKENS + random.skewed(1_500, 0.6) : random.skewed(1_400, 0.9);
    const outputTokens = random.skewed(330, 0.8);
    const few = random.between(3, 12);
    const latencyMs = 1_500 + outputTokens * random.between(10, 16);
    const call = world.call({
      startedAtMs: atMs,
      model,
      sessionId: session.sessionId,
      cacheReadTokens: contextTokens,
      outputTokens,
      latencyMs,
      ...(reportsWrites
        ? {
            inputTokens: few,
            cacheWrite5mTokens: turnTokens,
          }
        : { inputTokens: few + turnTokens }),
      reasoningTokens: reportsWrites ? 0 : Math.floor(outputTokens * 0.3),
    });
    atMs += latencyMs + random.skewed(25_000, 0.9);
    contextTokens += turnTokens;
    if (contextTokens > COMPACT_ABOVE_TOKENS) contextTokens = COMPACTED_TOKENS;
    return call;
  });
}
