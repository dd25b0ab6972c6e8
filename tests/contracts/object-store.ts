/** What every object store must do. Each adapter's test calls this; adapters add cases, never leave one out. */
import { expect, test } from 'vitest';
import { Transient } from '../../lib/errors.ts';
import type { ObjectInfo, ObjectStore } from '../../lib/ports.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | null): string | null => (data === null ? null : new TextDecoder().decode(data));

async function listed(store: ObjectStore, prefix: string): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) all.push(info);
  return all;
}

async function drained(store: ObjectStore, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.open(key)).body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function objectStoreContract(create: () => Promise<ObjectStore>): void {
  test('reads back what was put, whole or streamed', async () => {
    const store = await create();
    await store.put('a/b.json', bytes('one'));
    expect(text(await store.read('a/b.json'))).toBe('one');
    expect(await drained(store, 'a/b.json')).toBe('one');
    await store.put('a/b.json', bytes('two'));
    expect(text(await store.read('a/b.json'))).toBe('two');
  });

  test('a missing key reads as null and cannot be opened', async () => {
    const store = await create();
    expect(await store.read('nope/x')).toBeNull();
    await expect(store.open('nope/x')).rejects.toBeInstanceOf(Transient);
    expect(await listed(store, 'nope/')).toEqual([]);
  });

  test('lists by prefix in key order, with sizes and versions', async () => {
    const store = await create();
    for (const key of ['p/2', 'p/10', 'p/sub/1', 'q/1']) await store.put(key, bytes(key));
    const found = await listed(store, 'p/');
    expect(found.map((info) => info.key)).toEqual(['p/10', 'p/2', 'p/sub/1']);
    expect(found.map((info) => info.bytes)).toEqual([4, 3, 7]);
    expect(new Set(found.map((info) => info.version)).size).toBeGreaterThan(0);
    expect((await listed(store, 'p/s')).map((info) => info.key)).toEqual(['p/sub/1']);
  });

  test('keys may hold spaces, plus signs, equals signs and any script', async () => {
    const store = await create();
    const keys = ['team=søk/a b+c.json', '日本/ログ=1.jsonl', "quote'quote/%20.txt"];
    for (const key of keys) await store.put(key, bytes(key));
    for (const key of keys) expect(text(await store.read(key))).toBe(key);
    expect((await listed(store, '')).map((info) => info.key).toSorted()).toEqual(keys.toSorted());
  });

  test('of racing conditional writers exactly one wins, and its bytes stand', async () => {
    const store = await create();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.putIfAbsent('race/key', bytes(`writer ${i}`))),
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(text(await store.read('race/key'))).toBe(`writer ${outcomes.indexOf('created')}`);
    expect(await store.putIfAbsent('race/key', bytes('late'))).toBe('exists');
  });

  test('a rewritten object has another version', async () => {
    const store = await create();
    await store.put('v', bytes('short'));
    const first = (await listed(store, 'v'))[0];
    await store.put('v', bytes('rather longer'));
    expect((await listed(store, 'v'))[0]?.version).not.toBe(first?.version);
  });

  test('removes keys, missing ones too', async () => {
    const store = await create();
    await store.put('gone', bytes('x'));
    await store.remove(['gone', 'never/was']);
    expect(await store.read('gone')).toBeNull();
  });
}
