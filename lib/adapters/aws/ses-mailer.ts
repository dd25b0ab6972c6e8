/**
 * Sends a mail through Amazon SES (API version 2, the message as it is). In: a client that tries once (`maxAttempts: 1`), because a second try of
 * its own could send twice. Out: the outcome, or an error where none is known. Invariant: only an answer that SES gives before it takes a
 * message counts as refused; a fault inside SES, a lost connection and a timeout do not.
 */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Mailer, SendOutcome } from '../../ports.ts';
import { errorName, statusOf } from './aws-errors.ts';

/** Refused now, not for ever. */
const LATER = /^(?:TooManyRequests|LimitExceeded|Throttl|RequestLimitExceeded)/;
/** Nobody was reached: nothing can have been sent. */
const UNREACHED = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const CONNECT_MS = 5000;
const ANSWER_MS = 30_000;

/** A client as this file needs it. */
export function sesClient(): SESv2Client {
  return new SESv2Client({
    maxAttempts: 1,
    // without the last one a request that is too late is only warned about
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
}

/** Mails through SES. */
export function createSesMailer(client: Pick<SESv2Client, 'send'>): Mailer {
  return {
    async send({ from, to, raw }) {
      try {
        const { MessageId: id = '' } = await client.send(
          new SendEmailCommand({
            FromEmailAddress: from,
            Destination: { ToAddresses: [...to] },
            Content: { Raw: { Data: raw } },
          }),
        );
        return { kind: 'sent', id };
      } catch (error) {
        const refused = refusalOf(error);
        if (refused === null) throw error;
        return refused;
      }
    },
  };
}

function refusalOf(error: unknown): SendOutcome | null {
  const [name, status] = [errorName(error), statusOf(error)];
  const said = error instanceof Error ? error.message : '';
  if (status === null) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && UNREACHED.test(code))
      return { kind: 'refused', reason: `SES was not reached (${code})`, isRetryable: true };
    if (name === 'CredentialsProviderError')
      return { kind: 'refused', reason: `there are no credentials for SES: ${said}`, isRetryable: false };
    return null;
  }
  if (status < 400 || status >= 500 || status === 408) return null;
  return { kind: 'refused', reason: `SES: ${name}: ${said}`, isRetryable: status === 429 || LATER.test(name) };
}
