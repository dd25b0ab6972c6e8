/**
 * The semantic cache as a lever: which calls a cache of answers to similar questions would serve, by the owner's own evidence. In: a log, for each
 * call its nearest earlier one, labelled pairs, what the cache costs. Out: flags per call and what hits and misses pay. Invariant: without a
 * certified threshold there are no hits; every hit pays for the wrong answers that the labels cannot rule out, so a cache of wrong hits never
 * gains; where it does not pay (by model and workspace) calls are left alone. Formulas: docs/simulation.md, "Semantic cache"; the exact upper
 * bound of wrong hits is that of Clopper and Pearson (Biometrika 26, 1934), the bound δ that of vCache (arXiv 2502.03771).
 */
import { isImageCall } from './call-log.ts';
import type { CallLog } from './call-log.ts';
import { callStreams } from './call-streams.ts';
import type { ParameterId } from './parameters-data.ts';
import { certifiedThreshold, pairsNeeded, thresholdLooks } from './semantic-cache.ts';
import type { LabelledPair, NearestRequests, Threshold } from './semantic-cache.ts';

export interface SemanticSettings {
  /** how long after a call its answer may be served */
  readonly ttlMs: number;
  /** taken where the log does not tell how long an answer took */
  readonly assumedLatencyMs: number;
  readonly maxFalseShare: number;
  readonly confidence: number;
  /** cost of a wrong hit, in calls of the same price */
  readonly falseHitCalls: number;
  /** embedding a call: a fixed amount and one by input token */
  readonly embedPico: number;
  readonly embedPicoPerToken: number;
  /** one search for the nearest */
  readonly searchPico: number;
  readonly storePico: number;
}

/** What config says; the register's parameters stand in for the rest. */
export interface ConfiguredSemanticCache {
  readonly ttlSeconds?: number | undefined;
  readonly embedUsd?: number | undefined;
  readonly maxFalsePercent?: number | undefined;
  readonly falseHitCalls?: number | undefined;
}

/** Arrays by call. */
export interface SemanticFlags {
  /** served from the cache */
  readonly isHit: Uint8Array;
  /** embedded and looked up; what is no hit is stored, too */
  readonly isAsked: Uint8Array;
}

export interface SemanticEffects extends SemanticFlags {
  /** by call: embedding and search, hit or not */
  readonly lookupPico: Float64Array;
  readonly storePico: number;
  /** calls that the wrong answers behind one hit cost: upper share of wrong hits times cost of one */
  readonly wrongCalls: number;
  /** null: none is certified, and `reason` says why */
  readonly threshold: Threshold | null;
  readonly reason: string | null;
  /** flags where only these calls reach the cache, such as those an exact cache leaves */
  hitsAmong(survives: Uint8Array): SemanticFlags;
}

const PICO_PER_USD = 1e12;
const TOKENS_PER_PRICE = 1e6;

/** Settings of config and register. */
export function semanticSettings(
  given: ConfiguredSemanticCache,
  valueOf: (id: ParameterId) => number,
): SemanticSettings {
  const { ttlSeconds, embedUsd, maxFalsePercent, falseHitCalls } = given;
  return {
    ttlMs: (ttlSeconds ?? valueOf('exact.ttl_s')) * 1000,
    assumedLatencyMs: valueOf('exact.assumed_latency_s') * 1000,
    maxFalseShare: maxFalsePercent === undefined ? valueOf('sem.max_false_share') : maxFalsePercent / 100,
    confidence: valueOf('sem.confidence'),
    falseHitCalls: falseHitCalls ?? valueOf('sem.false_hit_calls'),
    embedPico: Math.round((embedUsd ?? 0) * PICO_PER_USD),
    embedPicoPerToken:
      embedUsd === undefined ? (valueOf('sem.embed_usd_per_million') * PICO_PER_USD) / TOKENS_PER_PRICE : 0,
    searchPico: Math.round(valueOf('sem.lookup_usd') * PICO_PER_USD),
    storePico: Math.round(valueOf('exact.store_usd') * PICO_PER_USD),
  };
}

/** The lever on the open calls of a log. `nearest` is that of `semantic-evidence.ts`. */
export function semanticEffects(
  log: CallLog,
  nearest: NearestRequests,
  pairs: readonly LabelledPair[],
  settings: SemanticSettings,
): SemanticEffects {
  const { confidence, maxFalseShare, storePico } = settings;
  const threshold = certifiedThreshold(pairs, maxFalseShare, confidence);
  const costs = {
    lookupPico: lookupCosts(log, settings),
    storePico,
    wrongCalls: (threshold?.upperFalseShare ?? 1) * settings.falseHitCalls,
  };
  const hitsAmong = (survives: Uint8Array): SemanticFlags => {
    const isAsked = new Uint8Array(log.calls);
    if (threshold === null) return { isHit: new Uint8Array(log.calls), isAsked };
    const isHit = candidateHits(log, nearest, survives, threshold.threshold, settings);
    keepWhatPays(log, survives, costs, { isHit, isAsked });
    return { isHit, isAsked };
  };
  return {
    ...hitsAmong(log.isOpen),
    ...costs,
    threshold,
    reason: threshold === null ? whyNone(pairs, maxFalseShare, confidence) : null,
    hitsAmong,
  };
}

/** What a hit is expected to cost: the lookup, and its part of the wrong answers, each as dear as so many calls. */
export function semanticHitPico(lookupPico: number, wrongCalls: number, callPico: number): number {
  return lookupPico + Math.round(wrongCalls * callPico);
}

function lookupCosts(log: CallLog, { embedPico, embedPicoPerToken, searchPico }: SemanticSettings): Float64Array {
  return log.allInput.map((tokens) => searchPico + embedPico + Math.round(tokens * embedPicoPerToken));
}

/**
 * Hits at a threshold. Only answers of the model are stored. Where the nearest call was itself served from a cache, the answer of the same prompt
 * stands in, if the model gave one before; else the call is a miss, as the next nearest is not known.
 */
function candidateHits(
  log: CallLog,
  { nearest, similarity }: NearestRequests,
  survives: Uint8Array,
  threshold: number,
  { ttlMs, assumedLatencyMs }: SemanticSettings,
): Uint8Array {
  const isHit = new Uint8Array(log.calls);
  /** by prompt: the last call that the model answered */
  const answered = new Map<number, number>();
  const isSimilar = (call: number): boolean => (similarity[call] as number) >= threshold;
  const isInScope = (source: number, call: number): boolean =>
    log.model.codes[source] === log.model.codes[call] && log.workspace.codes[source] === log.workspace.codes[call];
  const isServable = (source: number, now: number): boolean => {
    const askedMs = log.timeMs[source] as number;
    const latencyMs = log.latencyMs[source] as number;
    return askedMs + (Number.isNaN(latencyMs) ? assumedLatencyMs : latencyMs) <= now && now - askedMs <= ttlMs;
  };
  for (let call = 0; call < log.calls; call++) {
    if (survives[call] === 0) continue;
    const found = nearest[call] as number;
    if (found >= call) throw new RangeError(`call ${call}: its nearest call ${found} is not an earlier one`);
    if (found >= 0 && isSimilar(call) && isInScope(found, call) && !isImageCall(log, call)) {
      const isStored = survives[found] === 1 && isHit[found] === 0;
      const source = isStored ? found : (answered.get(log.prompt[found] as number) ?? -1);
      if (source >= 0 && isServable(source, log.timeMs[call] as number)) {
        isHit[call] = 1;
        continue;
      }
    }
    if ((log.prompt[call] as number) >= 0) answered.set(log.prompt[call] as number, call);
  }
  return isHit;
}

type SemanticCosts = Pick<SemanticEffects, 'lookupPico' | 'storePico' | 'wrongCalls'>;

/** Flags the calls of each model and workspace in which hits save more than lookups, stored answers and wrong hits cost; takes back the others. */
function keepWhatPays(
  log: CallLog,
  survives: Uint8Array,
  { lookupPico, storePico, wrongCalls }: SemanticCosts,
  { isHit, isAsked }: SemanticFlags,
): void {
  for (const { calls } of callStreams(log, log.model.codes, (call) => survives[call] === 1)) {
    let gain = 0;
    for (const call of calls) {
      const cost = Number(log.costPico[call]);
      const lookup = lookupPico[call] as number;
      gain += isHit[call] === 1 ? cost - semanticHitPico(lookup, wrongCalls, cost) : -lookup - storePico;
    }
    for (const call of calls) {
      if (gain > 0) isAsked[call] = 1;
      else isHit[call] = 0;
    }
  }
}

function whyNone(pairs: readonly LabelledPair[], maxFalseShare: number, confidence: number): string {
  const needed = pairsNeeded(maxFalseShare, confidence);
  const ask = `at least ${needed} pairs without an error are needed above a threshold to certify ${percent(maxFalseShare)} of wrong answers`;
  if (pairs.length < needed)
    return `there are ${pairs.length === 0 ? 'no' : `only ${pairs.length}`} labelled pairs; ${ask}`;
  const looks = thresholdLooks(pairs, maxFalseShare, confidence);
  const best = Math.min(...looks.map(({ upperFalseShare }) => upperFalseShare));
  return `no threshold is certified: among ${pairs.length} labelled pairs the share of wrong answers may be ${percent(best)} at the best of ${looks.length}; ${ask}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
