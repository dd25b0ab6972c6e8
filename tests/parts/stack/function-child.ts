/**
 * The process in which a bundled Lambda function runs in the part tests: `node function-child.ts BUNDLE`. In: messages with an event and the
 * time left. Out: what the handler returned or threw. Like a container of Lambda it keeps the function between two calls.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Invocation {
  readonly event: unknown;
  readonly timeoutMs: number;
}

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

/** A test may let this process live in the future: what must stay for a day is then old enough to go. */
const aheadMs = Number(process.env['CLOCK_AHEAD_MS'] ?? 0);
const { now } = Date;
Date.now = () => now() + aheadMs;

const [bundle = ''] = process.argv.slice(2);
const loaded = import(pathToFileURL(join(bundle, 'index.mjs')).href) as Promise<{ handler: Handler }>;

process.on('message', ({ event, timeoutMs }: Invocation) => {
  const endMs = now() + timeoutMs;
  const context = { getRemainingTimeInMillis: () => Math.max(0, endMs - now()) };
  loaded
    .then(async ({ handler }) => handler(event, context))
    .then(
      (result) => process.send?.({ result }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : 'no error' }),
    );
});
