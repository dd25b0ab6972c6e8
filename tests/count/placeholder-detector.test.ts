/** The detector: differing counts under one text give it away, true repeats do not, and memory stays bounded. */
import { describe, expect, test } from 'vitest';
import { createPlaceholderDetector } from '../../lib/count/placeholder-detector.ts';

/** Calls of which every `every`-th carries the hash `same`; returns how many of those were called a placeholder, and of the others. */
function verdicts(calls: number, every: number, tokensOf: (i: number) => number): { same: number; others: number } {
  const detector = createPlaceholderDetector();
  const found = { same: 0, others: 0 };
  for (let i = 0; i < calls; i++) {
    const isSame = i % every === 0;
    if (detector.see('app|gpt-4o', isSame ? 'same' : `other-${i}`, tokensOf(i))) found[isSame ? 'same' : 'others']++;
  }
  return found;
}

describe('a text that stands for many prompts', () => {
  test('is found after its first 20 calls', () => {
    expect(verdicts(1000, 1, (i) => 100 + (i % 300))).toEqual({ same: 981, others: 0 });
  });

  test('is found among other prompts, down to a tenth of the calls', () => {
    const { same, others } = verdicts(10_000, 4, (i) => 100 + (i % 301));
    expect(same).toBeGreaterThan(2400);
    expect(others).toBe(0);
  });
});

describe('a prompt that is sent often', () => {
  test('has one count, or a few where its tools change', () => {
    expect(verdicts(5000, 1, () => 812)).toEqual({ same: 0, others: 0 });
    expect(verdicts(5000, 2, (i) => 812 + (i % 8 === 0 ? 40 : 0))).toEqual({ same: 0, others: 0 });
  });

  test('is not suspected at a small share', () => {
    expect(verdicts(20_000, 50, (i) => i).same).toBe(0);
  });
});

test('sources are apart', () => {
  const detector = createPlaceholderDetector({ minCalls: 3, minSharePercent: 50, minDistinctCounts: 2 });
  const seen = [1, 2, 3].map((tokens) => detector.see('a', 'h', tokens));
  expect(seen).toEqual([false, false, true]);
  expect(detector.see('b', 'h', 4)).toBe(false);
});

test('a placeholder is found again behind a flood of other prompts and sources', () => {
  const detector = createPlaceholderDetector();
  for (let i = 0; i < 2000; i++) detector.see(`source-${i}`, `prompt-${i}`, i);
  for (let i = 0; i < 5000; i++) detector.see('app', `prompt-${i}`, i);
  let last = false;
  for (let i = 0; i < 3000; i++) last = detector.see('app', 'same', i);
  expect(last).toBe(true);
});
