/**
 * Sends a mail to an SMTP server. In: where it is and how to sign in. Out: the outcome, or an error where none is known. Invariant: until the
 * message itself is asked for, nothing can have been sent; from then on only an answer of the server tells, and without one nobody knows.
 */
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mailer, OutgoingMail, SendOutcome } from '../../ports.ts';
import { notReady } from './not-ready.ts';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte; `starttls`: required before anything is said; `none`: in clear, for a server on the same machine */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string | undefined;
}

interface SmtpOptions {
  readonly server: SmtpServer;
  /** of `server.user`; read when a mail is sent */
  readonly password: () => Promise<string>;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Mails through an SMTP server, one connection a mail. */
export function createSmtpMailer(options: SmtpOptions): Mailer {
  return { send: async (mail) => await sendOnce(options, mail) };
}

async function sendOnce(
  { server, password, timeoutMs = TIMEOUT_MS }: SmtpOptions,
  mail: OutgoingMail,
): Promise<SendOutcome> {
  const { host, port, security, user } = server;
  let pass: string | null = null;
  try {
    pass = user === undefined ? null : await password();
  } catch (error) {
    return notReady('the password of the mail server', error);
  }
  const connection = new SMTPConnection({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    logger: false,
  });
  const broken = Promise.withResolvers<never>();
  connection.on('error', (error) => broken.reject(error));
  // whoever waits hears of it through the race below
  broken.promise.catch(() => undefined);
  const step = async (begin: (done: (error?: Error | null) => void) => void): Promise<void> =>
    await Promise.race([
      new Promise<void>((resolve, reject) => begin((error) => (error ? reject(error) : resolve()))),
      broken.promise,
    ]);
  const message = askedFor(mail.raw);
  try {
    await step((done) => connection.connect(done));
    if (user !== undefined && pass !== null)
      await step((done) => connection.login({ credentials: { user, pass } }, done));
    const { from, to } = mail;
    let taken: SMTPConnection.SentMessageInfo | null = null;
    await step((done) =>
      connection.send({ from, to: [...to], size: mail.raw.length }, message.stream, (error, info) => {
        taken = info;
        done(error);
      }),
    );
    connection.quit();
    return sent(taken);
  } catch (error) {
    connection.close();
    const refused = refusalOf(error, message.wasAsked());
    if (refused === null) throw error;
    return refused;
  }
}

/** The message as a stream that notes when its first byte is asked for. */
function askedFor(raw: Uint8Array): { readonly stream: Readable; wasAsked(): boolean } {
  let isAsked = false;
  const stream = new Readable({
    read() {
      isAsked = true;
      this.push(raw);
      this.push(null);
    },
  });
  return { stream, wasAsked: () => isAsked };
}

function sent(info: SMTPConnection.SentMessageInfo | null): SendOutcome {
  const notTo = (info?.rejected ?? []).map((address) => (typeof address === 'string' ? address : String(address)));
  const id = (info?.response ?? '').slice(0, 200);
  return { kind: 'sent', id, ...(notTo.length === 0 ? {} : { notTo }) };
}

/** What the server answered, or that it was never reached; null where neither is known. */
function refusalOf(error: unknown, wasAsked: boolean): SendOutcome | null {
  const { responseCode, code, response } = error as { responseCode?: unknown; code?: unknown; response?: unknown };
  if (typeof responseCode === 'number' && responseCode >= 400) {
    const said = typeof response === 'string' ? response.slice(0, 300) : String(responseCode);
    return { kind: 'refused', reason: `the mail server said: ${said}`, isRetryable: responseCode < 500 };
  }
  if (wasAsked) return null;
  const what = typeof code === 'string' ? code : 'no answer';
  // signing in or encrypting that fails without an answer is wrong until somebody changes it
  const isRetryable = !/^(EAUTH|ETLS|ENOAUTH)$/.test(what);
  return { kind: 'refused', reason: `the mail server was not ready (${what})`, isRetryable };
}
