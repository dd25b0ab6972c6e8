/**
 * How much of what a replay of the prompt cache promises a provider really gave: κ = observed cached tokens / simulated ones. In: a log whose calls
 * have prompts in blocks and cached tokens as billed. Out: per provider, model and lifetime κ with a range, and how far single calls are off.
 * Invariants: κ is a ratio of sums, never a mean of ratios; where nothing was simulated, or the log shows no cached tokens at all, it is null: not
 * known is not zero. The replay is the one of the lever (`tree-replay.ts`) under the provider's own rule. Method: docs/simulation.md,
 * "Calibration"; range: whole days or sessions drawn with replacement (`resampling.ts`).
 */
import { cacheRulesFor } from './cache-rules.ts';
import type { CacheLifetime, CacheRule } from './cache-rules-data.ts';
import type { CallKind, CallLog } from './call-log.ts';
import { callStreams } from './call-streams.ts';
import { resampleSavings, savingRange } from './resampling.ts';
import { MIN_CLUSTERS } from './saving-interval.ts';
import { replayStream } from './tree-replay.ts';
import type { CacheTokens } from './tree-replay.ts';

export interface CalibrationRow {
  readonly provider: string;
  readonly model: string;
  readonly rule: CacheRule['rule'];
  readonly ttlMs: number;
  /** calls that were replayed */
  readonly calls: number;
  readonly simulatedReadTokens: number;
  readonly observedReadTokens: number;
  /** null where nothing was simulated, or nothing is known of what was cached */
  readonly kappa: number | null;
  /** 95 %, by days or sessions; null where there are fewer than fourteen of both */
  readonly kappaRange: { readonly low: number; readonly high: number } | null;
  /** simulated less observed, before κ: tokens per call, and shares of all input */
  readonly meanErrorTokens: number;
  readonly meanAbsoluteErrorTokens: number;
  readonly errorShare: number;
  readonly absoluteErrorShare: number;
}

export interface CacheCalibration {
  readonly rows: readonly CalibrationRow[];
  /** κ between 0 and 1 over all lifetimes of a model; null where too little supports it */
  servedShareFor(provider: string, model: string): number | null;
}

/** What a κ must rest on to take the place of the register's parameter. Conventions, 2026-11. */
export const MIN_CALIBRATION_CALLS = 100;
export const MIN_CALIBRATION_TOKENS = 1_000_000;
const MS_PER_DAY = 86_400_000;

/** Calls of one provider, model and lifetime. */
interface Group {
  readonly kind: CallKind;
  readonly rule: CacheRule;
  readonly lifetime: CacheLifetime;
  readonly calls: number[];
}

/** Replays what the log has and compares. */
export function cacheCalibration(log: CallLog): CacheCalibration {
  const tokens: CacheTokens = { read: new Float64Array(log.calls), written: new Float64Array(log.calls) };
  const replayable = { ...log, inputTokens: log.allInput };
  const groups = new Map<string, Group>();
  for (const { kind: kindAt, calls } of callStreams(log, log.kind, (call) => isReplayable(log, call))) {
    const kind = log.kinds[kindAt] as CallKind;
    const rule = cacheRulesFor(kind.provider, kind.model, log.timeMs[calls[0] as number] as number);
    const lifetime = rule === null ? null : lifetimeOf(log, rule, calls);
    if (rule === null || lifetime === null) continue;
    const { minimumTokens, incrementTokens } = rule;
    const order = Int32Array.from(calls);
    replayStream(
      replayable,
      order,
      { rule: rule.rule, ttlMs: lifetime.lifeMs, minimumTokens, incrementTokens },
      tokens,
    );
    const name = JSON.stringify([kind.provider, kind.model, rule.rule, lifetime.lifeMs]);
    const group = groups.get(name) ?? { kind, rule, lifetime, calls: [] };
    groups.set(name, group);
    for (const call of calls) group.calls.push(call);
  }
  const rows = [...groups.values()].map((group) => calibrationRow(log, group, tokens.read));
  return { rows, servedShareFor: (provider, model) => servedShare(rows, provider, model) };
}

/** JSON of `evidence.prefix_cache.calibration`. */
export function calibrationJson(rows: readonly CalibrationRow[]): Record<string, string | number | null>[] {
  return rows.map((row) => ({
    provider: row.provider,
    model: row.model,
    calls: row.calls,
    simulated_read_tokens: row.simulatedReadTokens,
    observed_read_tokens: row.observedReadTokens,
    kappa: row.kappa,
    kappa_low: row.kappaRange?.low ?? null,
    kappa_high: row.kappaRange?.high ?? null,
    mean_absolute_error_tokens: row.meanAbsoluteErrorTokens,
    rule: row.rule,
    ttl_seconds: row.ttlMs / 1000,
  }));
}

/** Batches are left out: what they read from caches is best effort, and has a parameter of its own. */
function isReplayable(log: CallLog, call: number): boolean {
  return (
    log.isOpen[call] === 1 && (log.leaf[call] as number) >= 0 && log.kinds[log.kind[call] as number]?.tier !== 'batch'
  );
}

/**
 * The lifetime a stream ran under. Providers that cache by themselves give one; elsewhere it is what most written tokens were bought for, the first
 * of the rule where only reads are seen, and null where prompts were not marked: nothing was asked of the cache there.
 */
function lifetimeOf(log: CallLog, rule: CacheRule, calls: readonly number[]): CacheLifetime | null {
  const [usual] = rule.lifetimes;
  if (rule.isAutomatic) return usual;
  const sum = (of: Float64Array): number => calls.reduce((all, call) => all + (of[call] as number), 0);
  const [short, long] = [sum(log.cacheWrite5m), sum(log.cacheWrite1h)];
  if (short + long === 0) return sum(log.cacheRead) === 0 ? null : usual;
  const write = long > short ? '1h' : '5m';
  return rule.lifetimes.find((lifetime) => lifetime.write === write) ?? usual;
}

function calibrationRow(log: CallLog, { kind, rule, lifetime, calls }: Group, read: Float64Array): CalibrationRow {
  let [simulated, observed, written, error, absoluteError, input] = [0, 0, 0, 0, 0, 0];
  for (const call of calls) {
    const there = log.cacheRead[call] as number;
    const off = (read[call] as number) - there;
    simulated += read[call] as number;
    observed += there;
    written += (log.cacheWrite5m[call] as number) + (log.cacheWrite1h[call] as number);
    error += off;
    absoluteError += Math.abs(off);
    input += log.allInput[call] as number;
  }
  // a log without cached tokens and a cache that never served look alike
  const isKnown = simulated > 0 && observed + written > 0;
  return {
    provider: kind.provider,
    model: kind.model,
    rule: rule.rule,
    ttlMs: lifetime.lifeMs,
    calls: calls.length,
    simulatedReadTokens: simulated,
    observedReadTokens: observed,
    kappa: isKnown ? observed / simulated : null,
    kappaRange: isKnown ? kappaRange(log, calls, read) : null,
    meanErrorTokens: error / calls.length,
    meanAbsoluteErrorTokens: absoluteError / calls.length,
    errorShare: input === 0 ? 0 : error / input,
    absoluteErrorShare: input === 0 ? 0 : absoluteError / input,
  };
}

/** κ is a ratio of sums over clusters like the cost that is left of a plan, so the same draws do: κ = 1 − saving. */
function kappaRange(log: CallLog, calls: readonly number[], read: Float64Array): CalibrationRow['kappaRange'] {
  const dayOf = (call: number): number => Math.floor((log.timeMs[call] as number) / MS_PER_DAY);
  const sessionOf = (call: number): number => log.session.codes[call] as number;
  for (const clusterOf of [dayOf, sessionOf]) {
    const sums = new Map<number, { simulated: number; observed: number }>();
    for (const call of calls) {
      const sum = sums.get(clusterOf(call)) ?? { simulated: 0, observed: 0 };
      sum.simulated += read[call] as number;
      sum.observed += log.cacheRead[call] as number;
      sums.set(clusterOf(call), sum);
    }
    const clusters = [...sums.values()];
    if (clusters.filter(({ simulated }) => simulated > 0).length < MIN_CLUSTERS) continue;
    const { low, high } = savingRange(
      resampleSavings({
        base: Float64Array.from(clusters, ({ simulated }) => simulated),
        next: Float64Array.from(clusters, ({ observed }) => observed),
        plans: 1,
      }),
      0,
    );
    return { low: 1 - high, high: 1 - low };
  }
  return null;
}

function servedShare(rows: readonly CalibrationRow[], provider: string, model: string): number | null {
  let [calls, simulated, observed] = [0, 0, 0];
  for (const row of rows) {
    if (row.provider !== provider || row.model !== model || row.kappa === null) continue;
    calls += row.calls;
    simulated += row.simulatedReadTokens;
    observed += row.observedReadTokens;
  }
  if (calls < MIN_CALIBRATION_CALLS || simulated < MIN_CALIBRATION_TOKENS) return null;
  return Math.min(1, observed / simulated);
}
