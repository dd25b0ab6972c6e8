import { afterAll, beforeAll, expect, test } from 'vitest';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

let space: Workspace;
beforeAll(async () => {
  space = await workspace();
});
afterAll(async () => {
  await space.close();
});

test('amounts beyond 2^53 picodollars, and rows too large for decimal(18,12), stay exact from line to sum', async () => {
  // gpt-4o in November 2026: 2.50 and 10.00 USD per million tokens
  const line = (id: string, input: number, output: number): string =>
    JSON.stringify({
      id,
      timestamp: '2026-11-02T10:00:00Z',
      model: 'gpt-4o',
      input_tokens: input,
      output_tokens: output,
      team: 'big',
    });
  await space.write({
    'log.jsonl': `${line('chatcmpl-large-sum-0001', 4_000_000_001, 3)}\n${line('chatcmpl-two-millions-01', 800_000_000_001, 1)}\n`,
  });
  const result = await space.run();
  // 10,000.0000025 + 0.00003 and 2,000,000.0000025 + 0.00001
  const total = '2010000.000045000000';
  expect(
    await space.ask(
      `select cast(sum(cost) as varchar) as cost, cast(sum(input_tokens) as varchar) as input from usage`,
    ),
  ).toEqual([{ cost: total, input: '804000000002' }]);
  expect(await space.ask(`select cast(cost as varchar) as cost from spend_daily`)).toEqual([{ cost: total }]);
  // 900,000 USD a row at most: two millions take three rows, whose tokens sum to the call's
  expect(
    await space.ask(`select count(*) as n, max(cost) < 900000 as fits, cast(sum(calls) as bigint) as calls from usage`),
  ).toEqual([{ n: '4', fits: true, calls: '2' }]);
  const [object] = result.batches.flatMap((batch) => batch.objects);
  expect(object).toMatchObject({ lines: 2, usageLines: 2, records: 4, costPico: '2010000000045000000' });
  expect(await space.ask(`select cast(cost as varchar) as cost from ingested_objects`)).toEqual([{ cost: total }]);
});
