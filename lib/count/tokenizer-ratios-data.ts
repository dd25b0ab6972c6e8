/**
 * Tokens of public tokenizers relative to o200k_base on the same text, by script class: lowest, expected and highest. Measured on the Universal
 * Declaration of Human Rights in 44 languages, on numbers, emoji, code, HTML and JSON; written by scripts/make-tokenizer-ratios.ts, which says how.
 */
import type { ScriptClass } from '../script-class.ts';

export type Ratio = readonly [low: number, expected: number, high: number];

/** Tokens of o200k_base for each UTF-16 unit of a class: how much of a text's tokens are of a class. */
export const O200K_DENSITY: Readonly<Record<ScriptClass, number>> = {
  latin: 0.26,
  cyrillic_greek: 0.337,
  cjk: 0.847,
  other_letters: 0.406,
  digits: 0.648,
  signs: 0.613,
  emoji: 1.25,
  space: 0.041,
};

export const MEASURED_RATIOS = {
  cl100k: {
    latin: [1.0, 1.07, 1.37],
    cyrillic_greek: [1.65, 1.79, 2.56],
    cjk: [1.39, 1.52, 1.66],
    other_letters: [2.21, 3.33, 4.76],
    digits: [1.0, 1.0, 1.0],
    signs: [0.97, 0.98, 1.01],
    emoji: [1.2, 1.23, 1.6],
    space: [0.97, 0.98, 1.01],
  },
  claude2: {
    latin: [1.02, 1.14, 1.59],
    cyrillic_greek: [1.77, 2.0, 2.94],
    cjk: [1.32, 1.44, 1.78],
    other_letters: [1.77, 4.15, 6.15],
    digits: [0.57, 0.79, 0.82],
    signs: [0.99, 1.11, 1.35],
    emoji: [1.13, 1.18, 1.41],
    space: [0.99, 1.11, 1.35],
  },
  gemma3: {
    latin: [0.95, 1.02, 1.06],
    cyrillic_greek: [0.97, 1.01, 1.21],
    cjk: [0.73, 0.85, 0.94],
    other_letters: [0.71, 0.92, 1.22],
    digits: [1.72, 1.94, 1.98],
    signs: [0.78, 1.16, 1.39],
    emoji: [0.79, 0.82, 0.86],
    space: [0.78, 1.16, 1.39],
  },
  llama3: {
    latin: [0.95, 1.05, 1.29],
    cyrillic_greek: [0.98, 1.21, 1.71],
    cjk: [0.89, 0.99, 1.03],
    other_letters: [1.09, 3.14, 4.76],
    digits: [1.0, 1.0, 1.0],
    signs: [0.97, 0.98, 1.01],
    emoji: [1.2, 1.23, 1.45],
    space: [0.97, 0.98, 1.01],
  },
  qwen2: {
    latin: [1.01, 1.06, 1.34],
    cyrillic_greek: [1.25, 1.42, 2.24],
    cjk: [0.76, 0.81, 0.99],
    other_letters: [0.98, 2.87, 3.59],
    digits: [1.72, 1.94, 1.98],
    signs: [0.88, 0.92, 0.97],
    emoji: [0.68, 0.69, 0.93],
    space: [0.88, 0.92, 0.97],
  },
  deepseek3: {
    latin: [0.99, 1.03, 1.35],
    cyrillic_greek: [1.08, 1.23, 1.53],
    cjk: [0.7, 0.75, 1.0],
    other_letters: [1.13, 1.69, 2.24],
    digits: [1.0, 1.0, 1.0],
    signs: [1.02, 1.09, 1.28],
    emoji: [0.98, 0.98, 0.99],
    space: [1.02, 1.09, 1.28],
  },
  mistral_nemo: {
    latin: [0.98, 1.03, 1.1],
    cyrillic_greek: [0.98, 1.05, 1.26],
    cjk: [0.9, 0.99, 1.12],
    other_letters: [0.94, 1.18, 1.71],
    digits: [1.72, 1.94, 1.98],
    signs: [0.91, 0.98, 1.08],
    emoji: [1.55, 1.74, 1.88],
    space: [0.91, 0.98, 1.08],
  },
  command_r: {
    latin: [0.83, 1.01, 1.04],
    cyrillic_greek: [0.8, 1.03, 1.52],
    cjk: [0.7, 0.81, 0.85],
    other_letters: [1.1, 2.76, 4.27],
    digits: [1.72, 1.94, 1.98],
    signs: [0.87, 1.0, 1.22],
    emoji: [1.08, 1.11, 1.23],
    space: [0.87, 1.0, 1.22],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<ScriptClass, Ratio>>>>;
