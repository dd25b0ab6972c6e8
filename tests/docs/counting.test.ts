/** The table of ratios in docs/counting.md is the one that the program uses. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCRIPT_RATIOS } from '../fixtures/tokenizer-families.ts';

const PAGE = readFileSync(new URL('../../docs/counting.md', import.meta.url), 'utf8');

test('docs/counting.md has all ratios by script', () => {
  const families = [...new Set(SCRIPT_RATIOS.map(({ family }) => family))];
  const lines = families.map((family) => {
    const own = SCRIPT_RATIOS.filter((row) => row.family === family);
    const cells = own.map(
      ({ low, expected, high }) => `${expected.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    );
    return `| ${[family, own[0]?.kind, ...cells].join(' | ')} |`;
  });
  const table = PAGE.split('\n').filter((line) => /^\| .* \| (?:fact|assumption) \|/.test(line));
  expect(table).toEqual(lines);
});
