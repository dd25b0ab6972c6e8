/** Names that mean something to the language the product is written in are plain names in the data: tags of lines, lists and folders. */
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

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'] as const;

test('tags named like parts of the language arrive from a line and from folders, and stay when the row is stamped again', async () => {
  const tags = NAMES.map((name) => `${JSON.stringify(name)}: "of ${name}"`).join(', ');
  const line = `{"id": "chatcmpl-language-01", "timestamp": "2026-11-02T10:00:00Z", "model": "gpt-4o", "input_tokens": 4, "output_tokens": 2, "tags": {${tags}}}\n`;
  const bare = line.replace(/, "tags".*\}\}/, '}').replace('-01', '-02');
  const folders = NAMES.map((name) => `${name}=folder ${name}`).join('/');
  await space.write({ 'log.jsonl': line, [`${folders}/log.jsonl`]: bare });
  await space.run();
  const texts = async (): Promise<string[]> =>
    (await space.ask('select tags, team from usage')).map((row) => JSON.stringify(row)).toSorted();
  const expected = (team: string): string[] =>
    ['folder', 'of'].map((from) =>
      JSON.stringify({ tags: Object.fromEntries(NAMES.map((name) => [name, `${from} ${name}`])), team }),
    );
  expect(await texts()).toEqual(expected('unallocated'));
  const config = { attribution: { rules: [{ id: 'all', match: { model: 'gpt-4o' }, set: { team: 'everyone' } }] } };
  await space.run({ config });
  expect(await texts()).toEqual(expected('everyone'));
});
