/** Text files, as they are: every character counts, line ends and all. Flat memory. */
import type { ExtractInput } from './extraction.ts';
import { createByteDecoder } from './decode-text.ts';

/** The text of a text file in pieces. */
export async function* extractText({ reader }: Pick<ExtractInput, 'reader'>): AsyncGenerator<string> {
  const decoder = createByteDecoder(await reader.peek(3));
  for (let bytes = await reader.next(); bytes !== null; bytes = await reader.next()) {
    const text = decoder.decode(bytes);
    if (text !== '') yield text;
  }
  const last = decoder.end();
  if (last !== '') yield last;
}
