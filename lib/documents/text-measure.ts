/**
 * Measures one text as it comes: tokens of both encodings and of further tokenizers, characters, scripts, hash. In: pieces of text. Out: numbers
 * and a hash. Memory is flat but for further tokenizers, which need the text whole. Invariant: how the text is cut changes nothing.
 */
import { createHash } from 'node:crypto';
import type { ScriptMix } from '../script-class.ts';
import type { Budget } from './limits.ts';
import { UnreadableDocument } from './unreadable.ts';

/** Counts the tokens of a text that comes in pieces. */
export interface StreamCounter {
  begin(): { add(text: string): void; end(): number };
}

/** What counts: one set for each thread. */
export interface DocumentCounters {
  readonly o200k: StreamCounter;
  readonly cl100k: StreamCounter;
  readonly scripts: { begin(): { add(text: string): void; end(): ScriptMix } };
  /** tokens of a whole text, by name of the tokenizer */
  readonly tokenizers: Readonly<Record<string, (text: string) => number>>;
}

export interface Measures {
  readonly characters: number;
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  readonly tokens: Readonly<Record<string, number>>;
  readonly scripts: ScriptMix;
  readonly contentHash: string;
  /** nothing but white space */
  readonly isBlank: boolean;
}

export interface TextMeasure {
  /** Throws `LimitReached` where the object has too much text. */
  add(text: string): void;
  end(): Measures;
}

/** UTF-16 units that are looked at at once: few enough for the processor's cache, and no second copy of a long text. */
const STEP = 1 << 16;
/** A string of the runtime ends at 2^29 units; a tokenizer holds several times its text. */
const MAX_WHOLE_TEXT = 64_000_000;

/** Begins the measure of one text. */
export function createTextMeasure(counters: DocumentCounters, budget: Budget): TextMeasure {
  const o200k = counters.o200k.begin();
  const cl100k = counters.cl100k.begin();
  const scripts = counters.scripts.begin();
  const hash = createHash('sha256');
  const names = Object.keys(counters.tokenizers);
  const whole: string[] = [];
  let characters = 0;
  let isBlank = true;
  /** first half of a pair whose second half is still to come */
  let half = '';

  function take(text: string): void {
    o200k.add(text);
    cl100k.add(text);
    scripts.add(text);
    hash.update(text, 'utf8');
    if (isBlank && /\S/.test(text)) isBlank = false;
  }

  return {
    add(text) {
      budget.addCharacters(text.length);
      characters += text.length;
      if (names.length > 0) {
        if (characters > MAX_WHOLE_TEXT) {
          throw new UnreadableDocument(
            `has more than ${MAX_WHOLE_TEXT} characters, the most that the tokenizers of documents.tokenizers are given`,
          );
        }
        whole.push(text);
      }
      for (let from = 0; from < text.length; from += STEP) {
        let piece = half + text.slice(from, from + STEP);
        half = '';
        if ((piece.charCodeAt(piece.length - 1) & 0xfc00) === 0xd800) {
          half = piece.slice(-1);
          piece = piece.slice(0, -1);
        }
        take(piece);
      }
    },
    end() {
      take(half);
      const text = whole.join('');
      return {
        characters,
        tokensO200k: o200k.end(),
        tokensCl100k: cl100k.end(),
        tokens: Object.fromEntries(names.map((name) => [name, counters.tokenizers[name]?.(text) ?? 0])),
        scripts: scripts.end(),
        contentHash: hash.digest('hex'),
        isBlank,
      };
    },
  };
}
