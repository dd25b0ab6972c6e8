/** Documents made to hurt their reader, built by hand. Sources: ISO 32000-1 §7.5 (PDF), ECMA-376 part 2 (Office), PKWARE APPNOTE (zip). */
import { zipSync } from 'fflate';
import { zipOf } from './read-object.ts';

/** A PDF of objects by number, from 1 on; object 1 is the catalog. */
export function pdfOf(objects: readonly string[], trailer = ''): Buffer {
  const starts: number[] = [];
  let file = '%PDF-1.4\n';
  for (const [i, object] of objects.entries()) {
    starts.push(file.length);
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
  }
  const xref = file.length;
  const rows = starts.map((start) => `${String(start).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  return Buffer.from(
    `${file}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${xref}\n%%EOF`,
  );
}

const stream = (text: string, more = ''): string => `<< /Length ${text.length} ${more} >>\nstream\n${text}\nendstream`;
const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';

/** A PDF of equal pages with a line of text each. */
export function pdfOfPages(pages: number, line: string): Buffer {
  const kids = Array.from({ length: pages }, (_, i) => `${i + 5} 0 R`).join(' ');
  return pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages} /Kids [${kids}] >>`,
    stream(`BT /F1 12 Tf 10 10 Td (${line}) Tj ET`),
    FONT,
    ...Array.from(
      { length: pages },
      () =>
        '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 3 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
    ),
  ]);
}

export const LOOPS: Readonly<Record<string, Buffer>> = {
  'a tree of pages that holds itself': pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1000000 /Kids [2 0 R 2 0 R] >>',
  ]),
  'a form that draws itself': pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>',
    stream('/X Do'),
    stream('/X Do /X Do', '/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /X 5 0 R >> >>'),
  ]),
  'a catalog that is its own page': pdfOf(['<< /Type /Catalog /Pages 1 0 R /Kids [1 0 R] /Count 5 >>']),
  'a length that is its own object': pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>',
    '<< /Length 4 0 R >>\nstream\nBT ET\nendstream',
  ]),
  'a cross-reference table before itself': pdfOf(['<< /Type /Catalog /Pages 1 0 R >>'], '/Prev 9'),
};

const ENTITIES = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from(
  { length: 9 },
  (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${`&${'abcdefghi'[i]};`.repeat(10)}">`,
).join('')}]>`;

/** Office files of which a part declares entities that would grow to 10 GB. */
export const XML_BOMBS: Readonly<Record<string, Uint8Array>> = {
  'bomb.docx': zipOf({
    '[Content_Types].xml': '<Types/>',
    'word/document.xml': `${ENTITIES}<w:document>&j;</w:document>`,
  }),
  'bomb.pptx': zipOf({ 'ppt/presentation.xml': `${ENTITIES}<p:presentation>&j;</p:presentation>` }),
  'bomb.xlsx': zipOf({ 'xl/workbook.xml': `${ENTITIES}<workbook>&j;</workbook>` }),
};

/** Archives that unpack to a thousand times their size, by name. */
export function zipBombs(unpackedBytes: number): Readonly<Record<string, Uint8Array>> {
  const letters = new Uint8Array(unpackedBytes).fill(0x61);
  const flat = zipSync({ 'a.txt': letters });
  const office = { '[Content_Types].xml': new Uint8Array(1), 'word/document.xml': letters };
  return {
    'flat.zip': flat,
    'picture.zip': zipSync({ 'a.png': letters }),
    'nested.zip': zipSync({ 'a.zip': flat, 'b.zip': flat, 'c.zip': flat }),
    'bomb.docx': zipSync(office),
  };
}

/** A docx whose directory says that its text is ten bytes long. */
export function lyingDocx(unpackedBytes: number): Uint8Array {
  const file = Buffer.from(zipBombs(unpackedBytes)['bomb.docx'] ?? []);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(unpackedBytes);
  for (let at = file.indexOf(size); at >= 0; at = file.indexOf(size, at + 1)) file.writeUInt32LE(10, at);
  return file;
}

/** Elements within elements, `depth` of them. */
export const deepHtml = (depth: number): string => '<div>'.repeat(depth);
