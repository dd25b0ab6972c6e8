/**
 * Golden: 28,257 lengths of arXiv papers on six models in three modes, against totals that `tests/golden/arxiv/totals.py` works out from prices
 * typed in by hand and formulas of its own.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { givenLengths } from '../../lib/model-offers.ts';
import { documentOf, plansOf } from '../fixtures/estimates.ts';

const golden = (name: string): Buffer => readFileSync(new URL(`../golden/arxiv/${name}`, import.meta.url));

interface Totals {
  readonly documents: number;
  readonly requests: number;
  readonly input_tokens: number;
  readonly plans: Readonly<Record<string, { readonly input_cost: string; readonly cost: string }>>;
}

test('costs what the formulas say, to the last digit', () => {
  const totals = JSON.parse(golden('totals.json').toString()) as Totals;
  const documents = gunzipSync(golden('lengths.csv.gz')).toString().trim().split('\n').slice(1);
  const models = [...new Set(Object.keys(totals.plans).map((name) => name.split(' ')[0] as string))];
  const found = plansOf(
    models,
    documents.map((line) => documentOf(Number(line.split(',')[0]))),
    {
      outputTokens: 291,
      settings: { requestsPerDocument: 3, sharedPromptTokens: 2000 },
      sources: { tokensOf: givenLengths('lengths of the trace') },
    },
  );
  const three = found.plans.filter(({ mode }) => mode !== 'batch+cached');
  expect({
    documents: found.documents,
    requests: [...new Set(three.map(({ requests }) => requests))],
    tokens: [...new Set(three.map((plan) => plan.input_tokens))],
  }).toEqual({ documents: totals.documents, requests: [totals.requests], tokens: [totals.input_tokens] });
  expect(
    Object.fromEntries(
      three.map((plan) => [`${plan.model} ${plan.mode}`, { input_cost: plan.input_cost, cost: plan.cost }]),
    ),
  ).toEqual(
    Object.fromEntries(
      Object.entries(totals.plans).map(([name, { input_cost, cost }]) => [
        name,
        { input_cost, cost: { low: cost, expected: cost, high: cost } },
      ]),
    ),
  );
}, 60_000);
