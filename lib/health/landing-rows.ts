/**
 * Whether landing holds the rows that commits say. In: an engine, the landing files of live commits that are there, the commits. Out:
 * findings: commits without (all of) their rows, files that cannot be read. One narrow column of each file is read, some files at a time.
 */
import type { LandingFile, LiveObject } from '../commit.ts';
import { LedgerError } from '../errors.ts';
import type { SqlEngine } from '../ports.ts';
import { countIn, textIn } from '../report/measures.ts';
import { firstPlaces, several } from './finding.ts';
import type { Finding } from './finding.ts';

const FILES_AT_ONCE = 200;

/** Counts the landed rows of every commit whose files are all there. */
export async function checkLandingRows(
  engine: SqlEngine,
  columns: Readonly<Record<string, string>>,
  files: readonly LandingFile[],
  live: readonly LiveObject[],
  wholeCommits: ReadonlySet<string>,
): Promise<Finding[]> {
  const expected = new Map<string, { object: string; rows: number }>();
  for (const { commit } of live) {
    const rows = Object.values(commit.days).reduce((sum, n) => sum + n, 0);
    if (rows > 0 && wholeCommits.has(commit.commitId)) expected.set(commit.commitId, { object: commit.object, rows });
  }
  const found = new Map<string, number>();
  const unreadable: string[] = [];
  for (let i = 0; i < files.length; i += FILES_AT_ONCE) {
    const keys = files.slice(i, i + FILES_AT_ONCE).map((file) => file.key);
    if (await countRows(engine, columns, keys, found)) continue;
    for (const key of keys) if (!(await countRows(engine, columns, [key], found))) unreadable.push(key);
  }
  const short = [...expected].filter(([id, { rows }]) => (found.get(id) ?? 0) < rows);
  return [...unreadableFindings(unreadable), ...shortFindings(short, found, expected.size, unreadable.length > 0)];
}

/** Adds the rows of some files by commit; false, adding nothing, if one of them cannot be read. */
async function countRows(
  engine: SqlEngine,
  columns: Readonly<Record<string, string>>,
  keys: readonly string[],
  found: Map<string, number>,
): Promise<boolean> {
  try {
    await engine.files('landing', columns, keys);
    const rows = await engine.query(
      'select commit_id, cast(count(*) as bigint) as landed_rows from landing group by commit_id',
    );
    for (const row of rows) {
      const id = textIn(row, 'commit_id') ?? '';
      found.set(id, (found.get(id) ?? 0) + countIn(row, 'landed_rows'));
    }
    return true;
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}

function unreadableFindings(keys: readonly string[]): Finding[] {
  if (keys.length === 0) return [];
  return [
    {
      level: 'problem',
      check: 'commits',
      message: `${several(keys.length, 'landing file')} cannot be read as Parquet`,
      where: firstPlaces(keys),
      todo: 'restore them; or, with the logs still in the inbox, delete them and their commit records below commits/v1/ and run again',
    },
  ];
}

function shortFindings(
  short: readonly (readonly [string, { object: string; rows: number }])[],
  found: ReadonlyMap<string, number>,
  commits: number,
  isUnreadable: boolean,
): Finding[] {
  if (short.length > 0) {
    const named = short.map(([id, { object, rows }]) => `${object}: ${found.get(id) ?? 0} of ${rows} rows`);
    return [
      {
        level: 'problem',
        check: 'commits',
        message: `landing lacks rows that ${several(short.length, 'commit')} ${short.length === 1 ? 'names' : 'name'}`,
        where: firstPlaces(named),
        todo: 'with the logs still in the inbox, delete the commit records of these objects below commits/v1/ and run again',
      },
    ];
  }
  if (isUnreadable) return [];
  return [
    { level: 'ok', check: 'commits', message: `${several(commits, 'commit')} with rows, all of them in landing` },
  ];
}
