/**
 * Prompt-cache rules of providers: what is cached, from how many tokens on, for how long. In: nothing. Out: dated rows. What reading and
 * writing costs is not here: the price book has exact cached prices (documented multiples of the input price in November 2026: read 0.5 for
 * GPT-4o, 0.25 for GPT-4.1, 0.1 for most later models, 0.05 for Claude Opus 5.5 and Sonnet 5.5, 0.025 for Fable 5.1; write 1.25 for five
 * minutes and from GPT-5.6 on, 2 for one hour). Where sources disagree the row takes the worse and says so in `doubt`.
 */
import type { DatedRule } from './dated-rules.ts';

/** How long an entry lives, by the kind of write that buys it. The first of a row is what one gets without asking for more. */
export interface CacheLifetime {
  readonly lifeMs: number;
  readonly write: '5m' | '1h' | 'implicit';
}

export interface CacheRule extends DatedRule {
  /** `radix`: any common beginning is a hit; `breakpoint`: only where an earlier prompt was marked */
  readonly rule: 'radix' | 'breakpoint';
  readonly minimumTokens: number;
  readonly incrementTokens: number;
  readonly lifetimes: readonly [CacheLifetime, ...CacheLifetime[]];
  readonly refresh: 'sliding' | 'fixed';
  /** no prompt need be marked: what the log does not show cached, the provider did not cache. Further lifetimes can be asked for */
  readonly isAutomatic: boolean;
  readonly scope: 'organization' | 'workspace' | 'project';
  /** requests per minute with one beginning and key before they spill over to machines that do not have it */
  readonly requestsPerMinutePerKey: number | null;
  /** a cache object that is kept for a price: USD per million tokens and hour as decimal text, and its lifetime unless told otherwise */
  readonly stored: { readonly usdPerMillionHour: string; readonly defaultLifeMs: number } | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ALWAYS = { fromDay: null, toDay: null, doubt: null } as const;

const OPENAI = {
  providers: ['openai', 'azure'],
  minimumTokens: 1024,
  refresh: 'sliding',
  isAutomatic: true,
  scope: 'organization',
  requestsPerMinutePerKey: 15,
  stored: null,
  kind: 'fact',
  source: 'OpenAI, prompt caching guide; Microsoft Foundry, prompt caching (2026-08-04)',
  date: '2026-11',
} as const;
const OPENAI_IDLE = { lifeMs: 5 * MINUTE_MS, write: 'implicit' } as const;
const OPENAI_EXTENDED = { lifeMs: 24 * HOUR_MS, write: 'implicit' } as const;
const OPENAI_UP_TO_5_5 = {
  ...OPENAI,
  rule: 'radix',
  incrementTokens: 128,
  fromDay: '2024-10-01',
  toDay: null,
  doubt: 'entries live 5 to 10 minutes idle, at most an hour; 5 minutes are taken',
} as const;

const ANTHROPIC = {
  providers: ['anthropic', 'vertex', 'azure'],
  rule: 'breakpoint',
  incrementTokens: 1,
  lifetimes: [
    { lifeMs: 5 * MINUTE_MS, write: '5m' },
    { lifeMs: HOUR_MS, write: '1h' },
  ],
  refresh: 'sliding',
  isAutomatic: false,
  scope: 'workspace',
  requestsPerMinutePerKey: null,
  stored: null,
  kind: 'fact',
  source: 'Anthropic, prompt caching; table of minima at docs.litellm.ai (2026-10-07)',
  date: '2026-11',
  ...ALWAYS,
} as const;

const BEDROCK = {
  ...ANTHROPIC,
  providers: ['bedrock'],
  scope: 'organization',
  source: 'AWS, Bedrock user guide, prompt caching',
} as const;

const SHORT_ONLY = [{ lifeMs: 5 * MINUTE_MS, write: '5m' }] as const;

const GEMINI = {
  providers: ['google', 'vertex'],
  rule: 'radix',
  incrementTokens: 1,
  lifetimes: [{ lifeMs: 5 * MINUTE_MS, write: 'implicit' }],
  refresh: 'sliding',
  isAutomatic: true,
  scope: 'project',
  requestsPerMinutePerKey: null,
  kind: 'fact',
  source: 'Google, Gemini API context caching and pricing; Vertex AI, context cache overview',
  date: '2026-11',
  fromDay: '2025-05-08',
  toDay: null,
} as const;
const NO_LIFETIME = 'no lifetime of implicit entries is published and no hit is guaranteed; 5 minutes are taken';
const pro = { usdPerMillionHour: '4.5', defaultLifeMs: HOUR_MS } as const;
const flash = { usdPerMillionHour: '1', defaultLifeMs: HOUR_MS } as const;

export const CACHE_RULES: readonly CacheRule[] = [
  {
    ...OPENAI_UP_TO_5_5,
    id: 'openai-before-gpt-4.1',
    models: ['gpt-4o', 'gpt-4o-*', 'o1', 'o1-*', 'o3', 'o3-*', 'o4-*'],
    except: ['gpt-4o-2024-05-13'],
    lifetimes: [OPENAI_IDLE],
  },
  {
    ...OPENAI_UP_TO_5_5,
    id: 'openai-gpt-4.1-to-gpt-5.4',
    models: ['gpt-4.1', 'gpt-4.1-*', 'gpt-5', 'gpt-5-*', 'gpt-5.1*', 'gpt-5.2*', 'gpt-5.3*', 'gpt-5.4*'],
    lifetimes: [OPENAI_IDLE],
  },
  {
    ...OPENAI_UP_TO_5_5,
    id: 'openai-extended-retention',
    models: ['gpt-4.1', 'gpt-5', 'gpt-5-codex', 'gpt-5.1*', 'gpt-5.2*', 'gpt-5.3*', 'gpt-5.4*'],
    lifetimes: [OPENAI_IDLE, OPENAI_EXTENDED],
    fromDay: '2025-11-13',
    source: 'OpenAI, prompt caching guide (models, 2026-03) and description of prompt_cache_retention (SDKs, 2026)',
    doubt:
      'entries live 5 to 10 minutes idle, at most an hour; 5 minutes are taken. 24 hours must be asked for, or, later in 2026, are the default except under zero data retention; asking is taken. Smaller models of 4.1 and 5 are not named and left out',
  },
  {
    ...OPENAI_UP_TO_5_5,
    id: 'openai-gpt-5.5',
    models: ['gpt-5.5*'],
    lifetimes: [OPENAI_EXTENDED],
    source: 'OpenAI, description of prompt_cache_retention (SDKs, 2026): only 24 hours',
    doubt: 'nothing can be asked for: 24 hours are the only life of entries',
  },
  {
    ...OPENAI,
    ...ALWAYS,
    id: 'openai-from-gpt-5.6',
    models: ['gpt-5.6*', 'gpt-6*'],
    rule: 'breakpoint',
    incrementTokens: 1,
    lifetimes: [{ lifeMs: 30 * MINUTE_MS, write: 'implicit' }],
    doubt: 'entries live at least 30 minutes, possibly longer; 30 are taken',
  },
  { ...ANTHROPIC, id: 'anthropic-512', models: ['claude-opus-5', 'claude-fable-5'], minimumTokens: 512 },
  {
    ...ANTHROPIC,
    id: 'anthropic-mythos-5',
    models: ['claude-mythos-5'],
    minimumTokens: 512,
    kind: 'assumption',
    source: 'an article of 2026 (dev.to/creeta, on the minimum of Claude prompt caching)',
    doubt: 'named only in a secondary source',
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-1024',
    models: [
      'claude-sonnet-5',
      'claude-opus-4-8',
      'claude-sonnet-4',
      'claude-sonnet-4-0',
      'claude-sonnet-4-5',
      'claude-opus-4',
      'claude-opus-4-0',
      'claude-opus-4-1',
      'claude-3-7-sonnet',
      'claude-3-5-sonnet',
      'claude-3-opus',
    ],
    minimumTokens: 1024,
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-later-5',
    models: [
      'claude-opus-5-5',
      'claude-sonnet-5-5',
      'claude-fable-5-1',
      'claude-fable-5-2',
      'claude-mythos-5-1',
      'claude-mythos-5-2',
    ],
    minimumTokens: 1024,
    kind: 'assumption',
    doubt: 'not named in the tables of minima; the largest minimum of their generation (Sonnet 5) is taken',
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-sonnet-4-6',
    models: ['claude-sonnet-4-6'],
    minimumTokens: 2048,
    doubt: 'given as 1,024 and as 2,048, and measured as 2,048 (anthropic-sdk-python issue 1194); 2,048 is taken',
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-2048',
    models: ['claude-3-5-haiku', 'claude-3-haiku'],
    minimumTokens: 2048,
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-4096',
    models: ['claude-opus-4-5', 'claude-opus-4-6', 'claude-haiku-4-5'],
    minimumTokens: 4096,
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-opus-4-7',
    models: ['claude-opus-4-7'],
    minimumTokens: 4096,
    doubt: 'given as 4,096 and, in an article of 2026, as 2,048; 4,096 is taken',
  },
  {
    ...ANTHROPIC,
    id: 'anthropic-haiku-5-5',
    models: ['claude-haiku-5-5'],
    minimumTokens: 4096,
    kind: 'assumption',
    doubt: 'not named in the tables of minima; that of Haiku 4.5 is taken',
  },
  { ...BEDROCK, id: 'bedrock-fable-5', models: ['anthropic.claude-fable-5'], minimumTokens: 1024 },
  { ...BEDROCK, id: 'bedrock-haiku-4-5', models: ['anthropic.claude-haiku-4-5'], minimumTokens: 4096 },
  { ...BEDROCK, id: 'bedrock-sonnet-4-5', models: ['anthropic.claude-sonnet-4-5'], minimumTokens: 1024 },
  {
    ...BEDROCK,
    id: 'bedrock-claude-1024',
    models: ['anthropic.claude-3-7-sonnet', 'anthropic.claude-sonnet-4'],
    minimumTokens: 1024,
    lifetimes: SHORT_ONLY,
  },
  {
    ...BEDROCK,
    id: 'bedrock-claude-4096',
    models: ['anthropic.claude-opus-4-5', 'anthropic.claude-opus-4-6', 'anthropic.claude-opus-4-7'],
    minimumTokens: 4096,
    kind: 'assumption',
    doubt: 'Bedrock has a table of its own; the minimum of the same model at Anthropic is taken',
  },
  {
    ...BEDROCK,
    id: 'bedrock-claude-other',
    models: ['anthropic.claude-opus-*', 'anthropic.claude-sonnet-*', 'anthropic.claude-haiku-*'],
    minimumTokens: 4096,
    lifetimes: SHORT_ONLY,
    kind: 'assumption',
    doubt:
      'not copied from the table of Bedrock: its largest minimum is taken, and one hour, which only some models offer, is not',
  },
  {
    ...BEDROCK,
    id: 'bedrock-nova',
    models: ['amazon.nova-micro*', 'amazon.nova-lite*', 'amazon.nova-pro*', 'amazon.nova-premier*'],
    minimumTokens: 1000,
    lifetimes: SHORT_ONLY,
    doubt: 'automatic for latency, but only marked prompts are sure to be billed less',
  },
  {
    ...GEMINI,
    id: 'gemini-2.5-flash',
    models: ['gemini-2.5-flash*'],
    minimumTokens: 2048,
    stored: flash,
    doubt: `older pages say 1,024 tokens, newer ones 2,048, which is taken; ${NO_LIFETIME}`,
  },
  {
    ...GEMINI,
    id: 'gemini-2.5-pro',
    models: ['gemini-2.5-pro*'],
    minimumTokens: 4096,
    stored: pro,
    doubt: `older pages say 4,096 tokens, newer ones 2,048; 4,096 is taken; ${NO_LIFETIME}`,
  },
  {
    ...GEMINI,
    id: 'gemini-3-flash',
    models: ['gemini-3-flash*', 'gemini-3.1-flash*', 'gemini-3.5-flash*', 'gemini-3.6-flash*', 'gemini-3.7-flash*'],
    minimumTokens: 4096,
    stored: flash,
    doubt: `an older page says 1,024 tokens for Gemini 3 Flash, newer ones 4,096, which is taken; ${NO_LIFETIME}`,
  },
  {
    ...GEMINI,
    id: 'gemini-3-pro',
    models: ['gemini-3-pro*', 'gemini-3.1-pro*'],
    minimumTokens: 4096,
    stored: pro,
    doubt: NO_LIFETIME,
  },
  {
    ...GEMINI,
    id: 'gemini-3.8-flash-2026',
    models: ['gemini-3.8-flash*'],
    minimumTokens: 4096,
    stored: { ...flash, usdPerMillionHour: '0.5' },
    toDay: '2027-01-01',
    doubt: NO_LIFETIME,
  },
  {
    ...GEMINI,
    id: 'gemini-3.8-flash-2027',
    models: ['gemini-3.8-flash*'],
    minimumTokens: 4096,
    stored: flash,
    fromDay: '2027-01-01',
    doubt: NO_LIFETIME,
  },
];
