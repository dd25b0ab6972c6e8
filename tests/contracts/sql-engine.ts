/** What every SQL engine must do. */
import { expect, test } from 'vitest';
import { LedgerError } from '../../lib/errors.ts';
import type { SqlEngine } from '../../lib/ports.ts';

export function sqlEngineContract(create: () => Promise<SqlEngine>): void {
  test('a small table keeps types, nulls and hostile text', async () => {
    const engine = await create();
    const hostile = `'; drop table x; -- "quoted" é漢🙂\u202e`;
    await engine.table(
      't',
      { name: 'string', n: 'bigint', cost: 'decimal(38,12)', day: 'date', at: 'timestamp', ok: 'boolean' },
      [
        [
          hostile,
          9_007_199_254_740_993n,
          '12345678901234567890.123456789012',
          '2026-11-01',
          '2026-11-01 01:02:03.004',
          true,
        ],
        [null, null, null, null, null, null],
      ],
    );
    expect(await engine.query('select * from t order by n')).toEqual([
      {
        name: hostile,
        n: '9007199254740993',
        cost: '12345678901234567890.123456789012',
        day: '2026-11-01',
        at: '2026-11-01 01:02:03.004',
        ok: true,
      },
      { name: null, n: null, cost: null, day: null, at: null, ok: null },
    ]);
  });

  test('a table of days and numbers alone keeps types and nulls', async () => {
    const engine = await create();
    await engine.table('days', { day: 'date', n: 'bigint', share: 'double' }, [
      ['2026-11-02', -9_223_372_036_854_775_808n, 1e-7],
      ['0001-01-01', '9223372036854775807', -0.1],
      ['9999-12-31', 0, 1.5e300],
      [null, null, null],
    ]);
    expect(await engine.query('select * from days order by day nulls last')).toEqual([
      { day: '0001-01-01', n: '9223372036854775807', share: -0.1 },
      { day: '2026-11-02', n: '-9223372036854775808', share: 1e-7 },
      { day: '9999-12-31', n: '0', share: 1.5e300 },
      { day: null, n: null, share: null },
    ]);
    await engine.table('unknown', { day: 'date', n: 'bigint' }, [[null, null]]);
    const [row] = await engine.query(
      "select coalesce(day, date '2026-11-01') as day, coalesce(n, 9223372036854775807) as n from unknown",
    );
    expect(row).toEqual({ day: '2026-11-01', n: '9223372036854775807' });
  });

  test('a name is what the statement itself calls so, else a table', async () => {
    const engine = await create();
    for (const columns of [{ n: 'bigint' }, { n: 'bigint', note: 'string' }]) {
      await engine.table('period', columns, [[1, 'a'].slice(0, Object.keys(columns).length)]);
      expect(await engine.query('select n from period')).toEqual([{ n: '1' }]);
      expect(await engine.query('with period as (select cast(2 as bigint) as n) select n from period')).toEqual([
        { n: '2' },
      ]);
      expect(
        await engine.query(
          'select p.n, (with period as (select cast(3 as bigint) as n) select n from period) as own from period p',
        ),
      ).toEqual([{ n: '1', own: '3' }]);
    }
  });

  test('registering a table again replaces it', async () => {
    const engine = await create();
    await engine.table('again', { n: 'bigint' }, [[1]]);
    await engine.table('again', { n: 'bigint' }, []);
    expect(await engine.query('select count(*) as n from again')).toEqual([{ n: '0' }]);
  });

  test('writes one SELECT as partitioned Parquet and reads it back by its keys', async () => {
    const engine = await create();
    await engine.table('src', { v: 'bigint', kind: 'string', day: 'date' }, [
      [1, 'usage', '2026-11-01'],
      [2, 'usage', '2026-11-02'],
      [3, 'excluded', '2026-11-01'],
    ]);
    const files = await engine.write('select v, kind, day from src', 'v1/sealed/g=x1/', ['kind', 'day']);
    expect(
      files
        .map((f) => [f.partition['kind'], f.partition['day'], f.rows])
        .toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
    ).toEqual([
      ['excluded', '2026-11-01', 1],
      ['usage', '2026-11-01', 1],
      ['usage', '2026-11-02', 1],
    ]);
    const usage = files.filter((f) => f.partition['kind'] === 'usage').map((f) => f.key);
    await engine.files('u', { v: 'bigint', day: 'date' }, usage);
    expect(await engine.query('select v, day from u order by v')).toEqual([
      { v: '1', day: '2026-11-01' },
      { v: '2', day: '2026-11-02' },
    ]);
  });

  test('a table of no files is empty and has its columns', async () => {
    const engine = await create();
    await engine.files('none', { a: 'string', b: 'array<bigint>', c: 'map<string,string>', day: 'date' }, []);
    expect(await engine.query('select a, b, c, day from none')).toEqual([]);
  });

  test('a reset engine has no tables and works on', async () => {
    const engine = await create();
    await engine.table('before', { n: 'bigint' }, [[1]]);
    await engine.reset();
    await expect(engine.query('select n from before')).rejects.toThrow(LedgerError);
    expect(await engine.query('select 1 as n')).toEqual([{ n: 1 }]);
  });

  test('values are parameters', async () => {
    const engine = await create();
    expect(await engine.query('select cast(? as varchar) as a, cast(? as bigint) as b', [`it's`, 7])).toEqual([
      { a: `it's`, b: '7' },
    ]);
  });

  test('plain values come in one form', async () => {
    const engine = await create();
    const [row] =
      await engine.query(`select cast(1 as integer) as n, cast(1.5 as double) as d, true as ok, cast(null as bigint) as nothing,
      cast('2026-11-01 01:02:03.040' as timestamp) as t, cast('2026-11-01 10:20:30' as timestamp) as whole, cast('2026-11-01' as date) as day,
      cast(12 as decimal(18,12)) as money, cast(7 as bigint) as big, count(*) as rows_counted, 'x' || cast(1 as varchar) as text`);
    expect(row).toEqual({
      n: 1,
      d: 1.5,
      ok: true,
      nothing: null,
      t: '2026-11-01 01:02:03.04',
      whole: '2026-11-01 10:20:30',
      day: '2026-11-01',
      money: '12.000000000000',
      big: '7',
      rows_counted: '1',
      text: 'x1',
    });
  });

  test('lists and maps come back as they went in, in the order that was asked for', async () => {
    const engine = await create();
    const tags = { 'a, b': 'c=d}', '{x': '"q"', plain: '' };
    await engine.table(
      'nested',
      { id: 'bigint', tags: 'map<string,string>', names: 'array<string>', blocks: 'array<bigint>' },
      [
        [1, JSON.stringify(tags), ['p, q', '[r]', 'é漢'], ['-9223372036854775808', '7']],
        [2, '{}', [], []],
        [3, null, null, null],
        [4, '{"k":"v"}', ['same'], ['1']],
        [4, '{"k":"v"}', ['same'], ['1']],
      ],
    );
    const twin = { id: '4', tags: { k: 'v' }, names: ['same'], blocks: ['1'] };
    expect(await engine.query('select * from nested order by id desc')).toEqual([
      twin,
      twin,
      { id: '3', tags: null, names: null, blocks: null },
      { id: '2', tags: {}, names: [], blocks: [] },
      { id: '1', tags, names: ['p, q', '[r]', 'é漢'], blocks: ['-9223372036854775808', '7'] },
    ]);
    expect(await engine.query('select * from nested where id = ? order by id', [2])).toEqual([
      { id: '2', tags: {}, names: [], blocks: [] },
    ]);
  });

  test('a table of many rows comes back whole', async () => {
    const engine = await create();
    const rows = Array.from({ length: 2500 }, (_, i) => [i]);
    await engine.table('many', { n: 'bigint' }, rows);
    const found = await engine.query('select n from many order by n');
    expect(found.map(({ n }) => Number(n))).toEqual(rows.map(([n]) => n));
  });

  test('only the files that are named are read, whatever lies beside them', async () => {
    const engine = await create();
    await engine.table('src', { v: 'bigint', day: 'date' }, [[1, '2026-11-01']]);
    const [one] = await engine.write('select v, day from src', 'v1/sealed/g=n1/', ['day']);
    await engine.table('src', { v: 'bigint', day: 'date' }, [[2, '2026-11-01']]);
    const [two] = await engine.write('select v, day from src', 'v1/sealed/g=n2/', ['day']);
    await engine.files('pair', { v: 'bigint', day: 'date' }, [one?.key ?? '', two?.key ?? '']);
    expect(await engine.query('select v, day from pair order by v')).toEqual([
      { v: '1', day: '2026-11-01' },
      { v: '2', day: '2026-11-01' },
    ]);
    await engine.files('pair', { v: 'bigint', day: 'date' }, [two?.key ?? '']);
    expect(await engine.query('select v from pair')).toEqual([{ v: '2' }]);
  });

  test('a statement of many named queries, each read several times by the next, is still answered', async () => {
    const engine = await create();
    await engine.table('seed', { n: 'bigint' }, [[1], [2]]);
    const named = Array.from({ length: 5 }, (_, i) => {
      const from = i === 0 ? 'seed' : `q${i - 1}`;
      return `q${i} as (select a.n from ${from} a join ${from} b on b.n = a.n join ${from} c on c.n = a.n)`;
    });
    const sql = `with ${named.join(', ')} select n from q4 order by n`;
    expect(await engine.query(sql)).toEqual([{ n: '1' }, { n: '2' }]);
    const files = await engine.write(`with ${named.join(', ')} select n from q4`, 'v1/sealed/g=deep/', []);
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(2);
  });

  test('writing nothing gives no rows', async () => {
    const engine = await create();
    await engine.table('empty', { v: 'bigint', day: 'date' }, []);
    const files = await engine.write('select v, day from empty', 'v1/sealed/g=empty/', ['day']);
    expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(0);
  });

  test('wrong SQL fails with the engine’s own explanation; a name that is no identifier is refused', async () => {
    const engine = await create();
    await expect(engine.query('select nonsense from nowhere')).rejects.toThrow(LedgerError);
    await expect(engine.table('x"; drop table y; --', { a: 'string' }, [])).rejects.toThrow(/identifier/);
  });

  test('sums of money are exact and decimals do not overflow silently', async () => {
    const engine = await create();
    await engine.table(
      'money',
      { cost: 'decimal(18,12)' },
      Array.from({ length: 1000 }, () => ['0.000000000001']),
    );
    expect(await engine.query('select cast(sum(cost) as decimal(38,12)) as total from money')).toEqual([
      { total: '0.000000001000' },
    ]);
  });
}
