/**
 * Reads the price book shipped with the product. In: nothing, or the folder's URL where a bundler moved it. Out: name and text
 * of each file for `loadBook`. Invariant: files are read in name order; nothing is parsed here.
 */
import { readdir, readFile } from 'node:fs/promises';

/** A file of the book. */
export interface BookFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The shipped book's files. `folder` defaults to the book beside this module's source tree; a bundle passes its own copy's URL
 * (ending in `/`). Throws the file system's error if the folder is not there.
 */
export async function readShippedBook(
  folder: URL = new URL('../../price/book/', import.meta.url),
): Promise<BookFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.csv')).toSorted();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })));
}
