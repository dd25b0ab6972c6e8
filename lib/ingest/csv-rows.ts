/**
 * Rows of a CSV stream, through csv-parse: quoted line ends and CRLF are its business. Fields in, rows or named defects out, in order.
 * Invariant: a row that does not fit its header is a defect, never a row with empty counts.
 */
import { parse } from 'csv-parse';

export type CsvRow = { readonly fields: readonly string[] } | { readonly bad: string };

export interface CsvOptions {
  readonly delimiter: string;
  readonly maxRecordBytes: number;
}

/**
 * Reads rows, the header among them, in batches of one chunk each. A quote that never closes ends the table with one defect. Rows are
 * taken by callback, because the parser as a stream drops those it has ready when an error comes.
 */
export async function* readCsvRows(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  isCutShort: () => boolean,
): AsyncGenerator<CsvRow[]> {
  let rows: CsvRow[] = [];
  const take = (): CsvRow[] => {
    const taken = rows;
    rows = [];
    return taken;
  };
  const parser = parse({
    delimiter: options.delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: options.maxRecordBytes,
    on_record: (fields: string[]) => {
      rows.push({ fields });
      return null;
    },
    on_skip: (error) => {
      rows.push({ bad: error?.code ?? 'CSV_ERROR' });
      return undefined;
    },
  });
  parser.resume();
  for await (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => parser.write(chunk, (error) => (error ? reject(error) : resolve())));
    if (rows.length > 0) yield take();
  }
  if (isCutShort()) return; // the row the break runs through would pass for a shorter one
  await new Promise<void>((resolve, reject) => {
    parser.once('error', reject);
    parser.end(() => resolve());
  });
  if (rows.length > 0) yield take();
}
