/**
 * A bundled function in a process of its own, with the environment that the deployed one has, against endpoints that a test chooses. In: the
 * folder of the bundle, environment, endpoints. Out: calls of the handler, and a way to kill it as a crash would: at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What became of one call of a handler. */
export type Outcome =
  | { readonly kind: 'returned'; readonly result: unknown }
  | { readonly kind: 'threw'; readonly message: string }
  | { readonly kind: 'killed' };

export interface FunctionProcess {
  /** Calls the handler once; one call at a time. */
  invoke(event: unknown, timeoutMs?: number): Promise<Outcome>;
  /** Kills the process as it is. */
  kill(): void;
  /** Ends it if it still runs. */
  stop(): Promise<void>;
  /** What it has written so far. */
  log(): string;
}

const CHILD = fileURLToPath(new URL('function-child.ts', import.meta.url));
const FIFTEEN_MINUTES_MS = 900_000;

/** Starts the process; the bundle is loaded at once, as in a cold start. */
export function startFunction(bundle: string, environment: Readonly<Record<string, string>>): FunctionProcess {
  const child = spawn(process.execPath, [CHILD, bundle], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // as in Lambda: nothing of the machine's own settings
    env: { PATH: process.env['PATH'], ...environment },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => (text += chunk));
  }
  const ended = once(child, 'exit');
  return {
    async invoke(event, timeoutMs = FIFTEEN_MINUTES_MS) {
      const answered = Promise.withResolvers<Outcome>();
      const listen = (message: { result?: unknown; error?: string }): void => {
        if (message.error === undefined) answered.resolve({ kind: 'returned', result: message.result });
        else answered.resolve({ kind: 'threw', message: message.error });
      };
      child.once('message', listen as (message: unknown) => void);
      child.send({ event, timeoutMs }, () => undefined);
      return await Promise.race([answered.promise, ended.then((): Outcome => ({ kind: 'killed' }))]);
    },
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
    log: () => text,
  };
}
