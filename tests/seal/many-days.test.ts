/** A lake of 400 days and 40 teams: what an unchanged run and a late object cost in days written. */
import { expect, test } from 'vitest';
import { ask, land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { RowSpec } from '../fixtures/ledger-rows.ts';
import { addDays } from '../../lib/time.ts';

const DAYS = 400;
const TEAMS = 40;
const FIRST = '2025-10-01';
const day = (n: number): string => addDays(FIRST, n);

test('400 days × 40 teams: unchanged rewrites nothing, a late object only the days it reaches', async () => {
  const lake = await openTestLake();
  try {
    const rows = (d: number): RowSpec[] =>
      Array.from({ length: TEAMS }, (_, team) => ({
        id: `d${d}-${team}`,
        at: `${day(d)}T10:00:00Z`,
        team: `team-${team}`,
      }));
    // some agent sessions, so that twins are looked for over weeks
    const sessions: RowSpec[] = Array.from({ length: DAYS / 20 }, (_, i) => ({
      id: `s${i}`,
      at: `${day(i * 20)}T10:00:00Z`,
      kind: 'agent',
      class: 'sessions',
    }));
    await land(lake, Object.fromEntries(Array.from({ length: DAYS }, (_, d) => [`day-${d}.jsonl`, rows(d)])));
    await land(lake, { 'sessions.jsonl': sessions });
    expect(await sealAll(lake)).toHaveLength(DAYS);
    const before = (await lake.catalog.read()).tables['usage'] ?? {};

    expect(await sealAll(lake)).toEqual([]);
    const lateObjects: [name: string, row: RowSpec, reaches: number[]][] = [
      ['a new call', { id: 'late', at: `${day(200)}T12:00:00Z` }, [200]],
      ['a twin one day off', { id: 'd220-5', at: `${day(221)}T12:00:00Z`, kind: 'gateway' }, [220, 221]],
      [
        'a session that replays a call',
        { id: 'd240-5', at: `${day(260)}T12:00:00Z`, kind: 'agent', class: 'sessions' },
        [240, 260],
      ],
      ['a copy too far away', { id: 'd280-5', at: `${day(290)}T12:00:00Z`, kind: 'gateway' }, [290]],
    ];
    for (const [i, [name, row, reaches]] of lateObjects.entries()) {
      await land(lake, { [`${name}.jsonl`]: [row] }, Date.UTC(2026, 10, 21) + i);
      expect([name, ...(await sealAll(lake))]).toEqual([name, ...reaches.map(day)]);
    }
    const after = (await lake.catalog.read()).tables['usage'] ?? {};
    const rewritten = Object.keys(after).filter((d) => after[d]?.generation !== before[d]?.generation);
    expect(rewritten.toSorted()).toEqual([200, 220, 221, 240, 260, 290].map(day));
    const total = DAYS * TEAMS + sessions.length + 2;
    expect(await ask(lake, 'select cast(count(*) as varchar) as n from usage')).toEqual([{ n: String(total) }]);
  } finally {
    await lake.close();
  }
}, 300_000);
