/**
 * PDF, page by page: the text that lies in it, in the order in which it is drawn, wrapped lines joined, pages parted by a line end. Pictures of
 * text are not read: a scanned file without text is told as such.
 */
import type { getDocumentProxy } from 'unpdf';
import type { ExtractInput } from './extraction.ts';
import { pageText } from './page-lines.ts';
import { UnreadableDocument } from './unreadable.ts';
import { wholeFile } from './whole-file.ts';

/** The text of each page. */
export async function* extractPdf(input: ExtractInput): AsyncGenerator<string> {
  const library = await import('unpdf');
  const data = await wholeFile(input);
  const file = await library.getDocumentProxy(data, { verbosity: 0 }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'PasswordException') {
      throw new UnreadableDocument('is encrypted with a password');
    }
    throw error;
  });
  try {
    let hasText = false;
    for (let number = 1; number <= file.numPages; number++) {
      const text = await textOf(file, number);
      hasText ||= /\S/.test(text);
      yield number > 1 ? `\n${text}` : text;
    }
    const pages = file.numPages === 1 ? '1 page' : `${file.numPages} pages`;
    if (!hasText) throw new UnreadableDocument(`has no text in ${pages} (scanned?)`);
  } finally {
    await file.loadingTask.destroy();
  }
}

type PdfFile = Awaited<ReturnType<typeof getDocumentProxy>>;

async function textOf(file: PdfFile, number: number): Promise<string> {
  try {
    const page = await file.getPage(number);
    const { items } = await page.getTextContent();
    page.cleanup();
    return pageText(items.filter((item) => 'str' in item));
  } catch {
    throw new UnreadableDocument(`is broken: page ${number} of ${file.numPages} cannot be read`);
  }
}
