import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../lib/errors.ts';
import { parseJsonText } from '../lib/json-text.ts';

const problemOf = (text: string): string => {
  try {
    parseJsonText('f.json', text);
  } catch (error) {
    if (error instanceof Misconfigured) return error.message;
    throw error;
  }
  return 'none';
};

describe('a file that is no JSON', () => {
  test.each([
    ['', 'the file is empty'],
    [' \n', 'the file is empty'],
    ['{"a": ', 'the file ends before its value does'],
    ['{"a": "x', 'the file ends before its value does'],
    ['{"a": 1e', 'the file ends before its value does'],
    ['{"a": "\\u12', 'the file ends before its value does'],
    ['hello', 'line 1, column 1 is not what can stand there'],
    ['{"a": }', 'line 1, column 7 is not what can stand there'],
    ['{\n  "team": secret-name\n}', 'line 2, column 11 is not what can stand there'],
    ['{\n  "a": 1,\n}', 'line 3, column 1 is not what can stand there'],
    ['{"a": 01}', 'line 1, column 8 is not what can stand there'],
    ['{"a": 1} x', 'line 1, column 10 is not what can stand there'],
    ['{"a": "\t"}', 'line 1, column 8 is not what can stand there'],
  ])('%j', (text, where) => {
    expect(problemOf(text)).toBe(`f.json is not valid JSON: ${where}`);
  });

  test('its text is never quoted, wherever it breaks', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{', '}', '[', ',', ':', '"', '\n', 'QZX', '7', '"QZX"')), (parts) => {
        expect(problemOf(parts.join(''))).not.toContain('QZX');
      }),
    );
  });

  test('a character that breaks a text is found where it was put', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (json, at) => {
        const lines = JSON.stringify(JSON.parse(json), null, 1).split('\n');
        const line = at % lines.length;
        const broken = lines.with(line, `\u0001${lines[line] ?? ''}`).join('\n');
        expect(problemOf(broken)).toContain(`line ${line + 1}, column 1 `);
      }),
    );
  });
});

test('JSON comes back as it is, with or without a byte order mark', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseJsonText('f.json', `\uFEFF${text}`)).toEqual(JSON.parse(text));
      expect(parseJsonText('f.json', text)).toEqual(JSON.parse(text));
    }),
  );
});
