/** What goes to Athena when data is hostile: values as parameters beside the statement, texts of tables in objects, names through the gate. */
import { StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import type { AthenaClient } from '@aws-sdk/client-athena';
import type { GlueClient } from '@aws-sdk/client-glue';
import { expect, test } from 'vitest';
import { createAthenaEngine } from '../../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../../lib/adapters/aws/athena-engine.ts';
import { sqlIdentifier, sqlTable } from '../../../lib/sql-identifier.ts';
import { HOSTILE_NAMES } from '../../fixtures/hostile-names.ts';
import { createMemoryStore } from '../../fixtures/memory-store.ts';

/** Everything that is sent to Athena and Glue, as JSON; every statement ends at once, without rows. */
function recordedEngine(): { engine: AthenaEngine; started: StartQueryExecutionCommand[]; sent: string[] } {
  const started: StartQueryExecutionCommand[] = [];
  const sent: string[] = [];
  const send = async (command: object & { input?: object }): Promise<object> => {
    sent.push(JSON.stringify(command.input));
    if (command instanceof StartQueryExecutionCommand) started.push(command);
    return await Promise.resolve({
      QueryExecutionId: 'id',
      QueryExecution: { Status: { State: 'SUCCEEDED' } },
      ResultSet: { Rows: [{ Data: [] }], ResultSetMetadata: { ColumnInfo: [] } },
    });
  };
  const client = { send } as unknown as AthenaClient & GlueClient;
  const memory = createMemoryStore();
  const readRange = async (key: string, from: number, to: number): Promise<Uint8Array> =>
    (await memory.read(key))?.subarray(from, to) ?? new Uint8Array();
  const engine = createAthenaEngine({
    athena: client,
    glue: client,
    store: { ...memory, readRange },
    bucket: 'lake',
    workgroup: 'engine',
    database: 'ledger',
    workDatabase: 'ledger_work',
  });
  return { engine, started, sent };
}

/** Names that are not also plain words: these could be found anywhere. */
const TELLING = HOSTILE_NAMES.filter((name) => !/^[\w.-]{0,12}$/.test(name) && name.length > 2);

test('rows of a table are in its object alone: no statement and no definition holds a part of them', async () => {
  const { engine, started, sent } = recordedEngine();
  await engine.table(
    'names',
    { name: 'string', tags: 'map<string,string>' },
    HOSTILE_NAMES.map((name) => [name, JSON.stringify({ [name]: name })]),
  );
  await engine.query('select name, tags from names');
  expect(TELLING.length).toBeGreaterThan(25);
  for (const name of TELLING) {
    const written = JSON.stringify(name).slice(1, -1);
    expect(sent.filter((text) => text.includes(written))).toEqual([]);
  }
  expect(started.map(({ input }) => input.QueryString)).toEqual([
    expect.stringMatching(
      /^with\n"names" as \(select "name" as "name", cast\(json_parse\("tags"\) as map\(varchar, varchar\)\) as "tags" from "ledger_work"\."w_[0-9a-f]+_0_names"\n\)\nselect name, tags from names$/,
    ),
  ]);
});

test('days and numbers stand in the statement, and anything else in their columns does not', async () => {
  const { engine, started, sent } = recordedEngine();
  await engine.table('period', { first_day: 'date', last_day: 'date' }, [['2026-11-01', '2026-11-30']]);
  await engine.query('select 1 from usage where day >= (select first_day from period)');
  expect(sent).toHaveLength(3);
  expect(started.map(({ input }) => input.QueryString)).toEqual([
    'with\n"period" as (select * from (values (date \'2026-11-01\', date \'2026-11-30\')) as v("first_day", "last_day")\n)\n' +
      'select 1 from usage where day >= (select first_day from period)',
  ]);
  for (const type of ['date', 'bigint', 'double'])
    for (const name of [...TELLING, ...TELLING.map((one) => `2026-11-01${one}`), "1'), (date '2026-11-01"]) {
      await engine.table('period', { n: 'bigint', value: type }, [[1, name]]);
      await engine.query('select value from period');
      const written = JSON.stringify(name).slice(1, -1);
      expect(sent.filter((text) => text.includes(written))).toEqual([]);
      expect(started.at(-1)?.input.QueryString).toContain('from "ledger_work"."w_');
    }
});

test('keys of files are in a manifest alone', async () => {
  const { engine, sent } = recordedEngine();
  const keys = TELLING.filter((name) => name.length < 200).map((name) => `landing/${name}/x.parquet`);
  await engine.files('landing', { team: 'string' }, keys);
  await engine.query('select team from landing');
  for (const key of keys) expect(sent.filter((text) => text.includes(JSON.stringify(key).slice(1, -1)))).toEqual([]);
});

test('values of a statement go beside it', async () => {
  const { engine, started } = recordedEngine();
  const names = HOSTILE_NAMES.filter((name) => name.length < 1000);
  for (const name of names) await engine.query('select 1 from usage where team = ?', [name]);
  expect(new Set(started.map(({ input }) => input.QueryString))).toEqual(
    new Set(['select 1 from usage where team = ?']),
  );
  expect(started.map(({ input }) => input.ExecutionParameters)).toEqual(
    names.map((name) => [`'${name.split("'").join("''")}'`]),
  );
});

test('a name passes the gate as it is, in quotes, or not at all', () => {
  const signs = new Set('abcdefghijklmnopqrstuvwxyz0123456789_=-');
  const isPlain = (name: string): boolean => Array.from(name).every((sign) => signs.has(sign));
  const plain = HOSTILE_NAMES.filter(isPlain);
  const others = HOSTILE_NAMES.filter((name) => !isPlain(name));
  expect(plain.length).toBeGreaterThan(4);
  expect(plain.map(sqlIdentifier)).toEqual(plain.map((name) => `"${name}"`));
  for (const name of others) expect(() => sqlIdentifier(name)).toThrow('not a usable identifier');
  expect(() => sqlIdentifier('')).toThrow('not a usable identifier');
  expect(() => sqlIdentifier('a\n')).toThrow('not a usable identifier');
  expect(sqlTable('ledger_work', 'w_1')).toBe('"ledger_work"."w_1"');
  expect(() => sqlTable('ledger_work', 'w"; drop table usage; --')).toThrow('not a usable identifier');
});

test.each(['names"; --', 'Names', 'a b', ''])('a table or column named %j is refused', async (name) => {
  const { engine } = recordedEngine();
  await expect(engine.table(name, { n: 'bigint' }, [[1]])).rejects.toThrow('not a usable identifier');
  await expect(engine.table('t', { [name]: 'bigint' }, [[1]])).rejects.toThrow('not a usable identifier');
  await expect(engine.files(name, { n: 'bigint' }, [])).rejects.toThrow('not a usable identifier');
});
