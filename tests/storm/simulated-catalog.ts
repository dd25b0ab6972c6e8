/** A simulated table catalog with revisions: reads and switches of all workers, and the history a reader may still hold. */
import type { CatalogChanges, CatalogState, PartitionPointer, TableCatalog } from '../../lib/ports.ts';
import type { Gate } from './scheduler.ts';

export interface CatalogContents {
  state: CatalogState;
  switches: number;
  /** switches refused because another writer was faster */
  lost: number;
}

export function createCatalogContents(): CatalogContents {
  return { state: { revision: 0, tables: {} }, switches: 0, lost: 0 };
}

/** The catalog as one worker sees it. A switch compares and changes in one step. */
export function catalogPort(contents: CatalogContents, gate: Gate): TableCatalog {
  return {
    read: async () => await gate('catalog.read', () => contents.state),
    switch: async (expected, changes) =>
      await gate('catalog.switch', () => {
        if (contents.state.revision !== expected) {
          contents.lost++;
          return false;
        }
        contents.switches++;
        contents.state = { revision: expected + 1, tables: changed(contents.state, changes) };
        return true;
      }),
  };
}

function changed(state: CatalogState, changes: CatalogChanges): CatalogState['tables'] {
  const tables: Record<string, Record<string, PartitionPointer>> = {};
  for (const name of new Set([...Object.keys(state.tables), ...Object.keys(changes)])) {
    const partitions = { ...state.tables[name], ...changes[name] };
    tables[name] = Object.fromEntries(
      Object.entries(partitions).filter((entry): entry is [string, PartitionPointer] => entry[1] !== null),
    );
  }
  return tables;
}
