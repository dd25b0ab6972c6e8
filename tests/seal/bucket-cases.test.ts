/** Cases of buckets whose rows are worked out by hand: scopes, windows, groupings, midnight, accounts, evidence. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask, land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';
import type { RowSpec } from '../fixtures/ledger-rows.ts';

let lake: TestLake;
beforeEach(async () => {
  lake = await openTestLake();
});
afterEach(async () => {
  await lake.close();
});

const HOUR = '99996399';
const DAY = '99913599';
/** A bucket of one window; the report is grouped by `by`. */
const bucket = (
  id: string,
  at: string,
  input: number,
  more: Partial<RowSpec> = {},
  by = 'model',
  width = DAY,
): RowSpec => ({
  id,
  at,
  class: 'buckets',
  ...more,
  record: {
    inputTokens: input,
    outputTokens: 0,
    calls: 1,
    bucketGrouping: `${String(by.split(',').length).padStart(2, '0')} ${width} test: ${by}`,
    ...more.record,
  },
});
const call = (id: string, at: string, input: number, more: Partial<RowSpec> = {}): RowSpec => ({
  id,
  at,
  ...more,
  record: { inputTokens: input, outputTokens: 0, ...more.record },
});
const rows = (columns: string, table = 'usage') => ask(lake, `select ${columns} from ${table} order by record_id, day`);

test('a call covers its own project’s bucket, and only what that lacks another’s', async () => {
  await land(lake, {
    'report.json': [
      bucket('b1', '2026-11-02T00:00:00Z', 100, { project: 'p1' }, 'model,project_id'),
      bucket('b2', '2026-11-02T00:00:00Z', 100, { project: 'p2' }, 'model,project_id'),
    ],
    'log.jsonl': [call('c1', '2026-11-02T09:00:00Z', 60, { project: 'p2' }), call('c2', '2026-11-02T09:00:00Z', 70)],
  });
  await sealAll(lake);
  // c1 takes 60 of p2; c2 knows no project: 70 of what is left, p1 first
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'b1', input_tokens: '30' },
    { record_id: 'b2', input_tokens: '40' },
    { record_id: 'c1', input_tokens: '60' },
    { record_id: 'c2', input_tokens: '70' },
  ]);
});

test('a batch call covers the batch bucket, at half the price, and not the standard one', async () => {
  const tier = { tier: 'batch' as const };
  await land(lake, {
    'report.json': [
      bucket('b1', '2026-11-02T00:00:00Z', 100, {}, 'model,service_tier'),
      bucket('b2', '2026-11-02T00:00:00Z', 100, { rates: [0.5, 5], record: tier }, 'model,service_tier'),
    ],
    'log.jsonl': [call('c1', '2026-11-02T09:00:00Z', 60, { rates: [0.5, 5], record: { ...tier, inputTokens: 60 } })],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens, cost')).toEqual([
    { record_id: 'b1', input_tokens: '100', cost: '0.000100000000' },
    { record_id: 'b2', input_tokens: '40', cost: '0.000020000000' },
    { record_id: 'c1', input_tokens: '60', cost: '0.000030000000' },
  ]);
});

test('an hourly report keeps the hours that the calls do not cover', async () => {
  await land(lake, {
    'report.json': [
      bucket('h09', '2026-11-02T09:00:00Z', 100, {}, 'model', HOUR),
      bucket('h10', '2026-11-02T10:00:00Z', 100, {}, 'model', HOUR),
    ],
    'log.jsonl': [call('c1', '2026-11-02T10:59:59Z', 90)],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'c1', input_tokens: '90' },
    { record_id: 'h09', input_tokens: '100' },
    { record_id: 'h10', input_tokens: '10' },
  ]);
});

test('a page whose rows lack a dimension counts beside the report’s other pages; another grouping of one window does not', async () => {
  await land(lake, {
    'page-1.json': [bucket('h09', '2026-11-02T09:00:00Z', 100, {}, 'model', HOUR)],
    'page-2.json': [
      bucket('h10a', '2026-11-02T10:00:00Z', 40, { project: 'p1' }, 'model,project_id', HOUR),
      bucket('h10b', '2026-11-02T10:00:00Z', 60, { project: 'p2' }, 'model,project_id', HOUR),
    ],
    'other.json': [bucket('h10', '2026-11-02T10:00:00Z', 100, {}, 'model', HOUR)],
    'daily.json': [bucket('day', '2026-11-02T00:00:00Z', 200)],
  });
  await sealAll(lake);
  expect(await rows('record_id')).toEqual([{ record_id: 'h09' }, { record_id: 'h10a' }, { record_id: 'h10b' }]);
  expect(await rows('record_id, excluded_reason', 'usage_excluded')).toEqual([
    { record_id: 'day', excluded_reason: 'other_grouping' },
    { record_id: 'h10', excluded_reason: 'other_grouping' },
  ]);
});

test('calls stamped before midnight whose bucket is the next day’s are set against that day; what no day holds is kept', async () => {
  await land(lake, {
    'report.json': [
      bucket('d2', '2026-11-02T00:00:00Z', 100),
      bucket('d3', '2026-11-03T00:00:00Z', 100),
      bucket('d4', '2026-11-04T00:00:00Z', 100),
    ],
    'log.jsonl': [
      call('c2', '2026-11-02T12:00:00Z', 100),
      call('c3', '2026-11-03T23:59:59Z', 130),
      call('c4', '2026-11-04T12:00:00Z', 60),
    ],
  });
  await sealAll(lake);
  // day 3 shows 30 too many: none left of day 2, 30 of the 40 left of day 4
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'c2', input_tokens: '100' },
    { record_id: 'c3', input_tokens: '130' },
    { record_id: 'c4', input_tokens: '60' },
    { record_id: 'd4', input_tokens: '10' },
  ]);
});

test('a call that arrives later moves the remainder of the day beside its own', async () => {
  await land(lake, {
    'report.json': [bucket('d2', '2026-11-02T00:00:00Z', 100), bucket('d3', '2026-11-03T00:00:00Z', 100)],
    'log.jsonl': [call('c2', '2026-11-02T12:00:00Z', 100)],
  });
  await sealAll(lake);
  await land(lake, { 'late.jsonl': [call('late', '2026-11-02T23:59:00Z', 25)] });
  expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03']);
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'c2', input_tokens: '100' },
    { record_id: 'd3', input_tokens: '75' },
    { record_id: 'late', input_tokens: '25' },
  ]);
});

test('two accounts by config: nothing is subtracted across; a source without one stands apart', async () => {
  await land(lake, {
    'report.json': [bucket('b', '2026-11-02T00:00:00Z', 100, { account: 'A' })],
    'log.jsonl': [
      call('c1', '2026-11-02T09:00:00Z', 30, { account: 'B' }),
      call('c2', '2026-11-02T09:00:00Z', 40),
      call('c3', '2026-11-02T09:00:00Z', 20, { account: 'A' }),
    ],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'b', input_tokens: '80' },
    { record_id: 'c1', input_tokens: '30' },
    { record_id: 'c2', input_tokens: '40' },
    { record_id: 'c3', input_tokens: '20' },
  ]);
});

test('where a provider shows one account only, a source without an account is of that one', async () => {
  await land(lake, {
    'report.json': [bucket('b', '2026-11-02T00:00:00Z', 100, { account: 'A' })],
    'log.jsonl': [call('c', '2026-11-02T09:00:00Z', 40)],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'b', input_tokens: '60' },
    { record_id: 'c', input_tokens: '40' },
  ]);
});

test('calls of a day without a report take nothing from the report of the day beside it', async () => {
  await land(lake, {
    'report.json': [bucket('d3', '2026-11-03T00:00:00Z', 100)],
    'log.jsonl': [call('c2', '2026-11-02T12:00:00Z', 80)],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens')).toEqual([
    { record_id: 'c2', input_tokens: '80' },
    { record_id: 'd3', input_tokens: '100' },
  ]);
});

const session = (id: string, input: number): RowSpec => ({
  ...call(id, '2026-11-02T09:00:00Z', input),
  kind: 'agent',
  class: 'sessions',
  mode: 'unknown',
});

test('an agent session that fits into what is left of the account’s bucket is billed by it; the total stays the report', async () => {
  await land(lake, {
    'report.json': [bucket('b', '2026-11-02T00:00:00Z', 100)],
    'log.jsonl': [call('c', '2026-11-02T08:00:00Z', 30), session('s', 50)],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens, cost, billing_mode, cost_reason')).toEqual([
    {
      record_id: 'b',
      input_tokens: '20',
      cost: '0.000020000000',
      billing_mode: 'on_demand',
      cost_reason: 'remainder_of_bucket',
    },
    { record_id: 'c', input_tokens: '30', cost: '0.000030000000', billing_mode: 'on_demand', cost_reason: null },
    {
      record_id: 's',
      input_tokens: '50',
      cost: '0.000050000000',
      billing_mode: 'on_demand',
      cost_reason: 'billed_by_bucket',
    },
  ]);
});

test('sessions that do not fit into the bucket prove nothing', async () => {
  await land(lake, {
    'report.json': [bucket('b', '2026-11-02T00:00:00Z', 100)],
    'log.jsonl': [call('c', '2026-11-02T08:00:00Z', 60), session('s', 50)],
  });
  await sealAll(lake);
  expect(await rows('record_id, input_tokens, billing_mode')).toEqual([
    { record_id: 'b', input_tokens: '40', billing_mode: 'on_demand' },
    { record_id: 'c', input_tokens: '60', billing_mode: 'on_demand' },
    { record_id: 's', input_tokens: '50', billing_mode: 'unknown' },
  ]);
});
