/** SES, SMTP and webhooks against servers of their protocols on this machine, with the clients that are deployed. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SMTPServer } from 'smtp-server';
import { describe, expect, test } from 'vitest';
import { createSesMailer } from '../../lib/adapters/aws/ses-mailer.ts';
import { createWebhook } from '../../lib/adapters/mail/chat-webhook.ts';
import { createSmtpMailer } from '../../lib/adapters/mail/smtp-mailer.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';
import { socketsOf } from '../fixtures/smtp-sockets.ts';
import { senderContract } from './sender.ts';
import type { Behavior, SenderLab } from './sender.ts';

const MAIL = { from: 'ledger@example.com', to: ['finance@example.com', 'cto@example.com'] };
/** A silent server is waited for so long. */
const PATIENCE_MS = 300;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Answers {
  readonly takes: (response: ServerResponse) => void;
  readonly refuses: (response: ServerResponse) => void;
  readonly refusesForNow: (response: ServerResponse) => void;
}

/** A server over HTTP: `contentOf` takes the message out of a request. */
async function httpLab(
  contentOf: (body: string) => string,
  answers: Answers,
  sender: (url: string) => (content: string) => ReturnType<SenderLab['send']>,
): Promise<SenderLab & { readonly url: string; readonly requests: number }> {
  let how: Behavior = 'takes';
  let requests = 0;
  const received: string[] = [];
  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks).toString('utf8');
  };
  const server = createServer((request, response) => {
    void (async () => {
      requests++;
      const content = contentOf(await bodyOf(request));
      if (how === 'refuses') return answers.refuses(response);
      if (how === 'refuses_for_now') return answers.refusesForNow(response);
      received.push(content);
      if (how === 'takes') answers.takes(response);
      if (how === 'hangs_up') request.socket.destroy();
    })();
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  return {
    url,
    received,
    get requests() {
      return requests;
    },
    send: sender(url),
    behave: (next) => {
      how = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(status: number, headers: Readonly<Record<string, string>>, body: string) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

const sesError = (status: number, name: string): ReturnType<typeof answer> =>
  answer(status, { 'x-amzn-errortype': name }, JSON.stringify({ message: 'said SES' }));

async function sesLab(answers: Partial<Answers> = {}) {
  return await httpLab(
    (body) =>
      Buffer.from((JSON.parse(body) as { Content: { Raw: { Data: string } } }).Content.Raw.Data, 'base64').toString(
        'utf8',
      ),
    {
      takes: answer(200, {}, JSON.stringify({ MessageId: 'm-1' })),
      refuses: sesError(400, 'MessageRejected'),
      refusesForNow: sesError(429, 'TooManyRequestsException'),
      ...answers,
    },
    (endpoint) => {
      const client = new SESv2Client({
        endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        maxAttempts: 1,
        requestHandler: { requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true },
      });
      const mailer = createSesMailer(client);
      return async (content) => await mailer.send({ ...MAIL, raw: Buffer.from(content) });
    },
  );
}

describe('SES', () => {
  senderContract(sesLab);

  test.each([
    [400, 'MessageRejected', false],
    [400, 'MailFromDomainNotVerifiedException', false],
    [403, 'AccessDeniedException', false],
    [400, 'LimitExceededException', true],
    [400, 'ThrottlingException', true],
  ])('%i %s is a refusal with its reason', async (status, name, isRetryable) => {
    const lab = await sesLab({ refuses: sesError(status, name) });
    lab.behave('refuses');
    expect(await lab.send('x')).toEqual({ kind: 'refused', reason: `SES: ${name}: said SES`, isRetryable });
    expect(lab.requests).toBe(1);
    await lab.stop();
  });

  test.each([500, 503])(
    'a fault of SES itself (%i) tells nothing: nobody sends it again by himself',
    async (status) => {
      const lab = await sesLab({ takes: sesError(status, 'InternalFailure') });
      await expect(lab.send('x')).rejects.toThrow('said SES');
      expect(lab.requests).toBe(1);
      await lab.stop();
    },
  );
});

interface SmtpChoices {
  readonly security?: 'none' | 'starttls';
  readonly user?: string;
  readonly password?: string;
  /** addresses that the server does not know */
  readonly unknown?: readonly string[];
}

async function smtpLab({ security = 'none', user, password = 'right', unknown = [] }: SmtpChoices = {}): Promise<
  SenderLab & { readonly envelopes: readonly string[] }
> {
  let how: Behavior = 'takes';
  const received: string[] = [];
  const envelopes: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: security === 'none' ? ['STARTTLS'] : [],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ password: given }, _session, done) =>
      given === 'right' ? done(null, { user: 'ledger' }) : done(new Error('wrong password')),
    onRcptTo: ({ address }, _session, done) =>
      done(unknown.includes(address) ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
    onData(stream, session, done) {
      const chunks: Uint8Array[] = [];
      stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      stream.on('end', () => {
        if (how === 'refuses') return done(Object.assign(new Error('no'), { responseCode: 554 }));
        if (how === 'refuses_for_now') return done(Object.assign(new Error('later'), { responseCode: 451 }));
        received.push(Buffer.concat(chunks).toString('utf8'));
        envelopes.push(session.envelope.rcptTo.map(({ address }) => address).join(' '));
        if (how === 'takes') done();
        if (how === 'hangs_up') for (const socket of socketsOf(server)) socket.destroy();
        return undefined;
      });
    },
  });
  const port = await listening(server.server);
  const mailer = createSmtpMailer({
    server: { host: '127.0.0.1', port, security, user },
    password: async () => password,
    timeoutMs: PATIENCE_MS,
  });
  return {
    received,
    envelopes,
    send: async (content) => await mailer.send({ ...MAIL, raw: Buffer.from(content) }),
    behave: (next) => {
      how = next;
    },
    stop: async () => {
      for (const socket of socketsOf(server)) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe('SMTP', () => {
  senderContract(smtpLab);

  test('signs in where the config names a user; a wrong password is a refusal that stays one', async () => {
    const right = await smtpLab({ user: 'ledger' });
    expect((await right.send('x\r\n')).kind).toBe('sent');
    await right.stop();
    const wrong = await smtpLab({ user: 'ledger', password: 'wrong' });
    expect(await wrong.send('x\r\n')).toMatchObject({ kind: 'refused', isRetryable: false });
    expect(wrong.received).toEqual([]);
    await wrong.stop();
  });

  test('sends nothing in clear where TLS is required: a certificate that nobody vouches for is a refusal', async () => {
    const lab = await smtpLab({ security: 'starttls' });
    expect(await lab.send('x\r\n')).toMatchObject({ kind: 'refused' });
    expect(lab.received).toEqual([]);
    await lab.stop();
  });

  test('an address that is not known is named; the others got it', async () => {
    const lab = await smtpLab({ unknown: ['cto@example.com'] });
    expect(await lab.send('x\r\n')).toMatchObject({ kind: 'sent', notTo: ['cto@example.com'] });
    expect(lab.envelopes).toEqual(['finance@example.com']);
    await lab.stop();
  });

  test('no known address at all is a refusal for good', async () => {
    const lab = await smtpLab({ unknown: MAIL.to });
    expect(await lab.send('x\r\n')).toMatchObject({ kind: 'refused', isRetryable: false });
    await lab.stop();
  });
});

const SECRET = '/services/T000/B000/very-secret';

async function hookLab(answers: Partial<Answers> = {}) {
  return await httpLab(
    (body) => (JSON.parse(body) as { text: string }).text,
    {
      takes: answer(200, {}, 'ok'),
      refuses: answer(400, {}, 'invalid_payload'),
      refusesForNow: answer(429, { 'retry-after': '30' }, 'rate_limited'),
      ...answers,
    },
    (url) => {
      const hook = createWebhook({ name: 'finance', url: async () => `${url}${SECRET}\n`, timeoutMs: PATIENCE_MS });
      return async (content) => await hook.post(JSON.stringify({ text: content }));
    },
  );
}

describe('webhook', () => {
  senderContract(hookLab);

  test('says what the chat said in a word, and never the address', async () => {
    const lab = await hookLab({ refuses: answer(404, {}, 'no_service'), takes: answer(500, {}, `see ${SECRET}`) });
    lab.behave('refuses');
    expect(await lab.send('x')).toEqual({
      kind: 'refused',
      reason: 'webhook finance answered 404: no_service',
      isRetryable: false,
    });
    lab.behave('takes');
    const errors: unknown[] = [await lab.send('x').catch((error: unknown) => error)];
    lab.behave('hangs_up');
    errors.push(await lab.send('x').catch((error: unknown) => error));
    await lab.stop();
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const shown = JSON.stringify(error, Object.getOwnPropertyNames(error));
      expect(shown).toContain('webhook finance');
      expect(shown).not.toMatch(/very-secret|127\.0\.0\.1/);
    }
  });

  test('follows no redirect: the message would go to a stranger', async () => {
    const stranger = await hookLab();
    const lab = await hookLab({ takes: (response) => void response.writeHead(307, { location: stranger.url }).end() });
    expect(await lab.send('x')).toMatchObject({ kind: 'refused', isRetryable: false });
    expect(stranger.received).toEqual([]);
    await lab.stop();
    await stranger.stop();
  });

  test.each(['hooks.example.com/x', 'http://hooks.example.com/x', ''])(
    'an address that is none is refused before anything is sent, unseen: %s',
    async (url) => {
      const outcome = await createWebhook({ name: 'finance', url: async () => url }).post('{}');
      expect(outcome).toMatchObject({ kind: 'refused', isRetryable: false });
      expect(JSON.stringify(outcome)).toContain('the address of webhook finance');
      expect(JSON.stringify(outcome)).not.toContain('hooks.example');
    },
  );
});

describe('what is needed before', () => {
  const failing = (error: Error) => async (): Promise<string> => {
    throw error;
  };
  const hook = async (error: Error): Promise<unknown> =>
    await createWebhook({ name: 'finance', url: failing(error) }).post('{}');
  const mail = async (error: Error): Promise<unknown> =>
    await createSmtpMailer({
      server: { host: '127.0.0.1', port: 1, security: 'none', user: 'ledger' },
      password: failing(error),
    }).send({ ...MAIL, raw: Buffer.from('x') });

  test.each([
    ['webhook', hook],
    ['SMTP', mail],
  ])('%s: a secret that cannot be had is a refusal, for now or until somebody changes it', async (_what, send) => {
    expect(await send(new Transient('no answer'))).toMatchObject({ kind: 'refused', isRetryable: true });
    expect(await send(new Misconfigured('X is not set', { hint: 'set it' }))).toMatchObject({
      kind: 'refused',
      isRetryable: false,
      reason: expect.stringContaining('X is not set → set it'),
    });
    expect(JSON.stringify(await send(new Error('https://secret')))).not.toContain('https:');
  });
});
