/**
 * A Parquet file from rows, in memory: flat columns, lists and maps of scalars, zstd, dictionaries. Pure TypeScript because it
 * runs inside the ingest Lambda, where no native code may be; own code because it is the hottest part of the ingest path (the
 * library alternative cost three to six times the CPU, measured in bench/). Usage rows have a buffer of their own, landing-buffer.ts. Read back by DuckDB, pyarrow and hyparquet in tests.
 */
import { createColumn, createPresence, encodeColumn, presenceFlags, pushPresence, pushValue } from './column.ts';
import type { ColumnBuffer, Presence } from './column.ts';
import { encodeLevels } from './encodings.ts';
import type { Physical, Scalar } from './encodings.ts';
import { assemble, physicalOf } from './parquet-file.ts';
import type { Pages, ParquetColumn } from './parquet-file.ts';

export type { ParquetColumn } from './parquet-file.ts';

export type Cell = Scalar | readonly string[] | readonly bigint[] | Readonly<Record<string, string | number>>;

export interface ParquetWriter<Row> {
  readonly rows: number;
  append(row: Row): void;
  /** The whole file. The writer is spent afterwards. */
  finish(): Uint8Array;
}

/** A column and how its value is read from a row. */
export type RowColumn<Row> = ParquetColumn & { readonly of: (row: Row) => Cell };

interface Leaf {
  readonly path: readonly string[];
  readonly physical: Physical;
  readonly values: ColumnBuffer;
  /** for lists and maps: 1 per element, 0 per empty list; and 0 at the first element of a row, 1 after */
  readonly levels: { readonly definition: Presence; readonly repetition: Presence } | null;
  readonly optional: boolean;
}

/** Starts a file of these columns. All rows become one row group, so callers bound how many rows they append. */
export function createParquetWriter<Row>(columns: readonly RowColumn<Row>[]): ParquetWriter<Row> {
  const leaves = columns.map(leavesOf);
  let rows = 0;
  return {
    get rows() {
      return rows;
    },
    append(row) {
      for (const [i, column] of columns.entries()) {
        const own = leaves[i] as readonly Leaf[];
        const value = column.of(row);
        const [first] = own;
        if (first !== undefined && first.levels === null) pushValue(first.values, value as Scalar);
        else appendNested(own, value);
      }
      rows++;
    },
    finish() {
      const pages = leaves.flatMap((own) => own.map((leaf) => leafPages(leaf, rows)));
      return assemble(columns, pages, rows);
    },
  };
}

function appendNested(leaves: readonly Leaf[], value: Cell): void {
  const [key, item] = leaves as [Leaf, Leaf | undefined];
  if (Array.isArray(value)) {
    if (value.length === 0) markEmpty(key);
    value.forEach((element: string | bigint, index) => pushElement(key, element, index));
    return;
  }
  const map = (value ?? {}) as Readonly<Record<string, string | number>>;
  let index = 0;
  for (const k in map) {
    pushElement(key, k, index);
    if (item) pushElement(item, map[k] ?? '', index);
    index++;
  }
  if (index === 0) for (const leaf of leaves) markEmpty(leaf);
}

function markEmpty(leaf: Leaf): void {
  if (leaf.levels === null) return;
  pushPresence(leaf.levels.definition, false);
  pushPresence(leaf.levels.repetition, false);
}

function pushElement(leaf: Leaf, value: Scalar, index: number): void {
  if (leaf.levels === null) return;
  pushPresence(leaf.levels.definition, true);
  pushPresence(leaf.levels.repetition, index > 0);
  pushValue(leaf.values, value);
}

function leavesOf(column: ParquetColumn): readonly Leaf[] {
  const nested = (path: readonly string[], physical: Physical): Leaf => ({
    path: [column.name, ...path],
    physical,
    values: createColumn(physical, false, false),
    levels: { definition: createPresence(), repetition: createPresence() },
    optional: false,
  });
  if (column.type === 'map<string,string>' || column.type === 'map<string,bigint>') {
    const value = column.type === 'map<string,string>' ? 'text' : 'int64';
    return [nested(['key_value', 'key'], 'text'), nested(['key_value', 'value'], value)];
  }
  if (column.type === 'array<string>') return [nested(['list', 'element'], 'text')];
  if (column.type === 'array<bigint>') return [nested(['list', 'element'], 'int64')];
  const physical = physicalOf(column.type);
  return [
    {
      path: [column.name],
      physical,
      values: createColumn(physical, column.unique, column.nullable),
      levels: null,
      optional: column.nullable,
    },
  ];
}

function leafPages(leaf: Leaf, rows: number): Pages {
  const levelCount = leaf.levels ? leaf.levels.definition.rows : rows;
  return {
    path: leaf.path,
    physical: leaf.physical,
    values: encodeColumn(leaf.values),
    levels: levelBytes(leaf, levelCount),
    levelCount,
  };
}

function levelBytes(leaf: Leaf, count: number): readonly Uint8Array[] {
  if (leaf.levels) {
    const { repetition, definition } = leaf.levels;
    return [encodeLevels(presenceFlags(repetition), count), encodeLevels(presenceFlags(definition), count)];
  }
  return leaf.optional && leaf.values.presence ? [encodeLevels(presenceFlags(leaf.values.presence), count)] : [];
}
