/** Tokenizers of vendors from an inbox to a ratio: what was planted is found, from calls alone whose whole input was logged. */
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { loadConfig, loadPrices } from '../../bin/config-files.ts';
import { measureOwnTokenizers } from '../../bin/prompts-folder.ts';
import type { CalibrationRow } from '../../lib/count/tokenizer-calibration.ts';

const BASE_MS = Date.UTC(2026, 9, 5, 8);
const CALLS = 240;
const textOf = (n: number): string =>
  `Invoice ${n}: the goods were sent on day ${n % 31} and paid for by customer ${n * 7}. `.repeat(9);
const TOKENS = Array.from({ length: CALLS }, (_, n) => countTokens(textOf(n)));
/** What the vendor is made to report: a fifth more, and one in three calls from its cache. */
const reported = (n: number): number => Math.round(1.2 * (TOKENS[n] ?? 0));

const call = (n: number, more: object = {}): object => ({
  timestamp: new Date(BASE_MS + n * 60_000).toISOString(),
  id: `call-${n}-${JSON.stringify(more).length}`,
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  session: `s${n % 12}`,
  input_tokens: n % 3 === 0 ? reported(n) - 100 : reported(n),
  cached_tokens: n % 3 === 0 ? 100 : 0,
  input_includes_cache: false,
  output_tokens: 5,
  prompt: textOf(n),
  ...more,
});

async function measured(lines: readonly object[]): Promise<readonly CalibrationRow[]> {
  const prompts = join(await mkdtemp(join(tmpdir(), 'prompt-calibration-')), 'inbox');
  await mkdir(prompts);
  await writeFile(join(prompts, 'calls.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { config, folder } = await loadConfig(undefined);
  return (await measureOwnTokenizers({ config, ...(await loadPrices(config, folder)) }, { prompts })) ?? [];
}

test('the ratio of a model is measured on its calls, cached tokens included', async () => {
  const plain = Array.from({ length: CALLS }, (_, n) => call(n));
  const others = [
    // the input of these is more than their text, was counted by the ledger, or was not billed by token
    call(1, { id: 'x1', tools: [{ name: 'search' }], input_tokens: 5_000 }),
    call(2, {
      id: 'x2',
      prompt: [
        {
          role: 'user',
          content: [
            { type: 'image', source: {} },
            { type: 'text', text: 'a' },
          ],
        },
      ],
    }),
    call(3, { id: 'x3', input_tokens: undefined, output_tokens: undefined, cached_tokens: undefined }),
    call(4, { id: 'x4', prompt: undefined }),
    call(5, { id: 'x5', status: 'error' }),
  ];
  const rows = await measured([...plain, ...others]);
  const o200kTokens = TOKENS.reduce((sum, tokens) => sum + tokens, 0);
  const reportedTokens = TOKENS.reduce((sum, _, n) => sum + reported(n), 0);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    publisher: 'anthropic',
    model: 'claude-sonnet-4-5',
    status: 'measured',
    calls: CALLS,
    leftOut: 0,
    sessions: 12,
    o200kTokens,
    reportedTokens,
    ratio: reportedTokens / o200kTokens,
  });
  expect(rows[0]?.low).toBeGreaterThan(1.19);
  expect(rows[0]?.high).toBeLessThan(1.21);
  const letters = Array.from({ length: CALLS }, (_, n) => textOf(n).match(/[a-z]/gi)?.length ?? 0);
  expect(rows[0]?.scripts.latin).toBe(letters.reduce((sum, units) => sum + units, 0));
}, 60_000);

test('few calls are too few, and without a folder nothing is measured', async () => {
  const rows = await measured(Array.from({ length: 20 }, (_, n) => call(n)));
  expect(rows).toMatchObject([{ status: 'too_few', calls: 20, ratio: null }]);
  const { config, folder } = await loadConfig(undefined);
  expect(await measureOwnTokenizers({ config, ...(await loadPrices(config, folder)) }, {})).toBeNull();
}, 60_000);
