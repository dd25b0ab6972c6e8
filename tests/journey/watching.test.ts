/**
 * A week watched over a real lake: the four tables by SQL against the ledger's own rows, their files against the schema, how they are replaced,
 * and what the daily check tells, once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askLake } from '../../bin/commands/query.ts';
import { openLakeWorld } from '../../bin/local-world.ts';
import { ALERTS_PREFIX, checkLake } from '../../lib/checking.ts';
import type { AlertItem } from '../../lib/checking.ts';
import type { CatalogState } from '../../lib/ports.ts';
import { ANOMALIES, BUDGETS, CHANGE_DRIVERS, FORECASTS } from '../../lib/schema.ts';
import { watchWeek } from '../../lib/watching.ts';
import type { WatchWorld, WatchedWeek } from '../../lib/watching.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';
import { BOTH_WEEKS, WEEK, watchWorld, watchedInbox } from '../fixtures/watched-lake.ts';
import { parquetTypes } from '../parts/parquet-schema.ts';

const TABLES = [BUDGETS, FORECASTS, ANOMALIES, CHANGE_DRIVERS];
const NOW = '2026-11-16T09:00:00Z';

async function on<T>(
  { lake }: Workspace,
  act: (world: WatchWorld) => Promise<T>,
  budgets?: readonly object[],
): Promise<T> {
  const world = await openLakeWorld({ lake, now: NOW });
  try {
    return await act(await watchWorld(world.seal, budgets));
  } finally {
    world.close();
  }
}
const watch = async (work: Workspace, week = WEEK, budgets?: readonly object[]): Promise<WatchedWeek> =>
  await on(work, async (world) => await watchWeek(world, week), budgets);
const catalogOf = async (work: Workspace): Promise<CatalogState> =>
  JSON.parse(await readFile(join(work.lake, 'catalog.json'), 'utf8')) as CatalogState;

let work: Workspace;
const ask = async (sql: string): Promise<unknown[]> => await askLake(work.lake, sql);

beforeAll(async () => {
  work = await workspace();
  await work.write(watchedInbox(), '2026-11-16T00:30:00Z');
  await work.run({ now: NOW });
}, 120_000);
afterAll(async () => work?.close());

describe('a week', () => {
  test('can be asked before it was watched: all four tables are empty', async () => {
    for (const { name } of TABLES) expect(await ask(`select count(*) as n from ${name}`)).toEqual([{ n: '0' }]);
  });

  test('is watched: what was found is what stands in the tables', async () => {
    const found = await watch(work);
    expect(found.isChanged).toBe(true);
    expect(found.comparedDays).toHaveLength(7);
    const counts = [found.budgets, found.forecasts, found.anomalies, found.drivers].map((rows) => String(rows.length));
    for (const [at, { name }] of TABLES.entries())
      expect(await ask(`select count(*) as n from ${name}`)).toEqual([{ n: counts[at] }]);
  });

  test('budgets of its month', async () => {
    expect(await ask('select * from budgets order by id')).toEqual([
      { scope: 'total', id: '', amount: '200.000000000000', owner: 'Ada', period: '2026-11' },
      { scope: 'team', id: 'growth', amount: '1000.000000000000', owner: null, period: '2026-11' },
    ]);
  });

  test('the forecast of its month: actual is what the ledger has, the range lies around what is expected', async () => {
    const rows = await ask(
      `select f.scope, f.id, f.period, cast(f.made_on as varchar) as made_on,
         f.actual = (
           select sum(s.cost) from spend_daily s
           where (f.scope = 'total' or s.team = f.id) and s.day between date '2026-11-01' and date '2026-11-15'
         ) as is_exact,
         f.actual < f.low and f.low < f.expected and f.expected < f.high as is_range
       from forecasts f order by f.id`,
    );
    const row = { period: '2026-11', made_on: '2026-11-16', is_exact: true, is_range: true };
    expect(rows).toEqual([
      { scope: 'total', id: '', ...row },
      { scope: 'team', id: 'growth', ...row },
      { scope: 'team', id: 'search', ...row },
    ]);
  });

  test('anomalies of its days: the spike and nothing else, at what the ledger has', async () => {
    const [row, ...others] = (await ask(
      `select cast(a.day as varchar) as day, a.team, a.model, a.cause, a.state, cast(a.actual - s.cost as varchar) as off, cast(a.expected as double) as expected
       from anomalies a join (select day, team, model, sum(cost) as cost from spend_daily group by all) s using (day, team, model)`,
    )) as Record<string, unknown>[];
    expect(others).toEqual([]);
    expect(row).toMatchObject({ day: '2026-11-11', team: 'search', model: 'gpt-4o', cause: 'calls', state: 'new' });
    expect(Number(row?.['off'])).toBe(0);
    expect(Math.abs(Number(row?.['expected']) - 5)).toBeLessThan(0.05);
  });

  test('why it cost more: to the last digit the change of each team, with the new model and the new key as they cost', async () => {
    const off = await ask(
      `select coalesce(d.team, c.team) as team from (select team, sum(amount) as amount from change_drivers where week = '${WEEK.to}' group by team) d
       full join (
         select team, sum(case when day >= date '${WEEK.from}' then cost else -cost end) as change
         from spend_daily where day between date '${BOTH_WEEKS.from}' and date '${BOTH_WEEKS.to}' group by team
       ) c on c.team = d.team
       where d.amount is distinct from c.change`,
    );
    expect(off).toEqual([]);
    const rows = (await ask(
      'select team, driver, cast(amount as double) as amount from change_drivers order by team, driver',
    )) as {
      team: string;
      driver: string;
      amount: unknown;
    }[];
    const of = (team: string, driver: string): number =>
      Number(rows.find((row) => row.team === team && row.driver === driver)?.amount ?? 0);
    expect(of('growth', 'new_model')).toBeCloseTo(7 * 0.15, 9);
    expect(of('growth', 'new_key')).toBeCloseTo(7 * 0.1, 9);
    // 14 calls a week of some 2.50 USD become 20
    expect(Math.abs(of('search', 'volume') - 15)).toBeLessThan(0.1);
    expect(of('search', 'price')).toBe(0);
  });

  test('files have the types of the schema', async () => {
    const { tables } = await catalogOf(work);
    for (const table of TABLES) {
      const [pointer, ...others] = Object.values(tables[table.name] ?? {});
      expect(others).toEqual([]);
      expect(pointer?.keys[0]).toMatch(
        new RegExp(`^v1/derived/g=[^/]+/table=${table.name}/${table.partition?.name}=[^/]+/`),
      );
      const bytes = await readFile(join(work.lake, pointer?.keys[0] ?? ''));
      const file = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      expect(parquetTypes(file)).toEqual(table.columns.map(({ name, type }) => [name, type]));
    }
  });

  test('watched again: nothing is written, nothing is switched', async () => {
    const before = await catalogOf(work);
    expect((await watch(work)).isChanged).toBe(false);
    expect(await catalogOf(work)).toEqual(before);
  });

  test('another budget changes that table alone; none takes its month away', async () => {
    const before = await catalogOf(work);
    expect((await watch(work, WEEK, [{ scope: 'total', amount: '7' }])).isChanged).toBe(true);
    expect(await ask('select scope, cast(amount as integer) as amount from budgets')).toEqual([
      { scope: 'total', amount: 7 },
    ]);
    await watch(work, WEEK, []);
    const after = await catalogOf(work);
    expect(after.tables['budgets']).toEqual({});
    for (const name of ['forecasts', 'anomalies', 'change_drivers'])
      expect(after.tables[name]).toEqual(before.tables[name]);
  });
});

describe('what comes later', () => {
  test('does not change a past week, and stands beside it; a seal leaves both alone', async () => {
    const later = await workspace(work);
    try {
      const before = (await catalogOf(later)).tables;
      await later.write(watchedInbox(WEEK, 8, '2026-11-22'), '2026-11-23T00:30:00Z');
      await later.run({ now: '2026-11-23T09:00:00Z' });
      expect(await watch(later, WEEK, [])).toMatchObject({ isChanged: false });
      await watch(later, { from: '2026-11-16', to: '2026-11-22' }, []);
      const { tables } = await catalogOf(later);
      expect(Object.keys(tables['change_drivers'] ?? {}).toSorted()).toEqual(['2026-11-15', '2026-11-22']);
      expect(Object.keys(tables['forecasts'] ?? {}).toSorted()).toEqual(['2026-11-16', '2026-11-23']);
      expect(tables['anomalies']).toEqual(before['anomalies']);
    } finally {
      await later.close();
    }
  });

  test('a week without data has no rows and is no error', async () => {
    const found = await watch(work, { from: '2027-03-01', to: '2027-03-07' }, []);
    expect(found).toMatchObject({ forecasts: [], anomalies: [], drivers: [], comparedDays: [] });
  });
});

describe('the daily check', () => {
  const check = async (at: string, budgets?: readonly object[]): Promise<AlertItem[]> =>
    await on(work, async (world) => await checkLake({ ...world, nowMs: Date.parse(at) }), budgets);

  test('tells what crossed a line, and to a retry nothing', async () => {
    const items = await check(NOW);
    expect(items.map(({ kind, team, owner }) => [kind, team, owner])).toEqual([
      ['budget_threshold', null, 'Ada'],
      ['budget_projection', null, 'Ada'],
      ['anomaly', 'search', null],
    ]);
    expect(items[0]?.text).toMatch(
      /^All teams: \$1[0-9]{2}\.\d\d spent in 2026-11, [5-7]\d % of the budget of \$200\.00\.$/,
    );
    expect(items[2]?.text).toMatch(
      /^search: \$20\.\d\d on gpt-4o on 2026-11-11, where about \$5\.\d\d is usual\. Cause: calls\.$/,
    );
    expect(await check(NOW)).toEqual([]);
    expect(await check('2026-11-17T09:00:00Z')).toEqual([]);
  });

  test('two checks at once: each alert goes to one of them', async () => {
    const items = await on(
      work,
      async (world) => {
        // one engine answers one question at a time
        const first = await checkLake({ ...world, nowMs: Date.parse(NOW) });
        return [...first, ...(await checkLake({ ...world, nowMs: Date.parse(NOW) }))];
      },
      [{ scope: 'team', team: 'search', amount: '50', alert_percent: [10, 100] }],
    );
    expect(items.map(({ kind, team }) => [kind, team])).toEqual([
      ['budget_threshold', 'search'],
      ['budget_projection', 'search'],
    ]);
    // the lower threshold went with the higher one
    expect(await check(NOW, [{ scope: 'team', team: 'search', amount: '50', alert_percent: [10] }])).toEqual([]);
  });

  test('a budget that was raised is told of anew when it is passed', async () => {
    const items = await check(NOW, [{ scope: 'total', amount: '210', alert_percent: [50] }]);
    expect(items.map(({ kind }) => kind)).toEqual(['budget_threshold', 'budget_projection']);
  });

  test('claims are all it writes', async () => {
    const before = await catalogOf(work);
    await check(NOW, [{ scope: 'total', amount: '1' }]);
    expect(await catalogOf(work)).toEqual(before);
    expect(ALERTS_PREFIX).toBe('alerts/v1/');
  });

  test('a source that fell silent is told of once, and its days of nothing are no saving', async () => {
    const quiet = await workspace(work);
    try {
      await quiet.run({ now: '2026-11-23T09:00:00Z' });
      const at = { nowMs: Date.parse('2026-11-23T09:00:00Z') };
      const items = await on(quiet, async (world) => [
        ...(await checkLake({ ...world, ...at })),
        ...(await checkLake({ ...world, ...at })),
      ]);
      const silent = items.filter(({ kind }) => kind === 'source_silent');
      expect(silent.map(({ text }) => text)).toEqual([
        'Source app/, native has been silent since 2026-11-15: its days are not complete and are left out of comparisons.',
      ]);
      const found = await watch(quiet, { from: '2026-11-16', to: '2026-11-22' }, []);
      expect([found.comparedDays, found.drivers]).toEqual([[], []]);
      const total = found.forecasts.find(({ scope }) => scope === 'total');
      // 15 days of November are known, 15 are not: what is expected is twice what was
      expect(Number(total?.expectedPico) / Number(total?.actualPico)).toBeGreaterThan(1.7);
    } finally {
      await quiet.close();
    }
  });
});
