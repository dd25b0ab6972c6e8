/**
 * The whole product on one page:
 *
 *   inbox/… ─ ingest ─▶ lines ─ normalize ─▶ records ─ count ─ price ─ attribute ─▶ landing + commit      (object-pass.ts)
 *   landing ─ restamp ─▶ landing + commit: today's prices and rules for open months, without the logs   (restamp.ts)
 *   landing ─ seal (SQL) ─▶ usage, usage_excluded ─▶ spend_daily, showback_monthly, …                     (lake-seal.ts)
 *   usage   ─ simulate ─▶ savings                                                                        (simulation.ts, savings.ts)
 *   spend   ─ watch ─▶ budgets, forecasts, anomalies, change_drivers; alerts                             (watching.ts, checking.ts)
 *   all     ─ report ─▶ a document of the week ─▶ page, text, mail, chat ─▶ delivered at most once       (reporting.ts, delivery.ts)
 *   corpora/… ─▶ documents, corpus_costs: a way of its own                                              (corpora.ts)
 *
 * The same functions run on a folder and in AWS; only the ports differ. Nothing here reads a clock, chance or the environment.
 */
import type { CarryWorld } from './carry-over.ts';
import {
  batchIdOf,
  commitIdOf,
  headsOf,
  liveObjects,
  noCounts,
  readCommits,
  READER_VERSION,
  readsByObject,
  succession,
  writeCommit,
} from './commit.ts';
import type { BatchCommit, LiveObject, ObjectCommit } from './commit.ts';
import { CORPORA_PREFIX } from './document-commits.ts';
import { LedgerError, Transient, UnreadableObject } from './errors.ts';
import { openFirstSeen } from './first-seen.ts';
import { skipObject } from './ingest/object-key.ts';
import { sealLake } from './lake-seal.ts';
import type { LakeSealInput, LakeSealResult } from './lake-seal.ts';
import { passObject } from './object-pass.ts';
import type { PassTools } from './object-pass.ts';
import type { ObjectInfo, ObjectStore } from './ports.ts';
import { firstOpenDay, restampStale } from './restamp.ts';
import type { RestampResult } from './restamp.ts';
import { dayOf } from './time.ts';
import { createLandingWriter } from './write/landing.ts';
import type { LandingWriter } from './write/landing.ts';

export interface IngestWorld extends CarryWorld {
  readonly inbox: ObjectStore;
  readonly tools: PassTools;
  readonly maxObjectBytes: number;
  /** a month stays open until this day of the next one (config `close_after_days`) */
  readonly closeAfterDays?: number;
  /** version of the reader, `READER_VERSION` unless a test pretends to be an older program */
  readonly reader?: number;
}

export interface IngestResult {
  readonly batches: readonly BatchCommit[];
  readonly unchanged: number;
  readonly skippedObjects: Readonly<Record<string, number>>;
}

export interface RunResult extends LakeSealResult {
  readonly ingest: IngestResult;
  /** what today's prices and rules changed in open months */
  readonly restamp: RestampResult;
}

const CLOSE_AFTER_DAYS = 5;

/**
 * Reads what is new in the inbox, applies today's prices and rules to what is old in open months, seals what both touch, and says what
 * happened.
 */
export async function run(world: IngestWorld, seal: LakeSealInput): Promise<RunResult> {
  const ingest = await ingestInbox(world);
  const from = firstOpenDay(world.clock.nowMs(), world.closeAfterDays ?? CLOSE_AFTER_DAYS);
  const restamp = await restampStale(world, { from, to: null });
  const sealed = await sealLake(seal);
  return { ...sealed, ingest, restamp };
}

function readerOf(world: IngestWorld): number {
  return world.reader ?? READER_VERSION;
}

/** One batch lands together: many small objects share few files, a large one goes alone. */
const BATCH_BYTES = 64 << 20;
const BATCH_OBJECTS = 500;
const ATTEMPTS = 3;

/** Lands every object version that no live commit holds yet. */
export async function ingestInbox(world: IngestWorld): Promise<IngestResult> {
  const { fresh, reads, unchanged, skipped } = await findFresh(world);
  world.progress.start({ objects: fresh.length, bytes: fresh.reduce((sum, info) => sum + info.bytes, 0) });
  const batches: BatchCommit[] = [];
  try {
    for (const batch of intoBatches(fresh)) batches.push(...(await landBatch(world, batch, reads)));
  } finally {
    world.progress.stop();
  }
  return { batches, unchanged, skippedObjects: skipped };
}

/** Reads of each object that were known before it was opened. */
type KnownReads = ReadonlyMap<string, readonly ObjectCommit[]>;

async function findFresh(
  world: IngestWorld,
): Promise<{ fresh: ObjectInfo[]; reads: KnownReads; unchanged: number; skipped: Record<string, number> }> {
  const commits = await readCommits(world.lake);
  const live = liveObjects(commits);
  const reads = readsByObject(commits);
  const fresh: ObjectInfo[] = [];
  const skipped: Record<string, number> = {};
  let unchanged = 0;
  for await (const info of world.inbox.list('')) {
    if (info.key.startsWith(CORPORA_PREFIX)) continue;
    const reason = skipObject(info.key, info.bytes);
    if (reason !== null) {
      skipped[reason] = (skipped[reason] ?? 0) + 1;
      continue;
    }
    const name = world.tools.privacy.objectName(info.key);
    const known = live.get(name);
    const isKnown = known && known.commit.version === info.version && standsFor(known, readerOf(world));
    if (isKnown && !missedEarlier(known.commit, reads.get(name) ?? [])) unchanged++;
    else fresh.push(info);
  }
  return { fresh, reads, unchanged, skipped };
}

/** Whether a read of this version need not be repeated: a newer reader reads again, but not what was retracted. */
function standsFor({ commit, batch }: LiveObject, reader: number): boolean {
  return batch.reader >= reader || commit.outcome === 'retracted';
}

/** Whether an older version was read by someone else meanwhile that knows an earlier time of records without one. */
function missedEarlier(live: ObjectCommit, reads: readonly ObjectCommit[]): boolean {
  if (live.undated === undefined) return false;
  return headsOf(reads).some(
    (read) => read.undated && read.version !== live.version && read.lastModifiedMs < live.lastModifiedMs,
  );
}

/** Small ones first, so that one large object delays nobody. */
function intoBatches(objects: readonly ObjectInfo[]): ObjectInfo[][] {
  const batches: ObjectInfo[][] = [];
  let bytes = 0;
  for (const info of objects.toSorted((a, b) => a.bytes - b.bytes || (a.key < b.key ? -1 : 1))) {
    const current = batches.at(-1);
    if (current === undefined || current.length >= BATCH_OBJECTS || bytes + info.bytes > BATCH_BYTES) {
      batches.push([info]);
      bytes = info.bytes;
    } else {
      current.push(info);
      bytes += info.bytes;
    }
  }
  return batches;
}

/**
 * Lands a batch; objects that moved while being read are looked up again and retried, so that no version is half read. `reads` are those
 * known before, if the caller has them: they tell a version with an old time that came later from an old one.
 */
export async function landBatch(
  world: IngestWorld,
  batch: readonly ObjectInfo[],
  reads: KnownReads = new Map(),
): Promise<BatchCommit[]> {
  let objects = batch;
  for (let attempt = 1; objects.length > 0; attempt++) {
    try {
      return [await landOnce(world, objects, reads)];
    } catch (error) {
      if (!(error instanceof Transient) || attempt >= ATTEMPTS) throw error;
      world.log.warn(`${error.message}; reading the batch again`);
      objects = await refreshed(world.inbox, objects);
    }
  }
  return [];
}

async function landOnce(world: IngestWorld, objects: readonly ObjectInfo[], known: KnownReads): Promise<BatchCommit> {
  const { tools } = world;
  const knownOf = (info: ObjectInfo): readonly ObjectCommit[] => known.get(tools.privacy.objectName(info.key)) ?? [];
  const named = objects.map((info) => ({
    key: info.key,
    version: info.version,
    ...succession(knownOf(info), info.version, info.lastModifiedMs),
  }));
  const batchId = batchIdOf(named, readerOf(world), tools.stamp);
  const ingestedAtMs = world.clock.nowMs();
  const writer = createLandingWriter(world.lake, batchId, dayOf(ingestedAtMs));
  const commits: ObjectCommit[] = [];
  for (const info of objects) {
    commits.push(await landObject(world, info, commitIdOf(batchId, info.key), writer, knownOf(info)));
    world.progress.advance({ objects: 1 });
  }
  const files = await writer.finish();
  const batch: BatchCommit = {
    batchId,
    reader: readerOf(world),
    stamp: tools.stamp,
    ingestedAtMs,
    objects: commits,
    files,
  };
  await writeCommit(world.lake, batch);
  return batch;
}

async function landObject(
  world: IngestWorld,
  info: ObjectInfo,
  commitId: string,
  writer: LandingWriter,
  known: readonly ObjectCommit[],
): Promise<ObjectCommit> {
  const place = succession(known, info.version, info.lastModifiedMs);
  if (info.bytes > world.maxObjectBytes) {
    const detail = `${info.bytes} bytes, the limit is ${world.maxObjectBytes} (limits.max_object_bytes)`;
    world.log.warn(`${info.key} was not read: ${detail}`);
    return { ...notLanded(world, info, commitId, 'too_large', detail), ...place };
  }
  const opened = await world.inbox.open(info.key);
  if (opened.info.version !== info.version) throw new Transient(`${info.key} changed since it was listed`);
  try {
    const seen = await openFirstSeen(world.lake, info.key, info.lastModifiedMs);
    const commit = await passObject(world.tools, opened, commitId, { landing: writer, firstSeen: seen }, (done) =>
      world.progress.advance(done),
    );
    const undated = await seen.write(commitId);
    return { ...commit, ...place, ...(undated === null ? {} : { undated }) };
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error;
    world.log.warn(`${info.key} was not read: ${error.message}`);
    const outcome = error.reason === 'too_large' ? 'too_large' : 'failed';
    return { ...notLanded(world, info, commitId, outcome, error.message), ...place };
  }
}

/** The commit of an object that could not be read: it is remembered, so that it is reported once and not lost. */
function notLanded(
  world: IngestWorld,
  info: ObjectInfo,
  commitId: string,
  outcome: ObjectCommit['outcome'],
  detail: string,
): ObjectCommit {
  return {
    commitId,
    object: world.tools.privacy.objectName(info.key),
    version: info.version,
    sequencer: info.sequencer,
    lastModifiedMs: info.lastModifiedMs,
    etag: '',
    bytes: info.bytes,
    outcome,
    detail,
    ...noCounts(),
    costPico: '0',
  };
}

async function refreshed(inbox: ObjectStore, objects: readonly ObjectInfo[]): Promise<ObjectInfo[]> {
  const wanted = new Set(objects.map((info) => info.key));
  const found: ObjectInfo[] = [];
  for await (const info of inbox.list('')) if (wanted.has(info.key)) found.push(info);
  return found;
}

/**
 * Lines of what was read: usage + skips + rejects must give them all (DESIGN §3.3); throws where they do not. Batches that carry an earlier
 * read on are no reading.
 */
export function checkLineSums(batches: readonly BatchCommit[]): {
  lines: number;
  usageLines: number;
  skipped: number;
  rejected: number;
} {
  const sums = { lines: 0, usageLines: 0, skipped: 0, rejected: 0 };
  for (const object of batches.filter((batch) => batch.decidedAtMs === undefined).flatMap((batch) => batch.objects)) {
    const skipped = Object.values(object.skips).reduce((sum, n) => sum + n, 0);
    if (object.lines !== object.usageLines + skipped + object.rejects) {
      throw new LedgerError(
        `${object.object}: ${object.lines} lines, but ${object.usageLines} with usage + ${skipped} skipped + ${object.rejects} rejected`,
        {
          hint: 'this is a defect of the reader; please report it with the format of the file',
        },
      );
    }
    sums.lines += object.lines;
    sums.usageLines += object.usageLines;
    sums.skipped += skipped;
    sums.rejected += object.rejects;
  }
  return sums;
}
