/**
 * The documents of a folder, read. In: a folder, a reader. Out: results in the order of paths, several objects being read at once. Invariant: what is wrong
 * with a document is a result; only a folder that is none is an error.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createFolderStore } from '../lib/adapters/local/folder-store.ts';
import type { DocumentReader, DocumentResult } from '../lib/documents/document.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { ObjectInfo, Progress } from '../lib/ports.ts';

/** Objects that are read at once: one more than threads, so that the next one is opened meanwhile. */
const AT_ONCE = availableParallelism() + 1;

/** Reads them all. Throws `Misconfigured` where there is no such folder. */
export async function* documentsIn(
  folder: string,
  reader: DocumentReader,
  progress: Progress,
): AsyncGenerator<DocumentResult> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Misconfigured(`--documents ${folder} is no folder`);
  const store = createFolderStore(folder);
  const total = { objects: 0, bytes: 0 };
  for await (const { bytes } of store.list('')) {
    total.objects++;
    total.bytes += bytes;
  }
  progress.start(total);
  const open = ({ key, bytes }: ObjectInfo): AsyncIterable<DocumentResult> =>
    reader.read({ path: key, bytes, open: async () => (await store.open(key)).body });
  try {
    const running: Reading[] = [];
    for await (const info of store.list('')) {
      running.push(startReading(open(info), info.bytes));
      if (running.length >= AT_ONCE) yield* finished(running.shift() as Reading, progress);
    }
    for (const reading of running) yield* finished(reading, progress);
  } finally {
    progress.stop();
  }
}

/** The first result of an object is asked for at once, which sets its reading going; the others when it is its turn. */
interface Reading {
  readonly results: AsyncIterator<DocumentResult>;
  readonly first: Promise<IteratorResult<DocumentResult>>;
  readonly bytes: number;
}

function startReading(results: AsyncIterable<DocumentResult>, bytes: number): Reading {
  const iterator = results[Symbol.asyncIterator]();
  const first = iterator.next();
  // it is looked at in turn; until then a failure is not unhandled
  first.catch(() => undefined);
  return { results: iterator, first, bytes };
}

async function* finished({ results, first, bytes }: Reading, progress: Progress): AsyncGenerator<DocumentResult> {
  for (let next = await first; next.done !== true; next = await results.next()) {
    progress.advance({ records: 1 });
    yield next.value;
  }
  progress.advance({ objects: 1, bytes });
}
