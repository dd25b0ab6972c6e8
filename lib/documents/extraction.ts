/**
 * What an extractor is and which one reads which format. An extractor gets the bytes of one document and gives its text in pieces, or the documents
 * inside it. Extractors and their libraries are loaded when the first document of their format comes.
 */
import type { ByteReader } from '../byte-reader.ts';
import type { Budget } from './limits.ts';
import type { Format } from './media-type.ts';

/**
 * A piece of the document's own text; a row with a text of its own, or as it lies there with the reason why it has none; a document inside, whose bytes must be
 * read before the next piece is asked for. Text comes before anything else.
 */
export type Piece =
  | string
  | { readonly kind: 'row'; readonly name: string; readonly text: string }
  | { readonly kind: 'bad_row'; readonly name: string; readonly text: string; readonly reason: string }
  | { readonly kind: 'file'; readonly name: string; readonly chunks: AsyncIterable<Uint8Array> };

export interface ExtractInput {
  readonly reader: ByteReader;
  readonly budget: Budget;
  /** names of columns that hold a text, the first that a file has is taken; compared without case */
  readonly textColumns: readonly string[];
}

/** Throws `UnreadableDocument`, or whatever its library throws: the caller knows what to make of it. */
export type Extract = (input: ExtractInput) => AsyncIterable<Piece>;

const EXTRACTORS: Readonly<Record<Format, () => Promise<Extract>>> = {
  text: async () => (await import('./plain-text.ts')).extractText,
  html: async () => (await import('./html.ts')).extractHtml,
  pdf: async () => (await import('./pdf.ts')).extractPdf,
  docx: async () => (await import('./docx.ts')).extractDocx,
  pptx: async () => (await import('./pptx.ts')).extractPptx,
  xlsx: async () => (await import('./xlsx.ts')).extractXlsx,
  mail: async () => (await import('./mail.ts')).extractMail,
  csv: async () => (await import('./csv.ts')).extractCsv,
  json_lines: async () => (await import('./json-lines.ts')).extractJsonLines,
  parquet: async () => (await import('./parquet.ts')).extractParquet,
  zip: async () => (await import('./archives.ts')).extractZip,
  gzip: async () => (await import('./archives.ts')).extractGzip,
  zstd: async () => (await import('./archives.ts')).extractZstd,
  ole: async () => (await import('./old-office.ts')).extractOldOffice,
};

/** The extractor of a format. */
export function extractorOf(format: Format): Promise<Extract> {
  return EXTRACTORS[format]();
}

/** Name of a row: `000012`, from 1 on. */
export function rowName(row: number): string {
  return String(row).padStart(6, '0');
}
