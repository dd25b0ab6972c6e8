/** What a process that reads documents and its parent say to each other. The process asks, the parent answers. */
import type { DocumentLimits, DocumentResult } from '../../documents/document.ts';
import type { TokenizerPaths } from './tokenizer-files.ts';

/** Sent to a process first. */
export interface WorkerSetup {
  readonly limits: DocumentLimits;
  readonly textColumns: readonly string[];
  /** address of the folder of vocabularies; null for that of the installed package */
  readonly vocabularies: string | null;
  /** files of further tokenizers by name, and the folder that they are relative to */
  readonly tokenizers: { readonly files: TokenizerPaths; readonly folder: string };
}

export type ToWorker =
  /** begins an object; `unread` are the documents in it that are not read, and why */
  | { readonly kind: 'document'; readonly path: string; readonly unread: readonly (readonly [string, string])[] }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  /** results were taken */
  | { readonly kind: 'taken' };

/** Instead of the first `ready`: what it was set up with is wrong; for people, without a word of any file. */
export interface Refused {
  readonly kind: 'refused';
  readonly message: string;
  readonly hint: string | undefined;
}

export type FromWorker =
  | Refused
  | { readonly kind: 'ready' }
  /** a document is begun: told, not asked */
  | { readonly kind: 'at'; readonly document: string }
  | { readonly kind: 'more' }
  | { readonly kind: 'results'; readonly results: readonly DocumentResult[] }
  | { readonly kind: 'done'; readonly results: readonly DocumentResult[] };
