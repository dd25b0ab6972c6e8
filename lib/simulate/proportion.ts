/**
 * What a count says of a share: how often a cached answer was wrong, how often a smaller model passed. In: hits of trials. Out: an interval.
 * Invariant: bounds lie in [0, 1] and hold the share that was counted; the exact interval is never too narrow.
 *
 * Sources: Wilson, JASA 22 (1927); Clopper and Pearson, Biometrika 26 (1934), by quantiles of the beta distribution; difference of two shares by
 * Newcombe, Statistics in Medicine 17 (1998) 873, method 10: Wilson bounds of both, without correction for continuity.
 */
import { betaQuantile, normalQuantile } from './probability-functions.ts';

export const CONFIDENCE = 0.95;

/** `hits` of `trials`, both whole, at least one trial. */
export interface Counted {
  readonly hits: number;
  readonly trials: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Wilson's score interval: close to its nominal confidence on average, for rates that are shown. */
export function wilsonInterval({ hits, trials }: Counted, confidence = CONFIDENCE): Interval {
  checkCounted({ hits, trials });
  const z = normalQuantile((1 + confidence) / 2);
  const center = (hits + (z * z) / 2) / (trials + z * z);
  const half = (z / (trials + z * z)) * Math.sqrt((hits * (trials - hits)) / trials + (z * z) / 4);
  return { low: hits === 0 ? 0 : center - half, high: hits === trials ? 1 : center + half };
}

/** The exact interval of Clopper and Pearson: each bound is wrong at most (1 − confidence) / 2 of the time. */
export function clopperPearsonInterval(counted: Counted, confidence = CONFIDENCE): Interval {
  const oneSided = (1 + confidence) / 2;
  const { hits, trials } = counted;
  return {
    low: 1 - clopperPearsonUpper({ hits: trials - hits, trials }, oneSided),
    high: clopperPearsonUpper(counted, oneSided),
  };
}

/** The exact upper bound alone, wrong at most 1 − confidence of the time: what a limit on errors is checked against. About 3/n after no error in n. */
export function clopperPearsonUpper({ hits, trials }: Counted, confidence = CONFIDENCE): number {
  checkCounted({ hits, trials });
  return hits === trials ? 1 : betaQuantile(confidence, hits + 1, trials - hits);
}

export interface RateComparison extends Interval {
  /** share of `candidate` less share of `reference` */
  readonly difference: number;
  /** the candidate is worse by less than the margin, as far as the interval can tell */
  readonly isNonInferior: boolean;
}

/** Pass rates of two models on separate tasks; `margin` is the loss that would be accepted, as a share (0.02: two points). */
export function comparePassRates(
  candidate: Counted,
  reference: Counted,
  margin: number,
  confidence = CONFIDENCE,
): RateComparison {
  if (!(margin > 0 && margin < 1)) throw new RangeError(`a margin is a share between 0 and 1, not ${margin}`);
  const [ours, theirs] = [wilsonInterval(candidate, confidence), wilsonInterval(reference, confidence)];
  const [p, q] = [candidate.hits / candidate.trials, reference.hits / reference.trials];
  const difference = p - q;
  const low = difference - Math.hypot(p - ours.low, theirs.high - q);
  const high = difference + Math.hypot(ours.high - p, q - theirs.low);
  return { difference, low, high, isNonInferior: low > -margin };
}

function checkCounted({ hits, trials }: Counted): void {
  if (!Number.isInteger(hits) || !Number.isInteger(trials) || trials < 1 || hits < 0 || hits > trials)
    throw new RangeError(
      `${hits} hits of ${trials} trials is no count: a share needs whole hits of at least one trial`,
    );
}
