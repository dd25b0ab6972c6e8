/**
 * Tokens of public tokenizers relative to o200k_base on the same text, by script class: lowest, expected and highest. Measured on the Universal
 * Declaration of Human Rights in 44 languages, on numbers, emoji, code, HTML and JSON; written by scripts/make-tokenizer-ratios.ts, which says how.
 */
import type { ScriptClass } from '../script-class.ts';

export type Ratio = readonly [low: number, expected: number, high: number];

/** Tokens of o200k_base for each UTF-16 unit of a class: how much of a text's tokens are of a class. */
export const O200K_DENSITY: Readonly<Record<ScriptClass, number>> = {
  latin: 0.264,
  cyrillic_greek: 0.341,
  cjk: 0.849,
  other_letters: 0.41,
  digits: 0.653,
  signs: 0.627,
  emoji: 1.256,
  space: 0.019,
};

export const MEASURED_RATIOS = {
  cl100k: {
    latin: [1.0, 1.07, 1.38],
    cyrillic_greek: [1.62, 1.79, 2.62],
    cjk: [1.36, 1.52, 1.7],
    other_letters: [1.16, 3.33, 6.66],
    digits: [1.0, 1.0, 1.0],
    signs: [0.97, 0.98, 1.01],
    emoji: [1.2, 1.23, 1.7],
    space: [0.97, 0.98, 1.01],
  },
  claude2: {
    latin: [1.02, 1.13, 1.6],
    cyrillic_greek: [1.74, 2.0, 3.17],
    cjk: [1.28, 1.44, 1.91],
    other_letters: [1.48, 4.15, 7.54],
    digits: [0.52, 0.79, 0.83],
    signs: [0.99, 1.11, 1.35],
    emoji: [1.13, 1.18, 1.46],
    space: [0.99, 1.11, 1.35],
  },
  gemma3: {
    latin: [0.92, 1.03, 1.15],
    cyrillic_greek: [0.95, 1.01, 1.39],
    cjk: [0.68, 0.85, 0.98],
    other_letters: [0.32, 0.92, 1.81],
    digits: [1.67, 1.94, 1.98],
    signs: [0.76, 1.17, 1.4],
    emoji: [0.78, 0.82, 0.87],
    space: [0.76, 1.17, 1.4],
  },
  llama3: {
    latin: [0.95, 1.05, 1.36],
    cyrillic_greek: [0.91, 1.21, 2.14],
    cjk: [0.85, 0.99, 1.03],
    other_letters: [1.03, 3.14, 6.45],
    digits: [1.0, 1.0, 1.0],
    signs: [0.97, 0.98, 1.01],
    emoji: [1.2, 1.23, 1.51],
    space: [0.97, 0.98, 1.01],
  },
  qwen2: {
    latin: [1.01, 1.06, 1.37],
    cyrillic_greek: [1.25, 1.42, 2.4],
    cjk: [0.76, 0.81, 1.07],
    other_letters: [0.56, 2.87, 4.19],
    digits: [1.67, 1.94, 1.98],
    signs: [0.88, 0.91, 0.98],
    emoji: [0.68, 0.69, 0.99],
    space: [0.88, 0.91, 0.98],
  },
  deepseek3: {
    latin: [0.99, 1.03, 1.38],
    cyrillic_greek: [1.07, 1.23, 1.78],
    cjk: [0.7, 0.75, 1.11],
    other_letters: [0.85, 1.69, 2.51],
    digits: [1.0, 1.0, 1.0],
    signs: [1.02, 1.09, 1.28],
    emoji: [0.98, 0.98, 0.99],
    space: [1.02, 1.09, 1.28],
  },
  mistral_nemo: {
    latin: [0.97, 1.03, 1.31],
    cyrillic_greek: [0.95, 1.05, 1.42],
    cjk: [0.89, 0.99, 1.12],
    other_letters: [0.94, 1.18, 4.84],
    digits: [1.67, 1.94, 1.98],
    signs: [0.9, 0.98, 1.09],
    emoji: [1.55, 1.74, 1.92],
    space: [0.9, 0.98, 1.09],
  },
  command_r: {
    latin: [0.8, 1.02, 1.3],
    cyrillic_greek: [0.77, 1.03, 1.85],
    cjk: [0.66, 0.81, 0.85],
    other_letters: [0.97, 2.76, 4.78],
    digits: [1.67, 1.94, 1.98],
    signs: [0.86, 1.0, 1.22],
    emoji: [1.07, 1.11, 1.26],
    space: [0.86, 1.0, 1.22],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<ScriptClass, Ratio>>>>;
