/** `--format` on every command that prints a result: JSON parses, CSV has the same rows under a line of names, on a narrow terminal nothing is cut off. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { claimingNothing } from '../../bin/alert-home.ts';
import { check } from '../../bin/commands/check.ts';
import { program } from '../../bin/program.ts';
import { formatRows } from '../../bin/rows-text.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import type { AlertItem } from '../../lib/checking.ts';
import { NOW, generatedLedger } from './generated-ledger.ts';
import type { GeneratedLedger } from './generated-ledger.ts';
import { folder, ledger } from './run-command.ts';

let made: GeneratedLedger;
let recordId: string;
beforeAll(async () => {
  made = await generatedLedger(200);
  await writeFile(
    join(made.root, 'inbox', 'one.jsonl'),
    '{"timestamp":"2026-10-05T10:00:00Z","model":"gpt-4o","input_tokens":1,"output_tokens":1}\n',
  );
  const [row] = await made.ask("select record_id from usage where model = 'claude-sonnet-4-5' and cost > 0 limit 1");
  recordId = String(row?.['record_id']);
}, 120_000);
afterAll(async () => made.close());

/** Words of each command; each can be run twice. */
const WORDS: Readonly<Record<string, () => string[]>> = {
  run: () => ['--inbox', made.inbox, '--lake', made.lake, '--now', NOW],
  query: () => ['--lake', made.lake, 'select team, cost from usage order by 2 desc, 1 limit 3'],
  explain: () => ['--lake', made.lake, recordId],
  estimate: () => ['--preset', 'ten-page-document', '--models', 'gpt-4o', '--task', 'summarize'],
  simulate: () => ['--lake', made.lake],
  prices: () => ['gpt-4o', '--at', '2026-11-01'],
  claims: () => [],
  reprice: () => ['--lake', made.lake, '--from', '2026-10-01', '--now', NOW],
  retract: () => ['--lake', made.lake, 'one.jsonl', '--now', NOW],
  doctor: () => ['--lake', made.lake, '--now', NOW],
  check: () => ['--lake', made.lake, '--now', NOW],
};

test('every command that prints a result has JSON and CSV', () => {
  const printing = program().commands.filter(
    (command) => !['demo', 'init', 'generate', 'completion'].includes(command.name()),
  );
  for (const command of printing) {
    const choices = command.options.find((option) => option.long === '--format')?.argChoices;
    // a report is no table: its tables are in the JSON
    expect([command.name(), choices]).toEqual([
      command.name(),
      command.name() === 'report' ? ['table', 'json'] : ['table', 'json', 'csv'],
    ]);
  }
  expect(Object.keys(WORDS).toSorted()).toEqual(
    printing
      .map((command) => command.name())
      .filter((name) => name !== 'report')
      .toSorted(),
  );
});

test.each(Object.keys(WORDS))('%s', async (name) => {
  const words = WORDS[name]?.() ?? [];
  const json = await ledger(made.root, name, ...words, '--format', 'json');
  const csv = await ledger(made.root, name, ...words, '--format', 'csv');
  expect([0, 1, 3]).toContain(json.code);
  expect(csv.code).toBe(json.code);
  const value = JSON.parse(json.out) as unknown;
  const rows = csv.out.trim() === '' ? [] : (parse(csv.out, { columns: true }) as Record<string, string>[]);
  // nothing was priced otherwise, so that reprice has nothing to say
  const least = name === 'reprice' ? 0 : 1;
  expect(rows.length).toBeGreaterThanOrEqual(Array.isArray(value) ? value.length : least);
  for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+@\t\r]|^-(?!\d)/);
});

describe('check', () => {
  afterEach(() => {
    process.exitCode = 0;
    vi.restoreAllMocks();
  });
  const ALERT: AlertItem = {
    kind: 'budget_threshold',
    key: '["k"]',
    team: '=cmd',
    owner: 'cfo',
    text: `${'=cmd: a long way over the budget of $5.00, '.repeat(4)}\u202eend.`,
  };
  const told = async (format: string, alerts: readonly AlertItem[]): Promise<string> => {
    const out: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
    await check({ lake: 'x', format }, async () => await Promise.resolve(alerts));
    return out.join('');
  };

  test('says so if nothing crossed a line, and ends with 0', async () => {
    expect(await told('table', [])).toBe('nothing crossed a line that was not told before\n');
    expect(process.exitCode).toBe(0);
  });

  test('tells each alert with its owner, safe to show, and ends with 3', async () => {
    const text = await told('table', [ALERT]);
    expect(text).toMatch(/^budget threshold {4}=cmd: a long way/);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('\ufffdend. Owner: cfo. ');
    expect(text).not.toContain('\u202e');
    expect(process.exitCode).toBe(3);
    const [row] = parse(await told('csv', [ALERT]), { columns: true }) as Record<string, string>[];
    expect(row).toMatchObject({ kind: 'budget_threshold', team: "'=cmd", owner: 'cfo' });
  });

  test('looking claims nothing', async () => {
    const place = await folder();
    try {
      const store = createFolderStore(place.path);
      const looking = claimingNothing(store);
      const bytes = new TextEncoder().encode('x');
      expect(await looking.putIfAbsent('alerts/a', bytes)).toBe('created');
      expect(await store.read('alerts/a')).toBeNull();
      await store.putIfAbsent('alerts/a', bytes);
      expect(await looking.putIfAbsent('alerts/a', bytes)).toBe('exists');
    } finally {
      await place.close();
    }
  });
});

test('without rows a table says so and CSV and JSON are empty', () => {
  expect(formatRows([], 'table')).toBe('(no rows)\n');
  expect(JSON.parse(formatRows([], 'json'))).toEqual([]);
  expect(formatRows([], 'csv').trim()).toBe('');
});
