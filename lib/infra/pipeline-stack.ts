/**
 * The stack that works: events of the inbox → queue → ingest, those of corpora → queue → documents, the seal on a schedule, backfill on demand. In: settings and where the data
 * lies. Out: the stack and what alarms watch. It holds no data: it can be deleted and made again without losing a row.
 */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { AwsConfig } from '../config-aws.ts';
import { createBackfill } from './constructs/backfill.ts';
import { createDocumentsQueue, createInboxQueue } from './constructs/inbox-queue.ts';
import type { InboxQueue } from './constructs/inbox-queue.ts';
import { spendFunction } from './constructs/spend-function.ts';
import type { LedgerPlaces } from './data-stack.ts';
import { environmentOf } from './function-environment.ts';
import { createOperatorPolicy } from './operator-policy.ts';
import { backfillStatements, documentsStatements, ingestStatements, sealStatements } from './roles.ts';
import type { LedgerSettings } from './settings.ts';
import { stackProps } from './stack-props.ts';

/** What alarms watch. */
export interface Pipeline {
  readonly stack: Stack;
  readonly functions: Readonly<Record<'ingest' | 'seal' | 'backfill' | 'documents', string>>;
  readonly queueName: string;
  readonly deadLettersName: string;
  readonly documentDeadLettersName: string;
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
  const corpora = createDocumentsQueue(stack, aws, places.inboxBucket);
  const environment = {
    ...environmentOf(settings, places),
    LEDGER_INGEST_QUEUE: inbox.queue.ref,
    LEDGER_DOCUMENTS_QUEUE: corpora.queue.ref,
  };
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
    pricesCorpora: true,
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
  const documents = spendFunction(stack, 'Documents', {
    ...shared,
    entry: 'documents',
    description: 'Reads new documents of corpora and lands what they come to',
    memoryMb: aws.documents.memory_mb,
    timeoutSeconds: aws.documents.timeout_seconds,
    statements: documentsStatements(stack, aws, places, corpora.queue.attrArn),
    countsTokens: true,
    readsDocuments: true,
  });
  readQueue('IngestFromQueue', aws.ingest, inbox, ingest);
  readQueue('DocumentsFromQueue', aws.documents, corpora, documents);
  const { every_minutes: minutes } = aws.seal;
  schedule(stack, 'SealSchedule', seal, {
    description: 'Settles new usage into the tables of the inference ledger',
    scheduleExpression: `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`,
  });
  schedule(stack, 'DocumentsSchedule', documents, {
    description: 'Reads documents of the inference ledger that no event led to',
    scheduleExpression: 'rate(1 hour)',
  });
  const machine = createBackfill(stack, aws, places, backfill);
  const queues = [inbox.queue, inbox.deadLetters, corpora.queue, corpora.deadLetters];
  createOperatorPolicy(
    stack,
    aws,
    places,
    queues.map(({ attrArn }) => attrArn),
  );
  const outputs = {
    IngestFunction: ingest.functionName,
    SealFunction: seal.functionName,
    BackfillFunction: backfill.functionName,
    BackfillStateMachine: machine.ref,
    IngestQueue: inbox.queue.ref,
    IngestDeadLetters: inbox.deadLetters.ref,
    DocumentsFunction: documents.functionName,
    DocumentsQueue: corpora.queue.ref,
    DocumentsDeadLetters: corpora.deadLetters.ref,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
  return {
    stack,
    functions: {
      ingest: ingest.functionName,
      seal: seal.functionName,
      backfill: backfill.functionName,
      documents: documents.functionName,
    },
    queueName: inbox.queue.attrQueueName,
    deadLettersName: inbox.deadLetters.attrQueueName,
    documentDeadLettersName: corpora.deadLetters.attrQueueName,
    backfillMachine: machine.ref,
  };
}

function readQueue(
  id: string,
  limits: Pick<AwsConfig['ingest'], 'batch_objects' | 'batch_window_seconds' | 'max_concurrency'>,
  { queue }: InboxQueue,
  reader: LambdaFunction,
): void {
  new CfnEventSourceMapping(reader.stack, id, {
    functionName: reader.functionName,
    eventSourceArn: queue.attrArn,
    batchSize: limits.batch_objects,
    maximumBatchingWindowInSeconds: limits.batch_window_seconds,
    functionResponseTypes: ['ReportBatchItemFailures'],
    scalingConfig: { maximumConcurrency: limits.max_concurrency },
  });
}

/** Two at once would do no harm, only cost: a round that takes longer than the interval is overtaken by the next one. */
function schedule(
  stack: Stack,
  id: string,
  target: LambdaFunction,
  when: { readonly description: string; readonly scheduleExpression: string },
): void {
  const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
  new ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] })],
  });
  const made = new CfnSchedule(stack, id, {
    ...when,
    flexibleTimeWindow: { mode: 'OFF' },
    // a round that was missed is made up for by the next one
    target: { arn: target.functionArn, roleArn: role.roleArn, retryPolicy: { maximumRetryAttempts: 0 } },
  });
  made.node.addDependency(role);
}
