/**
 * One batch of messages about documents to its end, and one look at what no message led to. In: messages and ports. Out: the ids of messages to try
 * again. Invariant: a message leaves the queue only after the commit of its object, or when there is nothing to read; what came often is read
 * alone, so that a document that ends the whole function takes no other along.
 */
import type { SQSRecord } from 'aws-lambda';
import type { HeadStore } from '../lib/batch-inbox.ts';
import { OutOfTime } from '../lib/batch-inbox.ts';
import { readCorpora } from '../lib/corpora.ts';
import { isDocument } from '../lib/document-commits.ts';
import { landDocuments } from '../lib/land-documents.ts';
import type { BatchSize, DocumentOutcome, DocumentWorld, LandedDocuments } from '../lib/land-documents.ts';
import type { ObjectInfo } from '../lib/ports.ts';
import { receivesOf, sortOut } from './ingest-batch.ts';
import type { IngestQueue } from './ingest-queue.ts';
import type { Telemetry } from './telemetry.ts';

export interface DocumentsPorts {
  readonly world: DocumentWorld;
  readonly inbox: Pick<HeadStore, 'head'>;
  readonly place: { readonly bucket: string; readonly prefix: string };
  readonly queue: Pick<IngestQueue, 'done' | 'again'>;
  readonly telemetry: Telemetry;
}

/** How many documents are committed together, by how often they were tried. */
const TOGETHER: readonly BatchSize[] = [
  { objects: 200, bytes: 32 << 20 },
  { objects: 20, bytes: 8 << 20 },
  { objects: 1, bytes: 0 },
];
/** What was not begun comes back at once; what failed waits a little longer each time. */
const NOT_BEGUN_SECONDS = 5;
const FAILED_SECONDS = 60;
const LOOKS_AT_ONCE = 32;
/** The schedule leaves to the queue what came so lately. */
const QUEUE_FIRST_MS = 3_600_000;

/** Lands what the messages tell of; returns the ids of those that must be told again. */
export async function documentsBatch(ports: DocumentsPorts, records: readonly SQSRecord[]): Promise<string[]> {
  const { queue, telemetry, world } = ports;
  const { byKey, others, unreadable } = sortOut(ports, records);
  if (unreadable.length > 0)
    telemetry.warn(`${unreadable.length} messages tell of no object; they end in the dead letters`);
  const receiptsOf = (keys: readonly string[]): string[] =>
    keys.flatMap((key) => (byKey.get(key) ?? []).map(({ receiptHandle }) => receiptHandle));
  const done = async (keys: readonly string[]): Promise<void> => await queue.done(receiptsOf(keys));
  await queue.done(others.map(({ receiptHandle }) => receiptHandle));

  const outcomes = new Map<string, DocumentOutcome>();
  const found = await lookAtAll(ports, [...byKey.keys()], outcomes);
  await done(keysOf(outcomes, 'done'));
  const triesOf = ({ key }: ObjectInfo): number => Math.max(...(byKey.get(key) ?? []).map(receivesOf)) - 1;
  const groups = Map.groupBy(found, (info) => Math.min(triesOf(info), TOGETHER.length - 1));
  const all: LandedDocuments[] = [];
  for (const [tries, infos] of [...groups].toSorted(([a], [b]) => a - b)) {
    const landed = await landDocuments(world, infos, { size: TOGETHER[tries] as BatchSize, done });
    all.push(landed);
    // what belongs to no corpus has no outcome: the seal names it
    const settled = infos.filter(({ key }) => !landed.outcomes.has(key)).map(({ key }) => key);
    for (const key of settled) outcomes.set(key, 'done');
    for (const [key, outcome] of landed.outcomes) outcomes.set(key, outcome);
    await done(settled);
  }
  const failed = keysOf(outcomes, 'failed');
  const later = keysOf(outcomes, 'later');
  report(telemetry, all, failed.length + later.length + unreadable.length);
  await queue.again(receiptsOf(later), NOT_BEGUN_SECONDS);
  for (const key of failed) {
    const tries = Math.max(...(byKey.get(key) ?? []).map(receivesOf));
    await queue.again(receiptsOf([key]), FAILED_SECONDS * tries);
  }
  return [...unreadable, ...[...failed, ...later].flatMap((key) => byKey.get(key) ?? [])].map(
    ({ messageId }) => messageId,
  );
}

/** Lands what lies there and was not read, except what came so lately that its message is still on its way. */
export async function documentsLeft({ world, telemetry }: DocumentsPorts): Promise<void> {
  const before = world.clock.nowMs() - QUEUE_FIRST_MS;
  const landed = await readCorpora(world, ({ lastModifiedMs }) => lastModifiedMs < before);
  const left = keysOf(landed.outcomes, 'failed').length + keysOf(landed.outcomes, 'later').length;
  report(telemetry, [landed], left);
}

/** Looks at the objects as they are now; what is gone or no document is done with. */
async function lookAtAll(
  { inbox, world }: DocumentsPorts,
  keys: readonly string[],
  outcomes: Map<string, DocumentOutcome>,
): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  const look = async (key: string): Promise<void> => {
    try {
      const looking = inbox.head(key);
      const info = await (world.time === undefined ? looking : world.time.within(looking));
      if (info !== null && isDocument(info)) found.push(info);
      else outcomes.set(key, 'done');
    } catch (error) {
      world.log.warn(`${key} was not looked at: ${error instanceof Error ? error.message : 'unknown error'}`);
      outcomes.set(key, error instanceof OutOfTime ? 'later' : 'failed');
    }
  };
  for (let i = 0; i < keys.length; i += LOOKS_AT_ONCE) await Promise.all(keys.slice(i, i + LOOKS_AT_ONCE).map(look));
  return found;
}

function keysOf(outcomes: ReadonlyMap<string, DocumentOutcome>, wanted: DocumentOutcome): string[] {
  return [...outcomes].filter(([, outcome]) => outcome === wanted).map(([key]) => key);
}

/** Counts what landed; one line of log for a batch, without a name. */
function report(telemetry: Telemetry, landed: readonly LandedDocuments[], returned: number): void {
  const objects = landed.flatMap(({ batches }) => batches).flatMap((batch) => batch.objects);
  const sum = (of: (object: (typeof objects)[number]) => number): number =>
    objects.reduce((total, object) => total + of(object), 0);
  const rejected = sum((object) => object.rejected);
  const documents = sum(({ counted, empty }) => counted + empty) + rejected;
  const unchanged = landed.reduce((total, one) => total + one.unchanged, 0);
  telemetry.count('documentsRead', documents);
  telemetry.info(
    [
      `${objects.length} objects of corpora, ${documents} documents`,
      ...(rejected > 0 ? [`${rejected} rejected`] : []),
      ...(unchanged > 0 ? [`${unchanged} read before`] : []),
      ...(returned > 0 ? [`${returned} given back`] : []),
    ].join(', '),
  );
}
