/**
 * One process that reads documents, as its parent sees it: started, asked, watched, ended. In: messages. Out: messages, or why the process ended.
 * Nothing that it or a library in it prints is passed on, because it may quote a document, and it is given no environment, right to write or
 * network of its own to lose. A process and no thread: a thread that runs out of memory takes the whole process with it where it asks for much
 * at once (measured on Node 24: a Word file of 400,000 paragraphs aborts it, resource limits or not).
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DocumentLimits } from '../../documents/document.ts';
import type { FromWorker, Refused, ToWorker, WorkerSetup } from './document-messages.ts';

/** The process is gone. `reason` is what the result of the document tells that it was reading; null where it was not the document's fault. */
export interface Ended {
  readonly kind: 'ended';
  readonly reason: string | null;
}

export type Answer = Exclude<FromWorker, Refused | { kind: 'at' }> | Ended;

export interface DocumentProcess {
  /** Waits until it can be asked, or tells why it cannot. */
  started(): Promise<Answer | Refused>;
  /** Says something and waits for what comes next, `maxSeconds` at most; then the process is ended. */
  say(message: ToWorker): Promise<Answer>;
  /** The document it is at. */
  document(): string;
  isAlive(): boolean;
  end(): void;
}

/** Ends by a person or the machine that stops, not by a document. */
const STOPPED = new Set<NodeJS.Signals | null>(['SIGTERM', 'SIGINT', 'SIGHUP']);
/** How a process ends that has no memory left: by itself, by its shell's code for that, or by the system. */
const OUT_OF_MEMORY = new Set<NodeJS.Signals | number | null>(['SIGABRT', 134, 'SIGKILL']);

/** Starts a process from the file of its code. */
export function startDocumentProcess(file: URL, setup: WorkerSetup): DocumentProcess {
  const { limits } = setup;
  const child = fork(fileURLToPath(file), [], {
    execArgv: [`--max-old-space-size=${limits.maxMemoryMb}`, '--permission', '--allow-fs-read=*', '--allow-worker'],
    env: { TZ: 'UTC' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let document = '';
  let timer: NodeJS.Timeout | null = null;
  let wake: (answer: Answer) => void = () => {};
  let last: Ended | null = null;
  let refused: Refused | null = null;

  const answered = (answer: Answer): void => {
    if (timer !== null) clearTimeout(timer);
    // a process that waits for work does not keep its parent
    child.unref();
    child.channel?.unref();
    wake(answer);
  };
  const ended = (reason: string | null): void => answered((last ??= { kind: 'ended', reason }));
  child.on('message', (message: FromWorker) => {
    if (message.kind === 'at') document = message.document;
    else if (message.kind === 'refused') {
      refused = message;
      ended(null);
    } else answered(message);
  });
  child.on('error', () => ended(null));
  child.on('exit', (code, signal) => ended(STOPPED.has(signal) ? null : endReason(code, signal, limits)));

  const next = (): Promise<Answer> =>
    new Promise((resolve) => {
      wake = resolve;
      if (last !== null) resolve(last);
    });
  const started = next();
  post(setup);

  /** What cannot be sent is told by the end of the process. */
  function post(message: ToWorker | WorkerSetup): void {
    child.ref();
    child.channel?.ref();
    child.send(message, () => {});
  }
  function expire(): void {
    // said first: the end of the process would say less
    last ??= { kind: 'ended', reason: `took longer than ${limits.maxSeconds} s (documents.limits.maxSeconds)` };
    child.kill('SIGKILL');
  }

  return {
    async started() {
      const answer = await started;
      return refused ?? answer;
    },
    say(message) {
      if (message.kind === 'document') document = message.path;
      const answer = next();
      if (last !== null) return answer;
      timer = setTimeout(expire, limits.maxSeconds * 1000);
      post(message);
      return answer;
    },
    document: () => document,
    isAlive: () => last === null,
    end() {
      last ??= { kind: 'ended', reason: null };
      child.kill('SIGKILL');
    },
  };
}

function endReason(code: number | null, signal: NodeJS.Signals | null, { maxMemoryMb }: DocumentLimits): string {
  return OUT_OF_MEMORY.has(signal ?? code)
    ? `needs more memory than ${maxMemoryMb} MB (documents.limits.maxMemoryMb)`
    : 'ended the process that read it';
}
