/** Who gets which report: every message of the config once, each team its own, and what failed is told with the command that helps. */
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { readPaintingFiles } from '../../lib/adapters/local/painting-files.ts';
import { parseConfig } from '../../lib/config.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';
import type { OutgoingMail, SendOutcome } from '../../lib/ports.ts';
import {
  NotDelivered,
  checkDelivered,
  checkRecipients,
  deliverReports,
  keepReports,
  messageIds,
  reportFolder,
  teamsWithoutReport,
} from '../../lib/report-delivery.ts';
import type { AddressedReport, DeliverInput, MessageResult, ReportForms } from '../../lib/report-delivery.ts';
import { createPainter } from '../../lib/report/chart-painter.ts';
import { mailBytes } from '../../lib/report/mail.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import { exampleDocument } from '../fixtures/report-document.ts';

const HOSTILE = '../../<b>"team"\u202e';
const { report } = parseConfig(
  JSON.stringify({
    report: {
      mail: {
        from: 'ledger@example.com',
        to: ['finance@example.com', 'cto@example.com'],
        reply_to: 'platform@example.com',
        teams: { Search: ['search@example.com'], [HOSTILE]: ['odd@example.com'], ghosts: ['nobody@example.com'] },
      },
      webhooks: [
        { name: 'finance', url_env: 'HOOK' },
        { name: 'search', team: 'search', url_env: 'HOOK_SEARCH' },
      ],
    },
  }),
  'c.json',
);

const ofTeam = (team: string | null): AddressedReport => ({ document: { ...exampleDocument(), team }, team });
const REPORTS = [ofTeam(null), ofTeam('search'), ofTeam(HOSTILE)];

const plain: ReportForms = {
  mail: (document, { from, to, replyTo }) => Buffer.from(`${from} ${to.join(',')} ${replyTo} ${document.team}`),
  chat: (document) => ({ text: document.team }),
  page: (document) => `<p>${document.weekEnd}`,
  text: (document) => document.weekEnd,
};

function lab(answers: Readonly<Record<string, SendOutcome | Error>> = {}) {
  const store = createMemoryStore();
  const mails: OutgoingMail[] = [];
  const posts: [string, string][] = [];
  let names = 0;
  const answer = (key: string): SendOutcome => {
    const given = answers[key] ?? { kind: 'sent', id: 'm' };
    if (given instanceof Error) throw given;
    return given;
  };
  const input: DeliverInput = {
    world: { store, nowMs: () => Date.UTC(2026, 10, 16, 8), newName: () => `n${++names}` },
    reports: REPORTS,
    report,
    forms: plain,
    dateMs: Date.UTC(2026, 10, 16, 8),
    about: '2026-11-15',
    senders: {
      mailer: {
        async send(mail) {
          const outcome = answer(mail.to.join(' '));
          if (outcome.kind === 'sent') mails.push(mail);
          return outcome;
        },
      },
      webhook: (name) => ({
        async post(json) {
          const outcome = answer(name);
          if (outcome.kind === 'sent') posts.push([name, json]);
          return outcome;
        },
      }),
    },
  };
  return { store, mails, posts, input };
}

const kinds = (results: readonly MessageResult[]): string[] =>
  results.map(({ channel, team, delivered }) => `${channel} ${team} ${delivered.kind} ${delivered.isNew}`);

describe('messages', () => {
  test('everybody gets theirs: addresses of a team its own report, under either spelling of its name', async () => {
    const { input, mails, posts } = lab();
    const results = await deliverReports(input);
    expect(mails.map(({ from, to, raw }) => [from, to, Buffer.from(raw).toString()])).toEqual([
      [
        'ledger@example.com',
        ['finance@example.com', 'cto@example.com'],
        'ledger@example.com finance@example.com,cto@example.com platform@example.com null',
      ],
      [
        'ledger@example.com',
        ['search@example.com'],
        'ledger@example.com search@example.com platform@example.com search',
      ],
      ['ledger@example.com', ['odd@example.com'], `ledger@example.com odd@example.com platform@example.com ${HOSTILE}`],
    ]);
    expect(posts).toEqual([
      ['finance', '{"text":null}'],
      ['search', '{"text":"search"}'],
    ]);
    expect(results.map(({ recipients }) => recipients)).toEqual([2, 1, 1, 1, 1]);
    expect(teamsWithoutReport(report, REPORTS)).toEqual(['ghosts']);
  });

  test('again and again: nothing is sent twice, whatever the name of a team does to a path', async () => {
    const { input, mails, posts, store } = lab();
    for (let i = 0; i < 3; i++) await deliverReports(input);
    expect(mails).toHaveLength(3);
    expect(posts).toHaveLength(2);
    const keys = [...store.objects.keys()];
    expect(keys).toHaveLength(10);
    for (const key of keys)
      expect(key).toMatch(
        /^delivery\/2026-11-15\/(mail(-[0-9a-f]{16})?|webhook-(finance|search))\/001-(claim|outcome)\.json$/,
      );
    expect(messageIds(report).map((id) => keys.some((key) => key.startsWith(`delivery/2026-11-15/${id}/`)))).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
    ]);
  });

  test('one that fails keeps no other back, and the next call sends what was refused, only', async () => {
    const refused: SendOutcome = { kind: 'refused', reason: 'later', isRetryable: true };
    const answers: Record<string, SendOutcome | Error> = {
      'search@example.com': refused,
      finance: new Error('no answer'),
    };
    const { input, mails, posts } = lab(answers);
    const first = await deliverReports(input);
    expect(kinds(first)).toEqual([
      'mail null sent true',
      'mail Search refused true',
      `mail ${HOSTILE} sent true`,
      'webhook finance null unknown true',
      'webhook search search sent true',
    ]);
    delete answers['search@example.com'];
    delete answers['finance'];
    expect(kinds(await deliverReports(input))).toEqual([
      'mail null sent false',
      'mail Search sent true',
      `mail ${HOSTILE} sent false`,
      'webhook finance null unknown false',
      'webhook search search sent false',
    ]);
    expect(mails).toHaveLength(3);
    expect(posts).toHaveLength(1);
    await deliverReports({ ...input, isAgain: true, onlyTeam: 'SEARCH' });
    expect(mails).toHaveLength(4);
    expect(posts.map(([name]) => name)).toEqual(['search', 'search']);
  });

  test('a document that cannot be rendered costs no try', async () => {
    const { input, mails, store } = lab();
    const failing = {
      ...plain,
      chat: () => {
        throw new TypeError('no chart');
      },
    };
    await expect(deliverReports({ ...input, forms: failing })).rejects.toThrow('no chart');
    expect([...store.objects.keys()]).toEqual([]);
    expect(mails).toEqual([]);
  });

  test('the bytes that are sent are a mail, the same each time', async () => {
    const painter = await createPainter(await readPaintingFiles());
    const { input, mails } = lab();
    const forms: ReportForms = {
      ...plain,
      mail: async (document, envelope) => await mailBytes(document, envelope, painter),
    };
    await deliverReports({ ...input, forms });
    await deliverReports({ ...input, forms, isAgain: true, onlyTeam: 'search' });
    const [overall, search, , again] = mails;
    expect(Buffer.from(again?.raw ?? [])).toEqual(Buffer.from(search?.raw ?? []));
    const parsed = await simpleParser(Buffer.from(overall?.raw ?? []));
    expect(parsed.from?.text).toBe('ledger@example.com');
    expect(parsed.replyTo?.text).toBe('platform@example.com');
    expect(parsed.date?.toISOString()).toBe('2026-11-16T08:00:00.000Z');
    expect(parsed.attachments.length).toBeGreaterThan(0);
  });
});

describe('what is told', () => {
  const result = (delivered: Partial<MessageResult['delivered']> & { kind: string }): MessageResult =>
    ({
      channel: 'mail',
      team: null,
      recipients: 1,
      delivered: { attempt: 1, at: '', isNew: true, ...delivered },
    }) as MessageResult;
  const sent = result({ kind: 'sent', notTo: [] });
  const COMMAND = 'inference-ledger report --stack ledger --week 2026-11-15';

  test('nothing where all was sent', () => {
    expect(() => checkDelivered([sent, sent], COMMAND)).not.toThrow();
    expect(() => checkDelivered([], COMMAND)).not.toThrow();
  });

  test('that a retry helps, where one does, even beside what only a person can mend', () => {
    const later = result({ kind: 'refused', reason: 'SES: busy', isRetryable: true });
    const never = result({ kind: 'refused', reason: 'SES: MessageRejected', isRetryable: false });
    expect(() => checkDelivered([sent, later, never], COMMAND)).toThrow(Transient);
    expect(() => checkDelivered([sent, later, never], COMMAND)).toThrow(
      '2 of 3 messages are not known to be sent: mail: refused, SES: busy',
    );
  });

  test.each([
    [
      { kind: 'unknown', reason: 'timeout' },
      `ask one of those it was to go to; if it did not come: ${COMMAND} --send-again`,
    ],
    [{ kind: 'refused', reason: 'no', isRetryable: false }, `change what was refused, then: ${COMMAND} --send`],
  ] as const)('the command that helps where only a person can: %o', (delivered, hint) => {
    const error = (() => {
      try {
        checkDelivered([sent, result(delivered)], COMMAND);
      } catch (thrown) {
        return thrown;
      }
      return null;
    })();
    expect(error).toBeInstanceOf(NotDelivered);
    expect(error).toMatchObject({ hint, name: 'NotDelivered' });
  });

  test('that nobody is named to get it', () => {
    expect(() => checkRecipients(parseConfig('{}', 'c.json').report)).toThrow(Misconfigured);
    expect(() => checkRecipients(report)).not.toThrow();
  });
});

describe('kept in the lake', () => {
  test('are page, text and mail of each report, twice the same; the page is the last that is written', async () => {
    const { input, store } = lab();
    const written: string[] = [];
    const noted = {
      ...store,
      put: async (key: string, bytes: Uint8Array) => {
        written.push(key);
        await store.put(key, bytes);
      },
    };
    await keepReports(noted, input);
    const before = [...store.objects].map(([key, { bytes }]) => [key, Buffer.from(bytes).toString()]);
    await keepReports(store, input);
    expect([...store.objects].map(([key, { bytes }]) => [key, Buffer.from(bytes).toString()])).toEqual(before);
    expect(written.slice(0, 3)).toEqual(
      ['report.eml', 'report.txt', 'report.html'].map((name) => `reports/2026-11-15/${name}`),
    );
    expect(written).toHaveLength(9);
    for (const key of written)
      expect(key).toMatch(/^reports\/2026-11-15\/(teams\/[0-9a-f]{16}\/)?report\.(eml|txt|html)$/);
    expect(reportFolder('2026-11-15', 'Search ')).toBe(reportFolder('2026-11-15', 'search'));
  });

  test('a config that names nobody keeps a mail to nobody', async () => {
    const { input, store } = lab();
    await keepReports(store, { ...input, report: parseConfig('{}', 'c.json').report });
    const eml = Buffer.from(store.objects.get('reports/2026-11-15/report.eml')?.bytes ?? []).toString();
    expect(eml).toBe('inference-ledger@example.invalid nobody@example.invalid undefined null');
  });
});
