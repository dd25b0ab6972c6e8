/** All bytes of a document whose format can only be read as a whole. */
import { tooLargeToHold } from './limits.ts';
import type { ExtractInput } from './extraction.ts';

/** The bytes in a buffer of their own, `maxBytes` at most; throws `UnreadableDocument` for more. */
export async function wholeFile({ reader, budget }: ExtractInput): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
    bytes += chunk.length;
    if (bytes > budget.limits.maxBytes) throw tooLargeToHold(budget.limits.maxBytes);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
