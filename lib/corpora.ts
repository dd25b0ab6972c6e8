/**
 * Corpora, the second way into the lake: documents below `corpora/` of the inbox, to tables.
 *
 *   corpora/NAME/… ─ read ─▶ results + commit     (land-documents.ts: a batch at a time, each object version once by each reader)
 *   listing + commits ─ seal ─▶ documents, corpus_costs
 *
 * In: the inbox, the lake, a reader of documents, a function that prices a corpus. Out: tables switched, and what waits to be read. A corpus is
 * what lies under its prefix now: what was deleted leaves at the next seal, and what was read of it after the grace period. Invariant: no text of
 * a document comes into the lake.
 */
import {
  CORPORA_PREFIX,
  DOCUMENT_RESULTS,
  RETIRED_DOCUMENTS,
  corpusOf,
  documentCommitKey,
  isDocument,
  readDocumentCommits,
  retiredKey,
} from './document-commits.ts';
import type { DocumentBatch, DocumentReaderVersion, KnownCommits } from './document-commits.ts';
import type { DocumentResult } from './documents/document.ts';
import { LedgerError, Transient } from './errors.ts';
import type { CorpusCostRow } from './estimate/estimate-json.ts';
import { landDocuments } from './land-documents.ts';
import type { DocumentWorld, LandedDocuments } from './land-documents.ts';
import type { CatalogState, ObjectInfo, ObjectStore, SqlEngine, SqlValue, TableCatalog } from './ports.ts';
import { CORPUS_COSTS, DOCUMENTS } from './schema.ts';
import { applyChanges } from './catalog.ts';
import { matchCorpora, remakeCorpusCosts, remakeDocuments, unneededBatches } from './seal/corpus-tables.ts';
import type { Corpus, ListedObject } from './seal/corpus-tables.ts';
import type { SealContext } from './seal/seal-days.ts';
import { retire, sweep } from './seal/sweep.ts';
import { DOCUMENT_RESULT_TYPES, readResults } from './write/document-results.ts';
import type { DocumentRow } from './write/document-results.ts';

/** Prices corpora. */
export interface CorpusCosts {
  /** changes whenever `rows` would give others for the same results */
  readonly version: string;
  /**
   * `results` are those of the whole corpus, duplicates included, in an order that says nothing. `ledger` answers questions about the tables as
   * they are now; what an engine was shown before is not there any more.
   */
  rows(
    corpus: string,
    results: AsyncIterable<DocumentResult>,
    ledger: { readonly engine: SqlEngine; readonly state: CatalogState },
  ): Promise<readonly CorpusCostRow[]>;
}

export interface CorporaSeal {
  readonly context: SealContext;
  readonly catalog: TableCatalog;
  readonly nowMs: number;
  readonly graceMs: number;
  /** lists the inbox; opens nothing */
  readonly inbox: Pick<ObjectStore, 'list'>;
  readonly objectName: (key: string) => string;
  readonly readerVersion: DocumentReaderVersion;
  readonly costs: CorpusCosts;
  /** commits that this process has seen, to be kept between rounds */
  readonly known?: KnownCommits;
}

/** What lies below `corpora/` and is not in the tables: why, how many, and the first of them. */
export interface LeftOut {
  readonly reason: string;
  readonly objects: number;
  readonly first: string;
}

export interface SealedCorpora {
  /** corpora that lie there now, with the objects that wait to be read */
  readonly corpora: readonly {
    readonly corpus: string;
    readonly objects: number;
    readonly pending: readonly string[];
  }[];
  /** partitions of `documents` made or dropped */
  readonly changed: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly state: CatalogState;
}

export interface RanCorpora extends SealedCorpora {
  readonly landed: LandedDocuments;
}

/** Reads what is new in the corpora and seals: on a folder, one call after the other. */
export async function runCorpora(world: DocumentWorld, seal: CorporaSeal): Promise<RanCorpora> {
  const landed = await readCorpora(world);
  return { ...(await sealCorpora(seal)), landed };
}

/** Reads what the reader of today has not read; `isDue` tells objects that shall be left for now. */
export async function readCorpora(
  world: DocumentWorld,
  isDue: (info: ObjectInfo) => boolean = () => true,
): Promise<LandedDocuments> {
  const objects: ObjectInfo[] = [];
  for await (const info of world.inbox.list(CORPORA_PREFIX)) if (isDocument(info) && isDue(info)) objects.push(info);
  if (objects.length === 0) return { outcomes: new Map(), batches: [], unchanged: 0 };
  world.progress.start({ objects: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) });
  try {
    return await landDocuments(world, objects);
  } finally {
    world.progress.stop();
  }
}

const ATTEMPTS = 5;

/** Seals until the catalog took the result; corpora that did not change cost a listing and their commits. */
export async function sealCorpora(seal: CorporaSeal): Promise<SealedCorpora> {
  const { context, catalog } = seal;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await catalog.read();
    // commits before the listing: a batch of an object that came after the listing would look as if nothing needed it
    const batches = await readDocumentCommits(context.store, null, seal.known);
    const { listed, leftOut } = await listCorpora(seal);
    const corpora = matchCorpora(listed, batches, seal.readerVersion);
    const documents = await remakeDocuments(context, before, corpora, DOCUMENT_RESULT_TYPES);
    const state = applyChanges(before, { [DOCUMENTS.name]: documents });
    const costs = await remakeCorpusCosts(context, state, corpora, seal.costs.version, (corpus) =>
      costRows(seal, state, corpus),
    );
    const isUnchanged = Object.keys(documents).length === 0 && Object.keys(costs).length === 0;
    const changes = { [DOCUMENTS.name]: documents, [CORPUS_COSTS.name]: costs };
    if (!isUnchanged && !(await catalog.switch(before.revision, changes))) continue;
    const after = isUnchanged ? before : await catalog.read();
    if (!isUnchanged) await retire(context.store, after, seal.nowMs);
    await sweep(context.store, after, seal.nowMs, seal.graceMs);
    await sweepDocuments(seal, batches, corpora);
    return {
      corpora: corpora.map(({ corpus, chosen, pending }) => ({
        corpus,
        objects: chosen.length + pending.length,
        pending,
      })),
      changed: Object.keys(documents).toSorted(),
      leftOut,
      state: after,
    };
  }
  throw new Transient(`the catalog was moved ${ATTEMPTS} times by other writers while corpora were sealed`, {
    hint: 'run again; one writer at a time is enough',
  });
}

async function listCorpora(seal: CorporaSeal): Promise<{ listed: ListedObject[]; leftOut: LeftOut[] }> {
  const listed: ListedObject[] = [];
  const leftOut = new Map<string, LeftOut>();
  for await (const info of seal.inbox.list(CORPORA_PREFIX)) {
    if (!isDocument(info)) continue;
    const object = seal.objectName(info.key);
    const place = corpusOf(object);
    if ('refused' in place) {
      const before = leftOut.get(place.refused) ?? { reason: place.refused, objects: 0, first: object };
      leftOut.set(place.refused, { ...before, objects: before.objects + 1 });
    } else listed.push({ object, version: info.version });
  }
  return { listed, leftOut: [...leftOut.values()] };
}

/** Rows of a corpus in the order of the columns, without the partition. */
async function costRows(seal: CorporaSeal, state: CatalogState, corpus: Corpus): Promise<SqlValue[][]> {
  const { engine, store } = seal.context;
  const rows = await seal.costs.rows(corpus.corpus, resultsOf(store, corpus), { engine, state });
  return rows.map((row) => CORPUS_COSTS.columns.map(({ name }) => row[name as keyof CorpusCostRow]));
}

/** The results of a corpus, batch by batch; those of one batch in memory at a time. */
async function* resultsOf(store: ObjectStore, { chosen }: Corpus): AsyncGenerator<DocumentResult> {
  const batches = Map.groupBy(chosen, ({ batch }) => batch.batchId);
  for (const [, own] of [...batches].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const key = own[0]?.batch.resultsKey ?? null;
    if (key === null) continue;
    const bytes = await store.read(key);
    if (bytes === null)
      throw new LedgerError(`${key} is missing: it holds what documents of a corpus came to`, {
        hint: 'restore it from a backup, or delete the commit of the same name below documents/ to have its objects read again',
      });
    const objects = new Set(own.map(({ object }) => object));
    const rows: DocumentRow[] = [];
    for await (const row of readResults(bytes)) if (objects.has(row.object)) rows.push(row);
    yield* rows
      .toSorted((a, b) => (a.object === b.object ? a.part - b.part : a.object < b.object ? -1 : 1))
      .map(asResult);
  }
}

function asResult({ batchId: _batch, object: _object, part: _part, ...result }: DocumentRow): DocumentResult {
  return result as DocumentResult;
}

/**
 * Marks batches that nothing needs, takes marks from those that are needed again, and removes those that were marked longer ago than the grace
 * period; results without a commit go when they are as old.
 */
async function sweepDocuments(
  { context: { store }, nowMs, graceMs }: CorporaSeal,
  batches: readonly DocumentBatch[],
  corpora: readonly Corpus[],
): Promise<void> {
  const unneeded = new Map(unneededBatches(batches, corpora).map((batch) => [retiredKey(batch), batch]));
  const marks = new Set<string>();
  for await (const { key } of store.list(RETIRED_DOCUMENTS)) marks.add(key);
  for (const mark of unneeded.keys())
    if (!marks.has(mark))
      await store.putIfAbsent(mark, new TextEncoder().encode(JSON.stringify({ retiredAtMs: nowMs })));
  for (const mark of marks) {
    const batch = unneeded.get(mark);
    if (batch === undefined) {
      // needed again, or removed by a sweep that ended before it took its mark along
      await store.remove([mark]);
      continue;
    }
    const bytes = await store.read(mark);
    if (bytes === null) continue;
    const { retiredAtMs } = JSON.parse(new TextDecoder().decode(bytes)) as { retiredAtMs: number };
    if (nowMs - retiredAtMs < graceMs) continue;
    await store.remove([documentCommitKey(batch)]);
    await store.remove([mark]);
  }
  const named = new Set(batches.map(({ resultsKey }) => resultsKey));
  const left: string[] = [];
  for await (const { key, lastModifiedMs } of store.list(DOCUMENT_RESULTS))
    if (!named.has(key) && nowMs - lastModifiedMs >= graceMs) left.push(key);
  await store.remove(left);
}
