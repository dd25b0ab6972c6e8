import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPartNames } from '../../lib/documents/part-names.ts';

test('every part has a path of its own, whatever the names are', () => {
  const name = fc.constantFrom('a', 'a (2)', 'a (3)', 'a (2) (2)', 'b\n', 'b\r', '../a', 'x/y');
  fc.assert(
    fc.property(fc.array(name, { maxLength: 30 }), (names) => {
      const give = createPartNames('c.zip');
      const paths = names.map(give);
      expect(new Set(paths).size).toBe(names.length);
      for (const path of paths) expect(path).toMatch(/^c\.zip\/[^\n\r]+$/);
    }),
  );
});

test('names are kept where they can be', () => {
  const give = createPartNames('c.zip');
  expect(['a', 'a', 'a (2)', 'a', 'b', ''].map(give)).toEqual([
    'c.zip/a',
    'c.zip/a (2)',
    'c.zip/a (2) (2)',
    'c.zip/a (3)',
    'c.zip/b',
    'c.zip',
  ]);
});

test('a hundred thousand equal names take no square of that', () => {
  const give = createPartNames('c.zip');
  for (let i = 1; i < 100_000; i++) give('a');
  expect(give('a')).toBe('c.zip/a (100000)');
});
