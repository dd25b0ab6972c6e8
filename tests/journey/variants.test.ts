/**
 * Every golden sample in every container, spelling and wrapper it may arrive in: the ledger must come out the same as from the plain files,
 * whose rows the golden tests know by hand. All samples of one variant go through one run, so what twins and buckets do is compared too.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workspace } from '../fixtures/folder-run.ts';
import type { Files, Workspace } from '../fixtures/folder-run.ts';
import type { SqlRow } from '../../lib/ports.ts';

const FOLDER = fileURLToPath(new URL('../golden/samples/', import.meta.url));

interface Sample {
  /** without the extension of a container */
  readonly name: string;
  readonly text: string;
}

const SAMPLES: readonly Sample[] = readdirSync(FOLDER)
  .filter((name) => /\.(jsonl?|csv|out|gz)$/.test(name))
  .map((name) => {
    const bytes = readFileSync(`${FOLDER}${name}`);
    return {
      name: name.replace(/\.gz$/, ''),
      text: (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'),
    };
  });
const isCsv = ({ name }: Sample): boolean => name.endsWith('.csv');
/** Files whose lines lean on each other: they are read as a whole, in order, and nobody wraps their lines. */
const isSession = ({ name }: Sample): boolean => /^(claude-code-session|codex-rollout)/.test(name);
const isLogged = (sample: Sample): boolean => !isCsv(sample) && !isSession(sample);

/** The lines of a sample, each compact; a document is one line. */
function lines({ text }: Sample): string[] {
  try {
    const whole = JSON.parse(text) as unknown;
    return (Array.isArray(whole) ? whole : [whole]).map((value) => JSON.stringify(value));
  } catch {
    return text.split(/\r?\n/).filter((line) => line !== '');
  }
}

const TIME = '2026-11-20T12:00:00Z';
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const halves = (whole: Buffer): Buffer[] => [whole.subarray(0, whole.length >> 1), whole.subarray(whole.length >> 1)];

const CONTAINERS: Readonly<Record<string, (sample: Sample) => [extension: string, content: Uint8Array]>> = {
  gzip: ({ text }) => ['.gz', gzipSync(text)],
  'gzip in two members': ({ text }) => ['.gz', Buffer.concat(halves(bytes(text)).map((half) => gzipSync(half)))],
  zstd: ({ text }) => ['.zst', zstdCompressSync(text)],
  CRLF: ({ text }) => ['', bytes(text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'))],
  'byte order mark': ({ text }) => ['', bytes(`\ufeff${text}`)],
  'no final line end': ({ text }) => ['', bytes(text.trimEnd())],
};

const WITH_TIME: Readonly<Record<string, (line: string) => string>> = {
  'beside a time': (line) => `{"timestamp":${JSON.stringify(TIME)},"response":${line}}`,
  'as text in a log subscription': (line) =>
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logGroup: '/llm',
      logEvents: [{ id: '1', timestamp: Date.parse(TIME), message: line }],
    }),
};

const open: Workspace[] = [];
afterAll(async () => {
  for (const space of open) await space.close();
});

interface Ledger {
  readonly usage: SqlRow[];
  readonly excluded: SqlRow[];
  readonly rejects: number;
}

/**
 * Where a row was read may differ. An embedding answer has neither id nor time: it is known by its place only (DESIGN §4, class 5), so its
 * record_id is left out.
 */
const COLUMNS = `* exclude (ingested_at, source_object, source_line) replace (
  case when source_format = 'openai.embedding' then null else record_id end as record_id)`;

/** A wrapper's time is a report: it counts for every record that had none and was dated by its file or its neighbors. */
const timed = ({ usage, excluded, rejects }: Ledger): Ledger => ({
  usage: dated(usage),
  excluded: dated(excluded),
  rejects,
});
const dated = (rows: SqlRow[]): SqlRow[] =>
  sorted(
    rows.map((row) =>
      row['time_basis'] === 'inferred'
        ? { ...row, time_basis: 'reported', occurred_at: '2026-11-20 12:00:00', day: '2026-11-20' }
        : row,
    ),
  );

const isFailedVertexBatch = (row: SqlRow): boolean =>
  row['source_format'] === 'vertex.batch' && row['status'] === 'error';

async function ledgerOf(files: Files): Promise<Ledger> {
  const space = await workspace();
  open.push(space);
  await space.write(files, TIME);
  await space.run();
  const [rejects] = await space.ask('select cast(count(*) as varchar) as n from rejects');
  return {
    usage: sorted(await space.ask(`select ${COLUMNS} from usage`)),
    excluded: sorted(await space.ask(`select ${COLUMNS} from usage_excluded`)),
    rejects: Number(rejects?.['n']),
  };
}

const sorted = (rows: SqlRow[]): SqlRow[] => rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const plain = (samples: readonly Sample[]): Promise<Ledger> =>
  ledgerOf(Object.fromEntries(samples.map(({ name, text }) => [name, text])));

let everything: Ledger;
let logged: Ledger;
beforeAll(async () => {
  everything = await plain(SAMPLES);
  logged = await plain(SAMPLES.filter(isLogged));
}, 120_000);

test('the plain files give rows of every format that is read, and no rejects', () => {
  const formats = new Set(everything.usage.map((row) => row['source_format']));
  expect(formats.size).toBeGreaterThanOrEqual(18);
  expect(everything.usage.length).toBeGreaterThan(40);
  expect(everything.excluded.length).toBeGreaterThan(0);
  expect(everything.rejects).toBe(0);
});

describe('containers and spellings', () => {
  test.each(Object.entries(CONTAINERS))('%s', async (_, variant) => {
    const files = SAMPLES.map((sample) => {
      const [extension, content] = variant(sample);
      return [`${sample.name}${extension}`, content] as const;
    });
    expect(await ledgerOf(Object.fromEntries(files))).toEqual(everything);
  });

  test('a list of the lines', async () => {
    const files = SAMPLES.map((sample) => [
      sample.name,
      isCsv(sample) ? sample.text : `[${lines(sample).join(',\n')}]`,
    ]);
    expect(await ledgerOf(Object.fromEntries(files))).toEqual(everything);
  });
});

describe('wrapped', () => {
  const wrapped = (wrap: (line: string) => string): Promise<Ledger> =>
    ledgerOf(
      Object.fromEntries(SAMPLES.filter(isLogged).map((sample) => [sample.name, lines(sample).map(wrap).join('\n')])),
    );

  test.each(Object.entries(WITH_TIME))('%s', async (_, wrap) => {
    const found = await wrapped(wrap);
    expect(found).toEqual(timed(logged));
    expect(found.usage.filter((row) => row['time_basis'] === 'inferred')).toEqual([]);
  });

  test("a failed Vertex batch row keeps the time it tells over its wrapper's", async () => {
    const found = await wrapped(WITH_TIME['beside a time'] ?? String);
    const rows = found.usage.filter(isFailedVertexBatch);
    expect(rows.map((row) => row['occurred_at'])).toEqual(['2026-08-01 00:05:01']);
  });

  test('as text without a time, as CloudWatch exports it', async () => {
    expect(await wrapped((line) => JSON.stringify({ message: line }))).toEqual(logged);
  });
});

describe('mixed in one file', () => {
  const all = SAMPLES.filter(isLogged).map(lines);

  test('one sample after the other', async () => {
    expect(await ledgerOf({ 'mixed.jsonl': all.flat().join('\n') })).toEqual(logged);
  });

  test('line by line in turn', async () => {
    const longest = Math.max(...all.map((sample) => sample.length));
    const inTurn = Array.from({ length: longest }, (_, i) => all.flatMap((sample) => sample[i] ?? [])).flat();
    expect(inTurn).toHaveLength(all.flat().length);
    expect(await ledgerOf({ 'mixed.jsonl': inTurn.join('\n') })).toEqual(logged);
  });
});
