/**
 * The stack that works: events of the inbox → queue → ingest, the seal on a schedule, backfill on demand. In: settings and where the data
 * lies. Out: the stack and what alarms watch. It holds no data: it can be deleted and made again without losing a row.
 */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { createBackfill } from './constructs/backfill.ts';
import { createInboxQueue } from './constructs/inbox-queue.ts';
import type { InboxQueue } from './constructs/inbox-queue.ts';
import { spendFunction } from './constructs/spend-function.ts';
import type { LedgerPlaces } from './data-stack.ts';
import { METRIC_NAMESPACE } from '../metrics.ts';
import { createOperatorPolicy } from './operator-policy.ts';
import { backfillStatements, ingestStatements, sealStatements } from './roles.ts';
import type { LedgerSettings } from './settings.ts';
import { stackProps } from './stack-props.ts';

/** What alarms watch. */
export interface Pipeline {
  readonly stack: Stack;
  readonly functions: Readonly<Record<'ingest' | 'seal' | 'backfill', string>>;
  readonly queueName: string;
  readonly deadLettersName: string;
  readonly backfillMachine: string;
}

const SEAL_SECONDS = 900;
/** The seal waits for Athena most of the time; this is what commits and sets of some hundred thousand objects take. */
const SEAL_MEMORY_MB = 1024;
const BACKFILL_SECONDS = 900;

/** Makes the pipeline stack. */
export function createPipelineStack(app: App, settings: LedgerSettings, places: LedgerPlaces): Pipeline {
  const { aws } = settings;
  const stack = new Stack(
    app,
    'Pipeline',
    stackProps(settings, 'pipeline', 'Ingest, seal and backfill of the inference ledger'),
  );
  const inbox = createInboxQueue(stack, aws, places.inboxBucket);
  const environment = environmentOf(settings, places, inbox);
  const shared = { settings, environment };
  const ingest = spendFunction(stack, 'Ingest', {
    ...shared,
    entry: 'ingest',
    description: 'Reads new objects of the inbox and lands their usage',
    memoryMb: aws.ingest.memory_mb,
    timeoutSeconds: aws.ingest.timeout_seconds,
    statements: ingestStatements(stack, aws, places, inbox.queue.attrArn),
    countsTokens: true,
  });
  const seal = spendFunction(stack, 'Seal', {
    ...shared,
    entry: 'seal',
    description: 'Settles what has landed into the tables that people query',
    memoryMb: SEAL_MEMORY_MB,
    timeoutSeconds: SEAL_SECONDS,
    statements: sealStatements(stack, aws, places),
    countsTokens: false,
  });
  const backfill = spendFunction(stack, 'BackfillLand', {
    ...shared,
    entry: 'backfill',
    description: 'Lands one batch of objects that lay in the inbox before',
    memoryMb: aws.ingest.memory_mb,
    timeoutSeconds: BACKFILL_SECONDS,
    statements: backfillStatements(stack, aws, places, inbox.queue.attrArn),
    countsTokens: true,
  });
  readQueue(settings, inbox, ingest);
  scheduleSeal(stack, settings, seal);
  const machine = createBackfill(stack, aws, places, backfill);
  createOperatorPolicy(stack, aws, places, [inbox.queue.attrArn, inbox.deadLetters.attrArn]);
  const outputs = {
    IngestFunction: ingest.functionName,
    SealFunction: seal.functionName,
    BackfillFunction: backfill.functionName,
    BackfillStateMachine: machine.ref,
    IngestQueue: inbox.queue.ref,
    IngestDeadLetters: inbox.deadLetters.ref,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
  return {
    stack,
    functions: { ingest: ingest.functionName, seal: seal.functionName, backfill: backfill.functionName },
    queueName: inbox.queue.attrQueueName,
    deadLettersName: inbox.deadLetters.attrQueueName,
    backfillMachine: machine.ref,
  };
}

/** What the functions are told; `lambdas/environment.ts` reads the same names. */
function environmentOf({ aws }: LedgerSettings, places: LedgerPlaces, inbox: InboxQueue): Record<string, string> {
  return {
    LEDGER_INBOX_BUCKET: places.inboxBucket,
    LEDGER_INBOX_PREFIX: aws.inbox.prefix,
    LEDGER_LAKE_BUCKET: places.lakeBucket,
    LEDGER_HASH_KEY_SECRET: places.hashKeySecret,
    LEDGER_DATABASE: places.database,
    LEDGER_WORK_DATABASE: places.workDatabase,
    LEDGER_ENGINE_WORKGROUP: places.engineWorkgroup,
    LEDGER_INGEST_QUEUE: inbox.queue.ref,
    POWERTOOLS_SERVICE_NAME: aws.name,
    POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  };
}

function readQueue({ aws }: LedgerSettings, { queue }: InboxQueue, ingest: LambdaFunction): void {
  new CfnEventSourceMapping(ingest.stack, 'IngestFromQueue', {
    functionName: ingest.functionName,
    eventSourceArn: queue.attrArn,
    batchSize: aws.ingest.batch_objects,
    maximumBatchingWindowInSeconds: aws.ingest.batch_window_seconds,
    functionResponseTypes: ['ReportBatchItemFailures'],
    scalingConfig: { maximumConcurrency: aws.ingest.max_concurrency },
  });
}

/** Two seals at once would do no harm, only cost: a run that takes longer than the interval is overtaken by the next one. */
function scheduleSeal(stack: Stack, { aws }: LedgerSettings, seal: LambdaFunction): void {
  const role = new Role(stack, 'SealScheduleRole', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
  new ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [seal.functionArn] })],
  });
  const { every_minutes: minutes } = aws.seal;
  const schedule = new CfnSchedule(stack, 'SealSchedule', {
    description: 'Settles new usage into the tables of the inference ledger',
    scheduleExpression: `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`,
    flexibleTimeWindow: { mode: 'OFF' },
    // a seal that was missed is made up for by the next one
    target: { arn: seal.functionArn, roleArn: role.roleArn, retryPolicy: { maximumRetryAttempts: 0 } },
  });
  schedule.node.addDependency(role);
}
