/** Makes the public tables and views of a lake visible to an engine, all from one reading of the catalog. */
import type { CatalogState, SqlEngine } from '../../ports.ts';
import { PUBLIC_TABLES, columnTypes } from '../../schema.ts';

/** DuckDB spellings of functions that our SQL writes the Trino way. */
const DIALECT = ['create or replace temp macro json_format(x) as cast(x as varchar)'];

/** After this, `usage`, `spend_daily` … and the views can be queried; what was switched later is not seen. */
export async function exposeLake(
  engine: SqlEngine,
  state: CatalogState,
  views: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const macro of DIALECT) await engine.execute(macro);
  for (const table of PUBLIC_TABLES) {
    const pointers = Object.values(state.tables[table.name] ?? {});
    await engine.files(
      table.name,
      columnTypes(table),
      pointers.flatMap((pointer) => pointer.keys),
    );
  }
  for (const [name, sql] of Object.entries(views))
    await engine.execute(`create or replace temp view ${name} as ${sql}`);
}
