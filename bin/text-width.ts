/**
 * How many columns a text takes on a terminal, and texts cut or broken to a number of them. Letters of East Asia and emoji take two. In: printable text.
 * Invariant: what comes out is never wider than asked, and no sign is cut in half.
 */
import { createRequire } from 'node:module';

/** The functions by which cli-table3 itself measures and breaks: what is fitted here and what it pads there must not differ. */
const { strlen, wordWrap } = createRequire(import.meta.url)('cli-table3/src/utils.js') as {
  readonly strlen: (text: string) => number;
  readonly wordWrap: (width: number, text: string, isByWord: boolean) => string[];
};
const signs = new Intl.Segmenter('en', { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns of a text without line breaks; colors take none. */
export function textWidth(text: string): number {
  return PLAIN.test(text) ? text.length : strlen(text);
}

/** The text, or its beginning and an ellipsis. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  for (const { segment } of signs.segment(text)) {
    if (textWidth(cut + segment) > width - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Lines of at most `width` columns, broken at spaces where there are some. */
export function brokenToWidth(text: string, width: number): string[] {
  if (textWidth(text) <= width) return [text];
  return wordWrap(width, text, true).flatMap((line) => brokenWord(line, width));
}

/** A word that is wider than a line, in parts. */
function brokenWord(word: string, width: number): string[] {
  if (textWidth(word) <= width) return [word];
  const lines: string[] = [];
  let line = '';
  for (const { segment } of signs.segment(word)) {
    if (line !== '' && textWidth(line + segment) > width) {
      lines.push(line);
      line = '';
    }
    line += segment;
  }
  return [...lines, line];
}
