/** Glue's tables and views are those of the one schema file, and the named queries are the product's own files. */
import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { prestoView } from '../../lib/infra/glue-tables.ts';
import { VIEWS } from '../../lib/report/views.ts';
import { PUBLIC_TABLES } from '../../lib/schema.ts';
import { ROOT } from '../architecture/imports.ts';
import { SYNTH_MS, at, ofType, shown, synthesized } from './synthesized.ts';
import type { Resource, Synthesized } from './synthesized.ts';

let app: Synthesized;
let tables: Map<string, Resource>;
beforeAll(async () => {
  app = await synthesized();
  tables = new Map(
    ofType(app.data, 'AWS::Glue::Table').map(([, table]) => [String(at(table, 'TableInput', 'Name')), table]),
  );
}, SYNTH_MS);

interface GlueColumn {
  readonly Name: string;
  readonly Type: string;
  readonly Comment?: string;
}

test('every public table has its columns, types and partition, in the same order', () => {
  expect([...tables.keys()].toSorted()).toEqual(
    [...PUBLIC_TABLES.map(({ name }) => name), ...VIEWS.map(({ name }) => name)].toSorted(),
  );
  for (const { name, columns, partition } of PUBLIC_TABLES) {
    const table = tables.get(name);
    const own = at(table, 'TableInput', 'StorageDescriptor', 'Columns') as GlueColumn[];
    expect(own.map(({ Name, Type }) => [Name, Type])).toEqual(columns.map((column) => [column.name, column.type]));
    for (const { Comment = '' } of own) expect(Comment.length).toBeLessThanOrEqual(255);
    const keys = at(table, 'TableInput', 'PartitionKeys') as GlueColumn[];
    expect(keys.map(({ Name, Type }) => [Name, Type])).toEqual(
      partition === null ? [] : [[partition.name, partition.type]],
    );
  }
});

test('partitions are explicit, and the folder of a table itself holds nothing', () => {
  for (const { name } of PUBLIC_TABLES) {
    const parameters = at(tables.get(name), 'TableInput', 'Parameters') as Record<string, string>;
    expect(Object.keys(parameters).filter((key) => key.startsWith('projection.'))).toEqual([]);
    expect(shown(at(tables.get(name), 'TableInput', 'StorageDescriptor', 'Location'))).toBe(
      `s3://<Lake>/v1/tables/${name}/`,
    );
  }
});

test('a view holds the SQL of its file, without its comments, and its columns as SQL types', () => {
  for (const { name, columns } of VIEWS) {
    const text = String(at(tables.get(name), 'TableInput', 'ViewOriginalText'));
    const encoded = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(text)?.[1] ?? '';
    const view = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as Record<string, unknown>;
    const file = readFileSync(`${ROOT}lib/report/views/${name}.sql`, 'utf8');
    expect(view['originalSql']).toBe(file.replace(/^--.*\n/gm, '').trim());
    expect(view['schema']).toBe('inference_ledger');
    expect(view['catalog']).toBe('awsdatacatalog');
    expect((view['columns'] as { name: string }[]).map((column) => column.name)).toEqual(
      columns.map((column) => column.name),
    );
    const types = new Set((view['columns'] as { type: string }[]).map(({ type }) => type));
    expect(
      [...types].filter((type) => !['varchar', 'bigint', 'boolean', 'date', 'decimal(38,12)'].includes(type)),
    ).toEqual([]);
  }
});

test('types are written as SQL knows them', () => {
  const columns = ['string', 'timestamp', 'decimal(38,12)', 'double'].map((type, i) => ({
    name: `c${i}`,
    type,
    doc: '',
  }));
  const { viewOriginalText = '' } = prestoView({ name: 'v', doc: '', columns, sql: '-- why\nselect 1' }, 'd');
  const view = JSON.parse(Buffer.from(viewOriginalText.slice(16, -3), 'base64').toString('utf8')) as {
    columns: { type: string }[];
  };
  expect(view.columns.map(({ type }) => type)).toEqual(['varchar', 'timestamp(3)', 'decimal(38,12)', 'double']);
});

test('every statement of the report and every sample query is a named query of people’s workgroup, described by its own comment', () => {
  const sqlFiles = (folder: string): [name: string, sql: string][] =>
    readdirSync(`${ROOT}${folder}`)
      .filter((file) => file.endsWith('.sql'))
      .map((file) => [file.replace(/\.sql$/, ''), readFileSync(`${ROOT}${folder}/${file}`, 'utf8')]);
  const samples = sqlFiles('docs/queries').map(([name, sql]) => [`sample-${name}`, sql] as const);
  const files = new Map([...sqlFiles('lib/report/queries'), ...samples]);
  const queries = ofType(app.report, 'AWS::Athena::NamedQuery');
  expect(queries.map(([, query]) => String(at(query, 'Name'))).toSorted()).toEqual([...files.keys()].toSorted());
  expect(samples).toHaveLength(20);
  for (const [, query] of queries) {
    const sql = files.get(String(at(query, 'Name'))) ?? '';
    expect(at(query, 'QueryString')).toBe(sql);
    expect(at(query, 'Database')).toBe('inference_ledger');
    expect(shown(at(query, 'WorkGroup'))).toBe('<inference-ledger-data:UsersWorkgroup>');
    expect(sql).toContain(`-- ${String(at(query, 'Description')).slice(0, 20)}`);
  }
});
