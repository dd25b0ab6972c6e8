/**
 * A bundled function in a process of its own, with the environment that the deployed one has, against endpoints that a test chooses. In: the
 * bundle, environment, endpoints. Out: calls of the handler, and a way to kill it as a crash would: at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HostAnswer, HostCall } from '../../../bench/lambda-host.ts';

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

const HOST = fileURLToPath(new URL('../../../bench/lambda-host.ts', import.meta.url));
const FIFTEEN_MINUTES_MS = 900_000;

/** Starts the process; the bundle is loaded at once, as in a cold start. */
export function startFunction(bundle: string, environment: Readonly<Record<string, string>>): FunctionProcess {
  const child = spawn(process.execPath, [HOST, bundle], {
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
  const killed = ended.then((): Outcome => ({ kind: 'killed' }));
  const answer = async (): Promise<Outcome> => {
    const [{ error, result }] = (await once(child, 'message')) as [HostAnswer];
    return error === null ? { kind: 'returned', result } : { kind: 'threw', message: error };
  };
  // the first answer says how loading went
  const loaded = answer();
  return {
    async invoke(event, timeoutMs = FIFTEEN_MINUTES_MS) {
      const start = await Promise.race([loaded, killed]);
      if (start.kind !== 'returned') return start;
      const answered = answer();
      child.send({ event, timeoutMs } satisfies HostCall, () => undefined);
      return await Promise.race([answered, killed]);
    },
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
    log: () => text,
  };
}
