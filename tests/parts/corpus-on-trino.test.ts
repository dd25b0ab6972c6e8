/**
 * Corpora on the deployed app, with real Trino as Athena: documents dropped into the bucket become events, are read by the function as it is bundled,
 * and stand in `documents` and `corpus_costs` after a seal, row by row as a local run of the same inbox has them. Deleted ones leave, and what no
 * event led to is read on the schedule.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askLake } from '../../bin/commands/query.ts';
import { readDocumentCommits } from '../../lib/document-commits.ts';
import { CORPUS_COSTS, DOCUMENTS } from '../../lib/schema.ts';
import { deployApp } from './deployed-app.ts';
import {
  HASH_KEY,
  MAX_WAIT_MS,
  POLL_MS,
  call,
  copyOf,
  openDeployment,
  queueDepth,
  rowsOf,
  runLocally,
  seal,
} from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployableStack, freshName } from './stack/clients.ts';

const CONFIG = { documents: { models: ['gpt-4o', 'claude-haiku-4-5'], outputTokens: 200, requestsPerDocument: 2 } };
const CANARY = 'wombat numbat quokka';
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const CORPUS: Readonly<Record<string, Uint8Array>> = {
  'corpora/handbook/a.txt': text(`hello world ${CANARY}`),
  'corpora/handbook/b.md': text('# hello world'),
  'corpora/handbook/c/copy.md': text('# hello world'),
  'corpora/handbook/page.html': text('<h1>hello</h1><p>hello world</p>'),
  'corpora/handbook/empty.txt': new Uint8Array(),
  'corpora/handbook/scan.pdf': text('%PDF-1.7 nothing that a reader would know'),
  'corpora/handbook/all.zip': zipSync({ 'inner/1.txt': text('hello world'), 'inner/2.md': text('# hello world') }),
  'corpora/handbook/rows.jsonl': text('{"text":"first row"}\n{"text":"second row"}\n'),
  'corpora/it\'s 100% =+#?*:"/x.txt': text('漢字 🙂'),
  'corpora/Verträge/y.txt': text('in a folder that is no corpus'),
};

let aws: Deployment;
let local: string;
beforeAll(async () => {
  const endpoints = await deployableStack();
  const app = await deployApp(endpoints, { name: freshName('corpus-'), hashKey: HASH_KEY, config: CONFIG });
  aws = await openDeployment(endpoints, app);
  for (const [key, bytes] of Object.entries(CORPUS)) await aws.inbox.put(key, bytes);
  // all but the one that lies in no corpus
  await read(Object.keys(CORPUS).length - 1);
  await seal(aws);
  local = await copyOf(aws.inbox, CONFIG);
  await runLocally(local);
});
afterAll(async () => {
  if (local !== undefined) await rm(local, { recursive: true, force: true });
});

/** Waits until so many objects have been read and the queue is empty. */
async function read(objects: number): Promise<void> {
  const found = new Set<string>();
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    for (const batch of await readDocumentCommits(aws.lake)) for (const one of batch.objects) found.add(one.object);
    if (found.size >= objects && (await queueDepth(aws, aws.places.documentsQueue)) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${found.size} of ${objects} objects were read: ${[...found].join(', ')}`);
}

const deployed = async (table: typeof DOCUMENTS): Promise<string[]> =>
  await rowsOf((sql) => aws.users.query(sql), table);
const inFolder = async (table: typeof DOCUMENTS): Promise<string[]> =>
  await rowsOf((sql) => askLake(join(local, 'lake'), sql), table);

test('documents are in Athena as in a local run, row by row: counted, empty, duplicate or rejected', async () => {
  const rows = await deployed(DOCUMENTS);
  expect(rows).toEqual(await inFolder(DOCUMENTS));
  const counts = await aws.users.query(
    'select corpus, status, cast(count(*) as bigint) as documents from documents group by corpus, status order by corpus, status',
  );
  expect(counts.map((row) => [row['corpus'], row['status'], row['documents']])).toEqual([
    ['handbook', 'counted', '6'],
    ['handbook', 'duplicate', '2'],
    ['handbook', 'empty', '1'],
    ['handbook', 'rejected', '1'],
    ['it\'s 100% =+#?*:"', 'counted', '1'],
  ]);
  const [first] = await aws.users.query(
    "select document from documents where status <> 'duplicate' and content_hash in (select content_hash from documents where status = 'duplicate')",
  );
  expect(first).toEqual({ document: 'all.zip/inner/2.md' });
});

test('costs are in Athena as in a local run, in every mode of both models', async () => {
  const rows = await deployed(CORPUS_COSTS);
  expect(rows).toEqual(await inFolder(CORPUS_COSTS));
  const [sums] = await aws.users.query(
    "select cast(count(distinct model) as bigint) as models, cast(sum(cost_expected) as decimal(38,12)) as cost, cast(count(*) filter (where is_cheapest) as bigint) as cheapest from corpus_costs where corpus = 'handbook'",
  );
  expect([sums?.['models'], sums?.['cheapest'], String(sums?.['cost']) > '0']).toEqual(['2', '1', true]);
});

test('the condition on the corpus names one folder, and no word of a document is anywhere in the lake', async () => {
  const [one] = await aws.users.query(
    "select document, tokens_o200k from documents where corpus = 'it''s 100% =+#?*:\"'",
  );
  expect(one).toEqual({ document: 'x.txt', tokens_o200k: expect.any(String) as string });
  for await (const { key } of aws.lake.list('documents/')) {
    const bytes = Buffer.from((await aws.lake.read(key)) ?? '');
    for (const word of CANARY.split(' ')) expect({ key, holds: bytes.includes(word) }).toEqual({ key, holds: false });
  }
  expect(JSON.stringify(await deployed(DOCUMENTS))).not.toContain('quokka');
});

test('deleted documents leave at the next seal, and the corpus with its last one', async () => {
  await aws.inbox.remove(['corpora/handbook/all.zip', 'corpora/it\'s 100% =+#?*:"/x.txt']);
  await seal(aws);
  const rows = await aws.users.query(
    "select document, status from documents where status <> 'empty' order by document",
  );
  expect(rows.map((row) => `${String(row['document'])} ${String(row['status'])}`)).toEqual([
    'a.txt counted',
    'b.md counted',
    'c/copy.md duplicate',
    'page.html counted',
    'rows.jsonl/000001 counted',
    'rows.jsonl/000002 counted',
    'scan.pdf rejected',
  ]);
  expect(await aws.users.query('select distinct corpus from documents')).toEqual([{ corpus: 'handbook' }]);
  expect(await aws.users.query('select distinct corpus from corpus_costs')).toEqual([{ corpus: 'handbook' }]);
});

test('a seal without anything new changes nothing', async () => {
  const before = await deployed(DOCUMENTS);
  const again = (await seal(aws)) as unknown as { changedCorpora: string[]; pendingDocuments: number };
  expect([again.changedCorpora, again.pendingDocuments]).toEqual([[], 0]);
  expect(await deployed(DOCUMENTS)).toEqual(before);
});

test('called by its schedule, the function leaves alone what came lately and was read', async () => {
  const name = aws.app.outputs['DocumentsFunction'] ?? '';
  expect(await call(aws, 'lambda', `/2015-03-31/functions/${name}/invocations`, {})).toEqual({ batchItemFailures: [] });
});
