/**
 * How much of a document fits in one request. In: limits of the model, what else the request holds, the length of answers. Out: tokens of the
 * document, unbounded where no limit is known, -1 where not even an empty one fits. Formula: rest of the prompt + document + answer ≤ context, answer
 * ≤ longest answer. Invariant: what fits, fits with every token less.
 */
import type { Level } from './estimate-settings.ts';
import type { ModelOffer } from './model-offer.ts';
import { outputTokens } from './output-length.ts';
import type { OutputLength } from './output-length.ts';

type Limits = Pick<ModelOffer, 'contextTokens' | 'maximumOutputTokens'>;

/** Tokens of an answer from this model: a guessed length is cut to what the model can give, a given one and a translation are not. */
export function answerTokens(limits: Limits, length: OutputLength, level: Level, documentTokens: number): number {
  const tokens = outputTokens(length, level, documentTokens);
  return isCut(limits, length) ? Math.min(tokens, limits.maximumOutputTokens ?? Infinity) : tokens;
}

function isCut({ maximumOutputTokens }: Limits, { isGiven, unit }: OutputLength): boolean {
  return maximumOutputTokens !== null && !isGiven && unit === 'tokens';
}

/** Tokens of a document that fit beside `otherTokens` of prompt and the answer. */
export function roomFor(limits: Limits, length: OutputLength, level: Level, otherTokens: number): number {
  const { contextTokens, maximumOutputTokens } = limits;
  const fits = (tokens: number): boolean => {
    const answer = answerTokens(limits, length, level, tokens);
    return answer <= (maximumOutputTokens ?? Infinity) && otherTokens + tokens + answer <= (contextTokens ?? Infinity);
  };
  if (!fits(0)) return -1;
  // without a known context the answer alone bounds it, and only where it grows with the document
  const grows = length.unit === 'percent' && length.range[level] > 0 && maximumOutputTokens !== null;
  const bound = contextTokens ?? (grows ? Math.ceil((maximumOutputTokens * 100) / length.range[level]) : Infinity);
  if (bound === Infinity) return Infinity;
  let [least, most] = [0, bound];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}
