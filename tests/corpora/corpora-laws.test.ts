/** Whatever order documents come in, wherever a process ends, however many run at once: the tables are those of the documents that lie there. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runCorpora, sealCorpora } from '../../lib/corpora.ts';
import { Transient } from '../../lib/errors.ts';
import { landDocuments } from '../../lib/land-documents.ts';
import type { ObjectInfo, ObjectStore } from '../../lib/ports.ts';
import { Crash } from '../fixtures/crash.ts';
import { DAY_MS, START_MS, inShort, openCorpusLake, resultOf } from '../fixtures/corpus-lake.ts';
import type { CorpusLake } from '../fixtures/corpus-lake.ts';

type Files = Readonly<Record<string, string>>;

/** The table worked out by hand: each text once, the first path in byte order is the original. */
function expectedRows(files: Files): string[] {
  const rows: string[] = [];
  const corpora = Map.groupBy(Object.keys(files), (key) => key.split('/')[1] ?? '');
  for (const [corpus, keys] of corpora) {
    const documents = keys
      .map((key) => resultOf(key.slice(`corpora/${corpus}/`.length), files[key] ?? ''))
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.document), Buffer.from(b.document)));
    const first = new Map<string, string>();
    for (const { document, status, contentHash, tokensO200k } of documents) {
      const original = status === 'counted' ? first.get(contentHash) : undefined;
      if (status === 'counted' && original === undefined) first.set(contentHash, document);
      rows.push(
        original === undefined
          ? `${corpus}/${document} ${status} ${tokensO200k}`
          : `${corpus}/${document} duplicate of ${original} ${tokensO200k}`,
      );
    }
  }
  return rows.toSorted();
}

const shown = async (space: CorpusLake): Promise<string[]> => inShort(await space.documents()).toSorted();

async function inSpace<T>(work: (space: CorpusLake) => Promise<T>): Promise<T> {
  const space = await openCorpusLake();
  try {
    return await work(space);
  } finally {
    await space.close();
  }
}

const aKey = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1.txt', '2.md', 'x/3.txt', 'é.txt', '🙂.txt', 'ﬀ.txt'))
  .map(([corpus, name]) => `corpora/${corpus}/${name}`);
const aText = fc.constantFrom('one', 'one two', 'three four five', '', 'broken');
const aStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: aKey, text: aText }) },
  { weight: 2, arbitrary: fc.record({ remove: aKey }) },
  { weight: 3, arbitrary: fc.record({ run: fc.constantFrom(0, 1, 3), days: fc.constantFrom(0, 0, 1, 2) }) },
);

describe('the tables', () => {
  test('are those of what lies there, after any history of arrivals, deletions, half runs and sweeps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 3, maxLength: 14 }), async (steps) =>
        inSpace(async (space) => {
          const files: Record<string, string> = {};
          let nowMs = START_MS;
          const seen: { found: string[]; right: string[] }[] = [];
          for (const step of steps) {
            if ('put' in step) {
              files[step.put] = step.text;
              await space.put({ [step.put]: step.text });
            } else if ('remove' in step) {
              delete files[step.remove];
              await space.remove(step.remove);
            } else {
              nowMs += step.days * DAY_MS + 1;
              const { world, seal } = space.ports({ nowMs });
              const all: ObjectInfo[] = [];
              for await (const info of space.inbox.list('corpora/')) all.push(info);
              // events come for some only, in any order, and in small batches
              await landDocuments(world, all.toReversed().slice(step.run), { size: { objects: 2, bytes: 1000 } });
              const sealed = await sealCorpora(seal);
              const waiting = sealed.corpora.flatMap(({ pending }) => pending);
              const read = Object.fromEntries(Object.entries(files).filter(([key]) => !waiting.includes(key)));
              seen.push({ found: await shown(space), right: expectedRows(read) });
            }
          }
          await space.run({ nowMs });
          for (const { found, right } of seen) expect(found).toEqual(right);
          expect(await shown(space)).toEqual(expectedRows(files));
        }),
      ),
      { numRuns: 20 },
    );
  }, 300_000);

  test('are right where two processes read and seal at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(aKey, aText, { minKeys: 1, maxKeys: 8 }), fc.integer(), async (files, seed) =>
        inSpace(async (space) => {
          await space.put(files);
          let turn = seed >>> 0;
          /** Waits for some turns of the loop before a call, differently each time. */
          const slow = (store: ObjectStore): ObjectStore => ({
            ...store,
            read: async (key) => {
              turn = (turn * 1_103_515_245 + 12_345) >>> 0;
              for (let i = 0; i < turn % 5; i++) await new Promise((resolve) => setImmediate(resolve));
              return await store.read(key);
            },
          });
          const both = [0, 1].map(async (n) => {
            const { world, seal } = space.ports({ nowMs: START_MS + n, store: slow });
            let generation = 0;
            const context = { ...seal.context, nextGeneration: () => `p${n}-${generation++}` };
            // one engine serves one process: the second reads only
            return n === 0
              ? await runCorpora(world, { ...seal, context })
              : await landDocuments(world, await listed(space));
          });
          await Promise.all(both);
          await space.run();
          expect(await shown(space)).toEqual(expectedRows(files));
          const batches = await space.keys('documents/v1/commits/');
          expect(new Set(batches).size).toBe(batches.length);
        }),
      ),
      { numRuns: 15 },
    );
  }, 300_000);
});

async function listed(space: CorpusLake): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const info of space.inbox.list('corpora/')) all.push(info);
  return all;
}

test('a switch that came too late is tried again, and the other writer’s tables stay', async () => {
  await inSpace(async (space) => {
    await space.put({ 'corpora/a/1.txt': 'one' });
    const { world, seal } = space.ports();
    await landDocuments(world, await listed(space));
    let isFirst = true;
    const catalog = {
      read: () => seal.catalog.read(),
      switch: async (expected: number, changes: Parameters<typeof seal.catalog.switch>[1]) => {
        if (isFirst)
          await seal.catalog.switch(expected, { other: { p: { generation: 'g', keys: [], rows: 0, madeFrom: 'x' } } });
        isFirst = false;
        return await seal.catalog.switch(expected, changes);
      },
    };
    const { state } = await sealCorpora({ ...seal, catalog });
    expect(Object.keys(state.tables).toSorted()).toEqual(['corpus_costs', 'documents', 'other']);
    const stubborn = { read: () => seal.catalog.read(), switch: async () => false };
    await space.put({ 'corpora/a/2.txt': 'two' });
    await expect(sealCorpora({ ...seal, catalog: stubborn })).rejects.toThrow(Transient);
  });
});

/** Stores whose call number `at` is the last of the process, before its effect or after it. */
function dying(
  at: number,
  afterEffect: boolean,
): { store: (own: ObjectStore, name: string) => ObjectStore; names: string[] } {
  const names: string[] = [];
  const begin = (name: string): void => {
    names.push(name);
    if (names.length > at || (names.length === at && !afterEffect)) throw new Crash();
  };
  const end = (): void => {
    if (names.length >= at) throw new Crash();
  };
  return {
    names,
    store: (own, phase) =>
      new Proxy(own, {
        get(target, name, receiver) {
          const method = Reflect.get(target, name, receiver) as unknown;
          if (typeof method !== 'function') return method;
          if (name === 'list')
            return async function* list(...args: unknown[]): AsyncGenerator<unknown> {
              begin(`${phase}.list`);
              yield* (method as (...a: unknown[]) => AsyncIterable<unknown>).apply(target, args);
              end();
            };
          return async (...args: unknown[]): Promise<unknown> => {
            begin(`${phase}.${String(name)}`);
            const result = await (method as (...a: unknown[]) => Promise<unknown>).apply(target, args);
            end();
            return result;
          };
        },
      }),
  };
}

const BEFORE: Files = { 'corpora/a/1.txt': 'one', 'corpora/a/2.md': 'one', 'corpora/b/3.txt': 'three four' };
const AFTER: Files = {
  'corpora/a/0.txt': 'one',
  'corpora/a/2.md': 'two words',
  'corpora/c/4.txt': '',
  'corpora/c/5.txt': 'broken',
};

/** A lake with a history: something to change, something to drop, something to sweep. */
async function begun(space: CorpusLake): Promise<void> {
  await space.put({ ...BEFORE, 'corpora/old/9.txt': 'nine' });
  await space.run();
  await space.remove('corpora/old/9.txt');
  await space.run({ nowMs: START_MS + 1 });
  await space.remove('corpora/a/1.txt', 'corpora/b/3.txt');
  await space.put(AFTER);
}

const LATER = START_MS + 2 * DAY_MS;

test('killed at every call of a port while landing, sealing or sweeping, then run again: the same tables', async () => {
  const names = await inSpace(async (space) => {
    await begun(space);
    const watched = dying(Infinity, false);
    await space.run({ nowMs: LATER, store: watched.store });
    expect(await shown(space)).toEqual(expectedRows(AFTER));
    return watched.names;
  });
  for (const call of ['lake.putIfAbsent', 'seal.put', 'seal.putIfAbsent', 'seal.remove', 'inbox.open', 'listing.list'])
    expect(names).toContain(call);
  for (const [i, name] of names.entries()) {
    const at = i + 1;
    const afterEffect = i % 2 === 0;
    const what = `call ${at}, ${name}, ${afterEffect ? 'after' : 'before'} its effect`;
    await inSpace(async (space) => {
      await begun(space);
      const crashed = await space.run({ nowMs: LATER, store: dying(at, afterEffect).store }).then(
        () => false,
        (error: unknown) => error instanceof Crash || String(error).includes('Crash'),
      );
      // a store that answers no more is a failed object to the reader; the process ends at its next call
      expect({ what, crashed }).toEqual({ what, crashed: true });
      const between = await shown(space);
      const isOld = JSON.stringify(between) === JSON.stringify(expectedRows(BEFORE));
      const isNew = JSON.stringify(between) === JSON.stringify(expectedRows(AFTER));
      expect({ what, isWhole: isOld || isNew }).toEqual({ what, isWhole: true });
      await space.run({ nowMs: LATER + 1 });
      expect({ what, rows: await shown(space) }).toEqual({ what, rows: expectedRows(AFTER) });
      // and nothing that is needed goes with the sweeps that follow
      await space.run({ nowMs: LATER + 2 * DAY_MS });
      expect({ what, rows: await shown(space) }).toEqual({ what, rows: expectedRows(AFTER) });
    });
  }
}, 600_000);
