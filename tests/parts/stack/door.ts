/**
 * One stack for all part tests of a run, started by the first that asks. vitest runs `setup` in its main process, where the stack lives and
 * dies with it; test files run in processes of their own and ask for it over the loopback interface. With LEDGER_PARTS_STACK naming the
 * file that `node tests/parts/keep-stack.ts` wrote, a stack that already runs is used instead.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import { startServers } from './servers.ts';
import type { Endpoints, Running } from './servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** where to ask for the stack */
    stackDoor: string;
  }
}

/** What is asked for at the door: all of it, or what answers long before the S3 server's program is compiled. */
export type Part = 'everything' | 'without-s3';

/** vitest's global setup: opens the door, and at the end stops what was started behind it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let running: Running | null = null;
  const server = createServer((request, response) => {
    running ??= startServers();
    const { endpoints, s3Ready } = running;
    const ready = request.url === pathOf('everything') ? s3Ready.then(async () => endpoints) : endpoints;
    ready.then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  project.provide('stackDoor', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await running?.stop();
  };
}

const pathOf = (part: Part): string => `/${part}`;

/**
 * The running stack; starts it if it does not run yet. `door` is what `inject('stackDoor')` gives. Waits as long as it takes: what
 * `fetch` gives up after five minutes, a first start on a busy machine may need.
 */
export async function openStack(door: string, part: Part): Promise<Endpoints> {
  const kept = process.env['LEDGER_PARTS_STACK'];
  if (kept !== undefined) return JSON.parse(await readFile(kept, 'utf8')) as Endpoints;
  const [response] = (await once(get(door + pathOf(part)), 'response')) as [IncomingMessage];
  const told = await text(response);
  if (response.statusCode !== 200) throw new Error(`the stack of the part tests did not start:\n${told}`);
  return JSON.parse(told) as Endpoints;
}
