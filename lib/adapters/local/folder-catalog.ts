/**
 * Table catalog on a folder: one JSON file that names the objects of every partition. A switch writes the next revision with one
 * rename, so a reader sees all partitions of a run change at once or not at all.
 */
import { Transient } from '../../errors.ts';
import { applyChanges } from '../../catalog.ts';
import type { CatalogState, ObjectStore, TableCatalog } from '../../ports.ts';

export const CATALOG_KEY = 'catalog.json';

const EMPTY: CatalogState = { revision: 0, tables: {} };

export function createFolderCatalog(store: ObjectStore): TableCatalog {
  const read = async (): Promise<CatalogState> => {
    const bytes = await store.read(CATALOG_KEY);
    if (bytes === null) return EMPTY;
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as CatalogState;
    } catch (cause) {
      throw new Transient(`${CATALOG_KEY} is not valid JSON`, {
        cause,
        hint: 'restore it from a backup, or delete the lake folder and run again',
      });
    }
  };
  return {
    read,
    async switch(expected, changes) {
      const current = await read();
      if (current.revision !== expected) return false;
      const next: CatalogState = { ...applyChanges(current, changes), revision: expected + 1 };
      await store.put(CATALOG_KEY, new TextEncoder().encode(`${JSON.stringify(next, null, 1)}\n`));
      return true;
    },
  };
}
