/** docs/costs.md cannot rot: its tables are reckoned again, its counts are those of the synthesized stacks, its settings those of the config. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { METRICS } from '../../lib/metrics.ts';
import { ROOT } from '../architecture/imports.ts';
import { amountOf, digitsOf, formulaIn, reckon, tableOf } from './cost-formulas.ts';
import { SYNTH_MS, allResources, at, ofType, synthesized } from './synthesized.ts';
import type { Synthesized } from './synthesized.ts';

const page = readFileSync(`${ROOT}docs/costs.md`, 'utf8');
const inputs = tableOf(page, 'name', 'what', 'basis');
const parts = tableOf(page, 'part', 'how many', 'price');
const LOADS = [0, 1, 2, 3];

/** The values of one load, those that are computed reckoned from the others. */
function valuesOf(load: number): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [name = '', what = '', , ...cells] of inputs) {
    const formula = formulaIn(what);
    values[name] = formula === null ? amountOf(cells[load] ?? '') : reckon(formula, values);
  }
  return values;
}

describe('the inputs', () => {
  test('say of each number what stands behind it, and have formulas where they are computed', () => {
    expect(inputs.length).toBeGreaterThan(25);
    for (const [name, what = '', basis = '', ...cells] of inputs) {
      expect([name, ['assumed', 'set', 'counted', 'measured', 'computed'].includes(basis)]).toEqual([name, true]);
      expect([name, formulaIn(what) !== null]).toEqual([name, basis === 'computed']);
      expect(cells).toHaveLength(LOADS.length);
    }
  });

  test.each(LOADS)('come to what is printed, load %i', (load) => {
    const values = valuesOf(load);
    const computed = inputs.filter(([, , basis]) => basis === 'computed');
    expect(computed.map((row) => [row[0], row[3 + load]])).toEqual(
      computed.map(([name = '']) => [name, Math.round(values[name] ?? Number.NaN).toLocaleString('en-US')]),
    );
  });
});

describe('what is counted and set', () => {
  let app: Synthesized;
  beforeAll(async () => {
    app = await synthesized();
  }, SYNTH_MS);

  const functions = (): ReturnType<typeof ofType> =>
    [app.pipeline, app.report].flatMap((stack) => ofType(stack, 'AWS::Lambda::Function'));
  const memory = (name: string): unknown => at(functions().find(([id]) => id.startsWith(name))?.[1], 'MemorySize');

  /** An alarm over a formula watches several metrics, and each is billed. */
  const watched = (): number =>
    ofType(app.report, 'AWS::CloudWatch::Alarm').reduce((sum, [, alarm]) => {
      const queries = at(alarm, 'Metrics') as { MetricStat?: object }[] | undefined;
      return sum + (queries?.filter((query) => query.MetricStat !== undefined).length ?? 1);
    }, 0);

  test('is what the stacks hold', () => {
    const counted: Record<string, unknown> = {
      M: memory('Ingest'),
      Ms: memory('Seal'),
      Md: memory('Documents'),
      Na: watched(),
      Nm: Object.keys(METRICS).length,
      Nk: allResources(app).filter(([, { Type }]) => Type === 'AWS::SecretsManager::Secret').length,
      Mw: memory('SimulateWeek'),
      Mr: memory('ReportWeek'),
    };
    const rows = inputs.filter(([, , basis]) => basis === 'counted');
    expect(rows.map(([name]) => name)).toEqual(Object.keys(counted));
    for (const [name = '', , , ...cells] of rows)
      for (const cell of cells) expect([name, amountOf(cell)]).toEqual([name, counted[name]]);
  });

  test('is what the config says where nothing is set, in the first and third load', () => {
    const mapping = app.pipeline.Resources['IngestFromQueue'];
    const set: Record<string, unknown> = {
      W: at(mapping, 'MaximumBatchingWindowInSeconds'),
      C: at(mapping, 'ScalingConfig', 'MaximumConcurrency'),
      E: DEFAULT_CONFIG.aws.seal.every_minutes,
      D: DEFAULT_CONFIG.keep.landing_days,
    };
    const rows = inputs.filter(([, , basis]) => basis === 'set');
    expect(rows.map(([name]) => name)).toEqual(Object.keys(set));
    for (const [name = '', , , first = '', , third = ''] of rows)
      expect([name, amountOf(first), amountOf(third)]).toEqual([name, set[name], set[name]]);
  });

  test('holds nothing that costs and is not in the table', () => {
    const types = new Set(allResources(app).map(([, { Type }]) => Type));
    const costly = /^AWS::(EC2|RDS|ElastiCache|OpenSearch|Redshift|DynamoDB|ECS|EKS|KMS|Kinesis|VpcLattice)/;
    expect([...types].filter((type) => costly.test(type))).toEqual([]);
    expect(allResources(app).filter(([, { Type }]) => Type === 'AWS::Lambda::Function')).toHaveLength(7);
  });
});

describe('the sums', () => {
  const rows = parts.filter(([part]) => part !== '**sum**');
  const sums = parts.find(([part]) => part === '**sum**') ?? [];

  test.each(LOADS)('are those of the formulas, load %i', (load) => {
    const values = valuesOf(load);
    let total = 0;
    const printed = rows.map((row) => [row[0], row[4 + load]]);
    const expected = rows.map(([part, many = '', price = '']) => {
      const cost = reckon(formulaIn(many) ?? '', values) * reckon(formulaIn(price) ?? '', {});
      total += cost;
      return [part, cost.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })];
    });
    expect(printed).toEqual(expected);
    expect(digitsOf(sums[4 + load] ?? '')).toBe(2);
    expect(Math.abs(amountOf(sums[4 + load] ?? '') - total)).toBeLessThan(0.005 * (rows.length + 1));
  });
});

describe('the reckoner', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3 - 4 / 2', 7],
    ['min(F, 4 * 86400 / 30) + max(0.5, 1e-3)', 10.5],
    ['2e3 - 1.5', 1998.5],
    ['8 / 4 / 2', 1],
  ])('%s is %d', (formula, expected) => {
    expect(reckon(formula, { F: 10 })).toBe(expected);
  });

  test.each(['1 +', 'F * G', '2 ^ 3', '(1', '1 2', 'min(1)', ''])('refuses %j', (formula) => {
    expect(() => reckon(formula, { F: 1 })).toThrow(formula);
  });

  test('refuses an amount that is none, and a table that is not there', () => {
    for (const text of ['', 'about 5', '1,44', '-']) expect(() => amountOf(text)).toThrow('is no amount');
    expect(amountOf('1,440.25')).toBe(1440.25);
    expect(() => tableOf(page, 'nothing')).toThrow('there is no table');
  });
});
