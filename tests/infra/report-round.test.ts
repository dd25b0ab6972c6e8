/** The functions of the weekly report and the daily check on ports in memory: what is retried, what is told, what is kept. */
import { describe, expect, test } from 'vitest';
import { checkRound } from '../../lambdas/check-round.ts';
import type { CheckPorts } from '../../lambdas/check-round.ts';
import { reportRound } from '../../lambdas/report-round.ts';
import type { ReportPorts } from '../../lambdas/report-round.ts';
import { isoWeekUpTo } from '../../lambdas/simulate-round.ts';
import type { Telemetry } from '../../lambdas/telemetry.ts';
import { weekOf } from '../../lambdas/week-event.ts';
import { alertDocuments } from '../../lib/alert-document.ts';
import type { Alert } from '../../lib/alert-document.ts';
import { parseConfig } from '../../lib/config.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';
import type { OutgoingMail, SendOutcome } from '../../lib/ports.ts';
import { NotDelivered, deliverReports } from '../../lib/report-delivery.ts';
import type { ReportForms } from '../../lib/report-delivery.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import { exampleDocument } from '../fixtures/report-document.ts';

const WEEK = { from: '2026-11-09', to: '2026-11-15' };
const config = parseConfig(
  JSON.stringify({
    report: { mail: { from: 'ledger@example.com', to: ['finance@example.com'], teams: { search: ['s@example.com'] } } },
  }),
  'c.json',
);
const forms: ReportForms = {
  mail: (document, { to, dateMs }) =>
    Buffer.from(
      `${new Date(dateMs).toISOString()} ${to.join()} ${document.first.lines.map(({ text }) => text).join('|')}`,
    ),
  chat: () => ({}),
  page: () => 'page',
  text: () => 'text',
};
const TAKEN: SendOutcome = { kind: 'sent', id: 'm' };
const LATER: SendOutcome = { kind: 'refused', reason: 'busy', isRetryable: true };
const NEVER: SendOutcome = { kind: 'refused', reason: 'not verified', isRetryable: false };

function lab(now = '2026-11-16T08:00:00Z') {
  const store = createMemoryStore();
  const mails: OutgoingMail[] = [];
  const counts: [string, number][] = [];
  const said: string[] = [];
  const answers: (SendOutcome | Error)[] = [];
  const time = { ms: Date.parse(now) };
  let names = 0;
  const telemetry: Telemetry = {
    info: (message) => void said.push(message),
    warn: (message) => void said.push(`! ${message}`),
    count: (key, value) => void (value > 0 && counts.push([key, value])),
    flush: () => undefined,
  };
  const common = {
    config,
    stackName: 'ledger',
    world: { store, nowMs: () => time.ms, newName: () => `n${++names}` },
    forms,
    telemetry,
    senders: {
      mailer: {
        async send(mail: OutgoingMail) {
          const answer = answers.shift() ?? TAKEN;
          if (answer instanceof Error) throw answer;
          if (answer.kind === 'sent') mails.push(mail);
          return answer;
        },
      },
      webhook: () => ({ post: async () => TAKEN }),
    },
  };
  return { store, mails, counts, said, answers, time, common };
}

function reporting(own = lab()) {
  const ports: ReportPorts = {
    ...own.common,
    watch: async () => undefined,
    makeReports: async () => [
      { team: null, document: exampleDocument() },
      { team: 'search', document: exampleDocument(undefined, { team: 'search' }) },
    ],
  };
  return { ...own, ports };
}

describe('the report', () => {
  test('three calls of the function send one mail to each, and say so', async () => {
    const { ports, mails, counts, store } = reporting();
    expect(await reportRound(ports, WEEK)).toEqual({ week: '2026-11-15', reports: 2, sentNow: 2, sentBefore: 0 });
    expect(await reportRound(ports, WEEK)).toEqual({ week: '2026-11-15', reports: 2, sentNow: 0, sentBefore: 2 });
    await reportRound(ports, WEEK);
    expect(mails.map(({ to }) => to)).toEqual([['finance@example.com'], ['s@example.com']]);
    expect(counts).toEqual([['reportsDelivered', 2]]);
    // dated when it is due, not when it was made
    expect(Buffer.from(mails[0]?.raw ?? []).toString()).toMatch(/^2026-11-16T08:00:00.000Z/);
    expect([...store.objects.keys()].filter((key) => key.startsWith('reports/'))).toHaveLength(6);
  });

  test('what is refused for now is an error that the state machine tries again, and then only that is sent', async () => {
    const { ports, mails, answers } = reporting();
    answers.push(LATER);
    await expect(reportRound(ports, WEEK)).rejects.toThrow(Transient);
    expect(mails.map(({ to }) => to.join())).toEqual(['s@example.com']);
    expect(await reportRound(ports, WEEK)).toMatchObject({ sentNow: 1, sentBefore: 1 });
    expect(mails.map(({ to }) => to.join())).toEqual(['s@example.com', 'finance@example.com']);
  });

  test('what is refused for good is an error that it does not try again; the command is in it', async () => {
    const { ports, answers } = reporting();
    answers.push(NEVER);
    const error: unknown = await reportRound(ports, WEEK).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotDelivered);
    expect(error).toMatchObject({
      name: 'NotDelivered',
      message: expect.stringContaining('not verified'),
      hint: expect.stringContaining('inference-ledger report --stack ledger --week 2026-11-15 --send'),
    });
  });

  test('what may have been sent is never sent again by itself: an alarm at each call, until a person asks for it', async () => {
    const { ports, mails, answers, counts } = reporting();
    answers.push(new Error('socket hang up'));
    for (let i = 0; i < 3; i++)
      await expect(reportRound(ports, WEEK)).rejects.toMatchObject({ hint: expect.stringContaining('--send-again') });
    expect(mails.map(({ to }) => to.join())).toEqual(['s@example.com']);
    expect(counts.filter(([key]) => key === 'reportsInDoubt')).toHaveLength(3);
    await reportRound(ports, WEEK, true);
    expect(mails).toHaveLength(3);
    expect(await reportRound(ports, WEEK)).toMatchObject({ sentNow: 0, sentBefore: 2 });
  });

  test('goes out without forecast and anomalies where watching fails, and still ends as failed', async () => {
    const { ports, mails, said } = reporting();
    const failing = { ...ports, watch: async () => await Promise.reject(new Transient('the catalog moved')) };
    await expect(reportRound(failing, WEEK)).rejects.toThrow('the catalog moved');
    expect(mails).toHaveLength(2);
    expect(said.join('\n')).toContain('reported without its forecast');
    await reportRound(ports, WEEK);
    expect(mails).toHaveLength(2);
  });

  test('is kept where nobody is named to get it', async () => {
    const { ports, mails, store, said } = reporting();
    const nobody = { ...ports, config: parseConfig('{}', 'c.json') };
    expect(await reportRound(nobody, WEEK)).toMatchObject({ reports: 2, sentNow: 0 });
    expect(mails).toEqual([]);
    expect(said.join('\n')).toContain('nobody is named');
    expect(store.objects.has('reports/2026-11-15/report.html')).toBe(true);
  });

  test('no log line holds an address', async () => {
    const { ports, said, answers } = reporting();
    answers.push(NEVER, { ...TAKEN, notTo: ['s@example.com'] });
    await reportRound(ports, WEEK).catch(() => undefined);
    expect(said.join('\n')).toContain('1 of the addresses were refused');
    expect(said.join('\n')).not.toContain('@');
  });
});

const alert = (text: string, team: string | null = null): Alert => ({
  kind: 'anomaly',
  key: text,
  team,
  owner: null,
  text,
});

function checking(own = lab()) {
  const found: Alert[][] = [];
  const ports: CheckPorts = { ...own.common, check: async () => found.shift() ?? [] };
  return { ...own, ports, found };
}

describe('the daily check', () => {
  test('tells each alert once: everybody all, a team its own', async () => {
    const { ports, found, mails } = checking();
    found.push([alert('total over budget'), alert('search is odd', 'Search'), alert('ads is odd', 'ads')]);
    expect(await checkRound(ports)).toMatchObject({ alerts: 3, sentNow: 2 });
    await checkRound(ports);
    expect(
      mails.map(({ to, raw }) => `${to.join()}: ${Buffer.from(raw).toString().split(' ').slice(2).join(' ')}`),
    ).toEqual(['finance@example.com: total over budget|search is odd|ads is odd', 's@example.com: search is odd']);
  });

  test('sends nothing where nothing is new', async () => {
    const { ports, mails, store } = checking();
    expect(await checkRound(ports)).toEqual({ alerts: 0, sentNow: 0, missingReport: null });
    expect(mails).toEqual([]);
    expect([...store.objects.keys()]).toEqual(['delivery/since.json']);
  });

  test('an alert that was refused is sent by the next check, with the same bytes, and for three days only', async () => {
    const { ports, found, mails, answers, time } = checking();
    found.push([alert('over budget')]);
    answers.push(LATER);
    await expect(checkRound(ports)).rejects.toThrow(Transient);
    time.ms += 86_400_000;
    answers.push(NEVER);
    await expect(checkRound(ports)).rejects.toThrow(NotDelivered);
    time.ms += 86_400_000;
    expect(await checkRound(ports)).toMatchObject({ alerts: 0, sentNow: 1 });
    expect(Buffer.from(mails[0]?.raw ?? []).toString()).toMatch(/^2026-11-16T12:00:00.000Z/);
    found.push([alert('other')]);
    answers.push(NEVER);
    await expect(checkRound(ports)).rejects.toThrow(NotDelivered);
    time.ms += 4 * 86_400_000;
    expect(await checkRound(ports)).toMatchObject({ sentNow: 0 });
  });

  test('a report that is due for hours and was not made, or was refused, is told each day with its command', async () => {
    const { ports, time, counts, said, store, answers } = checking(lab('2026-11-12T08:00:00Z'));
    // the first check: weeks before are not missed
    expect(await checkRound(ports)).toMatchObject({ missingReport: null });
    time.ms = Date.parse('2026-11-16T11:59:00Z');
    expect(await checkRound(ports)).toMatchObject({ missingReport: null });
    time.ms = Date.parse('2026-11-16T12:00:00Z');
    expect(await checkRound(ports)).toMatchObject({ missingReport: '2026-11-15' });
    expect(counts).toEqual([['reportsInDoubt', 1]]);
    expect(said.join('\n')).toContain('inference-ledger report --stack ledger --week 2026-11-15 --send');
    await store.put('reports/2026-11-15/report.html', Buffer.from('x'));
    expect(await checkRound(ports)).toMatchObject({ missingReport: null });
    answers.push(NEVER);
    const reports = [{ team: null, document: exampleDocument() }];
    const input = { ...ports, reports, report: config.report, dateMs: 0, about: '2026-11-15' };
    await deliverReports(input);
    expect(await checkRound(ports)).toMatchObject({ missingReport: '2026-11-15' });
    await deliverReports(input);
    expect(await checkRound(ports)).toMatchObject({ missingReport: null });
  });

  test('many alerts are shown in part and counted in full', () => {
    const alerts = Array.from({ length: 30 }, (_, i) => alert(`alert ${i}`, i < 2 ? 'search' : null));
    const [all, search] = alertDocuments({ alerts, day: '2026-11-16', title: 'Ledger' });
    expect(all?.document.first.lines).toHaveLength(21);
    expect(all?.document.first.lines.at(-1)?.text).toContain('10 more');
    expect(all?.document.subject).toBe('Ledger: 30 alerts on 2026-11-16');
    expect(search).toMatchObject({ team: 'search', document: { subject: 'Ledger: 2 alerts on 2026-11-16' } });
  });
});

describe('the week of an event', () => {
  const now = Date.parse('2026-11-18T12:00:00Z');
  const monday = { week_start: 'monday' } as const;

  test.each([
    [{}, '2026-11-15'],
    [{ at: '2026-11-16T05:00:00Z' }, '2026-11-08'],
    [{ at: '2026-11-16T08:00:00Z' }, '2026-11-15'],
    [{ week: '2026-11-01' }, '2026-11-01'],
    [{ week: '2026-W44' }, '2026-11-01'],
  ])('%o is the one to %s', (event, to) => {
    expect(weekOf(event, monday, now).to).toBe(to);
  });

  test.each([{ week: '2026-11-14' }, { week: 'last' }, { week: '2026-W60' }, { at: 'soon' }])(
    '%o names none',
    (event) => {
      expect(() => weekOf(event, monday, now)).toThrow(Misconfigured);
    },
  );

  test('savings are simulated of the ISO week that ended with it or last', () => {
    expect(isoWeekUpTo('2026-11-15')).toEqual({ from: '2026-11-09', to: '2026-11-15' });
    expect(isoWeekUpTo('2026-11-14')).toEqual({ from: '2026-11-02', to: '2026-11-08' });
    expect(isoWeekUpTo('2026-11-16')).toEqual({ from: '2026-11-09', to: '2026-11-15' });
  });
});
