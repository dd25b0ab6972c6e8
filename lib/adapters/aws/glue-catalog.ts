/**
 * Table catalog on AWS. The state is one object in S3, replaced only if it is still the one that was read: that is the switch. Glue's
 * partitions, which Athena reads, are then made to follow it. In: the ports' changes. Out: a state, and a Glue that shows it.
 * Invariant: whatever crashes in between, the next reader finds a note of it and makes Glue follow; a day that gains rows follows before
 * one that loses rows, so that a call that moves is for seconds in both and never in none.
 */
import { randomBytes } from 'node:crypto';
import type { Table as GlueTable } from '@aws-sdk/client-glue';
import { applyChanges } from '../../catalog.ts';
import { LedgerError, Transient } from '../../errors.ts';
import type { CatalogState, PartitionPointer, TableCatalog } from '../../ports.ts';
import { PUBLIC_TABLES } from '../../schema.ts';
import type { Table } from '../../schema.ts';
import { dropPartitions, pointPartitions, readPartitions } from './glue-partitions.ts';
import type { PartitionPlace } from './glue-partitions.ts';
import { WHOLE, emptyLocation, existingTables, folderLocation, pointTable, readTables } from './glue-tables.ts';
import type { GlueLake } from './glue-tables.ts';
import type { S3Store } from './s3-store.ts';

export interface GlueCatalogOptions extends GlueLake {
  readonly store: S3Store;
  readonly nowMs?: () => number;
}

export interface GlueCatalog extends TableCatalog {
  /** Makes Glue show exactly the state, whatever it shows now. */
  repair(): Promise<void>;
}

export const CATALOG_KEY = 'catalog.json';
/** One object per switch whose changes may not have reached Glue yet. */
const FOLLOWING_PREFIX = 'glue-following/';
/** No function runs longer: an older note's writer is dead, a younger one's may still be at work. */
const WRITER_LIVES_MS = 20 * 60_000;
/** The state moved while Glue followed it: that often in a row means that something is wrong. */
const ATTEMPTS = 10;

/** The catalog; nothing is called before it is used. */
export function createGlueCatalog(options: GlueCatalogOptions): GlueCatalog {
  const { store } = options;
  return {
    async read() {
      const { state } = await readState(store);
      const notes = await notesLeft(options);
      if (notes.isAny || (await showsOther(options, state))) await repair(options, notes.dead);
      return (await readState(store)).state;
    },
    async switch(expected, changes) {
      const { state, version } = await readState(store);
      if (state.revision !== expected) return false;
      const next: CatalogState = { ...applyChanges(state, changes), revision: expected + 1 };
      const note = `${FOLLOWING_PREFIX}${next.revision}-${randomBytes(4).toString('hex')}`;
      await store.put(note, new Uint8Array());
      const isSwitched = await store.replace(CATALOG_KEY, encoded(next), version);
      if (isSwitched) await follow(options, Object.keys(changes), next);
      await store.remove([note]);
      return isSwitched;
    },
    repair: async () => repair(options, (await notesLeft(options)).dead),
  };
}

async function readState(store: S3Store): Promise<{ state: CatalogState; version: string | null }> {
  const found = await store.readVersion(CATALOG_KEY);
  if (found === null) return { state: { revision: 0, tables: {} }, version: null };
  try {
    return { state: JSON.parse(new TextDecoder().decode(found.bytes)) as CatalogState, version: found.version };
  } catch (cause) {
    throw new LedgerError(`${CATALOG_KEY} is not valid JSON`, {
      cause,
      hint: 'restore an older version of the object; the lake bucket keeps them',
    });
  }
}

const encoded = (state: CatalogState): Uint8Array => new TextEncoder().encode(`${JSON.stringify(state, null, 1)}\n`);

/** Notes of switches that Glue may not show yet; `dead` are those whose writer cannot be at work any more. */
async function notesLeft({ store, nowMs = Date.now }: GlueCatalogOptions): Promise<{ isAny: boolean; dead: string[] }> {
  const dead: string[] = [];
  let isAny = false;
  for await (const { key, lastModifiedMs } of store.list(FOLLOWING_PREFIX)) {
    isAny = true;
    if (nowMs() - lastModifiedMs > WRITER_LIVES_MS) dead.push(key);
  }
  return { isAny, dead };
}

/** Whether a table is missing, or one without partitions points elsewhere: an update of the stack may have set it back. */
async function showsOther(lake: GlueLake, state: CatalogState): Promise<boolean> {
  const tables = await readTables(lake);
  // a table that somebody dropped is made again, and then lacks its partitions
  if (PUBLIC_TABLES.some(({ name }) => !tables.has(name))) return true;
  return PUBLIC_TABLES.filter(({ partition }) => partition === null).some(
    (table) => tables.get(table.name)?.StorageDescriptor?.Location !== wholeLocation(lake, table, state),
  );
}

/**
 * Makes Glue follow, and removes these notes, whose writers are dead. A writer at work keeps its own until it has looked at the state once
 * more: so no two of them leave Glue behind, and what one of them leaves when it dies is repaired as long as its note is there.
 */
async function repair(options: GlueCatalogOptions, notes: readonly string[]): Promise<void> {
  const all = PUBLIC_TABLES.map(({ name }) => name);
  await follow(options, all, (await readState(options.store)).state);
  await options.store.remove(notes);
}

/** Makes tables in Glue show a state, and the newer one if it moved meanwhile. */
async function follow(options: GlueCatalogOptions, tables: readonly string[], first: CatalogState): Promise<void> {
  let state = first;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await showTables(options, tables, state);
    const { state: now } = await readState(options.store);
    if (now.revision === state.revision) return;
    state = now;
  }
  throw new Transient(`the catalog was switched ${ATTEMPTS} times while Glue followed it`, {
    hint: 'one writer at a time is enough; the next seal makes Glue follow',
  });
}

async function showTables(lake: GlueLake, names: readonly string[], state: CatalogState): Promise<void> {
  const existing = await existingTables(lake);
  for (const table of PUBLIC_TABLES) {
    if (!names.includes(table.name)) continue;
    const shown = existing.get(table.name);
    if (table.partition === null && shown !== undefined) await showWhole(lake, table, shown, state);
    else if (table.partition !== null) await showPartitions(lake, table, state.tables[table.name] ?? {});
  }
}

async function showWhole(lake: GlueLake, table: Table, shown: GlueTable, state: CatalogState): Promise<void> {
  const location = wholeLocation(lake, table, state);
  if (shown.StorageDescriptor?.Location !== location) await pointTable(lake, shown, location);
}

function wholeLocation(lake: GlueLake, table: Table, state: CatalogState): string {
  const pointer = state.tables[table.name]?.[WHOLE];
  return pointer === undefined || pointer.keys.length === 0
    ? emptyLocation(lake, table)
    : folderLocation(lake, folderOf(pointer));
}

/** Partitions that gain rows first, then those that keep their number, then those that lose some, then those that go. */
async function showPartitions(
  lake: GlueLake,
  table: Table,
  pointers: Readonly<Record<string, PartitionPointer>>,
): Promise<void> {
  const shown = await readPartitions(lake, table);
  const gaining = new Map<string, PartitionPlace>();
  const equal = new Map<string, PartitionPlace>();
  const losing = new Map<string, PartitionPlace>();
  const gone = new Set(shown.keys());
  for (const [value, pointer] of Object.entries(pointers)) {
    if (pointer.keys.length === 0) continue;
    gone.delete(value);
    const place = { location: folderLocation(lake, folderOf(pointer)), rows: pointer.rows };
    const before = shown.get(value);
    if (before?.location === place.location) continue;
    const more = place.rows - (before?.rows ?? 0);
    (more > 0 ? gaining : more === 0 ? equal : losing).set(value, place);
  }
  for (const group of [gaining, equal, losing]) await pointPartitions(lake, table, group);
  await dropPartitions(lake, table, [...gone]);
}

/** The one folder of a partition's files. Glue points at folders, so files beside each other that do not belong together cannot be shown. */
export function folderOf({ keys }: PartitionPointer): string {
  const folders = new Set(keys.map((key) => key.slice(0, key.lastIndexOf('/') + 1)));
  const [folder] = folders;
  if (folder === undefined || folders.size > 1)
    throw new LedgerError(`the files of one partition lie in ${folders.size} folders`, {
      hint: 'the partition was not written by one statement; seal its day again',
    });
  return folder;
}
