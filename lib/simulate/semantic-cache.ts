/**
 * How similar two questions must be for one answer to serve both. In: labelled pairs (how similar, the same answer?). Out: a certified
 * threshold; without such evidence only a band from the literature, labelled illustrative, or nothing. Sources: vCache (arXiv 2502.03771) for a
 * bound δ on wrong answers; GPT Semantic Cache (2411.05276) and practitioner posts for the bands. What a cache with it does to a log is in
 * `semantic-effects.ts`.
 */
import type { Parameters } from './parameters.ts';
import { clopperPearsonUpper } from './proportion.ts';

export interface LabelledPair {
  readonly similarity: number;
  /** the stored answer is right for the new question, too */
  readonly isSameAnswer: boolean;
}

export interface Threshold {
  readonly threshold: number;
  readonly checked: number;
  readonly errors: number;
  readonly upperFalseShare: number;
}

/**
 * Thresholds that are looked at: the one above which all pairs lie, half of them, a quarter, … down to the fewest that could certify anything.
 * They follow from similarities and never from what the labels say, so that the confidence can be shared out among them (Bonferroni).
 * The lowest first.
 */
export function thresholdLooks(pairs: readonly LabelledPair[], maxFalseShare: number, confidence: number): Threshold[] {
  const sorted = pairs.toSorted((a, b) => b.similarity - a.similarity);
  const looks: { threshold: number; checked: number; errors: number }[] = [];
  const fewest = pairsNeeded(maxFalseShare, confidence);
  for (let count = sorted.length; count >= fewest; count = Math.floor(count / 2)) {
    const threshold = (sorted[count - 1] as LabelledPair).similarity;
    if (looks.at(-1)?.threshold === threshold) continue;
    // pairs of one similarity are taken all or not at all
    const above = sorted.filter(({ similarity }) => similarity >= threshold);
    looks.push({
      threshold,
      checked: above.length,
      errors: above.filter(({ isSameAnswer }) => !isSameAnswer).length,
    });
  }
  const each = 1 - (1 - confidence) / looks.length;
  return looks.map((look) => ({
    ...look,
    upperFalseShare: clopperPearsonUpper({ hits: look.errors, trials: look.checked }, each),
  }));
}

/** Pairs without any error from which on a share of wrong answers is certified: (1 − δ)ⁿ ≤ 1 − confidence. */
export function pairsNeeded(maxFalseShare: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(1 - maxFalseShare));
}

/**
 * The lowest threshold that is looked at whose upper bound of wrong hits is at most `maxFalseShare`; null: none is certified by these pairs.
 * Where no threshold keeps to that share, one is certified in at most 1 − `confidence` of the draws of pairs.
 */
export function certifiedThreshold(
  pairs: readonly LabelledPair[],
  maxFalseShare: number,
  confidence: number,
): Threshold | null {
  return (
    thresholdLooks(pairs, maxFalseShare, confidence).find(({ upperFalseShare }) => upperFalseShare <= maxFalseShare) ??
    null
  );
}

/** Requests in order of time. */
export interface NearestRequests {
  /** index of the most similar earlier request of the same scope; below zero: none */
  readonly nearest: Int32Array;
  readonly similarity: Float64Array;
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
