/**
 * No text and no key of a log leaves the inbox: canary words are planted wherever a log can hold text or credentials, the real command
 * runs, and everything it wrote and printed is searched, in its bytes and in the values of every column of every Parquet file.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { folder, ledger } from '../cli/run-command.ts';
import type { Printed } from '../cli/run-command.ts';
import type { Files } from '../fixtures/folder-run.ts';
import { READ, READ_FORMATS } from './canary-lines.ts';
import { MISPLACED_KEYS, REJECTED } from './canary-rejected.ts';
import { CANARY } from './canary-words.ts';

/** Runs of the real command take seconds on a busy machine. */
const HOOK_MS = 120_000;

type Found = Readonly<Record<string, string>>;

/** All words that begin with the canary, once each. */
function canaries(text: string): string[] {
  return [...new Set(text.match(new RegExp(`${CANARY}[\\w-]*`, 'gi')))];
}

/** What every file under a folder says: its bytes, inflated if packed, and for Parquet every value of every column. */
async function textsUnder(root: string): Promise<Found> {
  const texts: Record<string, string> = {};
  const engine = await openDuckDb(root);
  try {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      texts[path] = bytes.toString('latin1');
      if (bytes[0] === 0x1f && bytes[1] === 0x8b) texts[path] += gunzipSync(bytes).toString('latin1');
      if (bytes.subarray(0, 4).toString('latin1') !== 'PAR1') continue;
      const rows = await engine.query(`select to_json(t)::varchar as row from read_parquet('${path}') t`);
      texts[`${path} (values)`] = rows.map((row) => String(row['row'])).join('\n');
    }
  } finally {
    engine.close();
  }
  return texts;
}

async function writeAll(inbox: string, files: Files): Promise<void> {
  for (const [key, content] of Object.entries(files)) {
    await mkdir(dirname(join(inbox, key)), { recursive: true });
    await writeFile(join(inbox, key), content);
  }
}

const leaks = (texts: Found): string[] =>
  Object.entries(texts).flatMap(([place, text]) => canaries(text).map((found) => `${found} in ${place}`));

describe.each(['keep', 'pseudonym', 'drop'])('persons: %s', (persons) => {
  let space: Awaited<ReturnType<typeof folder>>;
  let lake: string;
  let printed: Printed[];
  let texts: Found;

  beforeAll(async () => {
    space = await folder();
    lake = join(space.path, 'lake');
    await writeAll(join(space.path, 'inbox'), { ...READ, ...REJECTED });
    const config = join(space.path, 'config.json');
    await writeFile(
      config,
      JSON.stringify({ privacy: { persons }, limits: { max_line_bytes: 65_536, rejected_percent: '1' } }),
    );
    const words = ['run', '--inbox', join(space.path, 'inbox'), '--lake', lake, '--config', config];
    const ask = (sql: string): Promise<Printed> => ledger(space.path, 'query', '--lake', lake, '--format', 'json', sql);
    printed = [
      await ledger(space.path, ...words, '--now', '2026-11-24T00:00:00Z'),
      await ledger(space.path, ...words, '--now', '2026-11-24T00:00:00Z', '--format', 'json'),
      await ask('select * from usage'),
      await ask('select * from rejects'),
      await ask('select * from ingested_objects'),
      await ledger(space.path, 'doctor', '--lake', lake, '--config', config),
    ];
    texts = await textsUnder(lake);
  }, HOOK_MS);
  afterAll(async () => space.close());

  test('everything planted was read or rejected, and the search sees into what was written', () => {
    const planted = leaks(Object.fromEntries(Object.entries(READ).map(([key, text]) => [key, String(text)])));
    expect(planted.length).toBeGreaterThan(100);
    const usage = JSON.parse(printed[2]?.out ?? '') as { source_format: string; team: string }[];
    expect([...new Set(usage.map((row) => row.source_format))].toSorted()).toEqual(READ_FORMATS);
    expect(usage.some((row) => row.team === 'teamvisible')).toBe(true);
    const rejects = JSON.parse(printed[3]?.out ?? '') as { source_object: string }[];
    expect(rejects.length).toBeGreaterThanOrEqual(12);
    const objects = JSON.parse(printed[4]?.out ?? '') as { object: string }[];
    expect(objects.map((row) => row.object)).toEqual(expect.arrayContaining(Object.keys(READ)));
    const values = Object.entries(texts).filter(([place]) => place.endsWith('(values)'));
    expect(values.filter(([, text]) => text.includes('teamvisible')).length).toBeGreaterThan(1);
  });

  test('no canary is in any file of the lake, the reports included', () => {
    expect(Object.keys(texts).map((path) => path.slice(lake.length + 1))).toEqual(
      expect.arrayContaining(['report.html', 'report.txt']),
    );
    expect(leaks(texts)).toEqual([]);
  });

  test('no canary was printed', () => {
    expect(printed.map(({ code }) => code)).toEqual([3, 3, 0, 0, 0, 1]);
    expect(printed.flatMap(({ out, err }) => canaries(out + err))).toEqual([]);
  });
});

describe('a credential where a name is due', () => {
  let texts: Found;
  beforeAll(async () => {
    const space = await folder();
    try {
      const [inbox, lake] = [join(space.path, 'inbox'), join(space.path, 'lake')];
      await writeAll(inbox, MISPLACED_KEYS);
      const { code, out } = await ledger(space.path, 'run', '--inbox', inbox, '--lake', lake);
      if (code !== 0 || !out.startsWith('5 objects read')) throw new Error('the planted files were not read');
      texts = await textsUnder(lake);
    } finally {
      await space.close();
    }
  }, HOOK_MS);

  test.each(Object.keys(MISPLACED_KEYS))('in %s is not stored in clear', (file) => {
    const planted = `${CANARY}-${file.split('.')[0] ?? ''}`;
    expect(leaks(texts).filter((leak) => leak.startsWith(planted))).toEqual([]);
  });
});
