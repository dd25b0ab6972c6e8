/** A day on which more objects were read than a call can have arguments: one object a call, 300,000 of them. */
import { expect, test } from 'vitest';
import type { BatchCommit, ObjectCommit } from '../../lib/commit.ts';
import type { SqlEngine, SqlValue } from '../../lib/ports.ts';
import { remakeIngestedObjects } from '../../lib/seal/derived.ts';
import type { SealContext } from '../../lib/seal/seal-days.ts';
import { objectCommit } from '../fixtures/object-commit.ts';

const OBJECTS = 300_000;
const BATCH = 1000;
const READ_AT_MS = Date.UTC(2026, 10, 20, 9);

const read = (n: number): ObjectCommit =>
  objectCommit({
    commitId: n.toString(16).padStart(16, '0'),
    object: `litellm/${n}.json`,
    version: 'v',
    lastModifiedMs: READ_AT_MS,
  });

test(`${OBJECTS} objects of one day are all told of`, async () => {
  const batches = Array.from({ length: OBJECTS / BATCH }, (_, b): BatchCommit => ({
    batchId: `b${b}`,
    reader: 1,
    stamp: 's',
    ingestedAtMs: READ_AT_MS + b,
    objects: Array.from({ length: BATCH }, (__, i) => read(b * BATCH + i)),
    files: [],
  }));
  let told: readonly (readonly SqlValue[])[] = [];
  const engine: Pick<SqlEngine, 'reset' | 'table' | 'write'> = {
    reset: async () => undefined,
    table: async (_name, _columns, rows) => {
      told = rows;
    },
    write: async () => [],
  };
  const context = { engine, nextGeneration: () => 'g' } as unknown as SealContext;
  const pointers = await remakeIngestedObjects(context, { revision: 0, tables: {} }, batches);
  expect(Object.keys(pointers)).toEqual(['2026-11-20']);
  expect(new Set(told.map(([object]) => object)).size).toBe(OBJECTS);
});
