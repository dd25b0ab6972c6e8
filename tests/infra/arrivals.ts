/** An inbox and a lake in memory, a queue that notes what it is asked, and a clock that runs as a test says: what the handlers work on. */
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import type { SQSRecord } from 'aws-lambda';
import { OutOfTime } from '../../lib/batch-inbox.ts';
import type { HeadStore, TimeLeft } from '../../lib/batch-inbox.ts';
import { readCommits } from '../../lib/commit.ts';
import type { ObjectCommit } from '../../lib/commit.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { createRecentlyLanded } from '../../lib/land-objects.ts';
import { decideTools, passTools } from '../../lib/ledger-tools.ts';
import type { ObjectStore } from '../../lib/ports.ts';
import { compileCustomerRates } from '../../lib/price/customer-rates.ts';
import type { MetricKey } from '../../lib/metrics.ts';
import type { IngestPorts } from '../../lambdas/ingest-batch.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import type { MemoryStore } from '../fixtures/memory-store.ts';
import { book } from '../price/shipped-book.ts';

export const NOW_MS = Date.UTC(2026, 10, 2, 6);
export const BUCKET = 'company-inbox';
export const PREFIX = 'inbox/';

const rules = {
  config: DEFAULT_CONFIG,
  book,
  customer: compileCustomerRates([]),
  hashKey: { id: 'test', bytes: new Uint8Array(32).fill(7) },
};

export interface HeadMemoryStore extends HeadStore {
  readonly memory: MemoryStore;
}

export function headMemoryStore(): HeadMemoryStore {
  const memory = createMemoryStore(NOW_MS);
  // as on S3, the store itself knows no sequencer
  const plain = <T extends { sequencer: string | null }>(info: T): T => ({ ...info, sequencer: null });
  return {
    ...memory,
    memory,
    head: async (key) => {
      const held = memory.objects.get(key);
      return held === undefined ? null : plain(held.info);
    },
    open: async (key) => {
      const opened = await memory.open(key);
      return { ...opened, info: plain(opened.info) };
    },
  };
}

export interface TestTime extends TimeLeft {
  /** takes time away */
  pass(ms: number): void;
}

export function testTime(leftMs = 300_000): TestTime {
  let left = leftMs;
  return {
    leftMs: () => left,
    pass: (ms) => {
      left -= ms;
    },
    within: async (work) => {
      if (left <= 0) throw new OutOfTime('there was no time to finish what was begun');
      return await work;
    },
  };
}

export interface QueueNotes {
  readonly done: string[];
  readonly again: [receipt: string, seconds: number][];
  readonly sent: string[];
}

export interface Arriving {
  readonly ports: IngestPorts;
  readonly inbox: HeadMemoryStore;
  readonly lake: MemoryStore;
  readonly queue: QueueNotes;
  readonly counted: Map<MetricKey, number>;
  readonly lines: string[];
  readonly time: TestTime;
  /** commits of the lake by object, all reads */
  landed(): Promise<ObjectCommit[]>;
}

export function arriving(changes: { time?: TestTime; inbox?: HeadStore } = {}): Arriving {
  const inbox = headMemoryStore();
  const lake = createMemoryStore(NOW_MS);
  const queue: QueueNotes = { done: [], again: [], sent: [] };
  const counted = new Map<MetricKey, number>();
  const lines: string[] = [];
  const time = changes.time ?? testTime();
  const note = (message: string): void => void lines.push(message);
  const telemetry = {
    info: note,
    warn: note,
    count: (key: MetricKey, value: number) => void counted.set(key, (counted.get(key) ?? 0) + value),
    flush: () => undefined,
  };
  const decide = decideTools(rules);
  const ports: IngestPorts = {
    world: {
      lake,
      clock: { nowMs: () => NOW_MS },
      log: telemetry,
      progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
      tools: passTools(rules, decide, vocabularyBytes),
      maxObjectBytes: 1 << 30,
    },
    inbox: changes.inbox ?? inbox,
    recent: createRecentlyLanded(),
    place: { bucket: BUCKET, prefix: PREFIX },
    queue: {
      done: async (receipts) => void queue.done.push(...receipts),
      again: async (receipts, seconds) => void queue.again.push(...receipts.map((r): [string, number] => [r, seconds])),
      send: async (bodies) => void queue.sent.push(...bodies),
    },
    telemetry,
    time,
  };
  const landed = async (): Promise<ObjectCommit[]> => (await readCommits(lake)).flatMap((batch) => batch.objects);
  return { ports, inbox, lake, queue, counted, lines, time, landed };
}

/** One call as a line of the native format. */
export function line(id: string, tokens = 1000): string {
  return `${JSON.stringify({
    timestamp: '2026-11-01T10:00:00Z',
    id,
    provider: 'openai',
    model: 'gpt-4o',
    input_tokens: tokens,
    output_tokens: 10,
    team: 'search',
  })}\n`;
}

/** Puts an object of so many calls into an inbox and returns its version. */
export async function drop(store: ObjectStore, key: string, calls = 1): Promise<string> {
  const text = Array.from({ length: calls }, (_, i) => line(`${key}-${i}`)).join('');
  await store.put(key, new TextEncoder().encode(text));
  for await (const info of store.list(key)) if (info.key === key) return info.version;
  throw new Error('unreachable');
}

let messages = 0;

/** A queue message that tells of an object; `key` is counted from the inbox. */
export function message(
  key: string,
  facts: { etag?: string; sequencer?: string; receives?: number; bucket?: string } = {},
): SQSRecord {
  const id = `m${++messages}`;
  const body = JSON.stringify({
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: {
      bucket: { name: facts.bucket ?? BUCKET },
      object: { key: PREFIX + key, size: 1, etag: facts.etag, sequencer: facts.sequencer },
    },
  });
  return {
    messageId: id,
    receiptHandle: `r-${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(facts.receives ?? 1),
      SentTimestamp: '0',
      SenderId: 's',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn',
    awsRegion: 'eu-central-1',
  };
}
