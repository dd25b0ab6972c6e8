/** A lake of 400 days and 40 teams: what is unchanged is not touched, and one late object rewrites the days it reaches and no more. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';
import { addDays } from '../../lib/time.ts';

const DAYS = 400;
const TEAMS = 40;
const FIRST = '2025-10-01';
const NOW = '2026-11-05T06:00:00Z';

function call(day: string, id: string, team: number): string {
  return JSON.stringify({
    timestamp: `${day}T12:00:00Z`,
    id,
    model: 'gpt-4o',
    input_tokens: 1000,
    output_tokens: 100,
    team: `team-${team}`,
  });
}

const lines = (day: string): string =>
  `${Array.from({ length: TEAMS }, (_, team) => call(day, `${day}-${team}`, team)).join('\n')}\n`;

/** Files of the tables, without the name of their generation: table and partition → how many files. */
async function tableFiles(space: Workspace): Promise<string[]> {
  const found = await readdir(join(space.lake, 'v1'), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

const partition = (path: string): string => path.replace(/^.*\/g=[^/]+\//, '').replace(/\/[^/]+$/, '');

test('an unchanged run rewrites nothing; one late object rewrites its day, its month and what lists objects', async () => {
  const space = await workspace();
  try {
    await space.write(
      Object.fromEntries(
        Array.from({ length: DAYS }, (_, i) => addDays(FIRST, i)).map((d) => [`${d}.jsonl`, lines(d)]),
      ),
    );
    const first = await space.run({ now: NOW });
    expect(first.sealedDays).toHaveLength(DAYS);
    const before = await tableFiles(space);

    const second = await space.run({ now: NOW });
    expect(second.sealedDays).toEqual([]);
    expect(await tableFiles(space)).toEqual(before);

    await space.write({ 'late.jsonl': `${call('2026-03-03', 'late', 1)}\n` });
    const third = await space.run({ now: NOW });
    expect(third.sealedDays).toEqual(['2026-03-03']);
    const known = new Set(before);
    const fresh = (await tableFiles(space)).filter((path) => !known.has(path)).map(partition);
    expect(fresh.toSorted()).toEqual([
      'kind=usage/day=2026-03-03',
      'table=ingested_objects/ingested_day=2026-11-05',
      'table=showback_monthly/month=2026-03',
      'table=source_days/day=2026-03-03',
      'table=spend_daily/day=2026-03-03',
    ]);
    expect(await space.ask('select count(*) as n, cast(sum(calls) as bigint) as calls from usage')).toEqual([
      { n: String(DAYS * TEAMS + 1), calls: String(DAYS * TEAMS + 1) },
    ]);
  } finally {
    await space.close();
  }
}, 300_000);
