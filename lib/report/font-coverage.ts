/**
 * Which letters a TrueType font has. In: the bytes of a `.ttf`. Out: a test for code points. Source: OpenType 1.9.1, table `cmap`, formats 4 and 12,
 * https://learn.microsoft.com/typography/opentype/spec/cmap. Invariant: a letter the font would draw as an empty box is never called covered.
 */
import { LedgerError } from '../errors.ts';

export type Coverage = (codePoint: number) => boolean;

type Range = readonly [first: number, last: number];

/** Reads the font's character map. Throws `LedgerError` where it has none that is known here. */
export function fontCoverage(font: Uint8Array): Coverage {
  const view = new DataView(font.buffer, font.byteOffset, font.byteLength);
  const ranges = rangesOf(view, tableAt(view, 'cmap'));
  return (codePoint) => {
    let [low, high] = [0, ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = ranges[middle] ?? [0, 0];
      if (codePoint < first) high = middle - 1;
      else if (codePoint > last) low = middle + 1;
      else return true;
    }
    return false;
  };
}

/** True if the font can draw all of it. */
export function isCovered(text: string, coverage: Coverage): boolean {
  return Array.from(text).every((sign) => coverage(sign.codePointAt(0) ?? 0));
}

function tableAt(view: DataView, tag: string): number {
  for (let i = 0; i < view.getUint16(4); i++) {
    const at = 12 + i * 16;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(at + k)));
    if (name === tag) return view.getUint32(at + 8);
  }
  throw new LedgerError(`the font of the report's pictures has no table ${tag}`);
}

function rangesOf(view: DataView, cmap: number): Range[] {
  const subtables = Array.from(
    { length: view.getUint16(cmap + 2) },
    (_, i) => cmap + view.getUint32(cmap + 4 + i * 8 + 4),
  );
  const wide = subtables.find((at) => view.getUint16(at) === 12);
  if (wide !== undefined) return wideRanges(view, wide);
  const narrow = subtables.find((at) => view.getUint16(at) === 4);
  if (narrow !== undefined) return narrowRanges(view, narrow);
  throw new LedgerError("the font of the report's pictures has a character map of an unknown format");
}

/** Format 12: groups of first, last, first glyph. */
function wideRanges(view: DataView, at: number): Range[] {
  return Array.from({ length: view.getUint32(at + 12) }, (_, i) => {
    const group = at + 16 + i * 12;
    // glyph 0 is the empty box
    const isEmpty = view.getUint32(group + 8) === 0;
    return [view.getUint32(group) + (isEmpty ? 1 : 0), view.getUint32(group + 4)] as const;
  });
}

/** Format 4: segments of the first 65,536; a glyph of 0 means that there is none. */
function narrowRanges(view: DataView, at: number): Range[] {
  const doubled = view.getUint16(at + 6);
  const [ends, starts] = [at + 14, at + 16 + doubled];
  const [deltas, offsets] = [starts + doubled, starts + 2 * doubled];
  const found: Range[] = [];
  for (let i = 0; i < doubled; i += 2) {
    const [start, end] = [view.getUint16(starts + i), view.getUint16(ends + i)];
    const [delta, offset] = [view.getUint16(deltas + i), view.getUint16(offsets + i)];
    for (let code = start; code <= end && code !== 0xffff; code++) {
      const listed = offset === 0 ? code : view.getUint16(offsets + i + offset + (code - start) * 2);
      if (listed !== 0 && ((listed + delta) & 0xffff) !== 0) found.push([code, code]);
    }
  }
  return found;
}
