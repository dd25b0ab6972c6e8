/**
 * What one document of a corpus came to: the interface between reading documents, keeping them in the lake and pricing them. Invariant: no text
 * of a document is in it, nor in anything made from it.
 */

import type { ScriptMix } from '../script-class.ts';

export interface DocumentResult {
  /** path inside the corpus; of a part of a container: `path of the container/path inside it`, of a row of a file `path/000012` from 1 on */
  readonly document: string;
  readonly mediaType: string;
  /** of the document as it lies there, unpacked where it is in a container */
  readonly bytes: number;
  /** UTF-16 units of its text */
  readonly characters: number;
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  /** by name of further tokenizers, exact ones only */
  readonly tokens: Readonly<Record<string, number>>;
  /** UTF-16 units of its text by script class: their sum is `characters`; left out where there are none */
  readonly scripts: ScriptMix;
  /** SHA-256 in hex of its text in UTF-8; of its bytes where the text could not be had */
  readonly contentHash: string;
  /** duplicates are only known among all documents of a corpus: they are `counted` here */
  readonly status: 'counted' | 'empty' | 'rejected';
  /** why it was rejected or is empty, without a word of its text; null for `counted` */
  readonly reason: string | null;
}

/** Reads documents. Implemented over processes, so that a document that never ends or eats memory ends alone. */
export interface DocumentReader {
  /**
   * Reads one object of a corpus: one result, or one for each part of a container and each row of a file of texts, in order. Never throws for
   * what is wrong with a document: that is a result with status `rejected`.
   */
  read(object: DocumentObject): AsyncIterable<DocumentResult>;
  close(): Promise<void>;
}

export interface DocumentObject {
  /** path inside the corpus */
  readonly path: string;
  readonly bytes: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** Limits of one document; a container has the limits of one document for all its parts together but for `maxParts`. */
export interface DocumentLimits {
  readonly maxBytes: number;
  /** of the text that is taken out of a document */
  readonly maxCharacters: number;
  /** time without reading on or giving a result */
  readonly maxSeconds: number;
  readonly maxMemoryMb: number;
  readonly maxParts: number;
  /** containers within containers */
  readonly maxDepth: number;
}
