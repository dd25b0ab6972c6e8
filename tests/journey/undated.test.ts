/** Lines without a time keep the day on which their object first held them, however the object grows, comes again or is reverted. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

let space: Workspace;
beforeEach(async () => {
  space = await workspace();
});
afterEach(async () => {
  await space.close();
});

/** Anthropic message responses carry no time. */
const message = (n: number): string =>
  JSON.stringify({
    id: `msg_${n}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    usage: { input_tokens: 100 + n, output_tokens: 10 },
  });
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${message(from + i)}\n`).join('');
const noon = (day: number): string => `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`;
const days = async (): Promise<Record<string, string>> => {
  const rows = await space.ask(
    `select cast(input_tokens - 100 as integer) as n, cast(day as varchar) as day from usage order by input_tokens`,
  );
  return Object.fromEntries(rows.map((row) => [`msg_${String(row['n'])}`, String(row['day']).slice(8)]));
};

test('a growing file: every line on the day it first appeared', async () => {
  for (const [day, to] of [
    [3, 2],
    [5, 3],
    [9, 5],
  ] as const) {
    await space.write({ 'app.jsonl': lines(1, to) }, noon(day));
    await space.run();
  }
  expect(await days()).toEqual({ msg_1: '03', msg_2: '03', msg_3: '05', msg_4: '09', msg_5: '09' });
});

test('uploaded again unchanged: nothing moves', async () => {
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(3));
  await space.run();
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(15));
  await space.run();
  expect(await days()).toEqual({ msg_1: '03', msg_2: '03' });
});

test('A, then B, then A again: A’s lines come back on their day; B’s are gone', async () => {
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(3));
  await space.run();
  await space.write({ 'app.jsonl': lines(7, 8) }, noon(5));
  await space.run();
  expect(await days()).toEqual({ msg_7: '05', msg_8: '05' });
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(9));
  await space.run();
  expect(await days()).toEqual({ msg_1: '03', msg_2: '03' });
});

test('a version without any such line in between forgets nothing', async () => {
  await space.write({ 'app.jsonl': lines(1, 1) }, noon(3));
  await space.run();
  await space.write({ 'app.jsonl': '{"note":"empty"}\n' }, noon(5));
  await space.run();
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(9));
  await space.run();
  expect(await days()).toEqual({ msg_1: '03', msg_2: '09' });
});

test('a file restored with its old time is what the inbox holds now', async () => {
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(3));
  await space.run();
  await space.write({ 'app.jsonl': lines(7, 8) }, noon(5));
  await space.run();
  await space.write({ 'app.jsonl': lines(1, 2) }, noon(3));
  await space.run();
  expect(await days()).toEqual({ msg_1: '03', msg_2: '03' });
  const again = await space.run();
  expect(again.ingest.batches).toEqual([]);
  expect(again.sealedDays).toEqual([]);
});
