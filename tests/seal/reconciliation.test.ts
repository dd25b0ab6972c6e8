import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCommits } from '../../lib/commit.ts';
import { RECONCILIATION, columnTypes } from '../../lib/schema.ts';
import { remakeReconciliation } from '../../lib/seal/reconciliation.ts';
import { land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';
import type { RowSpec } from '../fixtures/ledger-rows.ts';

let lake: TestLake;
beforeEach(async () => {
  lake = await openTestLake();
});
afterEach(async () => {
  await lake.close();
});

const GROUPING = '01 99913599 test: model';
const bucket = (id: string, day: string, input: number, more: Partial<RowSpec> = {}): RowSpec => ({
  id,
  at: `${day}T00:00:00Z`,
  class: 'buckets',
  ...more,
  record: { inputTokens: input, outputTokens: 0, bucketGrouping: GROUPING, ...more.record },
});
const call = (id: string, at: string, input: number, more: Partial<RowSpec> = {}): RowSpec => ({
  id,
  at,
  ...more,
  record: { inputTokens: input, outputTokens: 0, ...more.record },
});

async function reconciled(columns: string): Promise<unknown> {
  const batches = await readCommits(lake.store);
  const made = await remakeReconciliation(lake.context, await lake.catalog.read(), batches);
  const keys = Object.values(made).flatMap((pointer) => pointer?.keys ?? []);
  await lake.engine.files('reconciliation', columnTypes(RECONCILIATION), keys);
  return await lake.engine.query(`select ${columns} from reconciliation order by period, model, account`);
}

test('every cent between ledger and report is named: equal, priced otherwise, beyond the report, not in it', async () => {
  await land(lake, {
    'report.json': [
      bucket('b1', '2026-11-02', 1000),
      bucket('b2', '2026-11-02', 500, { record: { inputTokens: 500, modelReported: 'gpt-4o' } }),
      bucket('b3', '2026-11-02', 100, { record: { inputTokens: 100, modelReported: 'gpt-4.1' } }),
      // another grouping of the same window, and a copy of a bucket, are not shown twice
      bucket('b4', '2026-11-02', 100, { record: { inputTokens: 100, bucketGrouping: '00 99913599 test: ' } }),
    ],
    'copy.json': [bucket('b1', '2026-11-02', 1000)],
    'log.jsonl': [
      call('c1', '2026-11-02T10:00:00Z', 300),
      // half the price of the bucket: the customer's own rate
      call('c2', '2026-11-02T10:00:00Z', 200, {
        rates: [0.5, 5],
        record: { inputTokens: 200, modelReported: 'gpt-4o' },
      }),
      call('c3', '2026-11-02T10:00:00Z', 130, { record: { inputTokens: 130, modelReported: 'gpt-4.1' } }),
      call('c4', '2026-11-02T10:00:00Z', 70, { record: { inputTokens: 70, modelReported: 'o3' } }),
      call('c5', '2026-11-02T10:00:00Z', 70, { mode: 'subscription' }),
      call('c6', '2026-11-05T10:00:00Z', 70),
    ],
  });
  await sealAll(lake);
  expect(await reconciled('period, provider, account, model, computed, reported, difference, explained, why')).toEqual(
    [
      { model: 'gpt-4.1', computed: '130', reported: '100', difference: '30', explained: '0', why: 'more_than_report' },
      {
        model: 'gpt-4o',
        computed: '400',
        reported: '500',
        difference: '-100',
        explained: '-100',
        why: 'priced_otherwise',
      },
      { model: 'gpt-5', computed: '1000', reported: '1000', difference: '0', explained: '0', why: 'equal' },
      { model: 'o3', computed: '70', reported: '0', difference: '70', explained: '0', why: 'not_in_report' },
    ].map((row) => ({
      ...row,
      period: '2026-11',
      provider: 'openai',
      account: null,
      ...Object.fromEntries(
        (['computed', 'reported', 'difference', 'explained'] as const).map((name) => [name, micro(row[name])]),
      ),
    })),
  );
});

/** At one dollar per million tokens a token costs a microdollar. */
function micro(tokens: string): string {
  const sign = tokens.startsWith('-') ? '-' : '';
  return `${sign}0.${tokens.replace('-', '').padStart(6, '0')}000000`;
}

test('accounts are compared each with its own report; a month is made again only when one of its reported days was', async () => {
  await land(lake, {
    'report.json': [
      bucket('b1', '2026-10-31', 100, { account: 'A' }),
      bucket('b2', '2026-10-31', 100, { account: 'B' }),
      bucket('b3', '2026-11-01', 100, { account: 'A' }),
    ],
    'log.jsonl': [
      call('c1', '2026-10-31T23:59:59Z', 120, { account: 'A' }),
      call('c2', '2026-10-31T10:00:00Z', 60, { account: 'B' }),
    ],
  });
  await sealAll(lake);
  expect(await reconciled('period, account, difference, why')).toEqual([
    { period: '2026-10', account: 'A', difference: '0.000020000000', why: 'more_than_report' },
    { period: '2026-10', account: 'B', difference: '0.000000000000', why: 'equal' },
    { period: '2026-11', account: 'A', difference: '-0.000020000000', why: 'day_beside' },
  ]);
  const state = await lake.catalog.read();
  const made = await remakeReconciliation(lake.context, state, await readCommits(lake.store));
  const kept = Object.fromEntries(Object.entries(made).map(([month, pointer]) => [month, pointer ?? missing()]));
  await lake.catalog.switch(state.revision, { reconciliation: kept });
  await land(lake, { 'late.jsonl': [call('c3', '2026-11-20T10:00:00Z', 1)] });
  await sealAll(lake);
  expect(await remakeReconciliation(lake.context, await lake.catalog.read(), await readCommits(lake.store))).toEqual(
    {},
  );
  await land(lake, { 'later.jsonl': [call('c4', '2026-11-01T10:00:00Z', 1, { account: 'A' })] });
  await sealAll(lake);
  const again = await remakeReconciliation(lake.context, await lake.catalog.read(), await readCommits(lake.store));
  expect(Object.keys(again)).toEqual(['2026-10', '2026-11']);
});

function missing(): never {
  throw new Error('a partition was expected');
}
