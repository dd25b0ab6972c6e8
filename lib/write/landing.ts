/**
 * Landing: rows of a batch of objects go in, Parquet files per class and day come out, each written once (`If-None-Match`) under a
 * name that depends only on what was read. Memory is flat: buffers are written out as parts when together they hold too many rows.
 */
import { MS_PER_DAY, dayOf, isoDay } from '../time.ts';
import type { LandingFile, LandingKind } from '../commit.ts';
import type { ObjectStore } from '../ports.ts';
import { appendRow, clearBuffer, createLandingBuffer, releaseBuffer } from './landing-buffer.ts';
import { landingPager } from './landing-pages.ts';
import { LANDING_COLUMNS, PROMPT_COLUMNS, REJECT_COLUMNS } from './landing-row.ts';
import type { LedgerRow, PromptRow, RejectRow } from './landing-row.ts';
import { assemble } from './parquet-file.ts';
import { createParquetWriter } from './parquet.ts';
import type { ParquetWriter, RowColumn } from './parquet.ts';

export interface LandingWriter {
  append(kind: RowKind, row: LedgerRow): void;
  appendPrompt(row: PromptRow): void;
  appendReject(row: RejectRow): void;
  /** Writes full buffers out; to be awaited between chunks of input so that memory stays flat. */
  drain(): Promise<void>;
  /** Writes the rest and returns all files of the batch. */
  finish(): Promise<readonly LandingFile[]>;
}

type RowKind = 'calls' | 'sessions' | 'buckets';

/** Rows buffered over all days before they are written out; a row takes some 600 bytes of buffer. */
const MAX_BUFFERED_ROWS = 250_000;

/** A file of this part of the batch, complete. */
interface FullFile {
  readonly kind: LandingKind;
  readonly day: string;
  readonly rows: number;
  readonly isNarrow?: true;
  readonly bytes: () => Uint8Array;
}

export function createLandingWriter(store: ObjectStore, batchId: string, ingestedDay: string): LandingWriter {
  const parts = new Map<string, number>();
  const files: LandingFile[] = [];
  const rows = createRowFiles();
  const prompts = createSideFiles<PromptRow>('prompts', PROMPT_COLUMNS);
  const rejects = createSideFiles<RejectRow>('rejects', REJECT_COLUMNS);
  let buffered = 0;

  const writeOut = async (): Promise<void> => {
    for (const source of [rows, prompts, rejects]) {
      for (const { bytes, ...file } of source.files()) {
        const { kind, day } = file;
        const id = `${kind}/${day}`;
        const part = parts.get(id) ?? 0;
        parts.set(id, part + 1);
        const key = `landing/v1/class=${kind}/day=${day}/${batchId}-${String(part).padStart(4, '0')}.parquet`;
        await store.putIfAbsent(key, bytes());
        files.push({ key, ...file });
      }
      source.clear();
    }
    buffered = 0;
  };

  return {
    append(kind, row) {
      rows.append(kind, row);
      buffered++;
    },
    appendPrompt(row) {
      prompts.append(dayOf(row.occurredAtMs), row);
      buffered += 1 + row.blocks.length / 32;
    },
    appendReject(row) {
      rejects.append(ingestedDay, row);
      buffered++;
    },
    drain: async () => {
      if (buffered >= MAX_BUFFERED_ROWS) await writeOut();
    },
    finish: async () => {
      await writeOut();
      rows.release();
      return files;
    },
  };
}

interface RowFiles {
  append(kind: RowKind, row: LedgerRow): void;
  files(): Iterable<FullFile>;
  clear(): void;
  /** to be called when nothing is added any more */
  release(): void;
}

/** Usage rows share one buffer; each knows its file, which is one of a class and a day. */
function createRowFiles(): RowFiles {
  const buffer = createLandingBuffer();
  let names: { kind: RowKind; day: string; hasWide: boolean }[] = [];
  let numbers = new Map<RowKind, Map<number, number>>();
  const fileOf = (kind: RowKind, dayNumber: number): number => {
    let byDay = numbers.get(kind);
    if (byDay === undefined) {
      byDay = new Map();
      numbers.set(kind, byDay);
    }
    let file = byDay.get(dayNumber);
    if (file === undefined) {
      file = names.length;
      names.push({ kind, day: isoDay(dayNumber), hasWide: false });
      byDay.set(dayNumber, file);
    }
    return file;
  };
  return {
    append(kind, row) {
      const file = fileOf(kind, Math.floor(row.occurredAtMs / MS_PER_DAY));
      if (row.timeInferred || row.record.isSession) (names[file] as (typeof names)[number]).hasWide = true;
      appendRow(buffer, row, file);
    },
    *files() {
      const byFile = rowsByFile(buffer.files.subarray(0, buffer.rows), names.length);
      const pagesOf = landingPager(
        buffer,
        names.reduce((most, _, file) => Math.max(most, byFile(file).length), 0),
      );
      for (const [file, { kind, day, hasWide }] of names.entries()) {
        const own = byFile(file);
        const bytes = (): Uint8Array => assemble(LANDING_COLUMNS, pagesOf(file, own), own.length);
        yield { kind, day, rows: own.length, ...(hasWide ? {} : { isNarrow: true }), bytes };
      }
    },
    clear() {
      clearBuffer(buffer);
      names = [];
      numbers = new Map();
    },
    release: () => releaseBuffer(buffer),
  };
}

/** Row numbers of each file, in the order of the rows: one counting sort for all. */
function rowsByFile(fileOf: Uint32Array, files: number): (file: number) => Uint32Array {
  const ends = new Uint32Array(files + 1);
  for (const file of fileOf) ends[file + 1] = (ends[file + 1] ?? 0) + 1;
  for (let file = 0; file < files; file++) ends[file + 1] = (ends[file + 1] ?? 0) + (ends[file] ?? 0);
  const next = ends.slice();
  const rows = new Uint32Array(fileOf.length);
  for (let row = 0; row < fileOf.length; row++) {
    const file = fileOf[row] as number;
    rows[next[file] as number] = row;
    next[file] = (next[file] as number) + 1;
  }
  return (file) => rows.subarray(ends[file], ends[file + 1]);
}

interface SideFiles<Row> {
  append(day: string, row: Row): void;
  files(): Iterable<FullFile>;
  clear(): void;
}

/** Rows that are few: a writer for each day. */
function createSideFiles<Row>(kind: LandingKind, columns: readonly RowColumn<Row>[]): SideFiles<Row> {
  const writers = new Map<string, ParquetWriter<Row>>();
  return {
    append(day, row) {
      let writer = writers.get(day);
      if (writer === undefined) {
        writer = createParquetWriter(columns);
        writers.set(day, writer);
      }
      writer.append(row);
    },
    *files() {
      for (const [day, writer] of writers) yield { kind, day, rows: writer.rows, bytes: () => writer.finish() };
    },
    clear: () => writers.clear(),
  };
}
