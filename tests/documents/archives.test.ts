import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readObject, readTexts, zipOf } from './read-object.ts';

type Tree = { readonly [name: string]: string | Tree };

const leaf = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => `${text}x`);
const name = fc.stringMatching(/^[a-c]{1,2}$/);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, leaf, tie('tree')), { maxKeys: 4 }),
}));

function packed(tree: Tree): Uint8Array {
  return zipOf(
    Object.fromEntries(
      Object.entries(tree).map(([name, inner]) => [
        typeof inner === 'string' ? `${name}.txt` : `${name}.zip`,
        typeof inner === 'string' ? inner : packed(inner),
      ]),
    ),
  );
}

/** What is to come of a tree: each text under its path, and each archive without documents. */
function listed(tree: Tree, path: string): string[] {
  const entries = Object.entries(tree);
  if (entries.length === 0) return [`${path}: empty`];
  return entries.flatMap(([name, inner]) =>
    typeof inner === 'string' ? [`${path}/${name}.txt: ${inner}`] : listed(inner, `${path}/${name}.zip`),
  );
}

describe('archives', () => {
  test('any tree of archives lists each of its files once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.integer({ min: 1, max: 50 }), async (tree, pieceBytes) => {
        const { results, texts } = await readTexts('c.zip', packed(tree), { pieceBytes, limits: { maxDepth: 99 } });
        const left = [...texts];
        const told = results.map(({ document, status }) => {
          const text = left.shift();
          return status === 'empty' && document.endsWith('.zip') ? `${document}: empty` : `${document}: ${text}`;
        });
        expect(told).toEqual(listed(tree, 'c.zip'));
      }),
    );
  });

  test('names are told once each, without line ends', async () => {
    const first = entryOf('a\n.txt', 'one');
    const second = entryOf('a\n.txt', 'two');
    const archive = Buffer.concat([first, second, Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);
    expect((await readObject('c.zip', archive)).map(({ document }) => document)).toEqual([
      'c.zip/a\ufffd.txt',
      'c.zip/a\ufffd.txt (2)',
    ]);
  });

  test('compressed files are the document that they hold', async () => {
    for (const [path, bytes] of [
      ['a.txt.gz', gzipSync('hello')],
      ['a.txt.zst', zstdCompressSync(Buffer.from('hello'))],
    ] as const) {
      expect(await readObject(path, bytes)).toMatchObject([
        { document: path, mediaType: 'text/plain', bytes: 5, characters: 5, status: 'counted' },
      ]);
    }
  });

  test('a broken entry is told, and those after it are read', async () => {
    const bad = entryOf('b.txt', 'broken');
    bad.writeUInt32LE(1, 14);
    const archive = Buffer.concat([
      entryOf('a.txt', 'one'),
      bad,
      entryOf('c.txt', 'three'),
      Buffer.from('504b0506', 'hex'),
    ]);
    expect(await readObject('x.zip', archive)).toMatchObject([
      { document: 'x.zip/a.txt', status: 'counted' },
      {
        document: 'x.zip/b.txt',
        reason: 'is broken: the checksum of an entry of the archive does not match',
        bytes: 6,
      },
      { document: 'x.zip/c.txt', status: 'counted' },
    ]);
  });

  test('an archive that ends early keeps what was read and is told itself', async () => {
    const archive = Buffer.concat([entryOf('a.txt', 'one'), entryOf('b.txt', 'two').subarray(0, 10)]);
    expect(await readObject('x.zip', archive)).toMatchObject([
      { document: 'x.zip/a.txt', status: 'counted' },
      { document: 'x.zip', status: 'rejected', reason: 'is broken: the compressed data ends before it is complete' },
    ]);
  });

  test('encrypted entries are told', async () => {
    const locked = entryOf('a.txt', 'secret');
    locked.writeUInt16LE(1, 6);
    const archive = Buffer.concat([locked, entryOf('b.txt', 'two'), Buffer.from('504b0506', 'hex')]);
    expect(await readObject('x.zip', archive)).toMatchObject([
      { status: 'rejected', reason: 'is broken: an entry of the archive is encrypted, which is not read' },
      { status: 'counted' },
    ]);
  });

  test('archives nested deeper than allowed are told, those beside them are read', async () => {
    const deep = zipOf({ 'in.zip': zipOf({ 'in.zip': zipOf({ 'x.txt': 'x' }) }), 'y.txt': 'y' });
    expect(await readObject('x.zip', deep, { limits: { maxDepth: 1 } })).toMatchObject([
      {
        document: 'x.zip/in.zip/in.zip',
        status: 'rejected',
        reason: 'is a container within more than 1 others (documents.limits.maxDepth)',
      },
      { document: 'x.zip/y.txt', status: 'counted' },
    ]);
  });

  test('an archive of too many parts ends with a line that names the limit', async () => {
    const archive = zipOf(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}.txt`, 'x'])));
    const results = await readObject('x.zip', archive, { limits: { maxParts: 11 } });
    expect(results).toHaveLength(11);
    expect(results.at(-1)).toMatchObject({
      document: 'x.zip',
      status: 'rejected',
      reason: 'has more than 11 parts (documents.limits.maxParts)',
      bytes: archive.length,
    });
  });
});

/** A stored entry of a zip archive. Source: PKWARE APPNOTE 6.3.10, §4.3.7. */
function entryOf(name: string, text: string): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt32LE(crc32(text), 14);
  header.writeUInt32LE(text.length, 18);
  header.writeUInt32LE(text.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), Buffer.from(text)]);
}
