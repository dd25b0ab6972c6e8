/**
 * One synthetic call as it really happened: the neutral truth that every line format is written from. In: draws. Out: meters that are
 * disjoint and billable, as in the ledger. Invariant: a line written from a call reads back to exactly these meters.
 */
import type { Random } from './random.ts';

export interface GeneratedCall {
  /** 30 hexadecimal digits, unique within one generation; all ids of the call are made from it */
  readonly idHex: string;
  readonly startedAtMs: number;
  readonly model: string;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  /** part of output */
  readonly reasoningTokens: number;
  /** part of fresh input */
  readonly audioInputTokens: number;
  readonly webSearches: number;
  readonly tier: 'standard' | 'batch' | 'flex' | 'priority';
  /** an error call has no tokens */
  readonly status: 'ok' | 'error';
  readonly team: string | null;
  readonly user: string | null;
  readonly feature: string | null;
  readonly sessionId: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly latencyMs: number;
  readonly firstTokenMs: number | null;
  readonly deadlineSeconds: number | null;
  /** chat turns in order, or null where the log holds no text */
  readonly prompt: readonly ChatTurn[] | null;
  readonly answer: string;
}

export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const NEUTRAL = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  webSearches: 0,
  tier: 'standard',
  status: 'ok',
  team: null,
  user: null,
  feature: null,
  sessionId: null,
  tags: {},
  latencyMs: 0,
  firstTokenMs: null,
  deadlineSeconds: null,
  prompt: null,
  answer: 'ok',
} as const satisfies Partial<GeneratedCall>;

/** A call with every field not given at its neutral value. */
export function newCall(
  fields: Partial<GeneratedCall> & Pick<GeneratedCall, 'idHex' | 'startedAtMs' | 'model'>,
): GeneratedCall {
  return { ...NEUTRAL, ...fields };
}

/** Ids of one generation: random digits for the look, a running number for uniqueness. */
export function createIds(random: Random): () => string {
  let ordinal = 0;
  return () => random.hex(22) + (ordinal++).toString(16).padStart(8, '0');
}

/** A version-4-shaped UUID from an id. */
export function uuidOf(idHex: string): string {
  const d = idHex;
  return `${d.slice(0, 8)}-${d.slice(8, 12)}-4${d.slice(12, 15)}-8${d.slice(15, 18)}-${d.slice(18, 30)}`;
}

/** ISO 8601 with milliseconds. */
export function isoMs(ms: number): string {
  return new Date(ms).toISOString();
}

/** Everything the provider read for this call. */
export function promptSideTokens(call: GeneratedCall): number {
  return call.inputTokens + call.cacheReadTokens + call.cacheWrite5mTokens + call.cacheWrite1hTokens;
}
