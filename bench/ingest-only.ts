/**
 * The first half of a run, for the benchmark: reads an inbox and lands its rows, without sealing and deriving tables. This is the part that
 * the plain design does too.
 *
 *   node bench/ingest-only.ts INBOX LAKE
 */
import { openLocalWorld } from '../bin/local-world.ts';
import { ingestInbox } from '../lib/journey.ts';

const [inbox, lake] = process.argv.slice(2);
if (inbox === undefined || lake === undefined) throw new Error('usage: ingest-only.ts INBOX LAKE');
const world = await openLocalWorld({ inbox, lake, now: '2026-11-02T06:00:00Z' });
try {
  const { batches } = await ingestInbox(world.ingest);
  const objects = batches.flatMap((batch) => batch.objects);
  const sum = (of: (object: (typeof objects)[number]) => number): number =>
    objects.reduce((n, object) => n + of(object), 0);
  process.stdout.write(`${JSON.stringify({ records: sum((o) => o.records), rejects: sum((o) => o.rejects) })}\n`);
} finally {
  world.close();
}
