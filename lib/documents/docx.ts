/**
 * Word documents: the raw text of the body as mammoth gives it, then footnotes and endnotes, each paragraph followed by an empty line. Headers,
 * footers and comments are left out.
 */
import type { ExtractInput } from './extraction.ts';
import { officeParts } from './office-archive.ts';

const TEXT_PARTS = /^(\[Content_Types\]\.xml|_rels\/.*|word\/[^/]+\.xml|word\/_rels\/.*)$/;

/** The text of a document. */
export async function* extractDocx(input: ExtractInput): AsyncGenerator<string> {
  const { default: mammoth } = await import('mammoth');
  const { zipSync } = await import('fflate');
  const parts = await officeParts(input, (path) => TEXT_PARTS.test(path));
  // packed anew from what was looked at: the library then cannot find more in the archive than the limits were held against
  const buffer = Buffer.from(zipSync({ ...parts }, { level: 0 }));
  const { value } = await mammoth.extractRawText({ buffer });
  yield value;
  const { noteText } = await import('./note-text.ts');
  for (const name of ['word/footnotes.xml', 'word/endnotes.xml']) {
    const part = parts[name];
    if (part !== undefined) yield noteText(Buffer.from(part).toString('utf8'));
  }
}
