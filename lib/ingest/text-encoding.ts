/** Text as UTF-8: byte order marks are taken off, UTF-16 (what PowerShell and Excel write) is translated. Anything else passes as it is. */
import type { ByteReader } from '../byte-reader.ts';

/** The content of a text stream as UTF-8 bytes. */
export async function* utf8Chunks(reader: ByteReader): AsyncGenerator<Uint8Array> {
  const head = await reader.peek(3);
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) await reader.take(3);
  const isLittle = head[0] === 0xff && head[1] === 0xfe;
  if (!isLittle && !(head[0] === 0xfe && head[1] === 0xff)) {
    yield* reader.rest();
    return;
  }
  const decoder = new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be');
  const encoder = new TextEncoder();
  for await (const chunk of reader.rest()) yield encoder.encode(decoder.decode(chunk, { stream: true }));
  const last = decoder.decode();
  if (last !== '') yield encoder.encode(last);
}
