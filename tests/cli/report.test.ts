/** `report`: which week, which files, which messages, how it ends. The ledger is a stand-in that says what it was asked for. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { folderName, report } from '../../bin/commands/report.ts';
import type { MadeReport, ReportHome, ReportOptions } from '../../bin/commands/report.ts';
import { explainError } from '../../bin/error-text.ts';
import type { SentMessage } from '../../bin/report-text.ts';
import { reportText } from '../../bin/report-text.ts';
import { askedWeek } from '../../bin/report-week.ts';
import { textWidth } from '../../bin/text-width.ts';
import type { ReportDocument } from '../../lib/report/document.ts';
import { folder } from './run-command.ts';

const HOSTILE = '../<b>"=x"\u202e';

function documentOf(team: string | null): ReportDocument {
  return {
    title: 'Spend',
    subtitle: 'Week of Nov 9 – Nov 15, 2026',
    weekEnd: '2026-11-15',
    team,
    subject: `Spend of ${team ?? 'all'}`,
    first: {
      lines: [
        { label: 'Complete', text: 'all sources through Nov 15, 2026' },
        { label: 'Month to date', text: `$12.34 of $100.00; ${'spoken at length '.repeat(8)}end`, query: 'totals' },
      ],
      chart: null,
      isQuiet: false,
    },
    sections: [
      {
        id: 'teams',
        title: 'By team',
        blocks: [
          { kind: 'paragraph', text: 'Two teams.' },
          {
            kind: 'table',
            mailRows: 5,
            table: {
              caption: 'Spend by team',
              query: 'by-team',
              columns: [{ title: 'team' }, { title: 'spend', isNumeric: true }],
              rows: [
                [
                  { shown: 'search', sort: 'search' },
                  { shown: '$12.34', sort: '12.340000000001' },
                ],
              ],
              foot: [{ shown: 'total' }, { shown: '$12.34', sort: '12.340000000001' }],
            },
          },
        ],
      },
    ],
    queries: [],
    footer: '',
  };
}

const REPORTS: readonly MadeReport[] = [null, 'search', HOSTILE].map((team) => ({ team, document: documentOf(team) }));
const SENT: SentMessage = { channel: 'mail', team: null, recipients: 2, state: 'sent', isNew: true, reason: null };

let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  place = await folder();
});
afterAll(async () => place.close());
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

interface Told {
  readonly out: string;
  readonly err: string;
  readonly code: number;
  readonly asked: readonly unknown[];
}

async function reported(options: Partial<ReportOptions>, messages: readonly SentMessage[] = []): Promise<Told> {
  const [out, err, asked]: [string[], string[], unknown[]] = [[], [], []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  const home: ReportHome = {
    config: { week_start: 'monday' },
    lastWeek: { from: '2026-11-09', to: '2026-11-15' },
    make: async (week) => {
      asked.push(week);
      return await Promise.resolve(REPORTS);
    },
    filesOf: async ({ document }) =>
      await Promise.resolve([
        { name: 'report.txt', bytes: Buffer.from(document.subject) },
        { name: 'charts/trend.png', bytes: Buffer.from('png') },
      ]),
    send: async (reports, choice) => {
      asked.push({ reports: reports.length, ...choice });
      return await Promise.resolve(messages);
    },
    close: () => void asked.push('closed'),
  };
  try {
    await report({ lake: 'lake', format: 'table', ...options }, async () => await Promise.resolve(home));
  } finally {
    vi.restoreAllMocks();
  }
  return { out: out.join(''), err: err.join(''), code: Number(process.exitCode ?? 0), asked };
}

describe('files', () => {
  test("everybody's report in the folder, those of teams below it, whatever their names are", async () => {
    const out = join(place.path, 'all');
    const told = await reported({ out });
    const files = (await readdir(out, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files).toHaveLength(6);
    for (const entry of files) expect(entry.parentPath.startsWith(out)).toBe(true);
    expect(await readFile(join(out, 'report.txt'), 'utf8')).toBe('Spend of all');
    expect(await readFile(join(out, 'teams', folderName('search'), 'report.txt'), 'utf8')).toBe('Spend of search');
    expect(folderName(HOSTILE)).toMatch(/^b-x-[0-9a-f]{8}$/);
    expect(told.out).toContain(`wrote    ${join(out, 'report.txt')}\n`);
    expect([told.code, told.err]).toEqual([0, '']);
    expect(told.asked).toEqual([{ from: '2026-11-09', to: '2026-11-15' }, 'closed']);
  });

  test('of one team only, in the folder itself', async () => {
    const out = join(place.path, 'one');
    await reported({ out, team: 'Search', week: '2026-W46' });
    expect((await readdir(out)).toSorted()).toEqual(['charts', 'report.txt']);
    expect(await readFile(join(out, 'report.txt'), 'utf8')).toBe('Spend of search');
  });

  test('a team without a report is told which there are', async () => {
    await expect(reported({ team: 'nobody' })).rejects.toMatchObject({
      message: expect.stringContaining('--team nobody') as string,
      hint: expect.stringContaining('search') as string,
    });
  });
});

describe('messages', () => {
  test('are sent only when asked for, and once asked for write no files unless --out says so', async () => {
    const { out, asked, code } = await reported({ send: true }, [
      SENT,
      { ...SENT, channel: 'webhook ops', isNew: false },
    ]);
    expect(asked[1]).toEqual({
      reports: 3,
      week: { from: '2026-11-09', to: '2026-11-15' },
      team: null,
      isAgain: false,
    });
    expect(out).toContain('sent    mail to 2\n');
    expect(out).toContain('sent before, not again    webhook ops to 2\n');
    expect(out).not.toContain('wrote');
    expect(code).toBe(0);
  });

  test('an unknown outcome ends with 1 and names the command that sends again', async () => {
    const { code, err, out } = await reported({ sendAgain: true }, [{ ...SENT, state: 'unknown', reason: 'timeout' }]);
    expect(code).toBe(1);
    expect(out).toContain('not known whether it was sent    mail to 2: timeout');
    expect(err).toContain('inference-ledger report --lake lake --week 2026-11-15 --send-again\n');
  });

  test('a refused one is tried again by --send', async () => {
    const { code, err } = await reported({ send: true }, [{ ...SENT, state: 'refused', reason: 'sandbox' }]);
    expect(code).toBe(1);
    expect(err).toContain('inference-ledger report --lake lake --week 2026-11-15 --send\n');
  });

  test('to nobody is no success', async () => {
    const { code, err } = await reported({ send: true });
    expect(code).toBe(1);
    expect(err).toContain('add report.mail or report.webhooks');
  });
});

test('JSON has exact figures and everything that happened', async () => {
  const { out } = await reported({ format: 'json', send: true, team: 'search' }, [SENT]);
  expect(JSON.parse(out)).toMatchObject({
    week: { from: '2026-11-09', to: '2026-11-15' },
    team: 'search',
    first: [{ label: 'Complete' }, { label: 'Month to date', query: 'totals' }],
    tables: [
      {
        section: 'teams',
        query: 'by-team',
        rows: [['search', '12.340000000001']],
        total: ['total', '12.340000000001'],
      },
    ],
    files: [],
    messages: [{ channel: 'mail', team: null, recipients: 2, state: 'sent', is_new: true, reason: null }],
  });
});

test.each([40, 80, 200])('the first screen fits %d columns and says all', (width) => {
  const week = { from: '2026-11-09', to: '2026-11-15' };
  const text = reportText({ week, document: documentOf(null), files: [], messages: null }, width);
  for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`$12.34 of $100.00; ${'spoken at length '.repeat(8)}end`);
});

describe('--week', () => {
  const monday = { week_start: 'monday' } as const;
  const sunday = { week_start: 'sunday' } as const;
  test('takes an ISO week and the last day of a week', () => {
    const week = { from: '2026-11-09', to: '2026-11-15' };
    expect(askedWeek('2026-W46', monday)).toEqual(week);
    expect(askedWeek('2026-w46', monday)).toEqual(week);
    expect(askedWeek('2026-11-15', monday)).toEqual(week);
    expect(askedWeek('2026-11-14', sunday)).toEqual({ from: '2026-11-08', to: '2026-11-14' });
  });

  test.each([
    ['2026-W54', monday, 'no such ISO week', ''],
    ['2026-W46', sunday, 'ISO weeks start on monday', '--week 2026-11-21'],
    ['2026-11-14', monday, 'no week ends on that day', '--week 2026-11-15'],
    ['2026-11-31', monday, 'must be a day', ''],
    ['last', monday, 'must be an ISO week such as 2026-W46', ''],
  ])('%s is refused with the next step', (word, config, message, hint) => {
    let told = '';
    try {
      askedWeek(word, config);
    } catch (error) {
      told = explainError(error, ['report']).text;
    }
    expect(told).toContain(message);
    expect(told).toContain(hint);
  });
});
