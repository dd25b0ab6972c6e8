/**
 * Servers started for the part tests: each with a port of its own on the loopback interface, a log file, and an end. Only what was started
 * here is ever stopped, by its process id.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Server {
  readonly name: string;
  /** Whether it still runs. */
  alive(): boolean;
  /** The last lines it wrote. */
  tail(): Promise<string>;
  stop(): Promise<void>;
}

const STOP_MS = 15_000;

/** A port that nobody else can take until it is released, for a program that starts later. */
export async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // held until the process ends, but not keeping it alive
  server.unref();
  const { port } = server.address() as AddressInfo;
  const release = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { port, release };
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort();
  await release();
  return port;
}

/** Starts a program; its output goes to a file in `logs`. */
export function startServer(
  name: string,
  program: string,
  words: readonly string[],
  options: { logs: string; env: Readonly<Record<string, string | undefined>>; cwd?: string },
): Server {
  const path = join(options.logs, `${name}.log`);
  const log = openSync(path, 'w');
  const child = spawn(program, words, {
    stdio: ['ignore', log, log],
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  const alive = (): boolean => failure === null && child.exitCode === null && child.signalCode === null;
  return {
    name,
    alive,
    tail: async () => `${failure ?? ''}${(await readFile(path, 'utf8')).split('\n').slice(-15).join('\n')}`,
    stop: async () => stopChild(child, alive),
  };
}

async function stopChild(child: ChildProcess, alive: () => boolean): Promise<void> {
  if (!alive()) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(late);
}

/** Waits until `ready` is true; fails with the server's last words if it died or took too long. */
export async function waitUntil(server: Server, ready: () => Promise<boolean>, limitMs = 180_000): Promise<void> {
  const startMs = Date.now();
  while (!(await ready().catch(() => false))) {
    if (!server.alive()) throw new Error(`${server.name} ended while starting:\n${await server.tail()}`);
    if (Date.now() - startMs > limitMs)
      throw new Error(`${server.name} was not ready after ${limitMs} ms:\n${await server.tail()}`);
    await pause(200);
  }
}

/** Whether an HTTP server answers at all. */
export async function answers(url: string): Promise<boolean> {
  await (await fetch(url, { signal: AbortSignal.timeout(2000) })).arrayBuffer();
  return true;
}
