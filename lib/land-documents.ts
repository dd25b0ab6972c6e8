/**
 * Lands what documents came to: objects of corpora → results and a commit in the lake, a batch at a time. In: objects as they were listed or
 * looked at, a reader. Out: the outcome of each. Invariant: a batch is whole or it is not there. An object that cannot be read now, because it
 * changed, is gone, or the store does not answer, keeps no other from landing; what is wrong with a document itself is a result like any other.
 */
import { createHash } from 'node:crypto';
import { OutOfTime } from './batch-inbox.ts';
import type { TimeLeft } from './batch-inbox.ts';
import {
  CORPORA_PREFIX,
  DOCUMENT_RESULTS,
  corpusFolder,
  corpusOf,
  documentBatchId,
  isReader,
  objectVersion,
  readDocumentCommits,
  retiredBatches,
  writeDocumentCommit,
} from './document-commits.ts';
import type { DocumentBatch, DocumentObjectCommit, DocumentReaderVersion, KnownCommits } from './document-commits.ts';
import type { DocumentReader } from './documents/document.ts';
import { Misconfigured, Transient } from './errors.ts';
import type { Clock, Log, ObjectInfo, ObjectStore, Progress } from './ports.ts';
import { createResultWriter } from './write/document-results.ts';
import type { DocumentRow } from './write/document-results.ts';

export interface DocumentWorld {
  readonly inbox: ObjectStore;
  readonly lake: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: Progress;
  readonly reader: DocumentReader;
  readonly readerVersion: DocumentReaderVersion;
  /** objects that are read at the same time */
  readonly readsAtOnce: number;
  /** a key for storing: without names of persons where the config says so */
  readonly objectName: (key: string) => string;
  /** how long there is; without it as long as it takes */
  readonly time?: TimeLeft;
  /** commits that this process has seen, to be kept between calls */
  readonly known?: KnownCommits;
}

/** done: its results lie in the lake · failed: an error of its own · later: no time was left, or another object stood in the way */
export type DocumentOutcome = 'done' | 'failed' | 'later';

export interface LandedDocuments {
  /** by key in the inbox */
  readonly outcomes: ReadonlyMap<string, DocumentOutcome>;
  readonly batches: readonly DocumentBatch[];
  /** had been read before */
  readonly unchanged: number;
}

/** What one batch takes at most: a killed process loses no more work than this. */
export interface BatchSize {
  readonly objects: number;
  readonly bytes: number;
}

const BATCH: BatchSize = { objects: 200, bytes: 32 << 20 };
/** A batch is not begun with less time than this. */
const START_MS = 60_000;

/** Lands what has not landed. Objects of all corpora may come together; `done` is told of objects as soon as their batch is committed. */
export async function landDocuments(
  world: DocumentWorld,
  objects: readonly ObjectInfo[],
  {
    size = BATCH,
    done = async () => undefined,
  }: { size?: BatchSize; done?: (keys: readonly string[]) => Promise<void> } = {},
): Promise<LandedDocuments> {
  const outcomes = new Map<string, DocumentOutcome>();
  const batches: DocumentBatch[] = [];
  let unchanged = 0;
  for (const [corpus, own] of byCorpus(world, objects)) {
    const { fresh, landed, retired } = await findFresh(world, corpus, own);
    unchanged += landed.length;
    for (const key of landed) outcomes.set(key, 'done');
    await done(landed);
    for (const batch of intoBatches(fresh, size)) {
      for (const { info } of batch) outcomes.set(info.key, 'later');
      if ((world.time?.leftMs() ?? Infinity) < START_MS) continue;
      const commit = await landWithoutFailed(world, corpus, batch, retired, outcomes);
      if (commit !== null) batches.push(commit);
      await done(batch.map(({ info }) => info.key).filter((key) => outcomes.get(key) === 'done'));
    }
  }
  return { outcomes, batches, unchanged };
}

/** An object with the name under which the lake knows it. */
interface Named {
  readonly info: ObjectInfo;
  readonly object: string;
}

/** Corpora in the order of their names; objects that belong to none are left out, the seal names them. */
function byCorpus(world: DocumentWorld, objects: readonly ObjectInfo[]): [corpus: string, objects: Named[]][] {
  const corpora = new Map<string, Named[]>();
  for (const info of objects) {
    const object = world.objectName(info.key);
    const place = corpusOf(object);
    if ('refused' in place) continue;
    const own = corpora.get(place.corpus);
    if (own) own.push({ info, object });
    else corpora.set(place.corpus, [{ info, object }]);
  }
  return [...corpora].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

interface Fresh {
  readonly fresh: Named[];
  /** keys that have landed */
  readonly landed: string[];
  /** object version → batches that held it and are on their way out */
  readonly retired: ReadonlyMap<string, readonly string[]>;
}

async function findFresh(world: DocumentWorld, corpus: string, objects: readonly Named[]): Promise<Fresh> {
  // marks before commits: a batch that is marked in between was still needed when it was listed
  const marked = await retiredBatches(world.lake, corpus);
  const commits = await readDocumentCommits(world.lake, corpus, world.known);
  const read = new Set<string>();
  const retired = new Map<string, string[]>();
  for (const batch of commits) {
    for (const object of batch.objects) {
      const id = objectVersion(object);
      if (marked.has(batch.batchId)) retired.set(id, [...(retired.get(id) ?? []), batch.batchId]);
      else if (isReader(batch, world.readerVersion)) read.add(id);
    }
  }
  const isRead = ({ object, info }: Named): boolean => read.has(objectVersion({ object, version: info.version }));
  return {
    fresh: objects.filter((one) => !isRead(one)),
    landed: objects.filter(isRead).map(({ info }) => info.key),
    retired,
  };
}

/** Small ones first, so that one large document delays nobody. */
function intoBatches(objects: readonly Named[], size: BatchSize): Named[][] {
  const batches: Named[][] = [];
  let bytes = 0;
  for (const one of objects.toSorted((a, b) => a.info.bytes - b.info.bytes || (a.info.key < b.info.key ? -1 : 1))) {
    const current = batches.at(-1);
    if (current === undefined || current.length >= size.objects || bytes + one.info.bytes > size.bytes) {
      batches.push([one]);
      bytes = one.info.bytes;
    } else {
      current.push(one);
      bytes += one.info.bytes;
    }
  }
  return batches;
}

/** Lands a batch; one of its objects that fails is left out and the others are read again. Null if none is left, or no time. */
async function landWithoutFailed(
  world: DocumentWorld,
  corpus: string,
  batch: readonly Named[],
  retired: Fresh['retired'],
  outcomes: Map<string, DocumentOutcome>,
): Promise<DocumentBatch | null> {
  let left = [...batch];
  while (left.length > 0) {
    const { commit, failed } = await landBatch(world, corpus, left, retired);
    if (commit !== null) {
      for (const { info } of left) outcomes.set(info.key, 'done');
      return commit;
    }
    for (const { key, error } of failed) {
      world.log.warn(`${key} was not read: ${error.message}`);
      // alone, it is this object that takes too long
      outcomes.set(key, error instanceof OutOfTime && left.length > 1 ? 'later' : 'failed');
    }
    if (failed.some(({ error }) => error instanceof OutOfTime)) return null;
    const gone = new Set(failed.map(({ key }) => key));
    left = left.filter(({ info }) => !gone.has(info.key));
  }
  return null;
}

interface Failed {
  readonly key: string;
  readonly error: Error;
}

async function landBatch(
  world: DocumentWorld,
  corpus: string,
  batch: readonly Named[],
  retired: Fresh['retired'],
): Promise<{ commit: DocumentBatch | null; failed: readonly Failed[] }> {
  const named = batch.map(({ object, info }) => ({ object, version: info.version }));
  const before = new Set(named.flatMap((one) => retired.get(objectVersion(one)) ?? []));
  const batchId = documentBatchId(corpus, world.readerVersion, named, [...before]);
  const writer = createResultWriter();
  const counts = new Map<string, ObjectCounts>();
  const failed = await readAll(world, batch, (row) => {
    writer.append({ ...row, batchId });
    count(counts, row);
  });
  if (failed.length > 0) return { commit: null, failed };
  const readAtMs = world.clock.nowMs();
  const resultsKey =
    writer.rows === 0 ? null : await writeResults(world.lake, corpus, batchId, readAtMs, writer.finish());
  const objects = batch.map(({ object, info }): DocumentObjectCommit => {
    const { counted, empty, rejected } = counts.get(object) ?? noCounts();
    return { object, version: info.version, bytes: info.bytes, counted, empty, rejected };
  });
  const rows = objects.reduce((sum, { counted, empty, rejected }) => sum + counted + empty + rejected, 0);
  const commit = { batchId, corpus, reader: world.readerVersion, readAtMs, objects, resultsKey, rows };
  return { commit: await writeDocumentCommit(world.lake, commit), failed: [] };
}

/** Each reader of a batch has a file of its own, and the one whose commit is first stands: no file is taken up that a sweep may be about to take. */
async function writeResults(
  lake: ObjectStore,
  corpus: string,
  batchId: string,
  readAtMs: number,
  bytes: Uint8Array,
): Promise<string> {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const key = `${DOCUMENT_RESULTS}${corpusFolder(corpus)}/${batchId}-${readAtMs.toString(36)}-${digest}.parquet`;
  await lake.putIfAbsent(key, bytes);
  return key;
}

type ObjectCounts = Record<'counted' | 'empty' | 'rejected', number>;
const noCounts = (): ObjectCounts => ({ counted: 0, empty: 0, rejected: 0 });

function count(counts: Map<string, ObjectCounts>, { object, status }: Pick<DocumentRow, 'object' | 'status'>): void {
  const own = counts.get(object) ?? noCounts();
  counts.set(object, own);
  own[status as keyof ObjectCounts]++;
}

/** Reads objects, some at a time, and tells every result. Returns those that failed; after the first one, no other is begun. */
async function readAll(
  world: DocumentWorld,
  batch: readonly Named[],
  tell: (row: Omit<DocumentRow, 'batchId'>) => void,
): Promise<Failed[]> {
  const failed: Failed[] = [];
  const waiting = [...batch];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined && failed.length === 0; one = waiting.shift()) {
      try {
        const reading = readObject(world, one, tell);
        await (world.time === undefined ? reading : world.time.within(reading));
        world.progress.advance({ objects: 1, bytes: one.info.bytes });
      } catch (error) {
        if (error instanceof Misconfigured || !(error instanceof Error)) throw error;
        failed.push({ key: one.info.key, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, world.readsAtOnce) }, work));
  return failed;
}

async function readObject(
  world: DocumentWorld,
  { info, object }: Named,
  tell: (row: Omit<DocumentRow, 'batchId'>) => void,
): Promise<void> {
  const { path } = placeOf(info.key);
  const { corpus } = placeOf(object);
  const watched = watchedBody(world.inbox, info);
  let part = 0;
  try {
    for await (const result of world.reader.read({ path, bytes: info.bytes, open: watched.open })) {
      part++;
      const name = world.objectName(`${info.key.slice(0, info.key.length - path.length)}${result.document}`);
      tell({ ...result, object, part, document: name.slice(CORPORA_PREFIX.length + corpus.length + 1) });
    }
  } catch (error) {
    if (watched.error() === null) throw error;
  }
  // an error of the store is none of the document's: whatever the reader made of it is not kept. A missing right may be this object's own.
  const cause = watched.error();
  if (cause !== null) throw new Transient(cause.message, { cause, place: { object: info.key } });
}

function placeOf(key: string): { corpus: string; path: string } {
  const place = corpusOf(key);
  if ('refused' in place) throw new Transient(`${key}: ${place.refused}`, { place: { object: key } });
  return place;
}

/** The bytes of an object as it was listed, and what went wrong on the way to them. */
function watchedBody(
  inbox: ObjectStore,
  info: ObjectInfo,
): { open: () => Promise<AsyncIterable<Uint8Array>>; error: () => Error | null } {
  let error: Error | null = null;
  const noted = (thrown: unknown): Error => (error = thrown instanceof Error ? thrown : new Error('unknown error'));
  return {
    error: () => error,
    async open() {
      try {
        const opened = await inbox.open(info.key);
        if (opened.info.version !== info.version) {
          await opened.body[Symbol.asyncIterator]().return?.();
          throw new Transient(`${info.key} changed since it was listed`, { place: { object: info.key } });
        }
        return noting(opened.body, noted);
      } catch (thrown) {
        throw noted(thrown);
      }
    },
  };
}

async function* noting(body: AsyncIterable<Uint8Array>, noted: (error: unknown) => Error): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    throw noted(thrown);
  }
}
