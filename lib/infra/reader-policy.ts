/**
 * The policy for people and dashboards: ask the tables through the users' workgroup (`query --stack`), and nothing else. In: where things lie. Out: a managed
 * policy to attach to roles or permission sets. It opens neither the logs in the inbox nor landing, where calls not yet settled lie.
 */
import { CfnOutput } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { AwsConfig } from '../config-aws.ts';
import type { LedgerPlaces } from './data-stack.ts';
import { acknowledgeFolders } from './nag-wildcards.ts';
import {
  listFolders,
  locateBucket,
  readObjects,
  readOutputs,
  readTables,
  runQueries,
  useKey,
  writeObjects,
} from './permissions.ts';
import { LAKE_FOLDERS } from './settings.ts';

/** Makes the policy; its ARN is the output `ReaderPolicy`. */
export function createReaderPolicy(stack: Stack, places: LedgerPlaces, aws: AwsConfig): void {
  const { lakeBucket, database, usersWorkgroup } = places;
  const statements = [
    runQueries([usersWorkgroup], stack),
    readTables([database], stack),
    readObjects(lakeBucket, [LAKE_FOLDERS.tables, LAKE_FOLDERS.userResults], stack),
    listFolders(lakeBucket, [LAKE_FOLDERS.tables, LAKE_FOLDERS.userResults], stack),
    writeObjects(lakeBucket, [LAKE_FOLDERS.userResults], stack),
    locateBucket(lakeBucket, stack),
    readOutputs([`${aws.name}-data`], stack),
    ...useKey(aws.kms_key_arn),
  ];
  const policy = new ManagedPolicy(stack, 'Reader', {
    description: 'SQL over the inference ledger, in the workgroup for people',
    statements,
  });
  acknowledgeFolders(policy, statements);
  new CfnOutput(stack, 'ReaderPolicy', { value: policy.managedPolicyArn });
}
