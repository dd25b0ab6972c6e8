/**
 * Seeded chance for simulations, in named streams. In: a seed and the name of what is drawn (a parameter, "resampling"). Out: a sequence that is
 * the same on every machine and does not depend on what other streams drew, so that two scenarios that ask for one parameter get the same draws
 * and their difference is not noise (common random numbers). Invariant: seed, stream and position alone decide a draw.
 *
 * Generator: xoshiro128** 1.1 (Blackman and Vigna 2018, public domain, prng.di.unimi.it/xoshiro128starstar.c). Its 128 bits of state are hashed
 * from seed and name: FNV-1a per word, each from another start, finished as in MurmurHash3 (both public domain).
 */

export interface Chance {
  /** 32 bits as a whole number in [0, 2³²) */
  readonly bits: () => number;
  /** in (0, 1), never an end, in steps of 2⁻⁵²: fit for any quantile function */
  readonly uniform: () => number;
  /** whole number in [0, limit) */
  readonly below: (limit: number) => number;
}

export type ChanceState = readonly [number, number, number, number];

const FNV_PRIME = 0x01000193;
const WORD_STARTS = [0x811c9dc5, 0x9e3779b9, 0x7f4a7c15, 0xf39cc060] as const;
const TWO_26 = 2 ** 26;
const TWO_52 = 2 ** 52;

/** The stream `stream` of `seed`, from its beginning. */
export function createChance(seed: number, stream: string): Chance {
  const name = `${seed} ${stream}`;
  const [a, b, c, d] = WORD_STARTS;
  return chanceFrom([hashed(name, a), hashed(name, b), hashed(name, c), hashed(name, d)]);
}

/** The generator from a state of four words, not all of them zero. */
export function chanceFrom(state: ChanceState): Chance {
  let [s0, s1, s2, s3] = state.map((word) => word | 0) as [number, number, number, number];
  if ((s0 | s1 | s2 | s3) === 0) throw new RangeError('a generator cannot start from a state of zeros');

  const bits = (): number => {
    const result = Math.imul(rotated(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotated(s3, 11);
    return result;
  };
  const uniform = (): number => ((bits() >>> 6) * TWO_26 + (bits() >>> 6) + 0.5) / TWO_52;
  return { bits, uniform, below: (limit) => Math.floor(uniform() * limit) };
}

function hashed(text: string, start: number): number {
  let h = start;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
