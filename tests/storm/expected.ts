/**
 * What `usage` must finally hold, by the written rules of DESIGN §4 and by nothing of the code under test: link, group copies within reach,
 * keep the best, complete it from the others, subtract calls from buckets. In: the final lines of every object and the settings in force.
 * Out: rows and counts. Plain sorting and grouping; money as integer picodollars.
 */
import { MS_PER_DAY, dayOf } from '../../lib/time.ts';
import { startOfDay } from './buckets.ts';
import type { ScopeSum } from './buckets.ts';
import { bucketRests, dayNumber } from './expected-buckets.ts';
import { hashOf } from './inbox-plan.ts';
import { RULE_TEAM, RULE_USER, pricePico } from './settings.ts';
import type { Settings, Tier } from './settings.ts';
import { WIDE_DAYS } from './truth.ts';
import type { Call, TeamWord, Told, ToldRow, Tokens } from './witnesses.ts';

/** A landed row: what a line says, and where it stands. */
interface Landed extends ToldRow {
  readonly object: string;
  readonly line: number;
  readonly key: string;
  readonly day: string;
}

/** A value as text; several where the written rules leave the choice to the ledger. */
export type Value = string | null | readonly string[];
/** The hash of a line without an id is the ledger's business. */
const ANY: readonly string[] = [];

/** A row of `usage` as text by column, for comparison with what the engine gives. */
export type ExpectedRow = Readonly<Record<string, Value>>;

export interface Expected {
  readonly calls: readonly ExpectedRow[];
  /** buckets and remainders by day, model and tier: an hour's share of what calls cover is the ledger's choice */
  readonly buckets: readonly ExpectedRow[];
  /** number of landed rows that must not count, by reason; those of buckets are in `buckets` */
  readonly duplicates: number;
  readonly landedRows: number;
  readonly twins: number;
  /** how often each way of comparing tiers came up */
  readonly counts: Readonly<Record<string, number>>;
}

const cost = (tokens: Tokens, model: string, tier: Tier, settings: Settings): bigint =>
  BigInt(tokens.input) * pricePico(model, 'input', tier, settings) +
  BigInt(tokens.read) * pricePico(model, 'read', tier, settings) +
  BigInt(tokens.write) * pricePico(model, 'write', tier, settings) +
  BigInt(tokens.output) * pricePico(model, 'output', tier, settings);

const usd = (pico: bigint): string => {
  const digits = pico.toString().padStart(13, '0');
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`;
};

/** Works out everything from the lines that count. */
export function expectedUsage(logs: ReadonlyMap<string, readonly Told[]>, settings: Settings): Expected {
  const landed = [...logs].flatMap(([object, lines]) => landedRows(object, lines));
  const callRows = landed.filter((row) => row.grain === 'call');
  const clusters = clustersOf(callRows);
  const kept = clusters.map((cluster) => completed(cluster, settings));
  const counts: Record<string, number> = {};
  return {
    calls: kept.map(({ row }) => row),
    buckets: bucketRests(
      landed.filter((row) => row.grain === 'bucket'),
      scopeSums(
        kept.map(({ best }) => best),
        (row) => row.tier,
      ).values(),
      counts,
    ).map(({ row, tokens }) => ({
      day: dayOf(row.atMs),
      model: row.model,
      tier: row.tier,
      input_tokens: String(tokens.input),
      cache_read_tokens: String(tokens.read),
      output_tokens: String(tokens.output),
      cost: usd(cost(tokens, row.model, row.tier, settings)),
    })),
    counts,
    duplicates: callRows.length - kept.length,
    landedRows: landed.length,
    twins: clusters.filter((cluster) => cluster.length > 1).length,
  };
}

/** Sums of the calls that count against OpenAI's buckets, under the tiers that served them. */
export function callSums(
  logs: ReadonlyMap<string, readonly Told[]>,
  calls: readonly Call[],
  settings: Settings,
): ScopeSum[] {
  const landed = [...logs].flatMap(([object, lines]) => landedRows(object, lines));
  const clusters = clustersOf(landed.filter((row) => row.grain === 'call'));
  const best = clusters.map((cluster) => completed(cluster, settings).best);
  return [...scopeSums(best, (row) => calls[row.call ?? -1]?.tier ?? 'standard').values()];
}

function landedRows(object: string, lines: readonly Told[]): Landed[] {
  const seen = new Map<string, number>();
  return lines.flatMap(({ rows }, index) =>
    rows.map((row): Landed => {
      const ordinal = (seen.get(row.content) ?? 0) + 1;
      if (row.keys.length === 0) seen.set(row.content, ordinal);
      const key = row.keys[0] ?? `content ${ordinal} ${row.content}`;
      return { ...row, object, line: index + 1, key, day: dayOf(row.atMs) };
    }),
  );
}

/** Rows of one call that reach each other by steps within W. */
function clustersOf(rows: readonly Landed[]): Landed[][] {
  const leaderOf = linked(rows);
  const clusters: Landed[][] = [];
  for (const own of Map.groupBy(rows, (row) => leaderOf(row.key)).values()) {
    const left = new Set(own);
    for (const first of own) {
      if (!left.delete(first)) continue;
      const cluster = [first];
      for (const row of cluster) {
        for (const other of left) {
          const reach = row.isWide || other.isWide ? WIDE_DAYS : 1;
          const days = Math.abs(startOfDay(row.atMs) - startOfDay(other.atMs)) / MS_PER_DAY;
          if (days <= reach && left.delete(other)) cluster.push(other);
        }
      }
      clusters.push(cluster);
    }
  }
  return clusters;
}

/** Rows that share any identity are one call. */
function linked(rows: readonly Landed[]): (key: string) => string {
  const parent = new Map<string, string>();
  const find = (key: string): string => {
    const up = parent.get(key) ?? key;
    return up === key ? key : find(up);
  };
  for (const row of rows) for (const key of row.keys) parent.set(find(key), find(row.key));
  return find;
}

const total = (t: Tokens): number => t.input + t.read + t.write + t.output;

/** The order of DESIGN §4: usage, then provider before gateway before agent, then the fuller one; ties by what the rows say. */
function betterFirst(a: Landed, b: Landed): number {
  return (
    Number(b.hasUsage) - Number(a.hasUsage) ||
    a.rank - b.rank ||
    total(b.tokens) - total(a.tokens) ||
    a.atMs - b.atMs ||
    b.tokens.input - a.tokens.input ||
    b.tokens.output - a.tokens.output
  );
}

/** Rows in the written order; those that it does not tell apart stand together, because either may come first. */
function ranks(rows: readonly Landed[]): Landed[][] {
  const groups: Landed[][] = [];
  for (const row of rows.toSorted(betterFirst)) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && betterFirst(last[0], row) === 0) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

function completed(cluster: readonly Landed[], settings: Settings): { row: ExpectedRow; best: Landed } {
  const groups = ranks(cluster);
  const best = groups[0]?.[0] as Landed;
  /** what the first rank that knows it says; several answers where the rank is shared */
  const first = (of: (row: Landed) => string | null): Value => {
    for (const group of groups) {
      const said = [...new Set(group.map(of).filter((value) => value !== null))];
      if (said.length > 0) return said.length === 1 ? (said[0] ?? null) : said;
    }
    return null;
  };
  const strongest = Math.min(...cluster.map((row) => teamOf(row, settings)?.strength ?? Infinity));
  const word = (of: (word: TeamWord) => string): Value =>
    first((row) => {
      const own = teamOf(row, settings);
      return own?.strength === strongest ? of(own) : null;
    });
  const isUnknown = best.rank === 2;
  const list = best.hasUsage ? cost(best.tokens, best.model, best.tier, settings) : null;
  const row: ExpectedRow = {
    record_id: best.keys.length === 0 ? ANY : first((r) => hashOf(r.key)),
    day: best.day,
    source: first((r) => `${r.object}:${r.line}`),
    source_format: best.format,
    provider: best.provider,
    model: best.model,
    tier: best.tier,
    calls: '1',
    input_tokens: String(best.tokens.input),
    cache_read_tokens: String(best.tokens.read),
    cache_write_5m_tokens: String(best.tokens.write),
    output_tokens: String(best.tokens.output),
    billing_mode: isUnknown ? 'unknown' : 'on_demand',
    list_cost: list === null ? null : usd(list),
    cost: list === null || isUnknown ? null : usd(list),
    cost_status: isUnknown ? 'billing_unknown' : list === null ? 'unpriced' : 'priced',
    team: word((w) => w.name) ?? 'unallocated',
    attribution: word((w) => w.level) ?? 'unattributed',
    project: first((r) => r.project),
    user_id: first((r) => r.userId),
    session_id: first((r) => r.sessionId),
    call_id: first((r) => r.callId),
    latency_ms: first((r) => textOf(r.latencyMs)),
    reported_cost: first((r) => (r.reportedPico === null ? null : usd(r.reportedPico))),
    tags: first((r) => (Object.keys(r.tags).length > 0 ? tagText(r.tags) : null)) ?? '[]',
    stamp: settings.stamp,
  };
  return { row, best };
}

const tagText = (tags: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function textOf(value: number | null): string | null {
  return value === null ? null : String(value);
}

/** The team a row names itself, under the rules in force. */
function teamOf(row: Landed, settings: Settings): ToldRow['team'] {
  if (settings.hasRule && row.userId === RULE_USER) return { name: RULE_TEAM, strength: 0, level: 'rule:moved' };
  return row.team;
}

function scopeSums(rows: readonly Landed[], tierOf: (row: Landed) => Tier): Map<string, ScopeSum> {
  const sums = new Map<string, ScopeSum>();
  for (const row of rows) {
    if (row.provider !== 'openai') continue;
    const tier = tierOf(row);
    const scope = `${dayNumber(row)} ${row.model} ${tier}`;
    const sum = sums.get(scope);
    const t = sum?.tokens ?? { input: 0, read: 0, write: 0, output: 0 };
    sums.set(scope, {
      dayMs: startOfDay(row.atMs),
      model: row.model,
      tier,
      calls: (sum?.calls ?? 0) + row.calls,
      tokens: {
        input: t.input + row.tokens.input,
        read: t.read + row.tokens.read,
        write: 0,
        output: t.output + row.tokens.output,
      },
    });
  }
  return sums;
}
