import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactCounters, readObject, readTexts } from './read-object.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('text files', () => {
  test.each(['a.txt', 'a.md', 'a.py', 'a.json', 'a.xml', 'a.yaml', 'a.log', 'LICENSE', 'a.csv', 'a.jsonl', 'a.tsv'])(
    '%s counts as it is, to the last line end',
    async (path) => {
      const text = '\t{"a": 1} é, 日本 😀\r\n\r\n  end \n';
      const { results, texts } = await readTexts(path, text);
      expect(texts).toEqual([text]);
      expect(results).toMatchObject([
        { document: path, bytes: Buffer.byteLength(text), characters: text.length, contentHash: sha256(text) },
      ]);
      expect(results).toMatchObject([{ status: 'counted', reason: null }]);
    },
  );

  test('any text in any pieces gives the same result, and its exact counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (text, size) => {
          const counters = exactCounters();
          const [cut] = await readObject('a.txt', text, { pieceBytes: size, counters });
          const [whole] = await readObject('a.txt', text, { counters });
          expect(cut).toEqual(whole);
          expect(cut?.tokensO200k).toBe(countOf(text, counters.o200k));
          expect(Object.values(cut?.scripts ?? {}).reduce((sum, n) => sum + n, 0)).toBe(cut?.characters);
        },
      ),
    );
  });

  test('text of more than one step is measured as one text', async () => {
    const text = `${'x'.repeat((1 << 16) - 1)}😀${'y'.repeat(70_000)}`;
    const { results, texts } = await readTexts('a.txt', text, { pieceBytes: 50_000 });
    expect(texts).toEqual([text]);
    expect(results).toMatchObject([{ contentHash: sha256(text), scripts: { latin: 135_535, emoji: 2 } }]);
  });

  test('scripts add up', async () => {
    const [result] = await readObject('a.txt', 'ab é Жω 日ひ한 12 +- 😀❤️ אב\n𠀀');
    expect(result?.scripts).toEqual({
      latin: 3,
      cyrillic_greek: 2,
      cjk: 5,
      other_letters: 2,
      digits: 2,
      signs: 2,
      emoji: 4,
      space: 8,
    });
  });

  test('nothing but white space is empty, and so is nothing', async () => {
    expect(await readObject('a.md', ' \n\u00a0\t')).toMatchObject([
      { status: 'empty', reason: 'has no text but white space', characters: 4 },
    ]);
    expect(await readObject('a.pdf', '')).toMatchObject([{ status: 'empty', reason: 'has no bytes', bytes: 0 }]);
  });

  test('further tokenizers are given the whole text', async () => {
    const counters = { ...exactCounters(), tokenizers: { words: (text: string) => text.split(' ').length } };
    expect(await readObject('a.txt', 'one two three', { counters, pieceBytes: 2 })).toMatchObject([
      { tokens: { words: 3 } },
    ]);
  });

  test('an error of the source is thrown, not told as the fault of the document', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a,text\n1,b\n');
      throw new Error('connection reset');
    }
    for (const path of ['a.txt', 'a.csv', 'a.pdf', 'a.docx', 'a.zip', 'a.png']) {
      const { readDocument, DEFAULT_TEXT_COLUMNS } = await import('../../lib/documents/document-pass.ts');
      const { DEFAULT_DOCUMENT_LIMITS: limits } = await import('../../lib/documents/limits.ts');
      const pass = { counters: exactCounters(), limits, textColumns: DEFAULT_TEXT_COLUMNS };
      await expect(allOf(readDocument(pass, path, broken()))).rejects.toThrow('connection reset');
    }
  });
});

describe('tables with a text column', () => {
  test.each([
    [
      'JSON Lines',
      'a.jsonl',
      '\n{"id":1,"Text":"one"}\n\n{"Text":"two\\nlines"}\r\n{"id":3}\n{broken\n{"Text":"five"}',
    ],
    ['CSV', 'a.csv', 'id,Text\n1,one\n2,"two\nlines"\n\n3\n4,\n5,five\n'],
    ['CSV with semicolons', 'a.csv', '\ufeff"id";" Text "\r\n1;one\r\n2;"two\nlines"\r\n3\r\n4;\r\n5;five'],
    ['TSV', 'a.tsv', 'id\tText\n1\tone\n2\t"two\nlines"\n3\n4\t\n5\tfive\n'],
  ])('%s: each row is a document', async (_what, path, content) => {
    for (const pieceBytes of [1, 7, 1000]) {
      const { results, texts } = await readTexts(path, content, { pieceBytes });
      expect(results.map(({ document }) => document)).toEqual([1, 2, 3, 4, 5].map((row) => `${path}/00000${row}`));
      expect(texts.filter((text) => /one|two|five/.test(text) && !text.includes('{'))).toEqual([
        'one',
        'two\nlines',
        'five',
      ]);
      expect(results[1]).toMatchObject({ bytes: 9, mediaType: 'text/plain', contentHash: sha256('two\nlines') });
      expect(results[2]).toMatchObject({
        status: 'rejected',
        reason: 'is a row without text in the text column',
        characters: 0,
      });
      expect(results[3]?.status).toBe(path === 'a.jsonl' ? 'rejected' : 'empty');
    }
  });

  test('the column may be named, and the likely names are looked for in order', async () => {
    const line = '{"prompt":"p","content":"c","mine":"m"}\n';
    expect((await readTexts('a.jsonl', line)).texts).toEqual(['c']);
    expect((await readTexts('a.jsonl', line, { textColumns: ['mine'] })).texts).toEqual(['m']);
  });

  test('without one the file is one text', async () => {
    for (const [path, content] of [
      ['a.csv', 'id,name\n1,"x\ny"\n'],
      ['a.jsonl', '{"messages":[]}\n{"text":"late"}\n'],
      ['a.jsonl', '{"text":17}\n'],
      ['a.csv', '"open\nid,text\n'],
    ] as const) {
      expect(await readTexts(path, content)).toMatchObject({ texts: [content], results: [{ document: path }] });
    }
  });

  test('a quote that never closes ends the table with a row that is told, and keeps those before it', async () => {
    const content = `id,text\n1,one\n2,"${'open '.repeat(100)}`;
    const results = await readObject('a.csv', content, { limits: { maxBytes: 200 } });
    expect(results.at(-1)).toMatchObject({ document: 'a.csv/000002', reason: 'is a row that cannot be read' });
    expect(results[0]).toMatchObject({ document: 'a.csv/000001', status: 'counted' });
  });
});

describe('HTML counts as what a model would be sent', () => {
  test.each([
    [
      'words without tags',
      '<html><head><title>T</title></head><body><h1>Head</h1><p>One <b>two</b>.</p></body>',
      'Head\n\nOne two.',
    ],
    ['links by their words', '<a href="https://example.com/long">here</a>', 'here'],
    ['no scripts, styles, pictures', '<style>a{}</style><script>x()</script><img src=a alt=b><p>y</p>', 'y'],
    ['cells by tabs', '<table>\n<tr>\n<th>A</th>\n<th>B</th></tr><tr><td>1</td><td>2</td></tr></table>', 'A\tB\n1\t2'],
    ['lists', '<ul><li>a</li><li>b</li></ul>', ' * a\n * b'],
    ['characters by name', '&amp;&eacute;&#x1F600;', '&é😀'],
    ['an encoding that it names', Buffer.from('<meta charset="koi8-r"><p>\xf0', 'latin1'), 'П'],
  ])('%s', async (_what, page, text) => {
    expect((await readTexts('a.html', page)).texts).toEqual([text]);
  });
});

function countOf(text: string, counter: ReturnType<typeof exactCounters>['o200k']): number {
  const running = counter.begin();
  running.add(text);
  return running.end();
}

async function allOf(results: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of results);
}
