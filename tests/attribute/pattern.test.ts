import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matcherOf } from '../../lib/attribute/pattern.ts';

describe('patterns', () => {
  test.each<[string | string[], string, boolean]>([
    ['search', 'search', true],
    ['search', 'Search', true],
    ['SEARCH', 'search', true],
    ['search', 'search-eu', false],
    ['search', 'research', false],
    ['prod-*', 'prod-search', true],
    ['prod-*', 'prod-', true],
    ['prod-*', 'preprod-search', false],
    ['*-prod', 'search-prod', true],
    ['*-prod', 'search-prod-2', false],
    ['*', 'anything', true],
    ['*', '', true],
    ['**', 'x', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'ac', false],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['*x*', 'y', false],
    ['a.c', 'abc', false],
    ['a+', 'aa', false],
    ['[ab]', 'a', false],
    ['(a', '(a', true],
    [['search', 'growth-*'], 'growth-eu', true],
    [['search', 'growth-*'], 'search', true],
    [['search', 'growth-*'], 'growth', false],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(matcherOf(pattern)(text)).toBe(expected);
  });

  test('nothing known matches nothing, not even a star', () => {
    expect(matcherOf('*')(null)).toBe(false);
  });

  test('agrees with the regular expression that says the same', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 9 });
    fc.assert(
      fc.property(letters, text, (pattern, subject) => {
        const regex = new RegExp(
          `^${pattern
            .split('*')
            .map((part) => part.replaceAll('.', '\\.'))
            .join('.*')}$`,
        ); // oracle on short texts only
        expect(matcherOf(pattern)(subject)).toBe(regex.test(subject));
      }),
      { numRuns: 2000 },
    );
  });

  test('a text cut at any places and joined by stars matches itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 }), { minLength: 1, maxLength: 6 }),
        (parts) => {
          expect(matcherOf(parts.join('*'))(parts.join(''))).toBe(true);
        },
      ),
    );
  });

  test('does not backtrack: 64 stars on 200,000 letters that almost match', () => {
    const matches = matcherOf(`${'a*'.repeat(64)}b`);
    expect(matches('a'.repeat(200_000))).toBe(false);
    expect(matches(`${'a'.repeat(200_000)}b`)).toBe(true);
  });
});
