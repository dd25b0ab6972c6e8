import { describe, expect, test } from 'vitest';
import { pageText } from '../../lib/documents/page-lines.ts';
import type { PageItem } from '../../lib/documents/page-lines.ts';

/** Lines of a page in letters of 10 units height and 5 width; each is its text, its left edge and its height above the foot of the page. */
function page(...lines: readonly (readonly [text: string, left: number, y: number])[]): PageItem[] {
  return lines.map(([str, x, y]) => ({
    str,
    transform: [10, 0, 0, 10, x, y],
    width: 5 * str.length,
    height: 10,
    hasEOL: true,
  }));
}

describe('lines of a page', () => {
  test('go on where the next word had no room', () => {
    expect(pageText(page(['one two three four', 50, 700], ['five six seven eight', 50, 688], ['nine.', 50, 676]))).toBe(
      'one two three four five six seven eight nine.',
    );
  });

  test('end where it had', () => {
    expect(
      pageText(page(['a list of:', 50, 700], ['apples', 50, 688], ['a long line of pears and nuts', 50, 676])),
    ).toBe('a list of:\napples\na long line of pears and nuts');
  });

  test('end at a gap and at an indent', () => {
    const full = 'words up to the edge';
    expect(pageText(page([full, 50, 700], [full, 50, 670], [full, 60, 658], [full, 50, 646]))).toBe(
      `${full}\n${full}\n${full} ${full}`,
    );
  });

  test('of two columns do not go on across them', () => {
    expect(pageText(page(['left column end', 50, 100], ['right column top', 300, 700]))).toBe(
      'left column end\nright column top',
    );
  });

  test('keep a hyphen at their end, and signs that stand without spaces', () => {
    expect(pageText(page(['a well-', 50, 700], ['known sentence', 50, 688]))).toBe('a well-\nknown sentence');
    expect(pageText(page(['the clerk is well-', 50, 700], ['known by everyone', 50, 688]))).toBe(
      'the clerk is well-known by everyone',
    );
    expect(pageText(page(['日本語の文章は', 50, 700], ['続きます', 50, 688]))).toBe('日本語の文章は続きます');
  });

  test('may come in several items, and without any', () => {
    const [first, second] = page(['one two ', 50, 700], ['three', 90, 700]);
    expect(pageText([{ ...(first as PageItem), hasEOL: false }, second as PageItem])).toBe('one two three');
    expect(pageText([])).toBe('');
  });
});
