import { describe, expect, test } from 'vitest';
import { createOverlayStore, replay } from '../lib/overlay-store.ts';
import { createMemoryStore } from './fixtures/memory-store.ts';
import type { MemoryStore } from './fixtures/memory-store.ts';
import type { ObjectStore } from '../lib/ports.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
async function keysOf(store: ObjectStore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
async function textOf(store: ObjectStore, key: string): Promise<string | null> {
  const content = await store.read(key);
  return content === null ? null : new TextDecoder().decode(content);
}
async function base(): Promise<MemoryStore> {
  const store = createMemoryStore();
  for (const key of ['a/1', 'a/3', 'b/1']) await store.put(key, bytes(`old ${key}`));
  return store;
}

describe('a store laid over another', () => {
  test('shows what was written and removed through it, in key order, and leaves the other alone', async () => {
    const under = await base();
    const over = createOverlayStore(under);
    await over.put('a/2', bytes('new'));
    await over.put('a/3', bytes('changed'));
    await over.put('c', bytes('last'));
    await over.remove(['b/1']);
    expect(await keysOf(over)).toEqual(['a/1', 'a/2', 'a/3', 'c']);
    expect(await keysOf(over, 'a/')).toEqual(['a/1', 'a/2', 'a/3']);
    expect(await textOf(over, 'a/3')).toBe('changed');
    expect(await textOf(over, 'b/1')).toBeNull();
    await expect(over.open('b/1')).rejects.toThrow('b/1 vanished');
    expect(await keysOf(under)).toEqual(['a/1', 'a/3', 'b/1']);
    expect(await textOf(under, 'a/3')).toBe('old a/3');
  });

  test('a conditional write sees both layers', async () => {
    const over = createOverlayStore(await base());
    expect(await over.putIfAbsent('a/1', bytes('x'))).toBe('exists');
    expect(await over.putIfAbsent('a/2', bytes('x'))).toBe('created');
    expect(await over.putIfAbsent('a/2', bytes('y'))).toBe('exists');
    await over.remove(['a/1', 'a/2']);
    expect(await over.putIfAbsent('a/1', bytes('z'))).toBe('created');
    expect(await textOf(over, 'a/1')).toBe('z');
    expect(await textOf(over, 'a/2')).toBeNull();
  });

  test('opens what lies in either layer; equal content has an equal version', async () => {
    const over = createOverlayStore(await base());
    await over.put('a/2', bytes('new'));
    for (const [key, text] of [
      ['a/1', 'old a/1'],
      ['a/2', 'new'],
    ] as const) {
      const { body, info } = await over.open(key);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      expect([Buffer.concat(chunks).toString(), info.bytes]).toEqual([text, text.length]);
    }
    const { info } = await over.open('a/2');
    await over.put('a/4', bytes('new'));
    expect((await over.open('a/4')).info.version).toBe(info.version);
  });

  test('what was tried can be done, each write the way it was meant', async () => {
    const under = await base();
    const over = createOverlayStore(under);
    await over.put('a/1', bytes('put'));
    await over.putIfAbsent('a/2', bytes('mine'));
    await under.put('a/2', bytes('theirs, meanwhile'));
    await replay(under, over.written());
    expect(await textOf(under, 'a/1')).toBe('put');
    expect(await textOf(under, 'a/2')).toBe('theirs, meanwhile');
  });
});
