import { expect, test } from 'vitest';
import {
  CASELESS,
  characterKinds,
  DIGIT,
  LINE_END,
  LOWER,
  MARK,
  OTHER,
  SPACE,
  UPPER,
} from '../../lib/count/character-kinds.ts';

/** By the tables of the Node that runs this. */
function kindInNode(point: number): number {
  const char = String.fromCodePoint(point);
  if (char === '\r' || char === '\n') return LINE_END;
  if (/[\p{Lu}\p{Lt}]/u.test(char)) return UPPER;
  if (/\p{Ll}/u.test(char)) return LOWER;
  if (/[\p{Lm}\p{Lo}]/u.test(char)) return CASELESS;
  if (/\p{M}/u.test(char)) return MARK;
  if (/\p{N}/u.test(char)) return DIGIT;
  return /\p{White_Space}/u.test(char) ? SPACE : OTHER;
}

test('every character has the kind that Node gives it, but for those that Unicode took up after version 16', () => {
  const kinds = characterKinds();
  const differing: number[] = [];
  for (let point = 0; point < 0x110000; point++)
    if ((point < 0xd800 || point > 0xdfff) && kinds[point] !== kindInNode(point)) differing.push(point);
  // nothing in version 16, but for U+0295, which was a small letter and is one without case since
  expect(differing.filter((point) => kinds[point] !== OTHER && point !== 0x295)).toEqual([]);
  expect(differing.length).toBeLessThan(10_000);
});

test.each([
  ['A', UPPER],
  ['ǅ', UPPER],
  ['ſ', LOWER],
  ['ʰ', CASELESS],
  ['漢', CASELESS],
  ['\u0301', MARK],
  ['½', DIGIT],
  ['\u0085', SPACE],
  ['\u3000', SPACE],
  ['\ufeff', OTHER],
  ['\u200b', OTHER],
  ['👩', OTHER],
  // a letter since Unicode 17
  ['\u088f', OTHER],
])('%j', (char, kind) => {
  expect(characterKinds()[char.codePointAt(0) as number]).toBe(kind);
});

test('data that leave characters out are refused', () => {
  expect(() => characterKinds('O9SE')).toThrow('kinds of 11 characters');
});
