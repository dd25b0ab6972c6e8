/**
 * The rows of one landing file as Parquet pages, column by column, each in one loop over the buffer. Buffer and row numbers in, pages in the
 * order of `LANDING_COLUMNS` out. Invariant: what a page says depends on its rows alone, not on what else lies in the buffer.
 */
import {
  dictionaryPage,
  encodeByCode,
  encodeLevels,
  encodeNumbers,
  encodePlain,
  isDictionaryWorthwhile,
} from './encodings.ts';
import type { EncodedValues, Physical, Scalar } from './encodings.ts';
import { NUMBERS, TEXTS } from './landing-buffer.ts';
import type { LandingBuffer } from './landing-buffer.ts';
import { LANDING_COLUMNS } from './landing-row.ts';
import type { LandingColumn } from './landing-row.ts';
import { physicalOf } from './parquet-file.ts';
import type { Pages } from './parquet-file.ts';
import { createRenumbering } from './text-table.ts';
import type { Renumbering } from './text-table.ts';

/** Makes the pages of one file after the other, all from one buffer that does not change meanwhile. */
export function landingPager(buffer: LandingBuffer, largestFile: number): (file: number, rows: Uint32Array) => Pages[] {
  const texts = createRenumbering(buffer.table.texts.length);
  const profiles = groupReader(buffer.profileCodes, buffer.profiles.kinds);
  const attributions = groupReader(buffer.attributionCodes, buffer.attributions.things);
  const rates = groupReader(buffer.rateCodes, buffer.rates.things);
  const scratch = createScratch(largestFile);
  return (file, rows) => {
    const profile = profiles(rows);
    const attribution = attributions(rows);
    const rate = rates(rows);
    columnwise(buffer.numbers, rows, scratch);
    return LANDING_COLUMNS.flatMap((column): Pages[] => {
      const { source } = column;
      switch (source.from) {
        case 'profile':
          return [profile(column, source.of)];
        case 'attribution':
          return [attribution(column, source.of)];
        case 'rates':
          return [rate(column, source.of)];
        case 'number':
          return [numberPages(buffer, column, rows, scratch)];
        case 'text':
          return [textPages(buffer, column, rows, texts)];
        case 'id':
          return [idPages(buffer, column, file, rows.length)];
        case 'list':
          return [listPages(buffer, column, rows)];
        case 'map':
          return mapPages(buffer, column, rows, texts);
      }
    });
  };
}

/** `of` takes the group's own kind of thing, which the column's source fixes. */
type GroupColumn = (column: LandingColumn, of: (thing: never) => Scalar) => Pages;

/** Columns that follow from one of few things: each row has its code, and `of` says what the column's value is for a thing. */
function groupReader(allCodes: Uint32Array, things: readonly (object | null)[]): (rows: Uint32Array) => GroupColumn {
  const renumbering = createRenumbering(things.length);
  return (rows) => {
    const codes = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) codes[i] = allCodes[rows[i] as number] as number;
    const own = Array.from(renumbering.apply(codes), (code) => things[code] ?? null);
    return (column, of) => {
      const physical = physicalOf(column.type);
      const { values, present } = encodeByCode(physical, codes, own.length, (code) => {
        const thing = own[code] ?? null;
        return thing === null ? null : of(thing as never);
      });
      return flatPages(column, physical, values, present, rows.length);
    };
  };
}

function flatPages(
  column: LandingColumn,
  physical: Physical,
  values: EncodedValues,
  present: Uint8Array | null,
  rows: number,
): Pages {
  const levels = column.nullable ? [encodeLevels(present, rows)] : [];
  return { path: [column.name], physical, values, levels, levelCount: rows };
}

/** Room for the columns of one file at a time: made once, because much new memory at once makes the collector run for nothing. */
interface Scratch {
  /** all numbers, column after column */
  readonly columns: Float64Array;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

function createScratch(rows: number): Scratch {
  return {
    columns: new Float64Array(rows * NUMBERS.length),
    values: new Float64Array(rows),
    present: new Uint8Array(rows),
  };
}

/** Lays the numbers of some rows out column after column: read once in the order in which they lie. */
function columnwise(numbers: Float64Array, rows: Uint32Array, { columns }: Scratch): void {
  const width = NUMBERS.length;
  const count = rows.length;
  for (let i = 0; i < count; i++) {
    const from = (rows[i] as number) * width;
    for (let at = 0; at < width; at++) columns[at * count + i] = numbers[from + at] as number;
  }
}

const NO_VALUES: EncodedValues = { dictionary: null, bytes: new Uint8Array(0) };

function numberPages(
  buffer: LandingBuffer,
  column: LandingColumn,
  rows: Uint32Array,
  { columns, values, present }: Scratch,
): Pages {
  const physical = physicalOf(column.type);
  const at = placeOf(column, NUMBERS);
  const first = at * rows.length;
  present.fill(0, 0, rows.length);
  let count = 0;
  let isSame = true;
  let isWide = false;
  for (let i = 0; i < rows.length; i++) {
    const value = columns[first + i] as number;
    if (value !== value) continue; // NaN: null
    present[i] = 1;
    values[count++] = value;
    if (value !== values[0]) isSame = false;
    if (value === Infinity) isWide = true;
  }
  const flags = count === rows.length ? null : present.subarray(0, rows.length);
  if (count === 0) return flatPages(column, physical, NO_VALUES, flags, rows.length);
  if (isWide) {
    const exact = withWide(buffer, rows, at);
    return flatPages(column, physical, { dictionary: null, bytes: encodePlain(physical, exact) }, flags, rows.length);
  }
  const encoded =
    isSame && physical !== 'double'
      ? dictionaryPage(physical, [values[0] ?? 0], null, count)
      : { dictionary: null, bytes: encodeNumbers(physical, values.subarray(0, count)) };
  return flatPages(column, physical, encoded, flags, rows.length);
}

/** The values of a money column some of which are past 2⁵³. */
function withWide({ numbers, wide }: LandingBuffer, rows: Uint32Array, at: number): Scalar[] {
  const values: Scalar[] = [];
  for (const row of rows) {
    const place = row * NUMBERS.length + at;
    const value = numbers[place] as number;
    if (!Number.isNaN(value)) values.push(wide.get(place) ?? value);
  }
  return values;
}

function textPages(buffer: LandingBuffer, column: LandingColumn, rows: Uint32Array, renumbering: Renumbering): Pages {
  const at = placeOf(column, TEXTS);
  const codes = new Uint32Array(rows.length);
  const present = new Uint8Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const code = buffer.texts[(rows[i] as number) * TEXTS.length + at] as number;
    if (code === 0) continue;
    present[i] = 1;
    codes[count++] = code;
  }
  const values = textValues(buffer, codes.subarray(0, count), renumbering);
  return flatPages(column, 'text', values, count === rows.length ? null : present, rows.length);
}

/** Texts by code of the shared table: by a dictionary of their own where it pays, else as they are. */
function textValues(buffer: LandingBuffer, codes: Uint32Array, renumbering: Renumbering): EncodedValues {
  if (codes.length === 0) return NO_VALUES;
  const own = renumbering.apply(codes);
  const entries = Array.from(own, (code) => buffer.table.texts[code] ?? '');
  if (isDictionaryWorthwhile(entries.length, codes.length)) {
    return dictionaryPage('text', entries, entries.length === 1 ? null : codes, codes.length);
  }
  const all = Array.from(codes, (code) => entries[code] ?? '');
  return { dictionary: null, bytes: encodePlain('text', all) };
}

function idPages(buffer: LandingBuffer, column: LandingColumn, file: number, rows: number): Pages {
  const ids = buffer.ids[file];
  if (ids === undefined) throw new Error(`the landing buffer has no file ${file}`);
  const { bytes, present } = (column.name === 'record_id' ? ids.records : ids.calls).page();
  return flatPages(column, 'text', { dictionary: null, bytes }, present, rows);
}

/** Levels of a list or map: one entry per element, or one for an empty row. */
interface NestedLevels {
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
}

function nestedLevels(lengths: Uint32Array): NestedLevels {
  let count = 0;
  for (const length of lengths) count += Math.max(1, length);
  const repetition = new Uint8Array(count);
  const definition = new Uint8Array(count).fill(1);
  let at = 0;
  for (const length of lengths) {
    if (length === 0) definition[at] = 0;
    else repetition.fill(1, at + 1, at + length);
    at += Math.max(1, length);
  }
  return { repetition, definition };
}

function nestedPages(path: readonly string[], values: EncodedValues, { repetition, definition }: NestedLevels): Pages {
  const levelCount = definition.length;
  const levels = [encodeLevels(repetition, levelCount), encodeLevels(definition, levelCount)];
  return { path, physical: 'text', values, levels, levelCount };
}

function listPages(buffer: LandingBuffer, column: LandingColumn, rows: Uint32Array): Pages {
  const lengths = new Uint32Array(rows.length);
  const ids: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    const own = buffer.altIds[rows[i] as number] ?? [];
    lengths[i] = own.length;
    for (let k = 0; k < own.length; k++) ids.push(own[k] as string);
  }
  const values = ids.length === 0 ? NO_VALUES : { dictionary: null, bytes: encodePlain('text', ids) };
  return nestedPages([column.name, 'list', 'element'], values, nestedLevels(lengths));
}

function mapPages(buffer: LandingBuffer, column: LandingColumn, rows: Uint32Array, renumbering: Renumbering): Pages[] {
  const { tagEnds, tagTexts } = buffer;
  const lengths = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const texts = (tagEnds[row] as number) - (row === 0 ? 0 : (tagEnds[row - 1] as number));
    lengths[i] = texts / 2;
    count += texts / 2;
  }
  const keys = new Uint32Array(count);
  const items = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const end = tagEnds[rows[i] as number] as number;
    for (let from = end - (lengths[i] as number) * 2; from < end; from += 2) {
      keys[at] = tagTexts[from] as number;
      items[at++] = tagTexts[from + 1] as number;
    }
  }
  const levels = nestedLevels(lengths);
  return [
    nestedPages([column.name, 'key_value', 'key'], textValues(buffer, keys, renumbering), levels),
    nestedPages([column.name, 'key_value', 'value'], textValues(buffer, items, renumbering), levels),
  ];
}

function placeOf(column: LandingColumn, names: readonly string[]): number {
  const at = names.indexOf(column.name);
  if (at < 0) throw new Error(`the landing buffer has no column ${column.name}`);
  return at;
}
