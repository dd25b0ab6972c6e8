/**
 * Tokens of a document for a model, from what was counted when it was read. In: publisher, model, counts. Out: tokens, low, expected and high: equal
 * where the model's own tokenizer counted, else the o200k_base count times the ratios of its scripts (`tokenizer-ratios.ts`).
 */
import type { ScriptMix } from '../script-class.ts';
import { encodingOf } from './text-counter.ts';
import { estimatedRatio } from './tokenizer-ratios.ts';

export interface CountedDocument {
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  /** by name of further tokenizers, exact ones only */
  readonly tokens: Readonly<Record<string, number>>;
  /** characters by script, where they are known */
  readonly scripts?: ScriptMix;
}

export interface DocumentTokens {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
  readonly basis: string;
}

/** `tokenizer` is the name of the further tokenizer that is this model's own, or null. */
export function documentTokens(
  publisher: string | null,
  model: string,
  tokenizer: string | null,
  counted: CountedDocument,
): DocumentTokens {
  const own = tokenizer === null ? undefined : counted.tokens[tokenizer];
  if (own !== undefined) return exact(own, `counted:${tokenizer}`);
  const encoding = publisher === 'openai' ? encodingOf(model) : null;
  if (encoding === 'o200k_base') return exact(counted.tokensO200k, 'counted:o200k_base');
  if (encoding === 'cl100k_base') return exact(counted.tokensCl100k, 'counted:cl100k_base');
  const { family, kind, ratio } = estimatedRatio(counted.scripts ?? {}, publisher ?? '', model);
  const [low, expected, high] = ratio;
  return {
    low: Math.floor(low * counted.tokensO200k),
    expected: Math.round(expected * counted.tokensO200k),
    high: Math.ceil(high * counted.tokensO200k),
    // without the ratio, which differs from document to document
    basis: `estimated:o200k_base by script, ${family} (${kind === 'fact' ? 'measured' : 'assumed'})`,
  };
}

function exact(tokens: number, basis: string): DocumentTokens {
  return { low: tokens, expected: tokens, high: tokens, basis };
}
