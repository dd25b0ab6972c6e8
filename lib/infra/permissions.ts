/**
 * What a role may do, by folder and exact action: no action has a wildcard, and a resource has one only below a named folder. In: names of
 * buckets, folders, databases and keys. Out: policy statements.
 */
import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** May read objects below these folders (or of these keys) of a bucket. */
export function readObjects(bucket: string, folders: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:GetObject'], resources: objectArns(bucket, folders, stack) });
}

/**
 * May list a bucket. Without it, or with a condition on the folder, S3 answers a read of an object that is not there with 403, and a
 * deleted log could not be told from a missing permission.
 */
export function listBucket(bucket: string, stack: Stack): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucketArn(bucket, stack)] });
}

/** May write objects below these folders. */
export function writeObjects(bucket: string, folders: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:AbortMultipartUpload', 's3:PutObject'],
    resources: objectArns(bucket, folders, stack),
  });
}

/**
 * May read, write and delete objects below these folders; deleted versions stay until the lifecycle takes them. One statement, because a
 * policy holds 6,144 characters and each folder's name costs about seventy.
 */
export function keepObjects(bucket: string, folders: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    resources: objectArns(bucket, folders, stack),
  });
}

/** May read and write objects below these folders, and delete none. */
export function addObjects(bucket: string, folders: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
    resources: objectArns(bucket, folders, stack),
  });
}

/** May list these folders. */
export function listFolders(bucket: string, folders: readonly string[], stack: Stack): PolicyStatement {
  const prefixes = folders.flatMap((folder) => (folder.endsWith('/') ? [folder, `${folder}*`] : [`${folder}*`]));
  return new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [bucketArn(bucket, stack)],
    conditions: { StringLike: { 's3:prefix': prefixes } },
  });
}

/** Athena asks where the bucket of its results lies, and looks at it as a whole before it writes. */
export function locateBucket(bucket: string, stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'],
    resources: [bucketArn(bucket, stack)],
  });
}

/** May run statements in these workgroups. */
export function runQueries(workgroups: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:GetWorkGroup',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
    ],
    resources: workgroups.map((name) =>
      stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: name }),
    ),
  });
}

/** May read the definitions of a database's tables. */
export function readTables(databases: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'glue:BatchGetPartition',
      'glue:GetDatabase',
      'glue:GetPartition',
      'glue:GetPartitions',
      'glue:GetTable',
      'glue:GetTables',
    ],
    resources: glueArns(databases, stack),
  });
}

/** May point partitions and tables of a database at other files, and make a table again that somebody dropped. */
export function movePartitions(databases: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'glue:BatchCreatePartition',
      'glue:BatchUpdatePartition',
      'glue:CreateTable',
      'glue:DeletePartition',
      'glue:UpdateTable',
    ],
    resources: glueArns(databases, stack),
  });
}

/** May make and drop tables of the work database. */
export function makeWorkTables(workDatabase: string, stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'glue:BatchCreatePartition',
      'glue:BatchDeletePartition',
      'glue:CreatePartition',
      'glue:CreateTable',
      'glue:DeletePartition',
      'glue:DeleteTable',
      'glue:UpdatePartition',
      'glue:UpdateTable',
    ],
    resources: glueArns([workDatabase], stack),
  });
}

/** May read one secret. */
export function readSecret(arn: string): PolicyStatement {
  return new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [arn] });
}

/** May read secrets that the config names, with the six signs that AWS puts behind a name where an ARN lacks them. */
export function readSecrets(arns: readonly string[]): PolicyStatement[] {
  return arns.length === 0
    ? []
    : [new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [...arns] })];
}

/**
 * May send mail from one address. While an account is in the sandbox, SES asks for this right on the identities of recipients too, so that the
 * sender is what narrows it, not the identity.
 */
export function sendMail(from: string, stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: ['ses:SendEmail'],
    resources: [stack.formatArn({ service: 'ses', resource: 'identity', resourceName: '*' })],
    conditions: { StringEquals: { 'ses:FromAddress': from } },
  });
}

/** May see how much waits in queues, not what. */
export function countMessages(queueArns: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['sqs:GetQueueAttributes'], resources: [...queueArns] });
}

/** May read the outputs of these stacks, by which `--stack NAME` finds everything else. */
export function readOutputs(stackNames: readonly string[], stack: Stack): PolicyStatement {
  return new PolicyStatement({
    actions: ['cloudformation:DescribeStacks'],
    // what follows the name is an id that CloudFormation gives
    resources: stackNames.map((name) =>
      stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${name}/*` }),
    ),
  });
}

/** May use the owner's KMS key; nothing to grant without one. */
export function useKey(keyArn: string | undefined): PolicyStatement[] {
  return keyArn === undefined
    ? []
    : [new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [keyArn] })];
}

function bucketArn(bucket: string, stack: Stack): string {
  return stack.formatArn({ service: 's3', region: '', account: '', resource: bucket });
}

function objectArns(bucket: string, folders: readonly string[], stack: Stack): string[] {
  return folders.map(
    (folder) => `${bucketArn(bucket, stack)}/${folder === '' || folder.endsWith('/') ? `${folder}*` : folder}`,
  );
}

function glueArns(databases: readonly string[], stack: Stack): string[] {
  const arn = (resource: string, resourceName?: string): string =>
    stack.formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });
  return [
    arn('catalog'),
    ...databases.flatMap((database) => [arn('database', database), arn('table', `${database}/*`)]),
  ];
}
