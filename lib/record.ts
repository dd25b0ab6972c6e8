/**
 * The types that travel: a parsed line becomes `UsageRecord`s (normalize), which are counted, priced and attributed into
 * `LedgerRow`s (one landing row each). Token meters are disjoint and billable from here on: fresh input, cache read,
 * cache write for 5 minutes, cache write for 1 hour, output (reasoning inside). Everything else about tokens is a memo.
 */
import type { Pico } from './money.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined };
export type JsonObject = { [key: string]: JsonValue | undefined };

export type Grain = 'call' | 'bucket';
export type CallStatus = 'ok' | 'error' | 'cancelled' | 'partial';
export type Operation = 'chat' | 'completion' | 'embedding' | 'image' | 'audio' | 'rerank' | 'moderation' | 'other';
export type Tier = 'standard' | 'batch' | 'flex' | 'priority' | 'fast' | 'provisioned';
/** reported: by the source. counted: our tokenizer on text. estimated: a ratio on text. missing: nothing to go by. */
export type UsageBasis = 'reported' | 'counted' | 'estimated' | 'missing';
export type BillingMode = 'on_demand' | 'subscription' | 'provisioned' | 'free_tier' | 'unknown';
export type CostStatus = 'priced' | 'estimated' | 'unpriced' | 'free' | 'included' | 'billing_unknown';

/** Who saw the call; decides which of two twins is the better witness. */
export type SourceKind = 'provider' | 'gateway' | 'agent' | 'span';

/**
 * How a record is recognized again (DESIGN §4): response = the provider's response id; request = the provider's request id;
 * natural = the format's own key; content = no id but a time; position = neither, so object + line.
 */
export type IdentityKind = 'response' | 'request' | 'natural' | 'content' | 'position';

/** One identity of a record: its kind and the identifying text (never a hash; hashing happens once, in the journey). */
export interface LinkId {
  readonly kind: IdentityKind;
  readonly value: string;
}

/** All attribution candidates a line offers, by the evidence level they stand on (formats.md 0.7). Null = not offered. */
export interface Evidence {
  /** explicit tag: team, Team, x-team, metadata.team */
  teamTag: string | null;
  /** gateway team alias, else its id */
  gatewayTeam: string | null;
  /** project id or name as the provider or gateway reports it */
  project: string | null;
  /** workspace (Anthropic), deployment (Azure) */
  workspace: string | null;
  /** key alias or name, never the secret */
  keyName: string | null;
  /** role name of an ARN, service account, service.name */
  principal: string | null;
  application: string | null;
  environment: string | null;
  feature: string | null;
  customer: string | null;
}

/** One billed call, or one provider bucket, as normalized from one line. Built by `newRecord`, filled by a format. */
export interface UsageRecord {
  /** strongest first; [0] becomes record_id, the others alt_ids. Empty: the journey falls back to content or position. */
  linkIds: LinkId[];
  callId: string | null;
  grain: Grain;
  calls: number;
  status: CallStatus;
  sourceFormat: string;
  sourceKind: SourceKind;
  /** an agent's session file: twins are looked for over weeks, because forks replay old calls */
  isSession: boolean;
  /** a copy of a call that another line of the same source holds as the original (agent side chains, replays) */
  isReplica: boolean;
  /** UTC ms, or null: the journey infers it from the key's date or the object's LastModified */
  occurredAtMs: number | null;

  provider: string;
  publisher: string | null;
  /** as the source writes it */
  modelReported: string;
  operation: Operation;
  tier: Tier;
  /** tier asked for, where the source says both; the served one prices the call */
  requestedTier: string | null;
  /** price-book tier when finer than `tier` (`ultrafast`) */
  priceTier: string | null;
  /** region scope as the price book names it (`us`, `eu`, `global`, `in-region(bare-id)`, an AWS region …) or null for the default endpoint */
  priceRegion: string | null;

  inputTokens: number;
  cacheReadTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  outputTokens: number;
  /** memo, part of output */
  reasoningTokens: number;
  /** memo, part of inputTokens (fresh audio) */
  audioInputTokens: number;
  /** memo, part of cacheReadTokens */
  cachedAudioTokens: number;
  /** memo, part of outputTokens */
  audioOutputTokens: number;
  /** memo, part of inputTokens */
  imageInputTokens: number;
  /** memo, part of outputTokens */
  imageOutputTokens: number;
  images: number;
  /** `quality=hd;size=1024x1792` as the price book keys images, or null */
  imageSpec: string | null;
  webSearches: number;
  audioSeconds: number | null;
  /** text-to-speech characters */
  characters: number;
  usageBasis: UsageBasis;
  /** the source gave cache writes without their TTL: all are taken as 5-minute writes and the cost is marked estimated */
  cacheTtlUnknown: boolean;
  /** tokens that decide the context band when they differ from input + cache (Anthropic `context_window` buckets); null = their sum */
  contextTokens: number | null;
  /** the counts contradict each other (negative fresh input, totals that fit no rule): named in the row's cost_reason */
  usageFlag: string | null;
  /** served from a gateway's own response cache: a known zero */
  servedFromCache: boolean;

  userId: string | null;
  keyId: string | null;
  sessionId: string | null;
  billingAccountId: string | null;
  subAccountId: string | null;
  /** evidence of how the call is paid; null = the format's default (`on_demand`, agents `unknown`) */
  billingMode: BillingMode | null;
  tags: Record<string, string>;
  evidence: Evidence;

  reportedCostPico: Pico | null;
  latencyMs: number | null;
  firstTokenMs: number | null;
  deadlineSeconds: number | null;

  /** transient, never stored: the prompt as the source holds it (string or messages), for counting and fingerprints */
  promptText: JsonValue | null;
  /** transient, never stored: the response text, for counting */
  responseText: string | null;
  /** prefix-chained block ids given by the source (native), else null */
  promptBlocks: readonly (number | string)[] | null;
  promptHash: string | null;
  blockTokens: number | null;
  /** buckets: the set of dimensions the whole report is grouped by; two reports of one period grouped differently show the same usage */
  bucketGrouping: string | null;
}

/** What a line came to. A line may carry several records; none is a named skip or a reject. */
export type Outcome =
  | {
      readonly kind: 'usage';
      readonly records: readonly UsageRecord[];
      /** a part of the same line that could not be read (several records wrapped in one) */
      readonly alsoBad?: { readonly reason: string; readonly detail: string };
    }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'bad'; readonly reason: string; readonly detail: string };

/** What is known about the object a line lies in; `state` is a format's scratch space for this object. */
export interface ObjectContext {
  readonly key: string;
  /** `team=alpha` pairs found in the key's folders */
  readonly pathPairs: Readonly<Record<string, string>>;
  /** instant from a date in the key or file name, or null */
  readonly keyTimeMs: number | null;
  readonly lastModifiedMs: number;
  readonly state: Map<string, unknown>;
}

/** One line's surroundings. `outer` is the envelope the line was peeled from (tags, user, time, request), or null. */
export interface LineContext {
  readonly object: ObjectContext;
  readonly line: number;
  readonly outer: JsonObject | null;
}

/** How a log format is recognized and read. One file per format under `normalize/`, one line in its registry. */
export interface Format {
  readonly id: string;
  readonly sourceKind: SourceKind;
  /** landing class: buckets are provider aggregates, sessions are agent files, calls everything else */
  readonly class: 'calls' | 'sessions' | 'buckets';
  /** header names that must all be present for a CSV to be this format; then rows arrive as objects of strings */
  readonly csvHeader?: readonly string[];
  /**
   * Names at the top of a line, at least one of which every line of this format has: lines without any of them are not asked about.
   * Not given: every line is. Empty: told by the CSV header only.
   */
  readonly marks?: readonly string[];
  detect(line: JsonObject): boolean;
  normalize(line: JsonObject, context: LineContext): Outcome;
  /** called once after the last line: records that only the end of the object settles (streams cut before their usage) */
  finish?(object: ObjectContext): readonly { readonly record: UsageRecord; readonly line: number }[];
}

/** Evidence of nothing, to be filled. A literal, because spreading a template costs several times as much per record. */
function noEvidence(): Evidence {
  return {
    teamTag: null,
    gatewayTeam: null,
    project: null,
    workspace: null,
    keyName: null,
    principal: null,
    application: null,
    environment: null,
    feature: null,
    customer: null,
  };
}

/** A record with every field at its neutral value; a format assigns what it knows. One shape keeps the hot path fast. */
export function newRecord(
  format: Pick<Format, 'id' | 'sourceKind' | 'class'>,
  provider: string,
  model: string,
): UsageRecord {
  return {
    linkIds: [],
    callId: null,
    grain: format.class === 'buckets' ? 'bucket' : 'call',
    calls: 1,
    status: 'ok',
    sourceFormat: format.id,
    sourceKind: format.sourceKind,
    isSession: format.class === 'sessions',
    isReplica: false,
    occurredAtMs: null,
    provider,
    publisher: null,
    modelReported: model,
    operation: 'chat',
    tier: 'standard',
    requestedTier: null,
    priceTier: null,
    priceRegion: null,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    audioInputTokens: 0,
    cachedAudioTokens: 0,
    audioOutputTokens: 0,
    imageInputTokens: 0,
    imageOutputTokens: 0,
    images: 0,
    imageSpec: null,
    webSearches: 0,
    audioSeconds: null,
    characters: 0,
    usageBasis: 'reported',
    cacheTtlUnknown: false,
    contextTokens: null,
    usageFlag: null,
    servedFromCache: false,
    userId: null,
    keyId: null,
    sessionId: null,
    billingAccountId: null,
    subAccountId: null,
    billingMode: null,
    tags: {},
    evidence: noEvidence(),
    reportedCostPico: null,
    latencyMs: null,
    firstTokenMs: null,
    deadlineSeconds: null,
    promptText: null,
    responseText: null,
    promptBlocks: null,
    promptHash: null,
    blockTokens: null,
    bucketGrouping: null,
  };
}

/** Tokens the provider read for this record: what context bands and cache rules look at. */
export function inputSideTokens(record: UsageRecord): number {
  return record.inputTokens + record.cacheReadTokens + record.cacheWrite5mTokens + record.cacheWrite1hTokens;
}

/** The five cost meters of a row, in picodollars; null where a needed price is unknown. They sum to the cost. */
export interface CostParts {
  readonly input: Pico;
  readonly cacheRead: Pico;
  readonly cacheWrite: Pico;
  readonly output: Pico;
  readonly other: Pico;
}

/** Unit prices of a bucket in femtodollars per token, kept so that a remainder can be priced by SQL. */
export interface BucketRates {
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite5m: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
}

/** What pricing says of one record. */
export interface Priced {
  /** canonical model id, `modelReported` where unknown */
  readonly model: string;
  readonly publisher: string | null;
  /** list cost by meter; null = unpriced */
  readonly list: CostParts | null;
  /** after the customer's rates; null = unpriced */
  readonly contracted: CostParts | null;
  /** `priced`, `estimated`, `unpriced` or `free`; billing mode is applied later */
  readonly status: CostStatus;
  readonly reason: string | null;
  /** ids of the price rows used, joined by a space; null if none */
  readonly priceRows: string | null;
  readonly bucketRates: BucketRates | null;
}

/** Who a record belongs to. `level` is the rule id or the evidence level that decided. */
export interface Attribution {
  readonly team: string | null;
  readonly project: string | null;
  readonly application: string | null;
  readonly environment: string | null;
  readonly feature: string | null;
  readonly customer: string | null;
  readonly level: string;
  /** 0 = a rule, 1 = explicit tag … 9 = unattributed: among twins the strongest evidence names the team */
  readonly strength: number;
  readonly billingMode: BillingMode;
  readonly billingAccountId: string | null;
}

/** Sets a name that comes from data. Plain assignment would lose `__proto__`, which is the language's own and anybody's tag. */
export function setNamed(names: Record<string, string>, name: string, value: string): void {
  if (name === '__proto__') {
    Object.defineProperty(names, name, { value, enumerable: true, writable: true, configurable: true });
  } else names[name] = value;
}
