/**
 * What each source writes of a call: one line of a log and, beside it, what the ledger must read from it, told independently of the readers.
 * In: a call and what the source knows. Out: `Told` lines. Invariant: the line and its row are written from the same facts, so a
 * difference in the ledger is the ledger's.
 */
import type { Tier } from './settings.ts';

/** Disjoint billable tokens: fresh input, cache read, cache write (5 minutes), output. */
export interface Tokens {
  readonly input: number;
  readonly read: number;
  readonly write: number;
  readonly output: number;
}

/** A team and how strong its evidence is: 1 a tag, 2 the gateway's team, 3 a project; less wins. */
export interface TeamWord {
  readonly name: string;
  readonly strength: number;
  readonly level: string;
}

/** One row as the ledger must read it from a line, before prices and rules. */
export interface ToldRow {
  /** number of the call in the truth; buckets have none */
  readonly call: number | null;
  readonly grain: 'call' | 'bucket';
  /** identities, strongest first (`response:…`); empty where the line has none and its content counts */
  readonly keys: readonly string[];
  readonly content: string;
  readonly atMs: number;
  readonly format: string;
  /** 0 provider, 1 gateway, 2 agent */
  readonly rank: number;
  readonly hasUsage: boolean;
  readonly isWide: boolean;
  readonly provider: string;
  readonly model: string;
  /** what the line says; standard where it says nothing */
  readonly tier: Tier;
  /** a bucket: its report is grouped by tier */
  readonly tellsTier: boolean;
  readonly calls: number;
  readonly tokens: Tokens;
  readonly team: TeamWord | null;
  readonly project: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly callId: string | null;
  readonly latencyMs: number | null;
  readonly reportedPico: bigint | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A line of an object and its rows; none where it carries no usage. */
export interface Told {
  readonly text: string;
  readonly rows: readonly ToldRow[];
}

/** A call as it happened. */
export interface Call {
  readonly number: number;
  readonly family: 'openai' | 'anthropic';
  readonly model: string;
  readonly tier: Tier;
  readonly id: string;
  readonly requestId: string | null;
  readonly atMs: number;
  readonly tokens: Tokens;
  readonly team: string;
  readonly user: string;
}

const NOTHING: Tokens = { input: 0, read: 0, write: 0, output: 0 };
/** Tiers as OpenAI names them. */
export const OPENAI_TIERS: Readonly<Record<Tier, string>> = {
  standard: 'default',
  batch: 'batch',
  priority: 'priority',
};
const iso = (ms: number): string => new Date(ms).toISOString();

function row(call: Call, atMs: number, tokens: Tokens, own: Partial<ToldRow>): ToldRow {
  return {
    call: call.number,
    grain: 'call',
    keys: [`response:${call.id}`],
    content: '',
    atMs,
    format: '',
    rank: 0,
    hasUsage: true,
    isWide: false,
    provider: call.family,
    model: call.model,
    tier: call.tier,
    tellsTier: false,
    calls: 1,
    tokens,
    team: null,
    project: null,
    userId: null,
    sessionId: null,
    callId: call.id,
    latencyMs: null,
    reportedPico: null,
    tags: {},
    ...own,
  };
}

const telling = (text: string, told: ToldRow): Told => ({ text, rows: [told] });
const tagged = (team: string): TeamWord => ({ name: team, strength: 1, level: 'tag' });

/** The provider's own log of an OpenAI call, with a request id and latency in its envelope. Without usage where the stream was cut. */
export function openaiLine(
  call: Call,
  told: { atMs: number; tokens: Tokens; hasTeam: boolean; hasUsage: boolean; latencyMs: number | null },
): Told {
  const { tokens, atMs } = told;
  const metadata = told.hasTeam ? { team: call.team } : {};
  const prompt = tokens.input + tokens.read;
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: tokens.output,
    total_tokens: prompt + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.read },
  };
  const response = {
    id: call.id,
    object: 'chat.completion',
    created: atMs / 1000,
    model: call.model,
    // an older log of a standard call does not name its tier
    ...(call.tier === 'standard' && call.number % 3 === 0 ? {} : { service_tier: OPENAI_TIERS[call.tier] }),
    ...(told.hasTeam ? { metadata } : {}),
    ...(told.hasUsage ? { usage } : { usage: null }),
  };
  const envelope = {
    ...(call.requestId === null ? {} : { 'x-request-id': call.requestId }),
    ...(told.latencyMs === null ? {} : { latency_ms: told.latencyMs }),
    response,
  };
  return telling(
    JSON.stringify(envelope),
    row(call, atMs, told.hasUsage ? tokens : NOTHING, {
      keys: keysOf(call),
      format: 'openai.chat',
      hasUsage: told.hasUsage,
      team: told.hasTeam ? tagged(call.team) : null,
      latencyMs: told.latencyMs,
      tags: metadata,
    }),
  );
}

function keysOf(call: Call): string[] {
  return call.requestId === null ? [`response:${call.id}`] : [`response:${call.id}`, `request:${call.requestId}`];
}

/** The provider's own log of an Anthropic call. */
export function anthropicLine(
  call: Call,
  told: { atMs: number; tokens: Tokens; hasTeam: boolean; latencyMs: number | null },
): Told {
  const { tokens } = told;
  const envelope = {
    timestamp: iso(told.atMs),
    ...(told.hasTeam ? { team: call.team } : {}),
    ...(told.latencyMs === null ? {} : { latency_ms: told.latencyMs }),
    ...(call.requestId === null ? {} : { request_id: call.requestId }),
    response: {
      id: call.id,
      type: 'message',
      role: 'assistant',
      model: call.model,
      content: [],
      usage: anthropicUsage(tokens),
    },
  };
  return telling(
    JSON.stringify(envelope),
    row(call, told.atMs, tokens, {
      keys: keysOf(call),
      format: 'anthropic.message',
      team: told.hasTeam ? tagged(call.team) : null,
      latencyMs: told.latencyMs,
      tags: told.hasTeam ? { team: call.team } : {},
    }),
  );
}

function anthropicUsage(tokens: Tokens): object {
  return {
    input_tokens: tokens.input,
    cache_read_input_tokens: tokens.read,
    cache_creation_input_tokens: tokens.write,
    cache_creation: { ephemeral_5m_input_tokens: tokens.write, ephemeral_1h_input_tokens: 0 },
    output_tokens: tokens.output,
  };
}

/** The gateway's row of a call of either provider. Where it keeps no response it does not know the tier. */
export function gatewayLine(
  call: Call,
  told: {
    atMs: number;
    tokens: Tokens;
    alias: string | null;
    spendMicro: number;
    durationMs: number;
    user: boolean;
    hasTier: boolean;
  },
): Told {
  const { tokens, atMs } = told;
  const prompt = tokens.input + tokens.read + tokens.write;
  const line = {
    request_id: call.id,
    call_type: 'acompletion',
    spend: told.spendMicro / 1e6,
    startTime: iso(atMs),
    endTime: iso(atMs + told.durationMs),
    model: call.model,
    custom_llm_provider: call.family,
    prompt_tokens: prompt,
    completion_tokens: tokens.output,
    total_tokens: prompt + tokens.output,
    status: 'success',
    ...(told.user ? { user: call.user } : {}),
    ...(told.hasTier ? { response: { service_tier: OPENAI_TIERS[call.tier] } } : {}),
    metadata: {
      ...(told.alias === null ? {} : { user_api_key_team_alias: told.alias }),
      usage_object: {
        prompt_tokens_details: { cached_tokens: tokens.read },
        cache_creation_input_tokens: tokens.write,
        cache_creation: { ephemeral_5m_input_tokens: tokens.write, ephemeral_1h_input_tokens: 0 },
      },
    },
  };
  return telling(
    JSON.stringify(line),
    row(call, atMs, tokens, {
      format: 'litellm.spendlog',
      tier: told.hasTier ? call.tier : 'standard',
      rank: 1,
      team: told.alias === null ? null : { name: told.alias, strength: 2, level: 'gateway_team' },
      userId: told.user ? call.user : null,
      latencyMs: told.durationMs,
      reportedPico: BigInt(told.spendMicro) * 1_000_000n,
    }),
  );
}

/** A line of an agent's session file. Without a message id the request id is all that tells the call. */
export function sessionLine(
  call: Call,
  told: { atMs: number; tokens: Tokens; session: string; project: string; hasMessageId: boolean; uuid: string },
): Told {
  const hasRequest = call.requestId !== null;
  const line = {
    type: 'assistant',
    sessionId: told.session,
    uuid: told.uuid,
    parentUuid: null,
    timestamp: iso(told.atMs),
    cwd: `/work/${told.project}`,
    gitBranch: 'main',
    ...(hasRequest ? { requestId: call.requestId } : {}),
    message: {
      ...(told.hasMessageId ? { id: call.id } : {}),
      type: 'message',
      role: 'assistant',
      model: call.model,
      content: [],
      usage: anthropicUsage(told.tokens),
    },
  };
  const keys = keysOf(call).slice(told.hasMessageId ? 0 : 1);
  return telling(
    JSON.stringify(line),
    row(call, told.atMs, told.tokens, {
      keys,
      format: 'claude_code',
      rank: 2,
      isWide: true,
      team: { name: told.project, strength: 3, level: 'project' },
      project: told.project,
      sessionId: told.session,
      callId: told.hasMessageId ? call.id : null,
      tags: { git_branch: 'main', agent: 'claude-code' },
    }),
  );
}

/** A line of our own format; without an id its content is its identity. */
export function nativeLine(call: Call, told: { hasId: boolean }): Told {
  const { tokens } = call;
  const line = {
    timestamp: iso(call.atMs),
    model: call.model,
    input_tokens: tokens.input,
    cached_tokens: tokens.read,
    input_includes_cache: false,
    output_tokens: tokens.output,
    ...(call.tier === 'standard' ? {} : { tier: call.tier }),
    team: call.team,
    user: call.user,
    ...(told.hasId ? { id: call.id } : {}),
  };
  const text = JSON.stringify(line);
  return telling(
    text,
    row(call, call.atMs, tokens, {
      keys: told.hasId ? [`response:${call.id}`] : [],
      content: text,
      format: 'native',
      callId: told.hasId ? call.id : null,
      team: tagged(call.team),
      userId: call.user,
    }),
  );
}

/** Lines that a log holds besides usage. */
export const NO_USAGE: readonly Told[] = [
  { text: JSON.stringify({ type: 'summary', leafUuid: 'x', summary: 'none' }), rows: [] },
  { text: JSON.stringify({ type: 'user', sessionId: 's', uuid: 'u', parentUuid: null, message: {} }), rows: [] },
];
