/**
 * A landing file read back, row by row. In: the bytes of one file. Out: its rows in their order, values as they lie in the file: money and
 * rates as whole numbers of their last decimal, instants as milliseconds, both exact. The columns of one file are held at a time; rows are
 * made when asked for.
 */
import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetRead } from 'hyparquet';
import type { Compressors, FileMetaData } from 'hyparquet';
import { setNamed } from '../record.ts';

/** A row as it lies in the file; absent values are null. */
export type RawRow = Readonly<Record<string, unknown>>;

const COMPRESSORS: Compressors = {
  ZSTD: (input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength }),
};

/** All rows of a landing file. Throws what the Parquet library says of a file it cannot read. */
export async function* readLandingRows(bytes: Uint8Array): AsyncGenerator<RawRow> {
  // the library wants an ArrayBuffer of the file alone
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  const maps = new Set(metadata.schema.filter((element) => element.converted_type === 'MAP').map(({ name }) => name));
  const columns = await readColumns(file, withoutMeaning(metadata), maps);
  const rows = Number(metadata.num_rows);
  for (let row = 0; row < rows; row++) {
    const values: Record<string, unknown> = {};
    for (const { name, data, isMap } of columns)
      values[name] = isMap ? namesOf(data[row] as Pairs) : (data[row] ?? null);
    yield values;
  }
}

/**
 * Takes decimals and timestamps for the whole numbers they are stored as: the library would make floats and dates of them. And maps for the
 * pairs they are stored as: the library would lose a name that means something to the language.
 */
function withoutMeaning(metadata: FileMetaData): FileMetaData {
  for (const element of metadata.schema) {
    if (element.type === 'INT64' || element.converted_type === 'MAP') {
      delete element.converted_type;
      delete element.logical_type;
    }
  }
  return metadata;
}

/** A map as the library gives it when it does not know that it is one. */
interface Pairs {
  readonly key_value: readonly { readonly key: string; readonly value: string }[];
}

function namesOf({ key_value: pairs }: Pairs): Record<string, string> {
  const names: Record<string, string> = {};
  for (const { key, value } of pairs) setNamed(names, key, value);
  return names;
}

interface Column {
  readonly name: string;
  readonly data: ArrayLike<unknown>;
  readonly isMap: boolean;
}

async function readColumns(file: ArrayBuffer, metadata: FileMetaData, maps: ReadonlySet<string>): Promise<Column[]> {
  const parts = new Map<string, { rowStart: number; data: ArrayLike<unknown> }[]>();
  await parquetRead({
    file,
    metadata,
    compressors: COMPRESSORS,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const own = parts.get(columnName);
      const part = { rowStart, data: columnData };
      if (own === undefined) parts.set(columnName, [part]);
      else own.push(part);
    },
  });
  return [...parts].map(([name, own]) => ({ name, data: joined(own), isMap: maps.has(name) }));
}

/** Our own files have one run per column; others are put in order. */
function joined(parts: { rowStart: number; data: ArrayLike<unknown> }[]): ArrayLike<unknown> {
  const [only, second] = parts;
  if (only !== undefined && second === undefined) return only.data;
  return parts.toSorted((a, b) => a.rowStart - b.rowStart).flatMap(({ data }) => Array.from(data));
}
