/**
 * The bundled ingest function, killed or disturbed from outside: at every step that changes something, while an object is rewritten under its
 * hands, with poison in its batch. Whatever happened, the rows of `usage` and `spend_daily` in Athena are those of an undisturbed local run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCommits } from '../../lib/commit.ts';
import { MAX_RECEIVES } from '../../lib/infra/constructs/inbox-queue.ts';
import { callLine, deployedRows, queueDepth, seal } from './deployment.ts';
import { giveBack, openFaultLab, takeMessages } from './fault-lab.ts';
import type { FaultLab } from './fault-lab.ts';
import type { PassingCall } from './stack/fault-proxy.ts';
import type { FunctionProcess, Outcome } from './stack/function-process.ts';

/** Time of a call in which an object hangs: a fifth of what the deployed function has, so that the test need not wait for so long. */
const TIME_MS = 60_000;
/** Not enough to try an object alone after it had its share. */
const SHORT_TIME_MS = 42_000;

let lab: FaultLab;
let queue: string;
/** a container that nothing happens to */
let healthy: FunctionProcess;
beforeAll(async () => {
  lab = await openFaultLab({ holdsEvents: true });
  queue = lab.aws.places.ingestQueue;
  healthy = lab.start('Ingest');
});
afterAll(async () => lab?.close());

const line = (id: string, day: number, tokens: number, more: object = {}): string =>
  callLine(id, `2026-11-${day}`, tokens, more);

const put = async (key: string, text: string | Uint8Array): Promise<void> =>
  lab.aws.inbox.put(key, typeof text === 'string' ? new TextEncoder().encode(text) : text);

/** Takes all messages, waiting for as many as must come. */
async function takeAll(count: number): Promise<SQSEvent> {
  const taken: SQSEvent = { Records: [] };
  for (let tries = 0; taken.Records.length < count && tries < 300; tries++) {
    taken.Records.push(...(await takeMessages(lab.aws, queue, count - taken.Records.length)).Records);
    if (taken.Records.length < count) await pause(100);
  }
  expect(taken.Records).toHaveLength(count);
  return taken;
}

const failuresOf = (outcome: Outcome): string[] => {
  expect(outcome.kind).toBe('returned');
  const { result } = outcome as { result: SQSBatchResponse };
  return result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

const keysOf = ({ Records: records }: SQSEvent): string[] =>
  records.map(({ body }) => (JSON.parse(body) as { detail: { object: { key: string } } }).detail.object.key);

async function expectRowsOfLocalRun(): Promise<string[][]> {
  await seal(lab.aws);
  const expected = await lab.expectedRows();
  expect(await deployedRows(lab.aws)).toEqual(expected);
  return expected;
}

/** Objects with everything that a batch writes: rows of two days, texts, a line without a time, a broken line, equal calls in two objects. */
function objectsOf(point: number): Record<string, string> {
  const copy = line(`both-${point}`, 11, 500);
  const undated = JSON.stringify({
    id: `msg_${point}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    usage: { input_tokens: 100 + point, output_tokens: 10 },
  });
  return {
    [`kill/${point}/a.jsonl`]:
      line(`a-${point}`, 10, 100 + point) + copy + line(`t-${point}`, 10, 50, { prompt: 'Why? '.repeat(200) }),
    [`kill/${point}/b.jsonl`]: `${copy}{"id":\n${line(`b-${point}`, 12, 200)}`,
    [`kill/${point}/c.jsonl`]: `${undated}\n`,
  };
}

test('killed before its first change and after every one, and its messages delivered again', async () => {
  const killedAt: string[] = [];
  for (let point = 0; ; point++) {
    const objects = objectsOf(point);
    for (const [key, text] of Object.entries(objects)) await put(key, text);
    const taken = await takeAll(Object.keys(objects).length);
    const doomed = lab.start('Ingest');
    let changes = 0;
    lab.proxy.set({
      before: ({ changes: isChange }) => {
        if (!isChange || point > 0) return;
        killedAt.push('before the first change');
        doomed.kill();
        return 'drop';
      },
      after: ({ changes: isChange, action, key }) => {
        if (!isChange || ++changes !== point) return;
        killedAt.push(`${action} ${key}`);
        doomed.kill();
        return 'drop';
      },
    });
    const outcome = await doomed.invoke(taken);
    lab.proxy.set({});
    // one at a time, or as they were: another batch, or the same once more
    await giveBack(lab.aws, queue, taken);
    const again = await takeMessages(lab.aws, queue);
    const events = point % 2 === 0 ? [again] : again.Records.map((record) => ({ Records: [record] }));
    for (const event of events) expect(failuresOf(await healthy.invoke(event))).toEqual([]);
    expect(await queueDepth(lab.aws, queue)).toBe(0);
    await doomed.stop();
    if (outcome.kind !== 'killed') break;
  }
  const steps = killedAt.map((step) => step.replace(/[/ ][^/ ]*$/, ''));
  for (const prefix of ['PUT landing/v1/class=calls', 'PUT first-seen', 'PUT commits/v1'])
    expect(
      steps.some((step) => step.startsWith(prefix)),
      `${prefix} in ${killedAt.join('\n')}`,
    ).toBe(true);
  expect(killedAt.at(-1)).toContain('DeleteMessageBatch');
  const [usage] = await expectRowsOfLocalRun();
  // four calls of each point and the one that both objects hold
  expect(usage).toHaveLength((killedAt.length + 1) * 5);
});

test('rewritten while it is read: every row is of one version, in the end of the newest', async () => {
  const old = (name: string): string => Array.from({ length: 2000 }, (_, i) => line(`${name}-${i}`, 14, 100)).join('');
  const current = (name: string): string =>
    Array.from({ length: 1500 }, (_, i) => line(`${name}-${i}`, 15, 200)).join('');
  // as long as before: nothing but its version tells that it is another
  const sameLength = (name: string): string =>
    Array.from({ length: 2000 }, (_, i) => line(`${name}-${i}`, 16, 300)).join('');
  const names = ['slow', 'broken', 'same', 'between'];
  for (const name of names) await put(`rewritten/${name}.jsonl`, old(name));
  const taken = await takeAll(names.length);
  const rewritten = new Set<string>();
  const rewrite = async (name: string): Promise<void> => {
    if (rewritten.has(name)) return;
    rewritten.add(name);
    await put(`rewritten/${name}.jsonl`, name === 'same' ? sameLength(name) : current(name));
  };
  const nameOf = (key: string): string | null => /rewritten\/(\w+)\.jsonl$/.exec(key)?.[1] ?? null;
  lab.proxy.set({
    async before({ action, key }) {
      // looked at as it was, opened as it is
      if (action === 'GET' && nameOf(key) === 'between') await rewrite('between');
    },
    body({ action, key }, bytes) {
      const name = nameOf(key);
      if (action !== 'GET' || name === null || name === 'between' || rewritten.has(name)) return null;
      return halfWay(bytes, async () => rewrite(name), name !== 'slow');
    },
  });
  const outcome = await lab.start('Ingest').invoke(taken);
  lab.proxy.set({});
  expect(failuresOf(outcome)).toEqual([]);
  expect(rewritten.size).toBe(names.length);
  const read = (await readCommits(lab.aws.lake)).flatMap((batch) => batch.objects);
  for (const name of names) {
    const records = read.filter(({ object }) => object === `rewritten/${name}.jsonl`).map((commit) => commit.records);
    // what came slowly but whole is the old version; what broke off is not taken up with the rest of another
    expect({ name, records }).toEqual({
      name,
      records: [{ slow: 2000, broken: 1500, same: 2000, between: 1500 }[name]],
    });
  }
  const news = await takeAll(names.length);
  expect(failuresOf(await healthy.invoke(news))).toEqual([]);
  await expectRowsOfLocalRun();
  const [days] = await lab.aws.users.query(
    `select count_if(day = date '2026-11-14') as old, count_if(day > date '2026-11-14') as current from usage where source_object like 'rewritten/%'`,
  );
  expect(days).toEqual({ old: '0', current: String(3 * 1500 + 2000) });
});

/** Half of a body, then `between`, then the rest, or the end of the connection. */
async function* halfWay(bytes: Buffer, between: () => Promise<void>, breaksOff: boolean): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, bytes.length >> 1);
  await pause(50);
  await between();
  if (breaksOff) throw new Error('the connection breaks');
  yield bytes.subarray(bytes.length >> 1);
}

test('one that cannot be read and one that never ends in a batch of 500: the other 498 land, both count once after a fix', async () => {
  const nameOf = (i: number): string => `many/${String(i).padStart(3, '0')}.jsonl`;
  const [broken, denied, endless] = ['many/broken.parquet', nameOf(7), nameOf(3)];
  for (let i = 0; i < 499; i++) await put(nameOf(i), line(`many-${i}`, 17, 100 + i));
  const whole = gzipSync(Array.from({ length: 50 }, (_, i) => line(`gz-${i}`, 17, 1000)).join(''));
  await put(broken, new TextEncoder().encode('PAR1 and no more of a Parquet file'));
  const taken = await takeAll(500);
  const isOne = (call: PassingCall, name: string): boolean => call.action === 'GET' && call.key.endsWith(name);
  lab.proxy.set({
    // S3 that answers with an error it never answers otherwise
    before: (call) => (isOne(call, denied) ? 'drop' : undefined),
    body: (call, bytes) => (isOne(call, endless) ? endlessly(bytes) : null),
  });
  const idOf = (name: string): string => {
    const at = keysOf(taken).findIndex((key) => key.endsWith(name));
    return taken.Records[at]?.messageId ?? '';
  };
  const startedMs = Date.now();
  const outcome = await lab.start('Ingest').invoke(taken, TIME_MS);
  expect(Date.now() - startedMs).toBeLessThan(TIME_MS);
  expect(failuresOf(outcome).toSorted()).toEqual([idOf(denied), idOf(endless)].toSorted());
  const objects = (await readCommits(lab.aws.lake)).flatMap((batch) => batch.objects);
  const landed = new Map(objects.map((commit) => [commit.object, commit.outcome]));
  for (let i = 0; i < 499; i++)
    expect({ i, outcome: landed.get(nameOf(i)) }).toEqual({ i, outcome: i === 3 || i === 7 ? undefined : 'landed' });
  // known and reported, not tried for ever: its bytes will not change
  expect(landed.get(broken)).toBe('failed');

  // given out again, both fail without others too; and again, until the queue has enough: then they lie in the dead letters
  await giveBack(lab.aws, queue, taken);
  let last = await takeAll(2);
  expect(failuresOf(await lab.start('Ingest').invoke(last, SHORT_TIME_MS))).toHaveLength(2);
  for (let receives = 3; receives <= MAX_RECEIVES; receives++) {
    await giveBack(lab.aws, queue, last);
    last = await takeAll(2);
  }
  await giveBack(lab.aws, queue, last);
  expect((await takeMessages(lab.aws, queue)).Records).toEqual([]);
  const dead = await takeMessages(lab.aws, lab.aws.places.deadLetters);
  expect(keysOf(dead).toSorted()).toEqual([endless, denied].map((key) => lab.aws.places.inboxPrefix + key).toSorted());

  // the fix, and the redrive
  lab.proxy.set({});
  await put(broken, whole);
  for (const { body } of dead.Records)
    await lab.aws.sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: body }));
  expect(failuresOf(await healthy.invoke(await takeAll(3)))).toEqual([]);
  await expectRowsOfLocalRun();
  const [count] = await lab.aws.users.query(
    `select count(*) as calls, count(distinct record_id) as different from usage where source_object like 'many/%'`,
  );
  expect(count).toEqual({ calls: '549', different: '549' });
});

async function* endlessly(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 10);
  await new Promise(() => undefined);
}
