import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { createDocumentProcesses } from '../../../lib/adapters/local/document-processes.ts';
import type { DocumentProcessesOptions } from '../../../lib/adapters/local/document-processes.ts';
import type { DocumentObject, DocumentReader, DocumentResult } from '../../../lib/documents/document.ts';
import { Misconfigured, Transient } from '../../../lib/errors.ts';
import { pdfOfPages } from '../../documents/hostile-files.ts';
import { exactCounters, pieces, readObject, zipOf } from '../../documents/read-object.ts';

const FIXTURES = new URL('../../fixtures/documents/', import.meta.url);

const readers: DocumentReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

function reading(options: DocumentProcessesOptions = {}): DocumentReader {
  const reader = createDocumentProcesses({ processes: 1, ...options });
  readers.push(reader);
  return reader;
}

function objectOf(path: string, content: Uint8Array | string): DocumentObject {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { path, bytes: bytes.length, open: async () => pieces(bytes, 1 << 16) };
}

async function all(results: AsyncIterable<DocumentResult>): Promise<DocumentResult[]> {
  const found: DocumentResult[] = [];
  for await (const result of results) found.push(result);
  return found;
}

/** A Word file that takes some hundred times its text to read. */
function largeDocx(paragraphs: number): Uint8Array {
  const schema = 'http://schemas.openxmlformats.org';
  const paragraph = '<w:p><w:r><w:t>hello</w:t></w:r></w:p>';
  return zipOf({
    '[Content_Types].xml': `<Types xmlns="${schema}/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${schema}/package/2006/relationships"><Relationship Id="r" Type="${schema}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `<w:document xmlns:w="${schema}/wordprocessingml/2006/main"><w:body>${paragraph.repeat(paragraphs)}</w:body></w:document>`,
  });
}

describe('documents read in processes', () => {
  test('come to the same as in this one, in order, several objects at once', async () => {
    const reader = reading({ processes: 2 });
    const names = ['python.zip', 'fpdf.pdf', 'python.csv', 'python.eml', 'libreoffice.docx', 'scanned.pdf'];
    const found = await Promise.all(
      names.map((name) => all(reader.read(objectOf(name, readFileSync(new URL(name, FIXTURES)))))),
    );
    for (const [i, name] of names.entries()) {
      const here = await readObject(name, readFileSync(new URL(name, FIXTURES)), { counters: exactCounters() });
      expect(found[i]).toEqual(here);
    }
  });

  test('a tokenizer that cannot be made is told by the process, with its key, and no word of the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'document-processes-'));
    const tokenizer = { normalizer: { type: 'Unheard' }, model: { type: 'BPE', vocab: { canary: 0 }, merges: [] } };
    await writeFile(join(folder, 'mine.json'), JSON.stringify(tokenizer));
    const reader = reading({ processes: 2, tokenizers: { files: { mine: { file: 'mine.json' } }, folder } });
    const failures = await Promise.allSettled(
      ['a.txt', 'b.txt', 'c.txt'].map((path) => all(reader.read(objectOf(path, 'a')))),
    );
    for (const failure of failures) {
      const error = failure.status === 'rejected' ? (failure.reason as unknown) : null;
      expect(error).toBeInstanceOf(Misconfigured);
      expect(error).toMatchObject({
        message: 'documents.tokenizers.mine.file: mine.json is not supported: Unknown Normalizer type: Unheard',
        hint: 'name the tokenizer.json that lies beside the weights of the model',
      });
    }
    expect(failures).toHaveLength(3);
  });

  test('a tokenizer of the owner counts in the process', async () => {
    const folder = fileURLToPath(new URL('../../fixtures/', import.meta.url));
    const reader = reading({ tokenizers: { files: { tiny: { file: 'tiny-tokenizer.json' } }, folder } });
    const [found] = await all(reader.read(objectOf('a.txt', 'All human beings are born free.')));
    expect(found?.tokens).toEqual({ tiny: 7 });
  });

  test('more rows than are sent at once keep their order', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => JSON.stringify({ text: 'x'.repeat(i) }));
    const results = await all(reading().read(objectOf('a.jsonl', rows.join('\n'))));
    expect(results.map(({ characters }) => characters)).toEqual(rows.map((_, i) => i));
  });

  test('one that never ends is rejected, and the next goes on', async () => {
    const reader = reading({ limits: { maxSeconds: 1 } });
    const slow = pdfOfPages(30_000, 'x');
    const archive = zipOf({ 'a.txt': 'one', 'slow.pdf': slow, 'b.txt': 'two' });
    const reason = 'took longer than 1 s (documents.limits.maxSeconds)';
    expect(await all(reader.read(objectOf('a.zip', archive)))).toMatchObject([
      { document: 'a.zip/a.txt', status: 'counted' },
      { document: 'a.zip/slow.pdf', status: 'rejected', reason, bytes: slow.length },
      { document: 'a.zip/b.txt', status: 'counted' },
    ]);
    expect(await all(reader.read(objectOf('b.txt', 'three')))).toMatchObject([{ status: 'counted' }]);
  });

  test('an object that ends too many processes is rejected as it stands', async () => {
    const slow = pdfOfPages(20_000, 'x');
    const archive = zipOf({
      'a.txt': 'one',
      '1.pdf': slow,
      'b.txt': 'two',
      '2.pdf': slow,
      '3.pdf': slow,
      'c.txt': 'three',
    });
    const results = await all(reading({ limits: { maxSeconds: 1 } }).read(objectOf('a.zip', archive)));
    expect(results.map(({ document, status }) => `${status} ${document}`)).toEqual([
      'counted a.zip/a.txt',
      'rejected a.zip/1.pdf',
      'counted a.zip/b.txt',
      'rejected a.zip/2.pdf',
      'rejected a.zip',
    ]);
  });

  test('one that eats the memory is rejected, and the next goes on', async () => {
    const reader = reading({ limits: { maxMemoryMb: 150 } });
    const [first] = await all(reader.read(objectOf('a.docx', largeDocx(400_000))));
    expect(first).toMatchObject({
      status: 'rejected',
      reason: 'needs more memory than 150 MB (documents.limits.maxMemoryMb)',
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(await all(reader.read(objectOf('b.txt', 'three')))).toMatchObject([{ status: 'counted' }]);
  });

  test('a source that fails is thrown, and the next object is read', async () => {
    const reader = reading();
    const open = async (): Promise<AsyncIterable<Uint8Array>> =>
      (async function* () {
        yield Buffer.from('begin');
        throw new Transient('the object vanished');
      })();
    await expect(all(reader.read({ path: 'a.txt', bytes: 9, open }))).rejects.toThrow(Transient);
    const closed = { path: 'a.txt', bytes: 9, open: () => Promise.reject(new Transient('gone')) };
    await expect(all(reader.read(closed))).rejects.toThrow('gone');
    expect(await all(reader.read(objectOf('b.txt', 'two')))).toMatchObject([{ status: 'counted' }]);
  });

  test('a read that is left is ended, its source closed, and the next object is read', async () => {
    const reader = reading();
    let isClosed = false;
    const rows = Buffer.from('{"text":"x"}\n'.repeat(200_000));
    const open = async (): Promise<AsyncIterable<Uint8Array>> =>
      (async function* () {
        try {
          yield* pieces(rows, 1 << 16);
        } finally {
          isClosed = true;
        }
      })();
    for await (const { document } of reader.read({ path: 'a.jsonl', bytes: rows.length, open })) {
      expect(document).toBe('a.jsonl/000001');
      break;
    }
    expect(isClosed).toBe(true);
    expect(await all(reader.read(objectOf('b.txt', 'two')))).toMatchObject([{ status: 'counted' }]);
  });

  test('no more bytes are fetched than were asked for while results wait', async () => {
    let fetched = 0;
    const rows = Buffer.from('{"text":"x"}\n'.repeat(200_000));
    const open = async (): Promise<AsyncIterable<Uint8Array>> =>
      (async function* () {
        for await (const piece of pieces(rows, 1 << 12)) {
          fetched += piece.length;
          yield piece;
        }
      })();
    const results = reading().read({ path: 'a.jsonl', bytes: rows.length, open })[Symbol.asyncIterator]();
    await results.next();
    // what is looked at to tell the type, and a piece on the way
    expect(fetched).toBeLessThan((1 << 16) + (1 << 14));
    await results.return?.();
  });

  test('a closed reader reads nothing', async () => {
    const reader = reading();
    const under = all(reader.read(objectOf('slow.pdf', pdfOfPages(30_000, 'x'))));
    await reader.close();
    await expect(under).rejects.toThrow(/closed|stopped/);
    await expect(all(reader.read(objectOf('b.txt', 'two')))).rejects.toThrow('closed');
  });

  test('code that cannot start is told', async () => {
    const reader = reading({ worker: new URL('./no-such-file.ts', import.meta.url) });
    await expect(all(reader.read(objectOf('b.txt', 'two')))).rejects.toThrow(Misconfigured);
  });

  test('a program prints nothing of a document and ends by itself, closed or not', () => {
    const program = `
      import { createDocumentProcesses } from './lib/adapters/local/document-processes.ts';
      import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
      const reader = createDocumentProcesses({ processes: 1 });
      for (const name of ['encrypted.pdf', 'fpdf.pdf', 'python.eml', 'python-docx.docx']) {
        const bytes = readFileSync('tests/fixtures/documents/' + name);
        for (const file of [bytes, bytes.subarray(0, bytes.length - 900)]) {
          const open = async () => (async function* () { yield file; })();
          for await (const result of reader.read({ path: 'a', bytes: 1, open })) console.log(result);
        }
      }`;
    const root = new URL('../../../', import.meta.url);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: root,
    });
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
    expect(String(stdout).match(/document:/g)?.length).toBeGreaterThanOrEqual(8);
    expect(String(stdout)).not.toMatch(/barrels|signature|invoice|harbour|Müller/i);
  });
});
