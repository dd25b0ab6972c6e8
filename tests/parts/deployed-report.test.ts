/**
 * The weekly report as deployed: the state machine simulates and reports on real Trino, and the mail arrives, through the emulator's SES and through a
 * real SMTP server that takes, refuses, and hangs up. What counts is what arrived, not what a function says.
 */
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliveryState } from '../../lib/delivery.ts';
import { socketsOf } from '../fixtures/smtp-sockets.ts';
import { deployApp } from './deployed-app.ts';
import {
  HASH_KEY,
  MAX_WAIT_MS,
  POLL_MS,
  call,
  callLine,
  landText,
  openDeployment,
  seal,
  settled,
} from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployableStack, freshName } from './stack/clients.ts';

const SENDER = `${freshName('ledger-')}@example.com`;
const MAIL = { from: SENDER, to: ['finance@example.com'], teams: { search: ['search@example.com'] } };
const CONFIG = { report: { timezone: 'Europe/Berlin', mail: MAIL } };

let aws: Deployment;
let sink: SMTPServer;
let port = 0;
/** what the SMTP server does with the next message that ends */
let behavior: 'takes' | 'refuses' | 'hangs_up' = 'takes';
const arrived: Buffer[] = [];

beforeAll(async () => {
  sink = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Uint8Array[] = [];
      stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      stream.on('end', () => {
        if (behavior === 'refuses') return done(Object.assign(new Error('later'), { responseCode: 451 }));
        arrived.push(Buffer.concat(chunks));
        if (behavior === 'takes') return done();
        for (const socket of socketsOf(sink)) socket.destroy();
        return undefined;
      });
    },
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  port = (sink.server.address() as AddressInfo).port;
  const endpoints = await deployableStack();
  aws = await openDeployment(
    endpoints,
    await deployApp(endpoints, { name: freshName('report-'), hashKey: HASH_KEY, config: CONFIG }),
  );
  const days = Array.from({ length: 21 }, (_, i) => new Date(Date.UTC(2026, 9, 26 + i)).toISOString().slice(0, 10));
  const lines = days.flatMap((day, i) =>
    ['search', 'ads'].map((team) => callLine(`${team}-${day}`, day, 100_000 * (i + 1), { team })),
  );
  await landText(aws, 'calls.jsonl', lines.join(''));
  await settled(aws);
  await seal(aws);
});
afterAll(async () => {
  await new Promise<void>((resolve) => sink.close(() => resolve()));
});

/** A config in the lake: the functions read it from the next call on. */
async function configure(report: object): Promise<void> {
  await aws.lake.put('config/inference-ledger.config.json', Buffer.from(JSON.stringify({ report })));
}

/** Mails that the emulator's SES was given, from this deployment's sender. */
async function sesMails(): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${aws.endpoints.control}/_ministack/ses/messages`);
  const { messages } = (await response.json()) as { messages: Record<string, Record<string, unknown>[]> };
  return Object.values(messages)
    .flat()
    .filter((message) => JSON.stringify(message).includes(SENDER));
}

async function execution(input: object): Promise<Record<string, unknown>> {
  const stateMachineArn = aws.app.outputs['ReportStateMachine'];
  const started = await call(
    aws,
    'states',
    '/',
    { stateMachineArn, input: JSON.stringify(input) },
    'AWSStepFunctions.StartExecution',
  );
  const { executionArn } = started;
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    const found = await call(aws, 'states', '/', { executionArn }, 'AWSStepFunctions.DescribeExecution');
    if (found['status'] !== 'RUNNING') return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the execution did not end');
}

async function invoke(output: string, event: object): Promise<Record<string, unknown>> {
  return await call(aws, 'lambda', `/2015-03-31/functions/${aws.app.outputs[output] ?? ''}/invocations`, event);
}

const mailOf = async (bytes: Buffer): Promise<ParsedMail> => await simpleParser(bytes);

test('the state machine simulates, reports and mails, each once however often it is started', async () => {
  const first = await execution({ week: '2026-11-15' });
  expect(first).toMatchObject({ status: 'SUCCEEDED' });
  expect(JSON.parse(String(first['output']))).toMatchObject({ week: '2026-11-15', sentNow: 2, sentBefore: 0 });
  for (let i = 0; i < 2; i++) {
    const again = await execution({ week: '2026-11-15' });
    expect(JSON.parse(String(again['output']))).toMatchObject({ sentNow: 0, sentBefore: 2 });
  }
  const mails = await sesMails();
  expect(mails).toHaveLength(2);
  for (const address of ['finance@example.com', 'search@example.com']) expect(JSON.stringify(mails)).toContain(address);
  const [row] = await aws.users.query("select count(*) as n from savings where period = '2026-W46'");
  expect(Number(row?.['n'])).toBeGreaterThan(0);
});

test('what is kept in the lake are page, text and mail; a mail of a team names no other team', async () => {
  const kept: string[] = [];
  for await (const { key } of aws.lake.list('reports/2026-11-15/'))
    kept.push(key.replace(/teams\/[0-9a-f]{16}/, 'teams/…'));
  expect(kept.filter((key) => !key.includes('teams'))).toEqual(
    ['report.eml', 'report.html', 'report.txt'].map((name) => `reports/2026-11-15/${name}`),
  );
  const eml = await mailOf(Buffer.from((await aws.lake.read('reports/2026-11-15/report.eml')) ?? []));
  expect(eml.date?.toISOString()).toBe('2026-11-16T07:00:00.000Z');
  expect(eml.text).toContain('ads');
  const mails = await sesMails();
  const ofTeam = mails.find((mail) => JSON.stringify(mail).includes('search@example.com'));
  expect(JSON.stringify(ofTeam)).not.toMatch(/\bads\b/);
});

test('through a mail server: the bytes that arrive are those that are kept, pictures by content id', async () => {
  await configure({
    ...CONFIG.report,
    mail: { ...MAIL, teams: {}, smtp: { host: '127.0.0.1', port, security: 'none' } },
  });
  expect(await invoke('ReportWeekFunction', { week: '2026-11-08' })).toMatchObject({ week: '2026-11-08', sentNow: 1 });
  expect(arrived).toHaveLength(1);
  const bytes = arrived[0] ?? Buffer.alloc(0);
  const kept = Buffer.from((await aws.lake.read('reports/2026-11-08/report.eml')) ?? []);
  expect(bytes.toString('latin1').trimEnd()).toBe(kept.toString('latin1').trimEnd());
  const mail = await mailOf(bytes);
  expect(mail.from?.text).toBe(SENDER);
  const html = String(mail.html);
  expect(mail.attachments.length).toBeGreaterThan(0);
  for (const { contentType } of mail.attachments) expect(contentType).toBe('image/png');
  // the parser puts pictures in the place of their content ids; what is left has no other source
  expect(html).not.toContain('cid:');
  expect(html).not.toMatch(/src="https?:/);
});

test('refused for now: an error that is retried, and then it arrives once', async () => {
  arrived.length = 0;
  behavior = 'refuses';
  expect(await invoke('ReportWeekFunction', { week: '2026-11-01' })).toMatchObject({
    errorMessage: expect.stringContaining('mail: refused, the mail server said: 451'),
  });
  behavior = 'takes';
  expect(await invoke('ReportWeekFunction', { week: '2026-11-01' })).toMatchObject({ sentNow: 1 });
  expect(await invoke('ReportWeekFunction', { week: '2026-11-01' })).toMatchObject({ sentNow: 0, sentBefore: 1 });
  expect(arrived).toHaveLength(1);
});

test('taken and hung up on: not sent again by itself, by any number of retries; a person can', async () => {
  arrived.length = 0;
  behavior = 'hangs_up';
  const lost = await invoke('ReportWeekFunction', { week: '2026-10-25' });
  // the emulator gives every error one name; its text is ours
  const inDoubt = { errorMessage: expect.stringContaining('1 of 1 messages are not known to be sent: mail: unknown') };
  expect(lost).toMatchObject(inDoubt);
  behavior = 'takes';
  for (let i = 0; i < 2; i++) expect(await invoke('ReportWeekFunction', { week: '2026-10-25' })).toMatchObject(inDoubt);
  expect(arrived).toHaveLength(1);
  expect(await deliveryState(aws.lake, '2026-10-25/mail')).toMatchObject({ kind: 'unknown', attempt: 1 });
  expect(await invoke('ReportWeekFunction', { week: '2026-10-25', sendAgain: true })).toMatchObject({ sentNow: 1 });
  expect(arrived).toHaveLength(2);
});

test('the daily check runs, tells nothing where nothing is new, and a budget that is passed once', async () => {
  arrived.length = 0;
  expect(await invoke('CheckDayFunction', {})).toMatchObject({ missingReport: null });
  const before = arrived.length;
  expect(await invoke('CheckDayFunction', {})).toMatchObject({ alerts: 0, sentNow: 0 });
  expect(arrived).toHaveLength(before);
});
