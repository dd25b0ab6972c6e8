/**
 * Results of documents as a Parquet file in the lake, written by the reader of corpora and read by SQL. In: results. Out: bytes, and rows read
 * back. Invariant: the columns here are those that `seal/sql/documents.sql` reads; no text of a document is among them.
 */
import type { ColumnType } from '../schema.ts';
import { readLandingRows } from './landing-reader.ts';
import { createParquetWriter } from './parquet.ts';
import type { Cell, ParquetWriter, RowColumn } from './parquet.ts';

/** A result with its place: the object it was read from, and which of the object's results it is, from 1 on. */
export interface DocumentRow {
  readonly batchId: string;
  readonly object: string;
  readonly part: number;
  readonly document: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly characters: number;
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  readonly tokens: Readonly<Record<string, number>>;
  readonly scripts: Readonly<Record<string, number>>;
  readonly contentHash: string;
  readonly status: string;
  readonly reason: string | null;
}

function column(
  name: string,
  type: ColumnType | 'string?',
  of: (row: DocumentRow) => Cell,
  unique = false,
): RowColumn<DocumentRow> {
  const nullable = type === 'string?';
  return { name, type: nullable ? 'string' : type, nullable, ...(unique ? { unique } : {}), of };
}

const COLUMNS: readonly RowColumn<DocumentRow>[] = [
  column('batch_id', 'string', (row) => row.batchId),
  column('object', 'string', (row) => row.object),
  column('part', 'bigint', (row) => row.part),
  column('document', 'string', (row) => row.document, true),
  column('media_type', 'string', (row) => row.mediaType),
  column('bytes', 'bigint', (row) => row.bytes),
  column('characters', 'bigint', (row) => row.characters),
  column('tokens_o200k', 'bigint', (row) => row.tokensO200k),
  column('tokens_cl100k', 'bigint', (row) => row.tokensCl100k),
  column('tokens', 'map<string,bigint>', (row) => row.tokens),
  column('scripts', 'map<string,bigint>', (row) => row.scripts),
  column('content_hash', 'string', (row) => row.contentHash, true),
  column('status', 'string', (row) => row.status),
  column('reason', 'string?', (row) => row.reason),
];

/** Columns as `name → type`, for an engine. */
export const DOCUMENT_RESULT_TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  COLUMNS.map(({ name, type }) => [name, type]),
);

/** A file of results. */
export function createResultWriter(): ParquetWriter<DocumentRow> {
  return createParquetWriter(COLUMNS);
}

/** The rows of a file of results, in their order. */
export async function* readResults(bytes: Uint8Array): AsyncGenerator<DocumentRow> {
  for await (const row of readLandingRows(bytes)) {
    yield {
      batchId: String(row['batch_id']),
      object: String(row['object']),
      part: Number(row['part']),
      document: String(row['document']),
      mediaType: String(row['media_type']),
      bytes: Number(row['bytes']),
      characters: Number(row['characters']),
      tokensO200k: Number(row['tokens_o200k']),
      tokensCl100k: Number(row['tokens_cl100k']),
      tokens: numbersOf(row['tokens']),
      scripts: numbersOf(row['scripts']),
      contentHash: String(row['content_hash']),
      status: String(row['status']),
      reason: typeof row['reason'] === 'string' ? row['reason'] : null,
    };
  }
}

/** A map as it lies in the file: whole numbers without a name for their type. */
function numbersOf(map: unknown): Record<string, number> {
  const pairs = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]));
}
