/**
 * What has been read of corpora: commit records, the last write of each batch of documents. In: a store. Out: which object versions were read,
 * by which reader, and where their results lie. Invariant: a commit is never edited, and results without one do not exist. Readers do not count
 * on a batch that is marked as needed no more, so that nothing hangs on files that a sweep is about to take.
 */
import { createHash } from 'node:crypto';
import type { ObjectInfo, ObjectStore } from './ports.ts';

/** Folder of the inbox whose folders are corpora. */
export const CORPORA_PREFIX = 'corpora/';
export const DOCUMENT_COMMITS = 'documents/v1/commits/';
export const DOCUMENT_RESULTS = 'documents/v1/results/';
/** Marks of batches that nothing needs any more. */
export const RETIRED_DOCUMENTS = 'retired-documents/v1/';

/** Who read: raised versions and other settings give other results. */
export interface DocumentReaderVersion {
  /** raised whenever reading a document gives other results than before */
  readonly version: number;
  /** hash of the settings and tokenizers that results depend on */
  readonly settings: string;
}

/** One object as read; `documents` are all of it, by status. */
export interface DocumentObjectCommit {
  /** its key in the inbox, without names of persons where the config says so */
  readonly object: string;
  readonly version: string;
  readonly bytes: number;
  readonly counted: number;
  readonly empty: number;
  readonly rejected: number;
}

export interface DocumentBatch {
  readonly batchId: string;
  readonly corpus: string;
  readonly reader: DocumentReaderVersion;
  readonly readAtMs: number;
  readonly objects: readonly DocumentObjectCommit[];
  /** null where the objects hold no document at all */
  readonly resultsKey: string | null;
  readonly rows: number;
}

/** The corpus is a partition: Hive and Athena take printable ASCII only, and a longer name does not fit a folder's once it is encoded. */
const USABLE_NAME = /^[ -~]{1,80}$/;
/** Stands for null where partitions are folders. */
const HIVE_NULL = '__HIVE_DEFAULT_PARTITION__';

/** The corpus that a key below `corpora/` belongs to, or why it belongs to none. */
export function corpusOf(
  key: string,
): { readonly corpus: string; readonly path: string } | { readonly refused: string } {
  const rest = key.slice(CORPORA_PREFIX.length);
  const cut = rest.indexOf('/');
  if (cut < 0) return { refused: 'it lies in no corpus: put it into corpora/NAME/' };
  const corpus = rest.slice(0, cut);
  if (!USABLE_NAME.test(corpus) || corpus === HIVE_NULL)
    return { refused: 'the name of its corpus must be 1 to 80 printable ASCII characters' };
  return { corpus, path: rest.slice(cut + 1) };
}

/** Whether something below `corpora/` is a document; folders that some programs make are none. */
export function isDocument({ key, bytes }: Pick<ObjectInfo, 'key' | 'bytes'>): boolean {
  return key.startsWith(CORPORA_PREFIX) && !(key.endsWith('/') && bytes === 0);
}

/** Folder of a corpus in the lake: names may hold anything. */
export function corpusFolder(corpus: string): string {
  return createHash('sha256').update(corpus).digest('hex').slice(0, 16);
}

/**
 * Name of a batch: by corpus, reader, and its objects in their versions, so that a second reader of the same gives the same. `retired` are batches
 * that held one of these objects and are on their way out: what is read again after them is another batch.
 */
export function documentBatchId(
  corpus: string,
  reader: DocumentReaderVersion,
  objects: readonly { readonly object: string; readonly version: string }[],
  retired: readonly string[],
): string {
  const lines = objects.map(objectVersion).toSorted();
  return createHash('sha256')
    .update(JSON.stringify([corpus, reader.version, reader.settings, retired.toSorted(), lines]))
    .digest('hex')
    .slice(0, 24);
}

export function documentCommitKey({ corpus, batchId }: Pick<DocumentBatch, 'corpus' | 'batchId'>): string {
  return `${DOCUMENT_COMMITS}${corpusFolder(corpus)}/${batchId}.json`;
}

/** The last write of a batch. Of two readers of the same batch the first one's stands; returns the one that does. */
export async function writeDocumentCommit(store: ObjectStore, batch: DocumentBatch): Promise<DocumentBatch> {
  const key = documentCommitKey(batch);
  if ((await store.putIfAbsent(key, new TextEncoder().encode(JSON.stringify(batch)))) === 'created') return batch;
  const bytes = await store.read(key);
  return bytes === null ? batch : (JSON.parse(new TextDecoder().decode(bytes)) as DocumentBatch);
}

const READS_AT_ONCE = 32;

/** Commits by key that were read before; they never change. */
export type KnownCommits = Map<string, DocumentBatch>;

/** All commits of one corpus, or of all, in key order. What is in `known` is not read again, and what is read is added to it. */
export async function readDocumentCommits(
  store: ObjectStore,
  corpus: string | null = null,
  known: KnownCommits = new Map(),
): Promise<DocumentBatch[]> {
  const keys: string[] = [];
  const prefix = corpus === null ? DOCUMENT_COMMITS : `${DOCUMENT_COMMITS}${corpusFolder(corpus)}/`;
  for await (const { key } of store.list(prefix)) if (key.endsWith('.json')) keys.push(key);
  const batches: DocumentBatch[] = [];
  for (let i = 0; i < keys.length; i += READS_AT_ONCE) {
    const found = await Promise.all(
      keys.slice(i, i + READS_AT_ONCE).map(async (key): Promise<DocumentBatch | null> => {
        const before = known.get(key);
        if (before !== undefined) return before;
        const bytes = await store.read(key);
        // swept since it was listed
        if (bytes === null) return null;
        const batch = JSON.parse(new TextDecoder().decode(bytes)) as DocumentBatch;
        known.set(key, batch);
        return batch;
      }),
    );
    batches.push(...found.filter((batch) => batch !== null));
  }
  return batches;
}

/** Ids of the batches that are marked as needed no more, of one corpus or of all. */
export async function retiredBatches(store: ObjectStore, corpus: string | null = null): Promise<Set<string>> {
  const ids = new Set<string>();
  const prefix = corpus === null ? RETIRED_DOCUMENTS : `${RETIRED_DOCUMENTS}${corpusFolder(corpus)}/`;
  for await (const { key } of store.list(prefix)) ids.add(key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, ''));
  return ids;
}

export function retiredKey({ corpus, batchId }: Pick<DocumentBatch, 'corpus' | 'batchId'>): string {
  return `${RETIRED_DOCUMENTS}${corpusFolder(corpus)}/${batchId}.json`;
}

/** An object version as one text. */
export function objectVersion({ object, version }: Pick<DocumentObjectCommit, 'object' | 'version'>): string {
  return `${version}\n${object}`;
}

export function isReader(batch: DocumentBatch, reader: DocumentReaderVersion): boolean {
  return batch.reader.version === reader.version && batch.reader.settings === reader.settings;
}
