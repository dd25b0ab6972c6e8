/** From words of a person to an estimate: names of models, what decides the length of answers, what is refused; history from a ledger's calls. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { documentsSchema } from '../../lib/config-documents.ts';
import { LEAST_CALLS, TASK_FACTS } from '../../lib/estimate/output-length.ts';
import { presetDocuments } from '../../lib/estimate/presets.ts';
import { corpusEstimator, DEFAULT_MODELS, outputHistory } from '../../lib/estimation.ts';
import { offerNamed } from '../../lib/model-offers.ts';
import { columnTypes, USAGE } from '../../lib/schema.ts';
import { documentOf, planNamed, plansOf, SOURCES } from '../fixtures/estimates.ts';

describe('names of models', () => {
  test.each([
    ['gpt-4o', 'openai', true],
    ['azure/gpt-4o', 'azure', true],
    ['azure_openai/gpt-4o', 'azure', true],
    ['claude-opus-4-6', 'anthropic', true],
    ['bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock', true],
    ['gemini-2.5-pro', 'google', true],
    // Amazon sells no models but through Bedrock
    ['amazon.nova-pro-v1:0', 'bedrock', true],
    ['gpt-99', 'openai', false],
    ['nothing-like-it', '', false],
  ])('%s is bought from %s', (name, provider, isKnown) => {
    const found = offerNamed(SOURCES, name);
    expect([found.offer.provider, found.isKnown, found.offer.model]).toEqual([provider, isKnown, name]);
  });

  test('the default ones are in the book, with windows, caches and batches', () => {
    for (const name of DEFAULT_MODELS) {
      const { offer, isKnown } = offerNamed(SOURCES, name);
      expect([name, isKnown, offer.contextTokens === null, offer.cache === null, offer.batch === null]).toEqual([
        name,
        true,
        false,
        false,
        false,
      ]);
    }
    expect(new Set(plansOf([], [documentOf(1)]).plans.map(({ model }) => model))).toEqual(new Set(DEFAULT_MODELS));
  });

  test('a model that the book does not have is refused where a person asks', () => {
    const request = { corpus: 'c', models: ['gpt-99'], settings: {}, history: [] };
    expect(() => corpusEstimator(request, SOURCES, 'refuse')).toThrow('models: the price book has no gpt-99');
  });

  test('who wrote twice is answered once', () => {
    expect(plansOf(['gpt-4o', 'gpt-4o'], [documentOf(1)]).plans).toHaveLength(2);
  });
});

describe('the length of answers', () => {
  const history = [{ model: 'gpt-4o', calls: LEAST_CALLS, range: { low: 7, expected: 8, high: 9 } }];
  const lengths = (asked: Parameters<typeof plansOf>[2]): unknown =>
    planNamed(plansOf(['gpt-4o'], [documentOf(100)], asked), 'sync').output_tokens;

  test('is what is given, else what the ledger saw, else the range of the task, else that of a summary', () => {
    expect(lengths({ outputTokens: 5, history, task: 'classify' })).toEqual({ low: 5, expected: 5, high: 5 });
    expect(lengths({ outputTokens: { low: 1, expected: 5, high: 9 } })).toEqual({ low: 1, expected: 5, high: 9 });
    expect(lengths({ history, task: 'classify' })).toEqual({ low: 7, expected: 8, high: 9 });
    expect(lengths({ task: 'classify' })).toEqual(TASK_FACTS.classify.range);
    expect(lengths({})).toEqual(TASK_FACTS.summarize.range);
  });

  test('of a translation is that of its document, whatever other answers were', () => {
    expect(lengths({ history, task: 'translate' })).toEqual({ low: 52, expected: 100, high: 195 });
  });

  test('a task brings its instruction, unless tokens of the question are given', () => {
    const input = (asked: Parameters<typeof plansOf>[2]): number =>
      planNamed(plansOf(['gpt-4o'], [documentOf(100)], asked), 'sync').input_tokens;
    expect(input({ task: 'summarize' })).toBe(100 + TASK_FACTS.summarize.instructionTokens);
    expect(input({ task: 'summarize', settings: { questionTokens: 3 } })).toBe(103);
  });
});

test.each([
  [
    { outputTokens: { low: 2, expected: 1, high: 3 } },
    'outputTokens 2,1,3: must be whole numbers, low, expected, high in this order',
  ],
  [{ settings: { requestsPerDocument: 0 } }, 'requestsPerDocument 0: must be a whole number from 1'],
  [{ settings: { sharedPromptTokens: 1.5 } }, 'sharedPromptTokens 1.5: must be a whole number from 0'],
  [{ settings: { chunkTokens: 100, overlapTokens: 100 } }, 'overlapTokens 100: must be less than chunkTokens 100'],
  [{ settings: { batchCacheHits: 101 } }, 'batchCacheHits 101: must be a whole number from 0 to 100'],
])('%j is refused', (asked, message) => {
  expect(() => plansOf(['gpt-4o'], [], asked)).toThrow(message);
});

test('an overlap that is not given shrinks with the chunks', () => {
  const plan = planNamed(
    plansOf(['text-embedding-3-small'], [documentOf(300)], { settings: { chunkTokens: 100 } }),
    'embedding',
  );
  expect(plan).toMatchObject({
    requests: 5,
    basis: expect.stringContaining('chunks of 100 tokens that share 50') as string,
  });
});

test('ten thousand documents cost ten thousand times as much as one, at once', () => {
  const cost = (preset: 'ten-page-document' | 'ten-thousand-documents'): unknown =>
    planNamed(plansOf(['gpt-4o'], presetDocuments(preset), { outputTokens: 500 }), 'sync').cost;
  // 4,000 × 2.5 + 500 × 10 USD by million
  expect(cost('ten-page-document')).toEqual({ low: '0.015', expected: '0.015', high: '0.015' });
  expect(cost('ten-thousand-documents')).toEqual({ low: '150', expected: '150', high: '150' });
  expect(plansOf(['gpt-4o'], presetDocuments('ten-thousand-documents')).duplicates).toBe(0);
});

test('config: answers in order, names of tokenizers, nothing unknown', () => {
  expect(documentsSchema.parse({})).toEqual({ models: [], tokenizers: {}, limits: {} });
  const accepts = (section: unknown): boolean => documentsSchema.safeParse(section).success;
  expect([
    accepts({ outputTokens: 300 }),
    accepts({ outputTokens: { low: 1, expected: 2, high: 2 } }),
    accepts({ outputTokens: { low: 3, expected: 2, high: 4 } }),
    accepts({ tokenizers: { llama3: { file: 'llama3.json', models: ['meta.llama3*'] } } }),
    accepts({ tokenizers: { llama3: { file: 'llama3.json', models: [] } } }),
    accepts({ output_tokens: 300 }),
  ]).toEqual([true, true, false, true, false, false]);
});

describe('history of answers', () => {
  let engine: Awaited<ReturnType<typeof openDuckDb>>;
  let sql: string;
  beforeAll(async () => {
    engine = await openDuckDb(':memory:');
    sql = (await loadSqlFolder('estimate/queries'))['output-history'] as string;
  });
  afterAll(() => engine.close());

  interface Call {
    readonly model: string;
    readonly output: number;
    readonly changes?: Readonly<Record<string, string>>;
  }
  const ask = async (calls: readonly Call[]): Promise<unknown> => {
    const types = columnTypes(USAGE);
    const names = ['model', 'output_tokens', 'grain', 'status', 'usage_basis', 'operation'];
    const usual = { grain: 'call', status: 'ok', usage_basis: 'reported', operation: 'chat' };
    await engine.table(
      'usage',
      Object.fromEntries(names.map((name) => [name, types[name] as string])),
      calls.map(({ model, output, changes }) => {
        const row: Record<string, string | number> = { model, output_tokens: output, ...usual, ...changes };
        return names.map((name) => row[name] as string | number);
      }),
    );
    return await outputHistory(engine, sql);
  };

  /** The smallest value that so many of a hundred do not exceed. */
  const percentile = (values: readonly number[], percent: number): number =>
    values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] as number;

  test('is the percentiles of each model and of all', async () => {
    const call = fc.record({ model: fc.constantFrom('a', 'b', 'c'), output: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 60 }), async (calls) => {
        const groups = [[null, calls] as const, ...Map.groupBy(calls, ({ model }) => model)];
        const expected = groups.map(([model, own]) => {
          const values = own.map(({ output }) => output);
          return {
            model,
            calls: values.length,
            range: { low: percentile(values, 10), expected: percentile(values, 50), high: percentile(values, 90) },
          };
        });
        const found = (await ask(calls)) as unknown[];
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
      }),
      { numRuns: 25 },
    );
  });

  test('leaves out what is no answer that was counted by its source', async () => {
    const odd = [{ grain: 'bucket' }, { status: 'error' }, { usage_basis: 'estimated' }, { operation: 'embedding' }];
    const calls = [
      { model: 'a', output: 5 },
      { model: 'a', output: 0 },
      ...odd.map((changes) => ({ model: 'a', output: 99, changes })),
    ];
    const range = { low: 5, expected: 5, high: 5 };
    expect(await ask(calls)).toEqual(
      expect.arrayContaining([
        { model: 'a', calls: 1, range },
        { model: null, calls: 1, range },
      ]),
    );
  });
});
