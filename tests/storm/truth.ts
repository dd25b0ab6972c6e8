/**
 * The truth of one seed: calls as they happened, and which source tells what of them. In: a seed. Out: for every log of the inbox the lines
 * it finally holds. Copies of one call lie on two sides of midnight, or for agent sessions up to the wide reach apart.
 * Invariant: all copies of a call lie within reach of each other, unless it is drawn as one that must count twice.
 */
import { MS_PER_DAY } from '../../lib/time.ts';
import type { Random } from '../../lib/generate/random.ts';
import { tiersOf } from './settings.ts';
import { anthropicLine, gatewayLine, nativeLine, openaiLine, sessionLine } from './witnesses.ts';
import type { Call, Told, Tokens } from './witnesses.ts';

/** First day of the calls. */
export const FIRST_DAY_MS = Date.UTC(2026, 10, 1);
export const DAYS = 4;
/** `twins.wide_days` of the storm's config. */
export const WIDE_DAYS = 3;

export interface Truth {
  readonly calls: readonly Call[];
  /** object key → the lines it finally holds */
  readonly logs: ReadonlyMap<string, readonly Told[]>;
  readonly counts: Readonly<Record<string, number>>;
}

/** Which sources tell of a call. */
type Pattern =
  | 'provider'
  | 'gateway'
  | 'session'
  | 'provider+gateway'
  | 'provider+copy'
  | 'cut+gateway'
  | 'cut'
  | 'far'
  | 'chain'
  | 'native'
  | 'nameless'
  | 'provider+session'
  | 'provider+gateway+session'
  | 'session+fork'
  | 'gateway+session'
  | 'provider+request';

const OPENAI: readonly (readonly [Pattern, number])[] = [
  ['provider', 6],
  ['gateway', 3],
  ['provider+gateway', 6],
  ['provider+copy', 3],
  ['cut+gateway', 2],
  ['cut', 0.5],
  ['far', 1],
  ['chain', 1],
  ['native', 2],
  ['nameless', 3],
];
const ANTHROPIC: readonly (readonly [Pattern, number])[] = [
  ['provider', 4],
  ['gateway', 2],
  ['session', 2],
  ['provider+gateway', 3],
  ['provider+session', 4],
  ['provider+gateway+session', 3],
  ['session+fork', 3],
  ['gateway+session', 2],
  ['provider+request', 2],
];
const TEAMS = ['search', 'support', 'growth'];
const USERS = ['u1', 'u2', 'u3', 'u4'];

interface Draft {
  readonly random: Random;
  readonly logs: Map<string, Told[]>;
  readonly counts: Record<string, number>;
}

/** Draws at least 200 calls and what every source says of them. */
export function drawTruth(random: Random): Truth {
  const draft: Draft = { random, logs: new Map(), counts: {} };
  const calls = Array.from({ length: random.between(200, 240) }, (_, number) => {
    const drawn = drawCall(random, number);
    const patterns = drawn.family === 'openai' ? OPENAI : ANTHROPIC;
    const pattern = patterns[random.weighted(patterns.map(([, weight]) => weight))]?.[0] ?? 'provider';
    draft.counts[pattern] = (draft.counts[pattern] ?? 0) + 1;
    const call = pattern === 'provider+request' ? { ...drawn, requestId: `req_${nameOf(number)}` } : drawn;
    tell(draft, call, pattern);
    return call;
  });
  copyLog(draft, 'native/n-0.jsonl', 'native/copy-of-n-0.jsonl');
  return { calls, logs: draft.logs, counts: draft.counts };
}

const nameOf = (number: number): string => String(number).padStart(6, '0');

/** A call of some day; numbers from 100,000 on are calls that the final logs do not tell of. */
export function drawCall(random: Random, number: number): Call {
  const family = random.chance(0.5) ? 'openai' : 'anthropic';
  const atMidnight = random.chance(0.25);
  const day = random.below(DAYS) * MS_PER_DAY;
  const second = atMidnight ? random.pick([0, 1, 2, 86_397, 86_398, 86_399]) : random.below(86_400);
  const name = nameOf(number);
  const model = family === 'anthropic' ? 'claude-sonnet-4-5' : random.pick(['gpt-4o-mini', 'gpt-4o']);
  return {
    number,
    family,
    model,
    tier: (random.chance(0.3) ? tiersOf(model)[1] : undefined) ?? 'standard',
    id: family === 'openai' ? `chatcmpl-${name}` : `msg_${name}`,
    requestId: random.chance(0.5) ? `req_${name}` : null,
    atMs: FIRST_DAY_MS + day + second * 1000,
    tokens: drawTokens(random, family),
    team: random.pick(TEAMS),
    user: random.pick(USERS),
  };
}

function drawTokens(random: Random, family: Call['family']): Tokens {
  return {
    input: random.between(1, 4000),
    read: random.chance(0.4) ? random.between(1, 3000) : 0,
    write: family === 'anthropic' && random.chance(0.3) ? random.between(1, 900) : 0,
    output: random.between(1, 900),
  };
}

/** Logs are written for two days each. */
function logOf(source: string, call: Call): string {
  return `${source}-${Math.floor((call.atMs - FIRST_DAY_MS) / (2 * MS_PER_DAY))}.jsonl`;
}

function add(draft: Draft, key: string, told: Told): void {
  const lines = draft.logs.get(key);
  if (lines) lines.push(told);
  else draft.logs.set(key, [told]);
}

function copyLog(draft: Draft, from: string, to: string): void {
  const lines = draft.logs.get(from);
  if (lines !== undefined && draft.random.chance(0.7)) draft.logs.set(to, [...lines]);
}

/** Writes the lines of a call as its pattern says. */
function tell(draft: Draft, call: Call, pattern: Pattern): void {
  const { random } = draft;
  for (const part of pattern.split('+')) {
    switch (part) {
      case 'provider':
        providerSays(draft, call, true, 0);
        break;
      case 'copy':
        providerSays(draft, call, true, 0, 'openai/copy');
        break;
      case 'cut':
        providerSays(draft, call, false, 0);
        break;
      case 'far':
        providerSays(draft, call, true, -1, 'mixed/x');
        gatewaySays(draft, call, random.between(2, 4), 'mixed/y');
        break;
      case 'chain':
        sayChain(draft, call);
        break;
      case 'gateway':
        gatewaySays(draft, call, 0);
        break;
      case 'session':
        sessionSays(draft, call, random.between(0, WIDE_DAYS - 1));
        break;
      case 'fork':
        sessionSays(draft, call, random.between(0, WIDE_DAYS - 1), 'claude/fork');
        break;
      case 'request':
        sessionSays(draft, call, random.between(0, WIDE_DAYS - 1), 'claude/s', false);
        break;
      default:
        nativeSays(draft, call, part === 'native');
    }
  }
}

function providerSays(draft: Draft, call: Call, hasUsage: boolean, shiftDays: number, log?: string): void {
  const { random } = draft;
  const atMs = call.atMs + shiftDays * MS_PER_DAY;
  const told = {
    atMs,
    tokens: call.tokens,
    hasTeam: random.chance(0.5),
    hasUsage,
    latencyMs: random.chance(0.3) ? random.between(100, 9000) : null,
  };
  const key = logOf(log ?? `${call.family}/a`, call);
  add(draft, key, call.family === 'openai' ? openaiLine(call, told) : anthropicLine(call, told));
}

/** The gateway's clock is seconds off, and its counts sometimes are too. */
function gatewaySays(draft: Draft, call: Call, shiftDays: number, log = 'gateway/g'): void {
  const { random } = draft;
  const off = random.chance(0.2) ? { ...call.tokens, output: call.tokens.output + random.between(1, 9) } : call.tokens;
  add(
    draft,
    logOf(log, call),
    gatewayLine(call, {
      atMs: call.atMs + shiftDays * MS_PER_DAY + random.between(-4, 4) * 1000,
      tokens: off,
      alias: random.chance(0.7) ? (random.chance(0.8) ? call.team : 'gate') : null,
      spendMicro: random.between(1, 500_000),
      durationMs: random.between(1, 30_000),
      user: random.chance(0.6),
      hasTier: call.family === 'openai' && random.chance(0.6),
    }),
  );
}

/** An agent's file: one line, or two snapshots of one message of which the fuller counts. */
function sessionSays(draft: Draft, call: Call, shiftDays: number, log?: string, hasMessageId = true): void {
  const { random } = draft;
  const key = logOf(log ?? 'claude/s', call);
  const told = {
    atMs: call.atMs + shiftDays * MS_PER_DAY,
    session: key,
    project: random.pick(['web', 'api']),
    hasMessageId,
  };
  if (random.chance(0.3)) {
    const early = { ...call.tokens, output: Math.floor(call.tokens.output / 2) };
    add(draft, key, sessionLine(call, { ...told, tokens: early, uuid: `${call.number}-0` }));
  }
  add(draft, key, sessionLine(call, { ...told, tokens: call.tokens, uuid: `${call.number}-1` }));
}

/** Three narrow copies on three consecutive days, best to worst in any order of days: one call. */
function sayChain(draft: Draft, call: Call): void {
  const days = [0, 1, 2];
  const first = days.splice(draft.random.below(3), 1)[0] ?? 0;
  const rest = draft.random.chance(0.5) ? days : days.toReversed();
  providerSays(draft, call, true, first, 'mixed/x');
  providerSays(draft, { ...call, tokens: { ...call.tokens, input: 1, read: 0 } }, true, rest[0] ?? 1, 'mixed/y');
  gatewaySays(draft, call, rest[1] ?? 2, 'mixed/y');
}

/** Calls without an id: now and then the same line stands twice in a log, which is two calls. */
function nativeSays(draft: Draft, call: Call, hasId: boolean): void {
  const key = logOf('native/n', call);
  add(draft, key, nativeLine(call, { hasId }));
  if (!hasId && draft.random.chance(0.3)) add(draft, key, nativeLine(call, { hasId }));
}
