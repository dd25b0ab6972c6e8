/**
 * Whether Glue shows the ledger: its tables as this version knows them, and each partition where the catalog points. In: Glue, the state of the
 * catalog. Out: findings. A partition that is missing is spend that nobody sees, so every one of them is compared; nothing is changed.
 */
import { folderOf } from '../lib/adapters/aws/glue-catalog.ts';
import { readPartitions } from '../lib/adapters/aws/glue-partitions.ts';
import { folderLocation, readTables } from '../lib/adapters/aws/glue-tables.ts';
import type { GlueLake } from '../lib/adapters/aws/glue-tables.ts';
import { firstPlaces, several } from '../lib/health/finding.ts';
import type { Finding } from '../lib/health/finding.ts';
import type { CatalogState } from '../lib/ports.ts';
import { PUBLIC_TABLES } from '../lib/schema.ts';
import type { Table } from '../lib/schema.ts';

/** Columns of every table of a database: table → `name type` in order, partition keys last. */
export async function glueColumns(lake: Pick<GlueLake, 'glue' | 'database'>): Promise<Map<string, string[]>> {
  const columns = new Map<string, string[]>();
  for (const [name, { StorageDescriptor: storage, PartitionKeys: keys = [] }] of await readTables(lake))
    columns.set(
      name,
      [...(storage?.Columns ?? []), ...keys].map(({ Name, Type }) => `${Name} ${Type}`),
    );
  return columns;
}

/** Tables that are missing, or have other columns than this version writes. */
export function tableFindings(found: ReadonlyMap<string, readonly string[]>): Finding[] {
  const missing = PUBLIC_TABLES.filter(({ name }) => !found.has(name));
  const other = PUBLIC_TABLES.filter((table) => {
    const columns = found.get(table.name);
    return columns !== undefined && columnsOf(table).join('\n') !== columns.join('\n');
  });
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push({
      level: 'problem',
      check: 'tables',
      message: `${several(missing.length, 'table')} missing: ${missing.map(({ name }) => name).join(', ')}`,
      where: missing.map(({ name }) => name),
      todo: 'the next seal makes them again; at once: inference-ledger run --stack NAME',
    });
  if (other.length > 0)
    findings.push({
      level: 'problem',
      check: 'tables',
      message: `${several(other.length, 'table')} of another version: ${other.map(({ name }) => name).join(', ')}`,
      where: other.map(({ name }) => name),
      todo: 'deploy the stacks with the version you run here: npx cdk deploy --all',
    });
  if (findings.length > 0) return findings;
  return [{ level: 'ok', check: 'tables', message: `${PUBLIC_TABLES.length} tables as this version knows them` }];
}

function columnsOf({ columns, partition }: Table): string[] {
  return [...columns, ...(partition === null ? [] : [partition])].map((column) => `${column.name} ${column.type}`);
}

/** Partitions that Athena reads elsewhere than the catalog says, or not at all, or that the catalog does not know. */
export async function partitionFindings(
  lake: GlueLake,
  state: CatalogState,
  tables: Iterable<string>,
): Promise<Finding[]> {
  const existing = new Set(tables);
  const wrong: string[] = [];
  let right = 0;
  for (const table of PUBLIC_TABLES) {
    if (table.partition === null || !existing.has(table.name)) continue;
    const shown = await readPartitions(lake, table);
    for (const [value, { keys, ...pointer }] of Object.entries(state.tables[table.name] ?? {})) {
      if (keys.length === 0) continue;
      const location = shown.get(value)?.location;
      shown.delete(value);
      if (location === folderLocation(lake, folderOf({ keys, ...pointer }))) right++;
      else wrong.push(`${table.name} ${value}: ${location === undefined ? 'missing' : 'shows other files'}`);
    }
    for (const value of shown.keys()) wrong.push(`${table.name} ${value}: not in the catalog`);
  }
  if (wrong.length === 0)
    return [{ level: 'ok', check: 'partitions', message: `${several(right, 'partition')} where the catalog points` }];
  return [
    {
      level: 'problem',
      check: 'partitions',
      message: `${several(wrong.length, 'partition')} not as the catalog says, so that queries miss or repeat rows: ${wrong[0]}`,
      where: firstPlaces(wrong),
      todo: 'inference-ledger run --stack NAME makes Glue show the ledger again; while a seal runs this can stand here for seconds',
    },
  ];
}
