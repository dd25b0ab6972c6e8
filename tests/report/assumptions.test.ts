/** What is assumed, and exactly how much money hangs on it. */
import { expect, test } from 'vitest';
import { assumptionSentence, assumptionTodo, readAssumptions } from '../../lib/report/assumptions.ts';
import type { Assumption } from '../../lib/report/assumptions.ts';
import type { Ask } from '../../lib/report/spend.ts';
import { bucket, call, openReportLake } from './report-lake.ts';
import type { LakeContent } from './report-lake.ts';

async function assumptionsOf(content: LakeContent, from = '2026-10-01', to = '2026-10-31'): Promise<Assumption[]> {
  const lake = await openReportLake(content);
  try {
    const ask: Ask = async (name, ...parameters) => await lake.engine.query(lake.queries[name] ?? '', parameters);
    return await readAssumptions(ask, { from, to });
  } finally {
    await lake.close();
  }
}

test('calls and reports without an account are one account: both sums are named', async () => {
  const found = await assumptionsOf({
    usage: [
      call({ cost: '1000.5', calls: 7 }),
      call({ cost: '234.06', calls: 3 }),
      // the rest of a report is no call, and what a plan pays is not compared
      call({ cost: '900', grain: 'bucket', calls: 90 }),
      call({ cost: '0', list_cost: '55', billing_mode: 'subscription', cost_status: 'included' }),
      call({ cost: '3', billing_account_id: 'acme', provider: 'bedrock' }),
      call({ cost: '5', day: '2026-11-05' }),
    ],
    buckets: [bucket({ list_cost: '1500' }), bucket({ list_cost: '750', day: '2026-10-28' })],
    excluded: [
      // the same usage grouped in another way stands in landing, too, and counts once
      call({ grain: 'bucket', list_cost: '250', excluded_reason: 'other_grouping' }),
      call({ grain: 'bucket', list_cost: '600', excluded_reason: 'covered_by_calls' }),
      call({ list_cost: '80', excluded_reason: 'duplicate' }),
    ],
  });
  expect(found).toEqual([
    {
      kind: 'one_account',
      subject: 'openai',
      calls: 10,
      amountPico: 1_234_560_000_000_000,
      comparedPico: 2_000_000_000_000_000,
      settledBy: 'accounts',
    },
  ]);
  expect(found.map(assumptionSentence)).toEqual([
    "openai: what names no account is taken as the provider's one account: $1,234.56 of 10 calls compared with $2,000.00 of its usage reports.",
  ]);
});

test('nothing hangs on accounts where one side is missing or both are named', async () => {
  expect(await assumptionsOf({ usage: [call({ cost: '10' })] })).toEqual([]);
  expect(await assumptionsOf({ buckets: [bucket({})] })).toEqual([]);
  expect(
    await assumptionsOf({
      usage: [call({ cost: '10', billing_account_id: 'a' })],
      buckets: [bucket({ billing_account_id: 'b' })],
    }),
  ).toEqual([]);
});

test('what names no account is taken as the one account that is named', async () => {
  const named = { billing_account_id: 'acme' };
  const calls = await assumptionsOf({
    usage: [call({ cost: '10' }), call({ cost: '30', ...named })],
    buckets: [bucket({ ...named, list_cost: '12' }), bucket({ list_cost: '0.5' })],
  });
  expect(calls).toMatchObject([{ kind: 'one_account', calls: 1, amountPico: 10e12, comparedPico: 12.5e12 }]);
  const reports = await assumptionsOf({
    usage: [call({ cost: '7', ...named })],
    buckets: [bucket({ list_cost: '9' })],
  });
  expect(reports).toMatchObject([{ kind: 'one_account', calls: 1, amountPico: 7e12, comparedPico: 9e12 }]);
});

test('with several accounts the unnamed side is compared with none of them, and both sums are named', async () => {
  const found = await assumptionsOf({
    usage: [call({ cost: '10' }), call({ cost: '30', billing_account_id: 'a' })],
    buckets: [
      bucket({ billing_account_id: 'a', list_cost: '12' }),
      bucket({ billing_account_id: 'b', list_cost: '3' }),
      bucket({ list_cost: '4' }),
    ],
  });
  expect(found.map(({ kind, calls, amountPico, comparedPico }) => [kind, calls, amountPico, comparedPico])).toEqual([
    ['one_account', 1, 10e12, 4e12],
    ['account_unknown', 1, 10e12, 15e12],
    ['account_unknown', 1, 30e12, 4e12],
  ]);
  expect(assumptionSentence(found[1] as Assumption)).toBe(
    'openai: there are several accounts and only one side names its own: $10.00 of 1 call and $15.00 of usage reports are not compared, and may be the same usage counted twice.',
  );
  expect(assumptionTodo(found[1] as Assumption)).toContain('config accounts');
});

test('agent sessions without proof show their token value, apart by source', async () => {
  const unknown = { billing_mode: 'unknown', cost_status: 'billing_unknown', cost: null };
  const found = await assumptionsOf({
    usage: [
      call({ ...unknown, source_format: 'claude_code', list_cost: '4.25', calls: 5 }),
      call({ ...unknown, source_format: 'codex.rollout', list_cost: '0.75' }),
      call({ ...unknown, source_format: 'claude_code', list_cost: '1', calls: 2 }),
    ],
  });
  expect(found.map(({ subject, calls, amountPico, settledBy }) => [subject, calls, amountPico, settledBy])).toEqual([
    ['claude_code', 7, 5.25e12, 'billing'],
    ['codex.rollout', 1, 0.75e12, 'billing'],
  ]);
  expect(assumptionSentence(found[0] as Assumption)).toBe(
    'claude_code: no proof of how 7 calls are paid: $5.25 token value, not counted as spend.',
  );
});

test('estimates are summed by their reason; an unknown amount is not $0', async () => {
  const estimated = { cost_status: 'estimated', cost_reason: 'price_before_first_known' };
  const found = await assumptionsOf({
    usage: [
      call({ ...estimated, cost: '1.5' }),
      call({ ...estimated, cost: '0.25', calls: 3 }),
      call({ cost: null, list_cost: null, billing_mode: 'unknown', cost_status: 'billing_unknown' }),
    ],
  });
  expect(found.map(assumptionSentence)).toEqual([
    'openai.chat: no proof of how 1 call is paid: unknown token value, not counted as spend.',
    '$1.75 of 4 calls is an estimate (price before first known).',
  ]);
});
