/** A folder of documents through a reader: order, several objects at once but never many, failures. */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentsIn } from '../../bin/document-folder.ts';
import type { DocumentObject, DocumentReader, DocumentResult } from '../../lib/documents/document.ts';
import type { Progress } from '../../lib/ports.ts';
import { folder } from './run-command.ts';

const FILES = Array.from({ length: 40 }, (_, at) => `part${at % 3}/${String(at).padStart(2, '0')}.txt`);

let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  place = await folder();
  for (const part of [0, 1, 2]) await mkdir(join(place.path, `part${part}`));
  for (const name of FILES) await writeFile(join(place.path, name), name);
});
afterAll(async () => place.close());

const SILENT: Progress = { start: () => undefined, advance: () => undefined, stop: () => undefined };

function resultOf(document: string, text: string): DocumentResult {
  const counts = {
    bytes: text.length,
    characters: text.length,
    tokensO200k: 1,
    tokensCl100k: 1,
    tokens: {},
    scripts: {},
  };
  return { document, mediaType: 'text/plain', ...counts, contentHash: text, status: 'counted', reason: null };
}

async function textOf(object: DocumentObject): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await object.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Two results for each object; `running` says how many were being read at once at most. */
function fakeReader(running: { now: number; most: number }, failing?: string): DocumentReader {
  return {
    async *read(object) {
      running.most = Math.max(running.most, ++running.now);
      const text = await textOf(object);
      if (object.path === failing) throw new Error('the reader is broken');
      yield resultOf(object.path, text);
      yield resultOf(`${object.path}/2`, text);
      running.now--;
    },
    close: async () => await Promise.resolve(),
  };
}

test('every document in the order of paths, with its bytes, some objects at once', async () => {
  const running = { now: 0, most: 0 };
  const seen: string[] = [];
  const told: string[] = [];
  const progress: Progress = {
    start: ({ objects, bytes }) => told.push(`start ${objects} ${bytes}`),
    advance: ({ objects }) => void (objects !== undefined && told.push('object')),
    stop: () => told.push('stop'),
  };
  for await (const { document, contentHash } of documentsIn(place.path, fakeReader(running), progress)) {
    expect(document.replace(/\/2$/, '')).toBe(contentHash);
    seen.push(document);
  }
  expect(seen).toEqual(FILES.toSorted().flatMap((name) => [name, `${name}/2`]));
  expect(running.most).toBeGreaterThan(1);
  expect(running.most).toBeLessThanOrEqual(availableParallelism() + 1);
  expect(told).toEqual([`start 40 ${FILES.join('').length}`, ...FILES.map(() => 'object'), 'stop']);
});

test('a reader that fails ends it, and the progress line with it', async () => {
  let isStopped = false;
  const progress: Progress = { ...SILENT, stop: () => (isStopped = true) };
  const reading = (async () => {
    for await (const _ of documentsIn(place.path, fakeReader({ now: 0, most: 0 }, FILES[6]), progress));
  })();
  await expect(reading).rejects.toThrow('the reader is broken');
  expect(isStopped).toBe(true);
});
