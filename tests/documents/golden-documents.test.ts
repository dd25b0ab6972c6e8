import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exactCounters, readObject, readTexts } from './read-object.ts';

const read = (name: string): Buffer => readFileSync(new URL(`../fixtures/documents/${name}`, import.meta.url));
const known = (name: string): string => read(`${name}.txt`).toString('utf8');

/** Documents that tools made which have nothing to do with ours (tests/fixtures/documents/make-documents.py), and where their text is known from. */
const DOCUMENTS = [
  ['reportlab.pdf', 'reportlab.pdf'],
  ['fpdf.pdf', 'fpdf.pdf'],
  ['owner-password.pdf', 'owner-password.pdf'],
  ['libreoffice.pdf', 'python-docx.docx'],
  ['python-docx.docx', 'python-docx.docx'],
  ['libreoffice.docx', 'python-docx.docx'],
  ['libreoffice.html', 'python-docx.docx'],
  ['python-pptx.pptx', 'python-pptx.pptx'],
  ['libreoffice.pptx', 'python-pptx.pptx'],
  ['openpyxl.xlsx', 'openpyxl.xlsx'],
  ['libreoffice.xlsx', 'openpyxl.xlsx'],
  ['python.eml', 'python.eml'],
  ['html-only.eml', 'html-only.eml'],
] as const;

/** Words of a text in their order: what no format may change. */
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

describe('documents of other tools', () => {
  test.each(DOCUMENTS)('%s: every word in its place, tokens within 1 %%', async (name, source) => {
    const text = known(source);
    const { texts } = await readTexts(name, read(name));
    expect(words(texts[0] ?? '')).toEqual(words(text));
    const [result] = await readObject(name, read(name), { counters: exactCounters() });
    const [exact] = await readObject('known.txt', text, { counters: exactCounters() });
    expect(result?.status).toBe('counted');
    for (const encoding of ['tokensO200k', 'tokensCl100k'] as const) {
      const [found = 0, wanted = 0] = [result?.[encoding], exact?.[encoding]];
      expect(Math.abs(found - wanted) / wanted, `${encoding}: ${found} for ${wanted}`).toBeLessThan(0.01);
    }
  });

  test('footnotes and endnotes of Word documents count', async () => {
    const files = new URL('../../node_modules/mammoth/test/test-data/', import.meta.url);
    const notes = async (name: string): Promise<string> =>
      (await readTexts(name, readFileSync(new URL(name, files)))).texts.join('').replace(/\s+/g, ' ').trim();
    expect(await notes('footnotes.docx')).toBe('Ouch. A tachyon walks into a bar. Fin.');
    expect(await notes('endnotes.docx')).toBe('Ouch. A tachyon walks into a bar. Fin.');
  });

  test('sheets are rows of cells, to the last sign', async () => {
    expect((await readTexts('a.xlsx', read('openpyxl.xlsx'))).texts).toEqual([known('openpyxl.xlsx')]);
  });

  test('rows of Parquet and CSV files are documents', async () => {
    const rows = known('fpdf.pdf').split('\n').slice(0, 6);
    for (const name of ['pyarrow.parquet', 'python.csv']) {
      const { results, texts } = await readTexts(name, read(name));
      expect(texts).toEqual([...rows, 'with "quotes", commas\nand a line end']);
      expect(results.map(({ document }) => document)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `${name}/00000${n}`));
    }
    expect(await readObject('no-text.parquet', read('no-text.parquet'))).toMatchObject([
      {
        status: 'rejected',
        reason: expect.stringMatching(/^has none of the columns text, content, .*documents\.textColumn/) as string,
      },
    ]);
    const named = await readTexts('no-text.parquet', read('no-text.parquet'), { textColumns: ['other'] });
    expect(named.texts).toEqual(Array.from({ length: 7 }, () => 'x'));
  });

  test('attachments of a mail are documents beside it', async () => {
    expect(await readObject('box/python.eml', read('python.eml'))).toMatchObject([
      { document: 'box/python.eml', mediaType: 'message/rfc822', status: 'counted' },
      // of an attachment that is not encoded the library keeps the line end that belongs to the boundary
      { document: 'box/python.eml/table.csv', mediaType: 'text/csv', characters: 8 + 1, status: 'counted' },
      { document: 'box/python.eml/logo.png', status: 'rejected', reason: 'not a document of text: image/png' },
    ]);
  });

  test('an archive holds documents', async () => {
    const results = await readObject('python.zip', read('python.zip'));
    expect(results.map(({ document, status }) => `${status} ${document}`)).toEqual([
      'counted python.zip/a.txt',
      'counted python.zip/folder/b.md',
      'counted python.zip/folder/inner.zip/deep/note.md',
      'counted python.zip/folder/rules.pdf',
    ]);
  });

  test('what cannot be read is told clearly', async () => {
    const reasons = async (name: string, bytes: Buffer): Promise<(string | null)[]> =>
      (await readObject(name, bytes)).map(({ reason }) => reason);
    expect(await reasons('a.pdf', read('encrypted.pdf'))).toEqual(['is encrypted with a password']);
    expect(await reasons('a.pdf', read('scanned.pdf'))).toEqual(['has no text in 3 pages (scanned?)']);
    expect(await reasons('a.pdf', Buffer.from('not at all'))).toEqual([
      'cannot be read as application/pdf: it is broken, or not what it seems',
    ]);
    expect(await reasons('a.docx', read('python-docx.docx').subarray(0, 9000))).toEqual([
      'is broken: the compressed data ends before it is complete',
    ]);
  });

  test('how the bytes arrive changes nothing', async () => {
    for (const [name] of DOCUMENTS) {
      const counters = exactCounters();
      const whole = await readObject(name, read(name), { counters, pieceBytes: 1 << 20 });
      expect(await readObject(name, read(name), { counters, pieceBytes: 777 })).toEqual(whole);
    }
  });
});
