/**
 * Lands arrivals as far as time allows: small objects first and together, large ones and those that failed before alone. In: the world of the
 * journey, arrivals, the time left. Out: the outcome of every arrival. Invariant: one object that cannot be read, or not in time, keeps no
 * other from landing, and an arrival is called done only after its commit was written.
 */
import { createBatchInbox, newestArrivals, OutOfTime, SHARE_OF_TIME, STOP_MS } from './batch-inbox.ts';
import type { Arrival, HeadStore, TimeLeft } from './batch-inbox.ts';
import type { BatchCommit } from './commit.ts';
import { CORPORA_PREFIX } from './document-commits.ts';
import { LedgerError } from './errors.ts';
import { skipObject } from './ingest/object-key.ts';
import { landBatch } from './journey.ts';
import type { IngestWorld } from './journey.ts';
import type { ObjectInfo } from './ports.ts';

/** done: landed, or nothing to land · failed: an error of its own · later: no time was left, or another object stood in the way */
export type ArrivalOutcome = 'done' | 'failed' | 'later';

export interface LandedArrivals {
  /** by key */
  readonly outcomes: ReadonlyMap<string, ArrivalOutcome>;
  readonly batches: readonly BatchCommit[];
  readonly skipped: Readonly<Record<string, number>>;
}

export interface LandPorts {
  readonly world: Omit<IngestWorld, 'inbox'>;
  readonly inbox: HeadStore;
  readonly time: TimeLeft;
  /** Remembers versions that landed, so that an event told twice costs one look. */
  readonly recent: RecentlyLanded;
  /** Called after each commit: from now on these need not be told again. */
  readonly done: (keys: readonly string[]) => Promise<void>;
}

/** Object versions that this process landed lately. */
export interface RecentlyLanded {
  has(info: ObjectInfo): boolean;
  add(info: ObjectInfo): void;
}

/** A group is not begun with less time than this. */
const START_MS = 2 * STOP_MS;
const LARGE_BYTES = 64 << 20;
/** How many objects go together, by how often they were tried: what failed with a thousand is tried with fewer, then alone. */
const TOGETHER = [
  { objects: 1000, bytes: LARGE_BYTES },
  { objects: 100, bytes: LARGE_BYTES / 4 },
] as const;
/** Groups that fail lose the culprit, or are halved until it is alone; more failures than this in one call are no matter of single objects. */
const MAX_ATTEMPTS = 100;
const LOOKS_AT_ONCE = 32;
const MAX_REMEMBERED = 50_000;

/** Lands what it can. Never throws for an object: also a missing permission may be one object's own (a foreign key). */
export async function landObjects(ports: LandPorts, arrivals: readonly Arrival[]): Promise<LandedArrivals> {
  const newest = newestArrivals(arrivals);
  const landing: Landing = {
    ports,
    together: createBatchInbox(ports.inbox, newest, ports.time, SHARE_OF_TIME),
    alone: createBatchInbox(ports.inbox, newest, ports.time, 1),
    outcomes: new Map([...newest.keys()].map((key) => [key, 'later'])),
    batches: [],
    skipped: {},
    aside: [],
    attempts: 0,
  };
  const infos = await lookAtAll(landing, [...newest.keys()]);
  for (const group of intoGroups(infos, newest)) {
    if (ports.time.leftMs() < START_MS) break;
    if (!(await landGroup(landing, group))) break;
  }
  for (const info of landing.aside) {
    if (ports.time.leftMs() < START_MS) break;
    await landGroup(landing, [info]);
  }
  return landing;
}

interface Landing {
  readonly ports: LandPorts;
  /** the inbox for objects that others wait for, and for one that goes alone */
  readonly together: HeadStore;
  readonly alone: HeadStore;
  readonly outcomes: Map<string, ArrivalOutcome>;
  readonly batches: BatchCommit[];
  readonly skipped: Record<string, number>;
  /** could not be read beside others, or not in time: tried alone when these have landed */
  readonly aside: ObjectInfo[];
  attempts: number;
}

/** Looks at the objects as they are now. What is gone, is no log or has landed is done with. */
async function lookAtAll(landing: Landing, keys: readonly string[]): Promise<ObjectInfo[]> {
  const { outcomes, ports, skipped } = landing;
  const found: ObjectInfo[] = [];
  const settled: string[] = [];
  const look = async (key: string): Promise<void> => {
    // documents have a queue of their own; their events come here, too
    const isOther = key.startsWith(CORPORA_PREFIX);
    const info = isOther ? null : await ports.time.within(landing.alone.head(key));
    const reason = isOther ? 'documents' : info === null ? 'gone' : skipObject(key, info.bytes);
    if (reason !== null) skipped[reason] = (skipped[reason] ?? 0) + 1;
    if (info !== null && reason === null && !ports.recent.has(info)) found.push(info);
    else settled.push(key);
  };
  for (let i = 0; i < keys.length && ports.time.leftMs() >= START_MS; i += LOOKS_AT_ONCE) {
    const chunk = keys.slice(i, i + LOOKS_AT_ONCE);
    const results = await Promise.allSettled(chunk.map(look));
    for (const [at, result] of results.entries()) {
      if (result.status === 'rejected') noteError(landing, chunk[at] as string, result.reason);
    }
  }
  for (const key of settled) outcomes.set(key, 'done');
  await ports.done(settled);
  return found;
}

/** Small objects first; what was tried twice, and what is large, alone at the end. */
function intoGroups(infos: readonly ObjectInfo[], arrivals: ReadonlyMap<string, Arrival>): ObjectInfo[][] {
  const triesOf = (info: ObjectInfo): number => (arrivals.get(info.key)?.receives ?? 1) - 1;
  const bySize = infos.toSorted((a, b) => a.bytes - b.bytes || (a.key < b.key ? -1 : 1));
  const isAlone = (info: ObjectInfo): boolean => triesOf(info) >= TOGETHER.length || info.bytes > LARGE_BYTES;
  const groups: ObjectInfo[][] = [];
  for (const [tries, limit] of TOGETHER.entries()) {
    let group: ObjectInfo[] = [];
    let bytes = 0;
    for (const info of bySize) {
      if (isAlone(info) || triesOf(info) !== tries) continue;
      if (group.length === 0 || group.length >= limit.objects || bytes + info.bytes > limit.bytes) {
        group = [];
        bytes = 0;
        groups.push(group);
      }
      group.push(info);
      bytes += info.bytes;
    }
  }
  return [...groups, ...bySize.filter(isAlone).map((info) => [info])];
}

/** Lands a group, in parts where an object fails. False: no time or no use to go on. */
async function landGroup(landing: Landing, group: readonly ObjectInfo[]): Promise<boolean> {
  const { ports, outcomes } = landing;
  if (landing.attempts++ >= MAX_ATTEMPTS) return false;
  try {
    const world: IngestWorld = { ...ports.world, inbox: group.length > 1 ? landing.together : landing.alone };
    landing.batches.push(...(await ports.time.within(landBatch(world, group))));
  } catch (error) {
    return await afterError(landing, group, error);
  }
  for (const info of group) {
    ports.recent.add(info);
    outcomes.set(info.key, 'done');
  }
  await ports.done(group.map((info) => info.key));
  return true;
}

async function afterError(landing: Landing, group: readonly ObjectInfo[], error: unknown): Promise<boolean> {
  const [first] = group;
  if (first === undefined) return true;
  if (error instanceof OutOfTime) {
    landing.ports.world.log.warn(error.message);
    // alone, it is this object that takes too long
    if (group.length === 1) landing.outcomes.set(first.key, 'failed');
    return false;
  }
  if (group.length === 1) {
    noteError(landing, first.key, error);
    return true;
  }
  const culprit = culpritOf(error, group);
  if (culprit !== undefined) return await landWithout(landing, group, culprit, error);
  const middle = group.length >> 1;
  for (const half of [group.slice(0, middle), group.slice(middle)]) {
    if (landing.ports.time.leftMs() < START_MS || !(await landGroup(landing, half))) return false;
  }
  return true;
}

/** The object of a group that an error tells of. One that tells of none, or of something else, is found by halving. */
function culpritOf(error: unknown, group: readonly ObjectInfo[]): ObjectInfo | undefined {
  return error instanceof LedgerError ? group.find(({ key }) => key === error.place?.object) : undefined;
}

/** Lands a group without an object that stood in its way. That one counts as failed unless there is time to read it alone. */
async function landWithout(
  landing: Landing,
  group: readonly ObjectInfo[],
  culprit: ObjectInfo,
  error: unknown,
): Promise<boolean> {
  noteError(landing, culprit.key, error);
  landing.aside.push(culprit);
  const rest = group.filter((info) => info !== culprit);
  return landing.ports.time.leftMs() >= START_MS && (await landGroup(landing, rest));
}

function noteError(landing: Landing, key: string, error: unknown): void {
  landing.outcomes.set(key, error instanceof OutOfTime ? 'later' : 'failed');
  landing.ports.world.log.warn(`${key} was not read: ${error instanceof Error ? error.message : 'unknown error'}`);
}

/** A memory of bounded size; the oldest are forgotten. */
export function createRecentlyLanded(limit = MAX_REMEMBERED): RecentlyLanded {
  const seen = new Set<string>();
  const nameOf = (info: ObjectInfo): string => `${info.version} ${info.key}`;
  return {
    has: (info) => seen.has(nameOf(info)),
    add(info) {
      seen.add(nameOf(info));
      const [oldest] = seen;
      if (seen.size > limit && oldest !== undefined) seen.delete(oldest);
    },
  };
}
