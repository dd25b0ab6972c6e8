/**
 * Process that reads documents for `document-processes.ts`: extracts, counts and hashes, so that no text leaves it. In: requests on the channel to
 * the parent. Out: results. It has a heap of its own: what eats memory or never ends is ended with it, and it never outlives its parent.
 */
import { Worker } from 'node:worker_threads';
import { createTokenCounter } from '../../count/token-counter.ts';
import { readVocabulary } from '../../count/vocabulary.ts';
import { readDocument } from '../../documents/document-pass.ts';
import { createScriptCounter } from '../../count/script-classes.ts';
import type { DocumentResult } from '../../documents/document.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './document-messages.ts';
import { Misconfigured } from '../../errors.ts';
import { tokenizerFiles } from './tokenizer-files.ts';
import { vocabularyBytes } from './vocabulary-files.ts';

/** Results that are sent at once: a message costs more than a short row. */
const BATCH = 64;

/** Ends this process when its parent is gone, even while a document keeps it busy. */
const WATCH =
  "const parent = process.ppid; setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 1000)";

if (process.send !== undefined) {
  // an interrupt on a terminal goes to all processes: the parent decides
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
  new Worker(WATCH, { eval: true }).unref();
  process.once('message', (setup: WorkerSetup) => void serve(setup).catch(refuse));
}

/** What is wrong with the setup is told to the parent; anything else ends this process, as it would by itself. */
function refuse(error: unknown): void {
  if (!(error instanceof Misconfigured)) throw error;
  const refused: FromWorker = { kind: 'refused', message: error.message, hint: error.hint };
  process.send?.(refused);
}

async function serve(setup: WorkerSetup): Promise<void> {
  const folder = setup.vocabularies === null ? undefined : new URL(setup.vocabularies);
  const counters = {
    o200k: createTokenCounter('o200k_base', readVocabulary(vocabularyBytes('o200k_base', folder))),
    cl100k: createTokenCounter('cl100k_base', readVocabulary(vocabularyBytes('cl100k_base', folder))),
    scripts: createScriptCounter(),
    tokenizers: await tokenizerFiles(setup.tokenizers.files, setup.tokenizers.folder),
  };
  let answer: (message: ToWorker) => void = () => {};
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'document') void read(message);
    else answer(message);
  });
  const tell = (message: FromWorker): void => void process.send?.(message);
  const ask = (message: FromWorker): Promise<ToWorker> =>
    new Promise((resolve) => {
      answer = resolve;
      tell(message);
    });

  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = await ask({ kind: 'more' });
      if (message.kind !== 'bytes') return;
      yield message.bytes;
    }
  }

  async function read({ path, unread }: Extract<ToWorker, { kind: 'document' }>): Promise<void> {
    let results: DocumentResult[] = [];
    const flush = async (): Promise<void> => {
      const whole = results;
      results = [];
      if (whole.length > 0) await ask({ kind: 'results', results: whole });
    };
    const pass = {
      counters,
      limits: setup.limits,
      textColumns: setup.textColumns,
      unread: new Map(unread),
      onDocument: async (document: string) => {
        // what is known is told before a document that may be the end of this process
        await flush();
        tell({ kind: 'at', document });
      },
    };
    for await (const result of readDocument(pass, path, bytes())) if (results.push(result) >= BATCH) await flush();
    tell({ kind: 'done', results });
  }

  tell({ kind: 'ready' });
}
