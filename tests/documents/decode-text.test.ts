import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createByteDecoder, decodeWhole } from '../../lib/documents/decode-text.ts';

function decoded(bytes: Uint8Array, cuts: readonly number[]): string {
  const decoder = createByteDecoder(bytes.subarray(0, 3));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  let text = '';
  for (const [i, from] of places.slice(0, -1).entries()) text += decoder.decode(bytes.subarray(from, places[i + 1]));
  return text + decoder.end();
}

describe('bytes to text', () => {
  test.each([
    ['UTF-8', Buffer.from('café 日本 😀'), 'café 日本 😀'],
    ['UTF-8 with a mark, which is no text', Buffer.from('\ufeffcafé'), 'café'],
    ['a second mark, which is', Buffer.from('\ufeff\ufeffa'), '\ufeffa'],
    ['UTF-16, little end first', Buffer.from('\ufeffcafé 😀', 'utf16le'), 'café 😀'],
    ['UTF-16, big end first', Buffer.from('\ufeffcafé 😀', 'utf16le').swap16(), 'café 😀'],
    ['Latin-1', Buffer.from('déjà vu', 'latin1'), 'déjà vu'],
    ['Windows-1252', Buffer.from([0x93, 0x61, 0x94, 0x20, 0x80, 0x81]), '“a” €\u0081'],
    [
      'one stray byte in UTF-8',
      Buffer.concat([Buffer.from('日本 '), Buffer.from([0xe9]), Buffer.from(' 日')]),
      '日本 é 日',
    ],
    ['a character that the file ends within', Buffer.from([0x61, 0xe2, 0x82]), 'aâ‚'],
    ['an overlong form, which is no UTF-8', Buffer.from([0xc0, 0xaf]), 'À¯'],
    ['half of a surrogate pair, which is no UTF-8', Buffer.from([0xed, 0xa0, 0x80]), 'í\u00a0€'],
  ])('%s', (_what, bytes, text) => {
    expect(decodeWhole(bytes)).toBe(text);
  });

  test('are the same text wherever they are cut', () => {
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0xa9, 0xff, 0xfe),
    );
    const bytes = fc.array(byte, { maxLength: 40 }).map((all) => Uint8Array.from(all));
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(1000), { maxLength: 8 }), (bytes, cuts) => {
        expect(decoded(bytes, cuts)).toBe(decodeWhole(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('any text in UTF-8 comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(1000)), (text, cuts) => {
        fc.pre(!text.startsWith('\ufeff'));
        expect(decoded(Buffer.from(text), cuts)).toBe(text.toWellFormed());
      }),
    );
  });

  test('no byte is lost: each byte that is not UTF-8 is one character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 0x80, max: 0xbf }), (bytes) => {
        expect(decodeWhole(bytes)).toHaveLength(bytes.length);
      }),
    );
  });

  test('an encoding that the file names is used where it is not UTF-8', () => {
    expect(decodeWhole(Buffer.from([0xcf, 0xf0, 0xe8]), 'windows-1251')).toBe('При');
    expect(decodeWhole(Buffer.from('При'), 'windows-1251')).toBe('При');
    expect(decodeWhole(Buffer.from([0xe9]), 'x-nobody-knows')).toBe('é');
  });
});
