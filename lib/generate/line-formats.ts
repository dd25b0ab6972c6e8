/**
 * The formats a log can be generated in: how a random call of each looks and how it is written. In: draws. Out: calls and lines.
 * Invariant: a call only has what its format can carry (no 1-hour writes at OpenAI, no reasoning in Anthropic's counters), so that
 * the truth is what the line says and not more.
 */
import { anthropicBatchLine, anthropicMessageLine, bedrockInvocationLine } from './anthropic-lines.ts';
import { geminiResponseLine, litellmPayloadLine, litellmSpendlogLine, nativeLine } from './gateway-lines.ts';
import { newCall } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import { openaiBatchLine, openaiChatLine, openaiResponseLine } from './openai-lines.ts';
import { filler } from './prose.ts';
import type { Random } from './random.ts';

/** Ids are those of the ledger's `source_format`. */
export const GENERATED_FORMATS = [
  'openai.chat',
  'openai.response',
  'openai.batch',
  'anthropic.message',
  'anthropic.batch',
  'bedrock.invocation',
  'litellm.spendlog',
  'litellm.slp',
  'gemini.response',
  'native',
  'claude_code',
  'codex.rollout',
] as const;
export type GeneratedFormat = (typeof GENERATED_FORMATS)[number];

/** Formats whose files are sessions: their lines hang together. */
export type SessionFormat = 'claude_code' | 'codex.rollout';
export type LineFormat = Exclude<GeneratedFormat, SessionFormat>;

export function isSessionFormat(format: GeneratedFormat): format is SessionFormat {
  return format === 'claude_code' || format === 'codex.rollout';
}

const OPENAI = ['gpt-4o-2024-08-06', 'gpt-4o-mini', 'gpt-5', 'gpt-5.4', 'o3-mini'];
const CLAUDE = ['claude-sonnet-4-5-20250929', 'claude-opus-4-6', 'claude-haiku-4-5-20251001'];
const GEMINI = ['gemini-2.5-pro', 'gemini-2.5-flash'];
const BEDROCK = ['us.anthropic.claude-sonnet-4-6', 'amazon.nova-lite-v1:0'];

const MODELS: Readonly<Record<GeneratedFormat, readonly string[]>> = {
  'openai.chat': OPENAI,
  'openai.response': OPENAI,
  'openai.batch': OPENAI,
  'anthropic.message': CLAUDE,
  'anthropic.batch': CLAUDE,
  'bedrock.invocation': BEDROCK,
  'litellm.spendlog': [...OPENAI, ...CLAUDE],
  'litellm.slp': [...OPENAI, ...CLAUDE],
  'gemini.response': GEMINI,
  native: [...OPENAI, ...CLAUDE, ...GEMINI],
  claude_code: CLAUDE,
  'codex.rollout': ['gpt-5.3-codex'],
};

const LINES: Readonly<Record<LineFormat, (call: GeneratedCall) => string>> = {
  'openai.chat': openaiChatLine,
  'openai.response': openaiResponseLine,
  'openai.batch': openaiBatchLine,
  'anthropic.message': anthropicMessageLine,
  'anthropic.batch': anthropicBatchLine,
  'bedrock.invocation': bedrockInvocationLine,
  'litellm.spendlog': litellmSpendlogLine,
  'litellm.slp': litellmPayloadLine,
  'gemini.response': geminiResponseLine,
  native: nativeLine,
};

/** The line of a call in a format. */
export function lineOf(format: LineFormat, call: GeneratedCall): string {
  return LINES[format](call);
}

/** Formats that can say that a call failed. */
const TELLS_ERRORS = new Set<GeneratedFormat>([
  'openai.response',
  'openai.batch',
  'anthropic.batch',
  'bedrock.invocation',
  'litellm.spendlog',
  'litellm.slp',
  'native',
]);
const TELLS_REASONING = new Set<GeneratedFormat>([
  'openai.chat',
  'openai.response',
  'openai.batch',
  'codex.rollout',
  'gemini.response',
  'native',
  'litellm.spendlog',
  'litellm.slp',
]);
const TELLS_WRITES = new Set<GeneratedFormat>([
  'anthropic.message',
  'anthropic.batch',
  'bedrock.invocation',
  'claude_code',
  'native',
]);

/** What a drawn call needs besides chance. */
export interface DrawOptions {
  readonly idHex: string;
  readonly startedAtMs: number;
  /** characters of prompt and answer text; 0 = no prompt, a one-word answer */
  readonly bodyChars: number;
}

const LONGEST_MS = 30_000;

/** A random call of a format: sizes over four orders of magnitude, a third of them with cache, one in fifty an error. */
export function drawCall(random: Random, format: GeneratedFormat, options: DrawOptions): GeneratedCall {
  const model = random.pick(MODELS[format]);
  const isError = TELLS_ERRORS.has(format) && random.chance(0.02);
  const who = {
    team: `team-${String(random.below(40)).padStart(2, '0')}`,
    user: `u${random.below(5000)}`,
    feature: random.pick(['search', 'summary', 'chat', 'extract']),
    latencyMs: random.below(LONGEST_MS),
  };
  const base = { ...options, ...who, model };
  if (isError) return newCall({ ...base, status: 'error' });
  const tier = format === 'openai.batch' || format === 'anthropic.batch' ? 'batch' : 'standard';
  return newCall({ ...base, ...drawMeters(random, format, model), ...drawText(random, options.bodyChars), tier });
}

function drawMeters(random: Random, format: GeneratedFormat, model: string): Partial<GeneratedCall> {
  const prompt = Math.floor(Math.exp(random.next() * 9.5)) + 1;
  const outputTokens = Math.floor(Math.exp(random.next() * 7.5));
  const cacheReadTokens = random.chance(0.3) ? Math.floor(prompt * random.next()) : 0;
  const writes = TELLS_WRITES.has(format) && model.includes('claude') && random.chance(0.2);
  const reasons = TELLS_REASONING.has(format) && !model.includes('claude') && random.chance(0.4);
  return {
    inputTokens: prompt - cacheReadTokens,
    cacheReadTokens,
    cacheWrite5mTokens: writes ? random.below(4000) : 0,
    cacheWrite1hTokens: writes && random.chance(0.3) ? random.below(4000) : 0,
    outputTokens,
    reasoningTokens: reasons ? random.below(outputTokens + 1) : 0,
  };
}

function drawText(random: Random, bodyChars: number): Partial<GeneratedCall> {
  if (bodyChars === 0) return {};
  const half = Math.ceil(bodyChars / 2);
  return { prompt: [{ role: 'user', content: filler(random, half) }], answer: filler(random, half) };
}
