import { afterEach, expect, test } from 'vitest';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

let space: Workspace;
afterEach(async () => {
  await space.close();
});

const call = (i: number, prompt: string, tokens: number): string =>
  JSON.stringify({
    id: `chatcmpl-prompt-${String(i).padStart(6, '0')}`,
    timestamp: '2026-11-02T10:00:00Z',
    model: 'gpt-4o',
    input_tokens: tokens,
    output_tokens: 1,
    prompt,
  });

test('prompts get fingerprints; one text under calls of differing length soon gets none, and repeats of equal length keep theirs', async () => {
  space = await workspace();
  const masked = Array.from({ length: 200 }, (_, i) => call(i, 'the same words every time', 100 + i));
  const repeats = Array.from({ length: 200 }, (_, i) => call(1000 + i, 'what is the weather', 6));
  await space.write({ 'masked.jsonl': `${masked.join('\n')}\n`, 'repeats.jsonl': `${repeats.join('\n')}\n` });
  await space.run();
  const counts = await space.ask(
    `select u.source_object, count(*) as n, count(distinct p.prompt_hash) as prompts
     from prompt_fingerprints p join usage u on u.record_id = p.record_id group by 1 order by 1`,
  );
  const [first, second] = counts;
  expect(second).toEqual({ source_object: 'repeats.jsonl', n: '200', prompts: '1' });
  expect(Number(first?.['n'])).toBeLessThan(40);
});

test('block ids that the source gives are kept, and follow the row that counts', async () => {
  space = await workspace();
  const line = JSON.stringify({
    ...JSON.parse(call(1, 'x', 1024)),
    prompt: undefined,
    prompt_blocks: [5, 7, -3],
    block_tokens: 512,
  });
  await space.write({ 'a.jsonl': `${line}\n`, 'copy of a.jsonl': `${line}\n` });
  await space.run();
  expect(await space.ask('select blocks, block_tokens from prompt_fingerprints')).toEqual([
    { blocks: ['5', '7', '-3'], block_tokens: '512' },
  ]);
});
