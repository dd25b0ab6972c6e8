/** Reads the list of model limits shipped with the product. In: nothing, or its URL where a bundler moved it. Out: its text for `modelLimits`. */
import { readFile } from 'node:fs/promises';

/** Throws the file system's error if the file is not there. */
export function readShippedLimits(
  file: URL = new URL('../../price/limits/model-limits.csv', import.meta.url),
): Promise<string> {
  return readFile(file, 'utf8');
}
