/** The product's SQL as text, from the `.sql` files beside the code (or beside the bundle): stages themselves read no files. */
import { readFile, readdir } from 'node:fs/promises';
import type { SealSql } from '../../seal/seal-days.ts';

/** Folder that holds `seal/sql` and `report/queries`: `lib/` in a checkout, `dist/` in a package. */
const LIB = new URL('../../', import.meta.url);

export async function loadSealSql(base: URL = LIB): Promise<SealSql> {
  const read = async (name: string): Promise<string> => await readFile(new URL(`seal/sql/${name}.sql`, base), 'utf8');
  const parts = async (...names: string[]): Promise<string> => (await Promise.all(names.map(read))).join('');
  return {
    seal: await parts('seal-twins', 'seal-buckets', 'seal-rows'),
    sealWithoutBuckets: await parts('seal-twins', 'seal-no-buckets', 'seal-rows'),
    twinDays: await read('twin-days'),
    spendDaily: await read('spend-daily'),
    promptFingerprints: await read('prompt-fingerprints'),
    rejects: await read('rejects'),
    sourceDays: await read('source-days'),
    reconciliation: await read('reconciliation'),
    documents: await read('documents'),
  };
}

/** All `.sql` files of a folder below the code, by name without ending. */
export async function loadSqlFolder(folder: string, base: URL = LIB): Promise<Record<string, string>> {
  const url = new URL(`${folder}/`, base);
  const names = (await readdir(url)).filter((name) => name.endsWith('.sql')).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, url), 'utf8')));
  return Object.fromEntries(names.map((name, i) => [name.replace(/\.sql$/, ''), texts[i] ?? '']));
}
