/**
 * A bundled function in a real Node process under the limits of Lambda: one core, so much memory, the flags that AWS's runtime starts Node
 * with. In: bundle and environment. Out: calls with their time, CPU and peak. Invariant: a process that needs more memory than it has does not
 * live on: the kernel refuses it more private memory than the limit (RLIMIT_DATA), and one whose resident memory passes the limit is killed.
 * A cgroup is not needed, and so no right to make one.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { peakKib } from './lambda-host.ts';
import type { HostAnswer, HostCall } from './lambda-host.ts';

export interface LambdaLimits {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

export interface LambdaProcess {
  /** How the bundle was loaded. */
  readonly loaded: HostAnswer;
  /** Calls the handler; throws if it threw, ran out of memory or took too long. */
  call(event: unknown): Promise<HostAnswer>;
  stop(): Promise<void>;
}

const HOST = fileURLToPath(new URL('lambda-host.ts', import.meta.url));
const WATCH_MS = 20;
/** V8 reserves address space for code, which the kernel counts as data though hardly any of it is ever used. */
const CODE_RANGE_MB = process.arch === 'arm64' ? 128 : 512;

/**
 * Flags of AWS's Node runtime (/var/runtime/bootstrap of nodejs24.x): a tenth of the memory is for young objects, the rest for old ones, unless NODE_OPTIONS
 * says otherwise. V8 alone would take half of the memory for its heap; what is let grow this far is the harder case.
 */
export function runtimeFlags(memoryMb: number): string[] {
  const young = Math.floor(memoryMb / 10);
  return [
    '--expose-gc',
    '--max-http-header-size=81920',
    `--max-semi-space-size=${Math.floor(young / 2)}`,
    `--max-old-space-size=${memoryMb - young}`,
  ];
}

/** The last core that this process may run on. */
function oneCore(): string {
  const allowed = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return /\d+$/.exec(allowed)?.[0] ?? '0';
}

/** The process: limits by the shell, then the host with Lambda's flags and the variables that Lambda sets. */
function spawnHost(bundle: string, environment: Readonly<Record<string, string>>, memoryMb: number): ChildProcess {
  const words = [process.execPath, ...runtimeFlags(memoryMb), HOST, bundle];
  const limited = `ulimit -d ${(memoryMb + CODE_RANGE_MB) * 1024} && exec taskset -c ${oneCore()} "$@"`;
  return spawn('/bin/sh', ['-c', limited, 'sh', ...words], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      ...environment,
      TZ: ':UTC',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_FUNCTION_NAME: 'measured',
    },
  });
}

/** Starts a function; the environment is all that it sees. */
export async function startLambda(
  bundle: string,
  environment: Readonly<Record<string, string>>,
  limits: LambdaLimits,
): Promise<LambdaProcess> {
  const { memoryMb } = limits;
  const child = spawnHost(bundle, environment, memoryMb);
  let lastWords = '';
  child.stderr?.on('data', (text: Buffer) => (lastWords = `${lastWords}${text.toString('utf8')}`.slice(-2000)));
  let reason = 'it ended by itself';
  const kill = (why: string): void => {
    reason = why;
    child.kill('SIGKILL');
  };
  const watch = setInterval(() => {
    if (residentKib(child.pid) > memoryMb * 1024) kill(`it needed more than ${memoryMb} MB`);
  }, WATCH_MS);
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      reject(new Error(`the function ended (${signal ?? code}): ${reason}\n${lastWords}`));
    });
  });
  ended.catch(() => undefined);
  const next = async (): Promise<HostAnswer> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [HostAnswer];
    if (message.error !== null) throw new Error(message.error);
    return message;
  };
  const loaded = await next().catch((error: unknown) => {
    kill('its bundle could not be loaded');
    throw error;
  });
  return {
    loaded,
    async call(event) {
      const timeoutMs = limits.timeoutSeconds * 1000;
      const late = setTimeout(() => kill(`it took more than ${limits.timeoutSeconds} s`), timeoutMs);
      child.send({ event, timeoutMs } satisfies HostCall);
      try {
        return await next();
      } finally {
        clearTimeout(late);
      }
    },
    async stop() {
      clearInterval(watch);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Most memory that a process had; 0 when it is gone. */
function residentKib(pid: number | undefined): number {
  try {
    return peakKib(readFileSync(`/proc/${pid}/status`, 'utf8')) || 0;
  } catch {
    return 0;
  }
}
