/**
 * Repeats of whole prompts: what a cache of exact responses could have served. In: successful calls in order of time, each with the number
 * of its prompt. Out: how many repeat an earlier one and, for each lifetime, how many would have been found (a use renews the life). Calls
 * without a fingerprint are counted apart: whether they repeat is not identifiable. Failed calls must not be shown: they answer nothing.
 */

export interface ExactRepeats {
  see(prompt: number, timeMs: number, inputTokens: number): void;
  seeUnknown(): void;
  counts(): ExactCounts;
}

export interface ExactCounts {
  readonly requests: number;
  readonly withoutFingerprint: number;
  readonly repeats: number;
  readonly repeatInputTokens: number;
  /** by lifetime, as given */
  readonly hits: readonly number[];
}

/** An empty cache for each lifetime (milliseconds). */
export function createExactRepeats(ttlsMs: readonly number[]): ExactRepeats {
  const lastMs: number[] = [];
  const hits = ttlsMs.map(() => 0);
  let requests = 0;
  let unknown = 0;
  let repeats = 0;
  let repeatInputTokens = 0;
  return {
    see(prompt, timeMs, inputTokens) {
      requests++;
      const gapMs = timeMs - (lastMs[prompt] ?? NaN);
      lastMs[prompt] = timeMs;
      if (Number.isNaN(gapMs)) return;
      repeats++;
      repeatInputTokens += inputTokens;
      for (const [at, ttlMs] of ttlsMs.entries()) if (gapMs <= ttlMs) hits[at] = (hits[at] ?? 0) + 1;
    },
    seeUnknown() {
      unknown++;
    },
    counts: () => ({ requests, withoutFingerprint: unknown, repeats, repeatInputTokens, hits: [...hits] }),
  };
}
