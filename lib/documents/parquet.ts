/** Parquet files with a text column: each row is a document, of which only that column is read. Row groups are read one at a time. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import type { ExtractInput, Piece } from './extraction.ts';
import { rowName } from './extraction.ts';
import { textColumnOf } from './first-line.ts';
import { UnreadableDocument } from './unreadable.ts';
import { wholeFile } from './whole-file.ts';

/** Snappy is built in. The length that the file declares is the most a page may inflate to. */
const COMPRESSORS: Compressors = {
  ZSTD: (input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength }),
  GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength }),
  BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength }),
};

/** The texts of the rows. */
export async function* extractParquet(input: ExtractInput): AsyncGenerator<Piece> {
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
  const { buffer: file } = await wholeFile(input);
  const metadata = parquetMetadata(file);
  // the root of the schema comes first, then its columns; those inside other columns are no columns of texts
  const names = metadata.schema.slice(1).map(({ name }) => name);
  const column = textColumnOf(names, input.textColumns);
  if (column === null) {
    throw new UnreadableDocument(
      `has none of the columns ${input.textColumns.join(', ')} (documents.textColumn names the one that holds the text)`,
    );
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    if (Number(group.total_byte_size) > input.budget.limits.maxBytes) {
      throw new UnreadableDocument(
        `has a row group that unpacks to more than ${input.budget.limits.maxBytes} bytes (documents.limits.maxBytes)`,
      );
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({
      file,
      metadata,
      columns: [column],
      rowStart,
      rowEnd,
      compressors: COMPRESSORS,
    });
    for (const [i, row] of rows.entries()) {
      const value: unknown = row[column];
      const name = rowName(rowStart + i + 1);
      if (typeof value === 'string') yield { kind: 'row', name, text: value };
      else yield { kind: 'bad_row', name, text: '', reason: 'is a row without text in the text column' };
    }
    rowStart = rowEnd;
  }
}
