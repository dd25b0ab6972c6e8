/**
 * The stack that keeps data: inbox and lake bucket, hash key, Glue databases with the public tables and views, and the two Athena workgroups.
 * In: settings. Out: the stack and what the others refer to. Invariant: construct ids of what holds data never change (a test pins their
 * logical ids), and with `removal: keep` nothing of it is deleted with the stack.
 */
import { CfnOutput, Fn, Stack, Token } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../config-aws.ts';
import { createWorkgroups } from './constructs/workgroups.ts';
import { ledgerBucket } from './constructs/ledger-bucket.ts';
import { parquetTable, prestoView } from './glue-tables.ts';
import { acknowledge } from './acknowledge.ts';
import { createReaderPolicy } from './reader-policy.ts';
import { inboxLifecycle, lakeLifecycle } from './lifecycles.ts';
import { databaseName, deletionOf } from './settings.ts';
import type { LedgerSettings } from './settings.ts';
import { stackProps } from './stack-props.ts';

/** Where everything lies, as the pipeline and people refer to it. */
export interface LedgerPlaces {
  readonly inboxBucket: string;
  readonly lakeBucket: string;
  readonly hashKeySecret: string;
  readonly database: string;
  readonly workDatabase: string;
  readonly usersWorkgroup: string;
  readonly engineWorkgroup: string;
}

/** Makes the data stack. The places are given as other stacks refer to them, by the names of exports. */
export function createDataStack(app: App, settings: LedgerSettings): { stack: Stack; places: LedgerPlaces } {
  const { aws } = settings;
  const stack = new Stack(app, 'Data', {
    ...stackProps(settings, 'data', 'Inbox, lake, tables and workgroups of the inference ledger'),
    terminationProtection: aws.removal === 'keep',
  });
  const lake = ledgerBucket(stack, 'Lake', { aws, lifecycle: lakeLifecycle(settings), sendsEvents: false });
  const inboxBucket =
    aws.inbox.bucket ?? ledgerBucket(stack, 'Inbox', { aws, lifecycle: inboxLifecycle(aws), sendsEvents: true }).ref;
  const hashKeySecret = createHashKey(stack, settings);
  const database = databaseName(aws);
  createTables(stack, settings, lake.ref);
  const workgroups = createWorkgroups(stack, aws, lake.ref);
  const own: LedgerPlaces = {
    inboxBucket,
    lakeBucket: lake.ref,
    hashKeySecret,
    database,
    workDatabase: `${database}_work`,
    ...workgroups,
  };
  createReaderPolicy(stack, own, aws);
  return { stack, places: published(stack, own, aws) };
}

/** Writes every place as an output, by which `--stack` and people find it; returns the places as other stacks import them. */
function published(stack: Stack, own: LedgerPlaces, { name, inbox }: AwsConfig): LedgerPlaces {
  new CfnOutput(stack, 'InboxPrefix', { value: inbox.prefix === '' ? '/' : inbox.prefix });
  const places = Object.entries(own).map(([place, value]) => {
    const id = place.charAt(0).toUpperCase() + place.slice(1);
    const exportName = `${name}-data:${id}`;
    new CfnOutput(stack, id, { value, exportName });
    return [place, Token.isUnresolved(value) ? Fn.importValue(exportName) : value] as const;
  });
  return Object.fromEntries(places) as unknown as LedgerPlaces;
}

/** 32 random bytes in hex. It is never rotated: hashes of another key cannot be compared with those already written. */
function createHashKey(scope: Construct, { aws }: LedgerSettings): string {
  const secret = new CfnSecret(scope, 'HashKey', {
    description:
      'Key of the hashes of prompts and persons in the inference ledger. Keep it: hashes of another key cannot be compared.',
    generateSecretString: {
      passwordLength: 64,
      excludePunctuation: true,
      excludeUppercase: true,
      excludeCharacters: 'ghijklmnopqrstuvwxyz',
      requireEachIncludedType: false,
    },
    ...(aws.kms_key_arn === undefined ? {} : { kmsKeyId: aws.kms_key_arn }),
  });
  secret.cfnOptions.deletionPolicy = deletionOf(aws);
  secret.cfnOptions.updateReplacePolicy = deletionOf(aws);
  acknowledge(secret, {
    'AwsSolutions-SMG4':
      'A rotated key would cut the ledger in two: fingerprints made before and after could not be compared any more.',
  });
  return secret.ref;
}

function createTables(stack: Stack, settings: LedgerSettings, lakeBucket: string): void {
  const { aws, tables, views } = settings;
  const name = databaseName(aws);
  const make = (id: string, databaseInput: CfnDatabase.DatabaseInputProperty): CfnDatabase => {
    const database = new CfnDatabase(stack, id, { catalogId: stack.account, databaseInput });
    database.cfnOptions.deletionPolicy = deletionOf(aws);
    database.cfnOptions.updateReplacePolicy = deletionOf(aws);
    return database;
  };
  const database = make('LedgerDatabase', {
    name,
    description: 'Exact spend per team and model from LLM usage logs; docs/tables.md describes every column.',
  });
  make('LedgerWorkDatabase', {
    name: `${name}_work`,
    description: 'Short-lived tables of the seal; nothing to see here.',
  });
  const inputs = [
    ...tables.map((table) => parquetTable(table, lakeBucket)),
    ...views.map((view) => prestoView(view, name)),
  ];
  for (const tableInput of inputs) {
    const table = new CfnTable(stack, `Table-${tableInput.name ?? ''}`, {
      catalogId: stack.account,
      databaseName: name,
      tableInput,
    });
    table.addResourceDependency(database);
    table.cfnOptions.deletionPolicy = deletionOf(aws);
    table.cfnOptions.updateReplacePolicy = deletionOf(aws);
  }
}
