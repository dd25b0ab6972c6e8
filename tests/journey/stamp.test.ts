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

test('objects read under another config are named; a new version of them is read under today’s', async () => {
  await space.write({ 'log.jsonl': line });
  expect((await space.run()).ingest.otherStamp).toBe(0);
  expect((await space.run({ config: rule })).ingest).toMatchObject({ unchanged: 1, otherStamp: 1 });
  expect(await space.ask('select team from usage')).toEqual([{ team: 'unallocated' }]);
  await space.write({ 'log.jsonl': `${line}\n` }, '2026-11-21T12:00:00Z');
  expect((await space.run({ config: rule })).ingest).toMatchObject({ unchanged: 0, otherStamp: 0 });
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
  expect(outcomes.map((row) => row['outcome'])).toEqual(['failed', 'landed', 'superseded']);
  // it is not read again and again
  expect((await space.run({ config: rule })).ingest.batches).toEqual([]);
});
