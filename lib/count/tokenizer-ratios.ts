/**
 * Tokens of models whose tokenizer is not here, from a text's tokens under o200k_base and its characters by script. In: both, publisher and model.
 * Out: low, expected and high, and how they were found. Every ratio comes from `tokenizer-ratios-data.ts`: measured with public tokenizers. For
 * models that use that very tokenizer the ratio is a fact of the measured texts; for Claude, Gemini, Grok and all others it is an assumption, since
 * none of the measured tokenizers is the vendor's. Invariants: low ≤ expected ≤ high; no class of script leads out of the range of its ratios.
 */
import { SCRIPT_CLASSES } from '../script-class.ts';
import type { ScriptClass, ScriptMix } from '../script-class.ts';
import { isNewClaude } from './model-encodings.ts';
import { MEASURED_RATIOS, O200K_DENSITY } from './tokenizer-ratios-data.ts';
import type { Ratio } from './tokenizer-ratios-data.ts';

export type RatioKind = 'fact' | 'assumption';

export interface TokenRange {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Whole tokens, and how they were found. */
export interface TokenEstimate extends TokenRange {
  /** tokenizer, or family with date and source of its ratios; of one model there are few */
  readonly basis: string;
}

type Measured = keyof typeof MEASURED_RATIOS;

interface Family {
  readonly family: string;
  readonly matches: (publisher: string, model: string) => boolean;
  /** the tokenizer itself for a fact, else what stands in for it; null: nothing does */
  readonly measured: Measured | null;
  /** what comes on top: low, expected, high */
  readonly times: Ratio;
  readonly kind: RatioKind;
  readonly source: string;
}

const DATE = '2026-11';
const ONCE: Ratio = [1, 1, 1];
/** Vocabularies of 2024 and later: what a vendor's own of today may be like. That of Claude 2 is older and stands in for Claude alone. */
const MODERN = ['gemma3', 'llama3', 'qwen2', 'deepseek3', 'mistral_nemo', 'command_r'] as const;

/** Where the measured tokenizer is the model's own. */
function own(family: string, measured: Measured, pattern: RegExp): Family {
  const matches = (_publisher: string, model: string): boolean => pattern.test(model);
  return { family, matches, measured, times: ONCE, kind: 'fact', source: `its public tokenizer (${measured})` };
}

/** The first that matches. */
const FAMILIES: readonly Family[] = [
  {
    family: 'claude from 4.7 on',
    matches: (_publisher, model) => isNewClaude(model),
    measured: 'claude2',
    // documented: up to 35 % more tokens than older Claude; reported by users: some 30 %
    times: [1, 1.3, 1.35],
    kind: 'assumption',
    source:
      'stand-in: the tokenizer of Claude 2, which Anthropic published, times 1.0 to 1.35 (migration guide of Claude Opus 4.7)',
  },
  {
    family: 'claude',
    matches: (publisher, model) => publisher === 'anthropic' || /claude/.test(model),
    measured: 'claude2',
    times: ONCE,
    kind: 'assumption',
    source: 'stand-in: the tokenizer of Claude 2, which Anthropic published',
  },
  own('cl100k_base', 'cl100k', /^(?:ft:)?(?:gpt-4(?![\do.])|gpt-3|text-embedding-)/),
  own('gemma 3', 'gemma3', /gemma-?3/),
  own('llama 3', 'llama3', /llama-?3/),
  own('qwen 2 and 3', 'qwen2', /qwen-?(?:2|3(?!\.\d))/),
  own('deepseek 3', 'deepseek3', /deepseek[-.]?(?:v3|r1)/),
  own('mistral nemo', 'mistral_nemo', /mistral-nemo/),
  own('command r', 'command_r', /command-r/),
  {
    family: 'gemini',
    matches: (publisher, model) => publisher === 'google' || /gemini|gemma/.test(model),
    measured: 'gemma3',
    times: ONCE,
    kind: 'assumption',
    source: "stand-in: the tokenizer of Gemma 3, Google's open models",
  },
  {
    family: 'other',
    matches: () => true,
    measured: null,
    times: ONCE,
    kind: 'assumption',
    source: `between the tokenizers of ${MODERN.join(', ')}`,
  },
];

/**
 * Tokens of a text for a model, from its tokens under o200k_base and its characters by script. A model that o200k_base or cl100k_base counts exactly has a
 * better count than this one: see `document-tokens.ts`. A mix without characters may be any. `publisher` as the price book names it.
 */
export function estimateTokens(
  o200kTokens: number,
  scripts: ScriptMix,
  publisher: string,
  model: string,
): TokenEstimate {
  const { family, kind, source, ratio } = estimatedRatio(scripts, publisher, model);
  const [low, expected, high] = ratio;
  return {
    ...wholeTokens(o200kTokens, { low, expected, high }),
    // without the ratio, which differs from text to text
    basis: `estimated:o200k_base by script, ${family} (${kind === 'fact' ? 'measured' : 'assumed'} ${DATE}, ${source})`,
  };
}

/**
 * Whole tokens: the low bound is rounded down and the high one up, so that rounding makes no range narrower. A text that has a token at all has one under
 * every tokenizer; none has none.
 */
export function wholeTokens(o200kTokens: number, ratio: TokenRange): TokenRange {
  const tokens = (times: number): number => (o200kTokens === 0 ? 0 : Math.max(1, times * o200kTokens));
  return {
    low: Math.floor(tokens(ratio.low)),
    expected: Math.round(tokens(ratio.expected)),
    high: Math.ceil(tokens(ratio.high)),
  };
}

/** Tokens of a model for each token of o200k_base in a text of this mix, before anything is rounded. */
export function estimatedRatio(
  scripts: ScriptMix,
  publisher: string,
  model: string,
): { readonly family: string; readonly kind: RatioKind; readonly source: string; readonly ratio: Ratio } {
  const name = model.toLowerCase().replace(/^.*\//, '');
  const family = FAMILIES.find(({ matches }) => matches(publisher, name)) as Family;
  const { kind, source } = family;
  const ratios = SCRIPT_CLASSES.map((script) => ratioOf(family, script));
  const shares = tokenShares(scripts);
  const mean = (part: 0 | 1 | 2): number =>
    shares.reduce((sum, share, at) => sum + share * (ratios[at]?.[part] as number), 0);
  const isKnown = shares.some((share) => share > 0);
  const all = (part: 0 | 1 | 2): number[] => ratios.map((ratio) => ratio[part]);
  const expected = isKnown ? mean(1) : (ratios[0]?.[1] as number);
  return {
    family: family.family,
    kind,
    source,
    ratio: isKnown ? [mean(0), expected, mean(2)] : [Math.min(...all(0)), expected, Math.max(...all(2))],
  };
}

/** The share of each class, in the order of `SCRIPT_CLASSES`, in the o200k_base tokens of a text; all 0 for no text. */
export function tokenShares(scripts: ScriptMix): number[] {
  const parts = SCRIPT_CLASSES.map((script) => (scripts[script] ?? 0) * O200K_DENSITY[script]);
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => (sum > 0 ? part / sum : 0));
}

/**
 * A fact is as wide as the texts differ. An assumption is also as wide as what is expected of the modern tokenizers differs: they show how far a
 * vendor's own may be from its stand-in. Without any it is as wide as all of them, and the middle is expected.
 */
function ratioOf({ measured, times, kind }: Family, script: ScriptClass): Ratio {
  const modern = MODERN.map((name) => MEASURED_RATIOS[name][script]);
  const expectations = modern.map(([, expected]) => expected).toSorted((a, b) => a - b);
  if (measured === null) {
    const half = expectations.length / 2;
    const middle = ((expectations[Math.ceil(half) - 1] as number) + (expectations[Math.floor(half)] as number)) / 2;
    return [Math.min(...modern.map(([low]) => low)), middle, Math.max(...modern.map(([, , high]) => high))];
  }
  const [low, expected, high] = MEASURED_RATIOS[measured][script];
  if (kind === 'fact') return [low, expected, high];
  return [times[0] * Math.min(low, ...expectations), times[1] * expected, times[2] * Math.max(high, ...expectations)];
}
