/** The S3 store against a server that checks signatures and conditional writes: the port's contract, and what only S3 has. */
import { createServer, request as ask } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../../lib/adapters/aws/s3-store.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';
import { objectStoreContract } from '../contracts/object-store.ts';
import { freshBucket, freshName, stackClients } from './stack/clients.ts';
import type { Clients } from './stack/clients.ts';

let clients: Clients;
beforeAll(async () => {
  clients = await stackClients();
});

const fresh = async (prefix = ''): Promise<S3Store> =>
  createS3Store({ client: clients.s3, bucket: await freshBucket(clients), prefix });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | null | undefined): string => new TextDecoder().decode(data ?? new Uint8Array());

async function drained(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('S3 store', () => {
  objectStoreContract(async () => await fresh());
});
describe('S3 store below a prefix', () => {
  objectStoreContract(async () => await fresh('some/lake=1/'));
});
describe("S3 store on the control plane's own S3", () => {
  objectStoreContract(async () => {
    const { control, region, accessKeyId, secretAccessKey } = clients.endpoints;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ region, credentials, endpoint: control, forcePathStyle: true });
    const bucket = freshName('control-');
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return createS3Store({ client, bucket });
  });
});

describe('what only S3 has', () => {
  test('lists more than one page in key order', async () => {
    const store = await fresh();
    const keys = Array.from({ length: 1103 }, (_, i) => `many/${String(i * 7919).padStart(8, '0')}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map(async (key) => store.put(key, bytes('x'))));
    const found: string[] = [];
    for await (const { key } of store.list('many/')) found.push(key);
    expect(found).toEqual(keys.toSorted());
    await store.remove(keys);
    for await (const { key } of store.list('')) expect.unreachable(`${key} is still there`);
  });

  test('list, open and head tell the same version and time', async () => {
    const store = await fresh();
    await store.put('a b+c.json', bytes('content'));
    const listed = [];
    for await (const info of store.list('')) listed.push(info);
    const opened = await store.open('a b+c.json');
    await drained(opened.body);
    expect(listed).toEqual([opened.info]);
    expect(await store.head('a b+c.json')).toEqual(opened.info);
    expect(opened.info.version).toMatch(/^[0-9a-f]{32}$/);
    expect(await store.head('nothing')).toBeNull();
  });

  test('a part is read alone, at the end as in the middle', async () => {
    const store = await fresh('below/');
    await store.put('a=1/b c+%.bin', bytes('0123456789'));
    const part = async (from: number, to: number) => text(await store.readRange('a=1/b c+%.bin', from, to));
    expect([await part(0, 10), await part(3, 5), await part(9, 10)]).toEqual(['0123456789', '34', '9']);
    await expect(store.readRange('nothing', 0, 4)).rejects.toThrow(Transient);
  });

  test('replaces only what has not changed since it was read', async () => {
    const store = await fresh();
    expect(await store.replace('state', bytes('1'), null)).toBe(true);
    expect(await store.replace('state', bytes('1b'), null)).toBe(false);
    const first = await store.readVersion('state');
    expect(text(first?.bytes)).toBe('1');
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => store.replace('state', bytes(`w${i}`), first?.version ?? '')),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(text(await store.read('state'))).toBe(`w${outcomes.indexOf(true)}`);
    expect(await store.replace('gone', bytes('x'), 'd41d8cd98f00b204e9800998ecf8427e')).toBe(false);
  });

  test('a large object goes up in parts and comes back whole; its conditional write loses to one that is there', async () => {
    const store = await fresh();
    const large = Buffer.alloc(70 << 20, 'inference ledger ');
    expect(await store.putIfAbsent('large', large)).toBe('created');
    const opened = await store.open('large');
    expect(opened.info.bytes).toBe(large.length);
    expect((await drained(opened.body)).equals(large)).toBe(true);
    expect(await store.putIfAbsent('large', large)).toBe('exists');
  });

  test('a wrong secret and a missing bucket are the configuration’s fault, and the message says what to allow', async () => {
    const { s3, region, accessKeyId } = clients.endpoints;
    const credentials = { accessKeyId, secretAccessKey: 'wrong' };
    const client = new S3Client({ region, credentials, endpoint: s3, forcePathStyle: true });
    const bucket = await freshBucket(clients);
    await expect(createS3Store({ client, bucket }).put('k', bytes('v'))).rejects.toThrow(Misconfigured);
    await expect(createS3Store({ client: clients.s3, bucket: 'no-such-bucket-here' }).read('k')).rejects.toThrow(
      /bucket no-such-bucket-here does not exist/,
    );
  });

  test('a server that is not there may come back', async () => {
    const { region, accessKeyId, secretAccessKey } = clients.endpoints;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ region, credentials, endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
    await expect(createS3Store({ client, bucket: 'b' }).read('k')).rejects.toThrow(Transient);
  });
});

/** A server that breaks off its first answers in the middle, in front of the real one. */
async function breaking(times: number): Promise<{ url: string; ranges: (string | undefined)[]; close: () => void }> {
  const ranges: (string | undefined)[] = [];
  let left = times;
  const server = createServer((request, response) => {
    // the headers pass unchanged, host included: the signature covers it
    const asked = ask(clients.endpoints.s3 + (request.url ?? ''), { headers: request.headers }, (answer) => {
      const relay = async (): Promise<void> => {
        const body = await buffer(answer);
        ranges.push(request.headers.range);
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        if (left-- > 0 && body.length > 1000) {
          response.write(body.subarray(0, body.length >> 1), () => response.destroy());
        } else response.end(body);
      };
      relay().catch(() => response.destroy());
    });
    asked.on('error', () => response.destroy());
    asked.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, ranges, close: () => server.close() };
}

describe('a stream that breaks', () => {
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));

  async function openThrough(times: number) {
    const bucket = await freshBucket(clients);
    await createS3Store({ client: clients.s3, bucket }).put('broken', content);
    const proxy = await breaking(times);
    const { region, accessKeyId, secretAccessKey } = clients.endpoints;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ region, credentials, endpoint: proxy.url, forcePathStyle: true });
    return { proxy, store: createS3Store({ client, bucket }), bucket };
  }

  test('is taken up where it broke, and gives every byte once', async () => {
    const { proxy, store } = await openThrough(2);
    const { body } = await store.open('broken');
    expect((await drained(body)).equals(content)).toBe(true);
    expect(proxy.ranges).toHaveLength(3);
    expect(proxy.ranges[0]).toBeUndefined();
    expect(proxy.ranges[1]).toMatch(/^bytes=\d+-$/);
    proxy.close();
  });

  test('fails as transient where the object changed meanwhile', async () => {
    const { proxy, store, bucket } = await openThrough(1);
    const { body } = await store.open('broken');
    const reading = (async () => {
      const iterator = body[Symbol.asyncIterator]();
      await iterator.next();
      await createS3Store({ client: clients.s3, bucket }).put('broken', Buffer.alloc(content.length, 1));
      for (;;) if ((await iterator.next()).done) return;
    })();
    await expect(reading).rejects.toThrow(Transient);
    proxy.close();
  });
});
