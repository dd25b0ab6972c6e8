/** The small parts of the functions: environment, queue, time, telemetry, rules, deployed files, hash key. */
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { deployedFiles } from '../../lambdas/deployed-files.ts';
import { readEnvironment, readQueues } from '../../lambdas/environment.ts';
import { createIngestQueue } from '../../lambdas/ingest-queue.ts';
import { createTelemetry } from '../../lambdas/telemetry.ts';
import { timeLeftOf } from '../../lambdas/time-left.ts';
import { createSecretHashKey } from '../../lib/adapters/aws/secret-hash-key.ts';
import { OutOfTime } from '../../lib/batch-inbox.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { METRICS } from '../../lib/metrics.ts';
import type { MetricKey } from '../../lib/metrics.ts';
import { bookRows, bookVersion } from '../../lib/price/price-book.ts';
import { createRulesReader, noteRulesInForce } from '../../lib/rules-source.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import { texts } from '../price/shipped-book.ts';
import { SYNTH_MS, at, ofType, synthesized } from './synthesized.ts';
import type { Synthesized } from './synthesized.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the environment', () => {
  let app: Synthesized;
  beforeAll(async () => {
    app = await synthesized({ inbox: { prefix: '' } });
  }, SYNTH_MS);

  test('that the stack sets is the one that the functions read', () => {
    const readers = ofType(app.pipeline, 'AWS::Lambda::Function');
    const reporters = ofType(app.report, 'AWS::Lambda::Function');
    expect([readers.length, reporters.length]).toEqual([4, 3]);
    for (const [, fn] of [...readers, ...reporters]) {
      const variables = at(fn, 'Environment', 'Variables') as Record<string, unknown>;
      const texts = Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'a reference']),
      );
      const read = readEnvironment(texts);
      expect(read.inboxPrefix).toBe('');
      expect(read.database).toBe('inference_ledger');
      expect(read.workDatabase).toBe('inference_ledger_work');
    }
  });

  test('names the queues to functions that read from one, and to no other', () => {
    const own = (template: Synthesized['pipeline']): string[] =>
      ofType(template, 'AWS::Lambda::Function').flatMap(([, fn]) =>
        Object.keys(at(fn, 'Environment', 'Variables') as object).filter((name) => name.endsWith('_QUEUE')),
      );
    expect([...new Set(own(app.pipeline))].toSorted()).toEqual(['LEDGER_DOCUMENTS_QUEUE', 'LEDGER_INGEST_QUEUE']);
    expect(own(app.report)).toEqual([]);
    expect(readQueues({ LEDGER_INGEST_QUEUE: 'a', LEDGER_DOCUMENTS_QUEUE: 'b' })).toEqual({
      ingestQueue: 'a',
      documentsQueue: 'b',
    });
    expect(() => readQueues({ LEDGER_INGEST_QUEUE: 'a' })).toThrow('LEDGER_DOCUMENTS_QUEUE is not set');
  });

  test('names the variable that is missing', () => {
    expect(() => readEnvironment({ LEDGER_INBOX_BUCKET: 'b', LEDGER_INBOX_PREFIX: '' })).toThrow(
      'LEDGER_LAKE_BUCKET is not set',
    );
  });
});

describe('the queue', () => {
  /** Commands as sent, by their name; `answer` is what each gets. */
  function queue(answer: (input: Record<string, unknown>) => unknown = () => ({})) {
    const sent: [string, Record<string, unknown>][] = [];
    const warned: string[] = [];
    const client = new SQSClient({ region: 'eu-central-1' });
    client.send = async (command: { constructor: { name: string }; input: object }): Promise<never> => {
      const input = command.input as Record<string, unknown>;
      sent.push([command.constructor.name, input]);
      return answer(input) as never;
    };
    const log = { info: () => undefined, warn: (message: string) => void warned.push(message) };
    return { sent, warned, queue: createIngestQueue(client, 'https://queue', log) };
  }

  test('takes out, gives back and adds ten messages at a time', async () => {
    const { queue: own, sent } = queue();
    const many = Array.from({ length: 203 }, (_, i) => `m${i}`);
    await own.done(many);
    await own.again(['r1', 'r2'], 30);
    await own.send(many.slice(0, 11));
    const sizes = (name: string): number[] =>
      sent.filter(([command]) => command === name).map(([, input]) => (input['Entries'] as unknown[]).length);
    expect(sizes('DeleteMessageBatchCommand').toSorted((a, b) => b - a)).toEqual([
      ...Array.from({ length: 20 }, () => 10),
      3,
    ]);
    expect(sizes('SendMessageBatchCommand').toSorted((a, b) => b - a)).toEqual([10, 1]);
    const deleted = sent.flatMap(([command, input]) =>
      command === 'DeleteMessageBatchCommand'
        ? (input['Entries'] as { ReceiptHandle: string }[]).map((entry) => entry.ReceiptHandle)
        : [],
    );
    expect(deleted.toSorted()).toEqual(many.toSorted());
    expect(sent.find(([command]) => command === 'ChangeMessageVisibilityBatchCommand')?.[1]['Entries']).toEqual([
      { Id: '0', ReceiptHandle: 'r1', VisibilityTimeout: 30 },
      { Id: '1', ReceiptHandle: 'r2', VisibilityTimeout: 30 },
    ]);
  });

  test('that does not answer stops no batch: the messages come again', async () => {
    const { queue: own, warned } = queue(() => {
      throw new TypeError('no connection');
    });
    await own.done(['a']);
    await own.again(['a'], 5);
    expect(warned).toHaveLength(2);
  });

  test('that refuses what must not be lost is an error', async () => {
    await expect(queue(() => ({ Failed: [{}] })).queue.send(['a'])).rejects.toThrow('refused 1 messages');
    await expect(
      queue(() => {
        throw Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
      }).queue.send(['a']),
    ).rejects.toThrow('connect refused');
  });
});

describe('time', () => {
  test('work that ends in time gives its result, work that hangs is given up before the end', async () => {
    vi.useFakeTimers();
    const time = timeLeftOf({ getRemainingTimeInMillis: () => 30_000 });
    expect(await time.within(Promise.resolve(5))).toBe(5);
    const hanging = time.within(new Promise<never>(() => undefined)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(await hanging).toBeInstanceOf(OutOfTime);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a caller may give up earlier than the time is over, never later', async () => {
    vi.useFakeTimers();
    const time = timeLeftOf({ getRemainingTimeInMillis: () => 30_000 });
    const gaveUpAfter = async (limitMs: number): Promise<number> => {
      const startMs = Date.now();
      const hanging = time.within(new Promise<never>(() => undefined), limitMs).catch(() => Date.now() - startMs);
      await vi.advanceTimersByTimeAsync(60_000);
      return await hanging;
    };
    expect(await gaveUpAfter(10_000)).toBe(10_000);
    expect(await gaveUpAfter(50_000)).toBe(25_000);
  });

  test('an error of the work is its own', async () => {
    const time = timeLeftOf({ getRemainingTimeInMillis: () => 30_000 });
    await expect(time.within(Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
  });
});

describe('telemetry', () => {
  test('writes each metric under namespace and service, with no other dimension', () => {
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'inference-ledger');
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'InferenceLedger');
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown) => {
      written.push(String(text));
      return true;
    });
    const telemetry = createTelemetry();
    for (const key of Object.keys(METRICS) as MetricKey[]) telemetry.count(key, 3);
    telemetry.flush();
    const blob = JSON.parse(written.join('')) as Record<string, unknown>;
    const { CloudWatchMetrics: all } = blob['_aws'] as {
      CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
    };
    const [metrics] = all;
    expect(metrics?.Namespace).toBe('InferenceLedger');
    expect(metrics?.Dimensions).toEqual([['service']]);
    expect(blob['service']).toBe('inference-ledger');
    expect(metrics?.Metrics.map(({ Name, Unit }) => `${Name} ${Unit}`).toSorted()).toEqual(
      Object.values(METRICS)
        .map(({ name, unit }) => `${name} ${unit}`)
        .toSorted(),
    );
    expect(blob['ObjectsLanded']).toBe(3);
  });
});

describe('rules', () => {
  const deployed: Record<string, string> = {};
  function reader(changes: { hashKey?: () => Promise<{ id: string; bytes: Uint8Array }> } = {}) {
    const lake = createMemoryStore();
    const put = (path: string, value: unknown) =>
      lake.put(`config/${path}`, new TextEncoder().encode(JSON.stringify(value)));
    const reading = createRulesReader({
      lake,
      deployed: async () => deployed,
      shippedBook: async () => texts,
      hashKey: changes.hashKey ?? (async () => ({ id: 'k', bytes: new Uint8Array(32) })),
    });
    return { lake, put, reading, read: async () => (await reading()).rules };
  }

  test('are the defaults, then the deployed config, then the owner’s in the lake, from the next call on', async () => {
    const { put, read } = reader();
    expect((await read()).config.week_start).toBe('monday');
    deployed['inference-ledger.config.json'] = JSON.stringify({ week_start: 'sunday' });
    expect((await read()).config.week_start).toBe('sunday');
    await put('inference-ledger.config.json', { week_start: 'friday' });
    expect((await read()).config.week_start).toBe('friday');
    delete deployed['inference-ledger.config.json'];
  });

  test('that did not change are the same object: nothing is parsed again', async () => {
    const { put, read } = reader();
    const before = await read();
    expect(await read()).toBe(before);
    await put('inference-ledger.config.json', { close_after_days: 7 });
    const after = await read();
    expect(after).not.toBe(before);
    expect(after.book).toBe(before.book);
  });

  test('with an overlay of prices, in the lake or deployed, have its prices', async () => {
    const { put, read, reading } = reader();
    const overlay = (value: string) => ({
      prices: [{ provider: 'openai', model: 'house-model', meter: 'input', value, from: '2026-01-01' }],
    });
    const priceOf = async (): Promise<unknown[]> =>
      [...bookRows((await read()).book)].filter((row) => row.model === 'house-model').map((row) => row.value);
    await put('inference-ledger.config.json', { prices: { overlays: ['prices/house.json'] } });
    expect((await reading()).problem?.message).toContain('prices/house.json is neither in config/');
    deployed['prices/house.json'] = JSON.stringify(overlay('2.5'));
    expect(await priceOf()).toEqual(['2.5']);
    await put('prices/house.json', overlay('3'));
    expect(await priceOf()).toEqual(['3']);
    await put('prices/house.json', overlay('4'));
    expect(await priceOf()).toEqual(['4']);
    delete deployed['prices/house.json'];
  });

  test('that are wrong name the file and the path inside it, and change nothing: those noted last stay in force', async () => {
    const { lake, put, reading, read } = reader();
    await put('inference-ledger.config.json', { week_start: 'friday' });
    const good = await reading();
    expect(good.problem).toBeNull();
    await noteRulesInForce(lake, good.files);
    await put('inference-ledger.config.json', { week_start: 'someday' });
    const { rules, problem } = await reading();
    expect(rules).toBe(good.rules);
    expect(problem?.message).toMatch(/^config\/inference-ledger\.config\.json: week_start.*the rules of before stay/);
    expect(problem?.hint).toContain('put a right file below config/');
    await put('inference-ledger.config.json', { week_start: 'sunday' });
    expect((await read()).config.week_start).toBe('sunday');
  });

  test.each([
    ['no JSON', 'config/inference-ledger.config.json', 'week_start: friday', /config\.json is not valid JSON/],
    [
      'an overlay that is YAML',
      'config/prices/house.json',
      'prices:\n - model: x',
      /prices\/house\.json is not valid JSON: line 1, column 1/,
    ],
    [
      'an overlay with a float',
      'config/prices/house.json',
      '{"prices":[{"provider":"a","model":"b","meter":"input","value":0.5}]}',
      /prices\/house\.json: prices\[0\]\.value/,
    ],
  ])('%s: refused by name', async (_what, key, text, message) => {
    const { lake, put, reading } = reader();
    await put('inference-ledger.config.json', { prices: { overlays: ['prices/house.json'] } });
    await put('prices/house.json', { prices: [] });
    const good = await reading();
    await noteRulesInForce(lake, good.files);
    await lake.put(key, new TextEncoder().encode(text));
    const { rules, problem } = await reading();
    expect(problem?.message).toMatch(message);
    expect(rules.config).toEqual(good.rules.config);
    expect(bookVersion(rules.book)).toBe(bookVersion(good.rules.book));
  });

  test('that never held fall back to what was deployed; a store that does not answer is no error of the file', async () => {
    const { lake, put, reading } = reader();
    deployed['inference-ledger.config.json'] = JSON.stringify({ week_start: 'sunday' });
    await put('inference-ledger.config.json', 'not an object');
    const { rules, problem } = await reading();
    expect(problem).not.toBeNull();
    expect(rules.config.week_start).toBe('sunday');
    delete deployed['inference-ledger.config.json'];
    lake.read = async () => {
      throw new Misconfigured('s3:GetObject was denied on bucket lake');
    };
    await expect(reading()).rejects.toThrow(/^s3:GetObject was denied/);
  });
});

test('deployed files: what is there is read, a config that is not is null', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deployed-'));
  await mkdir(join(folder, 'config/prices'), { recursive: true });
  await writeFile(join(folder, 'config/prices/house.json'), '{}');
  const files = deployedFiles(pathToFileURL(`${folder}/`));
  expect(await files.config()).toEqual({ 'prices/house.json': '{}' });
  expect(await deployedFiles(pathToFileURL(`${folder}/elsewhere/`)).config()).toEqual({});
});

describe('the hash key', () => {
  function secret(answers: (() => unknown)[]) {
    const client = new SecretsManagerClient({ region: 'eu-central-1' });
    let calls = 0;
    client.send = async (): Promise<never> => {
      calls++;
      return answers.shift()?.() as never;
    };
    return { calls: () => calls, read: createSecretHashKey(client, 'arn:secret') };
  }
  const hex = 'ab'.repeat(32);

  test('is read once, and again only after a failure', async () => {
    const { calls, read } = secret([
      () => {
        throw Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
      },
      () => ({ SecretString: `${hex}\n` }),
    ]);
    await expect(read()).rejects.toThrow('failed for now');
    const key = await read();
    expect(Buffer.from(key.bytes).toString('hex')).toBe(hex);
    expect(await read()).toBe(key);
    expect(calls()).toBe(2);
  });

  test('that is no key is refused without being shown', async () => {
    const { read } = secret([() => ({ SecretString: 'hunter2' })]);
    const error: unknown = await read().catch((reason: unknown) => reason);
    expect(String(error)).toContain('must hold 32 bytes in hex');
    expect(String(error)).not.toContain('hunter2');
  });
});
