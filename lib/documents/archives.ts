/** Archives and compressed files: the documents in them, read forward in flat memory. What a compressed file holds has its name without the ending. */
import { gunzip, unzstd } from '../inflate.ts';
import { zipEntries } from '../zip-entries.ts';
import type { ExtractInput, Piece } from './extraction.ts';
import { guardOf } from './limits.ts';

/** The documents of a zip archive, in the order in which they are stored; folders are passed over. */
export async function* extractZip({ reader, budget }: ExtractInput): AsyncGenerator<Piece> {
  for await (const { name, chunks } of zipEntries(reader, guardOf(budget))) yield { kind: 'file', name, chunks };
}

/** The one document in a gzip file. */
export async function* extractGzip({ reader, budget }: ExtractInput): AsyncGenerator<Piece> {
  yield { kind: 'file', name: '', chunks: gunzip(reader, guardOf(budget)) };
}

/** The one document in a zstd file. */
export async function* extractZstd({ reader, budget }: ExtractInput): AsyncGenerator<Piece> {
  yield { kind: 'file', name: '', chunks: unzstd(reader, guardOf(budget)) };
}
