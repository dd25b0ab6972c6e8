/**
 * When a record without a time was first seen. Such a record takes the earliest LastModified among all versions of its object that hold it,
 * so that a file that grows, is uploaded again or reverted does not move its old lines to another day. In: what earlier reads of the object
 * noted. Out: a time for each record, and a note for the reads to come. Only objects with such records have a note.
 */
import type { ObjectCommit } from './commit.ts';
import type { ObjectStore } from './ports.ts';
import { MS_PER_DAY } from './time.ts';

/** Where a read noted its records without a time. */
export interface UndatedNote {
  readonly key: string;
  readonly rows: number;
}

export interface FirstSeen {
  /** The time of a record that has none of its own. Notes that this version holds it. */
  timeOf(recordId: string): number;
  /** Writes the note of this read; null if no record needed a time. To be called before the commit is written. */
  write(commitId: string): Promise<UndatedNote | null>;
}

const PREFIX = 'first-seen/v1/';
/** A record that a version lacks keeps its time for a return within this many days. */
const ABSENT_DAYS = 40;
/** record, first time, since when it is absent (0 = present) */
const FIELDS = 3;

/**
 * Opens the notes of earlier reads of one object. `earlier` are the reads that no other read follows; what those followed they carry on.
 */
export async function openFirstSeen(
  store: ObjectStore,
  earlier: readonly Pick<ObjectCommit, 'undated'>[],
  lastModifiedMs: number,
): Promise<FirstSeen> {
  const notes: Float64Array[] = [];
  for (const { undated } of earlier) {
    const bytes = undated ? await store.read(undated.key) : null;
    if (bytes !== null) notes.push(new Float64Array(Uint8Array.from(bytes).buffer));
  }
  const known = merged(notes);
  const isPresent = new Uint8Array(known.length / FIELDS);
  let fresh = new Float64Array(64);
  let freshRows = 0;

  return {
    timeOf(recordId) {
      const record = shortOf(recordId);
      const at = find(known, record);
      if (at >= 0) {
        isPresent[at] = 1;
        return Math.min(known[at * FIELDS + 1] as number, lastModifiedMs);
      }
      if ((freshRows + 1) * FIELDS > fresh.length) {
        const larger = new Float64Array(fresh.length * 2);
        larger.set(fresh);
        fresh = larger;
      }
      fresh.set([record, lastModifiedMs, 0], freshRows++ * FIELDS);
      return lastModifiedMs;
    },
    async write(commitId) {
      if (freshRows === 0 && !isPresent.includes(1)) return carried(known, lastModifiedMs) ? await save(commitId) : null;
      return await save(commitId);
    },
  };

  async function save(commitId: string): Promise<UndatedNote> {
    const kept = marked(known, isPresent, lastModifiedMs);
    const all = merged([kept, fresh.subarray(0, freshRows * FIELDS)]);
    const key = `${PREFIX}${commitId}.bin`;
    await store.putIfAbsent(key, new Uint8Array(all.buffer, all.byteOffset, all.byteLength));
    return { key, rows: all.length / FIELDS };
  }
}

/** Whether a version without any such record still has some to remember. */
function carried(known: Float64Array, nowMs: number): boolean {
  return marked(known, new Uint8Array(known.length / FIELDS), nowMs).length > 0;
}

/** The records of earlier reads with their presence in this one; those absent for too long are forgotten. */
function marked(known: Float64Array, isPresent: Uint8Array, nowMs: number): Float64Array {
  const kept = new Float64Array(known.length);
  let length = 0;
  for (let at = 0; at < isPresent.length; at++) {
    const row = known.subarray(at * FIELDS, (at + 1) * FIELDS);
    const absentSinceMs = isPresent[at] === 1 ? 0 : (row[2] as number) || nowMs;
    if (absentSinceMs !== 0 && nowMs - absentSinceMs > ABSENT_DAYS * MS_PER_DAY) continue;
    kept.set([row[0] as number, Math.min(row[1] as number, nowMs), absentSinceMs], length);
    length += FIELDS;
  }
  return kept.subarray(0, length);
}

/** 48 bits of a record id: two of a million records share them once in five hundred objects, and then a line is some days early. */
function shortOf(recordId: string): number {
  return Number.parseInt(recordId.slice(0, 12), 16);
}

/** Notes as one, in the order of the records, each record once with its earliest time. */
function merged(notes: readonly Float64Array[]): Float64Array {
  const rows = notes.flatMap((note) => Array.from({ length: note.length / FIELDS }, (_, at) => note.subarray(at * FIELDS, (at + 1) * FIELDS)));
  rows.sort((a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number));
  const all = new Float64Array(rows.length * FIELDS);
  let length = 0;
  for (const row of rows) {
    if (length > 0 && all[length - FIELDS] === row[0]) {
      // present in either read is present
      all[length - 1] = Math.min(all[length - 1] as number, row[2] as number);
      continue;
    }
    all.set(row, length);
    length += FIELDS;
  }
  return all.slice(0, length);
}

function find(rows: Float64Array, record: number): number {
  let low = 0;
  let high = rows.length / FIELDS - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = rows[middle * FIELDS] as number;
    if (at === record) return middle;
    if (at < record) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The reads of one object that no other known read follows. */
export function heads(reads: readonly ObjectCommit[]): ObjectCommit[] {
  const followed = new Set(reads.flatMap((read) => read.follows ?? []));
  return reads.filter((read) => !followed.has(read.commitId));
}
