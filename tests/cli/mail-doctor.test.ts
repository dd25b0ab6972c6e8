/** What doctor says of sending, for every state SES can be in. */
import { GetAccountCommand, GetEmailIdentityCommand, NotFoundException, SESv2Client } from '@aws-sdk/client-sesv2';
import { describe, expect, test } from 'vitest';
import { mailFindings } from '../../bin/mail-doctor.ts';
import { parseConfig } from '../../lib/config.ts';
import { deliver } from '../../lib/delivery.ts';
import type { SendOutcome } from '../../lib/ports.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';

const NOW = Date.UTC(2026, 10, 16, 9);

interface Account {
  /** identity → whether it is verified; absent ones are unknown to SES */
  readonly identities?: Readonly<Record<string, boolean>>;
  readonly inSandbox?: boolean;
  readonly isPaused?: boolean;
  /** commands that are denied */
  readonly denied?: readonly string[];
}

const denial = (): Error =>
  Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });

function ses({ identities = {}, inSandbox = false, isPaused = false, denied = [] }: Account): SESv2Client {
  const client = new SESv2Client({ region: 'eu-central-1' });
  client.send = async (command: unknown): Promise<never> => {
    const answer = (): unknown => {
      if (command instanceof GetAccountCommand) {
        if (denied.includes('GetAccount')) throw denial();
        return { ProductionAccessEnabled: !inSandbox, SendingEnabled: !isPaused };
      }
      if (!(command instanceof GetEmailIdentityCommand)) throw new TypeError('not asked for');
      if (denied.includes('GetEmailIdentity')) throw denial();
      const isVerified = identities[command.input.EmailIdentity ?? ''];
      if (isVerified === undefined) throw new NotFoundException({ message: 'no', $metadata: { httpStatusCode: 404 } });
      return { VerifiedForSendingStatus: isVerified };
    };
    return await Promise.resolve(answer() as never);
  };
  return client;
}

const MAIL = {
  from: 'ledger@example.com',
  to: ['finance@example.com', 'cto@other.example'],
  teams: { search: ['s@example.com'] },
};

async function found(account: Account, mail: object = MAIL, store = createMemoryStore()): Promise<string[]> {
  const config = parseConfig(JSON.stringify({ report: { mail } }), 'c.json');
  const findings = await mailFindings({ client: ses(account), store, config, stack: 'ledger', nowMs: NOW });
  expect(findings.filter(({ check }) => check !== 'mail')).toEqual([]);
  expect(findings.filter(({ level, todo = '' }) => level === 'problem' && todo.length < 20)).toEqual([]);
  return findings.map(({ level, message, where = [] }) => `${level}: ${[message, ...where].join(' | ')}`);
}

describe('the sender', () => {
  test('that is verified, by itself or by its domain, may send', async () => {
    expect(await found({ identities: { 'ledger@example.com': true } })).toEqual([
      'ok: ledger@example.com is verified and may send',
    ]);
    expect(await found({ identities: { 'example.com': true } })).toEqual(['ok: example.com is verified and may send']);
  });

  test('whose own identity is not verified may not, though its domain is: SES takes the narrower one', async () => {
    expect(await found({ identities: { 'ledger@example.com': false, 'example.com': true } })).toEqual([
      'problem: the identity ledger@example.com is not verified: SES refuses every mail from ledger@example.com',
    ]);
  });

  test('that is unknown is a problem; denied to look, it is said that nobody knows', async () => {
    expect((await found({}))[0]).toMatch(/^problem: neither ledger@example.com nor example.com is an identity/);
    expect((await found({ denied: ['GetEmailIdentity'] }))[0]).toMatch(/^note: ses:GetEmailIdentity is denied/);
  });
});

describe('the account', () => {
  const identities = { 'example.com': true };

  test('in the sandbox: recipients that are not verified are named', async () => {
    expect((await found({ identities, inSandbox: true }))[1]).toBe(
      'problem: the account is in the sandbox of SES, which refuses mail to recipients that are not verified: 1 address | cto@other.example',
    );
    const all = { ...identities, 'cto@other.example': true };
    expect((await found({ identities: all, inSandbox: true }))[1]).toMatch(/^note: .*every recipient is verified$/);
  });

  test('that is paused, and that may not be looked at', async () => {
    expect((await found({ identities, isPaused: true }))[1]).toBe('problem: SES has paused sending for this account');
    expect((await found({ identities, denied: ['GetAccount'] }))[1]).toMatch(/^note: ses:GetAccount is denied/);
  });
});

test('without mail it says that nobody gets one; with a mail server SES is not asked', async () => {
  const none = await mailFindings({
    client: ses({}),
    store: createMemoryStore(),
    config: parseConfig('{}', 'c.json'),
    stack: 'ledger',
    nowMs: NOW,
  });
  expect(none.map(({ level }) => level)).toEqual(['note']);
  expect(await found({}, { ...MAIL, smtp: { host: 'smtp.example.com' } })).toEqual([
    'ok: mail goes through the mail server smtp.example.com, not through SES',
  ]);
});

test('messages of the last week that are in doubt or were refused come with their command', async () => {
  const store = createMemoryStore();
  const world = { store, nowMs: () => NOW, newName: () => 'n' };
  const outcome = async (id: string, result: SendOutcome | Error): Promise<void> => {
    await deliver(world, { id: `2026-11-15/${id}`, about: id }, async () =>
      result instanceof Error ? await Promise.reject(result) : await Promise.resolve(result),
    );
  };
  await outcome('mail', new Error('timeout'));
  const account = { identities: { 'example.com': true } };
  expect((await found(account, { ...MAIL, teams: {} }, store))[1]).toBe(
    'problem: the report of the week to 2026-11-15 (mail) is in doubt: Error: timeout | delivery/2026-11-15/mail/',
  );
});
