/**
 * What sends reports, as config `report` names it: SES or a mail server, and webhooks by name. In: the config, and how to read a variable and a
 * secret. Out: a mailer and webhooks. Invariant: secrets are read when something is sent, and stay here.
 */
import type { MailConfig, WebhookConfig } from '../../config-mail.ts';
import { Misconfigured } from '../../errors.ts';
import type { Mailer, Webhook } from '../../ports.ts';
import { createWebhook } from './chat-webhook.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

export interface SecretSources {
  /** value of an environment variable */
  readonly variable: (name: string) => string | undefined;
  /** text of a secret by its ARN; null where there is no AWS */
  readonly secret: ((arn: string) => Promise<string>) | null;
  /** sends where no mail server is named; null where there is no AWS */
  readonly ses: (() => Mailer) | null;
}

/** The part of the config that names senders. */
export interface SenderConfig {
  readonly mail?: MailConfig | undefined;
  readonly webhooks: readonly WebhookConfig[];
}

/** Opens them; nothing is read or connected before something is sent. */
export function openSenders(
  { mail, webhooks }: SenderConfig,
  sources: SecretSources,
): { readonly mailer: Mailer; readonly webhook: (name: string) => Webhook } {
  return {
    mailer: mailerOf(mail, sources),
    webhook: (name) => {
      const hook = webhooks.find((one) => one.name === name);
      if (hook === undefined) throw new RangeError(`no webhook ${name}`);
      const url = async (): Promise<string> => await secretOf(sources, hook.url_env, hook.secret_arn);
      return createWebhook({ name, url });
    },
  };
}

function mailerOf(mail: MailConfig | undefined, sources: SecretSources): Mailer {
  if (mail?.smtp === undefined) return sources.ses?.() ?? nobody();
  const { host, port, security, user, password_env: variable, password_secret_arn: arn } = mail.smtp;
  return createSmtpMailer({
    server: { host, port, security, user },
    password: async () => await secretOf(sources, variable, arn),
  });
}

/** On a laptop without a mail server in the config. */
function nobody(): Mailer {
  const reason = 'there is no mail server: add report.mail.smtp to the config';
  return { send: async () => await Promise.resolve({ kind: 'refused', reason, isRetryable: false }) };
}

async function secretOf(
  sources: SecretSources,
  variable: string | undefined,
  arn: string | undefined,
): Promise<string> {
  const text = variable === undefined ? undefined : sources.variable(variable);
  if (text !== undefined && text !== '') return text;
  if (arn !== undefined && sources.secret !== null) return await sources.secret(arn);
  if (variable === undefined)
    throw new Misconfigured('is in a secret of AWS, which is not read here', {
      hint: 'name a variable with url_env, too',
    });
  throw new Misconfigured(`the environment variable ${variable} is not set`, {
    hint:
      sources.secret === null
        ? `export ${variable}`
        : 'in AWS, name a secret in its place: secret_arn or password_secret_arn',
  });
}
