/** One object a call, a whole day of them, through the ingest handler on ports in memory: few landing files come of it, however they are told. */
import { expect, test } from 'vitest';
import { ingestBatch } from '../../lambdas/ingest-batch.ts';
import { readCommits } from '../../lib/commit.ts';
import { arriving, line, message } from './arrivals.ts';
import type { Arriving } from './arrivals.ts';

const OBJECTS = 20_000;

/** Lands objects of one call each in batches of this size. */
async function landAll(batch: number, contentOf: (key: string) => string): Promise<Arriving> {
  const world = arriving();
  const keys = Array.from({ length: OBJECTS }, (_, i) => `gateway/${String(i).padStart(6, '0')}.json`);
  for (const key of keys) await world.inbox.put(key, new TextEncoder().encode(contentOf(key)));
  for (let at = 0; at < OBJECTS; at += batch)
    expect(
      await ingestBatch(
        world.ports,
        keys.slice(at, at + batch).map((key) => message(key)),
      ),
    ).toEqual([]);
  return world;
}

const landingFiles = (world: Arriving): string[] =>
  [...world.lake.objects.keys()].filter((key) => key.startsWith('landing/'));

test('20,000 objects in batches of 500 are 40 landing files, each row once', async () => {
  const world = await landAll(500, (key) => line(key));
  expect(landingFiles(world)).toHaveLength(40);
  const commits = await readCommits(world.lake);
  expect(commits).toHaveLength(40);
  expect(commits.flatMap((commit) => commit.files).reduce((sum, file) => sum + file.rows, 0)).toBe(OBJECTS);
  expect(new Set((await world.landed()).map(({ object }) => object)).size).toBe(OBJECTS);
});

test('with prompts in them, which land beside the rows, they are 40 files in batches of 1,000, as many as a deployed function gets', async () => {
  const world = await landAll(1000, (key) => chat(key));
  const kinds = Map.groupBy(landingFiles(world), (key) => /class=(\w+)/.exec(key)?.[1] ?? '');
  expect([...kinds].map(([kind, keys]) => [kind, keys.length])).toEqual(
    expect.arrayContaining([
      ['calls', 20],
      ['prompts', 20],
    ]),
  );
  expect(landingFiles(world)).toHaveLength(40);
});

/** A call as LiteLLM's S3 logger writes it, with its messages. */
function chat(key: string): string {
  return JSON.stringify({
    id: `chatcmpl-${key}`,
    call_type: 'acompletion',
    status: 'success',
    startTime: Date.UTC(2026, 10, 1, 10) / 1000,
    endTime: Date.UTC(2026, 10, 1, 10) / 1000 + 1,
    model: 'gpt-4o-mini',
    custom_llm_provider: 'openai',
    prompt_tokens: 1000,
    completion_tokens: 10,
    total_tokens: 1010,
    response_cost: 0.0001,
    messages: [{ role: 'user', content: `What became of ${key}?` }],
    request_tags: [],
    metadata: { user_api_key_team_alias: 'search' },
    hidden_params: {},
    model_map_information: {},
  });
}
