/**
 * Commit records: what one batch of objects brought into landing. The commit is the last write of a batch; rows without one do not
 * exist. They are also the memory of which object versions were read, so they are never edited and never depend on each other.
 */
import { createHash } from 'node:crypto';
import type { ObjectStore } from './ports.ts';

/** Raised whenever reading a log gives other rows than before: objects still at hand are read again, and replace their old rows. */
export const READER_VERSION = 1;

export type ObjectOutcome = 'landed' | 'duplicate_object' | 'too_large' | 'failed' | 'retracted';

/** One object version as read. lines = usageLines + sum of skips + rejects. */
export interface ObjectCommit {
  readonly commitId: string;
  readonly object: string;
  readonly version: string;
  readonly sequencer: string | null;
  readonly lastModifiedMs: number;
  /** sha256 of the bytes read */
  readonly etag: string;
  readonly bytes: number;
  readonly outcome: ObjectOutcome;
  readonly detail: string | null;
  readonly lines: number;
  readonly usageLines: number;
  readonly records: number;
  readonly rejects: number;
  readonly skips: Readonly<Record<string, number>>;
  readonly formats: Readonly<Record<string, number>>;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** picodollars as text */
  readonly costPico: string;
  /** rows without any identity or time: equal objects would count them twice */
  readonly positionRows: number;
  /** day → rows landed */
  readonly days: Readonly<Record<string, number>>;
  /** decisions taken on this read since (prices and rules applied again, a retraction): each commit counts one more than the one it follows; absent = the read itself */
  readonly decision?: number;
  /** reads of the same object that were known, and not followed by another, when this one was made */
  readonly follows?: readonly string[];
  /** place among the versions of the object where no sequencer tells: lastModifiedMs, or later than what it follows; absent = lastModifiedMs */
  readonly orderMs?: number;
  /** where the records without a time are noted with the time they were first seen */
  readonly undated?: { readonly key: string; readonly rows: number };
  /** day → stamp of its rows where it is not the batch's: days of closed months keep the prices and rules they had */
  readonly keptStamps?: Readonly<Record<string, string>>;
}

/** What an object's lines came to, while they are counted. */
export type ObjectCounts = {
  -readonly [
    K in
      | 'lines'
      | 'usageLines'
      | 'records'
      | 'rejects'
      | 'firstMs'
      | 'lastMs'
      | 'inputTokens'
      | 'outputTokens'
      | 'positionRows'
  ]: ObjectCommit[K];
} & {
  readonly [K in 'skips' | 'formats' | 'days']: Record<string, number>;
};

/** The counts of an object of which nothing was read yet. */
export function noCounts(): ObjectCounts {
  return {
    lines: 0,
    usageLines: 0,
    records: 0,
    rejects: 0,
    skips: {},
    formats: {},
    firstMs: null,
    lastMs: null,
    inputTokens: 0,
    outputTokens: 0,
    positionRows: 0,
    days: {},
  };
}

export interface LandingFile {
  readonly key: string;
  readonly kind: LandingKind;
  /** day of the rows, or the day of ingest for rejects */
  readonly day: string;
  readonly rows: number;
  /** no row here looks for twins farther away than a day; absent = one may (an agent session, an inferred time), or nobody looked */
  readonly isNarrow?: true;
}

export type LandingKind = 'calls' | 'sessions' | 'buckets' | 'prompts' | 'rejects';

export interface BatchCommit {
  readonly batchId: string;
  readonly reader: number;
  readonly stamp: string;
  /** when the objects were read; a later decision on the same read keeps it */
  readonly ingestedAtMs: number;
  /** when prices and rules were applied again to rows of an earlier batch, or an object retracted; absent = read and decided at once */
  readonly decidedAtMs?: number;
  readonly objects: readonly ObjectCommit[];
  readonly files: readonly LandingFile[];
}

export const COMMIT_PREFIX = 'commits/v1/';

/**
 * Name of a batch: the same objects in the same versions, after the same reads, under the same reader and stamp give the same name, so a
 * retry overwrites nothing; and coming back to an old version is a new batch, whose files no cleanup of the old one can take away.
 */
export function batchIdOf(
  objects: readonly { key: string; version: string; follows?: readonly string[] }[],
  reader: number,
  stamp: string,
): string {
  const lines = objects.map((o) => [o.key, o.version, ...(o.follows ?? []).toSorted()].join('\n')).toSorted();
  return createHash('sha256')
    .update(`${reader}\n${stamp}\n${lines.join('\n')}`)
    .digest('hex')
    .slice(0, 24);
}

/** Name of a batch that carries rows of an earlier one on: it hangs on that batch, so coming back to an old config is a new batch. */
export function decisionIdOf(earlier: BatchCommit, commits: readonly ObjectCommit[], decision: string): string {
  const lines = commits.map((commit) => commit.commitId).toSorted();
  return createHash('sha256')
    .update(`decision\n${earlier.batchId}\n${decision}\n${lines.join('\n')}`)
    .digest('hex')
    .slice(0, 24);
}

/** Identity of one object inside one batch; landing rows carry it. */
export function commitIdOf(batchId: string, object: string): string {
  return createHash('sha256').update(`${batchId}\n${object}`).digest('hex').slice(0, 16);
}

export function commitKey(commit: BatchCommit): string {
  return `${COMMIT_PREFIX}${new Date(recordedAtMs(commit)).toISOString().slice(0, 10)}/${commit.batchId}.json`;
}

const READS_AT_ONCE = 32;

/**
 * All commit records of a lake, in key order. A batch that two workers landed on two days has two records of one name and the same
 * commits: the earlier one stands.
 */
export async function readCommits(store: ObjectStore): Promise<BatchCommit[]> {
  const keys: string[] = [];
  for await (const info of store.list(COMMIT_PREFIX)) if (info.key.endsWith('.json')) keys.push(info.key);
  const batches = new Map<string, BatchCommit>();
  for (let i = 0; i < keys.length; i += READS_AT_ONCE) {
    const contents = await Promise.all(keys.slice(i, i + READS_AT_ONCE).map((key) => store.read(key)));
    for (const bytes of contents) {
      if (bytes === null) continue;
      const batch = JSON.parse(new TextDecoder().decode(bytes)) as BatchCommit;
      const same = batches.get(batch.batchId);
      if (same === undefined || recordedAtMs(batch) < recordedAtMs(same)) batches.set(batch.batchId, batch);
    }
  }
  return [...batches.values()];
}

function recordedAtMs(batch: BatchCommit): number {
  return batch.decidedAtMs ?? batch.ingestedAtMs;
}

/** The last write of a batch. Two workers with the same batch write the same record; the first one stands. */
export async function writeCommit(store: ObjectStore, batch: BatchCommit): Promise<'created' | 'exists'> {
  return await store.putIfAbsent(commitKey(batch), new TextEncoder().encode(JSON.stringify(batch)));
}

export interface LiveObject {
  readonly commit: ObjectCommit;
  readonly batch: BatchCommit;
}

/**
 * Which read of each object counts: the newest version (sequencer where both have one, else LastModified), then the newest reader,
 * then the latest stamp. Never the order in which commits happen to be listed.
 */
export function liveObjects(
  batches: readonly BatchCommit[],
  mayStand: (commit: ObjectCommit) => boolean = () => true,
): Map<string, LiveObject> {
  const live = new Map<string, LiveObject>();
  for (const batch of batches) {
    for (const commit of batch.objects) {
      if (!mayStand(commit)) continue;
      const candidate: LiveObject = { commit, batch };
      const current = live.get(commit.object);
      if (current === undefined || compareReads(candidate, current) > 0) live.set(commit.object, candidate);
    }
  }
  return live;
}

/**
 * Positive if `a` is the newer read. A total order. Of one version: a retraction stands until a new version arrives, then the newest
 * reader, then the latest decision (counted, because clocks of two workers may differ).
 */
export function compareReads(a: LiveObject, b: LiveObject): number {
  const x = a.commit;
  const y = b.commit;
  if (x.version !== y.version || orderMsOf(x) !== orderMsOf(y)) {
    if (x.sequencer !== null && y.sequencer !== null) {
      const width = Math.max(x.sequencer.length, y.sequencer.length);
      const bySequencer = compareText(x.sequencer.padEnd(width, '0'), y.sequencer.padEnd(width, '0'));
      if (bySequencer !== 0) return bySequencer;
    }
    const later = orderMsOf(x) - orderMsOf(y);
    if (later !== 0) return later;
    return compareText(x.version, y.version);
  }
  const retracted = Number(x.outcome === 'retracted') - Number(y.outcome === 'retracted');
  if (retracted !== 0) return retracted;
  if (a.batch.reader !== b.batch.reader) return a.batch.reader - b.batch.reader;
  const decisions = (x.decision ?? 0) - (y.decision ?? 0);
  if (decisions !== 0) return decisions;
  const decidedLater = (a.batch.decidedAtMs ?? 0) - (b.batch.decidedAtMs ?? 0);
  if (decidedLater !== 0) return decidedLater;
  if (a.batch.ingestedAtMs !== b.batch.ingestedAtMs) return a.batch.ingestedAtMs - b.batch.ingestedAtMs;
  return compareText(x.commitId, y.commitId);
}

function orderMsOf(commit: ObjectCommit): number {
  return commit.orderMs ?? commit.lastModifiedMs;
}

/** The reads of one object that no other known read follows. */
export function headsOf(reads: readonly ObjectCommit[]): ObjectCommit[] {
  const followed = new Set(reads.flatMap((read) => read.follows ?? []));
  return reads.filter((read) => !followed.has(read.commitId));
}

/**
 * What a commit says of the reads before it: which it follows, and its place among them. An object is opened as it is now, so what is read
 * after another version was known is newer, also where its LastModified is older (a file restored with its old time).
 */
export function succession(
  known: readonly ObjectCommit[],
  version: string,
  lastModifiedMs: number,
): Pick<ObjectCommit, 'follows' | 'orderMs'> {
  const follows = headsOf(known)
    .filter((read) => read.version !== version)
    .map((read) => read.commitId);
  const newestOf = (reads: readonly ObjectCommit[]): number =>
    reads.reduce((ms, read) => Math.max(ms, orderMsOf(read)), 0);
  const same = newestOf(known.filter((read) => read.version === version));
  const others = newestOf(known.filter((read) => read.version !== version));
  // the version that stands, read again, keeps its place
  const orderMs = same > 0 && same >= others ? same : Math.max(lastModifiedMs, others + 1);
  return { ...(follows.length === 0 ? {} : { follows }), ...(orderMs === lastModifiedMs ? {} : { orderMs }) };
}

/** All reads of each object. */
export function readsByObject(batches: readonly BatchCommit[]): Map<string, ObjectCommit[]> {
  return Map.groupBy(
    batches.flatMap((batch) => batch.objects),
    (commit) => commit.object,
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
