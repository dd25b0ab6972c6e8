import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBlockIndex } from '../../lib/simulate/block-index.ts';

const MAX = (1n << 63n) - 1n;

test('equal scope and id give equal numbers, others differ, numbers are dense', () => {
  const ids = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.oneof(fc.bigInt(-MAX - 1n, MAX), fc.bigInt(0n, 9n))),
  );
  fc.assert(
    fc.property(ids, (uses) => {
      const index = createBlockIndex();
      const known = new Map<string, number>();
      for (const [scope, id] of uses) {
        const name = `${scope} ${id}`;
        if (!known.has(name)) known.set(name, known.size);
        expect(index.numberOf(scope, id)).toBe(known.get(name));
      }
      expect(index.distinct()).toBe(known.size);
    }),
  );
});

test('ids that a source counts up stay apart in hundreds of thousands', () => {
  const index = createBlockIndex();
  for (let i = 0; i < 300_000; i++) expect(index.numberOf(i % 3, BigInt(i))).toBe(i);
  expect(index.numberOf(0, 3n)).toBe(3);
  expect(index.numberOf(1, 3n)).toBe(300_000);
});
