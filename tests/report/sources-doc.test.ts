/** docs/sources.md keeps up with the code: every format has its place, every how-to is short, every native field is explained. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FORMATS } from '../../lib/normalize/registry.ts';
import { NOT_USAGE } from '../../lib/normalize/not-usage.ts';

const doc = readFileSync('docs/sources.md', 'utf8');
const sections = doc.split(/^## /m).slice(1);

test('every format that carries usage is named', () => {
  const ids = FORMATS.filter((format) => !NOT_USAGE.includes(format)).map(({ id }) => id);
  expect(ids.filter((id) => !doc.includes(`\`${id}\``))).toEqual([]);
});

test('the way into the inbox takes at most 15 lines, and each section says what it tells and what not', () => {
  for (const section of sections) {
    const [how = ''] = section.split('\n- **Tells**');
    expect(
      how
        .split('```')
        .filter((_, i) => i % 2 === 1)
        .join('')
        .split('\n').length,
    ).toBeLessThanOrEqual(15);
    expect(section).toContain('**Tells**');
    expect(section).toMatch(/\*\*Does not tell/);
  }
});

test('the table of contents leads to sections that exist', () => {
  const anchors = sections.map((section) => (section.split('\n')[0] ?? '').toLowerCase().replaceAll(' ', '-'));
  const links = [...doc.matchAll(/\]\(#([^)]+)\)/g)].map((m) => m[1]);
  expect(links).toEqual(anchors);
});

test('every field that the native reader looks at is explained', () => {
  const reader = readFileSync('lib/normalize/native.ts', 'utf8');
  const read = [...reader.matchAll(/line(?:\[|, )'(\w+)'/g)].map((m) => m[1] ?? '').filter((name) => name !== 'object');
  expect(read.length).toBeGreaterThan(25);
  expect([...new Set(read)].filter((name) => !doc.includes(`\`${name}\``))).toEqual([]);
});
