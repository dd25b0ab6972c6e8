/** What sends for a deployed ledger from a person's machine: SES, and secrets with the person's own rights; a variable of the environment comes first. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readSecretText } from '../lib/adapters/aws/secret-text.ts';
import { createSesMailer, sesClient } from '../lib/adapters/aws/ses-mailer.ts';
import type { SecretSources } from '../lib/adapters/mail/senders.ts';

export function awsSecrets(): SecretSources {
  const client = new SecretsManagerClient({});
  return {
    variable: (name) => process.env[name],
    secret: async (arn) => await readSecretText(client, arn),
    ses: () => createSesMailer(sesClient()),
  };
}
