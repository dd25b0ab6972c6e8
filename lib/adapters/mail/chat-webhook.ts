/**
 * Posts JSON to a webhook as chat programs take it. In: how to read its address. Out: the outcome, or an error where none is known. Invariant: the
 * address is a secret: no outcome, error or log carries it, and no redirect is followed to another one.
 */
import { LedgerError, Misconfigured } from '../../errors.ts';
import type { SendOutcome, Webhook } from '../../ports.ts';
import { notReady } from './not-ready.ts';

interface WebhookOptions {
  /** as config names it, for messages */
  readonly name: string;
  /** reads the address when something is posted */
  readonly url: () => Promise<string>;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;
const UNREACHED = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** What Slack and others answer in a word or two, such as `invalid_payload`. */
const WORDS = /^[a-z_ ]{1,60}$/;

/** A webhook by its name in the config. */
export function createWebhook({ name, url, timeoutMs = TIMEOUT_MS }: WebhookOptions): Webhook {
  return {
    async post(json) {
      let address: URL;
      let response: Response;
      try {
        address = checked(await url());
      } catch (error) {
        return notReady(`the address of webhook ${name}`, error);
      }
      try {
        response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: json,
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
        });
      } catch (error) {
        const code = codeOf(error);
        if (UNREACHED.test(code))
          return { kind: 'refused', reason: `webhook ${name} was not reached (${code})`, isRetryable: true };
        // neither cause nor message: both may carry the address
        throw new LedgerError(`webhook ${name} gave no answer (${code || 'no reason'})`);
      }
      return await outcomeOf(name, response);
    },
  };
}

async function outcomeOf(name: string, response: Response): Promise<SendOutcome> {
  const { status } = response;
  const text = (await response.text().catch(() => '')).trim();
  const said = WORDS.test(text) ? `: ${text}` : '';
  if (status >= 200 && status < 300) return { kind: 'sent', id: String(status) };
  if (status >= 500) throw new LedgerError(`webhook ${name} answered ${status}${said}`);
  return { kind: 'refused', reason: `webhook ${name} answered ${status}${said}`, isRetryable: status === 429 };
}

function checked(text: string): URL {
  const hint = 'give the address as the chat program shows it, beginning with https://';
  const url = URL.parse(text.trim());
  if (url === null) throw new Misconfigured('is no URL', { hint });
  const isOwn = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(isOwn && url.protocol === 'http:'))
    throw new Misconfigured('does not begin with https://', { hint });
  return url;
}

function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TimeoutError' ? 'timeout' : '';
}
