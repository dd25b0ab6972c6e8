/**
 * What a parameter may turn out to be, as data. In: a distribution with its stated numbers. Out: its quantile function, and draws. Invariant: a
 * draw takes exactly one uniform number and is monotone in it (inversion), so that draw i of a parameter stays draw i when a scenario moves the
 * parameter's range, and moves with it.
 *
 * Sources: a counted share is Beta(k + ½, n − k + ½) (Jeffreys prior; Brown, Cai and DasGupta, Statistical Science 16, 2001); PERT is the beta
 * distribution on [low, high] whose mean is (low + 4·mode + high) / 6 (Malcolm et al., Operations Research 7, 1959).
 */
import { Misconfigured } from '../errors.ts';
import type { Chance } from './chance.ts';
import { betaQuantile, gammaQuantile, normalQuantile } from './probability-functions.ts';

export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** `hits` of `trials` were counted: a share in [0, 1] */
  | { readonly kind: 'counted'; readonly hits: number; readonly trials: number }
  | { readonly kind: 'beta'; readonly a: number; readonly b: number }
  | { readonly kind: 'gamma'; readonly shape: number; readonly scale: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'triangular'; readonly low: number; readonly mode: number; readonly high: number }
  | { readonly kind: 'pert'; readonly low: number; readonly mode: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly sd: number }
  /** `sigma` is the standard deviation of the logarithm; the median is mode·e^(sigma²) */
  | { readonly kind: 'lognormal'; readonly mode: number; readonly sigma: number };

/** The lognormal distribution that is given by its median ("times or divided by"), as errors of a factor usually are. */
export function lognormalAround(median: number, sigma: number): Distribution {
  return { kind: 'lognormal', mode: median * Math.exp(-sigma * sigma), sigma };
}

/** The quantile function: for a share in (0, 1), the value that this share of the draws does not exceed. */
export function quantileOf(distribution: Distribution): (share: number) => number {
  switch (distribution.kind) {
    case 'constant':
      return () => distribution.value;
    case 'counted': {
      const { hits, trials } = distribution;
      return (share) => betaQuantile(share, hits + 0.5, trials - hits + 0.5);
    }
    case 'beta':
      return (share) => betaQuantile(share, distribution.a, distribution.b);
    case 'gamma':
      return (share) => distribution.scale * gammaQuantile(share, distribution.shape);
    case 'uniform':
      return (share) => distribution.low + share * (distribution.high - distribution.low);
    case 'triangular':
      return triangularQuantile(distribution.low, distribution.mode, distribution.high);
    case 'pert':
      return pertQuantile(distribution.low, distribution.mode, distribution.high);
    case 'normal':
      return (share) => distribution.mean + distribution.sd * normalQuantile(share);
    case 'lognormal': {
      const mu = Math.log(distribution.mode) + distribution.sigma ** 2;
      return (share) => Math.exp(mu + distribution.sigma * normalQuantile(share));
    }
  }
}

/** `count` draws, one uniform number of `chance` each. */
export function drawsOf(distribution: Distribution, chance: Chance, count: number): Float64Array {
  const quantile = quantileOf(distribution);
  return Float64Array.from({ length: count }, () => quantile(chance.uniform()));
}

/** Stops where the numbers of a distribution are not possible; `name` is the parameter's, as its owner knows it. */
export function checkDistribution(name: string, distribution: Distribution): void {
  const wrong = problemOf(distribution);
  if (wrong !== null)
    throw new Misconfigured(`parameter ${name}: ${wrong}`, { hint: 'correct the numbers of this parameter' });
}

function problemOf(distribution: Distribution): string | null {
  for (const [field, value] of Object.entries(distribution)) {
    if (field !== 'kind' && !Number.isFinite(value)) return `${field} must be a finite number`;
  }
  switch (distribution.kind) {
    case 'constant':
      return null;
    case 'counted':
      return distribution.hits < 0 || distribution.hits > distribution.trials
        ? 'hits must be between 0 and trials'
        : null;
    case 'beta':
      return distribution.a <= 0 || distribution.b <= 0 ? 'a and b must be above 0' : null;
    case 'gamma':
      return distribution.shape <= 0 || distribution.scale <= 0 ? 'shape and scale must be above 0' : null;
    case 'uniform':
      return distribution.low > distribution.high ? 'low must not be above high' : null;
    case 'triangular':
    case 'pert':
      return distribution.low > distribution.mode || distribution.mode > distribution.high
        ? 'low, mode and high must not descend'
        : null;
    case 'normal':
      return distribution.sd < 0 ? 'sd must not be below 0' : null;
    case 'lognormal':
      return distribution.mode <= 0 || distribution.sigma < 0 ? 'mode must be above 0 and sigma not below 0' : null;
  }
}

function triangularQuantile(low: number, mode: number, high: number): (share: number) => number {
  if (low === high) return () => mode;
  const shareBelowMode = (mode - low) / (high - low);
  return (share) =>
    share < shareBelowMode
      ? low + Math.sqrt(share * (high - low) * (mode - low))
      : high - Math.sqrt((1 - share) * (high - low) * (high - mode));
}

function pertQuantile(low: number, mode: number, high: number): (share: number) => number {
  if (low === high) return () => mode;
  const width = high - low;
  const [a, b] = [1 + (4 * (mode - low)) / width, 1 + (4 * (high - mode)) / width];
  return (share) => low + width * betaQuantile(share, a, b);
}
