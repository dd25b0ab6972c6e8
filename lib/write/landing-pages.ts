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
import type { FileIds, LandingBuffer } from './landing-buffer.ts';
import { LANDING_COLUMNS } from './landing-row.ts';
import type { LandingColumn } from './landing-row.ts';
import { physicalOf } from './parquet-file.ts';
import type { Pages } from './parquet-file.ts';
import { createRenumbering } from './text-table.ts';
import type { Renumbering } from './text-table.ts';

/** A column with what never changes about it. */
interface PlannedColumn {
  readonly column: LandingColumn;
  readonly physical: Physical;
  /** its place among the buffer's numbers or texts, else -1 */
  readonly place: number;
}

const PLAN: readonly PlannedColumn[] = LANDING_COLUMNS.map((column) => {
  const { from } = column.source;
  const place = from === 'number' ? placeOf(column, NUMBERS) : from === 'text' ? placeOf(column, TEXTS) : -1;
  return { column, physical: from === 'list' || from === 'map' ? 'text' : physicalOf(column.type), place };
});

/**
 * Makes the pages of one file after the other, all from one buffer that does not change meanwhile. Pages share their room: each must be
 * laid out before the next is asked for.
 */
export function landingPager(
  buffer: LandingBuffer,
  largestFile: number,
): (file: number, rows: Uint32Array) => Iterable<Pages> {
  const texts = createRenumbering(buffer.table.texts.length);
  const profiles = groupReader(buffer.profileCodes, buffer.profiles.kinds);
  const attributions = groupReader(buffer.attributionCodes, buffer.attributions.things);
  const rates = groupReader(buffer.rateCodes, buffer.rates.things);
  const scratch = createScratch(largestFile);
  return function* pagesOf(file, rows) {
    const profile = profiles(rows);
    const attribution = attributions(rows);
    const rate = rates(rows);
    columnwise(buffer.numbers, rows, scratch.columns);
    for (const planned of PLAN) {
      const { source } = planned.column;
      switch (source.from) {
        case 'profile':
          yield profile(planned, source.of);
          break;
        case 'attribution':
          yield attribution(planned, source.of);
          break;
        case 'rates':
          yield rate(planned, source.of);
          break;
        case 'number':
          yield numberPages(buffer, planned, rows, scratch);
          break;
        case 'text':
          yield textPages(buffer, planned, rows, texts, scratch);
          break;
        case 'id':
          yield idPages(buffer, planned.column, file, rows.length);
          break;
        case 'list':
          yield listPages(buffer, planned.column, rows);
          break;
        case 'map':
          yield* mapPages(buffer, planned.column, rows, texts);
      }
    }
  };
}

/** `of` takes the group's own kind of thing, which the column's source fixes. */
type GroupColumn = (planned: PlannedColumn, of: (thing: never) => Scalar) => Pages;

/** Columns that follow from one of few things: each row has its code, and `of` says what the column's value is for a thing. */
function groupReader(allCodes: Uint32Array, things: readonly (object | null)[]): (rows: Uint32Array) => GroupColumn {
  const renumbering = createRenumbering(things.length);
  return (rows) => {
    const codes = picked(allCodes, rows);
    const own = Array.from(renumbering.apply(codes), (code) => things[code] ?? null);
    return ({ column, physical }, of) => {
      const { values, present } = encodeByCode(physical, codes, own.length, (code) => {
        const thing = own[code] ?? null;
        return thing === null ? null : of(thing as never);
      });
      return flatPages(column, physical, values, present, rows.length);
    };
  };
}

// Loops over rows stand in functions of their own that do nothing else: the engine compiles a function while its first loop runs, and
// what follows the loop has never run by then, which would throw the compiled code away again at every call.

function picked(all: Uint32Array, rows: Uint32Array): Uint32Array {
  const own = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) own[i] = all[rows[i] as number] as number;
  return own;
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
  readonly words: Uint32Array;
  readonly codes: Uint32Array;
  readonly present: Uint8Array;
}

function createScratch(rows: number): Scratch {
  return {
    columns: new Float64Array(rows * NUMBERS.length),
    values: new Float64Array(rows),
    words: new Uint32Array(rows * 2),
    codes: new Uint32Array(rows),
    present: new Uint8Array(rows),
  };
}

/** Lays the numbers of some rows out column after column: read once in the order in which they lie. */
function columnwise(numbers: Float64Array, rows: Uint32Array, columns: Float64Array): void {
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
  { column, physical, place }: PlannedColumn,
  rows: Uint32Array,
  scratch: Scratch,
): Pages {
  const first = place * rows.length;
  const all = scratch.columns.subarray(first, first + rows.length);
  const present = scratch.present.subarray(0, rows.length);
  const count = withoutNulls(all, scratch.values, present);
  const flags = count === rows.length ? null : present;
  if (count === 0) return flatPages(column, physical, NO_VALUES, flags, rows.length);
  const values = scratch.values.subarray(0, count);
  if (areSame(values) && physical !== 'double' && values[0] !== Infinity) {
    return flatPages(column, physical, dictionaryPage(physical, [values[0] ?? 0], null, count), flags, rows.length);
  }
  const bytes = values.includes(Infinity)
    ? encodePlain(physical, withWide(buffer, rows, place))
    : encodeNumbers(physical, values, scratch.words);
  return flatPages(column, physical, { dictionary: null, bytes }, flags, rows.length);
}

/** Moves the values that are not null (NaN) together and flags their rows; returns how many there are. */
function withoutNulls(all: Float64Array, values: Float64Array, present: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    const value = all[i] as number;
    const isPresent = value === value; // NaN is not
    present[i] = isPresent ? 1 : 0;
    if (isPresent) values[count++] = value;
  }
  return count;
}

function areSame(values: Float64Array): boolean {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
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

function textPages(
  buffer: LandingBuffer,
  { column, place }: PlannedColumn,
  rows: Uint32Array,
  renumbering: Renumbering,
  scratch: Scratch,
): Pages {
  const present = scratch.present.subarray(0, rows.length);
  const count = codesOf(buffer.texts, place, rows, scratch.codes, present);
  const values = textValues(buffer, scratch.codes.subarray(0, count), renumbering);
  return flatPages(column, 'text', values, count === rows.length ? null : present, rows.length);
}

/** Codes of one text column without nulls (code 0), and flags of their rows; returns how many there are. */
function codesOf(
  texts: Uint32Array,
  place: number,
  rows: Uint32Array,
  codes: Uint32Array,
  present: Uint8Array,
): number {
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const code = texts[(rows[i] as number) * TEXTS.length + place] as number;
    present[i] = code === 0 ? 0 : 1;
    if (code !== 0) codes[count++] = code;
  }
  return count;
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
  const { bytes, present } = ids[column.name as keyof FileIds].page();
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
  const ids = listed(buffer.altIds, rows, lengths);
  const values = ids.length === 0 ? NO_VALUES : { dictionary: null, bytes: encodePlain('text', ids) };
  return nestedPages([column.name, 'list', 'element'], values, nestedLevels(lengths));
}

/** All elements of the rows' lists, one list after the other, and how long each is. */
function listed(lists: readonly (readonly string[])[], rows: Uint32Array, lengths: Uint32Array): string[] {
  const all: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    const own = lists[rows[i] as number] as readonly string[];
    lengths[i] = own.length;
    for (let k = 0; k < own.length; k++) all.push(own[k] as string);
  }
  return all;
}

function mapPages(buffer: LandingBuffer, column: LandingColumn, rows: Uint32Array, renumbering: Renumbering): Pages[] {
  const lengths = new Uint32Array(rows.length);
  const count = tagCounts(buffer.tagEnds, rows, lengths);
  const keys = new Uint32Array(count);
  const items = new Uint32Array(count);
  tagsOf(buffer, rows, lengths, keys, items);
  const levels = nestedLevels(lengths);
  return [
    nestedPages([column.name, 'key_value', 'key'], textValues(buffer, keys, renumbering), levels),
    nestedPages([column.name, 'key_value', 'value'], textValues(buffer, items, renumbering), levels),
  ];
}

/** How many tags each row has; returns their sum. */
function tagCounts(tagEnds: Uint32Array, rows: Uint32Array, lengths: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const texts = (tagEnds[row] as number) - (row === 0 ? 0 : (tagEnds[row - 1] as number));
    lengths[i] = texts / 2;
    sum += texts / 2;
  }
  return sum;
}

function tagsOf(
  { tagEnds, tagTexts }: LandingBuffer,
  rows: Uint32Array,
  lengths: Uint32Array,
  keys: Uint32Array,
  items: Uint32Array,
): void {
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const end = tagEnds[rows[i] as number] as number;
    for (let from = end - (lengths[i] as number) * 2; from < end; from += 2) {
      keys[at] = tagTexts[from] as number;
      items[at++] = tagTexts[from + 1] as number;
    }
  }
}

function placeOf(column: LandingColumn, names: readonly string[]): number {
  const at = names.indexOf(column.name);
  if (at < 0) throw new Error(`the landing buffer has no column ${column.name}`);
  return at;
}
