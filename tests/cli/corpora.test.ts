/** `run` and `query` on an inbox with corpora, with the real reader of documents. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder, ledger } from './run-command.ts';

let home: Awaited<ReturnType<typeof folder>>;

const CANARY = 'zebra quagga okapi';
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'corpora/handbook/a.txt': `hello world ${CANARY}`,
  'corpora/handbook/b.md': 'hello world',
  'corpora/handbook/empty.txt': '',
  'corpora/handbook/page.html': '<p>hello world</p><script>not text</script>',
  'corpora/handbook/scan.pdf': '%PDF-1.4 nothing that a reader would know',
  'corpora/handbook/all.zip': zipSync({ 'inner/c.txt': new TextEncoder().encode('hello world') }),
  "corpora/it's 2nd/x.txt": 'hello world',
  'corpora/loose.txt': 'in no corpus',
  'app/calls.jsonl': `${JSON.stringify({ timestamp: '2026-11-02T10:00:00Z', id: 'c1', model: 'gpt-4o', input_tokens: 7, output_tokens: 5 })}\n`,
};

interface Documents {
  readonly read: number;
  readonly unchanged: number;
  readonly corpora: readonly Record<string, unknown>[];
  readonly rejected: readonly Record<string, unknown>[];
  readonly left_out: readonly Record<string, unknown>[];
}

const run = async (...more: string[]): Promise<{ code: number | null; out: string; err: string }> =>
  await ledger(home.path, 'run', '--inbox', 'inbox', '--lake', 'lake', ...more);
const documentsOf = (out: string): Documents => (JSON.parse(out) as { documents: Documents }).documents;
const query = async (sql: string): Promise<Record<string, unknown>[]> =>
  JSON.parse((await ledger(home.path, 'query', '--lake', 'lake', sql, '--format', 'json')).out) as Record<
    string,
    unknown
  >[];

beforeAll(async () => {
  home = await folder();
  for (const [key, content] of Object.entries(FILES)) {
    const path = join(home.path, 'inbox', key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
});
afterAll(async () => home.close());

test('every document is counted, a duplicate, empty or rejected with a reason; logs beside them are read as ever', async () => {
  const { code, out } = await run('--format', 'json');
  expect(code).toBe(0);
  const { read, unchanged, corpora, rejected, left_out: leftOut } = documentsOf(out);
  expect([read, unchanged]).toEqual([7, 0]);
  expect(corpora).toEqual([
    {
      corpus: 'handbook',
      documents: 6,
      counted: 2,
      duplicates: 2,
      empty: 1,
      rejected: 1,
      bytes: expect.any(Number) as number,
      tokens: { o200k_base: expect.any(Number) as number, cl100k_base: expect.any(Number) as number },
      pending: [],
    },
    expect.objectContaining({ corpus: "it's 2nd", documents: 1, tokens: { o200k_base: 2, cl100k_base: 2 } }),
  ]);
  expect(rejected).toEqual([
    { corpus: 'handbook', reason: expect.any(String) as string, documents: 1, first: 'scan.pdf' },
  ]);
  expect(leftOut).toEqual([
    { reason: expect.stringContaining('lies in no corpus') as string, objects: 1, first: 'corpora/loose.txt' },
  ]);
  const { objects, totals } = JSON.parse(out) as { objects: Record<string, unknown>; totals: { calls: number } };
  expect([objects['read'], objects['passed_over'], totals.calls]).toEqual([1, {}, 1]);
});

test('query sees both tables; no text of a document is in them', async () => {
  expect(
    await query(
      "select document, status, duplicate_of, tokens_o200k from documents where corpus = 'handbook' order by document",
    ),
  ).toEqual([
    { document: 'a.txt', status: 'counted', duplicate_of: null, tokens_o200k: expect.any(String) as string },
    { document: 'all.zip/inner/c.txt', status: 'counted', duplicate_of: null, tokens_o200k: '2' },
    { document: 'b.md', status: 'duplicate', duplicate_of: 'all.zip/inner/c.txt', tokens_o200k: '2' },
    { document: 'empty.txt', status: 'empty', duplicate_of: null, tokens_o200k: '0' },
    { document: 'page.html', status: 'duplicate', duplicate_of: 'all.zip/inner/c.txt', tokens_o200k: '2' },
    { document: 'scan.pdf', status: 'rejected', duplicate_of: null, tokens_o200k: '0' },
  ]);
  const costs = await query(
    "select model, mode, requests, input_cost, cost_expected, is_cheapest from corpus_costs where corpus = 'handbook'",
  );
  expect(costs.length).toBeGreaterThan(6);
  expect(costs.filter((row) => row['is_cheapest'] === true)).toHaveLength(1);
  const all = await query('select * from documents');
  for (const word of CANARY.split(' ')) expect(JSON.stringify(all)).not.toContain(word);
});

test('the table of a person, and a second run that reads nothing', async () => {
  const { code, out } = await run();
  expect(code).toBe(0);
  expect(out).toContain('handbook');
  expect(out).toContain('1 rejected');
  expect(out).toContain('1 left out, it lies in no corpus');
  expect(out).toContain('documents 0 objects read, 7 unchanged');
});

test('rejected documents count for the exit code as rejected lines do', async () => {
  await writeFile(join(home.path, 'strict.json'), JSON.stringify({ limits: { rejected_percent: '10' } }));
  expect((await run('--config', 'strict.json')).code).toBe(3);
  await writeFile(join(home.path, 'lenient.json'), JSON.stringify({ limits: { rejected_percent: '20' } }));
  expect((await run('--config', 'lenient.json')).code).toBe(0);
});

test('other settings of reading read again; other models only price again', async () => {
  await writeFile(join(home.path, 'models.json'), JSON.stringify({ documents: { models: ['gpt-4o'] } }));
  expect(documentsOf((await run('--config', 'models.json', '--format', 'json')).out).unchanged).toBe(7);
  expect(await query('select distinct model from corpus_costs')).toEqual([{ model: 'gpt-4o' }]);
  await writeFile(join(home.path, 'column.json'), JSON.stringify({ documents: { textColumn: 'body' } }));
  expect(documentsOf((await run('--config', 'column.json', '--format', 'json')).out)).toMatchObject({
    read: 7,
    unchanged: 0,
  });
});

test('deleted documents are gone from the tables at the next run, and a corpus with its last one', async () => {
  await rm(join(home.path, 'inbox/corpora/handbook/all.zip'));
  await rm(join(home.path, "inbox/corpora/it's 2nd"), { recursive: true });
  const { out } = await run('--format', 'json');
  expect(documentsOf(out).corpora).toEqual([
    expect.objectContaining({ corpus: 'handbook', documents: 5, counted: 2, duplicates: 1 }),
  ]);
  expect(await query('select distinct corpus from documents')).toEqual([{ corpus: 'handbook' }]);
  expect(await query('select distinct corpus from corpus_costs')).toEqual([{ corpus: 'handbook' }]);
});
