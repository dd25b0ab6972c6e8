/**
 * One thread that reads documents, as seen from outside: started, asked, watched, ended. In: messages. Out: messages, or why the thread ended.
 * Nothing that the thread or a library in it prints is passed on, because it may quote a document.
 */
import { Worker } from 'node:worker_threads';
import type { DocumentLimits } from '../../documents/document.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './document-messages.ts';

/** The thread is gone. `reason` is what the result of the document tells that it was reading. */
export interface Ended {
  readonly kind: 'ended';
  readonly reason: string;
}

export interface DocumentThread {
  /** Says something and waits for what comes next, `maxSeconds` at most; then the thread is ended. */
  say(message: ToWorker): Promise<Exclude<FromWorker, { kind: 'at' }> | Ended>;
  /** Waits until the thread can be asked. */
  started(): Promise<FromWorker | Ended>;
  /** The document it is at. */
  document(): string;
  isAlive(): boolean;
  end(): Promise<void>;
}

/** Starts a thread from the file of its code. */
export function startDocumentThread(file: URL, setup: WorkerSetup): DocumentThread {
  const { limits } = setup;
  const worker = new Worker(file, {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: limits.maxMemoryMb },
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let isAlive = true;
  let document = '';
  let timer: NodeJS.Timeout | null = null;
  let wake: (message: Exclude<FromWorker, { kind: 'at' }> | Ended) => void = () => {};
  let last: Ended | null = null;

  const ended = (reason: string): void => {
    isAlive = false;
    last ??= { kind: 'ended', reason };
    if (timer !== null) clearTimeout(timer);
    wake(last);
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'at') document = message.document;
    else {
      if (timer !== null) clearTimeout(timer);
      // a thread that waits for work does not keep the process
      worker.unref();
      wake(message);
    }
  });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    ended(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(limits) : 'ended the thread that read it');
  });
  worker.on('exit', () => ended('ended the thread that read it'));

  const next = (seconds: number | null): Promise<Exclude<FromWorker, { kind: 'at' }> | Ended> =>
    new Promise((resolve) => {
      wake = resolve;
      if (last !== null) return resolve(last);
      if (seconds !== null) timer = setTimeout(() => void expire(), seconds * 1000);
    });
  async function expire(): Promise<void> {
    // said first: the end of the thread would say less
    last ??= { kind: 'ended', reason: `took longer than ${limits.maxSeconds} s (documents.limits.maxSeconds)` };
    await worker.terminate();
  }
  const started = next(null);

  return {
    say(message) {
      if (message.kind === 'document') document = message.path;
      const answer = next(limits.maxSeconds);
      worker.ref();
      if (message.kind === 'bytes') postBytes(worker, message.bytes);
      else worker.postMessage(message, []);
      return answer;
    },
    started: () => started,
    document: () => document,
    isAlive: () => isAlive,
    async end() {
      if (timer !== null) clearTimeout(timer);
      await worker.terminate();
    },
  };
}

/** Bytes are handed over in a buffer of their own: of a view the whole buffer behind it would be copied. */
function postBytes(worker: Worker, view: Uint8Array): void {
  const bytes = new Uint8Array(view);
  worker.postMessage({ kind: 'bytes', bytes } satisfies ToWorker, [bytes.buffer]);
}

function outOfMemory({ maxMemoryMb }: DocumentLimits): string {
  return `needs more memory than ${maxMemoryMb} MB (documents.limits.maxMemoryMb)`;
}
