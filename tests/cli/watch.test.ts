/** `run --watch` as a person uses it: a summary, a line when logs arrive, an end on Ctrl-C; and what counts as a change. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderChanges, isChangeOf } from '../../bin/folder-changes.ts';
import { folder, ledger } from './run-command.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/launch.mjs', import.meta.url));
const LINE = (id: string): string =>
  `${JSON.stringify({ id, timestamp: '2026-11-23T10:00:00Z', model: 'gpt-4o', team: 'search', input_tokens: 1_000_000, output_tokens: 0 })}\n`;

let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  place = await folder();
  await mkdir(join(place.path, 'inbox', 'app'), { recursive: true });
});
afterAll(async () => place.close());

test('prints a line when logs arrive, not for its own lake, and ends on Ctrl-C with 0', async () => {
  const child = spawn(process.execPath, [LAUNCHER, 'run', '--inbox', 'inbox', '--lake', 'inbox/lake', '--watch'], {
    cwd: place.path,
    env: { ...process.env, INFERENCE_LEDGER_HASH_KEY: 'ab'.repeat(32), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  const waiters: { wanted: RegExp; found: (line: string) => void }[] = [];
  const seen = (wanted: RegExp): Promise<string> =>
    new Promise((found) => {
      const before = lines.find((line) => wanted.test(line));
      if (before === undefined) waiters.push({ wanted, found });
      else found(before);
    });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const { wanted, found } of waiters) if (wanted.test(line)) found(line);
    });
  await seen(/^watching inbox/);
  expect(lines.some((line) => line.startsWith('spend by team'))).toBe(true);
  await writeFile(join(place.path, 'inbox', 'app', 'a.jsonl'), LINE('chatcmpl-a'));
  // 1,000,000 tokens of gpt-4o at $2.50
  expect(await seen(/1 calls/)).toBe('1 objects read · 1 days sealed · 0 lines rejected · 1 calls, $2.50');
  await writeFile(join(place.path, 'inbox', 'app', 'b.jsonl'), LINE('chatcmpl-b'));
  expect(await seen(/2 calls/)).toBe('1 objects read · 1 days sealed · 0 lines rejected · 2 calls, $5.00');
  child.kill('SIGINT');
  expect(await closed).toEqual([0, null]);
  expect(lines.filter((line) => / objects read · /.test(line))).toHaveLength(2);
});

test.each([
  [['--stack', 'x'], '--watch'],
  [['--inbox', 'inbox', '--lake', 'l', '--format', 'csv'], 'choose --format table or json'],
  [['--inbox', 'inbox', '--lake', 'l', '--now', '2026-11-23T00:00:00Z'], '--now'],
])('--watch with %j is wrong usage', async (words, message) => {
  const { code, out, err } = await ledger(place.path, 'run', '--watch', ...words);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

test.each([
  ['a.jsonl', true],
  ['lake', false],
  ['lake/landing/x.parquet', false],
  ['lakes/a.jsonl', true],
  ['..lake', true],
  [null, true],
])('a change of %s counts: %s', (name, isChange) => {
  expect(isChangeOf('inbox', name, ['inbox/lake'])).toBe(isChange);
});

test('a change during a turn gives another one; an end ends', async () => {
  const root = join(place.path, 'changes');
  await mkdir(root);
  const ending = new AbortController();
  const told: string[] = [];
  const changes = folderChanges(root, {
    ignored: [],
    signal: ending.signal,
    onUnwatched: (reason) => told.push(reason),
    quietMs: 1,
  });
  await writeFile(join(root, 'a'), '1');
  expect(await changes.next()).toBe(true);
  await writeFile(join(root, 'b'), '2');
  expect(await changes.next()).toBe(true);
  const next = changes.next();
  ending.abort();
  expect(await next).toBe(false);
  expect(told).toEqual([]);
});
