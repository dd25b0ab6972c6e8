/**
 * A cache that answers similar questions with one stored answer. In: labelled pairs (how similar, the same answer?) and, for a replay, the
 * nearest earlier request of each in its scope. Out: a certified threshold, hits, net saving. Without such evidence only a band from the
 * literature, labelled illustrative, or nothing. Sources: vCache (arXiv 2502.03771) for a bound δ on wrong answers; GPT Semantic Cache
 * (2411.05276) and practitioner posts for the bands. Exact repeats are served first; this cache sees what they leave.
 */
import type { Parameters } from './parameters.ts';
import { shareOfPico } from './share-of-pico.ts';

export interface LabelledPair {
  readonly similarity: number;
  /** the stored answer is right for the new question, too */
  readonly isSameAnswer: boolean;
}

/** Exact upper confidence bound of a share after `errors` errors in `checked` (Clopper and Pearson). */
export type UpperBound = (errors: number, checked: number) => number;

export interface Threshold {
  readonly threshold: number;
  readonly checked: number;
  readonly errors: number;
  readonly upperFalseShare: number;
}

/** Every similarity that occurs among the pairs as a threshold, highest first. */
export function thresholdSweep(pairs: readonly LabelledPair[], upperBound: UpperBound): Threshold[] {
  const sorted = pairs.toSorted((a, b) => b.similarity - a.similarity);
  const sweep: Threshold[] = [];
  let errors = 0;
  for (const [at, { similarity, isSameAnswer }] of sorted.entries()) {
    if (!isSameAnswer) errors++;
    if (sorted[at + 1]?.similarity === similarity) continue;
    const checked = at + 1;
    sweep.push({ threshold: similarity, checked, errors, upperFalseShare: upperBound(errors, checked) });
  }
  return sweep;
}

/** The smallest threshold whose upper bound of wrong hits is at most `maxFalseShare`; null: none is certified by these pairs. */
export function certifiedThreshold(
  pairs: readonly LabelledPair[],
  maxFalseShare: number,
  upperBound: UpperBound,
): Threshold | null {
  return thresholdSweep(pairs, upperBound).findLast(({ upperFalseShare }) => upperFalseShare <= maxFalseShare) ?? null;
}

/** Requests in order of time. */
export interface NearestRequests {
  readonly timeMs: Float64Array;
  /** when the answer was there: a request that comes before cannot be served from it */
  readonly answeredMs: Float64Array;
  /** index of the most similar earlier request of the same scope; below zero: none */
  readonly nearest: Int32Array;
  readonly similarity: Float64Array;
}

export interface SemanticHits {
  /** 1 where the request would have been served */
  readonly isHit: Uint8Array;
  readonly hits: number;
  /** hits whose nearest request was itself answered by the model: a cache that does not index what it served has at least these */
  readonly hitsOnAnswered: number;
}

/** Replays hits at a threshold; `ttlMs` null: entries live for ever. */
export function replaySemanticHits(requests: NearestRequests, threshold: number, ttlMs: number | null): SemanticHits {
  const { timeMs, answeredMs, nearest, similarity } = requests;
  const isHit = new Uint8Array(timeMs.length);
  let hits = 0;
  let hitsOnAnswered = 0;
  for (let i = 0; i < timeMs.length; i++) {
    const source = nearest[i] as number;
    if (source < 0 || !((similarity[i] as number) >= threshold)) continue;
    if (source >= i) throw new RangeError(`request ${i}: its nearest request ${source} is not an earlier one`);
    const now = timeMs[i] as number;
    if ((answeredMs[source] as number) > now || now - (timeMs[source] as number) > (ttlMs ?? Infinity)) continue;
    isHit[i] = 1;
    hits++;
    if (isHit[source] === 0) hitsOnAnswered++;
  }
  return { isHit, hits, hitsOnAnswered };
}

export interface SemanticCosts {
  /** what the hits would have cost at the model */
  readonly hitsPico: bigint;
  /** embedding and looking up, over all requests that are looked up */
  readonly embedPico: bigint;
  readonly lookupPico: bigint;
  /** share of the hits that are wrong: the upper bound where certified */
  readonly falseShare: number;
  /** cost of a wrong hit, in calls of the same price */
  readonly falseHitCalls: number;
}

/** Σ hits − embedding − lookups − wrong hits. With a wrong hit costing one call or more, a cache of wrong hits never gains. */
export function semanticSavingPico(costs: SemanticCosts): bigint {
  const wrongPico = shareOfPico(shareOfPico(costs.hitsPico, costs.falseShare), costs.falseHitCalls);
  return costs.hitsPico - costs.embedPico - costs.lookupPico - wrongPico;
}

/** Share of all requests served by either cache: exact repeats first, similar ones among the rest. */
export function servedShare(exactShare: number, semanticShareOfRest: number): number {
  return exactShare + (1 - exactShare) * semanticShareOfRest;
}

export type ApplicationType = 'faq' | 'open_chat' | 'agents';

export type HitBand =
  | { readonly basis: 'illustrative'; readonly low: number; readonly value: number; readonly high: number }
  | { readonly basis: 'not_identifiable'; readonly needs: string };

/** Without prompts or embeddings: what others saw, if the owner says what kind of application it is; else not identifiable. */
export function hitBand(application: ApplicationType | null, parameters: Parameters): HitBand {
  if (application === null) {
    return {
      basis: 'not_identifiable',
      needs: 'prompts or embeddings with labelled pairs, or the type of the application',
    };
  }
  const { low, value, high } = parameters.rowOf(`sem.hit_share_${application}`);
  return { basis: 'illustrative', low, value, high };
}
