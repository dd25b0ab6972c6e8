/** Token counts against three others: the counts of OpenAI's own library, kept; a package in JavaScript; and pairs merged one by one. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createPartCounter } from '../../lib/count/byte-pairs.ts';
import { characterKinds, OTHER } from '../../lib/count/character-kinds.ts';
import { createTokenCounter } from '../../lib/count/token-counter.ts';
import { byteText, PADDING, readVocabulary } from '../../lib/count/vocabulary.ts';
import type { Vocabulary } from '../../lib/count/vocabulary.ts';
import { createRandom } from '../../lib/generate/random.ts';
import { EDGE_TEXTS, fuzzText, longParts } from '../fixtures/hard-texts.ts';

const ENCODINGS = ['o200k_base', 'cl100k_base'] as const;
type Encoding = (typeof ENCODINGS)[number];
const VOCABULARIES = Object.fromEntries(
  ENCODINGS.map((name) => [name, readVocabulary(vocabularyBytes(name))]),
) as Record<Encoding, Vocabulary>;
const COUNTERS = Object.fromEntries(
  ENCODINGS.map((name) => [name, createTokenCounter(name, VOCABULARIES[name])]),
) as Record<Encoding, ReturnType<typeof createTokenCounter>>;

/** Written by scripts/make-token-counts.py with PyPI tiktoken 0.14.0. */
const GOLDEN = JSON.parse(readFileSync(new URL('../golden/token-counts.json', import.meta.url), 'utf8')) as {
  readonly samples: readonly { readonly name: string; readonly text: string }[];
  readonly counts: Readonly<
    Record<Encoding, Readonly<Record<'samples' | 'edges' | 'long' | 'fuzz', readonly number[]>>>
  >;
};
const FUZZ_SEED = 11;
const KINDS = characterKinds();

describe.each(ENCODINGS)('%s: as many tokens as tiktoken', (encoding) => {
  const { count } = COUNTERS[encoding];
  const expected = GOLDEN.counts[encoding];

  test('in prose, code, JSON and scripts of the world', () => {
    expect(GOLDEN.samples.map(({ name, text }) => [name, count(text)])).toEqual(
      GOLDEN.samples.map(({ name }, at) => [name, expected.samples[at]]),
    );
  });

  test('in edge cases', () => {
    expect(EDGE_TEXTS.map((text) => [text, count(text)])).toEqual(
      EDGE_TEXTS.map((text, at) => [text, expected.edges[at]]),
    );
  });

  test('in long parts without a boundary', () => {
    const texts = Object.entries(longParts(2_000));
    expect(texts.map(([name, text]) => [name, count(text)])).toEqual(
      texts.map(([name], at) => [name, expected.long[at]]),
    );
  });

  test('in 2,000 drawn texts', () => {
    const random = createRandom(FUZZ_SEED);
    const texts = Array.from({ length: 2_000 }, () => fuzzText(random));
    expect(texts.map(count)).toEqual(expected.fuzz);
  });
});

describe.each(ENCODINGS)('%s', (encoding) => {
  const { count, begin } = COUNTERS[encoding];
  const library = encoding === 'o200k_base' ? o200k : cl100k;

  test('counts as the package does, but for U+FEFF and letters newer than Unicode 16, which the package counts otherwise', () => {
    const plain = { disallowedSpecial: new Set<string>() };
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        fc.pre(!Array.from(text).some(isCountedOtherwise));
        expect(count(text)).toBe(library(text, plain));
      }),
    );
  });

  test('law: how a text is cut changes nothing', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.nat(10_000).map((seed) => fuzzText(createRandom(seed)).repeat(1 + (seed % 7))),
      fc.constantFrom(...Object.values(longParts(3_000))),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 30 }), (whole, lengths) => {
        const running = begin();
        let at = 0;
        for (const length of lengths) {
          running.add(whole.slice(at, at + length));
          at += length;
        }
        running.add(whole.slice(at));
        expect(running.end()).toBe(count(whole));
      }),
    );
  });

  test('law: texts that are counted at the same time do not touch each other', () => {
    const [first, second] = [begin(), begin()];
    for (const piece of ['The quick ', 'brown fo', 'x']) {
      first.add(piece);
      second.add(piece.toUpperCase());
    }
    expect([first.end(), second.end()]).toEqual([count('The quick brown fox'), count('THE QUICK BROWN FOX')]);
  });

  test('law: a text longer than a window is the sum of its lines where lines begin a part', () => {
    const line = `${'word '.repeat(40)}end.\n`;
    const one = count(`${line}x`) - count('x');
    expect(count(line.repeat(400))).toBe(400 * one);
  });

  test('law: a part has as many tokens as merging the pair of lowest rank again and again leaves', () => {
    const vocabulary = VOCABULARIES[encoding];
    const countPart = createPartCounter(vocabulary);
    const part = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc
        .string({
          unit: fc.constantFrom('e', 't', 'a', 'o', 'i', 'n', ' ', 's', 'h', 'r', 'd', 'l', 'u'),
          minLength: 1,
          maxLength: 60,
        })
        .map((text) => Buffer.from(text)),
      fc.constantFrom(...Object.values(longParts(90))).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(part, (bytes) => {
        const text = byteText(Uint8Array.from([...bytes, ...new Uint8Array(PADDING)]));
        expect(countPart(text, 0, bytes.length)).toBe(merged(vocabulary, bytes));
      }),
    );
  });
});

/** The package takes U+FEFF for white space, and Node's letters, which are of a later Unicode than those of tiktoken. */
function isCountedOtherwise(char: string): boolean {
  const isNewer = KINDS[char.codePointAt(0) as number] === OTHER && /[\p{L}\p{M}\p{N}]/u.test(char);
  return isNewer || char === '\ufeff' || char === '\u0295';
}

/** Byte-pair encoding as it is defined, quadratic. */
function merged(vocabulary: Vocabulary, bytes: Uint8Array): number {
  const ranks = rankTable(vocabulary);
  let parts = Array.from(bytes, (byte) => String.fromCharCode(byte));
  for (;;) {
    let best = -1;
    let lowest = Infinity;
    for (let at = 0; at + 1 < parts.length; at++) {
      const rank = ranks.get(`${parts[at]}${parts[at + 1]}`) ?? Infinity;
      if (rank < lowest) [best, lowest] = [at, rank];
    }
    if (best < 0) return parts.length;
    parts = [...parts.slice(0, best), `${parts[best]}${parts[best + 1]}`, ...parts.slice(best + 2)];
  }
}

const tables = new Map<object, Map<string, number>>();

function rankTable(vocabulary: Vocabulary): Map<string, number> {
  let ranks = tables.get(vocabulary);
  if (ranks === undefined) {
    const { tokens, starts, size } = vocabulary;
    const text = Buffer.from(tokens.bytes).toString('latin1');
    ranks = new Map(Array.from({ length: size }, (_, rank) => [text.slice(starts[rank], starts[rank + 1]), rank]));
    tables.set(vocabulary, ranks);
  }
  return ranks;
}

describe('a vocabulary', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `${Buffer.from([byte]).toString('base64')} ${byte}`);
  const file = (...more: string[]): string =>
    [...bytes, ...more.map((text, at) => `${btoa(text)} ${256 + at}`)].join('\n');
  const read = (text: string): Vocabulary => readVocabulary(Buffer.from(text));

  test('finds tokens, the longest beginning and the next shorter one', () => {
    const { size, find, longest, shorter } = read(file('ab', 'abcdefghij', 'abcdefghik'));
    const text = byteText(Buffer.from('xabcdefghikab        '));
    expect(size).toBe(259);
    expect(find(text, 1, 11)).toBe(258);
    expect(find(text, 1, 10)).toBe(-1);
    expect([longest(text.bytes, 1, 13), longest(text.bytes, 1, 10), longest(text.bytes, 11, 13)]).toEqual([
      258, 256, 256,
    ]);
    expect([shorter(258), shorter(256), shorter(97)]).toEqual([256, 97, -1]);
  });

  test.each([
    ['a rank that does not follow', file('ab').replace('256', '300'), 'line 257'],
    ['no rank', file('ab').replace(' 256', ''), 'line 257'],
    ['a space and no rank', file('ab').replace(' 256', ' '), 'line 257'],
    ['a line without a token', file('').replace(/\n256/, '\n 256'), 'line 257'],
    ['a sign that is none of base64', file('ab').replace('YWI=', 'Y*I='), 'line 257'],
    ['more behind a rank', file('ab', 'cd').replace(' 256', ' 256x'), 'line 257'],
    [
      'a byte that is no token',
      bytes
        .slice(1)
        .map((line, at) => line.replace(/ .*/, ` ${at}`))
        .join('\n'),
      'single byte 0',
    ],
  ])('with %s is refused', (_what, text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });
});
