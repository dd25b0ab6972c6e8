/**
 * The owner's evidence about similar questions from the two files that config `simulate.semanticCache` names. In: their paths, relative to the
 * folder of the config. Out: parsed evidence, null where none is named. Files are read line by line.
 */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { SemanticCacheConfig } from '../../config-similar.ts';
import { Misconfigured } from '../../errors.ts';
import { readLines } from '../../ingest/lines.ts';
import type { LabelledPair } from '../../simulate/semantic-cache.ts';
import { readLabelledPairs, readNeighbors } from '../../simulate/semantic-evidence.ts';
import type { NeighborRows } from '../../simulate/semantic-evidence.ts';

export interface SemanticEvidence {
  readonly pairs: readonly LabelledPair[];
  readonly neighbors: NeighborRows;
}

/** A line holds two ids and a number. */
const MAX_LINE_BYTES = 1 << 20;

/** Opens a file by its path as config names it. */
export type OpenFile = (path: string) => AsyncIterable<Uint8Array>;

/** Reads both files, below `folder` or where `open` finds them. Throws `Misconfigured` where one cannot be read or holds a bad line. */
export async function loadSemanticEvidence(
  config: Pick<SemanticCacheConfig, 'pairs' | 'neighbors'> | undefined,
  folder: string,
  open: OpenFile = (path) => createReadStream(resolve(folder, path)),
): Promise<SemanticEvidence | null> {
  if (config?.pairs === undefined || config.neighbors === undefined) return null;
  const { pairs, neighbors } = config;
  return {
    pairs: await readFrom('pairs', pairs, open, readLabelledPairs),
    neighbors: await readFrom('neighbors', neighbors, open, readNeighbors),
  };
}

async function readFrom<T>(
  key: string,
  path: string,
  open: OpenFile,
  read: (lines: AsyncIterable<string>, file: string) => Promise<T>,
): Promise<T> {
  try {
    return await read(linesOf(open(path), path), path);
  } catch (error) {
    const isOfFile = error instanceof Error && 'syscall' in error;
    if (!isOfFile) throw error;
    throw new Misconfigured(`simulate.semanticCache.${key}: ${path} cannot be read`, {
      hint: 'paths are relative to the folder of the config file',
      cause: error,
    });
  }
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  let line = 0;
  for await (const { lines, invalid } of readLines(bytes, MAX_LINE_BYTES)) {
    for (const [at, text] of lines.entries()) {
      line++;
      if (text !== null && invalid?.has(at) !== true) {
        yield text;
        continue;
      }
      throw new Misconfigured(`${name} line ${line}: ${text === null ? 'is longer than 1 MiB' : 'is no UTF-8 text'}`, {
        hint: 'write one JSON object per line (JSON Lines), as UTF-8',
        place: { object: name, line },
      });
    }
  }
}
