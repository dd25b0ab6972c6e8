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
}

/** Queues of the functions that read. */
export interface QueueEnvironment {
  readonly ingestQueue: string;
  readonly documentsQueue: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLES: Readonly<Record<keyof LedgerEnvironment, string>> = {
  inboxBucket: 'LEDGER_INBOX_BUCKET',
  inboxPrefix: 'LEDGER_INBOX_PREFIX',
  lakeBucket: 'LEDGER_LAKE_BUCKET',
  hashKeySecret: 'LEDGER_HASH_KEY_SECRET',
  database: 'LEDGER_DATABASE',
  workDatabase: 'LEDGER_WORK_DATABASE',
  engineWorkgroup: 'LEDGER_ENGINE_WORKGROUP',
};
const QUEUES: Readonly<Record<keyof QueueEnvironment, string>> = {
  ingestQueue: 'LEDGER_INGEST_QUEUE',
  documentsQueue: 'LEDGER_DOCUMENTS_QUEUE',
};

/** Reads the environment; a missing variable is an error, an empty prefix is not. */
export function readEnvironment(variables: Variables): LedgerEnvironment {
  return valuesOf(VARIABLES, variables);
}

/** Reads where the queues are, in functions that have some. */
export function readQueues(variables: Variables): QueueEnvironment {
  return valuesOf(QUEUES, variables);
}

function valuesOf<Name extends string>(
  names: Readonly<Record<Name, string>>,
  variables: Variables,
): Record<Name, string> {
  const entries = Object.entries<string>(names).map(([name, variable]) => {
    const value = variables[variable];
    if (value === undefined || (value === '' && name !== 'inboxPrefix'))
      throw new Misconfigured(`the environment variable ${variable} is not set`, {
        hint: 'deploy the stacks again; they set all of them',
      });
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Record<Name, string>;
}
