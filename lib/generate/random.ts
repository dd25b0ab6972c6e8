/**
 * Seeded chance for the generators: the same seed gives the same sequence on every machine. In: a seed. Out: draws. Invariant: nothing
 * but the seed and the order of the draws decides what comes out (no clock, no ambient random number).
 */

/** Draws from one seeded sequence. */
export interface Random {
  /** in [0, 1) */
  next(): number;
  /** whole number in [0, below) */
  below(limit: number): number;
  /** whole number in [from, to], both included */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** index drawn in proportion to the weights */
  weighted(weights: readonly number[]): number;
  /** lower-case hexadecimal text of this length */
  hex(length: number): string;
  /** whole number ≥ 1 around a median with a long right tail; `spread` 0.5 is narrow, 1.5 wide */
  skewed(median: number, spread: number): number;
}

/** Mulberry32: 32 bits of state, good enough for synthetic logs and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => next() < probability,
    pick: (list) => {
      const item = list[below(list.length)];
      if (item === undefined) throw new RangeError('cannot pick from an empty list');
      return item;
    },
    weighted: (weights) => weightedIndex(weights, next()),
    hex: (length) => {
      let text = '';
      while (text.length < length) text += below(0x100000000).toString(16).padStart(8, '0');
      return text.slice(0, length);
    },
    skewed: (median, spread) => Math.max(1, Math.round(median * Math.exp(spread * bell(next)))),
  };
}

function weightedIndex(weights: readonly number[], share: number): number {
  let rest = share * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length - 1; i++) {
    rest -= weights[i] ?? 0;
    if (rest < 0) return i;
  }
  return weights.length - 1;
}

/** Sum of uniform draws, close to a standard normal, without logarithms. */
function bell(next: () => number): number {
  return (next() + next() + next() + next() - 2) * Math.sqrt(3);
}

/** A seed for a part of a generation, so that one part's draws do not shift another's (FNV-1a over the name). */
export function seedFor(seed: number, part: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
