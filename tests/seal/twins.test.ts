import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';

let lake: TestLake;
beforeEach(async () => {
  lake = await openTestLake();
});
afterEach(async () => {
  await lake.close();
});

const usage = (columns: string) => ask(lake, `select ${columns} from usage order by record_id, day`);

describe('twins', () => {
  test('one call seen by provider, gateway and agent counts once, with the best tokens and everyone’s knowledge', async () => {
    await land(lake, {
      'agent.jsonl': [
        {
          id: 'a',
          at: '2026-11-02T10:00:00Z',
          kind: 'agent',
          class: 'sessions',
          record: { outputTokens: 9, sessionId: 's-1' },
        },
      ],
      'gateway.jsonl': [
        {
          id: 'a',
          at: '2026-11-02T10:00:01Z',
          kind: 'gateway',
          team: 'search',
          record: { outputTokens: 8, latencyMs: 77 },
        },
      ],
      'provider.jsonl': [{ id: 'a', at: '2026-11-02T10:00:02Z', record: { outputTokens: 10 } }],
    });
    await sealAll(lake);
    expect(await usage('record_id, source_object, output_tokens, team, session_id, latency_ms')).toEqual([
      {
        record_id: 'a',
        source_object: 'provider.jsonl',
        output_tokens: '10',
        team: 'search',
        session_id: 's-1',
        latency_ms: '77',
      },
    ]);
    expect(
      await ask(lake, 'select source_object, excluded_reason, kept_record_id from usage_excluded order by 1'),
    ).toEqual([
      { source_object: 'agent.jsonl', excluded_reason: 'duplicate', kept_record_id: 'a' },
      { source_object: 'gateway.jsonl', excluded_reason: 'duplicate', kept_record_id: 'a' },
    ]);
  });

  test('ids link through alt_ids: a request id ties a response id to a gateway row', async () => {
    await land(lake, {
      'x.jsonl': [{ id: 'resp', alt: ['req'], at: '2026-11-02T10:00:00Z' }],
      'y.jsonl': [{ id: 'req', at: '2026-11-02T10:00:01Z', kind: 'gateway', team: 't' }],
      'z.jsonl': [{ id: 'other', at: '2026-11-02T10:00:01Z' }],
    });
    await sealAll(lake);
    expect(await usage('record_id, team')).toEqual([
      { record_id: 'other', team: 'unallocated' },
      { record_id: 'resp', team: 't' },
    ]);
  });

  test('copies on two sides of midnight are one call; two days apart they are two unless an agent session tells of both', async () => {
    await land(lake, {
      'one.jsonl': [
        { id: 'm', at: '2026-11-02T23:59:59Z' },
        { id: 'far', at: '2026-11-02T10:00:00Z' },
        { id: 'fork', at: '2026-11-02T10:00:00Z' },
      ],
      'two.jsonl': [
        { id: 'm', at: '2026-11-03T00:00:01Z', kind: 'gateway' },
        { id: 'far', at: '2026-11-04T10:00:00Z', kind: 'gateway' },
      ],
      'three.jsonl': [{ id: 'fork', at: '2026-11-11T10:00:00Z', kind: 'agent', class: 'sessions' }],
    });
    await sealAll(lake);
    const counts = await ask(lake, 'select record_id, cast(count(*) as varchar) as n from usage group by 1 order by 1');
    expect(counts).toEqual([
      { record_id: 'far', n: '2' },
      { record_id: 'fork', n: '1' },
      { record_id: 'm', n: '1' },
    ]);
  });

  test('a copy that arrives later makes only the days it reaches dirty, and moves nothing twice', async () => {
    await land(lake, {
      'one.jsonl': [
        { id: 'm', at: '2026-11-02T23:59:59Z', kind: 'gateway', team: 'g' },
        { id: 'q', at: '2026-10-20T00:00:00Z' },
      ],
    });
    expect(await sealAll(lake)).toEqual(['2026-10-20', '2026-11-02']);
    expect(await sealAll(lake)).toEqual([]);
    await land(lake, { 'two.jsonl': [{ id: 'm', at: '2026-11-03T00:00:01Z' }] });
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03']);
    expect(await usage('record_id, cast(day as varchar) as day, team')).toEqual([
      { record_id: 'm', day: '2026-11-03', team: 'g' },
      { record_id: 'q', day: '2026-10-20', team: 'unallocated' },
    ]);
  });

  test('equal lines without an id are told apart by their ordinal, and a copy of the file adds none', async () => {
    const lines = [1, 2, 3].map((line) => ({
      id: 'content-hash',
      identity: 'content',
      at: '2026-11-02T10:00:00Z',
      line,
    }));
    await land(lake, { 'a.jsonl': lines, 'copy of a.jsonl': lines });
    await sealAll(lake);
    expect((await usage('record_id')).map((row) => row['record_id'])).toEqual([
      'content-hash',
      'content-hash-2',
      'content-hash-3',
    ]);
  });

  test('the newest version of an object replaces the older one, also on days it no longer has', async () => {
    await land(
      lake,
      {
        'log.jsonl': [
          { id: 'a', at: '2026-11-02T10:00:00Z' },
          { id: 'b', at: '2026-11-03T10:00:00Z' },
        ],
      },
      Date.UTC(2026, 10, 20),
    );
    await sealAll(lake);
    await land(
      lake,
      { 'log.jsonl': [{ id: 'a', at: '2026-11-02T10:00:00Z', record: { inputTokens: 7 } }] },
      Date.UTC(2026, 10, 21),
    );
    expect(await sealAll(lake)).toEqual(['2026-11-02', '2026-11-03']);
    expect(await usage('record_id, input_tokens')).toEqual([{ record_id: 'a', input_tokens: '7' }]);
  });
});
