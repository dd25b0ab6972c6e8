/**
 * Tokens of a document for a model, from what was counted when it was read. In: publisher, model, counts. Out: tokens, low, expected and high: equal
 * where the model's own tokenizer counted, else the o200k_base count times the vendor's ratio, rounded up.
 */
import { encodingOf, vendorRatio } from './text-counter.ts';

export interface CountedDocument {
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  /** by name of further tokenizers, exact ones only */
  readonly tokens: Readonly<Record<string, number>>;
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
  const { percent, low, high } = vendorRatio(model);
  const times = (ratio: number): number => Math.ceil((counted.tokensO200k * ratio) / 100);
  return {
    low: times(low),
    expected: times(percent),
    high: times(high),
    basis: `estimated:o200k_base*${percent / 100}(${low / 100}-${high / 100})`,
  };
}

function exact(tokens: number, basis: string): DocumentTokens {
  return { low: tokens, expected: tokens, high: tokens, basis };
}
