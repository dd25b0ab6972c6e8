/** How Athena shows what Trino answers: every cell as a text, lists and maps in a form of its own, and types by their base names. */
import type { ColumnInfo, Row } from '@aws-sdk/client-athena';
import type { TrinoColumn, TypeSignature } from './trino-client.ts';

/** A cell's text, or null. Lists are `[a, b]`, maps `{k=v}`, rows `{field=value}`: nothing in them is quoted. */
export function cellText(value: unknown, type: TypeSignature | undefined): string | null {
  if (value === null || value === undefined) return null;
  const inner = type?.arguments ?? [];
  const part = (one: unknown, of: unknown): string => cellText(one, of as TypeSignature | undefined) ?? 'null';
  if (type?.rawType === 'array') return `[${(value as unknown[]).map((one) => part(one, inner[0]?.value)).join(', ')}]`;
  if (type?.rawType === 'map') {
    const pairs = Object.entries(value as Record<string, unknown>);
    return `{${pairs.map(([key, one]) => `${key}=${part(one, inner[1]?.value)}`).join(', ')}}`;
  }
  if (type?.rawType === 'row') {
    const fields = (value as unknown[]).map((one, i) => {
      const field = inner[i]?.value as { fieldName?: { name: string }; typeSignature?: TypeSignature } | undefined;
      return `${field?.fieldName?.name ?? `field${i}`}=${part(one, field?.typeSignature)}`;
    });
    return `{${fields.join(', ')}}`;
  }
  return `${value as string | number | boolean}`;
}

const SIZES: Readonly<Record<string, readonly [number, number]>> = {
  bigint: [19, 0],
  integer: [10, 0],
  varchar: [2_147_483_647, 0],
  double: [17, 0],
  timestamp: [3, 0],
};

/** A column as Athena's metadata tells it: the base type only, so what a list holds stays unsaid. */
export function columnInfo({ name, typeSignature }: TrinoColumn): ColumnInfo {
  const { rawType: type } = typeSignature;
  const numbers = typeSignature.arguments.filter(({ kind }) => kind === 'LONG').map(({ value }) => Number(value));
  const [precision, scale] = type === 'decimal' ? numbers : (SIZES[type] ?? [0, 0]);
  return {
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: name,
    Label: name,
    Type: type,
    Precision: precision ?? 0,
    Scale: scale ?? 0,
    Nullable: 'UNKNOWN',
    CaseSensitive: type === 'varchar',
  };
}

/** All rows as GetQueryResults gives them; a SELECT's first row holds the names. */
export function resultRows(columns: readonly TrinoColumn[], rows: readonly (readonly unknown[])[]): Row[] {
  if (columns.length === 0) return [];
  const head: Row = { Data: columns.map(({ name }) => ({ VarCharValue: name })) };
  const body = rows.map((row) => ({
    Data: row.map((value, i) => {
      const text = cellText(value, columns[i]?.typeSignature);
      return text === null ? {} : { VarCharValue: text };
    }),
  }));
  return [head, ...body];
}

/** The result object that Athena leaves in the output location. */
export function resultCsv(rows: readonly Row[]): string {
  const cell = (text: string | undefined): string => (text === undefined ? '' : `"${text.replaceAll('"', '""')}"`);
  return rows.map((row) => `${(row.Data ?? []).map(({ VarCharValue }) => cell(VarCharValue)).join(',')}\n`).join('');
}
