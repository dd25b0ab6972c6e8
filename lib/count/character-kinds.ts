/**
 * What the split patterns of OpenAI's encodings tell apart: the kind of every character. In: the runs of `character-kinds-data.ts`. Out: a table by
 * code point. The reference (tiktoken 0.14) knows the letters of Unicode 16; Node's own tables grow with each version of Node and are not used.
 */
import { KIND_RUNS } from './character-kinds-data.ts';

/** Bits, so that a class of a pattern is one number. */
export const UPPER = 1;
export const LOWER = 2;
/** letters without case: `\p{Lm}`, `\p{Lo}` */
export const CASELESS = 4;
export const MARK = 8;
export const DIGIT = 16;
/** white space that ends no line */
export const SPACE = 32;
/** `\r` and `\n` */
export const LINE_END = 64;
export const OTHER = 128;

const CODE_POINTS = 0x110000;
/** Kinds by the letter that stands for them in the data. */
const KINDS: Readonly<Record<string, number>> = {
  U: UPPER,
  L: LOWER,
  C: CASELESS,
  M: MARK,
  D: DIGIT,
  S: SPACE,
  E: LINE_END,
  O: OTHER,
};

/** The kind of every code point, one byte each. Throws `RangeError` where the data do not cover them all. */
export function characterKinds(runs: string = KIND_RUNS): Uint8Array {
  const kinds = new Uint8Array(CODE_POINTS);
  let at = 0;
  for (const [, letter = '', length = ''] of runs.matchAll(/([A-Z])([0-9a-z]*)/g)) {
    const end = at + (length === '' ? 1 : Number.parseInt(length, 36));
    kinds.fill(KINDS[letter] ?? 0, at, end);
    at = end;
  }
  if (at !== CODE_POINTS) throw new RangeError(`kinds of ${at} characters are given, there are ${CODE_POINTS}`);
  return kinds;
}
