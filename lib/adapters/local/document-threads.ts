/**
 * Reads documents on threads. In: objects of a corpus. Out: their results, in order for each object. Bytes are fetched when a thread asks for them, and
 * a thread goes on when its results were taken, so that neither piles up. A document that never ends, eats the thread's memory or breaks it is
 * rejected with that reason; its object is then read again without it.
 */
import { availableParallelism } from 'node:os';
import type { DocumentLimits, DocumentObject, DocumentReader, DocumentResult } from '../../documents/document.ts';
import { Misconfigured, Transient } from '../../errors.ts';
import { DEFAULT_TEXT_COLUMNS } from '../../documents/document-pass.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../documents/limits.ts';
import type { ToWorker } from './document-messages.ts';
import { startDocumentThread } from './document-thread.ts';
import type { DocumentThread } from './document-thread.ts';

export interface DocumentThreadsOptions {
  readonly limits?: Partial<DocumentLimits>;
  /** name of the column that holds the text in tables; otherwise the likely names are looked for */
  readonly textColumn?: string;
  /** threads at most; the processor's cores where not given */
  readonly threads?: number;
  /** file of the thread's code, where a bundle has put it elsewhere */
  readonly worker?: URL;
  /** folder of the vocabularies, a URL that ends in a slash, where a bundle has put them elsewhere */
  readonly vocabularies?: URL;
}

/** Threads that one object may end: after that the object is rejected as it stands. */
const MAX_DEATHS = 3;

/** A reader on threads, which are started when they are needed. As many objects are read at once as there are `read`s that are awaited. */
export function createDocumentThreads(options: DocumentThreadsOptions = {}): DocumentReader {
  const file = options.worker ?? ownWorker();
  const setup = {
    limits: { ...DEFAULT_DOCUMENT_LIMITS, ...options.limits },
    textColumns: options.textColumn === undefined ? DEFAULT_TEXT_COLUMNS : [options.textColumn],
    vocabularies: options.vocabularies?.href ?? null,
  };
  const size = options.threads ?? availableParallelism();
  const all = new Set<DocumentThread>();
  const idle: DocumentThread[] = [];
  const waiting: (() => void)[] = [];
  let isClosed = false;

  async function take(): Promise<DocumentThread> {
    for (;;) {
      if (isClosed) throw new Error('the reader of documents is closed');
      const thread = idle.pop();
      if (thread?.isAlive() === true) return thread;
      if (thread !== undefined) all.delete(thread);
      else if (all.size < size) {
        const started = startDocumentThread(file, setup);
        all.add(started);
        const first = await started.started();
        if (first.kind === 'ready') return started;
        await drop(started);
        throw new Misconfigured(
          `a thread that reads documents did not start: it ${first.kind === 'ended' ? first.reason : 'is of another kind'}`,
          {
            hint: 'give documents.limits.maxMemoryMb at least 256',
          },
        );
      } else await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  async function drop(thread: DocumentThread): Promise<void> {
    all.delete(thread);
    await thread.end();
    waiting.shift()?.();
  }

  /** Results of one attempt. Returns null when the object is read to its end, otherwise the document in which the thread ended and why. */
  async function* attempt(
    object: DocumentObject,
    unread: ReadonlyMap<string, string>,
  ): AsyncGenerator<DocumentResult, readonly [string, string] | null> {
    const thread = await take();
    let isFree = false;
    let bytes: Fetcher | null = null;
    try {
      bytes = await fetcher(object);
      let message = await thread.say({ kind: 'document', path: object.path, unread: [...unread] });
      for (;;) {
        if (message.kind === 'ended') {
          if (isClosed) throw new Error('the reader of documents was closed');
          return [thread.document(), message.reason];
        }
        if (message.kind === 'more') {
          message = await thread.say(await bytes.next());
          continue;
        }
        if (message.kind === 'done') isFree = true;
        if (message.kind !== 'ready') yield* message.results;
        if (message.kind === 'done') return null;
        message = await thread.say({ kind: 'taken' });
      }
    } finally {
      await bytes?.close();
      if (isFree) {
        idle.push(thread);
        waiting.shift()?.();
      } else await drop(thread);
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
            // from the document on that ended the last thread everything is new; what came before it was told
            if (step.value.document === newest && step.value.status === 'rejected') told = at;
            at += 1;
            if (at > told) yield step.value;
          }
        } finally {
          await results.return(null);
        }
        if (step.value === null) return;
        told = Math.max(told, at);
        const [document, reason] = step.value;
        if (unread.has(object.path)) {
          throw new Transient(`a thread ended while the bytes of ${object.path} were only counted: it ${reason}`, {
            place: { object: object.path },
          });
        }
        newest = unread.size + 1 < MAX_DEATHS && !unread.has(document) ? document : object.path;
        unread.set(newest, reason);
      }
    },
    async close() {
      isClosed = true;
      for (const wake of waiting.splice(0)) wake();
      await Promise.all([...all].map((thread) => thread.end()));
      all.clear();
    },
  };
}

function ownWorker(): URL {
  return new URL(`./document-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}

/** Bytes of an object as answers to a thread. */
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
