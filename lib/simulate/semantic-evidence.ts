/**
 * What the owner's own embedding model says of his requests, read from two files of JSON Lines: labelled pairs, and for each request its nearest
 * earlier one. In: lines of text. Out: pairs; neighbors as numbers of ids, then as calls of a log. Invariant: a line that cannot be understood
 * stops the run with file, line and field (values are never repeated); a neighbor that is not in the log or not earlier is none, and is counted.
 */
import { Misconfigured } from '../errors.ts';
import type { CallLog } from './call-log.ts';
import { createNumberColumn } from './number-column.ts';
import type { LabelledPair, NearestRequests } from './semantic-cache.ts';

type Lines = AsyncIterable<string> | Iterable<string>;

/** The owner's nearest earlier requests. Ids are numbered, so that a million of them are kept once each. */
export interface NeighborRows {
  readonly rows: number;
  /** numbers of record ids, of requests and neighbors alike */
  readonly ids: ReadonlyMap<string, number>;
  /** by row: number of the request and of its nearest, -1 for none */
  readonly request: Float64Array;
  readonly nearest: Float64Array;
  readonly similarity: Float64Array;
}

/** The part of `NearestRequests` that does not hang on assumed latencies, and what of the file came to nothing. */
export interface Neighbors extends NearestRequests {
  readonly rows: number;
  /** rows of requests that are not in this log: another period, or calls that are not billed by use */
  readonly rowsOutsideLog: number;
  /** rows of the log whose nearest is not in it, or not earlier */
  readonly unknownNeighbors: number;
}

export interface NeighborCollector {
  /** the next call of the log, in order of time */
  see(recordId: string, call: number): void;
  finish(log: Pick<CallLog, 'calls'>): Neighbors;
}

/** Cosines of single-precision vectors may exceed 1 by rounding. */
const MAX_SIMILARITY = 1 + 1e-5;

/** Labelled pairs of lines like `{"similarity":0.93,"same_answer":true}`. Throws `Misconfigured` at the first bad line. */
export async function readLabelledPairs(lines: Lines, file: string): Promise<LabelledPair[]> {
  const pairs: LabelledPair[] = [];
  for await (const row of rowsOf(lines, file)) {
    const isSameAnswer = row.value['same_answer'];
    if (typeof isSameAnswer !== 'boolean')
      throw badField(row, 'same_answer', 'must be true or false', 'label whether one answer is right for both');
    pairs.push({ similarity: similarityOf(row), isSameAnswer });
  }
  return pairs;
}

/**
 * Nearest earlier requests of lines like `{"record_id":"…","nearest":"…","similarity":0.91}`; `nearest` null: the request has none, and needs no
 * similarity. Throws `Misconfigured` at the first bad line or second line of one request.
 */
export async function readNeighbors(lines: Lines, file: string): Promise<NeighborRows> {
  const ids = new Map<string, number>();
  /** by number of an id: the line that tells its nearest, 0 for none yet */
  const lineOf: number[] = [];
  const request = createNumberColumn();
  const nearest = createNumberColumn();
  const similarity = createNumberColumn();
  const numberOf = (id: string): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    ids.set(id, ids.size);
    return lineOf.push(0) - 1;
  };
  let rows = 0;
  for await (const row of rowsOf(lines, file)) {
    const number = numberOf(idOf(row, 'record_id'));
    const before = lineOf[number] ?? 0;
    if (before > 0)
      throw badField(
        row,
        'record_id',
        `is the one of line ${before}`,
        'give one line per request, with its nearest only',
      );
    lineOf[number] = row.line;
    const hasNearest = row.value['nearest'] !== null;
    request.push(number);
    nearest.push(hasNearest ? numberOf(idOf(row, 'nearest')) : -1);
    similarity.push(hasNearest ? similarityOf(row) : NaN);
    rows++;
  }
  return { rows, ids, request: request.values(), nearest: nearest.values(), similarity: similarity.values() };
}

/** Turns ids into calls while a log is read. */
export function createNeighborCollector(rows: NeighborRows): NeighborCollector {
  const callOf = new Int32Array(rows.ids.size).fill(-1);
  return {
    see(recordId, call) {
      const number = rows.ids.get(recordId);
      if (number !== undefined && callOf[number] === -1) callOf[number] = call;
    },
    finish({ calls }) {
      const nearest = new Int32Array(calls).fill(-1);
      const similarity = new Float64Array(calls).fill(NaN);
      let rowsOutsideLog = 0;
      let unknownNeighbors = 0;
      for (let row = 0; row < rows.rows; row++) {
        const call = callOf[rows.request[row] as number] as number;
        const neighbor = rows.nearest[row] as number;
        if (call < 0) rowsOutsideLog++;
        else if (neighbor >= 0) {
          const source = callOf[neighbor] as number;
          if (source < 0 || source >= call) unknownNeighbors++;
          else {
            nearest[call] = source;
            similarity[call] = rows.similarity[row] as number;
          }
        }
      }
      return { nearest, similarity, rows: rows.rows, rowsOutsideLog, unknownNeighbors };
    },
  };
}

interface Row {
  readonly file: string;
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

async function* rowsOf(lines: Lines, file: string): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of lines) {
    line++;
    const json = line === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (json.trim() === '') continue;
    yield { file, line, value: objectOf(json, file, line) };
  }
}

function objectOf(json: string, file: string, line: number): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // said below: a message of JSON.parse quotes the line
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Misconfigured(`${file} line ${line}: is no JSON object`, {
      hint: 'write one object per line (JSON Lines), without line breaks inside',
      place: { object: file, line },
    });
  return value as Record<string, unknown>;
}

function idOf(row: Row, field: string): string {
  const id = row.value[field];
  if (typeof id === 'string' && id !== '') return id;
  throw badField(
    row,
    field,
    'must be the text of a record id',
    field === 'nearest'
      ? 'take record_id of table usage, or null where there is no earlier request'
      : 'take record_id of table usage',
  );
}

function similarityOf(row: Row): number {
  const { similarity } = row.value;
  if (typeof similarity === 'number' && Math.abs(similarity) <= MAX_SIMILARITY) return similarity;
  throw badField(row, 'similarity', 'must be a number from -1 to 1', 'give the cosine of both embeddings, no percent');
}

function badField({ file, line }: Row, field: string, what: string, hint: string): Misconfigured {
  return new Misconfigured(`${file} line ${line}: ${field} ${what}`, { hint, place: { object: file, line } });
}
