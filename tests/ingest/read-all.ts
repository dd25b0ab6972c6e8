/** Runs the ingest stage over bytes held in memory: how the bytes are cut into chunks is the test's choice. */
import { DEFAULT_READ_LIMITS, readItems } from '../../lib/ingest/records.ts';
import type { Item, ReadLimits } from '../../lib/ingest/records.ts';

/** The bytes in chunks of the given size. */
export async function* inChunks(bytes: Uint8Array, chunkBytes = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** The bytes cut at these places. */
export async function* cutAt(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const place of [...new Set(places)].sort((a, b) => a - b)) {
    yield bytes.subarray(from, place);
    from = place;
  }
  yield bytes.subarray(from);
}

export async function readAll(body: AsyncIterable<Uint8Array>, limits: Partial<ReadLimits> = {}): Promise<Item[]> {
  const items: Item[] = [];
  for await (const batch of readItems(body, 'inbox/x.jsonl', { ...DEFAULT_READ_LIMITS, ...limits })) {
    for (const item of batch) items.push(item);
  }
  return items;
}

/** All items of a text or of bytes. */
export function itemsOf(
  content: string | Uint8Array,
  chunkBytes?: number,
  limits?: Partial<ReadLimits>,
): Promise<Item[]> {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return readAll(inChunks(bytes, chunkBytes), limits);
}

/** Items in short: the value itself, or `bad reason`, or `skip reason`. */
export function inShort(items: readonly Item[]): unknown[] {
  return items.map((item) => {
    if ('bad' in item) return `bad ${item.bad}`;
    return 'skip' in item ? `skip ${item.skip}` : item.value;
  });
}

/** JSON Lines of `n` small records, some not ASCII, so that both decoding paths are taken. */
export function jsonLines(n: number): string {
  let text = '';
  for (let i = 0; i < n; i++)
    text += `{"i":${i},"note":"${i % 7 === 0 ? 'Größe 漢字 🙂' : 'plain'} ${(i * 2_654_435_761) % 1_000_003}"}\n`;
  return text;
}
