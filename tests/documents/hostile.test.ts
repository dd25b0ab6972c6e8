import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepHtml, LOOPS, lyingDocx, pdfOfPages, XML_BOMBS, zipBombs } from './hostile-files.ts';
import { readObject, readTexts, zipOf } from './read-object.ts';

describe('files made to hurt', () => {
  const bombs = zipBombs(20 << 20);
  test.each(Object.keys(bombs))('zip bomb %s ends with a line that names the limit', async (path) => {
    const bomb = bombs[path] ?? new Uint8Array();
    const results = await readObject(path, bomb, { limits: { maxBytes: 1 << 20 } });
    expect(results.at(-1)).toMatchObject({ document: path, status: 'rejected', bytes: bomb.length });
    expect(results.at(-1)?.reason).toMatch(/^unpacks to more than 1048576 bytes \(documents\.limits\.maxBytes\)/);
    expect(results.length).toBeLessThan(3);
  });

  test('an Office file that lies about its size is not believed', async () => {
    const [result] = await readObject('a.docx', lyingDocx(20 << 20), { limits: { maxBytes: 1 << 20 } });
    expect(result).toMatchObject({ reason: expect.stringMatching(/^unpacks to more than 1048576 bytes/) as string });
  });

  test.each(Object.entries(XML_BOMBS))('entities are never expanded: %s', async (path, file) => {
    expect(await readObject(path, file)).toMatchObject([
      { status: 'rejected', reason: 'declares entities of XML, which are never expanded' },
    ]);
  });

  test('entities of XML and HTML files are what they are: text, or unknown', async () => {
    const xml = '<!DOCTYPE x [<!ENTITY a "bb">]><x>&a;&a;</x>';
    expect((await readTexts('a.xml', xml)).texts).toEqual([xml]);
    expect((await readTexts('a.html', `${xml}<p>&a;</p>`)).texts.join('')).not.toContain('bbbb');
  });

  test.each(Object.entries(LOOPS))('PDF with %s ends', async (_what, file) => {
    const results = await readObject('a.pdf', file);
    expect(results).toMatchObject([{ document: 'a.pdf', status: 'rejected', bytes: file.length }]);
    expect(results[0]?.reason).toMatch(
      /is broken: page \d+ of \d+|has no text in \d+ page|cannot be read as application\/pdf/,
    );
  });

  test('PDF of many pages ends at the limit of characters', async () => {
    const file = pdfOfPages(300, 'one line of text');
    expect(await readObject('a.pdf', file, { limits: { maxCharacters: 1000 } })).toMatchObject([
      {
        status: 'rejected',
        reason: 'has more than 1000 characters of text (documents.limits.maxCharacters)',
        bytes: file.length,
      },
    ]);
    expect(await readObject('a.pdf', file)).toMatchObject([{ status: 'counted', characters: 300 * 17 - 1 }]);
  });

  test('elements that are nested too deeply', async () => {
    expect(await readObject('a.html', deepHtml(20_000))).toMatchObject([
      { status: 'rejected', reason: 'has elements that are nested too deeply to be read' },
    ]);
  });

  test('a document that must be held whole and is too large', async () => {
    for (const path of ['a.html', 'a.pdf', 'a.eml', 'a.parquet']) {
      const head = path === 'a.pdf' ? '%PDF-1.4 ' : path === 'a.parquet' ? 'PAR1' : '';
      const [result] = await readObject(path, head + 'x'.repeat(2000), { limits: { maxBytes: 1000 } });
      expect(result).toMatchObject({ status: 'rejected', bytes: 2000 + head.length });
      expect(result?.reason).toMatch(/^is larger than 1000 bytes, .*\(documents\.limits\.maxBytes\)$/);
    }
  });

  test('text beyond the limit of characters ends the object, also when it lies in parts', async () => {
    const limits = { maxCharacters: 10 };
    expect(await readObject('a.txt', 'x'.repeat(11), { limits })).toMatchObject([{ status: 'rejected', bytes: 11 }]);
    const archive = zipOf({ 'a.txt': '12345678', 'b.txt': '12345678', 'c.txt': '1' });
    expect(await readObject('a.zip', archive, { limits })).toMatchObject([
      { document: 'a.zip/a.txt', status: 'counted' },
      { document: 'a.zip', reason: 'has more than 10 characters of text (documents.limits.maxCharacters)' },
    ]);
    const mail =
      'From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhi\n--x\nContent-Disposition: attachment; filename=a.txt\n\n0123456789012345678901234567890\n--x--\n';
    expect(await readObject('a.eml', mail, { limits: { maxCharacters: 40 } })).toMatchObject([
      { document: 'a.eml', status: 'counted' },
      { document: 'a.eml/(rest)', status: 'rejected' },
    ]);
  });

  test('any bytes under any name are told once and throw nothing', async () => {
    const head = fc.constantFrom(
      '',
      '%PDF-1.7\n',
      'PK\u0003\u0004',
      'PAR1',
      '\u001f\u008b\u0008',
      '(\u00b5/\u00fd',
      '<html>',
      '{"text":"',
    );
    const ending = fc.constantFrom(
      'pdf',
      'docx',
      'pptx',
      'xlsx',
      'eml',
      'csv',
      'jsonl',
      'html',
      'zip',
      'gz',
      'zst',
      'parquet',
      'txt',
      'q7',
    );
    await fc.assert(
      fc.asyncProperty(head, ending, fc.uint8Array({ maxLength: 300 }), async (head, ending, bytes) => {
        const file = Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
        const results = await readObject(`a.${ending}`, file);
        expect(results.length).toBeGreaterThan(0);
        expect(new Set(results.map(({ document }) => document)).size).toBe(results.length);
        for (const { status, reason } of results) expect(reason === null).toBe(status === 'counted');
      }),
      { numRuns: 300 },
    );
  });
});
