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

const line =
  '{"id":"chatcmpl-stamp-0000001","timestamp":"2026-11-02T10:00:00Z","model":"gpt-4o","input_tokens":1000,"output_tokens":1}\n';
const rule = { attribution: { rules: [{ id: 'all', match: { model: 'gpt-4o' }, set: { team: 'search' } }] } };

test('rows read under another config stand under today’s after the next run, without being read again', async () => {
  await space.write({ 'log.jsonl': line });
  expect((await space.run()).restamp).toMatchObject({ objects: 0, records: 0, batches: [] });
  expect(await space.ask('select team from usage')).toEqual([{ team: 'unallocated' }]);
  const { ingest, restamp } = await space.run({ config: rule });
  expect(ingest).toMatchObject({ unchanged: 1, batches: [] });
  expect(restamp).toMatchObject({ objects: 1, records: 1, repriced: 0, reattributed: 1, otherwiseStamped: 0 });
  expect(await space.ask('select team, attribution from usage')).toEqual([{ team: 'search', attribution: 'rule:all' }]);
  expect(
    await space.ask('select outcome, count(*) as n from ingested_objects group by outcome order by outcome'),
  ).toEqual([
    { outcome: 'landed', n: '1' },
    { outcome: 'superseded', n: '1' },
  ]);
});

test('a new version is read under today’s config', async () => {
  await space.write({ 'log.jsonl': `${line}\n` }, '2026-11-21T12:00:00Z');
  const { ingest, restamp } = await space.run({ config: rule });
  expect(ingest).toMatchObject({ unchanged: 0 });
  expect(restamp.objects).toBe(0);
  expect(await space.ask('select team, attribution from usage')).toEqual([{ team: 'search', attribution: 'rule:all' }]);
});

test('an object that became unreadable keeps what its last readable version said, and is named', async () => {
  await space.write(
    { 'log.jsonl': new Uint8Array([0x50, 0x41, 0x52, 0x31, 1, 2, 3, 4, 0x50, 0x41, 0x52, 0x31]) },
    '2026-11-22T12:00:00Z',
  );
  const { ingest } = await space.run({ config: rule });
  expect(ingest.batches.flatMap((b) => b.objects).map((o) => o.outcome)).toEqual(['failed']);
  expect(await space.ask('select team from usage')).toEqual([{ team: 'search' }]);
  const outcomes = await space.ask('select outcome from ingested_objects order by outcome');
  expect(outcomes.map((row) => row['outcome'])).toEqual(['failed', 'landed', 'superseded', 'superseded']);
  // it is not read again and again
  expect((await space.run({ config: rule })).ingest.batches).toEqual([]);
  // and what stands is still decided again when the rules change back
  expect((await space.run()).restamp).toMatchObject({ objects: 1, reattributed: 1 });
  expect(await space.ask('select team from usage')).toEqual([{ team: 'unallocated' }]);
});
