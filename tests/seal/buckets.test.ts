import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

const bucket = (id: string, input: number, output: number, more: Partial<RowSpec> = {}): RowSpec => ({
  id,
  at: '2026-11-02T00:00:00Z',
  class: 'buckets',
  ...more,
  record: { inputTokens: input, outputTokens: output, calls: 5, ...more.record },
});
const call = (id: string, input: number, output: number, more: Partial<RowSpec> = {}): RowSpec => ({
  id,
  at: '2026-11-02T12:00:00Z',
  record: { inputTokens: input, outputTokens: output },
  ...more,
});
const totals = `select cast(sum(input_tokens) as varchar) as input, cast(sum(output_tokens) as varchar) as output, cast(sum(cost) as varchar) as cost,
  cast(count(*) as varchar) as n from usage`;

describe('buckets and the calls that cover them', () => {
  test('what the calls do not cover stays as a remainder at the bucket’s own unit prices; the total is the vendor’s report', async () => {
    await land(lake, {
      'page.json': [bucket('b1', 1000, 200)],
      'calls.jsonl': [call('c1', 300, 50), call('c2', 100, 20)],
    });
    await sealAll(lake);
    // 1000 × 1 + 200 × 10 USD per million = 0.003
    expect(await ask(lake, totals)).toEqual([{ input: '1000', output: '200', cost: '0.003000000000', n: '3' }]);
    const rest = await ask(
      lake,
      `select input_tokens, output_tokens, calls, input_cost, output_cost, cost, cost_reason from usage where record_id = 'b1'`,
    );
    expect(rest).toEqual([
      {
        input_tokens: '600',
        output_tokens: '130',
        calls: '3',
        input_cost: '0.000600000000',
        output_cost: '0.001300000000',
        cost: '0.001900000000',
        cost_reason: 'remainder_of_bucket',
      },
    ]);
  });

  test('a bucket that its calls cover is excluded; calls beyond it are kept', async () => {
    await land(lake, {
      'page.json': [bucket('b1', 400, 70)],
      'calls.jsonl': [call('c1', 300, 50), call('c2', 150, 20)],
    });
    await sealAll(lake);
    expect(await ask(lake, totals)).toEqual([{ input: '450', output: '70', cost: '0.001150000000', n: '2' }]);
    expect(await ask(lake, 'select record_id, excluded_reason from usage_excluded')).toEqual([
      { record_id: 'b1', excluded_reason: 'covered_by_calls' },
    ]);
  });

  test('several buckets of one scope are covered in order, each token once', async () => {
    await land(lake, {
      'page.json': [
        bucket('b1', 100, 10),
        bucket('b2', 100, 10, { at: '2026-11-02T06:00:00Z' }),
        bucket('b3', 100, 10),
      ],
      'calls.jsonl': [call('c1', 150, 25)],
    });
    await sealAll(lake);
    expect(await ask(lake, totals)).toEqual([{ input: '300', output: '30', cost: '0.000600000000', n: '3' }]);
  });

  test('accounts, models, days and other billing modes cover nothing of each other', async () => {
    await land(lake, {
      'page.json': [bucket('b1', 100, 10, { account: 'A' })],
      'calls.jsonl': [
        call('c1', 100, 10, { account: 'B' }),
        call('c2', 100, 10, { account: 'A', mode: 'subscription' }),
        call('c3', 100, 10, { account: 'A', at: '2026-11-03T00:00:00Z' }),
        call('c4', 100, 10, { account: 'A', record: { inputTokens: 100, outputTokens: 10, modelReported: 'gpt-4o' } }),
      ],
    });
    await sealAll(lake);
    expect(await ask(lake, `select input_tokens from usage where record_id = 'b1'`)).toEqual([{ input_tokens: '100' }]);
  });

  test('two reports of one day grouped differently show the same usage: the fullest counts', async () => {
    await land(lake, {
      'by-model.json': [
        bucket('m', 300, 30, {
          record: { inputTokens: 300, outputTokens: 30, bucketGrouping: '01 99913599 test: model' },
        }),
      ],
      'by-key.json': [
        bucket('k1', 100, 10, {
          record: { inputTokens: 100, outputTokens: 10, bucketGrouping: '02 99913599 test: key,model' },
        }),
        bucket('k2', 200, 20, {
          record: { inputTokens: 200, outputTokens: 20, bucketGrouping: '02 99913599 test: key,model' },
        }),
      ],
    });
    await sealAll(lake);
    expect(await ask(lake, totals)).toEqual([{ input: '300', output: '30', cost: '0.000600000000', n: '2' }]);
    expect(await ask(lake, 'select record_id, excluded_reason from usage_excluded')).toEqual([
      { record_id: 'm', excluded_reason: 'other_grouping' },
    ]);
  });

  test('a duplicate call covers once', async () => {
    await land(lake, {
      'page.json': [bucket('b1', 200, 20)],
      'calls.jsonl': [call('c1', 100, 10)],
      'gateway.jsonl': [call('c1', 100, 10, { kind: 'gateway' })],
    });
    await sealAll(lake);
    expect(await ask(lake, totals)).toEqual([{ input: '200', output: '20', cost: '0.000400000000', n: '2' }]);
  });
});
