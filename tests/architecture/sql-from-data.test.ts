/**
 * No SQL is made of data: every text that reaches an engine is followed back to what it is made of. Allowed are texts of ours, the product's `.sql`
 * files, names behind the gate of lib/sql-identifier.ts, and what is listed here with its reason. The planted files show that this can fail.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { sourceFiles } from './imports.ts';
import { sqlFromData } from './sql-flow.ts';
import type { Trusted } from './sql-flow.ts';

const TRUSTED: Trusted = {
  gates: {
    sqlIdentifier: 'the gate for names: [a-z0-9_=-] in quotes, or an error',
    sqlTable: 'two names, each through the gate',
    identifier: 'another name of sqlIdentifier',
    literal: 'a text in quotes with its quotes doubled: paths of the lake for DuckDB, parameters for Athena',
    typedLiteral: 'a day or a number, digit by digit in the form of its type, or no SQL at all',
    safePrefix: 'each folder of a prefix through the gate',
    trinoType: 'a type of lib/schema.ts in the spelling of Trino',
    duckType: 'a type of lib/schema.ts in the spelling of DuckDB',
    loadSqlFolder: 'the .sql files of the product',
  },
  members: {
    'SealSql.seal': 'a .sql file',
    'SealSql.sealWithoutBuckets': 'a .sql file',
    'SealSql.twinDays': 'a .sql file',
    'SealSql.spendDaily': 'a .sql file',
    'SealSql.promptFingerprints': 'a .sql file',
    'SealSql.rejects': 'a .sql file',
    'SealSql.sourceDays': 'a .sql file',
    'SealSql.reconciliation': 'a .sql file',
    'SealSql.documents': 'a .sql file',
    'CorpusCostsSources.historySql': 'a .sql file, followed where it is put there',
    'WatchSql.queries': '.sql files, followed where they are put there',
    'SimulatePorts.queries': '.sql files, followed where they are put there',
    'ReportWorld.queries': '.sql files, followed where they are put there',
    'Table.name': 'a table of lib/schema.ts',
    'SealRoundPorts.totalsSql': 'SQL of a round, followed where it is put there',
    'Chunk.sql': 'SQL of some days, followed where it is put there',
    'NamedTable.sql': 'the query of a table that an engine was told of, followed where it is put there',
    'NamedQuery.name': 'a name out of a WITH list, or of such a table, followed where it is put there',
    'NamedQuery.sql': 'a part of a statement, followed where it is put there',
    'Statement.named': 'parts of a statement, followed where they are put there',
    'Statement.rest': 'a part of a statement, followed where it is put there',
    'Stages.last': 'a part of a statement, followed where it is put there',
    'Plan.sql': 'the statement of a plan, followed where it is put there',
  },
  places: {
    'lambdas/seal.ts: worldNow()': 'its `queries` are the .sql files beside the bundle',
    "lib/adapters/aws/athena-query.ts: (Name ?? '').replaceAll('\"', '\"\"')":
      'a column as the statement itself calls it, in quotes with its quotes doubled',
    'lib/adapters/aws/athena-write.ts: bucket': 'the lake’s bucket, named by the deployment: S3 allows no quote in it',
    'lib/adapters/aws/athena-write.ts: root': 'the lake’s prefix in its bucket, which the product sets',
    "lib/adapters/aws/sql-statement.ts: (name[1] ?? name[2] ?? '').toLowerCase()":
      'a name that stood in SQL, without a quote in it, goes back between quotes',
    'lib/adapters/local/sql-files.ts: Promise.all(names.map(read))': 'the texts of .sql files of the product',
  },
};

const IMPORTS = `import type { SqlEngine, SqlRow } from './ports.ts';\nimport { sqlIdentifier } from './sql-identifier.ts';\n`;
/** A file each: SQL from data in every way we could think of. All have a caller with a row of the ledger. */
const PLANTED: Readonly<Record<string, string>> = {
  'a value in quotes':
    "export const ask = async (engine: SqlEngine, row: SqlRow) => await engine.query(`select 1 from usage where team = '${String(row['team'])}'`);",
  'a sum of texts':
    'export const ask = async (engine: SqlEngine, row: { team: string }) => await engine.query("select 1 from usage where team = \'" + row.team + "\'");',
  'a value with its quotes doubled by hand':
    "export const ask = async (engine: SqlEngine, row: { team: string }) => await engine.query(`select '${row.team.replaceAll(\"'\", \"''\")}'`);",
  'a name without the gate':
    'export const ask = async (engine: SqlEngine, row: { column: string }) => await engine.query(`select ${row.column} from usage`);',
  'a list':
    "export const ask = async (engine: SqlEngine, rows: { team: string }[]) => await engine.query(`select 1 from usage where team in ('${rows.map((row) => row.team).join(\"', '\")}')`);",
  'a helper two calls away': `
    const where = (team: string): string => \`where team = '\${team}'\`;
    const statement = (team: string): string => 'select 1 from usage ' + where(team);
    export const ask = async (engine: SqlEngine, row: { team: string }) => await engine.query(statement(row.team));`,
  'a parameter of an entrance': `
    export async function handler(event: string): Promise<void> { await run(event); }
    async function run(text: string): Promise<void> { await (await open()).execute(text); }
    declare function open(): Promise<SqlEngine>;`,
  'a text that grows': `
    export async function ask(engine: SqlEngine, row: { team: string }) {
      let sql = 'select 1 from usage';
      if (row.team !== '') sql += row.team;
      return await engine.query(sql);
    }`,
  'a list that grows': `
    export async function ask(engine: SqlEngine, rows: { team: string }[]) {
      const parts: string[] = [];
      for (const { team } of rows) parts.push(team);
      return await engine.write(parts.join(' or '), 'v1/', []);
    }`,
  'a field of a request':
    'export const request = (row: { team: string }) => ({ QueryString: `select 1 from ${row.team}`, WorkGroup: row.team });',
  'a text like SQL that goes nowhere we know':
    "export const sql = (row: { team: string }) => `select * from usage where team = '${row.team}'`;",
};
const HARMLESS: Readonly<Record<string, string>> = {
  'a parameter':
    "export const ask = async (engine: SqlEngine, row: { team: string }) => await engine.query('select 1 from usage where team = ?', [row.team]);",
  'a name behind the gate':
    'export const ask = async (engine: SqlEngine, row: { column: string }) => await engine.query(`select ${sqlIdentifier(row.column)} from usage limit ${3 + 4}`);',
  'texts of ours': `
    const COLUMNS = ['day', 'team'];
    const list = (names: readonly string[]): string => names.map((name) => \`sum(\${name})\`).join(', ');
    export const ask = async (engine: SqlEngine) => await engine.query(\`select \${list(COLUMNS)} from usage\`);`,
};
const pathOf = (name: string): string => `lib/planted-${name.replaceAll(' ', '-')}.ts`;

let flow: ReturnType<typeof sqlFromData>;
const foundIn = (path: string): string[] => flow.found.filter((one) => one.startsWith(`${path}:`));

beforeAll(() => {
  const files = ['lib', 'lambdas', 'bin'].flatMap(sourceFiles).filter((path) => !path.startsWith('lib/infra/'));
  const planted = Object.entries({ ...PLANTED, ...HARMLESS });
  flow = sqlFromData(files, TRUSTED, Object.fromEntries(planted.map(([name, text]) => [pathOf(name), IMPORTS + text])));
}, 120_000);

test('no SQL of the product is made of data', () => {
  expect(flow.found.filter((one) => !one.startsWith('lib/planted-'))).toEqual([]);
  // what engines take, and what is kept for them; fewer would mean that this test no longer sees them
  expect(flow.entrances).toBeGreaterThan(40);
});

test('everything on the list is needed', () => {
  const listed = Object.values(TRUSTED).flatMap((list: Trusted[keyof Trusted]) => Object.keys(list));
  expect(listed.filter((one) => !flow.used.has(one))).toEqual([]);
});

describe('finds', () => {
  test.each(Object.keys(PLANTED))('%s', (name) => {
    expect(foundIn(pathOf(name))).not.toEqual([]);
  });
});

describe('lets through', () => {
  test.each(Object.keys(HARMLESS))('%s', (name) => {
    expect(foundIn(pathOf(name))).toEqual([]);
  });
});
