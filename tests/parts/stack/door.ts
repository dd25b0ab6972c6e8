/**
 * One stack for all part tests of a run, started by the first that asks. vitest runs `setup` in its main process, where the stack lives and
 * dies with it; test files run in processes of their own and ask for it over the loopback interface. With LEDGER_PARTS_STACK naming the
 * file that `node tests/parts/keep-stack.ts` wrote, a stack that already runs is used instead.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startServers } from './servers.ts';
import type { Endpoints } from './servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** where to ask for the stack */
    stackDoor: string;
  }
}

type Started = Awaited<ReturnType<typeof startServers>>;

/** vitest's global setup: opens the door, and at the end stops what was started behind it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Started> | null = null;
  const server = createServer((_request, response) => {
    started ??= startServers();
    started.then(
      ({ endpoints }) => response.end(JSON.stringify(endpoints)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  project.provide('stackDoor', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    const running = started === null ? null : await started.catch(() => null);
    await running?.stop();
  };
}

/** The running stack; starts it if it does not run yet. `door` is what `inject('stackDoor')` gives. */
export async function openStack(door: string): Promise<Endpoints> {
  const kept = process.env['LEDGER_PARTS_STACK'];
  if (kept !== undefined) return JSON.parse(await readFile(kept, 'utf8')) as Endpoints;
  const response = await fetch(door);
  const text = await response.text();
  if (!response.ok) throw new Error(`the stack of the part tests did not start:\n${text}`);
  return JSON.parse(text) as Endpoints;
}
