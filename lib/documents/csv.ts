/**
 * CSV and TSV: where the header has a text column, each row is a document, of which only that column counts; without one the file is one text. Rows
 * are read in flat memory, quoted line ends are csv-parse's business.
 */
import type { ExtractInput, Piece } from './extraction.ts';
import { rowName } from './extraction.ts';
import { firstLine, textColumnOf } from './first-line.ts';
import { extractText } from './plain-text.ts';

const DELIMITERS = [',', ';', '\t', '|'];

/** The texts of the rows, or the text of the file. */
export async function* extractCsv(input: ExtractInput): AsyncGenerator<Piece> {
  const { line, text } = await firstLine(extractText(input));
  const table = line === null ? null : await tableOf(line, input.textColumns);
  if (table === null) {
    yield* text;
    return;
  }
  let row = -1;
  for await (const fields of rowsOf(text, table.delimiter, input.budget.limits.maxBytes)) {
    row += 1;
    if (row === 0) continue;
    const value = fields?.[table.index];
    const name = rowName(row);
    if (value !== undefined) yield { kind: 'row', name, text: value };
    else {
      const reason = fields === null ? 'is a row that cannot be read' : 'is a row without text in the text column';
      yield { kind: 'bad_row', name, text: fields?.join(table.delimiter) ?? '', reason };
    }
  }
}

/** Where the text lies in a table with this header; null where no delimiter shows a text column. */
async function tableOf(
  header: string,
  textColumns: readonly string[],
): Promise<{ readonly delimiter: string; readonly index: number } | null> {
  const { parse } = await import('csv-parse/sync');
  for (const delimiter of DELIMITERS) {
    let names: string[] | undefined;
    try {
      names = parse(header, { delimiter, relax_quotes: true, relax_column_count: true })[0];
    } catch {
      continue; // a quoted line end in the header: no table for us
    }
    const column = names === undefined ? null : textColumnOf(names, textColumns);
    if (names !== undefined && column !== null) return { delimiter, index: names.indexOf(column) };
  }
  return null;
}

/** Fields of each row; null for a row that cannot be read. Throws the parser's error where a quote never closes. */
async function* rowsOf(
  text: AsyncIterable<string>,
  delimiter: string,
  maxRecordBytes: number,
): AsyncGenerator<readonly string[] | null> {
  const { parse } = await import('csv-parse');
  let rows: (readonly string[] | null)[] = [];
  const parser = parse({
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRecordBytes,
    // by callback, because the parser as a stream drops the rows that it has ready when an error comes
    on_record: (fields: string[]) => {
      rows.push(fields);
      return null;
    },
    on_skip: () => {
      rows.push(null);
      return undefined;
    },
  });
  parser.resume();
  // without a listener an error would end the process; it comes through the callbacks below, too
  parser.on('error', () => {});
  for await (const piece of text) {
    await new Promise<void>((resolve, reject) => parser.write(piece, (error) => (error ? reject(error) : resolve())));
    const ready = rows;
    rows = [];
    yield* ready;
  }
  await new Promise<void>((resolve, reject) => {
    parser.once('error', reject);
    parser.end(() => resolve());
  });
  yield* rows;
}
