/** Every way in which the files of a lake can fail to be what catalog and commits say, made for real on a folder. */
import { cp, mkdir, readFile, readdir, rename, rm, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { readCommits } from '../../lib/commit.ts';
import { checkLakeFiles } from '../../lib/health/lake-files.ts';
import type { Keeping } from '../../lib/health/lake-files.ts';
import { checkLandingRows } from '../../lib/health/landing-rows.ts';
import type { Finding } from '../../lib/health/finding.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { LANDING_COLUMNS, landingTypes } from '../../lib/write/landing-row.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

const NOW = Date.parse('2026-11-24T00:00:00Z');
const KEEPING: Keeping = { nowMs: NOW, graceMs: 24 * 3_600_000, landingDays: 400 };

const line = (id: string, day: string): string =>
  `${JSON.stringify({ id, timestamp: `${day}T10:00:00Z`, model: 'gpt-4o', input_tokens: 10, output_tokens: 1 })}\n`;

let space: Workspace;
let pristine: string;
/** Two batches: of two objects with three calls on two days, and of one object with one call. Each test gets a copy of this. */
beforeAll(async () => {
  space = await workspace();
  pristine = join(dirname(space.lake), 'pristine');
  await space.write({
    'app/a.jsonl': line('a1', '2026-11-20') + line('a2', '2026-11-21'),
    'app/b.jsonl': line('b1', '2026-11-20'),
  });
  await space.run();
  await space.write({ 'app/c.jsonl': line('c1', '2026-11-20') });
  await space.run();
  for (const folder of [space.inbox, space.lake]) await copy(folder, join(pristine, basename(folder)));
});
beforeEach(async () => {
  for (const folder of [space.inbox, space.lake]) {
    await rm(folder, { recursive: true });
    await copy(join(pristine, basename(folder)), folder);
  }
});
afterAll(async () => space.close());

/** With times: they are the versions of the logs. */
async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, preserveTimestamps: true });
}

async function check(keeping: Keeping = KEEPING): Promise<Finding[]> {
  const store = createFolderStore(space.lake);
  const batches = await readCommits(store);
  const files = await checkLakeFiles(store, await createFolderCatalog(store).read(), batches, keeping);
  const engine = await openDuckDb(space.lake);
  try {
    const columns = landingTypes(LANDING_COLUMNS, 'day');
    const live = freeze(batches).objects;
    return [...files.findings, ...(await checkLandingRows(engine, columns, files.landing, live, files.wholeCommits))];
  } finally {
    engine.close();
  }
}

const found = async (keeping?: Keeping): Promise<Finding[]> =>
  (await check(keeping)).filter(({ level }) => level !== 'ok');

/** Files below a folder of the lake, as keys. */
async function keysUnder(folder: string): Promise<string[]> {
  const entries = await readdir(join(space.lake, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => path.slice(space.lake.length + 1)).toSorted();
}
const at = (key: string): string => join(space.lake, key);

/** Landing files of the batch that holds this object. */
async function landingOf(object: string): Promise<{ key: string; day: string }[]> {
  const batches = await readCommits(createFolderStore(space.lake));
  return [...(batches.find((batch) => batch.objects.some((o) => o.object === object))?.files ?? [])];
}

test('a lake that is right has only good findings, one for each check', async () => {
  const findings = await check();
  expect(findings.map(({ level, check }) => `${level} ${check}`)).toEqual([
    'ok generations',
    'ok landing',
    'ok commits',
  ]);
  expect(findings[2]?.message).toBe('3 commits with rows, all of them in landing');
  // the second run replaced the generation of a day; it is kept for readers and is no finding
  expect(findings[0]?.message).toMatch(/\d old ones? kept for readers/);
});

test('a file the catalog points to is missed, and the lake is not readable', async () => {
  const key =
    (await createFolderCatalog(createFolderStore(space.lake)).read()).tables['usage']?.['2026-11-21']?.keys[0] ?? '';
  await rm(at(key));
  const [finding, ...others] = await found();
  expect(finding).toMatchObject({ level: 'problem', check: 'lake', where: [key] });
  expect(finding?.message).toBe(`1 file that the catalog points to is missing, first ${key}`);
  expect(others).toEqual([]);
});

describe('generations', () => {
  test('that nobody points at and nobody retired are found, with their size', async () => {
    const state = await createFolderCatalog(createFolderStore(space.lake)).read();
    const key = state.tables['usage']?.['2026-11-21']?.keys[0] ?? '';
    const generation = state.tables['usage']?.['2026-11-21']?.generation ?? '';
    const orphan = key.replace(generation, 'killed-1');
    await mkdir(dirname(at(orphan)), { recursive: true });
    await cp(at(key), at(orphan));
    const bytes = (await readFile(at(key))).length;
    const findings = await found();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: 'note', check: 'generations', where: ['v1/sealed/g=killed-1/'] });
    expect(findings[0]?.message).toContain(`1 generation without a pointer (${bytes.toLocaleString('en-US')} bytes)`);
    expect(findings[0]?.todo).toContain('delete');
  });

  test('retired longer ago than the grace period are no finding: the next run removes them', async () => {
    expect(await found({ ...KEEPING, nowMs: NOW + 100 * 86_400_000 })).toEqual([]);
  });

  test('left by runs that were killed while sealing are found, and a run that ends does not point at them', async () => {
    await space.write({ 'app/d.jsonl': line('d1', '2026-11-22') });
    let orphans: Finding[] = [];
    // one port call later each time, until a generation is written and not pointed at
    for (let at = 8; orphans.length === 0; at++) {
      expect(await space.runUntil({ at, afterEffect: true })).toMatchObject({ crashed: true });
      orphans = (await found()).filter(({ check }) => check === 'generations');
    }
    const [folder = 'none'] = orphans[0]?.where ?? [];
    expect((await keysUnder(folder)).length).toBeGreaterThan(0);
    await space.run();
    expect(await readFile(at('catalog.json'), 'utf8')).not.toContain(folder);
  });
});

describe('landing', () => {
  test('files of a run that was killed before its commit are found, and are taken over by the next run', async () => {
    const [commit] = await keysUnder('commits');
    const bytes = await readFile(at(commit ?? ''));
    const { files } = JSON.parse(bytes.toString()) as { files: { key: string }[] };
    await rm(at(commit ?? ''));
    const strays = (await found()).filter(({ check }) => check === 'landing');
    expect(strays).toHaveLength(1);
    expect(strays[0]).toMatchObject({ level: 'note', where: files.map(({ key }) => key).toSorted() });
    await space.run();
    expect(await found()).toEqual([]);
  });

  test('a file that is gone makes its commit a problem, named with the file and what to do', async () => {
    const [first] = (await landingOf('app/a.jsonl')).filter(({ day }) => day === '2026-11-21');
    await rm(at(first?.key ?? ''));
    const findings = await found();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: 'problem', check: 'commits', where: [first?.key] });
    expect(findings[0]?.message).toContain('1 commit names 1 landing file that is gone');
    expect(findings[0]?.todo).toContain('run again');
  });

  test('is mended by the advice: without the commit record the logs are read again', async () => {
    const files = await landingOf('app/c.jsonl');
    for (const { key } of files) await rm(at(key));
    const [problem] = await found();
    const id = /commit records of ([0-9a-f]+)/.exec(problem?.todo ?? '')?.[1] ?? 'none';
    const record = (await keysUnder('commits')).find((key) => key.includes(id));
    await rm(at(record ?? ''));
    await space.run();
    expect(await found()).toEqual([]);
    expect(await space.ask('select count(*) as n from usage')).toEqual([{ n: '4' }]);
  });

  test('of days beyond keep.landing_days has expired: no problem', async () => {
    for (const { key } of await landingOf('app/c.jsonl')) await rm(at(key));
    const findings = await found({ ...KEEPING, landingDays: 2 });
    expect(findings).toMatchObject([{ level: 'note', check: 'landing' }]);
    expect(findings[0]?.message).toContain('1 landing file of days before 2026-11-22 has expired');
  });

  test('that holds no row of a commit is a problem with both numbers', async () => {
    const [own] = await landingOf('app/c.jsonl');
    const other = (await landingOf('app/a.jsonl')).find(({ day }) => day === '2026-11-20');
    await cp(at(other?.key ?? ''), at(own?.key ?? ''));
    expect(await found()).toMatchObject([
      {
        level: 'problem',
        check: 'commits',
        where: ['app/c.jsonl: 0 of 1 rows'],
        todo: expect.stringContaining('delete'),
      },
    ]);
  });

  test('that cannot be read is named, and the others are still counted', async () => {
    const [own] = await landingOf('app/c.jsonl');
    await truncate(at(own?.key ?? ''), 20);
    expect(await found()).toMatchObject([
      { level: 'problem', check: 'commits', message: '1 landing file cannot be read as Parquet', where: [own?.key] },
      { level: 'problem', check: 'commits', where: ['app/c.jsonl: 0 of 1 rows'] },
    ]);
  });

  test('of a superseded version may be gone', async () => {
    const files = await landingOf('app/c.jsonl');
    await space.write({ 'app/c.jsonl': line('c1', '2026-11-20') + line('c2', '2026-11-20') }, '2026-11-22T00:00:00Z');
    await space.run();
    for (const { key } of files) await rename(at(key), `${at(key)}.tmp`);
    expect(await found()).toEqual([]);
  });
});
