/**
 * Tables that exist for a few statements only, in a Glue database of their own. In: rows, or the keys of Parquet objects. Out: for each name
 * a query that gives exactly these rows, to be put before a statement. Rows lie as texts in one Parquet object and are cast when they are
 * read, so that no SQL is made of data; keys lie in manifests, so that nothing beside them is read, whatever their folders hold.
 */
import { randomBytes } from 'node:crypto';
import {
  BatchCreatePartitionCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetTablesCommand,
} from '@aws-sdk/client-glue';
import type { Column, GetTablesCommandOutput, GlueClient, StorageDescriptor } from '@aws-sdk/client-glue';
import { Misconfigured, Transient } from '../../errors.ts';
import type { ObjectStore, SqlValue } from '../../ports.ts';
import { sqlIdentifier, sqlTable } from '../../sql-identifier.ts';
import { createParquetWriter } from '../../write/parquet.ts';
import { fromText, trinoType } from './athena-values.ts';
import { calling, errorName } from './aws-errors.ts';
import { inParallel } from './in-parallel.ts';

export interface WorkTablesOptions {
  readonly glue: GlueClient;
  readonly store: ObjectStore;
  readonly bucket: string;
  /** prefix of the store's keys in the bucket */
  readonly prefix?: string;
  readonly workDatabase: string;
}

export type Columns = Readonly<Record<string, string>>;

export interface WorkTables {
  /** A name in the work database that nothing else has. */
  freshName(purpose: string): string;
  /** Where the objects of a work table lie. */
  folderOf(table: string): string;
  /** Takes a table that a statement makes in its folder for one of these: it is dropped with them. */
  adopt(table: string): void;
  /** Stages rows; returns the query that gives them. */
  rows(name: string, columns: Columns, rows: readonly (readonly SqlValue[])[]): Promise<string>;
  /** Names Parquet objects; returns the query that reads them. */
  files(name: string, columns: Columns, keys: readonly string[]): Promise<string>;
  /** Drops everything made here. */
  drop(): Promise<void>;
  /** Drops what others left behind before this moment. */
  dropLeft(beforeMs: number): Promise<void>;
}

export const WORK_PREFIX = 'work/';
const PARQUET_SERDE = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';
const PARQUET_INPUT = 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat';
/** Reads the Parquet files that a text file lists: how S3 Inventory is read in Athena. */
const MANIFEST_INPUT = 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat';
const OUTPUT = 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat';
const PARTITIONS_PER_CALL = 100;

/** Work tables of one engine. */
export function createWorkTables(options: WorkTablesOptions): WorkTables {
  const { glue, store, workDatabase } = options;
  const session = randomBytes(6).toString('hex');
  const on = `database ${workDatabase}`;
  /** tables with the keys of their objects, or null where a statement wrote them */
  let made = new Map<string, readonly string[] | null>();
  let count = 0;
  const freshName = (purpose: string): string => `w_${session}_${count++}_${purpose}`;
  const folderOf = (table: string): string => `${WORK_PREFIX}tables/${table}/`;
  const create = async (table: string, columns: Columns, partitions: readonly string[], input: string) => {
    const descriptor = location(options, folderOf(table), input);
    const plain = Object.keys(columns).filter((name) => !partitions.includes(name));
    const TableInput = {
      Name: table,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
      PartitionKeys: partitions.map((name) => glueColumn(name, columns)),
      StorageDescriptor: { ...descriptor, Columns: plain.map((name) => glueColumn(name, columns)) },
    };
    await calling(
      { action: 'glue:CreateTable', on },
      async () => await glue.send(new CreateTableCommand({ DatabaseName: workDatabase, TableInput })),
    );
  };
  return {
    freshName,
    folderOf,
    adopt: (table) => void made.set(table, null),
    async rows(name, columns, rows) {
      for (const column of Object.keys(columns)) sqlIdentifier(column);
      if (rows.length === 0) return emptyQuery(columns);
      const table = freshName(name);
      const key = `${folderOf(table)}rows.parquet`;
      made.set(table, [key]);
      await store.put(key, textFile(columns, rows));
      const texts = Object.fromEntries(Object.keys(columns).map((column) => [column, 'string']));
      await create(table, texts, [], PARQUET_INPUT);
      const list = Object.entries(columns).map(([column, type]) => {
        const quoted = sqlIdentifier(column);
        return `${fromText(quoted, type)} as ${quoted}`;
      });
      return `select ${list.join(', ')} from ${sqlTable(workDatabase, table)}`;
    },
    async files(name, columns, keys) {
      for (const column of Object.keys(columns)) sqlIdentifier(column);
      if (keys.length === 0) return emptyQuery(columns);
      const table = freshName(name);
      const { names, groups } = byPartition(columns, keys);
      const manifests = groups.map((_, i) => `${folderOf(table)}p${i}/keys.txt`);
      made.set(table, manifests);
      await inParallel(groups, async ({ keys: own }, i) => {
        const lines = own.map((key) => `s3://${options.bucket}/${options.prefix ?? ''}${key}\n`).join('');
        await store.put(manifests[i] ?? '', new TextEncoder().encode(lines));
      });
      await create(table, columns, names, MANIFEST_INPUT);
      if (names.length > 0) {
        const plain = Object.keys(columns).filter((column) => !names.includes(column));
        const described = plain.map((column) => glueColumn(column, columns));
        await addPartitions(options, table, folderOf(table), described, groups);
      }
      const list = Object.keys(columns).map((column) => sqlIdentifier(column));
      return `select ${list.join(', ')} from ${sqlTable(workDatabase, table)}`;
    },
    async drop() {
      const own = [...made];
      made = new Map();
      const keys: string[] = [];
      await inParallel(own, async ([table, written]) => {
        await dropTable(glue, workDatabase, table);
        if (written === null) for await (const { key } of store.list(folderOf(table))) keys.push(key);
        else for (const key of written) keys.push(key);
      });
      await store.remove(keys);
    },
    dropLeft: async (beforeMs) => await dropLeft(glue, workDatabase, beforeMs),
  };
}

function emptyQuery(columns: Columns): string {
  const list = Object.entries(columns).map(
    ([name, type]) => `cast(null as ${trinoType(type)}) as ${sqlIdentifier(name)}`,
  );
  return `select ${list.join(', ')} where false`;
}

function textFile(columns: Columns, rows: readonly (readonly SqlValue[])[]): Uint8Array {
  const writer = createParquetWriter<readonly SqlValue[]>(
    Object.keys(columns).map((name, i) => ({ name, type: 'string', nullable: true, of: (row) => textOf(row[i]) })),
  );
  for (const row of rows) writer.append(row);
  return writer.finish();
}

function textOf(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

interface Group {
  readonly values: readonly string[];
  readonly keys: string[];
}

/** Keys by the values that their folders give to columns (`day=2026-11-01`); all keys must name the same columns. */
function byPartition(
  columns: Columns,
  keys: readonly string[],
): { names: readonly string[]; groups: readonly Group[] } {
  const groups = new Map<string, Group>();
  let names: readonly string[] | null = null;
  for (const key of keys) {
    const pairs = key
      .split('/')
      .slice(0, -1)
      .map((part) => part.split('='))
      .filter(([name, value]) => value !== undefined && (name ?? '') in columns);
    const own = pairs.map(([name]) => name ?? '');
    names ??= own;
    if (names.join('/') !== own.join('/'))
      throw new Misconfigured(`the folders of ${key} do not name the columns that others name: ${names.join(', ')}`);
    const values = pairs.map(([, value]) => decodeURIComponent(value ?? ''));
    const id = JSON.stringify(values);
    const group = groups.get(id) ?? { values, keys: [] };
    groups.set(id, group);
    group.keys.push(key);
  }
  return { names: names ?? [], groups: [...groups.values()] };
}

const glueColumn = (name: string, columns: Columns): Column => ({ Name: name, Type: columns[name] ?? 'string' });

function location({ bucket, prefix = '' }: WorkTablesOptions, folder: string, input: string): StorageDescriptor {
  return {
    Location: `s3://${bucket}/${prefix}${folder}`,
    InputFormat: input,
    OutputFormat: OUTPUT,
    SerdeInfo: { SerializationLibrary: PARQUET_SERDE },
  };
}

async function addPartitions(
  options: WorkTablesOptions,
  table: string,
  folder: string,
  columns: readonly Column[],
  groups: readonly Group[],
): Promise<void> {
  const { glue, workDatabase } = options;
  const inputs = groups.map(({ values }, i) => ({
    Values: [...values],
    StorageDescriptor: { ...location(options, `${folder}p${i}/`, MANIFEST_INPUT), Columns: [...columns] },
  }));
  for (let at = 0; at < inputs.length; at += PARTITIONS_PER_CALL) {
    const about = { action: 'glue:BatchCreatePartition', on: `database ${workDatabase}` };
    const { Errors: failed = [] } = await calling(
      about,
      async () =>
        await glue.send(
          new BatchCreatePartitionCommand({
            DatabaseName: workDatabase,
            TableName: table,
            PartitionInputList: inputs.slice(at, at + PARTITIONS_PER_CALL),
          }),
        ),
    );
    const [first] = failed;
    if (first !== undefined)
      throw new Transient(`${failed.length} partitions of a work table were not created`, {
        hint: first.ErrorDetail?.ErrorCode ?? 'Glue gave no reason',
      });
  }
}

/** Drops a table's definition; its objects stay. A table that is gone already is fine. */
export async function dropTable(glue: GlueClient, database: string, table: string): Promise<void> {
  await calling({ action: 'glue:DeleteTable', on: `database ${database}` }, async () => {
    await glue.send(new DeleteTableCommand({ DatabaseName: database, Name: table })).catch((error: unknown) => {
      if (errorName(error) !== 'EntityNotFoundException') throw error;
    });
  });
}

/** Tables of engines that were killed. */
async function dropLeft(glue: GlueClient, database: string, beforeMs: number): Promise<void> {
  let token: string | undefined;
  do {
    const page: GetTablesCommandOutput = await calling(
      { action: 'glue:GetTables', on: `database ${database}` },
      async () =>
        await glue.send(
          new GetTablesCommand({
            DatabaseName: database,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
    );
    for (const { Name, CreateTime } of page.TableList ?? [])
      if (Name?.startsWith('w_') && (CreateTime?.getTime() ?? beforeMs) < beforeMs)
        await dropTable(glue, database, Name);
    token = page.NextToken;
  } while (token !== undefined);
}
