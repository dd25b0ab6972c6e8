/**
 * The process in which a bundled Lambda function runs for a measurement or a test: what AWS's runtime does around a handler, and no more. In: path
 * of a bundle, then calls as messages of the parent. Out: each call's result with the CPU it took and the peak of memory so far. Invariant: one call
 * at a time, as in Lambda; the handler sees an event, a context with the time left, and its environment, nothing else.
 *
 *   node bench/lambda-host.ts BUNDLE/index.mjs        (started by lambda-process.ts and tests/parts/stack/function-process.ts)
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A call as the parent sends it. */
export interface HostCall {
  readonly event: unknown;
  readonly timeoutMs: number;
}

/** What it answers; the first answer, without a result, says that the bundle was loaded. */
export interface HostAnswer {
  readonly result: unknown;
  /** name and message of what the handler threw */
  readonly error: string | null;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** the most memory that was resident at any time of the process */
  readonly peakKib: number;
}

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

/** The kernel's own note of the most memory that was ever resident. */
export function peakKib(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN);
}

async function answer(work: () => Promise<unknown>): Promise<HostAnswer> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  let result: unknown = null;
  let error: string | null = null;
  try {
    result = await work();
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'something that is no error';
  }
  const { user, system } = process.cpuUsage(before);
  const wallMs = performance.now() - startMs;
  return {
    result,
    error,
    wallMs,
    cpuMs: (user + system) / 1000,
    peakKib: peakKib(readFileSync('/proc/self/status', 'utf8')),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , bundle = ''] = process.argv;
  let handler: Handler | null = null;
  // a test may let this process live in the future: what must stay for a day is then old enough to go
  const aheadMs = Number(process.env['CLOCK_AHEAD_MS'] ?? 0);
  const { now } = Date;
  Date.now = () => now() + aheadMs;
  const reply = async (work: () => Promise<unknown>): Promise<void> => void process.send?.(await answer(work));
  await reply(async () => {
    ({ handler } = (await import(pathToFileURL(bundle).href)) as { handler: Handler });
  });
  process.on('message', ({ event, timeoutMs }: HostCall) => {
    const endMs = Date.now() + timeoutMs;
    const context = { getRemainingTimeInMillis: (): number => endMs - Date.now() };
    void reply(async () => await handler?.(event, context));
  });
}
