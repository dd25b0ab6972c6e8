/** Lengths of answers: what is printed as a source is what the source says. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTokenCounter } from '../../lib/count/token-counter.ts';
import { readVocabulary } from '../../lib/count/vocabulary.ts';
import {
  LEAST_CALLS,
  givenOutput,
  historyOutput,
  outputTokens,
  TASK_FACTS,
  taskOutput,
  TASKS,
} from '../../lib/estimate/output-length.ts';
import { chatOverhead } from '../../lib/estimate/chat-overhead.ts';

const counter = createTokenCounter('o200k_base', readVocabulary(vocabularyBytes('o200k_base')));
const count = (text: string): number => counter.count(text);

test('instructions and labels have the tokens that are said', () => {
  for (const task of TASKS)
    expect([task, TASK_FACTS[task].instructionTokens]).toEqual([task, count(TASK_FACTS[task].instruction)]);
  const labels = ['positive', '{"label":"positive"}', '{"label":"positive","confidence":0.97}'].map(count);
  expect(Object.values(TASK_FACTS.classify.range)).toEqual(labels);
});

test('roles are one token each, as the rule of chat formats takes for granted', () => {
  expect(['user', 'system', 'assistant'].map((role) => count(role))).toEqual([1, 1, 1]);
  expect(chatOverhead('openai', 1).tokens).toBe(3 + 1 + 3);
  expect(chatOverhead('anthropic', 2)).toEqual({
    tokens: 2 * 4 + 3,
    basis: expect.stringContaining('assumed') as string,
  });
});

test('the summaries of arXiv papers have these percentiles', () => {
  const text = gunzipSync(readFileSync(new URL('../golden/arxiv/lengths.csv.gz', import.meta.url))).toString();
  const answers = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]))
    .toSorted((a, b) => a - b);
  const percentile = (percent: number): number => answers[Math.ceil((answers.length * percent) / 100) - 1] as number;
  expect(answers).toHaveLength(28_257);
  expect(TASK_FACTS.summarize.range).toEqual({ low: percentile(10), expected: percentile(50), high: percentile(90) });
});

test('a translation grows with the document, other answers do not', () => {
  const lengths = [0, 1, 1000].map((tokens) => outputTokens(taskOutput('translate'), 'high', tokens));
  expect(lengths).toEqual([0, 2, 1950]);
  expect(outputTokens(taskOutput('summarize'), 'low', 0)).toBe(outputTokens(taskOutput('summarize'), 'low', 9000));
  expect(outputTokens(givenOutput({ low: 1, expected: 2, high: 3 }), 'high', 50)).toBe(3);
});

test("a model's own history comes before that of all models, and too few calls say nothing", () => {
  const range = (n: number): { low: number; expected: number; high: number } => ({
    low: n,
    expected: n + 1,
    high: n + 2,
  });
  const all = { model: null, calls: 5000, range: range(10) };
  const own = { model: 'gpt-4o', calls: LEAST_CALLS, range: range(20) };
  expect(historyOutput([all, own], ['gpt-4o-2024-08-06', 'gpt-4o'])?.range).toEqual(range(20));
  expect(historyOutput([all, { ...own, calls: LEAST_CALLS - 1 }], ['gpt-4o'])).toMatchObject({
    range: range(10),
    basis: 'output: P10, P50, P90 of 5,000 chat calls of all models in the ledger',
  });
  expect(historyOutput([{ ...own, calls: 3 }], ['gpt-4o'])).toBeNull();
});
