/** The commands that read and write a ledger, as a person runs them: what they print, what they leave behind, how they end. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeRunLock } from '../../lib/adapters/local/run-lock.ts';
import { NOW, generatedLedger } from './generated-ledger.ts';
import type { GeneratedLedger } from './generated-ledger.ts';
import { ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

interface Truth {
  readonly lines: number;
  readonly bad_lines: number;
  readonly total: Readonly<Record<string, number>>;
}

/** Lines of the special file beside the generated ones; each is one call. */
const SPECIAL_CALLS = 5;

let made: GeneratedLedger;
let truth: Truth;
const call = (...words: string[]): Promise<Printed> => ledger(made.root, ...words);
const runAgain = (...words: string[]): Promise<Printed> =>
  call('run', '--inbox', made.inbox, '--lake', made.lake, '--now', NOW, ...words);

beforeAll(async () => {
  made = await generatedLedger(400);
  truth = JSON.parse(await readFile(join(made.inbox, 'truth.json'), 'utf8')) as Truth;
}, 120_000);
afterAll(async () => made.close());

describe('run', () => {
  test('as JSON tells what the generator wrote, line by line', () => {
    const told = JSON.parse(made.ran.out) as {
      lines: Record<string, number>;
      rows: Record<string, number>;
      totals: { calls: number; cost: string };
      by_team: { calls: number }[];
    };
    expect(truth.bad_lines).toBeGreaterThan(0);
    expect(told.lines).toEqual({
      lines: truth.lines + SPECIAL_CALLS,
      usage: (truth.total['usage_lines'] ?? 0) + SPECIAL_CALLS,
      skipped: truth.total['skipped_lines'],
      rejected: truth.bad_lines,
    });
    expect(told.totals.calls).toBe((truth.total['calls'] ?? 0) + SPECIAL_CALLS);
    expect(told.by_team.reduce((n, team) => n + team.calls, 0)).toBe(told.totals.calls);
    expect(told.rows['landed']).toBe((told.rows['usage'] ?? 0) + (told.rows['excluded'] ?? 0));
  });

  test('a second time reads nothing, and prints tables, the two sums and the places', async () => {
    const { code, out } = await runAgain();
    expect(code).toBe(0);
    expect(out).toMatch(/^0 objects read, \d+ unchanged/);
    for (const title of ['spend by team', 'spend by model', 'unpriced', 'unattributed', 'rejected', 'excluded'])
      expect(out).toContain(title);
    const lines = /lines\s+(\d+) = (\d+) with usage \+ (\d+) skipped \+ (\d+) rejected/.exec(out)?.slice(1).map(Number);
    const rows = /rows\s+(\d+) landed = (\d+) in usage \+ (\d+) excluded/.exec(out)?.slice(1).map(Number);
    for (const [whole, ...parts] of [lines ?? [], rows ?? []]) {
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.reduce((a, b) => a + b, 0)).toBe(whole);
    }
    expect(out).toContain(join(made.lake, 'report.html'));
    expect(await readdir(made.lake)).toEqual(expect.arrayContaining(['report.html', 'report.txt']));
  });

  test.each(['rejected_percent', 'unpriced_percent'])(
    'ends with 3 if %s is passed, and still does its work',
    async (limit) => {
      const config = join(made.root, `${limit}.json`);
      await writeFile(config, JSON.stringify({ limits: { [limit]: '0.01' } }));
      const strict = await runAgain('--config', config);
      expect(strict.code).toBe(3);
      expect(strict.out).toContain('spend by team');
      await writeFile(config, JSON.stringify({ limits: { [limit]: '50' } }));
      expect((await runAgain('--config', config)).code).toBe(0);
    },
  );

  test('while another process holds the lake ends with 1 and names it', async () => {
    const release = await takeRunLock(made.lake);
    try {
      const { code, err, out } = await runAgain();
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`another run is writing to ${made.lake} (PID ${process.pid})`);
      expect((await call('query', '--lake', made.lake, 'select 1 as one')).code).toBe(0);
    } finally {
      release();
    }
    expect((await runAgain()).code).toBe(0);
  });
});

describe('query', () => {
  const SQL = `select source_format, cast(sum(calls) as bigint) as calls, cast(sum(cost) as varchar) as cost
    from usage where source_format in ('native', 'openai.chat') group by source_format order by 1`;
  const ask = (format: string): Promise<Printed> => call('query', '--lake', made.lake, '--format', format, SQL);

  test('gives the same rows as table, JSON and CSV', async () => {
    const [table, json, csv] = [await ask('table'), await ask('json'), await ask('csv')];
    expect([table, json, csv].map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    const rows = (JSON.parse(json.out) as Record<string, unknown>[]).map((row) => Object.values(row).map(String));
    expect(rows.map(([format]) => format)).toEqual(['native', 'openai.chat']);
    expect(parse(csv.out)).toEqual([['source_format', 'calls', 'cost'], ...rows]);
    expect(
      table.out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s+/)),
    ).toEqual([['source_format', 'calls', 'cost'], ...rows]);
  });

  test('says so if there are no rows', async () => {
    const { code, out } = await call('query', '--lake', made.lake, 'select * from usage where calls < 0');
    expect([code, out]).toEqual([0, '(no rows)\n']);
  });

  test('of a folder without a ledger ends with 2 and says how to make one', async () => {
    const lake = join(made.root, 'nothing-here');
    const { code, out, err } = await call('query', '--lake', lake, 'select 1');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`there is no ledger in ${lake}`);
    expect(err).toContain(`→ make one with: inference-ledger run --inbox DIR --lake ${lake}`);
    expect(await readdir(made.root)).not.toContain('nothing-here');
  });

  const NO_ANSWER = { failed: true, out: '', saysError: true, hasStack: false, wrote: [] };
  const answer = async (sql: string): Promise<typeof NO_ANSWER> => {
    const before = new Set<string>(await readdir(made.lake));
    const { code, out, err } = await call('query', '--lake', made.lake, sql.replace('LAKE', made.lake));
    const wrote = (await readdir(made.lake)).filter((name) => !before.has(name)) as never[];
    return { failed: code !== 0, out, saysError: err.startsWith('error: '), hasStack: err.includes('    at '), wrote };
  };

  test.each([
    ['a table that is not there', 'select * from usages'],
    ['a file outside of the lake', "select * from read_text('/etc/hostname')"],
    ['a write outside of the lake', "copy (select 1) to 'LAKE/../written.csv'"],
  ])('does not answer %s', async (_what, sql) => {
    expect(await answer(sql)).toEqual(NO_ANSWER);
  });

  test.each([
    ['a write into the lake', "copy (select 1) to 'LAKE/written.csv'"],
    ['a new database in the lake', "attach 'LAKE/attached.duckdb'"],
    ['more than one SELECT', 'select 1 as one; select 2 as two'],
  ])('does not answer %s', async (_what, sql) => {
    expect(await answer(sql)).toEqual(NO_ANSWER);
  });
});
