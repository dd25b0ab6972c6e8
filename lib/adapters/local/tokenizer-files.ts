/**
 * Further tokenizers of the configuration (`documents.tokenizers`) as files. In: name and path of each. Out: a counter of whole texts by name, and a
 * digest of each file, on which kept counts depend. Loading takes seconds and some ten times the file's size: only processes that read documents load
 * them, and who starts those looks at the shape of a file.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkTokenizer, readTokenizer } from '../../count/further-tokenizers.ts';
import type { CountText } from '../../count/further-tokenizers.ts';
import { Misconfigured } from '../../errors.ts';

/** Entries of `documents.tokenizers`; paths are relative to `folder`, that of the config file. */
export type TokenizerPaths = Readonly<Record<string, { readonly file: string }>>;

/** Counters by name. Throws `Misconfigured` naming the key of the configuration and the file. */
export async function tokenizerFiles(paths: TokenizerPaths, folder: string): Promise<Record<string, CountText>> {
  const counters: Record<string, CountText> = {};
  for (const [name, { file }] of Object.entries(paths)) {
    const text = (await bytesOf(name, file, folder)).toString('utf8');
    counters[name] = await toldByName(name, file, () => readTokenizer(text));
  }
  return counters;
}

/** SHA-256 of each file in hex, by name. Throws `Misconfigured` where one cannot be read or is no tokenizer by its shape. */
export async function tokenizerDigests(paths: TokenizerPaths, folder: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [name, { file }] of Object.entries(paths)) {
    const bytes = await bytesOf(name, file, folder);
    await toldByName(name, file, () => checkTokenizer(bytes.toString('utf8')));
    digests[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return digests;
}

async function toldByName<T>(name: string, file: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new Misconfigured(`documents.tokenizers.${name}.file: ${file} ${error.message}`, {
      hint: 'name the tokenizer.json that lies beside the weights of the model',
      cause: error,
    });
  }
}

async function bytesOf(name: string, file: string, folder: string): Promise<Buffer> {
  try {
    return await readFile(resolve(folder, file));
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Misconfigured(`documents.tokenizers.${name}.file: ${file} cannot be read (${code})`, {
      hint: 'paths are relative to the folder of the config file',
      cause: error,
    });
  }
}
