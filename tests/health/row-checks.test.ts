/** Ids on more than one day, calls without a price, objects not read or there twice: made with the real journey. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { readCommits } from '../../lib/commit.ts';
import type { Finding } from '../../lib/health/finding.ts';
import { checkObjects, checkRows } from '../../lib/health/row-checks.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

let space: Workspace;
beforeEach(async () => {
  space = await workspace();
});
afterEach(async () => space.close());

async function found(): Promise<Finding[]> {
  const store = createFolderStore(space.lake);
  const engine = await openDuckDb(space.lake);
  try {
    await exposeLake(engine, await createFolderCatalog(store).read());
    return [...(await checkRows(engine)), ...checkObjects(await readCommits(store))];
  } finally {
    engine.close();
  }
}

const line = (over: Record<string, unknown>): string =>
  `${JSON.stringify({ timestamp: '2026-11-20T10:00:00Z', model: 'gpt-4o', input_tokens: 10, output_tokens: 1, ...over })}\n`;

test('copies of a call further apart than the window are named with both days and objects', async () => {
  await space.write({
    'app/a.jsonl':
      line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAx' }) + line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAy' }),
    // three days later: two rows. A day later: one
    'app/b.jsonl':
      line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAx', timestamp: '2026-11-23T10:00:00Z' }) +
      line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAy', timestamp: '2026-11-21T10:00:00Z' }),
  });
  await space.run();
  const [twins, unpriced] = await found();
  expect(twins).toMatchObject({ level: 'problem', check: 'twins' });
  expect(twins?.message).toContain('1 record id stands on more than one day');
  expect(twins?.where).toEqual([
    expect.stringMatching(/^[0-9a-f]{16,64}: 2026-11-20 and 2026-11-23 in app\/a\.jsonl, app\/b\.jsonl$/),
  ]);
  expect(twins?.todo).toContain('twins.wide_days');
  expect(unpriced).toMatchObject({ level: 'ok', check: 'unpriced' });
});

test('calls of a model nobody has a price for are counted', async () => {
  await space.write({
    'app/a.jsonl':
      line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAx', model: 'nobody-knows-1' }) +
      line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAy' }),
  });
  await space.run();
  expect((await found())[1]).toMatchObject({
    level: 'problem',
    message: '1 calls of 1 models have no price and are in no total',
  });
});

test('an object that cannot be read and equal objects without ids and times are named', async () => {
  const anonymous = `${JSON.stringify({ id: 'a', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', usage: { input_tokens: 5, output_tokens: 5 } })}\n`;
  await space.write({
    'broken/a.parquet': Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(40, 7), Buffer.from('PAR1')]),
    'app/one.jsonl': anonymous.replace('"id":"a",', ''),
    'app/two.jsonl': anonymous.replace('"id":"a",', ''),
    'app/three.jsonl': line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAx' }),
    'app/four.jsonl': line({ id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAx' }),
  });
  await space.run();
  const findings = (await found()).slice(2);
  expect(findings.map(({ check, level, where }) => [check, level, where])).toEqual([
    ['objects', 'problem', ['broken/a.parquet']],
    ['copies', 'problem', ['app/one.jsonl', 'app/two.jsonl']],
  ]);
  expect(findings[1]?.message).toBe(
    '2 objects with equal bytes hold 1 lines without id and time each, which count every time',
  );
});
