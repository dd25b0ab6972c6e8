import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Transient } from '../../lib/errors.ts';
import { DAY_MS, START_MS, fakeCosts, fakeReader, inShort, openCorpusLake, resultOf } from '../fixtures/corpus-lake.ts';
import type { CorpusLake } from '../fixtures/corpus-lake.ts';

let space: CorpusLake;
beforeEach(async () => {
  space = await openCorpusLake();
});
afterEach(async () => space.close());

const TWO_CORPORA = {
  'corpora/law/a.txt': 'one two three',
  'corpora/law/sub/b.md': 'four five',
  'corpora/law/llama.txt': 'six',
  'corpora/law/nothing.txt': '',
  'corpora/law/scan.txt': 'broken page',
  'corpora/news/x.txt': 'one two three',
  'logs/not-a-document.txt': 'a b c',
};

describe('documents of corpora', () => {
  test('become rows with every column, and costs from the same results', async () => {
    await space.put(TWO_CORPORA);
    const { corpora, changed, leftOut, landed } = await space.run();
    expect(corpora).toEqual([
      { corpus: 'law', objects: 5, pending: [] },
      { corpus: 'news', objects: 1, pending: [] },
    ]);
    expect([changed, leftOut, landed.unchanged]).toEqual([['law', 'news'], [], 0]);
    const rows = await space.documents();
    expect(inShort(rows)).toEqual([
      'law/a.txt counted 3',
      'law/llama.txt counted 1',
      'law/nothing.txt empty 0',
      'law/scan.txt rejected 0',
      'law/sub/b.md counted 2',
      'news/x.txt counted 3',
    ]);
    expect(rows.slice(1, 4)).toEqual([
      {
        document: 'llama.txt',
        media_type: 'text/plain',
        bytes: '3',
        characters: '3',
        tokens_o200k: '1',
        tokens_cl100k: '2',
        tokens: { llama3: '3' },
        content_hash: resultOf('', 'six').contentHash,
        duplicate_of: null,
        status: 'counted',
        reason: null,
        corpus: 'law',
      },
      expect.objectContaining({ tokens: {}, status: 'empty', reason: 'no text', bytes: '0' }),
      expect.objectContaining({ status: 'rejected', reason: 'cannot be read', tokens_o200k: '0' }),
    ]);
    expect(await space.costs()).toEqual([
      {
        model: 'm1',
        provider: 'p',
        mode: 'sync',
        requests: '5',
        input_tokens: '6',
        output_tokens_low: '1',
        output_tokens_expected: '2',
        output_tokens_high: '3',
        input_cost: '0.000000000006',
        cost_low: '0.000000000006',
        cost_expected: '0.000000000012',
        cost_high: '0.000000000018',
        basis: 'exact',
        notes: '',
        is_cheapest: true,
        corpus: 'law',
      },
      expect.objectContaining({ corpus: 'law', model: 'm2', input_cost: null, cost_high: null, is_cheapest: false }),
      expect.objectContaining({ corpus: 'news', model: 'm1', input_tokens: '3' }),
      expect.objectContaining({ corpus: 'news', model: 'm2' }),
    ]);
  });

  test('duplicates are found by text, across containers, not across corpora; the first path in byte order is the original', async () => {
    await space.put({
      'corpora/c/z.txt': 'same text',
      'corpora/c/\u{1F600}.txt': 'same text',
      // in UTF-16 the emoji would come first
      'corpora/c/\uFB00.txt': 'same text',
      'corpora/c/all.box': 'p.txt=same text\nq.txt=other\np2.txt=same text\n',
      'corpora/d/z.txt': 'same text',
      'corpora/c/e1.txt': '',
      'corpora/c/e2.txt': '',
      'corpora/c/r1.txt': 'broken',
      'corpora/c/r2.txt': 'broken',
    });
    await space.run();
    expect(inShort(await space.documents()).toSorted()).toEqual(
      [
        'c/all.box/p.txt counted 2',
        'c/all.box/p2.txt duplicate of all.box/p.txt 2',
        'c/all.box/q.txt counted 1',
        'c/e1.txt empty 0',
        'c/e2.txt empty 0',
        'c/r1.txt rejected 0',
        'c/r2.txt rejected 0',
        'c/z.txt duplicate of all.box/p.txt 2',
        'c/\uFB00.txt duplicate of all.box/p.txt 2',
        'c/\u{1F600}.txt duplicate of all.box/p.txt 2',
        'd/z.txt counted 2',
      ].toSorted(),
    );
    await space.remove('corpora/c/all.box', 'corpora/c/z.txt');
    await space.run();
    expect(inShort(await space.documents())).toContain('c/\u{1F600}.txt duplicate of \uFB00.txt 2');
  });

  test('a second run reads nothing, writes nothing, switches nothing', async () => {
    await space.put(TWO_CORPORA);
    const first = await space.run();
    const keys = await space.keys('');
    const second = await space.run({ nowMs: START_MS + 1000 });
    expect([second.landed.unchanged, second.landed.batches, second.changed]).toEqual([6, [], []]);
    expect(second.state.revision).toBe(first.state.revision);
    expect(await space.keys('')).toEqual(keys);
  });

  test('only the partition of a corpus that changed is written', async () => {
    await space.put(TWO_CORPORA);
    const before = (await space.run()).state.tables['documents'] ?? {};
    await space.put({ 'corpora/news/y.txt': 'seven eight' });
    const { changed, state } = await space.run();
    expect(changed).toEqual(['news']);
    expect(state.tables['documents']?.['law']).toEqual(before['law']);
  });

  test('other prices make costs again, and documents not', async () => {
    await space.put(TWO_CORPORA);
    const before = await space.run();
    const after = await space.run({ seal: { costs: { ...fakeCosts, version: 'v2' } } });
    expect(after.changed).toEqual([]);
    expect(after.state.tables['documents']).toEqual(before.state.tables['documents']);
    expect(after.state.tables['corpus_costs']?.['law']?.generation).not.toBe(
      before.state.tables['corpus_costs']?.['law']?.generation,
    );
  });

  test('an object that changed is read again; the rows of before are gone', async () => {
    await space.put(TWO_CORPORA);
    await space.run();
    await space.put({ 'corpora/news/x.txt': 'now it is longer' });
    await space.run();
    expect(inShort(await space.documents())).toContain('news/x.txt counted 4');
    expect(inShort(await space.documents()).filter((row) => row.startsWith('news/'))).toHaveLength(1);
  });

  test('a newer reader reads all again and takes the place of the older; till then the older one serves', async () => {
    await space.put({ 'corpora/c/a.txt': 'one', 'corpora/c/b.txt': 'two' });
    await space.run();
    const newer = { version: 2, settings: 's' };
    const half = space.ports({ world: { readerVersion: newer, reader: failing('b.txt') } });
    const { seal } = space.ports({ world: { readerVersion: newer } });
    const { runCorpora } = await import('../../lib/corpora.ts');
    const between = await runCorpora(half.world, seal);
    expect(between.corpora).toEqual([{ corpus: 'c', objects: 2, pending: [] }]);
    expect([...between.landed.outcomes.values()].toSorted()).toEqual(['done', 'failed']);
    const whole = await space.run({ world: { readerVersion: newer } });
    expect([whole.landed.unchanged, whole.landed.batches.length]).toEqual([1, 1]);
    expect(inShort(await space.documents())).toEqual(['c/a.txt counted 1', 'c/b.txt counted 1']);
    // nothing of the older reader is needed any more
    await space.run({ nowMs: START_MS + 2 * DAY_MS, world: { readerVersion: newer } });
    expect(await space.keys('documents/v1/commits/')).toHaveLength(2);
  });

  test('containers with nothing in them are read once, and have no rows', async () => {
    await space.put({ 'corpora/c/none.box': '\n' });
    const { corpora } = await space.run();
    expect(corpora).toEqual([{ corpus: 'c', objects: 1, pending: [] }]);
    expect(await space.documents()).toEqual([]);
    expect((await space.run()).landed.unchanged).toBe(1);
  });

  test.each([
    ['corpora/loose.txt', 'it lies in no corpus'],
    ['corpora//x.txt', '1 to 80 printable'],
    [`corpora/${'n'.repeat(81)}/x.txt`, '1 to 80 printable'],
    ['corpora/a\nb/x.txt', 'printable ASCII'],
    ['corpora/Verträge/x.txt', 'printable ASCII'],
    ['corpora/__HIVE_DEFAULT_PARTITION__/x.txt', 'printable ASCII'],
  ])('%j is named as left out: %s', async (key, reason) => {
    await space.put({ [key]: 'text', 'corpora/c/a.txt': 'one', 'corpora/c/folder/': '' });
    const { leftOut, corpora } = await space.run();
    expect(leftOut).toEqual([{ reason: expect.stringContaining(reason) as string, objects: 1, first: key }]);
    expect(corpora).toEqual([{ corpus: 'c', objects: 1, pending: [] }]);
  });

  test.each([
    'it\'s 100% "done"',
    'a b=c',
    '#?&+*:<>|~^`{}',
    'semi;colon',
    '__x',
    '.hidden',
    '%20',
    'back\\slash',
    '%'.repeat(80),
  ])('a corpus may be called %s', async (name) => {
    await space.put({ [`corpora/${name}/a.txt`]: 'one two' });
    const { corpora } = await space.run();
    expect(corpora.map(({ corpus }) => corpus)).toEqual([name]);
    expect(inShort(await space.documents())).toEqual([`${name}/a.txt counted 2`]);
    expect((await space.costs()).map(({ corpus }) => corpus)).toEqual([name, name]);
    expect((await space.run()).changed).toEqual([]);
  });

  test('names of persons are hidden in paths, where the config says so', async () => {
    await space.put({ 'corpora/c/anna/a.txt': 'one', 'corpora/c/x.box': 'anna/b.txt=two' });
    const objectName = (key: string): string => key.replaceAll('anna', 'person:1');
    await space.run({ world: { objectName }, seal: { objectName } });
    expect(inShort(await space.documents())).toEqual([
      'c/person:1/a.txt counted 1',
      'c/x.box/person:1/b.txt counted 1',
    ]);
    for (const key of await space.keys(''))
      expect(Buffer.from((await space.lake.store.read(key)) ?? '').includes('anna')).toBe(false);
  });
});

/** A reader to which one object's bytes never come. */
function failing(name: string): typeof fakeReader {
  return {
    ...fakeReader,
    async *read(object) {
      if (object.path === name) throw new Transient(`${name} did not come`);
      yield* fakeReader.read(object);
    },
  };
}

describe('deleted documents', () => {
  test('leave the tables at the next seal, their results after the grace period; an empty corpus loses its partition', async () => {
    await space.put(TWO_CORPORA);
    await space.run();
    await space.remove('corpora/news/x.txt', 'corpora/law/a.txt');
    const gone = await space.run();
    expect(Object.keys(gone.state.tables['documents'] ?? {})).toEqual(['law']);
    expect(Object.keys(gone.state.tables['corpus_costs'] ?? {})).toEqual(['law']);
    expect(inShort(await space.documents())).not.toContain('law/a.txt counted 3');
    // the batch of the other corpus still serves four documents
    expect(await space.keys('documents/v1/commits/')).toHaveLength(2);
    await space.run({ nowMs: START_MS + DAY_MS - 1 });
    expect(await space.keys('documents/v1/commits/')).toHaveLength(2);
    await space.run({ nowMs: START_MS + DAY_MS });
    expect(await space.keys('documents/v1/commits/')).toHaveLength(1);
    await space.run({ nowMs: Date.now() + 2 * DAY_MS });
    expect(await space.keys('documents/v1/results/')).toHaveLength(1);
    expect(await space.keys('retired-documents/')).toEqual([]);
    expect(inShort(await space.documents())).toHaveLength(4);
  });

  test('that come back within the grace period are read again, and stay when the batch of before goes', async () => {
    const put = async (): Promise<void> => {
      await space.put({ 'corpora/c/a.txt': 'one two' });
      // the same version, as S3 gives it to equal content
      const held = space.inbox.objects.get('corpora/c/a.txt');
      if (held) space.inbox.objects.set('corpora/c/a.txt', { ...held, info: { ...held.info, version: 'etag' } });
    };
    await put();
    const first = await space.run();
    await space.remove('corpora/c/a.txt');
    await space.run();
    expect(await space.keys('retired-documents/')).toHaveLength(1);
    await put();
    const back = await space.run({ nowMs: START_MS + 1000 });
    expect(back.landed.batches[0]?.batchId).not.toBe(first.landed.batches[0]?.batchId);
    for (const days of [1, 2, 3]) await space.run({ nowMs: START_MS + days * DAY_MS + 2000 });
    expect(inShort(await space.documents())).toEqual(['c/a.txt counted 2']);
    expect((await space.run({ nowMs: START_MS + 4 * DAY_MS })).corpora).toEqual([
      { corpus: 'c', objects: 1, pending: [] },
    ]);
  });
});

describe('what cannot be read now', () => {
  test('waits by name, the others land', async () => {
    await space.put({ 'corpora/c/a.txt': 'one', 'corpora/c/b.txt': 'two', 'corpora/d/c.txt': 'three' });
    const ran = await space.run({ world: { reader: failing('b.txt') } });
    expect(ran.landed.outcomes.get('corpora/c/b.txt')).toBe('failed');
    expect(ran.corpora).toEqual([
      { corpus: 'c', objects: 2, pending: ['corpora/c/b.txt'] },
      { corpus: 'd', objects: 1, pending: [] },
    ]);
    expect(inShort(await space.documents())).toEqual(['c/a.txt counted 1', 'd/c.txt counted 1']);
    await space.run();
    expect(inShort(await space.documents())).toContain('c/b.txt counted 1');
  });

  test('an object that changed since it was listed, or whose bytes stop, is none of the results, whatever the reader makes of it', async () => {
    await space.put({ 'corpora/c/a.txt': 'one', 'corpora/c/b.txt': 'two' });
    const lenient: typeof fakeReader = {
      ...fakeReader,
      async *read(object) {
        try {
          for await (const result of fakeReader.read(object)) yield result;
        } catch {
          yield resultOf(object.path, 'broken');
        }
      },
    };
    const inbox = {
      ...space.inbox,
      open: async (key: string) => {
        const opened = await space.inbox.open(key);
        return key.endsWith('a.txt')
          ? { ...opened, info: { ...opened.info, version: 'newer' } }
          : { ...opened, body: stopped() };
      },
    };
    const ran = await space.run({ world: { reader: lenient, inbox } });
    expect([...ran.landed.outcomes.values()]).toEqual(['failed', 'failed']);
    expect(await space.documents()).toEqual([]);
    expect(ran.corpora[0]?.pending).toEqual(['corpora/c/a.txt', 'corpora/c/b.txt']);
  });
});

async function* stopped(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3);
  throw new Error('connection reset');
}
