/** Cases of DESIGN §4 whose rows are worked out by hand: chains, forks, far copies, every subset and order of four witnesses. */
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

const at = (day: number, time = '10:00:00'): string => `2026-11-${String(day).padStart(2, '0')}T${time}Z`;
const count = async (): Promise<unknown> =>
  await ask(lake, 'select record_id, cast(count(*) as varchar) as n from usage group by record_id order by record_id');

/** One call as four sources tell of it, on both sides of midnight. Ids: the provider's response id and its request id. */
const WITNESSES: Record<string, RowSpec> = {
  provider: { id: 'resp', alt: ['req'], at: at(2, '23:59:59'), record: { inputTokens: 500, outputTokens: 50 } },
  gateway: {
    id: 'req',
    at: at(3, '00:00:01'),
    kind: 'gateway',
    team: 'search',
    record: { inputTokens: 490, outputTokens: 50, tags: { app: 'shop' } },
  },
  span: {
    id: 'resp',
    at: at(2, '23:59:58'),
    kind: 'span',
    record: { inputTokens: 480, outputTokens: 1, latencyMs: 70 },
  },
  agent: {
    id: 'resp',
    alt: ['req'],
    at: at(3, '00:00:02'),
    kind: 'agent',
    class: 'sessions',
    record: { inputTokens: 470, outputTokens: 7, sessionId: 's-1' },
  },
};
const BEST = ['provider', 'gateway', 'agent', 'span'];

describe('one call seen by provider, gateway, span and agent, on two sides of midnight', () => {
  const subsets = Array.from({ length: 15 }, (_, i) => BEST.filter((_name, bit) => ((i + 1) >> bit) & 1));
  test.each(subsets.map((names) => [names.join('+'), names] as const))(
    '%s: one row, of the best of them',
    async (_, names) => {
      // the worst arrives first and is sealed alone, so that every better one must take its place
      for (const name of names.toReversed()) {
        await land(lake, { [`${name}.jsonl`]: [WITNESSES[name] as RowSpec] });
        await sealAll(lake);
      }
      const best = WITNESSES[names[0] ?? ''] as RowSpec;
      const has = (name: string): boolean => names.includes(name);
      // a gateway row knows only the request id, a span only the response id: without a third that knows both they are strangers
      const strangers = has('gateway') && has('span') && !has('provider') && !has('agent');
      const rows = await ask(
        lake,
        'select input_tokens, team, session_id, latency_ms, tags from usage order by input_tokens desc',
      );
      const whole = {
        input_tokens: String(best.record?.inputTokens),
        team: has('gateway') ? 'search' : 'unallocated',
        session_id: has('agent') ? 's-1' : null,
        latency_ms: has('span') ? '70' : null,
        tags: has('gateway') ? { app: 'shop' } : {},
      };
      const apart = { ...whole, session_id: null };
      expect(rows).toEqual(
        strangers
          ? [
              { ...apart, latency_ms: null },
              { ...apart, input_tokens: '480', team: 'unallocated', tags: {} },
            ]
          : [whole],
      );
    },
  );
});

describe('chains and far copies', () => {
  test('three twins on three consecutive days count once, whichever day holds the best', async () => {
    const orders: [string, number, number, number][] = [
      ['first', 30, 10, 20],
      ['middle', 10, 30, 20],
      ['last', 20, 10, 30],
    ];
    for (const [id, ...tokens] of orders) {
      await land(
        lake,
        Object.fromEntries(
          tokens.map((inputTokens, i) => [`${id}-${i}.jsonl`, [{ id, at: at(10 + i), record: { inputTokens } }]]),
        ),
      );
    }
    await sealAll(lake);
    expect(await ask(lake, 'select record_id, input_tokens from usage order by record_id')).toEqual(
      ['first', 'last', 'middle'].map((id) => ({ record_id: id, input_tokens: '30' })),
    );
  });

  test('days arriving last to first, first to last or middle last come to the same row', async () => {
    const days = [10, 11, 12];
    for (const [n, order] of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
    ].entries()) {
      for (const i of order) {
        const row: RowSpec = { id: `c${n}`, at: at(days[i] ?? 0), record: { inputTokens: i === 1 ? 1 : 10 + i } };
        await land(lake, { [`c${n}-${i}.jsonl`]: [row] });
        await sealAll(lake);
      }
    }
    expect(
      await ask(lake, 'select record_id, cast(day as varchar) as day, input_tokens from usage order by 1'),
    ).toEqual([0, 1, 2].map((n) => ({ record_id: `c${n}`, day: '2026-11-12', input_tokens: '12' })));
  });

  test('two copies two days apart without one between stay two: farther than W', async () => {
    await land(lake, { 'a.jsonl': [{ id: 'x', at: at(10) }], 'b.jsonl': [{ id: 'x', at: at(12) }] });
    await sealAll(lake);
    expect(await count()).toEqual([{ record_id: 'x', n: '2' }]);
  });

  test('a forked agent session replayed nine days later counts once, on the day of the original', async () => {
    const line = (id: string, day: number, isReplica = false): RowSpec => ({
      id,
      at: at(day),
      kind: 'agent',
      class: 'sessions',
      record: { isReplica },
    });
    await land(lake, { 'fork.jsonl': [line('m1', 11, true), line('m2', 11, true), line('m3', 11)] });
    await sealAll(lake);
    // the original arrives after its copy
    await land(lake, { 'original.jsonl': [line('m1', 2), line('m2', 2)] });
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-11']);
    expect(await ask(lake, 'select record_id, cast(day as varchar) as day from usage order by 1')).toEqual([
      { record_id: 'm1', day: '2026-11-02' },
      { record_id: 'm2', day: '2026-11-02' },
      { record_id: 'm3', day: '2026-11-11' },
    ]);
  });

  test('a session 41 days after the call is farther than the wide reach: two', async () => {
    await land(lake, {
      'call.jsonl': [{ id: 'x', at: '2026-09-01T00:00:00Z' }],
      'near.jsonl': [{ id: 'y', at: '2026-09-01T00:00:00Z' }],
      'agent.jsonl': [
        { id: 'x', at: '2026-10-12T00:00:00Z', kind: 'agent', class: 'sessions' },
        { id: 'y', at: '2026-10-11T00:00:00Z', kind: 'agent', class: 'sessions' },
      ],
    });
    await sealAll(lake);
    expect(await count()).toEqual([
      { record_id: 'x', n: '2' },
      { record_id: 'y', n: '1' },
    ]);
  });

  test('copies of an undated line count once, at the earliest time they were seen', async () => {
    const undated = (day: number): RowSpec => ({ id: 'u', at: at(day), inferred: true });
    await land(lake, { 'copy.jsonl': [undated(20)] });
    await sealAll(lake);
    await land(lake, { 'original.jsonl': [undated(3)] });
    await sealAll(lake);
    expect(await ask(lake, 'select cast(day as varchar) as day, time_basis from usage')).toEqual([
      { day: '2026-11-03', time_basis: 'inferred' },
    ]);
  });
});

test('retracted rows leave usage, are kept with their reason, and free their twins', async () => {
  await land(lake, { 'a.jsonl': [{ id: 'x', at: at(5) }], 'b.jsonl': [{ id: 'x', at: at(6), kind: 'gateway' }] });
  await sealAll(lake);
  expect(await ask(lake, 'select source_object from usage')).toEqual([{ source_object: 'a.jsonl' }]);
  await land(lake, { 'a.jsonl': [{ id: 'x', at: at(5) }] }, Date.UTC(2026, 10, 21), 'retracted');
  expect(await sealAll(lake)).toEqual(['2026-11-05', '2026-11-06']);
  expect(await ask(lake, 'select source_object from usage')).toEqual([{ source_object: 'b.jsonl' }]);
  expect(await ask(lake, 'select source_object, excluded_reason, kept_record_id from usage_excluded')).toEqual([
    { source_object: 'a.jsonl', excluded_reason: 'retracted', kept_record_id: null },
  ]);
});
