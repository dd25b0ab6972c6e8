/**
 * HTML as a model would be sent it: the text of the body without tags, scripts and styles. Links and pictures count by their words alone, cells of
 * a table are parted by tabs, its rows by line ends.
 */
import type { FormatCallback, HtmlToTextOptions } from 'html-to-text';
import { decodeWhole } from './decode-text.ts';
import type { ExtractInput } from './extraction.ts';
import { UnreadableDocument } from './unreadable.ts';
import { wholeFile } from './whole-file.ts';

/** Bytes in which a page names its encoding. Source: WHATWG HTML, "prescan a byte stream". */
const PRESCAN_BYTES = 1024;

/** A row of a table: its cells and nothing of the white space between them. */
const row: FormatCallback = (element, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 1 });
  for (const [i, cell] of element.children.filter(({ type }) => type === 'tag').entries()) {
    if (i > 0) builder.addLiteral('\t');
    walk([cell], builder);
  }
  builder.closeBlock({ trailingLineBreaks: 1 });
};

const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  formatters: { row },
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    { selector: 'img', format: 'skip' },
    ...['script', 'style', 'template', 'svg'].map((selector) => ({ selector, format: 'skip' })),
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'tr', format: 'row' },
    { selector: 'td', format: 'inline' },
    { selector: 'th', format: 'inline' },
  ],
};

/** The text of a page. */
export async function* extractHtml(input: ExtractInput): AsyncGenerator<string> {
  const bytes = await wholeFile(input);
  const head = Buffer.from(bytes.subarray(0, PRESCAN_BYTES)).toString('latin1');
  yield await htmlText(decodeWhole(bytes, /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1] ?? null));
}

/** The text of a page that is text already. */
export async function htmlText(html: string): Promise<string> {
  const { convert } = await import('html-to-text');
  try {
    return convert(html, { ...OPTIONS, limits: { maxInputLength: html.length } });
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableDocument('has elements that are nested too deeply to be read');
    throw error;
  }
}
