/** The data files that lie beside a bundled function, as lib/infra/copy-data.mjs put them there. In: the function's folder. Out: their texts. */
import { readFile } from 'node:fs/promises';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import type { BookFile } from '../lib/adapters/local/book-files.ts';
import { loadSealSql, loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import type { SealSql } from '../lib/seal/seal-days.ts';

export interface DeployedFiles {
  readonly book: () => Promise<readonly BookFile[]>;
  readonly sealSql: () => Promise<SealSql>;
  readonly queries: () => Promise<Readonly<Record<string, string>>>;
  /** a file of the deployed config, or null */
  readonly config: (path: string) => Promise<string | null>;
}

/** Files below `data`, a URL that ends in a slash. */
export function deployedFiles(data: URL): DeployedFiles {
  return {
    book: () => readShippedBook(new URL('price/book/', data)),
    sealSql: () => loadSealSql(data),
    queries: () => loadSqlFolder('report/queries', data),
    config: async (path) => {
      try {
        return await readFile(new URL(`config/${path}`, data), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}
