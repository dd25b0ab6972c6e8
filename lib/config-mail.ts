/**
 * Who gets the report, and how: the parts `mail` and `webhooks` of the section `report`. In: parsed JSON. Out: checked settings. Invariant: no
 * secret is in the config: a password and the address of a webhook are named by an environment variable or by the ARN of a secret.
 */
import * as z from 'zod';

/** One address, without a name: what SES, SMTP and IAM conditions all compare as it is. */
const address = z
  .string()
  .max(254)
  .regex(/^[^@\s<>,;:"()[\]\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'must be a mail address such as finance@example.com');
const addresses = z.array(address).max(50, 'must have at most 50 addresses, as SES takes no more');
const team = z.string().regex(/\S/, 'must not be blank').max(200);
const variable = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, 'must be the name of an environment variable such as SLACK_WEBHOOK_URL');
const secretArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/, 'must be the ARN of a secret');

const smtp = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65_535).default(587),
  security: z
    .enum(['tls', 'starttls', 'none'])
    .default('starttls')
    .describe('"tls" from the first byte (465), "starttls" required (587), "none" only on the same machine.'),
  user: z.string().min(1).max(254).optional(),
  password_env: variable
    .default('INFERENCE_LEDGER_SMTP_PASSWORD')
    .describe('Environment variable that holds the password.'),
  password_secret_arn: secretArn
    .optional()
    .describe('Secret that holds the password, read where the variable is not set; in AWS.'),
});

/** `report.mail`. */
export const mailSchema = z.strictObject({
  from: address.describe('Sender; in AWS an identity of it is made in SES.'),
  to: addresses.default([]).describe('Get the report about everything.'),
  reply_to: address.optional(),
  teams: z
    .record(team, addresses.min(1))
    .default({})
    .describe('Team → addresses that get its own report, with its own rows only.'),
  send_hour: z
    .number()
    .int()
    .min(0)
    .max(23)
    .default(8)
    .describe('Hour in report.timezone, on the first day that is six hours after the week’s end.'),
  smtp: smtp.optional().describe('Mail server to send through; in AWS, SES is used without it.'),
});

/** An entry of `report.webhooks`. */
export const webhookSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9 and "-"'),
    team: team.optional().describe('Gets the report of this team; without it, the one about everything.'),
    url_env: variable.optional().describe('Environment variable that holds the address.'),
    secret_arn: secretArn.optional().describe('Secret that holds the address; in AWS.'),
  })
  .refine((hook) => hook.url_env !== undefined || hook.secret_arn !== undefined, 'needs url_env or secret_arn');

export type MailConfig = z.output<typeof mailSchema>;
export type WebhookConfig = z.output<typeof webhookSchema>;
