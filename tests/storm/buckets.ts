/**
 * The provider's usage report over part of the calls: OpenAI usage pages, by model, in daily or hourly buckets. In: what the calls of a day
 * and model finally come to. Out: pages. Invariant: a page shows the calls and what nobody logged; where it shows less (a call near midnight
 * that the provider counts on the other day, a model it leaves out) the ledger has an excess to place. A page grouped by service tier shows
 * each call under the tier that served it, also where the logs do not know it.
 */
import { MS_PER_DAY } from '../../lib/time.ts';
import type { Random } from '../../lib/generate/random.ts';
import type { Tier } from './settings.ts';
import { OPENAI_TIERS } from './witnesses.ts';
import type { Told, ToldRow, Tokens } from './witnesses.ts';

export interface ScopeSum {
  readonly dayMs: number;
  readonly model: string;
  readonly tier: Tier;
  readonly calls: number;
  readonly tokens: Tokens;
}

interface BucketPart extends ScopeSum {
  readonly fromMs: number;
  readonly seconds: number;
}

/** A page as it finally is, and as an earlier export of the running period showed it. */
export interface Page {
  readonly early: readonly Told[];
  readonly final: readonly Told[];
  readonly tellsTiers: boolean;
}

/** Draws pages by object key. Some days, models and tiers have no report; the page of one half may tell tiers, that of the other not. */
export function drawBuckets(random: Random, sums: readonly ScopeSum[]): Map<string, Page> {
  const pages = new Map<string, Page>();
  const days = [...new Set(sums.map((sum) => sum.dayMs))].toSorted((a, b) => a - b);
  const half = Math.ceil(days.length / 2);
  for (const [page, own] of [days.slice(0, half), days.slice(half)].entries()) {
    const isHourly = random.chance(0.5);
    const tellsTiers = random.chance(0.5);
    const whole = sums.filter((sum) => own.includes(sum.dayMs));
    const parts = (tellsTiers ? whole : overTiers(whole))
      .filter(() => random.chance(0.7))
      .map((sum) => withExtra(random, sum))
      .flatMap((sum) => (isHourly ? inHours(random, sum) : [{ ...sum, fromMs: sum.dayMs, seconds: 86_400 }]));
    if (parts.length === 0) continue;
    const early = parts.slice(0, Math.max(1, parts.length - 2)).map((part) => ({
      ...part,
      tokens: { ...part.tokens, input: Math.floor(part.tokens.input / 2), output: part.tokens.output + 50 },
    }));
    // an earlier export may be grouped otherwise: its rows have other identities
    const earlyTells = random.chance(0.8) ? tellsTiers : !tellsTiers;
    pages.set(`reports/usage-${page}.json`, {
      early: [pageLine(earlyTells ? early : overTiers(early), earlyTells)],
      final: [pageLine(parts, tellsTiers)],
      tellsTiers,
    });
  }
  return pages;
}

/** The same by model alone, for a page that tells no tiers: what it shows is read as standard, and priced so. */
function overTiers<T extends ScopeSum & Partial<BucketPart>>(parts: readonly T[]): T[] {
  const scopes = Map.groupBy(parts, (part) => `${part.dayMs} ${part.fromMs} ${part.model}`);
  return [...scopes.values()].map((own) => {
    const sum = (of: (part: T) => number): number => own.reduce((total, part) => total + of(part), 0);
    const tokens = {
      input: sum((part) => part.tokens.input),
      read: sum((part) => part.tokens.read),
      write: 0,
      output: sum((part) => part.tokens.output),
    };
    return { ...(own[0] as T), tier: 'standard', calls: sum((part) => part.calls), tokens };
  });
}

/** What nobody logged: often nothing in a meter; now and then less than the calls. */
function withExtra(random: Random, sum: ScopeSum): ScopeSum {
  if (random.chance(0.2)) return sum;
  if (random.chance(0.4)) {
    const { tokens } = sum;
    const less = { input: random.between(0, tokens.input), output: random.between(0, tokens.output) };
    return { ...sum, tokens: { ...tokens, ...less } };
  }
  const extra = (most: number): number => (random.chance(0.7) ? random.between(1, most) : 0);
  return {
    ...sum,
    calls: sum.calls + 1,
    tokens: {
      input: sum.tokens.input + extra(5000),
      read: sum.tokens.read + extra(3000),
      write: 0,
      output: sum.tokens.output + extra(900),
    },
  };
}

/** The day's sum over up to three hours of it, exactly. */
function inHours(random: Random, sum: ScopeSum): BucketPart[] {
  const hours = [2, 11, 23].slice(0, random.between(1, 3));
  const split = (total: number): number[] => {
    const cuts = hours.slice(1).map(() => random.between(0, total));
    const ends = [...cuts.toSorted((a, b) => a - b), total];
    return ends.map((end, i) => end - (ends[i - 1] ?? 0));
  };
  const [calls, input, read, output] = [sum.calls, sum.tokens.input, sum.tokens.read, sum.tokens.output].map(split);
  return hours.map((hour, i) => ({
    ...sum,
    fromMs: sum.dayMs + hour * 3_600_000,
    seconds: 3600,
    calls: calls?.[i] ?? 0,
    tokens: { input: input?.[i] ?? 0, read: read?.[i] ?? 0, write: 0, output: output?.[i] ?? 0 },
  }));
}

/** One page is one line; its rows are told as several rows of that line. */
function pageLine(parts: readonly BucketPart[], tellsTiers: boolean): Told {
  const windows = Map.groupBy(parts, (part) => `${part.fromMs} ${part.seconds}`);
  const data = [...windows.values()].map((own) => ({
    object: 'bucket',
    start_time: (own[0]?.fromMs ?? 0) / 1000,
    end_time: (own[0]?.fromMs ?? 0) / 1000 + (own[0]?.seconds ?? 0),
    results: own.map((part) => ({
      object: 'organization.usage.completions.result',
      input_tokens: part.tokens.input + part.tokens.read,
      input_cached_tokens: part.tokens.read,
      output_tokens: part.tokens.output,
      num_model_requests: part.calls,
      model: part.model,
      ...(tellsTiers ? { service_tier: OPENAI_TIERS[part.tier] } : {}),
    })),
  }));
  const rows = [...windows.values()].flat().map((part) => bucketRow(part, tellsTiers));
  const text = JSON.stringify({ object: 'page', data, has_more: false, next_page: null });
  return { text, rows };
}

function bucketRow(part: BucketPart, tellsTier: boolean): ToldRow {
  return {
    call: null,
    grain: 'bucket',
    keys: [`natural:openai|${part.fromMs}|${part.seconds}|${part.model}|${tellsTier ? part.tier : ''}`],
    content: '',
    atMs: part.fromMs,
    format: 'openai.usage_page',
    rank: 0,
    hasUsage: true,
    isWide: false,
    provider: 'openai',
    model: part.model,
    tier: part.tier,
    tellsTier,
    calls: part.calls,
    tokens: part.tokens,
    team: null,
    project: null,
    userId: null,
    sessionId: null,
    callId: null,
    latencyMs: null,
    reportedPico: null,
    tags: {},
  };
}

export const startOfDay = (ms: number): number => Math.floor(ms / MS_PER_DAY) * MS_PER_DAY;
