import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLeastFirst } from '../../lib/simulate/least-first.ts';

test('the least comes out first, with what is attached to it', () => {
  // each number pushes itself, each null takes one out
  const steps = fc.array(fc.option(fc.integer({ min: -20, max: 20 })), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (operations) => {
      const heap = createLeastFirst();
      const sorted: number[] = [];
      for (const key of operations) {
        if (key === null) {
          heap.pop();
          sorted.shift();
        } else {
          heap.push(key, 100 + key);
          sorted.push(key);
          sorted.sort((a, b) => a - b);
        }
        const least = sorted[0];
        expect([heap.size(), heap.leastKey(), heap.leastValue()]).toEqual([
          sorted.length,
          least ?? Infinity,
          least === undefined ? -1 : 100 + least,
        ]);
      }
    }),
  );
});
