/** The data files that lie beside a bundled function, as lib/infra/copy-data.mjs put them there. In: the function's folder. Out: their texts. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import type { BookFile } from '../lib/adapters/local/book-files.ts';
import { readPaintingFiles } from '../lib/adapters/local/painting-files.ts';
import { readShippedLimits } from '../lib/adapters/local/limits-file.ts';
import { loadSealSql, loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import type { Encoding } from '../lib/count/split-scanner.ts';
import type { PaintingFiles } from '../lib/report/chart-painter.ts';
import type { SealSql } from '../lib/seal/seal-days.ts';

export interface DeployedFiles {
  readonly book: () => Promise<readonly BookFile[]>;
  readonly sealSql: () => Promise<SealSql>;
  readonly queries: () => Promise<Readonly<Record<string, string>>>;
  readonly simulateQueries: () => Promise<Readonly<Record<string, string>>>;
  /** only beside functions of the report */
  readonly watchQueries: () => Promise<Readonly<Record<string, string>>>;
  /** what charts are painted with; only beside functions that mail */
  readonly painting: () => Promise<PaintingFiles>;
  /** list of model limits, as `modelLimits` takes it; only beside the seal and the simulation */
  readonly limits: () => Promise<string>;
  /** `estimate/queries/output-history.sql`; only beside the seal */
  readonly historySql: () => Promise<string>;
  /** the vocabulary of an encoding; only beside functions that count tokens */
  readonly vocabulary: (encoding: Encoding) => Uint8Array;
  /** config and overlays that were deployed: path in the config folder → text */
  readonly config: () => Promise<Readonly<Record<string, string>>>;
}

/** Files below `data`, a URL that ends in a slash. */
export function deployedFiles(data: URL): DeployedFiles {
  return {
    book: () => readShippedBook(new URL('price/book/', data)),
    sealSql: () => loadSealSql(data),
    queries: () => loadSqlFolder('report/queries', data),
    simulateQueries: () => loadSqlFolder('simulate/queries', data),
    watchQueries: () => loadSqlFolder('watch/queries', data),
    painting: () => readPaintingFiles(new URL('painting/', data)),
    limits: () => readShippedLimits(new URL('price/limits/model-limits.csv', data)),
    historySql: async () => (await loadSqlFolder('estimate/queries', data))['output-history'] ?? '',
    vocabulary: (encoding) => vocabularyBytes(encoding, new URL('vocabularies/', data)),
    config: () => readConfigFolder(fileURLToPath(new URL('config/', data))),
  };
}

/** All files below a folder; none where it does not exist, because nothing was deployed. */
async function readConfigFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return Object.fromEntries(
    paths.map((path, at) => [path.slice(folder.length).replaceAll('\\', '/'), texts[at] ?? '']),
  );
}
