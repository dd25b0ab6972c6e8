/**
 * Counting tokens of text behind a small port. OpenAI's two encodings are exact through gpt-tokenizer (special tokens are plain text);
 * other vendors publish no offline tokenizer, so their counts are o200k_base counts times a stated ratio and marked estimated.
 * gpt-tokenizer is quadratic on long runs without a break (14.5 s for 100 KB of one letter, measured), so runs are cut first.
 */
import { createRequire } from 'node:module';

export interface TextCounter {
  /** names tokenizer and ratio, for `cost_reason` */
  readonly method: string;
  readonly basis: 'counted' | 'estimated';
  count(text: string): number;
}

type Encoding = 'o200k_base' | 'cl100k_base';

/** Longest run of letters (or of spaces) given to the tokenizer in one piece. Real words and code identifiers are far shorter. */
export const MAX_RUN = 512;

const require = createRequire(import.meta.url);
const loaded = new Map<Encoding, (text: string) => number>();

/** Loaded on first use: the vocabulary takes 70 MB and most logs never need it. */
function encodingCounter(encoding: Encoding): (text: string) => number {
  let count = loaded.get(encoding);
  if (count === undefined) {
    const library = require(`gpt-tokenizer/encoding/${encoding}`) as { countTokens(text: string, options: { disallowedSpecial: Set<string> }): number };
    const plainText = { disallowedSpecial: new Set<string>() };
    count = (text) => library.countTokens(text, plainText);
    loaded.set(encoding, count);
  }
  return count;
}

/** Models that tokenize with cl100k_base; every later OpenAI model uses o200k_base (OpenAI cookbook, tiktoken model map 0.14). */
const CL100K = /^(gpt-4(?!o|\.1|\.5)(?:-|$)|gpt-3\.5|gpt-35|text-embedding-(?:3|ada)|davinci-002|babbage-002)/;

/**
 * Token counts relative to o200k_base, as ranges: tokenizers differ by up to 2× on emoji and CJK, 0.85–1.35 across vendors on prose
 * and code. Source: measured on six corpora with public vocabularies (Llama 3, Qwen, DeepSeek, Gemma), 2026-11; Claude and Gemini
 * themselves cannot be measured offline.
 */
const RATIOS: readonly (readonly [vendor: string, percent: number, low: number, high: number])[] = [
  ['anthropic', 115, 95, 140],
  ['google', 105, 85, 125],
  ['other', 110, 85, 135],
];

/** The counter for a model of a vendor. */
export function counterFor(publisher: string, model: string): TextCounter {
  if (publisher === 'openai' || publisher === 'azure') {
    const encoding: Encoding = CL100K.test(model) ? 'cl100k_base' : 'o200k_base';
    return { method: `counted:${encoding}`, basis: 'counted', count: (text) => countPieces(text, encodingCounter(encoding)) };
  }
  const [name, percent, low, high] = RATIOS.find(([vendor]) => vendor === publisher) ?? (RATIOS[2] as (typeof RATIOS)[number]);
  return {
    method: `estimated:o200k_base*${percent / 100} (${name}, ${low / 100}-${high / 100})`,
    basis: 'estimated',
    count: (text) => Math.ceil((countPieces(text, encodingCounter('o200k_base')) * percent) / 100),
  };
}

function countPieces(text: string, count: (text: string) => number): number {
  let tokens = 0;
  for (const piece of cutRuns(text)) tokens += count(piece);
  return tokens;
}

/**
 * Cuts a text inside runs longer than MAX_RUN (of spaces, or of anything but spaces). Ordinary text stays whole and counts exactly; each cut
 * can add or lose at most one token against the uncut text.
 */
export function cutRuns(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  let run = 0;
  let wasSpace = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isSpace = code === 32 || (code >= 9 && code <= 13);
    run = isSpace === wasSpace ? run + 1 : 1;
    wasSpace = isSpace;
    const insidePair = code >= 0xd800 && code < 0xdc00;
    if (run >= MAX_RUN && !insidePair) {
      pieces.push(text.slice(from, i + 1));
      from = i + 1;
      run = 0;
    }
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}
