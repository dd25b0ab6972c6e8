import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTokenizer } from '../../lib/count/further-tokenizers.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const TINY = read('fixtures/tiny-tokenizer.json');
const COUNTS = JSON.parse(read('golden/tiny-tokenizer-counts.json')) as { text: string; tokens: number }[];
const count = await readTokenizer(TINY);

/** The tiny tokenizer with other top-level parts. */
function tiny(parts: object): string {
  return JSON.stringify({ ...(JSON.parse(TINY) as object), ...parts });
}

describe('a tokenizer.json', () => {
  test.each(COUNTS)('counts as the reference library does: $text', ({ text, tokens }) => {
    expect(count(text)).toBe(tokens);
  });

  test('takes special tokens in a text as plain text, and others that were added as one token', () => {
    expect(count('<|end|>')).toBeGreaterThan(1);
    expect(count('<tool>')).toBe(1);
    expect(count('a<tool>')).toBe(2);
  });

  test('of old, whose model does not say that it is BPE, counts alike', async () => {
    const { model } = JSON.parse(TINY) as { model: Record<string, unknown> };
    const old = await readTokenizer(tiny({ model: { ...model, type: undefined } }));
    for (const { text, tokens } of COUNTS) expect(old(text)).toBe(tokens);
  });

  test('of words and of pieces counts as such models do', async () => {
    const words = await readTokenizer(
      JSON.stringify({
        added_tokens: [],
        pre_tokenizer: { type: 'Whitespace' },
        model: {
          type: 'WordPiece',
          unk_token: '[UNK]',
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
          vocab: { '[UNK]': 0, token: 1, '##s': 2, of: 3 },
        },
      }),
    );
    // token ##s of [UNK]
    expect(words('tokens of text')).toBe(4);
    const pieces = await readTokenizer(
      JSON.stringify({
        added_tokens: [],
        model: {
          type: 'Unigram',
          unk_id: 0,
          vocab: [
            ['<unk>', 0],
            ['a', -2],
            ['b', -2],
            ['ab', -1],
          ],
        },
      }),
    );
    // ab ab a
    expect(pieces('ababa')).toBe(3);
  });

  test.each([
    ['no JSON', '{"model": secret', 'is not JSON'],
    ['a list', '[]', 'has no "model" with a "vocab"'],
    ['a config', '{"model_type":"llama"}', 'has no "model" with a "vocab"'],
    ['tokens that are no list', tiny({ added_tokens: {} }), 'has "added_tokens" that are no list'],
    [
      'a vocabulary of words',
      tiny({ model: { type: 'WordLevel', vocab: { secret: 1 } } }),
      'has a model WordLevel; BPE, Unigram, WordPiece are supported',
    ],
    [
      'a vocabulary of no type',
      tiny({ model: { vocab: { secret: 1 } } }),
      'has a model of no type; BPE, Unigram, WordPiece are supported',
    ],
    ['an unknown part', tiny({ normalizer: { type: 'Secret' } }), 'is not supported: Unknown Normalizer type: Secret'],
    [
      'a broken part',
      tiny({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(secret' }, behavior: 'Isolated' } }),
      'is not supported: the library cannot make a tokenizer of it',
    ],
  ])('that is %s is refused, and its text is not quoted', async (_what, json, message) => {
    await expect(readTokenizer(json)).rejects.toMatchObject({ message });
  });
});
