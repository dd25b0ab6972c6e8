/** Chunks against a cutter that moves along the document token by token. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunksOf } from '../../lib/estimate/chunks.ts';

function cut(tokens: number, size: number, overlap: number): number[] {
  const lengths: number[] = [];
  for (let from = 0; ; from += size - overlap) {
    const to = Math.min(tokens, from + size);
    lengths.push(to - from);
    if (to === tokens) return lengths;
  }
}

const sized = fc
  .record({ tokens: fc.nat(3000), size: fc.integer({ min: 1, max: 400 }), share: fc.nat(99) })
  .map(({ tokens, size, share }) => ({ tokens, size, overlap: Math.floor((size * share) / 100) }));

test('as many chunks of the same lengths as a cutter makes', () => {
  fc.assert(
    fc.property(sized, ({ tokens, size, overlap }) => {
      const lengths = chunksOf(tokens, size, overlap).flatMap((chunk) =>
        Array.from({ length: chunk.count }, () => chunk.tokens),
      );
      expect(lengths).toEqual(cut(tokens, size, overlap));
      expect(lengths.reduce((a, b) => a + b, 0)).toBe(tokens + (lengths.length - 1) * overlap);
    }),
  );
});

test.each([
  [800, 800, 400, [[800, 1]]],
  // a token more: a second chunk begins at 400 and ends at 801
  [
    801,
    800,
    400,
    [
      [800, 1],
      [401, 1],
    ],
  ],
  [1200, 800, 400, [[800, 2]]],
  [
    2000,
    800,
    0,
    [
      [800, 2],
      [400, 1],
    ],
  ],
  [5, Infinity, 400, [[5, 1]]],
])('%i tokens in chunks of %i that share %i', (tokens, size, overlap, expected) => {
  expect(chunksOf(tokens, size, overlap).map((chunk) => [chunk.tokens, chunk.count])).toEqual(expected);
});
