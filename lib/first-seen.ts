/**
 * When a record without a time was first seen. Such a record takes the earliest LastModified among all versions of its object that hold it,
 * so that a file that grows, is uploaded again or reverted does not move its old lines to another day. In: the notes that earlier reads of
 * the object left. Out: a time for each record, and a note for the reads to come. Only objects with such records have notes.
 */
import { createHash } from 'node:crypto';
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
  /** Writes the note of this read; null if there is nothing to note. To be called before the commit is written. */
  write(commitId: string): Promise<UndatedNote | null>;
}

const PREFIX = 'first-seen/v1/';
/** A record that a version lacks keeps its time for a return within this many days. */
const ABSENT_DAYS = 40;
/** record, first time, since when it is absent (0 = present) */
const FIELDS = 3;

/** Opens the notes of earlier reads of one object. */
export async function openFirstSeen(store: ObjectStore, object: string, lastModifiedMs: number): Promise<FirstSeen> {
  const folder = `${PREFIX}${createHash('sha256').update(object).digest('hex').slice(0, 24)}/`;
  const earlier = await readNotes(store, folder);
  const known = merged(earlier.map(({ rows }) => rows));
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
      const kept = marked(known, isPresent, lastModifiedMs);
      const rows = merged([kept, fresh.subarray(0, freshRows * FIELDS)]);
      if (rows.length === 0) return null;
      const name = `${commitId}.bin`;
      await store.putIfAbsent(folder + name, encodeNote({ includes: earlier.flatMap((note) => note.includes), rows }));
      return { key: folder + name, rows: rows.length / FIELDS };
    },
  };
}

/** A note as stored: which others it takes the place of, and its rows. */
interface Note {
  readonly includes: readonly string[];
  readonly rows: Float64Array;
}

/** Reads the notes that no other one includes, newest first; `includes` then names the note itself and all below it. */
async function readNotes(store: ObjectStore, folder: string): Promise<Note[]> {
  const listed: { name: string; ms: number }[] = [];
  for await (const { key, lastModifiedMs } of store.list(folder))
    listed.push({ name: key.slice(folder.length), ms: lastModifiedMs });
  listed.sort((a, b) => b.ms - a.ms || (a.name < b.name ? -1 : 1));
  const present = new Set(listed.map(({ name }) => name));
  const included = new Set<string>();
  const notes: Note[] = [];
  for (const { name } of listed) {
    if (included.has(name)) continue;
    const bytes = await store.read(folder + name);
    if (bytes === null) continue;
    const { includes, rows } = decodeNote(bytes);
    // names of notes that are gone would only make the list grow
    const below = [name, ...includes].filter((other) => present.has(other) && !included.has(other));
    for (const other of below) included.add(other);
    notes.push({ includes: below, rows });
  }
  return notes;
}

/** A line of JSON, filled up so that the numbers after it lie on their bounds. */
function encodeNote({ includes, rows }: Note): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify({ includes }));
  const bytes = new Uint8Array(Math.ceil((head.length + 1) / 8) * 8 + rows.byteLength).fill(0x20, 0, head.length + 8);
  bytes.set(head);
  const start = bytes.length - rows.byteLength;
  bytes[start - 1] = 0x0a;
  bytes.set(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), start);
  return bytes;
}

function decodeNote(bytes: Uint8Array): Note {
  const start = bytes.indexOf(0x0a) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, start))) as { includes: string[] };
  return { includes: head.includes, rows: new Float64Array(Uint8Array.from(bytes.subarray(start)).buffer) };
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

/** Notes as one, in the order of the records, each record once with its earliest time; present in one of them is present. */
function merged(notes: readonly Float64Array[]): Float64Array {
  const rows = new Float64Array(notes.reduce((sum, note) => sum + note.length, 0));
  let filled = 0;
  for (const note of notes) {
    rows.set(note, filled);
    filled += note.length;
  }
  const field = (at: number, name: 0 | 1 | 2): number => rows[at * FIELDS + name] as number;
  const order = Uint32Array.from({ length: rows.length / FIELDS }, (_, at) => at);
  order.sort((a, b) => field(a, 0) - field(b, 0) || field(a, 1) - field(b, 1));
  const all = new Float64Array(rows.length);
  let length = 0;
  for (const at of order) {
    if (length > 0 && all[length - FIELDS] === field(at, 0)) {
      all[length - 1] = Math.min(all[length - 1] as number, field(at, 2));
      continue;
    }
    all.set(rows.subarray(at * FIELDS, (at + 1) * FIELDS), length);
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
