/**
 * The tables of corpora: `documents` from what was read of the objects that lie there now, `corpus_costs` from the same results. In: a listing,
 * the commits. Out: partitions, made again only where what they were made from changed. Invariant: which batch serves an object does not depend
 * on the order in which batches came; an object that lies in a corpus is in its rows or named as waiting.
 */
import { corpusOf, isReader, objectVersion } from '../document-commits.ts';
import type { DocumentBatch, DocumentReaderVersion } from '../document-commits.ts';
import type { CatalogState, SqlValue } from '../ports.ts';
import { CORPUS_COSTS, DOCUMENTS, columnTypes } from '../schema.ts';
import { remake, signature } from './derived.ts';
import type { NewPointers } from './derived.ts';
import type { SealContext } from './seal-days.ts';

/** An object of a corpus as the lake knows it. */
export interface ListedObject {
  readonly object: string;
  readonly version: string;
}

/** A corpus as it lies there: what serves each of its objects, and those that were not read yet. */
export interface Corpus {
  readonly corpus: string;
  readonly chosen: readonly Chosen[];
  readonly pending: readonly string[];
  /** of `pending` and of objects served by an earlier reader: what the reader of today has to read */
  readonly outdated: number;
}

export interface Chosen extends ListedObject {
  readonly batch: DocumentBatch;
}

/** Matches a listing with what was read, corpus by corpus in the order of their names. */
export function matchCorpora(
  listed: readonly ListedObject[],
  batches: readonly DocumentBatch[],
  reader: DocumentReaderVersion,
): Corpus[] {
  const serving = bestBatches(batches, reader);
  const corpora = new Map<string, { chosen: Chosen[]; pending: string[]; outdated: number }>();
  for (const one of listed) {
    const place = corpusOf(one.object);
    if ('refused' in place) continue;
    const own = corpora.get(place.corpus) ?? { chosen: [], pending: [], outdated: 0 };
    corpora.set(place.corpus, own);
    const batch = serving.get(objectVersion(one));
    if (batch === undefined) own.pending.push(one.object);
    else own.chosen.push({ ...one, batch });
    if (batch === undefined || !isReader(batch, reader)) own.outdated++;
  }
  return [...corpora].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([corpus, own]) => ({ corpus, ...own }));
}

/** The batch that serves each object version: of the reader of today, else of the newest; among equals by name. */
function bestBatches(batches: readonly DocumentBatch[], reader: DocumentReaderVersion): Map<string, DocumentBatch> {
  const best = new Map<string, DocumentBatch>();
  const rank = (batch: DocumentBatch): (number | string)[] => [
    Number(isReader(batch, reader)),
    batch.reader.version,
    batch.batchId,
  ];
  const isBetter = (a: DocumentBatch, b: DocumentBatch): boolean => {
    const [x, y] = [rank(a), rank(b)];
    const at = x.findIndex((value, i) => value !== y[i]);
    return at >= 0 && (x[at] ?? 0) > (y[at] ?? 0);
  };
  for (const batch of batches)
    for (const object of batch.objects) {
      const id = objectVersion(object);
      const before = best.get(id);
      if (before === undefined || isBetter(batch, before)) best.set(id, batch);
    }
  return best;
}

/** What the rows of a corpus are made from. */
function madeFrom({ chosen }: Corpus): string {
  return signature(chosen.map((one) => `${one.batch.batchId} ${objectVersion(one)}`).toSorted());
}

/** Makes `documents` of the corpora that changed. */
export async function remakeDocuments(
  context: SealContext,
  state: CatalogState,
  corpora: readonly Corpus[],
  resultTypes: Readonly<Record<string, string>>,
): Promise<NewPointers> {
  const byName = new Map(corpora.map((corpus) => [corpus.corpus, corpus]));
  const wanted = new Map(corpora.map((corpus) => [corpus.corpus, madeFrom(corpus)]));
  return await remake(context, DOCUMENTS, state.tables[DOCUMENTS.name] ?? {}, wanted, async (names) => {
    const own = names.flatMap((name) => byName.get(name) ?? []);
    const chosen = own.flatMap(({ corpus, chosen }) => chosen.map((one) => ({ ...one, corpus })));
    const keys = new Set(chosen.flatMap(({ batch }) => batch.resultsKey ?? []));
    await context.engine.files('results', resultTypes, [...keys].toSorted());
    await context.engine.table(
      'chosen',
      { batch_id: 'string', object: 'string', corpus: 'string' },
      chosen.map(({ batch, object, corpus }) => [batch.batchId, object, corpus]),
    );
    return context.sql.documents;
  });
}

/** Makes `corpus_costs` of the corpora that changed, or whose prices did. `rowsOf` gives rows in the order of the columns, without the corpus. */
export async function remakeCorpusCosts(
  context: SealContext,
  state: CatalogState,
  corpora: readonly Corpus[],
  version: string,
  rowsOf: (corpus: Corpus) => Promise<readonly (readonly SqlValue[])[]>,
): Promise<NewPointers> {
  const byName = new Map(corpora.map((corpus) => [corpus.corpus, corpus]));
  const wanted = new Map(
    corpora.map((corpus) => [corpus.corpus, signature([version, madeFrom(corpus), ...corpus.pending])]),
  );
  return await remake(context, CORPUS_COSTS, state.tables[CORPUS_COSTS.name] ?? {}, wanted, async (names) => {
    const rows: SqlValue[][] = [];
    for (const corpus of names.flatMap((name) => byName.get(name) ?? []))
      for (const row of await rowsOf(corpus)) rows.push([...row, corpus.corpus]);
    await context.engine.table('cost_rows', columnTypes(CORPUS_COSTS), rows);
    return 'select * from cost_rows order by corpus, model, mode';
  });
}

/** Batches of which no object lies in a corpus any more, or every one is served by another. */
export function unneededBatches(batches: readonly DocumentBatch[], corpora: readonly Corpus[]): DocumentBatch[] {
  const needed = new Set(corpora.flatMap(({ chosen }) => chosen.map(({ batch }) => batch.batchId)));
  return batches.filter(({ batchId }) => !needed.has(batchId));
}
