/**
 * A document cut into chunks that overlap. In: its tokens, those of a chunk, those that neighbors share. Out: how many chunks of which size.
 * Formula: each chunk begins `size - overlap` after the one before, the last one ends with the document: 1 + ⌈(n − size) / (size − overlap)⌉
 * chunks, n + (chunks − 1) · overlap tokens. Invariant: every token is in a chunk, no chunk lies wholly in another.
 */

/** `count` chunks of `tokens` each. */
export interface Chunks {
  readonly tokens: number;
  readonly count: number;
}

/** At most two kinds: full ones and the last. Needs 0 ≤ overlap < size. */
export function chunksOf(tokens: number, size: number, overlap: number): readonly Chunks[] {
  if (tokens <= size) return [{ tokens, count: 1 }];
  const step = size - overlap;
  const full = Math.ceil((tokens - size) / step);
  const last = tokens - full * step;
  return last === size
    ? [{ tokens: size, count: full + 1 }]
    : [
        { tokens: size, count: full },
        { tokens: last, count: 1 },
      ];
}
