/** What a column and a table are, and how their lists are written. In: nothing. Out: types for `schema.ts`, which has the tables. */

export type ColumnType =
  | 'string'
  | 'bigint'
  | 'double'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'decimal(18,12)'
  | 'decimal(18,15)'
  | 'decimal(38,12)'
  | 'array<string>'
  | 'array<bigint>'
  | 'map<string,string>'
  | 'map<string,bigint>';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly doc: string;
}

export interface Table {
  readonly name: string;
  /** the partition column, last in every row; its value is the folder `name=value` */
  readonly partition: { readonly name: string; readonly type: 'date' | 'string' } | null;
  readonly columns: readonly Column[];
  readonly doc: string;
}

type Spec = readonly [names: string, type: ColumnType | `${ColumnType}?`, doc: string];

/** `names` may list several columns of one type, separated by spaces; a type ending in `?` may be null. */
export function columns(specs: readonly Spec[]): Column[] {
  return specs.flatMap(([names, type, doc]) =>
    names
      .split(' ')
      .map((name) => ({ name, type: type.replace('?', '') as ColumnType, nullable: type.endsWith('?'), doc })),
  );
}
