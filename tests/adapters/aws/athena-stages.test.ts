/**
 * Splitting a statement for an engine that puts named queries in place. That the parts give the same rows as the whole is shown here on
 * DuckDB with random statements, and on real Trino with the product's own in tests/parts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inStages } from '../../../lib/adapters/aws/athena-stages.ts';
import { readStatement } from '../../../lib/adapters/aws/sql-statement.ts';
import { openDuckDb } from '../../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../../lib/adapters/local/duckdb-engine.ts';
import { loadSealSql } from '../../../lib/adapters/local/sql-files.ts';

let engine: LocalSqlEngine;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-stages-'));
  engine = await openDuckDb(folder);
  await engine.table('t', { n: 'bigint' }, [[1], [2], [3]]);
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** Scans of tables after every named query stands in its place, counted by putting it there. */
function scansInPlace(sql: string): number {
  const { named, rest } = readStatement(sql);
  const scans = new Map<string, number>();
  const count = (text: string): number =>
    [...text.replace(/--[^\n]*/g, '').matchAll(/\b(?:from|join)\s+"?(\w+)"?/gi)].reduce(
      (sum, [, name]) => sum + (scans.get(name ?? '') ?? 1),
      0,
    );
  for (const { name, sql: text } of named) scans.set(name, count(text));
  return count(rest);
}

describe('the statements of the product', () => {
  test('are small enough for Athena, every part of them', async () => {
    const sql = await loadSealSql();
    expect(scansInPlace(sql.seal)).toBeGreaterThan(1_000_000);
    for (const [name, text] of Object.entries(sql)) {
      const { stages, last } = inStages(text);
      for (const part of [...stages.map((stage) => stage.sql), last])
        expect([name, scansInPlace(part) <= 64]).toEqual([name, true]);
      expect([name, stages.length <= 14]).toEqual([name, true]);
    }
  });

  test('stay whole where they are small', async () => {
    const { spendDaily, rejects } = await loadSealSql();
    for (const sql of [spendDaily, rejects]) expect(inStages(sql)).toEqual({ stages: [], last: sql });
  });

  test('name each stage before what reads it, and never read one that is not there', async () => {
    const { seal } = await loadSealSql();
    const { stages, last } = inStages(seal);
    const all = new Set(readStatement(seal).named.map(({ name }) => name));
    const done = new Set<string>();
    const missing: string[] = [];
    for (const { name, sql } of [...stages, { name: '', sql: last }]) {
      const own = new Set(readStatement(sql).named.map((query) => query.name));
      const read = [...sql.replace(/--[^\n]*/g, '').matchAll(/\b(?:from|join)\s+"?(\w+)"?/gi)].map(
        ([, one]) => one ?? '',
      );
      missing.push(...read.filter((one) => all.has(one) && !own.has(one) && !done.has(one)));
      done.add(name);
    }
    expect(missing).toEqual([]);
  });
});

/** A statement whose queries join earlier ones, often several times, so that in place it grows without bound. */
const statement = fc
  .array(fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 9 })
  .map((shape) => {
    const sources = (picks: readonly number[], before: number): string =>
      picks
        .map((pick) => (before === 0 ? 't' : pick >= before ? 't' : `q${pick}`))
        .map((name, i) => (i === 0 ? `from ${name} s0` : `join ${name} s${i} on s${i}.n = s0.n`))
        .join(' ');
    const named = shape.map((picks, i) => `q${i} as (select s0.n + ${i} - ${i} as n -- (\n ${sources(picks, i)})`);
    const last = shape.length - 1;
    return `with ${named.join(', ')} select s0.n, count(*) as c from q${last} s0 join q${last} s1 on s1.n = s0.n group by s0.n order by s0.n`;
  });

test('the parts give the rows of the whole', async () => {
  await fc.assert(
    fc.asyncProperty(statement, async (sql) => {
      const expected = await engine.query(sql);
      const { stages, last } = inStages(sql);
      for (const { name, sql: text } of stages) await engine.execute(`create or replace temp table ${name} as ${text}`);
      expect(await engine.query(last)).toEqual(expected);
      for (const { name } of stages) await engine.execute(`drop table ${name}`);
      expect(Math.max(...[...stages.map((stage) => stage.sql), last].map(scansInPlace))).toBeLessThanOrEqual(80);
    }),
    { numRuns: 60 },
  );
});

test('a query with a WITH list of its own can be a stage', async () => {
  const many = Array.from({ length: 12 }, (_, i) => (i === 0 ? 'from t s0' : `join t s${i} on s${i}.n = s0.n`)).join(
    ' ',
  );
  const sql = `with big as (with own as (select n from t) select s0.n ${many} join own on own.n = s0.n) select a.n from big a ${Array.from({ length: 5 }, (_, i) => `join big b${i} on b${i}.n = a.n`).join(' ')} order by a.n`;
  const { stages, last } = inStages(sql);
  expect(stages.map(({ name }) => name)).toEqual(['big']);
  await engine.execute(`create or replace temp table big as ${stages[0]?.sql ?? ''}`);
  const found = await engine.query(last);
  await engine.execute('drop table big');
  expect(found).toEqual(await engine.query(sql));
});
