/**
 * Reading what lay in the bucket before the ledger came: a state machine that lists a folder of the inbox and gives its objects in batches to
 * the backfill function. In: where things lie and the function. Out: the state machine; its input is `{"prefix": "inbox/2025/"}`. Invariant:
 * what a batch does not land goes into the ingest queue, so that nothing is lost with an execution.
 */
import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../../config-aws.ts';
import { acknowledge } from '../acknowledge.ts';
import type { LedgerPlaces } from '../data-stack.ts';
import { acknowledgeFolders } from '../nag-wildcards.ts';
import { listFolders, useKey, writeObjects } from '../permissions.ts';
import { LAKE_FOLDERS } from '../settings.ts';

const BATCH_OBJECTS = 500;
/** of the 256 KB that a state may hand on */
const BATCH_INPUT_BYTES = 200_000;

/** Makes the state machine. */
export function createBackfill(
  scope: Construct,
  aws: AwsConfig,
  places: LedgerPlaces,
  backfill: LambdaFunction,
): CfnStateMachine {
  const stack = Stack.of(scope);
  const name = `${aws.name}-backfill`;
  const role = createRole(scope, aws, places, backfill);
  const machine = new CfnStateMachine(scope, 'Backfill', {
    stateMachineName: name,
    stateMachineType: 'STANDARD',
    roleArn: role.roleArn,
    definitionString: stack.toJsonString(definition(aws, places, backfill.functionArn)),
  });
  machine.node.addDependency(role);
  acknowledge(machine, {
    'AwsSolutions-SF1':
      'Every batch writes its result below backfill/, and the history of an execution is kept for 90 days; delivering logs would need rights on every log group of the account.',
    'AwsSolutions-SF2':
      'Two states in a row: there is nothing to trace, and X-Ray would need rights on every resource.',
  });
  return machine;
}

/** The states. Without a `prefix` in the input the whole inbox is read. */
function definition(aws: AwsConfig, places: LedgerPlaces, functionArn: string): object {
  return {
    Comment: 'Lands the objects below a folder of the inbox',
    StartAt: 'HasPrefix',
    States: {
      HasPrefix: {
        Type: 'Choice',
        Choices: [{ Variable: '$.prefix', IsPresent: true, Next: 'Objects' }],
        Default: 'WholeInbox',
      },
      WholeInbox: { Type: 'Pass', Result: { prefix: aws.inbox.prefix }, Next: 'Objects' },
      Objects: {
        Type: 'Map',
        MaxConcurrency: aws.backfill.max_concurrency,
        ItemReader: {
          Resource: 'arn:aws:states:::s3:listObjectsV2',
          Parameters: { Bucket: places.inboxBucket, 'Prefix.$': '$.prefix' },
        },
        ItemBatcher: { MaxItemsPerBatch: BATCH_OBJECTS, MaxInputBytesPerBatch: BATCH_INPUT_BYTES },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Land',
          States: { Land: landState(functionArn) },
        },
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Parameters: { Bucket: places.lakeBucket, Prefix: LAKE_FOLDERS.backfill.replace(/\/$/, '') },
        },
        End: true,
      },
    },
  };
}

function landState(functionArn: string): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
    OutputPath: '$.Payload',
    Retry: [
      // all errors: what a batch has landed already is not read again
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 3, BackoffRate: 3 },
    ],
    End: true,
  };
}

function createRole(scope: Construct, aws: AwsConfig, places: LedgerPlaces, backfill: LambdaFunction): Role {
  const stack = Stack.of(scope);
  const name = `${aws.name}-backfill`;
  const statements = [
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [backfill.functionArn] }),
    listFolders(places.inboxBucket, [aws.inbox.prefix], stack),
    writeObjects(places.lakeBucket, [LAKE_FOLDERS.backfill], stack),
    new PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [stack.formatArn({ service: 'states', resource: `stateMachine:${name}` })],
    }),
    new PolicyStatement({
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [stack.formatArn({ service: 'states', resource: `execution:${name}:*` })],
    }),
    ...useKey(aws.kms_key_arn),
  ];
  const role = new Role(scope, 'BackfillMachineRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  const policy = new ManagedPolicy(role, 'Policy', { roles: [role], statements });
  acknowledgeFolders(policy, statements);
  return role;
}
