/** `retract` through the real command line: what it prints, what is left, and what it says of an object nobody knows. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder, ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

let place: Awaited<ReturnType<typeof folder>>;
let lake: string;
let inbox: string;
const call = (...words: string[]): Promise<Printed> => ledger(place.path, ...words);
const run = (): Promise<Printed> =>
  call('run', '--inbox', inbox, '--lake', lake, '--now', '2026-11-24T00:00:00Z', '--format', 'json');

async function write(key: string, id: string, modified: string): Promise<void> {
  const line = { id, timestamp: '2026-11-02T10:00:00Z', model: 'gpt-4o', input_tokens: 4_000_000, output_tokens: 0 };
  await writeFile(join(inbox, key), `${JSON.stringify(line)}\n`);
  await utimes(join(inbox, key), new Date(modified), new Date(modified));
}

const totalOf = (printed: Printed): unknown => (JSON.parse(printed.out) as { totals: { cost: unknown } }).totals.cost;

beforeAll(async () => {
  place = await folder();
  [lake, inbox] = [join(place.path, 'lake'), join(place.path, 'inbox')];
  await mkdir(inbox);
  await write('one.jsonl', 'one', '2026-11-20T00:00:00Z');
  await write('two.jsonl', 'two', '2026-11-20T00:00:00Z');
  await run();
}, 60_000);
afterAll(async () => place.close());

test('before, both objects count: two calls of four million tokens at 2.50 USD', async () => {
  expect(totalOf(await run())).toBe('20');
});

test('an unknown object is wrong usage, and similar names are told', async () => {
  const { code, out, err } = await call('retract', '--lake', lake, 'on.jsonl');
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('the ledger holds no object named on.jsonl');
  expect(err).toContain('similar: one.jsonl');
});

test('a known one is taken out, the run after it agrees, and a new version brings it back', async () => {
  const { code, out } = await call('retract', '--lake', lake, 'one.jsonl');
  expect(code).toBe(0);
  expect(out).toBe('one.jsonl: 1 rows taken out of usage, kept in usage_excluded as retracted · 1 days sealed\n');
  const after = await run();
  expect([after.code, totalOf(after)]).toEqual([0, '10']);
  const again = await call('retract', '--lake', lake, 'one.jsonl', '--format', 'json');
  expect(JSON.parse(again.out)).toMatchObject({
    object: 'one.jsonl',
    records: 1,
    already_retracted: true,
    sealed_days: [],
  });
  await write('one.jsonl', 'one', '2026-11-21T00:00:00Z');
  const back = await run();
  expect([back.code, totalOf(back)]).toEqual([0, '20']);
});
