/** One call as provider, gateway, agent and span tell of it: every subset, arriving in every order, on two sides of midnight. */
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

const KINDS = ['provider', 'gateway', 'agent', 'span'] as const;
type Kind = (typeof KINDS)[number];

/** What each source says of call `id`; the sides of midnight follow from `sides`, a bit for each source. */
function witness(kind: Kind, id: string, sides: number): RowSpec {
  const isAfter = ((sides >> KINDS.indexOf(kind)) & 1) === 1;
  const at = isAfter ? '2026-11-03T00:00:02.000Z' : '2026-11-02T23:59:58.000Z';
  switch (kind) {
    case 'provider':
      return { id, at, record: { outputTokens: 100 } };
    case 'gateway':
      return { id, at, kind: 'gateway', team: 'search', record: { outputTokens: 90, tags: { run: '7' } } };
    case 'agent':
      return { id, at, kind: 'agent', class: 'sessions', record: { outputTokens: 80, sessionId: 's-1' } };
    case 'span':
      return { id, at, kind: 'span', record: { outputTokens: 70, latencyMs: 55 } };
  }
}

const subsets = Array.from({ length: 15 }, (_, i) => KINDS.filter((_kind, bit) => (((i + 1) >> bit) & 1) === 1));

function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, i) => orders(items.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

/** What must stand: one row, tokens and place of the best source, the rest from whoever knew. */
function expected(id: string, kinds: readonly Kind[], sides: number): Record<string, unknown> {
  const best = KINDS.find((kind) => kinds.includes(kind)) ?? 'provider';
  const isAfter = ((sides >> KINDS.indexOf(best)) & 1) === 1;
  return {
    record_id: id,
    day: isAfter ? '2026-11-03' : '2026-11-02',
    output_tokens: String({ provider: 100, gateway: 90, agent: 80, span: 70 }[best]),
    team: kinds.includes('gateway') ? 'search' : 'unallocated',
    run: kinds.includes('gateway') ? '7' : null,
    session_id: kinds.includes('agent') ? 's-1' : null,
    latency_ms: kinds.includes('span') ? '55' : null,
  };
}

const QUERY = `select record_id, cast(day as varchar) as day, output_tokens, team, list_extract(element_at(tags, 'run'), 1) as run,
  session_id, latency_ms from usage order by record_id`;

describe('every subset of provider, gateway, agent and span', () => {
  test('in every order of arrival, sealed after each: one row', async () => {
    // the n-th witness of every case lands in the n-th round, so that four seals go through all orders of all subsets
    const cases = subsets.flatMap((kinds) =>
      orders(kinds).map((order, i) => ({
        id: `${kinds.join('-')}-${String(i).padStart(2, '0')}`,
        order,
        sides: (i * 7 + 5) % 16,
      })),
    );
    for (let round = 0; round < KINDS.length; round++) {
      const rows = cases.flatMap(({ id, order, sides }) => {
        const kind = order[round];
        return kind === undefined ? [] : [witness(kind, id, sides)];
      });
      if (rows.length > 0) await land(lake, { [`round-${round}.jsonl`]: rows });
      await sealAll(lake);
      expect(await ask(lake, QUERY)).toEqual(
        cases
          .map(({ id, order, sides }) => expected(id, order.slice(0, round + 1), sides))
          .toSorted((a, b) => (String(a['record_id']) < String(b['record_id']) ? -1 : 1)),
      );
    }
    expect(cases).toHaveLength(64);
  });

  test('on both sides of midnight in every way: one row', async () => {
    const cases = Array.from({ length: 16 }, (_, sides) => ({ id: `sides-${String(sides).padStart(2, '0')}`, sides }));
    for (const kind of KINDS.toReversed()) {
      await land(lake, { [`${kind}.jsonl`]: cases.map(({ id, sides }) => witness(kind, id, sides)) });
    }
    await sealAll(lake);
    expect(await ask(lake, QUERY)).toEqual(cases.map(({ id, sides }) => expected(id, KINDS, sides)));
  });
});
