/** Rows of a CSV stream as objects keyed by the header, through csv-parse: quoted line ends, BOM and CRLF are its business. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';

export type CsvRow = { readonly row: Record<string, string> } | { readonly bad: string };

export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: AsyncIterable<CsvRow[]>;
}

const ROWS_AT_ONCE = 1000;

/** Reads the header, then the rows in batches. A quote that never closes ends the table with one bad row. */
export async function readCsv(chunks: AsyncIterable<Uint8Array>, maxRecordBytes: number): Promise<CsvTable> {
  const parser = parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: maxRecordBytes });
  const source = Readable.from(chunks, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  const records = (parser as AsyncIterable<string[]>)[Symbol.asyncIterator]();
  const first = await records.next();
  const header = first.done ? [] : first.value.map((name) => name.trim());

  async function* rows(): AsyncGenerator<CsvRow[]> {
    let batch: CsvRow[] = [];
    try {
      for (let next = await records.next(); !next.done; next = await records.next()) {
        const fields = next.value;
        batch.push({ row: Object.fromEntries(header.map((name, i) => [name, fields[i] ?? ''])) });
        if (batch.length >= ROWS_AT_ONCE) {
          yield batch;
          batch = [];
        }
      }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      batch.push({ bad: error.code });
    }
    if (batch.length > 0) yield batch;
  }
  return { header, rows: rows() };
}
