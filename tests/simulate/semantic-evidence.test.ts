import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSemanticEvidence } from '../../lib/adapters/local/semantic-files.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { createNeighborCollector, readLabelledPairs, readNeighbors } from '../../lib/simulate/semantic-evidence.ts';
import type { Neighbors } from '../../lib/simulate/semantic-evidence.ts';

const problemOf = async (reading: Promise<unknown>): Promise<Misconfigured> => {
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Misconfigured)) throw new Error(`no Misconfigured but ${String(error)}`);
  return error;
};

/** What the rows come to in a log of these ids, in order of time. */
async function neighborsIn(log: readonly string[], lines: readonly string[]): Promise<Neighbors> {
  const collector = createNeighborCollector(await readNeighbors(lines, 'n.jsonl'));
  for (const [call, id] of log.entries()) collector.see(id, call);
  return collector.finish({ calls: log.length });
}

describe('labelled pairs', () => {
  test('are read line by line, blank lines, a byte order mark and further keys aside', async () => {
    const lines = [
      '\uFEFF{"similarity":0.93,"same_answer":true}',
      '',
      '{"similarity":-1,"same_answer":false,"by":"x"}',
    ];
    expect(await readLabelledPairs(lines, 'p.jsonl')).toEqual([
      { similarity: 0.93, isSameAnswer: true },
      { similarity: -1, isSameAnswer: false },
    ]);
  });

  test.each([
    ['{"similarity":93,"same_answer":true}', 'p.jsonl line 2: similarity must be a number from -1 to 1'],
    ['{"similarity":"0.93","same_answer":true}', 'p.jsonl line 2: similarity must be'],
    ['{"same_answer":true}', 'p.jsonl line 2: similarity must be'],
    ['{"similarity":0.93,"same_answer":"yes"}', 'p.jsonl line 2: same_answer must be true or false'],
    ['{"similarity":0.93}', 'p.jsonl line 2: same_answer must be true or false'],
    ['{"similarity":0.93,"same', 'p.jsonl line 2: is no JSON object'],
    ['[0.93,true]', 'p.jsonl line 2: is no JSON object'],
    ['null', 'p.jsonl line 2: is no JSON object'],
  ])('%s', async (line, message) => {
    const problem = await problemOf(readLabelledPairs(['', line], 'p.jsonl'));
    expect(problem.message).toContain(message);
    expect(problem.hint).toMatch(/./);
    expect(problem.place).toEqual({ object: 'p.jsonl', line: 2 });
  });
});

describe('nearest earlier requests', () => {
  test('become calls of the log', async () => {
    const found = await neighborsIn(
      ['a', 'b', 'c', 'd'],
      [
        '{"record_id":"c","nearest":"a","similarity":0.9}',
        '{"record_id":"a","nearest":null}',
        '{"record_id":"d","nearest":"c","similarity":1.000001}',
      ],
    );
    expect(found).toEqual({
      nearest: Int32Array.of(-1, -1, 0, 2),
      similarity: Float64Array.of(NaN, NaN, 0.9, 1.000001),
      rows: 3,
      rowsOutsideLog: 0,
      unknownNeighbors: 0,
    });
  });

  // "later" names a call after itself, "self" itself, "lost" one that is in no log; the last row is of another period
  test('that are not in the log or not earlier are none, and counted', async () => {
    const found = await neighborsIn(
      ['later', 'self', 'lost', 'z'],
      [
        '{"record_id":"later","nearest":"z","similarity":0.9}',
        '{"record_id":"self","nearest":"self","similarity":1}',
        '{"record_id":"lost","nearest":"nowhere","similarity":0.9}',
        '{"record_id":"other period","nearest":"z","similarity":0.9}',
      ],
    );
    expect([...found.nearest]).toEqual([-1, -1, -1, -1]);
    expect(found).toMatchObject({ rows: 4, rowsOutsideLog: 1, unknownNeighbors: 3 });
  });

  test('every row is a neighbor, none, unknown, or outside the log', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const rows = fc.uniqueArray(fc.record({ record_id: id, nearest: fc.option(id), similarity: fc.constant(0.5) }), {
      selector: ({ record_id }) => record_id,
    });
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f']), rows, async (log, drawn) => {
        const found = await neighborsIn(
          log,
          drawn.map((row) => JSON.stringify(row)),
        );
        for (const [call, recordId] of log.entries()) {
          const nearest = drawn.find((row) => row.record_id === recordId)?.nearest ?? null;
          const at = nearest === null ? -1 : log.indexOf(nearest);
          expect(found.nearest[call]).toBe(at < call ? at : -1);
        }
        const ofLog = drawn.filter(({ record_id }) => log.includes(record_id));
        expect(found.rowsOutsideLog).toBe(drawn.length - ofLog.length);
        const named = ofLog.filter(({ nearest }) => nearest !== null).length;
        expect(found.unknownNeighbors).toBe(named - found.nearest.filter((call) => call >= 0).length);
      }),
    );
  });

  test.each([
    [['{"record_id":"a","nearest":"b","similarity":2}'], 'n.jsonl line 1: similarity must be'],
    [['{"record_id":"a","nearest":"b"}'], 'n.jsonl line 1: similarity must be'],
    [['{"record_id":7,"nearest":"b","similarity":1}'], 'n.jsonl line 1: record_id must be the text of a record id'],
    [['{"record_id":"a","similarity":1}'], 'n.jsonl line 1: nearest must be the text of a record id'],
    [
      [
        '{"record_id":"b","nearest":"a","similarity":1}',
        '{"record_id":"a","nearest":null}',
        '{"record_id":"b","nearest":null}',
      ],
      'n.jsonl line 3: record_id is the one of line 1',
    ],
  ])('%j', async (lines, message) => {
    expect((await problemOf(readNeighbors(lines, 'n.jsonl'))).message).toContain(message);
  });

  test('no message repeats what the line says', async () => {
    const secret = 'Mrs-Smith-1974';
    for (const line of [
      `{"record_id":"${secret}","nearest":7,"similarity":1}`,
      `{"record_id":"${secret}"`,
      `{"record_id":{"${secret}":1},"nearest":"b","similarity":1}`,
    ]) {
      const { message, hint } = await problemOf(readNeighbors([line], 'n.jsonl'));
      expect(`${message} ${hint}`).not.toContain(secret);
    }
  });
});

describe('the files of the config', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'similar-'));
    await writeFile(join(folder, 'pairs.jsonl'), '{"similarity":0.9,"same_answer":true}\r\n');
    await writeFile(join(folder, 'near.jsonl'), '{"record_id":"b","nearest":"a","similarity":0.9}');
    await writeFile(join(folder, 'long.jsonl'), `{"record_id":"${'x'.repeat(1 << 20)}","nearest":null}\n`);
    // 0xff begins no character
    await writeFile(
      join(folder, 'bytes.jsonl'),
      Buffer.from('{"similarity":0.9,"same_answer":true}\n{"similarity":0.9,"same_answer":true,"\xff":1}\n', 'latin1'),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('lie beside it', async () => {
    const evidence = await loadSemanticEvidence({ pairs: 'pairs.jsonl', neighbors: 'near.jsonl' }, folder);
    expect(evidence?.pairs).toEqual([{ similarity: 0.9, isSameAnswer: true }]);
    expect([...(evidence?.neighbors.ids.keys() ?? [])]).toEqual(['b', 'a']);
  });

  test('are not asked for where none is named', async () => {
    expect(await loadSemanticEvidence(undefined, folder)).toBeNull();
    expect(await loadSemanticEvidence({}, folder)).toBeNull();
  });

  test.each([
    ['missing.jsonl', 'near.jsonl', 'simulate.semanticCache.pairs: missing.jsonl cannot be read'],
    ['pairs.jsonl', '.', 'simulate.semanticCache.neighbors: . cannot be read'],
    ['pairs.jsonl', 'long.jsonl', 'long.jsonl line 1: is longer than 1 MiB'],
    ['bytes.jsonl', 'near.jsonl', 'bytes.jsonl line 2: is no UTF-8 text'],
    ['pairs.jsonl', 'pairs.jsonl', 'pairs.jsonl line 1: record_id'],
  ])('%s, %s', async (pairs, neighbors, message) => {
    expect((await problemOf(loadSemanticEvidence({ pairs, neighbors }, folder))).message).toContain(message);
  });
});
