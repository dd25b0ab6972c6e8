/** The schema of a Parquet file in the lake's spelling, read by hyparquet: a reader that shares no code with what wrote the lake. */
import type { FileMetaData, SchemaElement } from 'hyparquet';

/** Top-level columns with the type in the lake's spelling, from the Parquet schema itself. */
export function parquetTypes({ schema }: FileMetaData): [string, string][] {
  let at = 1;
  const next = (): [string, string] => {
    const element = schema[at++];
    if (element === undefined) throw new Error('the schema ends early');
    const children: string[] = [];
    for (let child = 0; child < (element.num_children ?? 0); child++) children.push(next()[1]);
    return [element.name, children.length === 0 ? plainType(element) : nestedType(element, children)];
  };
  const columns: [string, string][] = [];
  while (at < schema.length) columns.push(next());
  return columns;
}

function nestedType(element: SchemaElement, children: readonly string[]): string {
  if (element.converted_type === 'LIST') return `array<${children.join()}>`;
  return element.converted_type === 'MAP' ? `map<${children.join()}>` : children.join();
}

function plainType({
  type,
  converted_type: converted,
  logical_type: logical,
  precision,
  scale,
}: SchemaElement): string {
  if (converted === 'UTF8') return 'string';
  if (converted === 'DECIMAL') return `decimal(${precision},${scale})`;
  if (logical?.type === 'TIMESTAMP') return logical.isAdjustedToUTC ? 'timestamp in UTC' : 'timestamp';
  // Trino's and Athena's own writer: the old form of a timestamp, which every reader knows and nothing else has
  if (type === 'INT96') return 'timestamp in INT96';
  if (type === 'INT64') return 'bigint';
  return { DOUBLE: 'double', BOOLEAN: 'boolean' }[String(type)] ?? String(type);
}
