/**
 * The table `savings` over real lakes: simulated by the real command line, asked with SQL. What it holds is held against the ledger's own rows
 * and against the JSON of the same simulation; then how it is replaced, and what sealing and sweeping do to it.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askLake } from '../../bin/commands/query.ts';
import { simulateHome } from '../../bin/commands/simulate.ts';
import { openLakeWorld } from '../../bin/local-world.ts';
import { openSimulationHome } from '../../bin/simulation-home.ts';
import { takeRunLock } from '../../lib/adapters/local/run-lock.ts';
import type { CatalogState } from '../../lib/ports.ts';
import { SAVINGS, columnTypes } from '../../lib/schema.ts';
import { writeSavings } from '../../lib/savings.ts';
import type { SavingsRow } from '../../lib/simulate/savings-rows.ts';
import { demoLedger } from '../cli/demo-ledger.ts';
import type { DemoLedger } from '../cli/demo-ledger.ts';
import { ledger } from '../cli/run-command.ts';
import { parquetTypes } from '../parts/parquet-schema.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

type Row = Record<string, string | null>;

const catalogOf = async (lake: string): Promise<CatalogState> =>
  JSON.parse(await readFile(join(lake, 'catalog.json'), 'utf8')) as CatalogState;

const ask = async (lake: string, sql: string): Promise<Row[]> => (await askLake(lake, sql)) as Row[];

describe('of the demo', () => {
  let demo: DemoLedger;
  let month: string;
  let printed: {
    readonly baseline_cost: string;
    readonly plan: {
      readonly saving: string;
      readonly cash_saving: string;
      readonly low: string;
      readonly high: string;
    };
    readonly levers: readonly {
      readonly lever: string;
      readonly basis: string;
      readonly calls: number;
      readonly saving: string | null;
      readonly saving_alone: string | null;
      readonly saving_last: string | null;
      readonly low: string | null;
      readonly high: string | null;
    }[];
  };
  const simulate = async (...words: string[]) =>
    await ledger(
      demo.root,
      'simulate',
      '--lake',
      demo.lake,
      '--config',
      join(demo.root, 'ledger-demo', 'inference-ledger.config.json'),
      ...words,
    );
  const asked = async (sql: string): Promise<Row[]> => await ask(demo.lake, sql);

  beforeAll(async () => {
    demo = await demoLedger();
    const days = Object.keys((await catalogOf(demo.lake)).tables['usage'] ?? {}).toSorted();
    // the month in the middle of its five weeks has the most days
    month = days[Math.floor(days.length / 2)]?.slice(0, 7) ?? '';
  }, 120_000);
  afterAll(async () => demo?.close());

  test('can be asked before anything was simulated: it is empty', async () => {
    expect(await asked('select count(*) as n from savings')).toEqual([{ n: '0' }]);
    const columns = await asked('select column_name from (describe savings)');
    expect(columns.map((row) => row['column_name'])).toEqual(Object.keys(columnTypes(SAVINGS)));
  });

  test('is not written for days that are no week or month, and says so', async () => {
    for (const words of [[], ['--from', `${month}-02`, '--to', `${month}-10`]]) {
      const { code, err } = await simulate(...words);
      expect({ code, err }).toEqual({
        code: 0,
        err: 'table savings: not written; it holds whole weeks and months (--week 2026-W46, --month 2026-11)\n',
      });
    }
    expect(await asked('select count(*) as n from savings')).toEqual([{ n: '0' }]);
  });

  test('holds what was printed: baseline, plan, cash, range, and each lever', async () => {
    const { code, out, err } = await simulate('--month', month, '--format', 'json');
    expect({ code, isTold: /^table savings: \d+ rows of \d{4}-\d\d written/.test(err) }).toEqual({
      code: 0,
      isTold: true,
    });
    printed = JSON.parse(out) as typeof printed;
    const sums = await asked(
      `select lever, basis, sum(baseline_cost) as baseline, sum(saving) as saving, sum(cash_saving) as cash, sum(low) as low, sum(high) as high,
         sum(saving_alone) as alone, sum(saving_last) as last, cast(sum(calls) as bigint) as calls
       from savings where period = '${month}' group by lever, basis order by lever`,
    );
    const number = (text: string | null | undefined): number | null => (text == null ? null : Number(text));
    const plan = sums.find((row) => row['lever'] === 'plan');
    expect(Number(printed.plan.saving)).toBeGreaterThan(0);
    expect(['baseline', 'saving', 'cash', 'low', 'high'].map((name) => number(plan?.[name]))).toEqual(
      [printed.baseline_cost, printed.plan.saving, printed.plan.cash_saving, printed.plan.low, printed.plan.high].map(
        Number,
      ),
    );
    const amounts = ['saving', 'alone', 'last', 'low', 'high', 'calls'];
    expect(
      sums
        .filter((row) => row['lever'] !== 'plan')
        .map((row) => [row['lever'], row['basis'], ...amounts.map((name) => number(row[name]))]),
    ).toEqual(
      printed.levers
        .toSorted((a, b) => (a.lever < b.lever ? -1 : 1))
        .map(({ lever, basis, calls, saving, saving_alone: alone, saving_last: last, low, high }) => [
          lever,
          basis,
          ...[saving, alone, last, low, high].map(number),
          saving === null ? null : calls,
        ]),
    );
  });

  test('levers sum to the plan for every team and model, to the last digit', async () => {
    const off = await asked(
      `select team, model, sum(saving) filter (where lever <> 'plan') as levers, sum(saving) filter (where lever = 'plan') as plan
       from savings where period = '${month}' and team is not null group by team, model
       having sum(saving) filter (where lever <> 'plan') <> sum(saving) filter (where lever = 'plan')
         or sum(cash_saving) filter (where lever <> 'plan') <> sum(cash_saving) filter (where lever = 'plan')`,
    );
    expect(off).toEqual([]);
  });

  test('the baseline of every team and model is what usage says it cost', async () => {
    const own = await asked(
      `select team, model, baseline_cost from savings where period = '${month}' and lever = 'plan' and team is not null order by team, model`,
    );
    const usage = await asked(
      `select team, model, cast(coalesce(sum(cost), 0) as decimal(38,12)) as baseline_cost from usage
       where billing_mode = 'on_demand' and day between date '${month}-01' and date '${month}-01' + interval 1 month - interval 1 day
       group by team, model order by team, model`,
    );
    expect(own.length).toBeGreaterThan(5);
    expect(own).toEqual(usage);
  });

  test('a lever of which nothing is known has one row, without any amount', async () => {
    const unknown = printed.levers.filter(({ basis }) => basis === 'not_identifiable').map(({ lever }) => lever);
    const rows = await asked(
      `select lever, count(*) as n, count(saving) + count(baseline_cost) + count(calls) + count(low) as known, min(json_extract_string(evidence, '$.to_know')) as to_know
       from savings where basis = 'not_identifiable' group by lever order by lever`,
    );
    expect(unknown.length).toBeGreaterThan(0);
    expect(rows.map(({ lever, n, known }) => [lever, n, known])).toEqual(
      unknown.toSorted().map((lever) => [lever, '1', '0']),
    );
    for (const row of rows) expect(row['to_know']).toMatch(/\w/);
  });

  test('simulated twice: nothing is added, nothing is switched', async () => {
    const before = await asked('select * from savings order by lever, team, model');
    const { revision } = await catalogOf(demo.lake);
    expect((await simulate('--month', month)).err).toContain('were there already');
    expect(await asked('select * from savings order by lever, team, model')).toEqual(before);
    expect((await catalogOf(demo.lake)).revision).toBe(revision);
  });

  test('the same days by --from and --to are the same period; other periods stand beside it', async () => {
    const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
    const { err } = await simulate('--from', `${month}-01`, '--to', `${month}-${last}`);
    expect(err).toContain(`of ${month} were there already`);
    const week = (await asked(`select strftime(date '${month}-15', '%G-W%V') as week`))[0]?.['week'] ?? '';
    expect((await simulate('--week', week)).err).toContain(`rows of ${week} written`);
    expect(await asked('select distinct period from savings order by period')).toEqual([
      { period: month },
      { period: week },
    ]);
  });

  test('beside a run that writes, the answer is printed and the table stays as it is', async () => {
    const before = await catalogOf(demo.lake);
    const release = await takeRunLock(demo.lake);
    try {
      const { code, out, err } = await simulate('--month', '2020-01', '--format', 'json');
      expect({ code, isPrinted: out.includes('"levers"'), isNamed: err.includes(`PID ${process.pid}`) }).toEqual({
        code: 1,
        isPrinted: true,
        isNamed: true,
      });
    } finally {
      release();
    }
    expect(await catalogOf(demo.lake)).toEqual(before);
  });

  test('files have the types of the schema', async () => {
    const pointers = Object.values((await catalogOf(demo.lake)).tables['savings'] ?? {});
    expect(pointers).toHaveLength(2);
    for (const { keys, rows } of pointers) {
      expect(keys).toHaveLength(1);
      expect(keys[0]).toMatch(/^v1\/derived\/g=[^/]+\/table=savings\/period=[^/]+\/[^/]+\.parquet$/);
      const bytes = await readFile(join(demo.lake, keys[0] ?? ''));
      const file = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      expect(parquetTypes(file)).toEqual(SAVINGS.columns.map(({ name, type }) => [name, type]));
      expect(Number(file.num_rows)).toBe(rows);
    }
  });
});

describe('when the ledger changes', () => {
  const open: Workspace[] = [];
  afterAll(async () => {
    for (const work of open) await work.close();
  });
  const made = async (): Promise<Workspace> => {
    const work = await workspace();
    open.push(work);
    return work;
  };
  /** One call that may wait, of 1 million input tokens: 2.50 USD at once. */
  const call = (id: string, day: string, team: string): string =>
    `${JSON.stringify({ id, timestamp: `${day}T10:00:00Z`, model: 'gpt-4o', input_tokens: 1_000_000, output_tokens: 0, team, deadline_seconds: 86_400 })}\n`;
  const simulate = async ({ lake }: Workspace, ...words: string[]): Promise<string> => {
    const { code, err } = await ledger(lake, 'simulate', '--lake', lake, ...words);
    expect({ code, isError: err.includes('error:') }).toEqual({ code: 0, isError: false });
    return err;
  };
  const plans = async (work: Workspace): Promise<unknown[]> =>
    (
      await ask(
        work.lake,
        "select period, team, baseline_cost from savings where lever = 'plan' and team is not null order by period, team",
      )
    ).map((row) => [row['period'], row['team'], Number(row['baseline_cost'])]);
  const filesOf = async ({ lake }: Workspace): Promise<string[]> =>
    (await readdir(join(lake, 'v1', 'derived'), { recursive: true }))
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /table=savings\/.*\.parquet$/.test(name));

  test('a later simulation takes the place of the earlier one; sealing leaves it alone, and sweeps what nothing points at', async () => {
    const work = await made();
    await work.write({ 'a.jsonl': call('1', '2026-11-10', 'search') });
    await work.run();
    await simulate(work, '--month', '2026-11');
    await simulate(work, '--month', '2026-10');
    expect(await plans(work)).toEqual([['2026-11', 'search', 2.5]]);
    await work.write({ 'b.jsonl': call('2', '2026-11-11', 'growth') + call('3', '2026-10-11', 'search') });
    await work.run();
    // as of the last simulation, not of the last seal
    expect(await plans(work)).toEqual([['2026-11', 'search', 2.5]]);
    const [first] = await filesOf(work);
    expect(await simulate(work, '--month', '2026-11')).toContain('the ledger has calls on 2 of its 30 days');
    expect(await plans(work)).toEqual([
      ['2026-11', 'growth', 2.5],
      ['2026-11', 'search', 2.5],
    ]);
    // a reader may still hold the catalog of before
    expect(await filesOf(work)).toHaveLength(2);
    await work.write({ 'c.jsonl': call('4', '2026-10-12', 'search') });
    await work.run();
    await work.run({ now: '2026-11-26T00:00:00Z' });
    const left = await filesOf(work);
    expect(left).toHaveLength(1);
    expect(left).not.toContain(first);
    expect(await plans(work)).toHaveLength(2);
  });

  test('a period that has no calls any more has no rows any more', async () => {
    const work = await made();
    await work.write({ 'a.jsonl': call('1', '2026-11-10', 'search'), 'b.jsonl': call('2', '2026-10-10', 'search') });
    await work.run();
    await simulate(work, '--month', '2026-11');
    await simulate(work, '--week', '2026-W41');
    const { code } = await ledger(work.lake, 'retract', '--lake', work.lake, 'a.jsonl');
    expect(code).toBe(0);
    expect(await simulate(work, '--month', '2026-11')).toBe(
      'table savings: no calls in 2026-11, so it has no rows of it\n',
    );
    expect(await plans(work)).toEqual([['2026-W41', 'search', 2.5]]);
    expect(Object.keys((await catalogOf(work.lake)).tables['savings'] ?? {})).toEqual(['2026-W41']);
  });

  test('more days than the engine copies at once are refused, with what to name instead', async () => {
    const work = await made();
    await work.write({ 'a.jsonl': call('1', '2026-11-10', 'search') + call('2', '2026-11-12', 'search') });
    await work.run();
    const home = await openSimulationHome({ lake: work.lake });
    try {
      const days = { from: null, to: '2026-11-11' };
      expect((await simulateHome({ ...home, maxDays: 1 }, days)).sealedDays).toEqual(['2026-11-10']);
      await expect(simulateHome({ ...home, maxDays: 1 }, { from: null, to: null })).rejects.toThrow(
        '2 days are more than the 1 that Athena copies at once',
      );
    } finally {
      await home.close();
    }
  });

  const row: SavingsRow = {
    scenario: 'measured',
    lever: 'plan',
    team: "it's",
    model: 'm',
    calls: 1,
    baselinePico: 10n ** 30n + 1n,
    savingPico: -1n,
    cashPico: 0n,
    alonePico: null,
    lastPico: null,
    lowPico: null,
    highPico: null,
    blockedBy: null,
    basis: 'measured',
    assumptions: '["a \\"quoted\\" text"]',
    evidence: null,
  };

  test('readers see the one of before until the switch; one that comes too late is tried again', async () => {
    const work = await made();
    await work.write({ 'a.jsonl': call('1', '2026-11-10', 'search') });
    await work.run();
    const world = await openLakeWorld({ lake: work.lake });
    const { context, catalog } = world.seal;
    const rows = async (): Promise<Row[]> =>
      await ask(work.lake, 'select team, baseline_cost, saving, assumptions from savings');
    let told: unknown[] = [];
    let lost = 1;
    const crash = { ...catalog, switch: () => Promise.reject(new Error('killed')) };
    const overtaken = {
      ...catalog,
      switch: async (...args: Parameters<typeof catalog.switch>) =>
        lost-- > 0 ? false : await catalog.switch(...args),
    };
    try {
      expect(await writeSavings(world.seal, '2026-11', [row])).toBe(true);
      told = await rows();
      await expect(writeSavings({ context, catalog: crash }, '2026-11', [{ ...row, team: 'b' }])).rejects.toThrow(
        'killed',
      );
      expect(await rows()).toEqual(told);
      expect(await writeSavings({ context, catalog: overtaken }, '2026-11', [{ ...row, team: 'b' }])).toBe(true);
      const never = { ...catalog, switch: async () => await Promise.resolve(false) };
      await expect(writeSavings({ context, catalog: never }, '2026-11', [row])).rejects.toThrow('moved 5 times');
      expect(await writeSavings(world.seal, '2026-11', [])).toBe(true);
      expect(await writeSavings(world.seal, '2026-11', [])).toBe(false);
    } finally {
      world.close();
    }
    expect(told).toEqual([
      {
        team: "it's",
        baseline_cost: '1000000000000000000.000000000001',
        saving: '-0.000000000001',
        assumptions: '["a \\"quoted\\" text"]',
      },
    ]);
    expect(lost).toBe(0 - 1);
    expect(await rows()).toEqual([]);
  });
});
