/** `estimate` as a person types it: presets, a folder, a ledger's own answers; refused words; what leaves the program and with which code. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EstimateJson } from '../../lib/estimate/estimate-json.ts';
import { folder, ledger } from './run-command.ts';

/** Two of them are the same. */
const TEXTS = ['The canary sings at dawn.\n', 'hello world', 'hello world'] as const;

let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  place = await folder();
  await mkdir(join(place.path, 'contracts/old'), { recursive: true });
  await writeFile(join(place.path, 'contracts/a.txt'), TEXTS[0]);
  await writeFile(join(place.path, 'contracts/b.md'), TEXTS[1]);
  await writeFile(join(place.path, 'contracts/old/b.md'), TEXTS[2]);
  await writeFile(join(place.path, 'contracts/empty.txt'), '');
  await writeFile(join(place.path, 'contracts/broken.pdf'), '%PDF-1.7 and no more');
});
afterAll(async () => place.close());

const AT = ['--at', '2026-11-01'];

test.each([
  [[], 'error: name the documents: either --documents DIR or --preset NAME'],
  [['--preset', 'x'], 'error: --preset x: must be one of ten-page-document, ten-thousand-documents'],
  [['--documents', 'd', '--preset', 'x'], 'error: name the documents: either --documents DIR or --preset NAME'],
  [['--documents', 'nowhere'], 'error: --documents nowhere is no folder'],
  [['--documents', 'contracts', '--models', 'gpt-99'], 'error: models: the price book has no gpt-99'],
  [
    ['--documents', 'contracts', '--models', 'gpt-4o,'],
    'error: --models gpt-4o,: must be names with a comma between them',
  ],
  [
    ['--documents', 'contracts', '--output-tokens', '1,2'],
    'error: --output-tokens 1,2: must be a whole number, or three: low,expected,high',
  ],
  [
    ['--documents', 'contracts', '--task', 'sing'],
    'error: --task sing: must be one of summarize, extract, classify, question_answering, translate',
  ],
  [['--documents', 'contracts', '--rpm', '0'], 'error: requestsPerMinute 0: must be a whole number from 1'],
  [['--documents', 'contracts', '--at', 'today'], 'error: --at today: must be a day such as 2026-11-01'],
  [['--documents', 'contracts', '--lake', 'nowhere'], 'error: there is no ledger in nowhere'],
])('estimate %j', async (words, message) => {
  const { code, out, err } = await ledger(place.path, 'estimate', ...words);
  expect({ code, out, err: err.split('\n')[0] }).toEqual({ code: 2, out: '', err: message });
});

test('a preset as JSON: the contract, and nothing on stderr', async () => {
  const words = [
    '--preset',
    'ten-page-document',
    '--models',
    'gpt-4o',
    '--output-tokens',
    '500',
    '--format',
    'json',
    ...AT,
  ];
  const { code, out, err } = await ledger(place.path, 'estimate', ...words);
  expect([code, err]).toEqual([0, '']);
  const found = JSON.parse(out) as EstimateJson;
  expect(Object.keys(found)).toEqual([
    'corpus',
    'documents',
    'tokens',
    'plans',
    'cheapest',
    'duplicates',
    'empty',
    'rejected',
  ]);
  expect(Object.keys(found.plans[0] ?? {})).toEqual([
    'model',
    'mode',
    'requests',
    'input_tokens',
    'output_tokens',
    'input_cost',
    'cost',
    'basis',
    'notes',
  ]);
  // 4,000 × 2.5 + 500 × 10 USD by million, and half of it in a batch
  expect(found).toMatchObject({
    corpus: 'ten-page-document',
    documents: 1,
    tokens: { o200k_base: 4000, cl100k_base: 4000 },
    plans: [
      { mode: 'sync', input_cost: '0.01', cost: { low: '0.015', expected: '0.015', high: '0.015' } },
      { mode: 'batch', input_cost: '0.005', cost: { low: '0.0075', expected: '0.0075', high: '0.0075' } },
    ],
    cheapest: { model: 'gpt-4o', mode: 'batch' },
  });
});

test('a folder: tokens as counted, duplicates and what cannot be read named, no text anywhere', async () => {
  const words = ['--documents', 'contracts', '--models', 'gpt-4o', '--output-tokens', '10', ...AT];
  const json = await ledger(place.path, 'estimate', ...words, '--format', 'json');
  const found = JSON.parse(json.out) as EstimateJson;
  const texts = TEXTS.reduce((all, text) => all + countTokens(text), 0);
  expect(found).toMatchObject({
    corpus: 'contracts',
    tokens: { o200k_base: texts },
    documents: 5,
    empty: 1,
    duplicates: 1,
    rejected: [{ document: 'broken.pdf' }],
  });
  expect(found.plans[0]).toMatchObject({ requests: 3, input_tokens: texts });
  expect(found.plans[0]?.basis).toContain('without what a chat format adds, 7 tokens by request');
  expect(found.rejected[0]?.reason).not.toBe('');
  expect(json.err).toContain(
    'note: 1 duplicates of other documents, priced each time; leave them out with --skip-duplicates',
  );

  const bare = await ledger(
    place.path,
    'estimate',
    ...words,
    '--chat-overhead',
    '--skip-duplicates',
    '--format',
    'json',
  );
  expect((JSON.parse(bare.out) as EstimateJson).plans[0]).toMatchObject({
    requests: 2,
    input_tokens: texts - countTokens(TEXTS[2]) + 2 * 7,
  });

  const table = await ledger(place.path, 'estimate', ...words);
  expect(table.out).toContain('cheapest: gpt-4o, batch, by expected cost; quality is not assessed');
  expect(table.out).toMatch(/rejected, not priced:\n {2}broken\.pdf: /);
  const csv = await ledger(place.path, 'estimate', ...words, '--format', 'csv');
  expect(csv.out.split('\r\n')[0]).toBe(
    'corpus,model,provider,mode,requests,input_tokens,output_tokens_low,output_tokens_expected,output_tokens_high,input_cost,cost_low,cost_expected,cost_high,basis,notes,is_cheapest',
  );
  for (const { out, err } of [json, bare, table, csv]) expect(out + err).not.toContain('canary');
}, 60_000);

test('the config says what the command line does not, and its limit of rejected documents decides the exit code', async () => {
  const documents = { models: ['gpt-4o-mini'], outputTokens: 3, requestsPerDocument: 2 };
  await writeFile(join(place.path, 'strict.json'), JSON.stringify({ documents, limits: { rejected_percent: '10' } }));
  const words = ['--documents', 'contracts', '--config', 'strict.json', '--format', 'json', ...AT];
  const { code, out } = await ledger(place.path, 'estimate', ...words);
  expect(code).toBe(3);
  expect((JSON.parse(out) as EstimateJson).plans[0]).toMatchObject({
    model: 'gpt-4o-mini',
    requests: 6,
    output_tokens: { low: 18, expected: 18, high: 18 },
  });
}, 60_000);

test('a tokenizer of the owner that is none is told by its key, without a word of the file', async () => {
  const tokenizers = { mine: { file: 'mine.json', models: ['gpt-4o'] } };
  await writeFile(join(place.path, 'tokenizers.json'), JSON.stringify({ documents: { tokenizers } }));
  const words = ['--documents', 'contracts', '--models', 'gpt-4o', '--config', 'tokenizers.json', ...AT];
  for (const [file, problem] of [
    ['{"canary": 1}', 'has no "model" with a "vocab"'],
    [
      '{"model": {"type": "BPE", "vocab": {"canary": 0}, "merges": []}, "normalizer": {"type": "Unheard"}}',
      'is not supported: Unknown Normalizer type: Unheard',
    ],
  ] as const) {
    await writeFile(join(place.path, 'mine.json'), file);
    const { code, out, err } = await ledger(place.path, 'estimate', ...words);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err: `error: documents.tokenizers.mine.file: mine.json ${problem}\n  → name the tokenizer.json that lies beside the weights of the model\n`,
    });
  }
}, 60_000);

test('answers are as long as those of the ledger', async () => {
  const calls = Array.from({ length: 120 }, (_, at) =>
    JSON.stringify({
      id: `c${at}`,
      timestamp: '2026-10-05T12:00:00Z',
      model: 'gpt-4o',
      input_tokens: 50,
      output_tokens: at + 1,
      status: 'ok',
    }),
  );
  await mkdir(join(place.path, 'logs'));
  await writeFile(join(place.path, 'logs/calls.jsonl'), `${calls.join('\n')}\n`);
  expect((await ledger(place.path, 'run', '--inbox', 'logs', '--lake', 'lake')).code).toBe(0);
  const words = ['--documents', 'contracts', '--models', 'gpt-4o', '--lake', 'lake', '--format', 'json', ...AT];
  const { out } = await ledger(place.path, 'estimate', ...words);
  const plan = (JSON.parse(out) as EstimateJson).plans[0];
  // of 1 to 120: the 12th, 60th and 108th; three documents are sent
  expect(plan?.output_tokens).toEqual({ low: 36, expected: 180, high: 324 });
  expect(plan?.basis).toContain('output: P10, P50, P90 of 120 chat calls of gpt-4o in the ledger');
}, 120_000);
