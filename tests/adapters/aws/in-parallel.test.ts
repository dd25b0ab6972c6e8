import { expect, test } from 'vitest';
import { inParallel } from '../../../lib/adapters/aws/in-parallel.ts';

test('does everything once, some at a time', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await inParallel(
    Array.from({ length: 100 }, (_, i) => i),
    async (item, index) => {
      expect(item).toBe(index);
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(item);
    },
  );
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(most).toBe(16);
});

test('fails with the first failure, begins nothing after it, and waits for what had begun', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = inParallel(
    Array.from({ length: 1000 }, (_, i) => i),
    async (item) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 20) throw new Error('item 20');
      ended.push(item);
    },
  );
  await expect(work).rejects.toThrow('item 20');
  expect(begun.length).toBeLessThan(60);
  expect(ended.length).toBe(begun.length - 1);
});

test('nothing to do is done', async () => {
  await inParallel([], async () => await Promise.reject(new Error('called')));
  expect(await inParallel([1], async () => Promise.resolve())).toBeUndefined();
});
