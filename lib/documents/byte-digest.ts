/** Bytes of a document on their way to its extractor: how many there were and their hash, for the result of a document without text. */
import { createHash } from 'node:crypto';

export interface ByteDigest {
  /** The same chunks, counted. */
  through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  bytes(): number;
  /** SHA-256 in hex of all bytes that went through; ends the digest. */
  hash(): string;
}

export function createByteDigest(): ByteDigest {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    async *through(chunks) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        hash.update(chunk);
        yield chunk;
      }
    },
    bytes: () => bytes,
    hash: () => hash.digest('hex'),
  };
}
