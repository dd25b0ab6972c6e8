/**
 * The public tables and views as Glue knows them, made from the one schema file. In: tables with their columns, views with their SQL. Out:
 * the `TableInput` of each. Invariant: partitions are explicit and added by the seal, never projected: the folder of a table itself is
 * always empty, so that nothing is read that the catalog does not name.
 */
import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import { LAKE_FOLDERS } from './settings.ts';
import type { ViewSource } from './settings.ts';
import type { Table } from '../schema.ts';

const PARQUET = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};
/** Glue takes no longer ones. */
const MAX_COMMENT = 255;
const VIEW_MARK = 'Presto View';

function commented(columns: ViewSource['columns']): CfnTable.ColumnProperty[] {
  return columns.map(({ name, type, doc }) => ({ name, type, comment: doc.slice(0, MAX_COMMENT) }));
}

/** A table over Parquet files of the lake bucket. */
export function parquetTable(table: Table, bucket: string): CfnTable.TableInputProperty {
  return {
    name: table.name,
    description: table.doc,
    tableType: 'EXTERNAL_TABLE',
    parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
    partitionKeys: table.partition === null ? [] : [{ name: table.partition.name, type: table.partition.type }],
    storageDescriptor: {
      ...PARQUET,
      columns: commented(table.columns),
      location: `s3://${bucket}/${LAKE_FOLDERS.tables}tables/${table.name}/`,
    },
  };
}

/** A view in the form in which Athena and Trino keep theirs. `catalog` is Athena's name of the account's own catalog. */
export function prestoView(
  view: ViewSource,
  database: string,
  catalog = 'awsdatacatalog',
): CfnTable.TableInputProperty {
  const definition = {
    originalSql: withoutComments(view.sql),
    catalog,
    schema: database,
    columns: view.columns.map(({ name, type }) => ({ name, type: prestoType(type) })),
  };
  const encoded = Buffer.from(JSON.stringify(definition)).toString('base64');
  return {
    name: view.name,
    // Trino takes a table for a view by this very text, wherever it finds a description, and refuses one without an owner
    description: VIEW_MARK,
    owner: 'inference-ledger',
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true', comment: VIEW_MARK, about: view.doc },
    partitionKeys: [],
    // unused, but Trino asks for it
    storageDescriptor: { columns: commented(view.columns), serdeInfo: { name: view.name } },
    viewOriginalText: `/* Presto View: ${encoded} */`,
    viewExpandedText: '/* Presto View */',
  };
}

/** Types of the schema file as SQL writes them: only names that differ from Hive's change. */
function prestoType(type: string): string {
  if (type === 'string') return 'varchar';
  return type === 'timestamp' ? 'timestamp(3)' : type;
}

function withoutComments(sql: string): string {
  return sql
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .trim();
}
