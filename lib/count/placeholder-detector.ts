/**
 * Tells placeholders nobody named: one prompt under a large share of a source's calls whose token counts differ cannot be the prompt
 * that was sent, because equal texts have equal counts. Hashes and counts in, a verdict out; memory is bounded whatever comes.
 */

export interface PlaceholderDetector {
  /** Notes one call and says whether its prompt is known to be a placeholder by now. `source` = what writes one log for one model. */
  see(source: string, promptHash: string, inputTokens: number): boolean;
}

export interface PlaceholderLimits {
  /** calls of one prompt before it can be called one */
  readonly minCalls: number;
  /** share of the source's calls that carry the prompt, in percent */
  readonly minSharePercent: number;
  /** different token counts; two or three also come from changed tool lists */
  readonly minDistinctCounts: number;
}

const DEFAULT_LIMITS: PlaceholderLimits = { minCalls: 20, minSharePercent: 10, minDistinctCounts: 5 };
const MAX_SOURCES = 512;
/** Prompts watched per source: any prompt above 1/64 of the calls is among them (Misra and Gries, 1982). */
const MAX_PROMPTS = 64;

interface Watched {
  /** a lower bound of its calls */
  calls: number;
  readonly tokenCounts: Set<number>;
}

interface Source {
  calls: number;
  readonly prompts: Map<string, Watched>;
}

/** A detector for one run; it learns as it goes, so the first calls of a placeholder pass. */
export function createPlaceholderDetector(limits: PlaceholderLimits = DEFAULT_LIMITS): PlaceholderDetector {
  const sources = new Map<string, Source>();
  return {
    see(name, promptHash, inputTokens) {
      const source = sourceOf(sources, name);
      source.calls++;
      const watched = watch(source.prompts, promptHash);
      if (watched === null) return false;
      if (watched.tokenCounts.size < limits.minDistinctCounts) watched.tokenCounts.add(inputTokens);
      return (
        watched.calls >= limits.minCalls &&
        watched.calls * 100 >= source.calls * limits.minSharePercent &&
        watched.tokenCounts.size >= limits.minDistinctCounts
      );
    },
  };
}

function sourceOf(sources: Map<string, Source>, name: string): Source {
  let source = sources.get(name);
  if (source === undefined) {
    const [oldest] = sources.keys();
    if (sources.size >= MAX_SOURCES && oldest !== undefined) sources.delete(oldest);
    source = { calls: 0, prompts: new Map() };
    sources.set(name, source);
  }
  return source;
}

/** Counts a prompt among those watched. A new one that finds no place takes one call off each of the others instead. */
function watch(prompts: Map<string, Watched>, hash: string): Watched | null {
  const known = prompts.get(hash);
  if (known !== undefined) {
    known.calls++;
    return known;
  }
  if (prompts.size < MAX_PROMPTS) {
    const added: Watched = { calls: 1, tokenCounts: new Set() };
    prompts.set(hash, added);
    return added;
  }
  for (const [key, watched] of prompts) if (--watched.calls === 0) prompts.delete(key);
  return null;
}
