/**
 * The public tables as Glue knows them, from the one schema file. In: a table, where it lies. Out: what Glue is told of it and of its
 * partitions. The stack creates the tables; one it does not know yet (a newer program, an older stack) is made here in the same way.
 */
import { CreateTableCommand, GetTablesCommand, UpdateTableCommand } from '@aws-sdk/client-glue';
import type {
  GetTablesCommandOutput,
  GlueClient,
  StorageDescriptor,
  Table as GlueTable,
  TableInput,
} from '@aws-sdk/client-glue';
import { PUBLIC_TABLES } from '../../schema.ts';
import type { Table } from '../../schema.ts';
import { calling, errorName } from './aws-errors.ts';

/** The public database, and the bucket its tables lie in. */
export interface GlueLake {
  readonly glue: GlueClient;
  readonly bucket: string;
  /** prefix of the store's keys in the bucket */
  readonly prefix?: string;
  readonly database: string;
}

/** Name in the catalog's state of the one partition of a table that has none. */
export const WHOLE = 'all';

/** A folder of the lake as Glue names it. */
export function folderLocation({ bucket, prefix = '' }: GlueLake, folder: string): string {
  return `s3://${bucket}/${prefix}${folder}`;
}

/** The folder of a table itself. It stays empty: nothing is read that the catalog does not name. */
export function emptyLocation(lake: GlueLake, table: Table): string {
  return folderLocation(lake, `v1/tables/${table.name}/`);
}

/** Parquet of a table's columns in a folder. */
export function parquetAt(table: Table, location: string): StorageDescriptor {
  return {
    Columns: table.columns.map(({ name, type }) => ({ Name: name, Type: type })),
    Location: location,
    InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
  };
}

/** A public table as it is created. */
export function tableInput(lake: GlueLake, table: Table): TableInput {
  return {
    Name: table.name,
    Description: table.doc,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
    PartitionKeys: table.partition === null ? [] : [{ Name: table.partition.name, Type: table.partition.type }],
    StorageDescriptor: parquetAt(table, emptyLocation(lake, table)),
  };
}

/** The public tables that exist, by name; those that are missing are created first. */
export async function existingTables(lake: GlueLake): Promise<Map<string, GlueTable>> {
  const found = await readTables(lake);
  const missing = PUBLIC_TABLES.filter(({ name }) => !found.has(name));
  for (const table of missing) await createTable(lake, table);
  return missing.length === 0 ? found : await readTables(lake);
}

/** The tables of the database by name, as they are. */
export async function readTables({
  glue,
  database,
}: Pick<GlueLake, 'glue' | 'database'>): Promise<Map<string, GlueTable>> {
  const found = new Map<string, GlueTable>();
  let token: string | undefined;
  do {
    const page: GetTablesCommandOutput = await calling(
      { action: 'glue:GetTables', on: `database ${database}` },
      async () =>
        await glue.send(
          new GetTablesCommand({ DatabaseName: database, ...(token === undefined ? {} : { NextToken: token }) }),
        ),
    );
    for (const table of page.TableList ?? []) found.set(table.Name ?? '', table);
    token = page.NextToken;
  } while (token !== undefined);
  return found;
}

async function createTable(lake: GlueLake, table: Table): Promise<void> {
  const { glue, database } = lake;
  await calling({ action: 'glue:CreateTable', on: `database ${database}` }, async () => {
    await glue
      .send(new CreateTableCommand({ DatabaseName: database, TableInput: tableInput(lake, table) }))
      .catch((error: unknown) => {
        if (errorName(error) !== 'AlreadyExistsException') throw error;
      });
  });
}

/** Points a table without partitions at a folder; what else Glue knows of it stays. */
export async function pointTable(lake: GlueLake, table: GlueTable, location: string): Promise<void> {
  const { glue, database } = lake;
  const { Name, Description, Owner, Retention, PartitionKeys, TableType, Parameters } = table;
  const kept = { Name, Description, Owner, Retention, PartitionKeys, TableType, Parameters };
  const known = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  const TableInput = { ...known, Name, StorageDescriptor: { ...table.StorageDescriptor, Location: location } };
  await calling(
    { action: 'glue:UpdateTable', on: `database ${database}` },
    async () => await glue.send(new UpdateTableCommand({ DatabaseName: database, TableInput })),
  );
}
