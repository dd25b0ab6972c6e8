/**
 * Reads documents in processes of their own. In: objects of a corpus. Out: their results, in order for each object. Bytes are fetched when a process asks
 * for them, and it goes on when its results were taken, so that neither piles up. A document that never ends, eats the memory or breaks its
 * process is rejected with that reason, and its object is read again without it.
 */
import { availableParallelism } from 'node:os';
import type { DocumentLimits, DocumentObject, DocumentReader, DocumentResult } from '../../documents/document.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../documents/document-pass.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../documents/limits.ts';
import { Misconfigured, Transient } from '../../errors.ts';
import type { ToWorker, WorkerSetup } from './document-messages.ts';
import { startDocumentProcess } from './document-process.ts';
import type { DocumentProcess } from './document-process.ts';

export interface DocumentProcessesOptions {
  readonly limits?: Partial<DocumentLimits>;
  /** name of the column that holds the text in tables; otherwise the likely names are looked for */
  readonly textColumn?: string;
  /** processes at most; the processor's cores where not given */
  readonly processes?: number;
  /** file of their code, where a bundle has put it elsewhere */
  readonly worker?: URL;
  /** folder of the vocabularies, a URL that ends in a slash, where a bundle has put them elsewhere */
  readonly vocabularies?: URL;
  /** further tokenizers; each process loads them all */
  readonly tokenizers?: WorkerSetup['tokenizers'];
}

/** Processes that one object may end: after that the object is rejected as it stands. */
const MAX_ENDS = 3;

/** A document in which a process ended, and how. */
interface Fall {
  readonly document: string;
  readonly reason: string;
}

/** A reader that starts processes when it needs them. As many objects are read at once as there are reads under way; others wait. */
export function createDocumentProcesses(options: DocumentProcessesOptions = {}): DocumentReader {
  const pool = createPool(options);

  /** Results of one attempt. Returns null when the object is read to its end. */
  async function* attempt(
    object: DocumentObject,
    unread: ReadonlyMap<string, string>,
  ): AsyncGenerator<DocumentResult, Fall | null> {
    const reader = await pool.take();
    let isDone = false;
    let bytes: Fetcher | null = null;
    try {
      bytes = await fetcher(object);
      let answer = await reader.say({ kind: 'document', path: object.path, unread: [...unread] });
      for (;;) {
        if (answer.kind === 'ended') {
          if (answer.reason === null) throw stopped(object.path, 'was stopped');
          return { document: reader.document(), reason: answer.reason };
        }
        if (answer.kind === 'more') answer = await reader.say(await bytes.next());
        else {
          isDone = answer.kind === 'done';
          if (answer.kind !== 'ready') yield* answer.results;
          if (isDone) return null;
          answer = await reader.say({ kind: 'taken' });
        }
      }
    } finally {
      await bytes?.close();
      pool.giveBack(reader, isDone);
    }
  }

  return {
    async *read(object) {
      const unread = new Map<string, string>();
      let told = 0;
      let newest: string | null = null;
      for (;;) {
        const results = attempt(object, unread);
        let at = 0;
        let step: Awaited<ReturnType<typeof results.next>>;
        try {
          step = await results.next();
          for (; step.done !== true; step = await results.next()) {
            // from the document on that ended the last process everything is new; what came before it was told
            if (step.value.document === newest && step.value.status === 'rejected') told = Math.min(told, at);
            at += 1;
            if (at > told) yield step.value;
          }
        } finally {
          await results.return(null);
        }
        if (step.value === null) return;
        const { document, reason } = step.value;
        if (unread.has(object.path)) throw stopped(object.path, `${reason}, while its bytes were only counted`);
        told = Math.max(told, at);
        newest = unread.size + 1 < MAX_ENDS && !unread.has(document) ? document : object.path;
        unread.set(newest, reason);
      }
    },
    close: async () => pool.close(),
  };
}

interface Pool {
  take(): Promise<DocumentProcess>;
  /** `isIdle` tells that it may be asked again; otherwise it is ended. */
  giveBack(reader: DocumentProcess, isIdle: boolean): void;
  close(): void;
}

function createPool(options: DocumentProcessesOptions): Pool {
  const file = options.worker ?? ownWorker();
  const setup = {
    limits: { ...DEFAULT_DOCUMENT_LIMITS, ...options.limits },
    textColumns: options.textColumn === undefined ? DEFAULT_TEXT_COLUMNS : [options.textColumn],
    vocabularies: options.vocabularies?.href ?? null,
    tokenizers: options.tokenizers ?? { files: {}, folder: '.' },
  };
  const size = options.processes ?? availableParallelism();
  const all = new Set<DocumentProcess>();
  const idle: DocumentProcess[] = [];
  const waiting: (() => void)[] = [];
  let isClosed = false;

  async function started(): Promise<DocumentProcess> {
    const reader = startDocumentProcess(file, setup);
    all.add(reader);
    const answer = await reader.started();
    if (answer.kind === 'ready') return reader;
    pool.giveBack(reader, false);
    if (isClosed) throw closed();
    if (answer.kind === 'refused')
      throw new Misconfigured(answer.message, answer.hint === undefined ? {} : { hint: answer.hint });
    throw new Misconfigured(
      `a process that reads documents did not start: ${answer.kind === 'ended' ? answer.reason : ''}`,
      {
        hint: 'its vocabularies need some 200 MB: documents.limits.maxMemoryMb',
      },
    );
  }

  const pool: Pool = {
    async take() {
      for (;;) {
        if (isClosed) throw closed();
        const reader = idle.pop();
        if (reader?.isAlive() === true) return reader;
        if (reader !== undefined) all.delete(reader);
        else if (all.size < size) return await started();
        else await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    giveBack(reader, isIdle) {
      if (isIdle) idle.push(reader);
      else {
        all.delete(reader);
        reader.end();
      }
      waiting.shift()?.();
    },
    close() {
      isClosed = true;
      for (const wake of waiting.splice(0)) wake();
      for (const reader of all) reader.end();
      all.clear();
    },
  };
  return pool;
}

function ownWorker(): URL {
  return new URL(`./document-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}

function closed(): Error {
  return new Error('the reader of documents is closed');
}

function stopped(path: string, how: string): Transient {
  return new Transient(`the process that read ${path} ${how}`, { place: { object: path } });
}

/** Bytes of an object as answers to a process. */
interface Fetcher {
  next(): Promise<ToWorker>;
  close(): Promise<void>;
}

async function fetcher(object: DocumentObject): Promise<Fetcher> {
  const iterator = (await object.open())[Symbol.asyncIterator]();
  return {
    async next() {
      const step = await iterator.next();
      return step.done === true ? { kind: 'end' } : { kind: 'bytes', bytes: step.value };
    },
    async close() {
      await iterator.return?.();
    },
  };
}
