/**
 * A source that stops for three days, from generated logs to what a person sees: `run`, `doctor`, the report, the tables. And what becomes
 * of it when the missing logs arrive.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateInbox } from '../../lib/generate/usage-log.ts';
import { daysBetween } from '../../lib/time.ts';
import { folder, ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

/** Monday after five weeks, October 19 to November 22. */
const NOW = '2026-11-23T06:00:00Z';
const SILENT = daysBetween('2026-11-20', '2026-11-22');

let root: string;
let close: () => Promise<void>;
const files = new Map<string, Buffer>();
const call = (...words: string[]): Promise<Printed> => ledger(root, ...words);
const run = (...words: string[]): Promise<Printed> =>
  call('run', '--inbox', 'inbox', '--lake', 'lake', '--now', NOW, ...words);
const ask = async (sql: string): Promise<Record<string, string>[]> =>
  JSON.parse((await call('query', '--lake', 'lake', '--format', 'json', sql)).out) as Record<string, string>[];
const report = (name: string): Promise<string> => readFile(join(root, 'lake', name), 'utf8');

async function deliver(wanted: (key: string) => boolean): Promise<void> {
  for (const [key, bytes] of files) {
    if (!wanted(key)) continue;
    const path = join(root, 'inbox', key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}
const isMissing = (key: string): boolean => key.startsWith('anthropic/') && SILENT.some((day) => key.includes(day));

interface Told {
  readonly week: {
    readonly current: { readonly cost: string; readonly complete_days: number };
    readonly previous: { readonly cost: string };
    readonly compared_days: string[];
    readonly change: string;
    readonly sentence: string;
    readonly gaps: { readonly kind: string; readonly source: string; readonly days: string[] }[];
  };
  readonly sources: { readonly prefix: string; readonly status: string; readonly missing_days: string[] }[];
}

beforeAll(async () => {
  ({ path: root, close } = await folder());
  const generation = generateInbox({
    calls: 3500,
    seed: 8,
    badShare: 0,
    firstDay: '2026-10-19',
    days: 35,
    formats: ['openai.chat', 'anthropic.message'],
  });
  for (const { key, bytes } of generation.chunks)
    files.set(key, Buffer.concat([files.get(key) ?? Buffer.alloc(0), bytes]));
  await deliver((key) => !isMissing(key));
}, 120_000);
afterAll(async () => close());

const NAME = 'anthropic/ (anthropic.message) is silent';

describe('while it is silent', () => {
  let told: Told;
  beforeAll(async () => {
    told = JSON.parse((await run('--format', 'json')).out) as Told;
  }, 120_000);

  test('run names it, its days, and does not call the fall a saving', async () => {
    const { out, code } = await run();
    expect(code).toBe(0);
    expect(out).toContain(`${NAME}: last seen Nov 19, 2026, usually every day: missing Nov 20 – Nov 22, 2026.`);
    expect(out).toContain('That is missing data, not a saving.');
    expect(told.sources.map(({ prefix, status, missing_days }) => [prefix, status, missing_days])).toEqual([
      ['anthropic/', 'silent', SILENT],
      ['openai/', 'ok', []],
    ]);
  });

  test('the weeks are compared over the days that are complete in both', async () => {
    expect(told.week.compared_days).toEqual(daysBetween('2026-11-16', '2026-11-19'));
    expect(told.week.current.complete_days).toBe(4);
    expect(told.week.gaps).toMatchObject([{ kind: 'silent', source: 'anthropic/ (anthropic.message)', days: SILENT }]);
    // the recorded week is lower by the days that are missing; the comparison is not made of that
    const [sums] = await ask(`select
      cast(sum(case when day between date '2026-11-16' and date '2026-11-19' then cost end) as varchar) as now,
      cast(sum(case when day between date '2026-11-09' and date '2026-11-12' then cost end) as varchar) as before
      from spend_daily`);
    const pico = (usd = ''): bigint => BigInt(`${usd.split('.')[0]}${(usd.split('.')[1] ?? '').padEnd(12, '0')}`);
    expect(pico(told.week.change)).toBe(pico(sums?.['now']) - pico(sums?.['before']));
    expect(Number(told.week.current.cost)).toBeLessThan(0.85 * Number(told.week.previous.cost));
    expect(told.week.sentence).toContain('Compared are Nov 16 – Nov 19, 2026');
    expect(told.week.sentence).toContain('missing data is not a saving');
  });

  test('its days are incomplete, and only these', async () => {
    const rows = await ask(
      'select cast(day as varchar) as day from spend_daily group by day having not bool_and(complete) order by day',
    );
    expect(rows.map(({ day }) => day)).toEqual(SILENT);
    const [row] = await ask("select status, missing_days, last_event_at from sources where prefix = 'anthropic/'");
    expect(row).toMatchObject({ status: 'silent', missing_days: SILENT });
    expect(row?.['last_event_at']).toMatch(/^2026-11-19 /);
  });

  test('the report names it, on its first screen, in its table, and as text', async () => {
    const html = await report('report.html');
    const first = html.slice(html.indexOf('class="hero"'), html.indexOf('id="daily"'));
    expect(first).toContain(`${NAME}: nothing for Nov 20 – Nov 22, 2026. That is missing data, not a saving.`);
    expect(first).toContain('(4 of 7 days complete)');
    const sources = html.slice(html.indexOf('id="sources"'), html.indexOf('id="reproduce"'));
    expect(sources).toContain(NAME);
    const text = await report('report.txt');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`${NAME}: nothing for Nov 20 – Nov 22, 2026.`);
  });

  test('doctor names it, with its days and what to do, and ends with 1', async () => {
    const { out, code } = await call('doctor', '--lake', 'lake', '--now', NOW, '--format', 'json');
    const findings = JSON.parse(out) as {
      check: string;
      level: string;
      message: string;
      where: string[];
      todo: string;
    }[];
    const finding = findings.find(({ check }) => check === 'sources');
    expect(finding).toMatchObject({ level: 'problem', where: SILENT });
    expect(finding?.message).toContain(NAME);
    expect(finding?.todo).toContain('find out why it stopped');
    expect(code).toBe(1);
  });
});

test('when the missing logs arrive, nothing is owed any more and whole weeks are compared', async () => {
  await deliver(isMissing);
  const told = JSON.parse((await run('--format', 'json')).out) as Told;
  expect(told.sources.map(({ status, missing_days }) => [status, missing_days])).toEqual([
    ['ok', []],
    ['ok', []],
  ]);
  expect(told.week.compared_days).toEqual(daysBetween('2026-11-16', '2026-11-22'));
  expect(told.week.gaps).toEqual([]);
  expect(told.week.sentence).not.toContain('saving');
  expect(await ask('select count(*) as n from spend_daily where not complete')).toEqual([{ n: '0' }]);
});

test('a source that config expects and that never came makes every day incomplete', async () => {
  await writeFile(join(root, 'expects.json'), JSON.stringify({ sources: [{ prefix: 'gateway/' }] }));
  const { out } = await run('--config', 'expects.json');
  expect(out).toContain('gateway/ (any) has never come, although config sources expects it');
  expect(out).toContain('no day is complete in both weeks');
  expect(await ask('select count(*) as n from spend_daily where complete')).toEqual([{ n: '0' }]);
});
