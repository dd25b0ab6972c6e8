/** What is worth reading once into a copy, and which columns the copy needs. */
import { describe, expect, test } from 'vitest';
import { toGather } from '../../../lib/adapters/aws/athena-gather.ts';
import type { NamedTable } from '../../../lib/adapters/aws/named-tables.ts';
import { inStages } from '../../../lib/adapters/aws/athena-stages.ts';
import { loadSealSql } from '../../../lib/adapters/local/sql-files.ts';
import { LANDING_COLUMNS, landingTypes } from '../../../lib/write/landing-row.ts';

const table = (objects: number, columns: readonly string[] = ['id', 'day', 'amount']): NamedTable => ({
  sql: 'select 1',
  content: 'c',
  columns,
  objects,
});
const THREE_READS = ['select id from t', 'select a.day from t a join t b on b.id = a.id'];
const columnsOf = (parts: readonly string[], name = 't', own = table(17)): readonly string[] | undefined =>
  toGather(parts, new Map([[name, own]])).get(name);

describe('a table is copied', () => {
  test('when it is many objects and read three times', () => {
    expect(columnsOf(THREE_READS)).toEqual(['"id"', '"day"']);
    expect(columnsOf(THREE_READS, 't', table(16))).toBeUndefined();
    expect(columnsOf(['select id from t', 'select day from t'])).toBeUndefined();
  });

  test('not for names that only look like it', () => {
    expect(columnsOf(['select id from tt join t_2 on true', "select 't' from other -- t t t"])).toBeUndefined();
  });
});

describe('a copy has', () => {
  test('the columns whose names stand anywhere, behind an alias or in quotes', () => {
    expect(columnsOf([...THREE_READS, 'select max(t."amount") from t'])).toEqual(['"id"', '"day"', '"amount"']);
  });

  test.each([
    'select * from t',
    'select distinct * from t',
    'select a.* from t a',
    'select a.id, a.* from t a',
    'select id, * from t',
  ])('all columns for %s', (part) => {
    expect(columnsOf([...THREE_READS, part])).toHaveLength(3);
  });

  test('no more for a star that counts or multiplies, or stands in a comment', () => {
    const parts = ['select count(*) from t', 'select 2 * 3 as day from t -- select * from t', 'select id from t'];
    expect(columnsOf(parts)).toEqual(['"id"', '"day"']);
  });

  test('one column where only rows are counted', () => {
    expect(columnsOf(['select count(*) from t a join t b on true', 'select count(*) from t'])).toEqual(['"id"']);
  });
});

test('sealing reads landing once when it is many objects, whole; days of twins take only what they compare', async () => {
  const sql = await loadSealSql();
  const landing = Object.keys(landingTypes(LANDING_COLUMNS, 'day'));
  const named = new Map([
    ['landing', table(500, landing)],
    ['commits', table(1, ['commit_id'])],
  ]);
  const gatheredBy = (text: string): readonly string[] | undefined => {
    const { stages, last } = inStages(text);
    const found = toGather([...stages.map((stage) => stage.sql), last], named);
    expect([...found.keys()]).toEqual(['landing']);
    return found.get('landing');
  };
  expect(gatheredBy(sql.seal)).toHaveLength(landing.length);
  expect(gatheredBy(sql.sealWithoutBuckets)).toHaveLength(landing.length);
  expect(gatheredBy(sql.twinDays)?.length).toBeLessThan(20);
});
