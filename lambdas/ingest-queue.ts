/** The ingest queue as the functions use it: taking messages out as soon as their objects landed, giving them back soon, adding some. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { LedgerError } from '../lib/errors.ts';
import type { Log } from '../lib/ports.ts';

export interface IngestQueue {
  /** Takes messages out. What could not be taken out is told again, which does no harm. */
  done(receipts: readonly string[]): Promise<void>;
  /** Makes messages visible after so many seconds instead of after the queue's own, much longer time. */
  again(receipts: readonly string[], afterSeconds: number): Promise<void>;
  /** Adds messages; throws if one was not taken. */
  send(bodies: readonly string[]): Promise<void>;
}

/** SQS takes at most ten messages in one call. */
const CALL_MESSAGES = 10;
const CALLS_AT_ONCE = 8;

/** The queue behind a URL. */
export function createIngestQueue(client: Pick<SQSClient, 'send'>, url: string, log: Log): IngestQueue {
  const inChunks = async <T>(items: readonly T[], call: (chunk: readonly T[]) => Promise<void>): Promise<void> => {
    for (let i = 0; i < items.length; i += CALL_MESSAGES * CALLS_AT_ONCE) {
      const calls: Promise<void>[] = [];
      for (let at = i; at < Math.min(items.length, i + CALL_MESSAGES * CALLS_AT_ONCE); at += CALL_MESSAGES)
        calls.push(call(items.slice(at, at + CALL_MESSAGES)));
      await Promise.all(calls);
    }
  };
  // a message that stays in the queue is only read once more
  const leniently = async (what: string, work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) => log.warn(`${what}: ${error instanceof Error ? error.name : 'unknown error'}`));
  };
  return {
    done: (receipts) =>
      leniently(
        'messages were not taken out of the queue',
        inChunks(receipts, async (chunk) => {
          const Entries = chunk.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
          await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
        }),
      ),
    again: (receipts, afterSeconds) =>
      leniently(
        'messages come back later than they could',
        inChunks(receipts, async (chunk) => {
          const Entries = chunk.map((ReceiptHandle, at) => ({
            Id: String(at),
            ReceiptHandle,
            VisibilityTimeout: afterSeconds,
          }));
          await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
        }),
      ),
    send: (bodies) =>
      inChunks(bodies, async (chunk) => {
        const Entries = chunk.map((MessageBody, at) => ({ Id: String(at), MessageBody }));
        const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
        if (Failed.length > 0) throw new LedgerError(`the ingest queue refused ${Failed.length} messages`);
      }),
  };
}
