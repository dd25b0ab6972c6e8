/**
 * A deployed ledger with a proxy before its functions: what the tests of faults work in. In: a config. Out: the deployment, the proxy, processes
 * that run its bundled functions, and messages taken from its queue as Lambda would hand them over.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChangeMessageVisibilityBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { deployApp } from './deployed-app.ts';
import { HASH_KEY, call, copyOf, letEventsFlow, localRows, openDeployment, runLocally } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployableStack, freshName } from './stack/clients.ts';
import { startFaultProxy } from './stack/fault-proxy.ts';
import type { FaultProxy } from './stack/fault-proxy.ts';
import { startFunction } from './stack/function-process.ts';
import type { FunctionProcess } from './stack/function-process.ts';

export interface FaultLab {
  readonly aws: Deployment;
  readonly proxy: FaultProxy;
  /** Starts a bundled function with the environment of the deployed one; all its calls pass the proxy. */
  start(name: 'Ingest' | 'Seal', more?: Readonly<Record<string, string>>): FunctionProcess;
  /** Rows of a local run over the inbox as it is now. */
  expectedRows(): Promise<string[][]>;
  close(): Promise<void>;
}

/** Deploys. `holdsEvents`: the deployed ingest function gets no messages; the test takes them itself. */
export async function openFaultLab({
  config = {},
  holdsEvents,
}: {
  config?: object;
  holdsEvents: boolean;
}): Promise<FaultLab> {
  const endpoints = await deployableStack();
  const keepIn = await mkdtemp(join(tmpdir(), 'fault-'));
  const app = await deployApp(endpoints, { name: freshName('fault-'), hashKey: HASH_KEY, config, keepIn });
  const aws = await openDeployment(endpoints, app);
  if (holdsEvents) await letEventsFlow(aws, false);
  const proxy = await startFaultProxy({ control: endpoints.control, athena: endpoints.athenaOnControl });
  const environments = {
    Ingest: await environmentOf(aws, app.outputs['IngestFunction'] ?? ''),
    Seal: await environmentOf(aws, app.outputs['SealFunction'] ?? ''),
  };
  const running = new Set<FunctionProcess>();
  return {
    aws,
    proxy,
    start(name, more = {}) {
      const queue = environments[name]['LEDGER_INGEST_QUEUE'] ?? '';
      const process = startFunction(app.bundles[name] ?? '', {
        ...environments[name],
        // the client of SQS goes where the queue's address says
        LEDGER_INGEST_QUEUE: queue.replace(endpoints.control, proxy.url),
        AWS_REGION: endpoints.region,
        AWS_ACCESS_KEY_ID: endpoints.accessKeyId,
        AWS_SECRET_ACCESS_KEY: endpoints.secretAccessKey,
        AWS_ENDPOINT_URL: proxy.url,
        AWS_ENDPOINT_URL_ATHENA: proxy.athena,
        ...more,
      });
      running.add(process);
      return process;
    },
    async expectedRows() {
      const folder = await copyOf(aws.inbox, config);
      try {
        await runLocally(folder);
        return await localRows(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async close() {
      for (const process of running) await process.stop();
      await proxy.stop();
      await rm(keepIn, { recursive: true, force: true });
    },
  };
}

async function environmentOf(aws: Deployment, name: string): Promise<Record<string, string>> {
  const found = await call(aws, 'lambda', `/2015-03-31/functions/${name}/configuration`, null);
  return (found['Environment'] as { Variables: Record<string, string> }).Variables;
}

/** SQS gives at most ten messages in one call. */
const CALL_MESSAGES = 10;

/** Takes messages from a queue, as many as there are up to `limit`, as the event of a function; they stay out of sight for `hiddenSeconds`. */
export async function takeMessages(
  { sqs }: Deployment,
  queue: string,
  limit = Infinity,
  hiddenSeconds = 600,
): Promise<SQSEvent> {
  const records: SQSRecord[] = [];
  while (records.length < limit) {
    const { Messages: found = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue,
        MaxNumberOfMessages: Math.min(CALL_MESSAGES, limit - records.length),
        VisibilityTimeout: hiddenSeconds,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (found.length === 0) break;
    for (const message of found)
      records.push({
        messageId: message.MessageId ?? '',
        receiptHandle: message.ReceiptHandle ?? '',
        body: message.Body ?? '',
        attributes: message.Attributes as unknown as SQSRecord['attributes'],
        messageAttributes: {},
        md5OfBody: message.MD5OfBody ?? '',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:inbox',
        awsRegion: 'us-east-1',
      });
  }
  return { Records: records };
}

/** Messages become visible again, as after the time in which a function that was killed should have answered. */
export async function giveBack({ sqs }: Deployment, queue: string, { Records: records }: SQSEvent): Promise<void> {
  for (let at = 0; at < records.length; at += CALL_MESSAGES) {
    const Entries = records
      .slice(at, at + CALL_MESSAGES)
      .map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }));
    // a message that left the queue is refused, the others are not
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue, Entries }));
  }
}
