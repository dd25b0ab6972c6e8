/** The order of these files: each once, none named that is not there, and what needs no stack while the stack is made. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LONG, inOrder, needsStack } from './stack/file-order.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => FOLDER + name);

test('every file comes once, after one that starts the stack those that need none, then the long ones', () => {
  const order = inOrder(FILES, needsStack);
  expect(order.toSorted()).toEqual(FILES.toSorted());
  const needs = order.map(needsStack);
  const free = needs.filter((isNeeded) => !isNeeded).length;
  expect(free).toBeGreaterThan(0);
  expect(needs.slice(0, free + 1)).toEqual([true, ...Array.from({ length: free }, () => false)]);
  const long = order.filter((path) => LONG.some((name) => path.endsWith(`/${name}.test.ts`)));
  expect(long.map((path) => path.slice(FOLDER.length, -'.test.ts'.length))).toEqual(LONG);
  expect([order[0], ...order.slice(free + 1)].slice(0, long.length)).toEqual(long);
});

test('without a file that needs the stack there is nothing to wait for', () => {
  expect(inOrder(['b.test.ts', 'a.test.ts'], () => false)).toEqual(['a.test.ts', 'b.test.ts']);
  expect(inOrder(['b', 'a', 'c'], (path) => path !== 'a')).toEqual(['b', 'a', 'c']);
});

test.each([
  ['deployed-app', true],
  ['faults-seal', true],
  ['s3-store', true],
  ['cfn-lint', false],
  ['report-page', false],
  ['package', false],
])('%s needs the stack: %s', (name, isNeeded) => {
  expect(needsStack(`${FOLDER}${name}.test.ts`)).toBe(isNeeded);
});
