/** Plans by hand: every number below is worked out in the comment beside it from prices of 2026-11-01. */
import { describe, expect, test } from 'vitest';
import { givenLengths } from '../../lib/model-offers.ts';
import { compileCustomerRates } from '../../lib/price/customer-rates.ts';
import { documentOf, estimateOf, planNamed, plansOf } from '../fixtures/estimates.ts';

const OWN = { tokensOf: givenLengths('own') };
const one = (cost: string): { low: string; expected: string; high: string } => ({
  low: cost,
  expected: cost,
  high: cost,
});

describe('at once and in a batch', () => {
  test('tokens times price, each document', () => {
    const found = plansOf(['gpt-4o'], [documentOf(1001), documentOf(4000)], { outputTokens: 100 });
    // 5,001 × 2.5 + 200 × 10 USD by million
    expect(planNamed(found, 'sync')).toMatchObject({
      requests: 2,
      input_tokens: 5001,
      output_tokens: { low: 200, expected: 200, high: 200 },
      input_cost: '0.0125025',
      cost: one('0.0145025'),
    });
    expect(planNamed(found, 'batch')).toMatchObject({ input_cost: '0.00625125', cost: one('0.00725125') });
    expect(found).toMatchObject({
      documents: 2,
      tokens: { o200k_base: 5001, cl100k_base: 5001 },
      cheapest: { model: 'gpt-4o', mode: 'batch' },
    });
  });

  test('chat format, shared prompt and question are in each request', () => {
    const settings = {
      chatOverhead: 'added' as const,
      requestsPerDocument: 2,
      sharedPromptTokens: 50,
      questionTokens: 9,
    };
    const plan = planNamed(plansOf(['gpt-4o'], [documentOf(1000)], { outputTokens: 1, settings }), 'sync');
    // two messages: 2 × 4 + 3
    expect(plan.input_tokens).toBe(2 * (1000 + 50 + 9 + 11));
    expect(plan.basis).toContain('11 tokens of chat format by request (OpenAI Cookbook)');
  });

  test('a band of long contexts is reached by a request, not by a sum', () => {
    const documents = [documentOf(200_000), documentOf(200_001)];
    const plan = planNamed(plansOf(['gemini-2.5-pro'], documents, { outputTokens: 1000, sources: OWN }), 'sync');
    // 200,000 × 1.25 and 200,001 × 2.5; 1,000 × 10 and 1,000 × 15
    expect(plan).toMatchObject({ input_cost: '0.7500025', cost: one('0.7750025') });
  });

  test("the customer's rates hold", () => {
    const customer = compileCustomerRates([{ provider: 'openai', discount_percent: '10' }]);
    const found = plansOf(['gpt-4o'], [documentOf(4000)], { outputTokens: 0, sources: { customer } });
    expect(planNamed(found, 'sync').cost).toEqual(one('0.009'));
  });

  test('a batch that is too small for the provider has no cost and is not the cheapest', () => {
    const found = plansOf(['bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0'], [documentOf(10)], { outputTokens: 1 });
    expect(planNamed(found, 'batch')).toMatchObject({ cost: null, input_cost: null });
    expect(planNamed(found, 'batch').notes).toContain('a batch takes 100 requests at least, these are 1');
    expect(found.cheapest).toMatchObject({ mode: 'sync' });
  });
});

describe('with a prompt cache', () => {
  const asked = (sharedPromptTokens: number, requestsPerDocument: number): object => ({
    outputTokens: 0,
    settings: { sharedPromptTokens, requestsPerDocument },
    sources: OWN,
  });

  test('Claude: the shared prompt is written once, a document that is sent again is written behind it', () => {
    const found = plansOf(['claude-sonnet-4-5'], [documentOf(3000), documentOf(5000)], asked(2000, 3));
    // written: 2,000 + 3,000 + 5,000 × 3.75; read: 2,000 (once less than documents) + 2 × (5,000 + 7,000) × 0.3
    expect(planNamed(found, 'cached').input_cost).toBe('0.0453');
    // 3 × (5,000 + 7,000) × 3
    expect(planNamed(found, 'sync').input_cost).toBe('0.108');
  });

  test('Claude: below the minimum nothing is cached, and a single request writes no document', () => {
    expect(plansOf(['claude-sonnet-4-5'], [documentOf(1000)], asked(23, 5)).plans.map(({ mode }) => mode)).toEqual([
      'sync',
      'batch',
    ]);
    const found = plansOf(['claude-sonnet-4-5'], [documentOf(3000), documentOf(3000)], asked(2000, 1));
    // written 2,000 × 3.75, read 2,000 × 0.3, afresh 6,000 × 3
    expect(planNamed(found, 'cached').input_cost).toBe('0.0261');
  });

  test('Claude: what is sent once is not worth writing', () => {
    const found = plansOf(['claude-sonnet-4-5'], [documentOf(3000)], asked(2000, 1));
    expect(found.plans.map(({ mode }) => mode)).toEqual(['sync', 'batch']);
    expect(planNamed(found, 'sync').notes).toContain(
      'nothing is cached: a beginning of 1024 tokens that is sent again, and pays, is needed',
    );
  });

  test('GPT-4o: writing is free, lengths are multiples of 128', () => {
    const found = plansOf(['gpt-4o'], [documentOf(1000)], asked(100, 4));
    // 1,100 is 1,024 cached: 1,100 × 2.5, then 3 × (1,024 × 1.25 + 76 × 2.5)
    expect(planNamed(found, 'cached').input_cost).toBe('0.00716');
  });

  test('GPT-5.6: written tokens cost 1.25 times as much', () => {
    const found = plansOf(['gpt-5.6'], [documentOf(1500)], asked(0, 2));
    // 1,500 × 5 + 1,500 × 0.4
    expect(planNamed(found, 'cached').input_cost).toBe('0.0081');
  });

  test('the document that the corpus begins with is the one where writing the shared prompt costs least more', () => {
    const found = plansOf(['gpt-5.6'], [documentOf(300_000), documentOf(3000)], asked(2000, 1));
    // read 2,000 × 0.4 + 3,000 × 4; above 272,000 tokens 2,000 × 0.8 + 300,000 × 8; written once at 5 instead of 0.4, not at 10 instead of 0.8
    expect(planNamed(found, 'cached').input_cost).toBe('2.4236');
  });

  test('in a batch only some reads find the entry, the others write it anew', () => {
    const found = plansOf(['claude-opus-4-6'], [documentOf(10_000)], asked(0, 11));
    // 10,000 × 3.125, then 10 times 30 of 100 read at 0.25 and 70 of 100 write at 3.125
    expect(planNamed(found, 'batch+cached').input_cost).toBe('0.2575');
    expect(planNamed(found, 'batch+cached').notes).toContain('30 of 100 reads find it in a batch');
    // 11 × 10,000 × 2.5
    expect(planNamed(found, 'batch').input_cost).toBe('0.275');
    const all = plansOf(['claude-opus-4-6'], [documentOf(10_000)], {
      ...asked(0, 11),
      settings: { requestsPerDocument: 11, batchCacheHits: 100 },
    });
    // 10,000 × 3.125 + 100,000 × 0.25
    expect(planNamed(all, 'batch+cached').input_cost).toBe('0.05625');
  });

  test('no cache in batches is counted on where no share of hits is published', () => {
    const modes = plansOf(['gpt-4o'], [documentOf(10_000)], asked(0, 11)).plans.map(({ mode }) => mode);
    expect(modes).toEqual(['sync', 'batch', 'cached']);
  });
});

describe('embeddings', () => {
  test('chunks with overlap, once, whatever is asked about the document', () => {
    const settings = { chunkTokens: 800, overlapTokens: 400, requestsPerDocument: 5, sharedPromptTokens: 999 };
    const found = plansOf(['text-embedding-3-small'], [documentOf(2000), documentOf(300)], { settings });
    // 4 chunks of 800, and one of 300; 0.02 USD by million
    expect(planNamed(found, 'embedding')).toMatchObject({
      requests: 5,
      input_tokens: 3500,
      input_cost: '0.00007',
      cost: one('0.00007'),
    });
    expect(planNamed(found, 'batch')).toMatchObject({ input_cost: '0.000035' });
  });

  test('are not compared with answers, but among themselves', () => {
    const models = ['text-embedding-3-small', 'gpt-4o'];
    expect(plansOf(models, [documentOf(10)]).cheapest).toEqual({ model: 'gpt-4o', mode: 'batch' });
    expect(plansOf(models.slice(0, 1), [documentOf(10)]).cheapest).toEqual({
      model: 'text-embedding-3-small',
      mode: 'batch',
    });
  });
});

describe('limits of a model', () => {
  test('a document that does not fit is cut into chunks that overlap', () => {
    const settings = { overlapTokens: 100, chunkTokens: 800, sharedPromptTokens: 1000 };
    const found = plansOf(['gpt-4o'], [documentOf(300_000), documentOf(5)], { outputTokens: 1000, settings });
    // room for 128,000 - 1,000 - 1,000 = 126,000: chunks at 0, 125,900 and 251,800, of which the last has 48,200
    const plan = planNamed(found, 'sync');
    expect(plan).toMatchObject({
      requests: 4,
      input_tokens: 300_000 + 200 + 5 + 4 * 1000,
      output_tokens: { expected: 4000 },
    });
    expect(plan.notes).toContain('1 document cut into 3 chunks that share 100 tokens');
    expect(plan.notes).toContain('2 requests and 2,200 input tokens more');
  });

  test('prompt, document and answer together fill the window, and not a token more', () => {
    const asked = { outputTokens: 1000, settings: { sharedPromptTokens: 1000, questionTokens: 7 } };
    const requests = (tokens: number): number =>
      planNamed(plansOf(['gpt-4o'], [documentOf(tokens)], asked), 'sync').requests;
    // 128,000 - 1,000 - 7 - 1,000
    expect([requests(125_993), requests(125_994)]).toEqual([1, 2]);
  });

  test('what is given and cannot be answered does not fit, and has no cost', () => {
    const found = plansOf(['gpt-4o', 'gpt-4o-mini'], [documentOf(10)], { outputTokens: 16_385 });
    expect(planNamed(found, 'sync', 'gpt-4o')).toMatchObject({ cost: null, requests: 0 });
    expect(planNamed(found, 'sync', 'gpt-4o').notes).toContain(
      'does not fit: the model takes 128,000 tokens of context and 16,384 tokens of answer',
    );
    expect(found.cheapest).toBeNull();
  });

  test('a translation is cut so that its answer fits', () => {
    const plan = planNamed(
      plansOf(['gpt-4o'], [documentOf(30_000)], { task: 'translate', settings: { questionTokens: 0 } }),
      'sync',
    );
    // the answer to 16,384 tokens has as many, expected; the second chunk begins 400 before: 14,016
    expect(plan).toMatchObject({ requests: 2, input_tokens: 30_400, output_tokens: { expected: 30_400 } });
  });

  test('a guess is cut to what the model can give', () => {
    const history = [{ model: null, calls: 900, range: { low: 1, expected: 2, high: 90_000 } }];
    expect(planNamed(plansOf(['gpt-4o'], [documentOf(10)], { history }), 'sync').output_tokens).toEqual({
      low: 1,
      expected: 2,
      high: 16_384,
    });
  });

  test('a window that nobody published is said', () => {
    expect(planNamed(plansOf(['claude-3-5-sonnet'], [documentOf(10)]), 'sync').notes).toContain(
      'context window not known',
    );
  });
});

describe('what is estimated', () => {
  test('tokens of Claude lie within the ratio, and so does the money', () => {
    const found = plansOf(['claude-opus-4-6'], [documentOf(1000)], { outputTokens: 0 });
    // Latin script of Claude: 1.02, 1.13, 1.60 (docs/counting.md), so 1,020, 1,130, 1,600 × 5
    expect(planNamed(found, 'sync')).toMatchObject({
      input_tokens: 1130,
      input_cost: '0.00565',
      cost: { low: '0.0051', expected: '0.00565', high: '0.008' },
      basis: expect.stringContaining(
        'estimated:o200k_base by script, claude (assumed 2026-11, stand-in: the tokenizer of Claude 2',
      ) as string,
    });
  });

  test('a tokenizer of the owner is exact', () => {
    const asked = { outputTokens: 0, sources: { tokenizers: { mine: ['claude-opus-*'] } } };
    const plan = planNamed(plansOf(['claude-opus-4-6'], [documentOf(1000, { tokens: { mine: 1234 } })], asked), 'sync');
    expect(plan).toMatchObject({
      input_tokens: 1234,
      cost: one('0.00617'),
      basis: expect.stringContaining('counted:mine') as string,
    });
  });

  test('what documents stand on is named in an order of its own', () => {
    const documents = [documentOf(10), documentOf(10, { tokens: { mine: 12 } })];
    const asked = { outputTokens: 0, sources: { tokenizers: { mine: ['claude-opus-*'] } } };
    for (const some of [documents, documents.toReversed()])
      expect(planNamed(plansOf(['claude-opus-4-6'], some, asked), 'sync').basis).toContain(
        'tokens: counted:mine, estimated:o200k_base by script, claude (assumed 2026-11,',
      );
  });

  test('answers are a range of the task, named with its source', () => {
    const plan = planNamed(
      plansOf(['gpt-4o'], [documentOf(1000)], { task: 'classify', settings: { questionTokens: 0 } }),
      'sync',
    );
    // 1,000 × 2.5 and 1, 5, 11 × 10
    expect(plan).toMatchObject({
      output_tokens: { low: 1, expected: 5, high: 11 },
      cost: { low: '0.00251', expected: '0.00255', high: '0.00261' },
    });
  });
});

describe('documents', () => {
  test('empty and rejected ones are named and not priced', () => {
    const documents = [
      documentOf(100),
      documentOf(0, { status: 'empty', reason: 'has no text' }),
      documentOf(0, { document: 'a.pdf', status: 'rejected', reason: 'has a password' }),
    ];
    expect(plansOf(['gpt-4o'], documents, { outputTokens: 0 })).toMatchObject({
      documents: 3,
      empty: 1,
      rejected: [{ document: 'a.pdf', reason: 'has a password' }],
      tokens: { o200k_base: 100 },
      plans: [{ requests: 1 }, { requests: 1 }],
    });
  });

  test('a duplicate is sent as often as it lies there, unless duplicates are skipped', () => {
    const documents = ['ab', 'cd', 'ab', 'ab'].map((hash) => documentOf(10, { contentHash: hash.repeat(32) }));
    expect(plansOf(['gpt-4o'], documents)).toMatchObject({
      duplicates: 2,
      tokens: { o200k_base: 40 },
      plans: [{ requests: 4 }, {}],
    });
    expect(plansOf(['gpt-4o'], documents, { settings: { skipDuplicates: true } })).toMatchObject({
      documents: 4,
      duplicates: 2,
      tokens: { o200k_base: 20 },
      plans: [{ requests: 2 }, {}],
    });
  });

  test('none at all cost nothing, and nothing is the cheapest', () => {
    const found = plansOf(['gpt-4o'], []);
    expect(planNamed(found, 'sync')).toMatchObject({ requests: 0, cost: one('0') });
    expect(found.cheapest).toBeNull();
  });
});

test('rates say how long it takes at least', () => {
  const settings = { requestsPerMinute: 10, tokensPerMinute: 1000 };
  const documents = Array.from({ length: 100 }, () => documentOf(900));
  const found = plansOf(['gpt-4o'], documents, { outputTokens: 100, settings });
  // 100,000 tokens at 1,000 a minute are more than 100 requests at 10
  expect(planNamed(found, 'sync').notes).toContain('at least 1 h 40 min at 10 requests and 1,000 tokens a minute');
  expect(planNamed(found, 'batch').notes).not.toContain('a minute');
});

test('equal costs are decided by the name of the model', () => {
  const found = estimateOf(['openai/gpt-4o', 'gpt-4o'], [documentOf(10)], { outputTokens: 1 });
  expect(found.cheapest?.model).toBe('gpt-4o');
});

test('a model without a price has plans without money', () => {
  const found = plansOf(['no-such-model'], [documentOf(10)]);
  expect(found).toMatchObject({ cheapest: null, plans: [{ mode: 'sync', requests: 1, input_cost: null, cost: null }] });
  expect(found.plans[0]?.notes).toContain('the price book has no price for these requests');
});
