/**
 * Counting tokens of text behind a small port. OpenAI's two encodings are exact (special tokens are plain text); other vendors publish no offline tokenizer, so their counts are o200k_base counts times a stated ratio and marked estimated.
 */
import { exactEncoding, isNewClaude } from './model-encodings.ts';
import type { Encoding } from './split-scanner.ts';
import { createTokenCounter } from './token-counter.ts';
import type { TokenCounter } from './token-counter.ts';
import { readVocabulary } from './vocabulary.ts';

export interface TextCounter {
  /** names tokenizer and ratio, for `cost_reason` */
  readonly method: string;
  readonly basis: 'counted' | 'estimated';
  /** Tokens of a text; linear in its length. */
  count(text: string): number;
}

/** Counters by model; each encoding is read when it is first needed, since most logs need none. */
export interface TextCounters {
  /** The counter for a model of a publisher (or of the provider where the publisher is not known). */
  for(publisher: string, model: string): TextCounter;
}

/** Counters on the vocabularies that `vocabularyBytes` gives as `.tiktoken` files. */
export function createTextCounters(vocabularyBytes: (encoding: Encoding) => Uint8Array): TextCounters {
  const loaded = new Map<Encoding, TokenCounter>();
  const exact = (encoding: Encoding): TokenCounter => {
    let counter = loaded.get(encoding);
    if (counter === undefined) {
      counter = createTokenCounter(encoding, readVocabulary(vocabularyBytes(encoding)));
      loaded.set(encoding, counter);
    }
    return counter;
  };
  return {
    for(publisher, model) {
      const encoding = exactEncoding(publisher, model);
      if (encoding !== null)
        return { method: `counted:${encoding}`, basis: 'counted', count: (text) => exact(encoding).count(text) };
      const { percent, low, high } = isNewClaude(model) ? NEW_CLAUDE_RATIO : DEFAULT_RATIO;
      return {
        method: `estimated:o200k_base*${percent / 100}(${low / 100}-${high / 100})`,
        basis: 'estimated',
        count: (text) => Math.ceil((exact('o200k_base').count(text) * percent) / 100),
      };
    },
  };
}

/**
 * Token counts of other vendors relative to o200k_base, in percent. No vendor's tokenizer of today is public for offline use, so one
 * wide default holds for all: 0.85 to 1.35 across vendors on prose and code, up to 2 on emoji and Chinese (measured on public
 * vocabularies of Llama, Qwen, DeepSeek, Mistral and Gemma, 2026-11). Claude from 4.7 on is reported at +30 % over older Claude (secondary
 * source, 2026).
 */
const DEFAULT_RATIO = { percent: 110, low: 85, high: 135 } as const;
const NEW_CLAUDE_RATIO = { percent: 143, low: 110, high: 176 } as const;
