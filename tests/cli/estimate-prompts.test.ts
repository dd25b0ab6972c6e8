/** `estimate --prompts`: tokens of models whose tokenizer is not public follow the user's own calls, and no word of a prompt leaves the program. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EstimateJson, PlanJson } from '../../lib/estimate/estimate-json.ts';
import { usdText } from '../../lib/money.ts';
import { folder, ledger } from './run-command.ts';

const CALLS = 240;
const SESSIONS = 12;
const textOf = (n: number): string =>
  `Canary ${n}: the goods were sent on day ${n % 31} and paid for by customer ${n * 7}.\n`.repeat(9);
const TOKENS = Array.from({ length: CALLS }, (_, n) => countTokens(textOf(n)));
/** What the vendor is made to report: a tenth more in one session, three tenths in the next. */
const reported = (n: number): number => Math.round((n % 2 === 0 ? 1.1 : 1.3) * (TOKENS[n] ?? 0));

/** Its scripts are those of the prompts, so that their ratio holds as it is. */
const DOCUMENT = Array.from({ length: CALLS }, (_, n) => textOf(n)).join('');

const call = (n: number, more: object = {}): string =>
  JSON.stringify({
    timestamp: new Date(Date.UTC(2026, 9, 5, 8, n)).toISOString(),
    id: `call-${n}-${JSON.stringify(more)}`,
    provider: 'anthropic',
    model: 'claude-sonnet-4-5-20250929',
    session: `s${n % SESSIONS}`,
    input_tokens: reported(n),
    output_tokens: 5,
    prompt: textOf(n),
    ...more,
  });

/** The ratio of sums over sessions and its range, worked out by the book (docs/counting.md). */
function ratioByHand(): { ratio: number; low: number; high: number } {
  const sessions = Array.from({ length: SESSIONS }, (_, session) => {
    const own = TOKENS.map((tokens, n) => ({ tokens, n })).filter(({ n }) => n % SESSIONS === session);
    return {
      o200k: own.reduce((sum, { tokens }) => sum + tokens, 0),
      reported: own.reduce((sum, { n }) => sum + reported(n), 0),
    };
  });
  const o200k = sessions.reduce((sum, one) => sum + one.o200k, 0);
  const ratio = sessions.reduce((sum, one) => sum + one.reported, 0) / o200k;
  const squares = sessions.reduce((sum, one) => sum + (one.reported - ratio * one.o200k) ** 2, 0);
  // Student's t of 11 degrees of freedom at 97.5 %, from a table
  const half = (2.200985 * Math.sqrt((squares * SESSIONS) / (SESSIONS - 1))) / o200k;
  return { ratio, low: ratio - half, high: ratio + half };
}

let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  place = await folder();
  await mkdir(join(place.path, 'contracts'));
  await writeFile(join(place.path, 'contracts/a.txt'), DOCUMENT);
  await mkdir(join(place.path, 'inbox'));
  const lines = [
    ...Array.from({ length: CALLS }, (_, n) => call(n)),
    ...Array.from({ length: 20 }, (_, n) => call(n, { provider: 'google', model: 'gemini-2.5-pro' })),
    // what was sent besides the text is not in the log
    ...Array.from({ length: 50 }, (_, n) => call(n, { tools: [{ name: 'canary' }], input_tokens: 9_000 })),
    '{"prompt": "a canary that is cut off',
  ];
  await writeFile(join(place.path, 'inbox/calls.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(place.path, 'inbox/canary.jsonl.gz'), 'a canary that is no gzip');
});
afterAll(async () => place.close());

const WORDS = ['--documents', 'contracts', '--output-tokens', '0', '--at', '2026-11-01'];
const MODELS = ['--models', 'claude-sonnet-4-5,gemini-2.5-pro,claude-opus-4-6,gpt-4o'];

test.each([
  [['--documents', 'contracts', '--prompts', 'nowhere'], 'error: --prompts nowhere is no folder'],
  [
    ['--preset', 'ten-page-document', '--prompts', 'inbox'],
    'error: --prompts does not go with --preset, whose lengths are tokens of the model already',
  ],
])('estimate %j', async (words, message) => {
  const { code, out, err } = await ledger(place.path, 'estimate', ...words);
  expect({ code, out, err: err.split('\n')[0] }).toEqual({ code: 2, out: '', err: message });
});

test('the ratio of own calls is taken where they are enough, and who said so is named', async () => {
  const words = [...WORDS, ...MODELS];
  const measured = await ledger(place.path, 'estimate', ...words, '--prompts', 'inbox', '--format', 'json');
  const shipped = await ledger(place.path, 'estimate', ...words, '--format', 'json');
  expect([measured.code, measured.err, shipped.code]).toEqual([0, '', 0]);
  const syncOf = ({ out }: { out: string }, model: string): PlanJson | undefined =>
    (JSON.parse(out) as EstimateJson).plans.find((plan) => plan.model === model && plan.mode === 'sync');

  const { ratio, low, high } = ratioByHand();
  expect(low).toBeGreaterThan(1.1);
  expect(high).toBeLessThan(1.3);
  const tokens = countTokens(DOCUMENT);
  // 3 USD by million tokens up to 200,000
  const usd = (count: number): string => usdText(BigInt(count) * 3_000_000n);
  expect(syncOf(measured, 'claude-sonnet-4-5')).toMatchObject({
    input_tokens: Math.round(ratio * tokens),
    cost: {
      low: usd(Math.floor(low * tokens)),
      expected: usd(Math.round(ratio * tokens)),
      high: usd(Math.ceil(high * tokens)),
    },
  });
  const told = [ratio, low, high].map((value) => value.toFixed(3));
  expect(syncOf(measured, 'claude-sonnet-4-5')?.basis).toBe(
    `tokens: calibrated:o200k_base*${told[0]}(${told[1]}-${told[2]}) on 240 own calls of claude-sonnet-4-5 in 12 sessions or days; what a chat format adds is in the measured ratio; output: given, 0 tokens`,
  );

  for (const [model, why] of [
    ['gemini-2.5-pro', '20 own calls of gemini-2.5-pro in 12 sessions or days'],
    ['claude-opus-4-6', '0 own calls of claude-opus-4-6 in 0 sessions or days'],
  ] as const) {
    const [with_, without] = [syncOf(measured, model), syncOf(shipped, model)];
    expect(with_).toEqual({ ...without, basis: with_?.basis });
    expect(with_?.basis).toContain(`, not calibrated: ${why} are too few, 200 in 8 are needed; `);
    expect(without?.basis).not.toContain('calibrated');
  }
  expect(syncOf(measured, 'gpt-4o')).toEqual(syncOf(shipped, 'gpt-4o'));

  // the chat format is not added to a ratio that holds it
  const added = await ledger(
    place.path,
    'estimate',
    ...words,
    '--prompts',
    'inbox',
    '--chat-overhead',
    '--format',
    'json',
  );
  expect(syncOf(added, 'claude-sonnet-4-5')).toEqual(syncOf(measured, 'claude-sonnet-4-5'));
  expect(syncOf(added, 'gpt-4o')?.input_tokens).toBe(tokens + 7);

  const table = await ledger(place.path, 'estimate', ...words, '--prompts', 'inbox');
  expect(table.out).toContain(`claude-sonnet-4-5: tokens: calibrated:o200k_base*${told[0]}`);
  expect(table.out).toContain('not calibrated: 20 own calls of gemini-2.5-pro');
  const csv = await ledger(place.path, 'estimate', ...words, '--prompts', 'inbox', '--format', 'csv');
  expect(csv.out).toContain(`calibrated:o200k_base*${told[0]}`);
  for (const { out, err } of [measured, added, table, csv]) expect(out + err).not.toMatch(/canary|goods|customer/i);
}, 120_000);
