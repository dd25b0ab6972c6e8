/** What a catalog switch means, the same for every adapter and for those who look ahead at its result. */
import type { CatalogChanges, CatalogState, PartitionPointer } from './ports.ts';

/** The state after these changes; partitions that are not named stay as they are. The revision is the adapter's business. */
export function applyChanges(state: CatalogState, changes: CatalogChanges): CatalogState {
  const tables: Record<string, Record<string, PartitionPointer>> = {};
  for (const [table, partitions] of Object.entries(state.tables)) tables[table] = { ...partitions };
  for (const [table, partitions] of Object.entries(changes)) {
    const target = (tables[table] ??= {});
    for (const [partition, pointer] of Object.entries(partitions)) {
      if (pointer === null) delete target[partition];
      else target[partition] = pointer;
    }
  }
  return { revision: state.revision, tables };
}
