/**
 * The reader of documents as the config sets it up: the one place where readers are made, for the command line and the function. In: config
 * section `documents`, and where a bundle has put files. Out: the port. Nothing is started before the first document.
 */
import { availableParallelism } from 'node:os';
import type { Config } from '../../config.ts';
import type { DocumentReader } from '../../documents/document.ts';
import { createDocumentProcesses } from './document-processes.ts';

export interface DocumentReaderPlaces {
  /** code of the reading process */
  readonly worker: URL;
  /** folder of the vocabularies, a URL that ends in a slash */
  readonly vocabularies: URL;
}

/** How many documents are read at the same time. */
export const READS_AT_ONCE = Math.max(1, availableParallelism());

type ReaderConfig = Pick<Config['documents'], 'limits' | 'textColumn' | 'tokenizers'>;

/** A reader; `close` ends its processes. `folder`: what paths of further tokenizers are relative to. */
export function openDocumentReader(
  { limits, textColumn, tokenizers }: ReaderConfig,
  folder: string,
  places?: DocumentReaderPlaces,
): DocumentReader {
  return createDocumentProcesses({
    limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
    ...(textColumn === undefined ? {} : { textColumn }),
    processes: READS_AT_ONCE,
    tokenizers: { files: tokenizers, folder },
    ...places,
  });
}
