/**
 * The owner's hash key in AWS: a secret that the data stack made and keeps. In: the secret's ARN. Out: the key, read once per process.
 * Invariant: the key stays in memory; no message carries it.
 */
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { keyFrom } from '../local/hash-key.ts';
import type { HashKey } from '../local/hash-key.ts';
import { awsError } from './aws-errors.ts';

/** Reads the key on the first call; a failed read is tried again by the next one. */
export function createSecretHashKey(
  client: Pick<SecretsManagerClient, 'send'>,
  secret: string,
): () => Promise<HashKey> {
  let known: HashKey | null = null;
  return async () => {
    known ??= keyFrom(await readSecret(client, secret), 'the secret of the hash key');
    return known;
  };
}

async function readSecret(client: Pick<SecretsManagerClient, 'send'>, secret: string): Promise<string> {
  try {
    const { SecretString: text = '' } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
    return text.trim();
  } catch (error) {
    throw awsError(error, { action: 'secretsmanager:GetSecretValue', on: 'the secret of the hash key' });
  }
}
