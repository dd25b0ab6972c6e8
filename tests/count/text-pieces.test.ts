/** Pieces for the tokenizer: together the text, none with a long part, and ordinary text uncut. No clock: the work is bounded by structure. */
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PART, boundedPieces } from '../../lib/count/text-pieces.ts';

/** The split patterns as published with tiktoken 0.14 (`tiktoken_ext/openai_public.py`), in JavaScript's spelling. */
const CL100K_PARTS =
  /'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
const O200K_PARTS =
  /[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;

/** Longest part that either pattern finds in any piece. */
function longestPart(pieces: readonly string[]): number {
  let longest = 0;
  for (const piece of pieces) {
    for (const pattern of [CL100K_PARTS, O200K_PARTS]) {
      for (const [part] of piece.matchAll(pattern)) longest = Math.max(longest, part.length);
    }
  }
  return longest;
}

const PROSE = `The model's answer didn't cost much: 1,234.56 dollars (roughly) for 12345678 tokens.
  Größe, naïve façade, Ünïcödé. 模型返回了一个很长的回答，没有空格，但是有标点。これはテストです。 한국어도 있습니다.
\tfunction countTokens(text: string): number { return text.split(/\\s+/).length; } // => O(n)
| a | b |\r\n|---|:-:|\r\n{"usage":{"prompt_tokens":10,"details":[1,2,3]}} 👩‍👩‍👧‍👦 🙂🙂 e\u0301 <|endoftext|>\n\n\n`;

describe('ordinary text', () => {
  test('stays whole', () => {
    expect(boundedPieces('')).toEqual([]);
    expect(boundedPieces('word')).toEqual(['word']);
    const long = PROSE.repeat(200);
    expect(boundedPieces(long)).toEqual([long]);
  });

  test('base64, hexadecimal digits, code without spaces and numbers stay whole', () => {
    for (const text of [
      'aGVsbG8g0d29ybGQ4'.repeat(5000),
      '0123456789abcdef'.repeat(5000),
      'f(a,b);g(c.d[0]);'.repeat(5000),
      '7'.repeat(50_000),
    ]) {
      expect(boundedPieces(text)).toEqual([text]);
    }
  });
});

describe('text without breaks', () => {
  const hostile: Record<string, string> = {
    'one letter': 'a'.repeat(100_000),
    spaces: ' '.repeat(100_000),
    'line ends': '\n'.repeat(100_000),
    signs: '='.repeat(100_000),
    'case flips': 'Aa'.repeat(50_000),
    'mixed spaces': ' \t\n\r'.repeat(25_000),
    'Chinese without punctuation': '漢字'.repeat(50_000),
    'joined emoji': '👩‍👩‍👧‍👦'.repeat(4000),
    emoji: '🙂'.repeat(20_000),
    'rare letters in pairs': '𠀀'.repeat(20_000),
    'marks on signs': '!\u0301'.repeat(50_000),
    'marks on letters': 'a\u0301'.repeat(50_000),
    marks: '\u0301'.repeat(50_000),
    'emoji and signs': '🙂!'.repeat(30_000),
    'second halves of pairs': '\ude00'.repeat(50_000),
    apostrophes: "a'".repeat(50_000),
    slashes: '//\n'.repeat(30_000),
    'signs and line ends': `${'='.repeat(400)}${'\n'.repeat(400)}`.repeat(50),
  };

  test.each(Object.entries(hostile))('%s: bounded parts, nothing lost, no pair cut', (_, text) => {
    const pieces = boundedPieces(text);
    expect(pieces.join('') === text).toBe(true);
    expect(longestPart(pieces)).toBeLessThanOrEqual(2 * MAX_PART);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(text.isWellFormed());
    expect(pieces.length).toBeLessThanOrEqual(1 + Math.ceil(text.length / (MAX_PART - 1)));
  });

  test('a cut adds at most two tokens', () => {
    for (const text of ['a'.repeat(3000), '='.repeat(3000), '漢字'.repeat(1500), 'Aa'.repeat(1500), ' '.repeat(3000)]) {
      const pieces = boundedPieces(text);
      for (const count of [cl100k, o200k]) {
        const cut = pieces.reduce((sum, piece) => sum + count(piece), 0);
        expect(Math.abs(cut - count(text))).toBeLessThanOrEqual(2 * (pieces.length - 1));
      }
    }
  });
});

test('law: any text comes back whole, in bounded parts, and equal to the tokenizer where it is not cut', () => {
  const run = fc
    .tuple(
      fc.constantFrom('a', 'Z', ' ', '\n', '\t', '1', '=', "'", '漢', '\u0301', '🙂', '𠀀', '。', '/', '\r\n'),
      fc.integer({ min: 1, max: 1500 }),
    )
    .map(([unit, times]) => unit.repeat(times));
  const text = fc
    .array(fc.oneof(run, fc.string({ unit: 'binary' }), fc.constant(PROSE)), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (whole) => {
      const pieces = boundedPieces(whole);
      expect(pieces.join('')).toBe(whole);
      expect(longestPart(pieces)).toBeLessThanOrEqual(2 * MAX_PART);
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 10 }), (parts) => {
      const whole = parts.join(' ');
      fc.pre(longestPart([whole]) < MAX_PART / 2);
      expect(boundedPieces(whole)).toEqual(whole === '' ? [] : [whole]);
    }),
    { numRuns: 200 },
  );
});
