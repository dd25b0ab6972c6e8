/** Lossless rewrites: laws on drawn texts, worked examples, and texts made to hurt. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MIN_REPEATED_CHARACTERS, rewritePrompt, rewriteText } from '../../lib/simulate/lossless-rewrites.ts';

const LONG = 'All answers must name the page they rest on. '.repeat(5).trim();

/** Texts out of what the rewrites look at: fences, JSON, empty lines, spaces, long paragraphs. */
const piece = fc.oneof(
  fc.constantFrom(
    '```',
    '```json',
    '~~~~',
    '~~~',
    '``` `',
    '  ```JSON\r',
    '{ "a": [1.0, 1e3] }',
    '{"a":1}',
    '[',
    ']',
    '  indented  ',
    '\t',
    '',
    '',
    ' \r',
    '\r ',
    'word \t\r',
    '@@ -1,2 +1,2 @@',
    LONG,
    ` ${LONG}`,
    `${LONG}  `,
    `"${LONG}",`,
    '(repeats paragraph 1)',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.json({ maxDepth: 2 }).map((json) => JSON.stringify(JSON.parse(json), null, 2)),
);
const text = fc.array(piece, { maxLength: 14 }).map((lines) => lines.join('\n'));
const prompt = fc.array(text, { maxLength: 5 });

describe('laws', () => {
  test('rewriting again changes nothing', () => {
    fc.assert(
      fc.property(prompt, (texts) => {
        const once = rewritePrompt(texts).map((rewritten) => rewritten.text);
        expect(rewritePrompt(once).map((rewritten) => rewritten.text)).toEqual(once);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no text gets longer at any step, and the steps sum to what went', () => {
    fc.assert(
      fc.property(prompt, (texts) => {
        for (const [at, { text: last, afterJson, afterWhitespace, savedBy }] of rewritePrompt(texts).entries()) {
          const original = texts[at] as string;
          expect(savedBy.json + savedBy.whitespace + savedBy.repeated).toBe(original.length - last.length);
          expect(Math.min(savedBy.json, savedBy.whitespace, savedBy.repeated)).toBeGreaterThanOrEqual(0);
          expect([afterJson.length, afterWhitespace.length]).toEqual([
            original.length - savedBy.json,
            original.length - savedBy.json - savedBy.whitespace,
          ]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('all but whitespace stays, in its order, until paragraphs are repeated', () => {
    const meant = (of: string): string => of.replaceAll(/[ \t\r\n]/g, '');
    fc.assert(
      fc.property(text, (original) => {
        expect(meant(rewriteText(original).afterWhitespace)).toBe(meant(original));
      }),
      { numRuns: 1_000 },
    );
  });

  test('JSON parses to the same value, printed with any indentation', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
        fc.nat(6),
        (value, indent) => {
          const json = JSON.stringify(value, null, indent);
          const { text: short } = rewriteText(json);
          expect(short).toBe(JSON.stringify(value));
          expect(JSON.parse(short)).toEqual(JSON.parse(json));
        },
      ),
    );
  });

  test('a prompt can be put together again from its rewritten texts', () => {
    // paragraphs by the number that references give them: their order in the texts already read
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(LONG, `${LONG}!`, 'short', `- ${LONG}`), { maxLength: 12 }),
        (paragraphs) => {
          const [half, rest] = [paragraphs.slice(0, 5), paragraphs.slice(5)].map((part) => part.join('\n\n'));
          const texts = rewritePrompt([half ?? '', rest ?? '']).map((rewritten) => rewritten.text);
          const known: string[] = [];
          const read = texts.map((rewritten) =>
            rewritten
              .split('\n\n')
              .map((paragraph) => {
                const number = /^\(repeats paragraph (\d+)\)$/.exec(paragraph)?.[1];
                if (number !== undefined) return known[Number(number) - 1];
                if (paragraph.length >= MIN_REPEATED_CHARACTERS) known.push(paragraph);
                return paragraph;
              })
              .join('\n\n'),
          );
          expect(read).toEqual([half, rest]);
        },
      ),
    );
  });
});

describe('worked examples', () => {
  test.each([
    ['a message that is JSON', ' {\n  "a": [ 1, 2 ],\r\n\t"b c": "d  e" }\n', '{"a":[1,2],"b c":"d  e"}'],
    [
      'numbers and keys as written',
      '{ "n": 12345678901234567890, "x": 1.0, "y": 1E3, "n": -0 }',
      '{"n":12345678901234567890,"x":1.0,"y":1E3,"n":-0}',
    ],
    [
      'quotes and backslashes in strings',
      String.raw`[ "\"  {", "\\", "\u0020  " ]`,
      String.raw`["\"  {","\\","\u0020  "]`,
    ],
    ['no JSON', '{ "a": 1, }', '{ "a": 1, }'],
    ['a JSON string or number', '"a  b"', '"a  b"'],
    ['JSON inside other words', 'see { "a": 1 }', 'see { "a": 1 }'],
    ['a fence that says JSON', 'x\n```json\n{\n  "a": 1\n}\n```\ny', 'x\n```json\n{"a":1}\n```\ny'],
    [
      'an indented fence',
      '- x\n  ```json title\n  {\n    "a": 1\n  }\n  ```',
      '- x\n  ```json title\n  {"a":1}\n  ```',
    ],
    ['a fence that says JSON and is not', '```json\n{ "a": ... }\n```', '```json\n{ "a": ... }\n```'],
    ['a fence that says otherwise', '```js\n{ "a": 1 }  \n\n\n\n```', '```js\n{ "a": 1 }  \n\n\n\n```'],
    ['a fence that is not closed', '```json\n{ "a": 1 }  \n\n\n', '```json\n{ "a": 1 }  \n\n\n'],
    ['a shorter fence inside', '````\n```\na  \n\n\n```\n````\nb  ', '````\n```\na  \n\n\n```\n````\nb'],
    ['other marks inside', '~~~\n```\n~~~\nb  ', '~~~\n```\n~~~\nb'],
    ['a longer fence around another', '````\n```json\n{ "a": 1 }\n```\n````', '````\n```json\n{ "a": 1 }\n```\n````'],
    ['ends of lines', 'a  \r\nb\t\n  c \n', 'a\nb\n  c\n'],
    ['empty lines', '\n\na\n \n\t\n\r\n\nb\n\n', '\na\n\nb\n\n'],
    ['spaces inside a line', '  a   b', '  a   b'],
    ['a patch, whose empty lines are spaces', '@@ -1,3 +1,3 @@\n \n \n-a \n+a\n', '@@ -1,3 +1,3 @@\n \n \n-a \n+a\n'],
  ])('%s', (_what, original, rewritten) => {
    expect(rewriteText(original).text).toBe(rewritten);
  });

  test('what went by which rewrite, in characters', () => {
    // of JSON two line ends, two spaces of indentation and one behind the colon; three spaces at the end of a line
    expect(rewriteText('x   \n```json\n{\n  "a": 1\n}\n```').savedBy).toEqual({ json: 5, whitespace: 3, repeated: 0 });
  });

  test('a long paragraph counts once in a prompt, in whatever message it comes again', () => {
    expect(LONG.length).toBe(224);
    const texts = rewritePrompt([`Rules:\n\n${LONG}\n\nGo.`, `${LONG}  \n\nand\n\n${LONG}`, `\`\`\`\n${LONG}\n\`\`\``]);
    expect(texts.map((rewritten) => rewritten.text)).toEqual([
      `Rules:\n\n${LONG}\n\nGo.`,
      '(repeats paragraph 1)\n\nand\n\n(repeats paragraph 1)',
      `\`\`\`\n${LONG}\n\`\`\``,
    ]);
    // 224 less the 21 of the reference, twice
    expect(texts[1]?.savedBy).toEqual({ json: 0, whitespace: 2, repeated: 406 });
  });

  test('199 characters may be repeated, 200 may not', () => {
    const saved = (length: number): number =>
      rewriteText(`${'a'.repeat(length)}\n\n${'a'.repeat(length)}`).savedBy.repeated;
    expect([saved(199), saved(200)]).toEqual([0, 179]);
  });

  test('a tool result that comes again, whatever its indentation was', () => {
    const result = Array.from({ length: 40 }, (_, id) => ({ id, state: 'open' }));
    const texts = rewritePrompt([JSON.stringify(result, null, 2), JSON.stringify(result)]);
    expect(texts.map((rewritten) => rewritten.text)).toEqual([JSON.stringify(result), '(repeats paragraph 1)']);
  });

  test('prompts know nothing of each other', () => {
    rewriteText(LONG);
    expect(rewriteText(LONG).text).toBe(LONG);
  });
});

describe('texts made to hurt', () => {
  const MB = 1 << 20;
  const many = (unit: string): string => unit.repeat(Math.ceil((4 * MB) / unit.length));
  test.each([
    ['opened brackets', many('[')],
    ['nested lists', `${'['.repeat(2 * MB)}${']'.repeat(2 * MB)}`],
    ['nested objects', `${'{"a":'.repeat(MB)}1${'}'.repeat(MB)}`],
    ['quotes', many('"')],
    ['a list of quotes that never end', `[${many('"')}]`],
    ['backslashes', `["${many('\\')}"]`],
    ['one long string', `["${many('a ')}"]`],
    ['spaces in one line', `${many(' ')}x`],
    ['spaces and tabs at ends', many('   \t \r\n')],
    ['spaces before nothing', many('x          ')],
    ['carriage returns', many('\r')],
    ['empty lines', many('\n')],
    ['fences', many('```\n')],
    ['fences that never close', many('```json\n{\n')],
    ['backticks', many('`')],
    ['backticks by length', Array.from({ length: 2_800 }, (_, n) => '`'.repeat(n + 3)).join('\n')],
    [
      'paragraphs of one length and beginning',
      Array.from({ length: 200 }, (_, n) => 'a'.repeat(20_000) + String(1_000 + n)).join('\n\n'),
    ],
    [
      'paragraphs that differ by a letter',
      Array.from({ length: 18_000 }, (_, n) => 'a'.repeat(200) + String(100_000 + n)).join('\n\n'),
    ],
    ['patches', many('@@ -\n')],
  ])('%s: four megabytes in time', (_what, hostile) => {
    const start = process.cpuUsage();
    const { text: rewritten } = rewriteText(hostile);
    const { user } = process.cpuUsage(start);
    expect(rewritten.length).toBeLessThanOrEqual(hostile.length);
    // a quadratic step takes minutes; linear ones took 0.02 to 0.6 s
    expect(user / 1e6).toBeLessThan(10);
  });
});
