/**
 * What a function is told by its environment; lib/infra/pipeline-stack.ts sets the same names. In: environment variables. Out: names of
 * buckets, databases and so on, or an error that names the variable that is missing.
 */
import { Misconfigured } from '../lib/errors.ts';

export interface LedgerEnvironment {
  readonly inboxBucket: string;
  readonly inboxPrefix: string;
  readonly lakeBucket: string;
  readonly hashKeySecret: string;
  readonly database: string;
  readonly workDatabase: string;
  readonly engineWorkgroup: string;
  readonly ingestQueue: string;
  readonly documentsQueue: string;
}

const VARIABLES: Readonly<Record<keyof LedgerEnvironment, string>> = {
  inboxBucket: 'LEDGER_INBOX_BUCKET',
  inboxPrefix: 'LEDGER_INBOX_PREFIX',
  lakeBucket: 'LEDGER_LAKE_BUCKET',
  hashKeySecret: 'LEDGER_HASH_KEY_SECRET',
  database: 'LEDGER_DATABASE',
  workDatabase: 'LEDGER_WORK_DATABASE',
  engineWorkgroup: 'LEDGER_ENGINE_WORKGROUP',
  ingestQueue: 'LEDGER_INGEST_QUEUE',
  documentsQueue: 'LEDGER_DOCUMENTS_QUEUE',
};

/** Reads the environment; a missing variable is an error, an empty prefix is not. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): LedgerEnvironment {
  const entries = Object.entries(VARIABLES).map(([name, variable]) => {
    const value = variables[variable];
    if (value === undefined || (value === '' && name !== 'inboxPrefix'))
      throw new Misconfigured(`the environment variable ${variable} is not set`, {
        hint: 'deploy the pipeline stack again; it sets all of them',
      });
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as unknown as LedgerEnvironment;
}
