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
