/**
 * Landing: rows of a batch of objects go in, Parquet files per class and day come out, each written once (`If-None-Match`) under a
 * name that depends only on what was read. Memory is flat: buffers are written out as parts when together they hold too many rows.
 */
import { dayOf } from '../time.ts';
import type { LandingFile, LandingKind } from '../commit.ts';
import type { ObjectStore } from '../ports.ts';
import { LANDING_COLUMNS, PROMPT_COLUMNS, REJECT_COLUMNS, createProfiles } from './landing-row.ts';
import type { LedgerRow, PromptRow, RejectRow } from './landing-row.ts';
import { createParquetWriter } from './parquet.ts';
import type { ParquetWriter, RowColumn, RowGroups } from './parquet.ts';

export interface LandingWriter {
  append(kind: 'calls' | 'sessions' | 'buckets', row: LedgerRow): void;
  appendPrompt(row: PromptRow): void;
  appendReject(row: RejectRow): void;
  /** Writes full buffers out; to be awaited between chunks of input so that memory stays flat. */
  drain(): Promise<void>;
  /** Writes the rest and returns all files of the batch. */
  finish(): Promise<readonly LandingFile[]>;
}

/** Rows buffered over all days before they are written out; a row takes some 600 bytes of buffer. */
const MAX_BUFFERED_ROWS = 150_000;

interface Buffer<Row> {
  readonly kind: LandingKind;
  readonly day: string;
  readonly writer: ParquetWriter<Row>;
}

export function createLandingWriter(store: ObjectStore, batchId: string, ingestedDay: string): LandingWriter {
  const buffers = new Map<LandingKind, Map<string, Buffer<never>>>();
  const parts = new Map<string, number>();
  const files: LandingFile[] = [];
  const groups: RowGroups<LedgerRow> = { profile: createProfiles(), attribution: (row) => row.attribution };
  let buffered = 0;

  const add = <Row>(
    kind: LandingKind,
    day: string,
    columns: readonly RowColumn<Row>[],
    row: Row,
    weight: number,
    by?: RowGroups<Row>,
  ): void => {
    let byDay = buffers.get(kind);
    if (byDay === undefined) {
      byDay = new Map();
      buffers.set(kind, byDay);
    }
    let buffer = byDay.get(day) as Buffer<Row> | undefined;
    if (buffer === undefined) {
      buffer = { kind, day, writer: createParquetWriter(columns, by) };
      byDay.set(day, buffer as Buffer<never>);
    }
    buffer.writer.append(row);
    buffered += weight;
  };
  const writeOut = async (): Promise<void> => {
    for (const { kind, day, writer } of [...buffers.values()].flatMap((byDay) => [...byDay.values()])) {
      const id = `${kind}/${day}`;
      const part = parts.get(id) ?? 0;
      parts.set(id, part + 1);
      const key = `landing/v1/class=${kind}/day=${day}/${batchId}-${String(part).padStart(4, '0')}.parquet`;
      const rows = writer.rows;
      await store.putIfAbsent(key, writer.finish());
      files.push({ key, kind, day, rows });
    }
    buffers.clear();
    buffered = 0;
  };

  return {
    append: (kind, row) => add(kind, dayOf(row.occurredAtMs), LANDING_COLUMNS, row, 1, groups),
    appendPrompt: (row) => add('prompts', dayOf(row.occurredAtMs), PROMPT_COLUMNS, row, 1 + row.blocks.length / 32),
    appendReject: (row) => add('rejects', ingestedDay, REJECT_COLUMNS, row, 1),
    drain: async () => {
      if (buffered >= MAX_BUFFERED_ROWS) await writeOut();
    },
    finish: async () => {
      await writeOut();
      return files;
    },
  };
}
