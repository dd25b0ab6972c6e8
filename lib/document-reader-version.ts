/**
 * Version of the reader of documents: what a document comes to depends on it and on nothing else. In: config section `documents`. Out: a version
 * that results carry. Invariant: settings that only price are not in it, so that other prices read nothing again.
 */
import { createHash } from 'node:crypto';
import type { DocumentReaderVersion } from './document-commits.ts';
import type { DocumentLimits } from './documents/document.ts';

/** Raised whenever reading a document gives other results than before: documents still at hand are read again. */
const DOCUMENT_READER_VERSION = 1;

/** Digest of each further tokenizer's file, by name. */
export type TokenizerDigests = Readonly<Record<string, string>>;

/** The settings that a reader works under. */
export interface ReaderSettings {
  readonly textColumn?: string | undefined;
  readonly limits: { readonly [Name in keyof DocumentLimits]?: number | undefined };
}

/** Version of the reader under these settings. */
export function documentReaderVersion(
  { textColumn, limits }: ReaderSettings,
  tokenizers: TokenizerDigests = {},
): DocumentReaderVersion {
  const sorted = (of: object): [string, unknown][] => Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([textColumn ?? null, sorted(limits), sorted(tokenizers)]);
  return {
    version: DOCUMENT_READER_VERSION,
    settings: createHash('sha256').update(text).digest('hex').slice(0, 16),
  };
}
