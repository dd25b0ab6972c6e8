/**
 * What a plan is asked for: requests, prompts around the document, lengths of answers, chunks, rates. In: what the command line or the config
 * says. Out: settings with every default filled in. Lengths are tokens of the model that is priced. Invariant: a default that stands for a
 * number of the world has a source.
 */
import type { ScriptMix } from '../script-class.ts';
import { Misconfigured } from '../errors.ts';

/** A figure that is known within bounds; all three equal where it is known exactly. */
export interface Range<T> {
  readonly low: T;
  readonly expected: T;
  readonly high: T;
}

export const LEVELS = ['low', 'expected', 'high'] as const;
export type Level = (typeof LEVELS)[number];

/** The same figure at each level. */
export function exactly<T>(value: T): Range<T> {
  return { low: value, expected: value, high: value };
}

export function mapLevels<T>(make: (level: Level) => T): Range<T> {
  return { low: make('low'), expected: make('expected'), high: make('high') };
}

/** What the plan knows of a document: `DocumentResult` has it all. */
export interface PlannedDocument {
  readonly document: string;
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  /** by name of further tokenizers, exact ones only */
  readonly tokens: Readonly<Record<string, number>>;
  /** characters by script, where they are known */
  readonly scripts?: ScriptMix;
  readonly contentHash: string;
  readonly status: 'counted' | 'empty' | 'rejected';
  readonly reason: string | null;
}

export interface EstimateSettings {
  readonly requestsPerDocument: number;
  /** the beginning that all requests have in common */
  readonly sharedPromptTokens: number;
  /** what differs from one request of a document to the next: a question, an instruction behind the document */
  readonly questionTokens: number;
  /** whether to add what a chat format adds to each request; not where lengths are those of whole prompts */
  /** what a chat format adds to each request: added, left out and named, or part of the lengths that are given */
  readonly chatOverhead: 'added' | 'left_out' | 'within';
  /** of chunks for embeddings */
  readonly chunkTokens: number;
  /** of neighboring chunks, also of a document that is cut because it does not fit a model */
  readonly overlapTokens: number;
  readonly skipDuplicates: boolean;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** of a hundred reads of a prompt cache in a batch, how many find it; null: the fewest that the provider reports */
  readonly batchCacheHits: number | null;
}

/**
 * Chunks of 800 tokens that share 400: the default of OpenAI's vector stores. Source: OpenAI, API reference, vector stores, chunking strategy
 * `auto` ("max_chunk_size_tokens of 800 and chunk_overlap_tokens of 400"; copies in the Azure and LangChain references, read 2026-11).
 */
export const DEFAULT_CHUNK_TOKENS = 800;
export const DEFAULT_OVERLAP_TOKENS = 400;

export const DEFAULT_SETTINGS: EstimateSettings = {
  requestsPerDocument: 1,
  sharedPromptTokens: 0,
  questionTokens: 0,
  chatOverhead: 'left_out',
  chunkTokens: DEFAULT_CHUNK_TOKENS,
  overlapTokens: DEFAULT_OVERLAP_TOKENS,
  skipDuplicates: false,
  requestsPerMinute: null,
  tokensPerMinute: null,
  batchCacheHits: null,
};

/** Settings with their defaults; throws `Misconfigured` naming what contradicts what. An overlap that is not given shrinks with the chunks. */
export function settingsWith(given: Partial<EstimateSettings>): EstimateSettings {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  if (given.overlapTokens === undefined)
    settings.overlapTokens = Math.min(DEFAULT_OVERLAP_TOKENS, Math.floor(settings.chunkTokens / 2));
  const atLeast = (name: keyof EstimateSettings, minimum: number): void => {
    const value = settings[name];
    if (value !== null && (!Number.isSafeInteger(value) || (value as number) < minimum))
      throw new Misconfigured(`${name} ${String(value)}: must be a whole number from ${minimum}`);
  };
  for (const name of ['sharedPromptTokens', 'questionTokens', 'overlapTokens'] as const) atLeast(name, 0);
  for (const name of ['requestsPerDocument', 'chunkTokens', 'requestsPerMinute', 'tokensPerMinute'] as const)
    atLeast(name, 1);
  if (settings.overlapTokens >= settings.chunkTokens)
    throw new Misconfigured(
      `overlapTokens ${settings.overlapTokens}: must be less than chunkTokens ${settings.chunkTokens}`,
    );
  const hits = settings.batchCacheHits;
  if (hits !== null && !(Number.isInteger(hits) && hits >= 0 && hits <= 100))
    throw new Misconfigured(`batchCacheHits ${hits}: must be a whole number from 0 to 100`);
  return settings;
}
