/** A secret of Secrets Manager as text: the address of a webhook, a password. In: its ARN. Out: the text. Invariant: no message carries it, nor the ARN's secret part. */
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Misconfigured } from '../../errors.ts';
import { awsError } from './aws-errors.ts';

/** Reads it anew each time: once a week is not worth a cache, and a changed secret holds at once. */
export async function readSecretText(client: Pick<SecretsManagerClient, 'send'>, arn: string): Promise<string> {
  let text: string | undefined;
  try {
    ({ SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: arn })));
  } catch (error) {
    throw awsError(error, { action: 'secretsmanager:GetSecretValue', on: arn });
  }
  if (text === undefined || text.trim() === '')
    throw new Misconfigured(`${arn} holds no text`, { hint: 'put the plain text in, not key and value pairs' });
  return text.trim();
}
