/** The table of ratios in docs/counting.md is the one that the program uses. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tokenizerRatios } from '../../lib/count/tokenizer-ratios.ts';

const PAGE = readFileSync(new URL('../../docs/counting.md', import.meta.url), 'utf8');

test('docs/counting.md has all ratios by script', () => {
  const rows = tokenizerRatios();
  const families = [...new Set(rows.map(({ family }) => family))];
  const lines = families.map((family) => {
    const own = rows.filter((row) => row.family === family);
    const cells = own.map(
      ({ low, expected, high }) => `${expected.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    );
    return `| ${[family, own[0]?.kind, ...cells].join(' | ')} |`;
  });
  const table = PAGE.split('\n').filter((line) => /^\| .* \| (?:fact|assumption) \|/.test(line));
  expect(table).toEqual(lines);
});
