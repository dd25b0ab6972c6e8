/** A plan: one model in one mode. What it needs, what it costs, what it stands on. Money is picodollars, exact. */
import type { Range } from './estimate-settings.ts';

/** In the order in which equal plans are preferred. */
export const MODES = ['sync', 'batch', 'cached', 'batch+cached', 'embedding'] as const;
export type Mode = (typeof MODES)[number];

export interface Plan {
  readonly model: string;
  readonly provider: string;
  readonly mode: Mode;
  readonly isEmbedding: boolean;
  readonly requests: number;
  /** of all requests, read from a cache or not; the expected number where it is estimated */
  readonly inputTokens: number;
  readonly outputTokens: Range<number>;
  /** of the input side, as expected; null: no price, or the requests do not fit the model */
  readonly inputPico: bigint | null;
  readonly costPico: Range<bigint> | null;
  readonly basis: string;
  readonly notes: string;
}

/** What requests hold, at one level; the same in all modes. */
export interface RequestSums {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  /** documents that are cut because they do not fit, and what that adds */
  cutDocuments: number;
  cutChunks: number;
  extraRequests: number;
  extraTokens: number;
  /** documents that cannot be cut into what fits, either */
  unfitDocuments: number;
}

export function newRequestSums(): RequestSums {
  return {
    requests: 0,
    inputTokens: 0,
    outputTokens: 0,
    cutDocuments: 0,
    cutChunks: 0,
    extraRequests: 0,
    extraTokens: 0,
    unfitDocuments: 0,
  };
}

/** A batch has deadlines, minima and limits of its own. */
export function isInBatch(mode: Mode): boolean {
  return mode === 'batch' || mode === 'batch+cached';
}
