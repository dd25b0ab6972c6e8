/**
 * A Parquet file from rows, in memory: flat columns, lists and maps of scalars, zstd, dictionaries. Pure TypeScript because it
 * runs inside the ingest Lambda, where no native code may be; own code because it is the hottest part of the ingest path (the
 * library alternative cost three to six times the CPU, measured in bench/). Read back by DuckDB, pyarrow and hyparquet in tests.
 */
import { constants, zstdCompressSync } from 'node:zlib';
import {
  createColumn,
  createPresence,
  encodeByCode,
  encodeColumn,
  encodeLevels,
  presenceFlags,
  pushPresence,
  pushValue,
} from './column.ts';
import type { ColumnBuffer, EncodedValues, Physical, Presence, Scalar } from './column.ts';
import { bool, encodeThrift, i32, i64, list, struct, text } from './thrift.ts';
import type { ThriftValue } from './thrift.ts';
import type { ColumnType } from '../schema.ts';

export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** values hardly repeat (ids): no dictionary */
  readonly unique?: boolean;
}

export type Cell = Scalar | readonly string[] | readonly bigint[] | Readonly<Record<string, string>>;

export interface ParquetWriter<Row> {
  readonly rows: number;
  append(row: Row): void;
  /** The whole file. The writer is spent afterwards. */
  finish(): Uint8Array;
}

/** A column and how its value is read from a row. Columns of one `group` follow from one interned thing of the row. */
export type RowColumn<Row> = ParquetColumn & { readonly of: (row: Row) => Cell; readonly group?: string };

/** What a group's columns follow from: equal things must be the same object, and rows with the same thing agree in all its columns. */
export type RowGroups<Row> = Readonly<Record<string, (row: Row) => object>>;

interface GroupState<Row> {
  readonly thingOf: (row: Row) => object;
  readonly codes: Map<object, number>;
  /** one row per thing, to read the columns from */
  readonly samples: Row[];
  last: object | null;
  lastCode: number;
  rowCodes: Uint32Array;
}

const MAGIC = new TextEncoder().encode('PAR1');
const CREATED_BY = 'inference-ledger';
const UNCOMPRESSED = 0;
const ZSTD = 6;
/** A chunk this small gains nothing; most columns of a log are one value. */
const COMPRESS_FROM_BYTES = 256;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
const PHYSICAL_CODE: Readonly<Record<Physical, number>> = { boolean: 0, int32: 1, int64: 2, double: 5, text: 6 };

interface Leaf {
  readonly path: readonly string[];
  readonly physical: Physical;
  readonly values: ColumnBuffer;
  /** for lists and maps: 1 per element, 0 per empty list; and 0 at the first element of a row, 1 after */
  readonly levels: { readonly definition: Presence; readonly repetition: Presence } | null;
  readonly optional: boolean;
}

/** Starts a file of these columns. All rows become one row group, so callers bound how many rows they append. */
export function createParquetWriter<Row>(
  columns: readonly RowColumn<Row>[],
  groups: RowGroups<Row> = {},
): ParquetWriter<Row> {
  const single = columns.filter((column) => column.group === undefined);
  const leaves = new Map(single.map((column) => [column.name, leavesOf(column)]));
  const ownLeaves = [...leaves.values()];
  const reads = single.map((column) => column.of);
  const flat = ownLeaves.map((own) => ((own[0] as Leaf).levels === null ? (own[0] as Leaf).values : null));
  const states = Object.entries(groups).map(([name, thingOf]) => [name, newGroup(thingOf)] as const);
  const byName = new Map(states);
  const groupList = states.map(([, state]) => state);
  let rows = 0;
  return {
    get rows() {
      return rows;
    },
    append(row) {
      for (let i = 0; i < flat.length; i++) {
        const value = (reads[i] as (row: Row) => Cell)(row);
        const column = flat[i];
        if (column) pushValue(column, value as Scalar);
        else appendNested(ownLeaves[i] as readonly Leaf[], value);
      }
      for (const group of groupList) pushThing(group, row, rows);
      rows++;
    },
    finish() {
      const chunks = columns.flatMap((column) => {
        const own = leaves.get(column.name);
        return own
          ? own.map((leaf) => leafPages(leaf, rows))
          : [groupPages(column, byName.get(column.group ?? '') as GroupState<Row>, rows)];
      });
      return assemble(columns, chunks, rows);
    },
  };
}

function newGroup<Row>(thingOf: (row: Row) => object): GroupState<Row> {
  return { thingOf, codes: new Map(), samples: [], last: null, lastCode: 0, rowCodes: new Uint32Array(256) };
}

function pushThing<Row>(group: GroupState<Row>, row: Row, at: number): void {
  const thing = group.thingOf(row);
  if (thing !== group.last) {
    let code = group.codes.get(thing);
    if (code === undefined) {
      code = group.samples.length;
      group.codes.set(thing, code);
      group.samples.push(row);
    }
    group.last = thing;
    group.lastCode = code;
  }
  if (at >= group.rowCodes.length) {
    const grown = new Uint32Array(group.rowCodes.length * 2);
    grown.set(group.rowCodes);
    group.rowCodes = grown;
  }
  group.rowCodes[at] = group.lastCode;
}

function appendNested(leaves: readonly Leaf[], value: Cell): void {
  const [key, item] = leaves as [Leaf, Leaf | undefined];
  if (Array.isArray(value)) {
    if (value.length === 0) markEmpty(key);
    value.forEach((element: string | bigint, index) => pushElement(key, element, index));
    return;
  }
  const map = (value ?? {}) as Readonly<Record<string, string>>;
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
  if (column.type === 'map<string,string>')
    return [nested(['key_value', 'key'], 'text'), nested(['key_value', 'value'], 'text')];
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

function physicalOf(type: ColumnType): Physical {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'int32';
    case 'double':
      return 'double';
    case 'bigint':
    case 'timestamp':
    case 'decimal(18,12)':
    case 'decimal(18,15)':
      return 'int64';
    case 'string':
      return 'text';
    default:
      throw new Error(`the landing writer does not write ${type}`);
  }
}

/** A leaf's values and levels, ready to be laid out. */
interface Pages {
  readonly path: readonly string[];
  readonly physical: Physical;
  readonly values: EncodedValues;
  readonly levels: readonly Uint8Array[];
  readonly levelCount: number;
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

function groupPages<Row>(column: RowColumn<Row>, group: GroupState<Row>, rows: number): Pages {
  const physical = physicalOf(column.type);
  const { values, present } = encodeByCode(
    physical,
    group.rowCodes.subarray(0, rows),
    group.samples.length,
    (thing) => column.of(group.samples[thing] as Row) as Scalar,
  );
  return {
    path: [column.name],
    physical,
    values,
    levels: column.nullable ? [encodeLevels(present, rows)] : [],
    levelCount: rows,
  };
}

function assemble(columns: readonly ParquetColumn[], pages: readonly Pages[], rows: number): Uint8Array {
  const parts: Uint8Array[] = [MAGIC];
  let offset = MAGIC.length;
  let total = 0;
  const chunks: ThriftValue[] = [];
  for (const page of pages) {
    const chunk = encodeChunk(page, offset);
    parts.push(...chunk.bytes);
    chunks.push(struct({ 2: i64(offset), 3: chunk.meta }));
    offset += chunk.size;
    total += chunk.uncompressed;
  }
  const footer = encodeThrift(
    struct({
      1: i32(2),
      2: list('struct', schemaElements(columns)),
      3: i64(rows),
      4: list('struct', rows === 0 ? [] : [struct({ 1: list('struct', chunks), 2: i64(total), 3: i64(rows) })]),
      6: text(CREATED_BY),
    }),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, footer.length, true);
  return Buffer.concat([...(rows === 0 ? [MAGIC] : parts), footer, length, MAGIC]);
}

interface Chunk {
  readonly meta: ThriftValue;
  readonly bytes: readonly Uint8Array[];
  readonly size: number;
  readonly uncompressed: number;
}

function encodeChunk({ path, physical, values, levels, levelCount }: Pages, offset: number): Chunk {
  const pages: Uint8Array[] = [];
  let uncompressed = 0;
  let dictionarySize = 0;
  const data = Buffer.concat([...levels, values.bytes]);
  const codec = data.length + (values.dictionary?.bytes.length ?? 0) < COMPRESS_FROM_BYTES ? UNCOMPRESSED : ZSTD;
  const addPage = (raw: Uint8Array, header: (compressed: number) => ThriftValue): number => {
    const body = codec === ZSTD ? zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }) : raw;
    const head = encodeThrift(header(body.length));
    pages.push(head, body);
    uncompressed += head.length + raw.length;
    return head.length + body.length;
  };
  if (values.dictionary) {
    const { bytes, count } = values.dictionary;
    dictionarySize = addPage(bytes, (n) =>
      struct({ 1: i32(2), 2: i32(bytes.length), 3: i32(n), 7: struct({ 1: i32(count), 2: i32(PLAIN) }) }),
    );
  }
  const encoding = values.dictionary ? RLE_DICTIONARY : PLAIN;
  const dataSize = addPage(data, (n) =>
    struct({
      1: i32(0),
      2: i32(data.length),
      3: i32(n),
      5: struct({ 1: i32(levelCount), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE) }),
    }),
  );
  const meta = struct({
    1: i32(PHYSICAL_CODE[physical]),
    2: list('i32', [PLAIN, RLE, ...(values.dictionary ? [RLE_DICTIONARY] : [])].map(i32)),
    3: list('text', path.map(text)),
    4: i32(codec),
    5: i64(levelCount),
    6: i64(uncompressed),
    7: i64(dictionarySize + dataSize),
    9: i64(offset + dictionarySize),
    11: values.dictionary ? i64(offset) : undefined,
  });
  return { meta, bytes: pages, size: dictionarySize + dataSize, uncompressed };
}

function levelBytes(leaf: Leaf, count: number): readonly Uint8Array[] {
  if (leaf.levels) {
    const { repetition, definition } = leaf.levels;
    return [encodeLevels(presenceFlags(repetition), count), encodeLevels(presenceFlags(definition), count)];
  }
  return leaf.optional && leaf.values.presence ? [encodeLevels(presenceFlags(leaf.values.presence), count)] : [];
}

function schemaElements(columns: readonly ParquetColumn[]): ThriftValue[] {
  const root = struct({ 4: text('schema'), 5: i32(columns.length) });
  return [root, ...columns.flatMap(schemaOf)];
}

const REQUIRED = i32(0);
const OPTIONAL = i32(1);
const REPEATED = i32(2);

function schemaOf(column: ParquetColumn): ThriftValue[] {
  const utf8 = (name: string): ThriftValue =>
    struct({ 1: i32(6), 3: REQUIRED, 4: text(name), 6: i32(0), 10: struct({ 1: struct({}) }) });
  if (column.type === 'map<string,string>') {
    return [
      struct({ 3: REQUIRED, 4: text(column.name), 5: i32(1), 6: i32(1), 10: struct({ 2: struct({}) }) }),
      struct({ 3: REPEATED, 4: text('key_value'), 5: i32(2) }),
      utf8('key'),
      utf8('value'),
    ];
  }
  if (column.type === 'array<string>' || column.type === 'array<bigint>') {
    return [
      struct({ 3: REQUIRED, 4: text(column.name), 5: i32(1), 6: i32(3), 10: struct({ 3: struct({}) }) }),
      struct({ 3: REPEATED, 4: text('list'), 5: i32(1) }),
      column.type === 'array<string>' ? utf8('element') : struct({ 1: i32(2), 3: REQUIRED, 4: text('element') }),
    ];
  }
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(column.type);
  const precision = Number(decimal?.[1]);
  const scale = Number(decimal?.[2]);
  const converted = column.type === 'string' ? 0 : decimal ? 5 : column.type === 'date' ? 6 : undefined;
  return [
    struct({
      1: i32(PHYSICAL_CODE[physicalOf(column.type)]),
      3: column.nullable ? OPTIONAL : REQUIRED,
      4: text(column.name),
      6: converted === undefined ? undefined : i32(converted),
      7: decimal ? i32(scale) : undefined,
      8: decimal ? i32(precision) : undefined,
      10: logicalType(column.type, scale, precision),
    }),
  ];
}

/** Timestamps are milliseconds and not UTC-adjusted, so that DuckDB and Trino both read a plain `timestamp`. */
function logicalType(type: ColumnType, scale: number, precision: number): ThriftValue | undefined {
  if (type === 'string') return struct({ 1: struct({}) });
  if (type.startsWith('decimal')) return struct({ 5: struct({ 1: i32(scale), 2: i32(precision) }) });
  if (type === 'date') return struct({ 6: struct({}) });
  if (type === 'timestamp') return struct({ 8: struct({ 1: bool(false), 2: struct({ 1: struct({}) }) }) });
  return undefined;
}
