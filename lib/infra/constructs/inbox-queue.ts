/**
 * From the bucket's events to a queue that a function empties. In: the inbox and the function's limits. Out: the queue and its dead letters.
 * Invariant: an event that could not be delivered and one whose object could not be read five times both end in the dead letters, as the same
 * message, so that one redrive serves both.
 */
import { Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Effect, AnyPrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../../config-aws.ts';
import { corporaFolder } from '../roles.ts';

export interface InboxQueue {
  readonly queue: CfnQueue;
  readonly deadLetters: CfnQueue;
}

/** A message is tried so often. The last tries read its object alone. */
export const MAX_RECEIVES = 5;
const FOURTEEN_DAYS = 14 * 24 * 3600;
const FOUR_DAYS = 4 * 24 * 3600;

/** What fills a queue, and the function that empties it. */
interface QueueSpec {
  /** first part of all ids */
  readonly id: string;
  readonly description: string;
  /** folder of the inbox's bucket; empty for all of it */
  readonly prefix: string;
  readonly timeoutSeconds: number;
  readonly windowSeconds: number;
}

/** The queue of logs. Events of documents come here, too, and are passed over without a look: EventBridge knows no "but not below". */
export function createInboxQueue(scope: Construct, aws: AwsConfig, inboxBucket: string): InboxQueue {
  return createQueue(scope, inboxBucket, {
    id: 'Inbox',
    description: 'Objects that arrive in the inbox of the inference ledger',
    prefix: aws.inbox.prefix,
    timeoutSeconds: aws.ingest.timeout_seconds,
    windowSeconds: aws.ingest.batch_window_seconds,
  });
}

/** The queue of documents. That objects are deleted is not told here: the seal lists what is there. */
export function createDocumentsQueue(scope: Construct, aws: AwsConfig, inboxBucket: string): InboxQueue {
  return createQueue(scope, inboxBucket, {
    id: 'Corpora',
    description: 'Documents that arrive in the corpora of the inference ledger',
    prefix: corporaFolder(aws),
    timeoutSeconds: aws.documents.timeout_seconds,
    windowSeconds: aws.documents.batch_window_seconds,
  });
}

/** Makes both queues and the rule that fills them. */
function createQueue(scope: Construct, inboxBucket: string, spec: QueueSpec): InboxQueue {
  const { id, prefix } = spec;
  const deadLetters = new CfnQueue(scope, `${id}DeadLetters`, {
    messageRetentionPeriod: FOURTEEN_DAYS,
    sqsManagedSseEnabled: true,
  });
  const queue = new CfnQueue(scope, `${id}Events`, {
    messageRetentionPeriod: FOUR_DAYS,
    sqsManagedSseEnabled: true,
    // six times the function's time and the window, as Lambda asks for, so that no batch is given out twice while it is worked on
    visibilityTimeout: 6 * spec.timeoutSeconds + spec.windowSeconds,
    redrivePolicy: { deadLetterTargetArn: deadLetters.attrArn, maxReceiveCount: MAX_RECEIVES },
  });
  const rule = new CfnRule(scope, `${id}Rule`, {
    description: spec.description,
    eventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [inboxBucket] },
        ...(prefix === '' ? {} : { object: { key: [{ prefix }] } }),
      },
    },
    targets: [{ id: 'queue', arn: queue.attrArn, deadLetterConfig: { arn: deadLetters.attrArn } }],
  });
  for (const [name, target] of Object.entries({ Events: queue, DeadLetters: deadLetters })) {
    new CfnQueuePolicy(scope, `${id}${name}Policy`, {
      queues: [target.ref],
      policyDocument: queuePolicy(target, rule),
    });
  }
  return { queue, deadLetters };
}

/** The rule may send; nothing may come without TLS. */
function queuePolicy(queue: CfnQueue, rule: CfnRule): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.attrArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': rule.attrArn },
          StringEquals: { 'aws:SourceAccount': Stack.of(queue).account },
        },
      }),
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['sqs:*'],
        resources: [queue.attrArn],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ],
  });
}
