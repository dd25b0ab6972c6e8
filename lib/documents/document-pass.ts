/**
 * Reads one object of a corpus: its bytes in, a result for it or for each document in it out, in order. Text goes from the extractor into the
 * counters and nowhere else; what is wrong with a document becomes its result. Invariant: every document is told once, with the same result however
 * its bytes arrive.
 */
import { BrokenContainer } from '../broken-container.ts';
import { createByteReader } from '../byte-reader.ts';
import type { ByteReader } from '../byte-reader.ts';
import { createByteDigest } from './byte-digest.ts';
import type { DocumentLimits, DocumentResult } from './document.ts';
import { countedResult, rejectedResult } from './document-result.ts';
import { extractorOf } from './extraction.ts';
import type { Piece } from './extraction.ts';
import { createBudget } from './limits.ts';
import type { Budget } from './limits.ts';
import { documentType, HEAD_BYTES } from './media-type.ts';
import type { DocumentType } from './media-type.ts';
import { createPartNames } from './part-names.ts';
import { createTextMeasure } from './text-measure.ts';
import type { DocumentCounters, Measures, TextMeasure } from './text-measure.ts';
import { LimitReached, SourceFailure, UnreadableDocument } from './unreadable.ts';

/** Columns that hold the text of a row where the configuration names none, the likeliest first. */
export const DEFAULT_TEXT_COLUMNS: readonly string[] = ['text', 'content', 'body', 'document', 'prompt'];

/** Formats that hold documents. */
const CONTAINERS = new Set(['zip', 'gzip', 'zstd', 'mail']);

export interface DocumentPass {
  readonly counters: DocumentCounters;
  readonly limits: DocumentLimits;
  readonly textColumns: readonly string[];
  /** documents that are not read, and why: those in which a thread ended before */
  readonly unread?: ReadonlyMap<string, string>;
  /** Told before a document is read, so that whoever watches knows which one it hangs in. */
  onDocument?(path: string): Promise<void>;
}

interface Place {
  readonly path: string;
  /** its name, which may tell its type */
  readonly name: string;
  /** containers that it lies in */
  readonly depth: number;
  readonly budget: Budget;
}

/**
 * Results of one object. `path` is its path inside the corpus. Throws what the body throws, and nothing for what is wrong with a document.
 */
export async function* readDocument(
  pass: DocumentPass,
  path: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<DocumentResult> {
  const budget = createBudget(pass.limits);
  try {
    yield* readPart(pass, { path, name: path, depth: 0, budget }, sourceChunks(body, budget));
  } catch (error) {
    throw error instanceof SourceFailure ? error.cause : error;
  }
}

/** One document and those in it. Throws `SourceFailure`, and `LimitReached` for a document that lies in another. */
async function* readPart(
  pass: DocumentPass,
  place: Place,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<DocumentResult> {
  const { path, depth, budget } = place;
  const digest = createByteDigest();
  const reader = createByteReader(digest.through(chunks));
  const told = { own: false, parts: false };
  let type: DocumentType = { mediaType: 'application/octet-stream', format: null, reason: '' };
  let measures: Measures | null = null;
  try {
    budget.addPart();
    await pass.onDocument?.(path);
    const head = await reader.peek(HEAD_BYTES);
    type = documentType(place.name, head);
    refuseUnread(pass, place, type);
    measures = yield* readPieces(pass, place, type, reader, told, () => digest.bytes());
    await drain(reader);
  } catch (error) {
    if (error instanceof SourceFailure || (error instanceof LimitReached && depth > 0)) throw error;
    await drain(reader);
    // a mail that counted stays, and what came of its attachments is told beside it
    const document = told.own ? `${path}/(rest)` : path;
    yield rejectedResult(document, type.mediaType, digest.bytes(), digest.hash(), reasonOf(error, type.mediaType));
    return;
  } finally {
    await reader.close();
  }
  if (measures !== null)
    yield countedResult(path, type.mediaType, digest.bytes(), measures, 'has no text but white space');
  else if (!told.own && !told.parts) {
    const nothing = createTextMeasure(pass.counters, budget).end();
    yield countedResult(
      path,
      type.mediaType,
      digest.bytes(),
      nothing,
      digest.bytes() === 0 ? 'has no bytes' : 'holds no text',
    );
  }
}

function refuseUnread(pass: DocumentPass, { path, depth, budget }: Place, type: DocumentType): void {
  const unread = pass.unread?.get(path);
  if (unread !== undefined) throw new UnreadableDocument(unread);
  const { maxDepth } = budget.limits;
  if (depth > maxDepth && CONTAINERS.has(type.format ?? '')) {
    throw new UnreadableDocument(`is a container within more than ${maxDepth} others (documents.limits.maxDepth)`);
  }
}

/** Results of what lies in a document. Returns the measures of its own text, unless it has none or they were told before its parts. */
async function* readPieces(
  pass: DocumentPass,
  place: Place,
  type: DocumentType,
  reader: ByteReader,
  told: { own: boolean; parts: boolean },
  bytes: () => number,
): AsyncGenerator<DocumentResult, Measures | null> {
  if ((await reader.peek(1)).length === 0) {
    await reader.take(1); // where the source broke at once, it is told here
    return null;
  }
  if (type.format === null) throw new UnreadableDocument(type.reason);
  const names = createPartNames(place.path);
  const extract = await extractorOf(type.format);
  let measure: TextMeasure | null = null;
  for await (const piece of extract({ reader, budget: place.budget, textColumns: pass.textColumns })) {
    if (typeof piece === 'string') {
      measure ??= createTextMeasure(pass.counters, place.budget);
      measure.add(piece);
      continue;
    }
    if (measure !== null) {
      yield countedResult(place.path, type.mediaType, bytes(), measure.end(), 'has no text but white space');
      measure = null;
      told.own = true;
    }
    told.parts = true;
    if (piece.kind !== 'file') yield rowResult(pass, place, piece);
    else {
      // a compressed file has the name of its content but for the ending
      const name = piece.name === '' ? place.name.replace(/\.\w+$/, '') : piece.name;
      yield* readPart(pass, { ...place, path: names(piece.name), name, depth: place.depth + 1 }, piece.chunks);
    }
  }
  return measure?.end() ?? null;
}

function rowResult(
  pass: DocumentPass,
  { path, budget }: Place,
  row: Exclude<Piece, string | { kind: 'file' }>,
): DocumentResult {
  budget.addPart();
  const document = `${path}/${row.name}`;
  const measure = createTextMeasure(pass.counters, budget);
  measure.add(row.text);
  const measures = measure.end();
  const bytes = Buffer.byteLength(row.text);
  return row.kind === 'row'
    ? countedResult(document, 'text/plain', bytes, measures, 'has no text but white space')
    : rejectedResult(document, 'text/plain', bytes, measures.contentHash, row.reason);
}

async function* sourceChunks(body: AsyncIterable<Uint8Array>, budget: Budget): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await iterator.next().catch((cause: unknown) => {
        throw new SourceFailure(cause);
      });
      if (step.done === true) return;
      budget.addRead(step.value.length);
      yield step.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Reads what an extractor left, for the size and the hash. What is broken about it has been told, or does not matter. */
async function drain(reader: ByteReader): Promise<void> {
  try {
    while ((await reader.next()) !== null);
  } catch (error) {
    if (error instanceof SourceFailure || error instanceof LimitReached) throw error;
  }
}

/** What is told of an error: our own words where it is ours, and never those of a library, which may quote the document. */
function reasonOf(error: unknown, mediaType: string): string {
  if (error instanceof UnreadableDocument) return error.reason;
  if (error instanceof BrokenContainer) return `is broken: ${error.message}`;
  return `cannot be read as ${mediaType}: it is broken, or not what it seems`;
}
