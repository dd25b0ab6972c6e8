/** Rules of thumb about what an API costs: prices of models, a document, a chatbot, a pile of documents, a month. All amounts are exact. */
import { claimOf, moneyRange, part, range } from './claim.ts';
import type { Claim } from './claim.ts';
import { amountOf, batchCost, tokenCost } from './claim-arithmetic.ts';
import type { Lengths } from './claim-arithmetic.ts';
import { dollarText, numberText } from './claim-text.ts';
import { BATCH, FRONTIER, MISTAKEN, MODELS, SMALL } from './claims-data.ts';
import type { ModelPrice } from './claims-data.ts';
import { ASSUMED } from './claims-evidence-data.ts';

const MODEL_LIST = Object.values(MODELS);
const MS_PER_DAY = 86_400_000;

const DOCUMENTS = 10_000;
const TOKENS_PER_DOCUMENT = 4_000;
const QUOTED_USD = { frontier: ['40', '150'], small: ['1.50', '6'] } as const;

/** The claims about API prices, in the order they are read. */
export function claimsOfPrices(): Claim[] {
  return [sixModels(), tenPages(), chatbot(), ...(['frontier', 'small'] as const).map(documents)];
}

function sixModels(): Claim {
  const quotedPrices = [
    ['GPT-4o', 2.5, 10],
    ['Claude Sonnet', 3, 15],
    ['Gemini 1.5 Pro', 1.25, 5],
    ['GPT-4o mini', 0.15, 0.6],
    ['Claude Haiku', 0.25, 1.25],
    ['Gemini 1.5 Flash', 0.075, 0.3],
  ] as const;
  const from =
    MODEL_LIST.map((model) => model.validFrom)
      .toSorted()
      .at(-1) ?? '';
  const to = MODEL_LIST.flatMap((model) => model.validTo ?? []).toSorted()[0] ?? '';
  return claimOf(
    {
      id: 'prices-2024',
      topic: 'prices',
      claim:
        'Per million tokens in and out: GPT-4o $2.50/10, Claude Sonnet $3/15, Gemini 1.5 Pro $1.25/5, ' +
        'GPT-4o mini $0.15/0.60, Claude Haiku $0.25/1.25, Gemini 1.5 Flash $0.075/0.30',
      quoted: quotedPrices.map(([what, input, output]) => range(what, 'USD/M tokens', [input, output])),
      recomputed: [
        ...MODEL_LIST.map((model) =>
          moneyRange(`${model.name}, in to out`, 'USD/M tokens', [
            tokenCost(model, { inputTokens: 1_000_000, outputTokens: 0 }),
            tokenCost(model, { inputTokens: 0, outputTokens: 1_000_000 }),
          ]),
        ),
        range('all six held together for', 'days', [(Date.parse(to) - Date.parse(from)) / MS_PER_DAY]),
      ],
      why:
        `All six were list prices at once only from ${from} to ${to}; since then models went and others came. ` +
        'Good for arithmetic, not for a budget: `inference-ledger prices` knows what holds today. ' +
        `GPT-4o began at ${listed(MISTAKEN.gpt4oAtLaunch)}, ${MISTAKEN.haiku35.name} costs ${listed(MISTAKEN.haiku35)}, ` +
        `and Gemini 1.5 Pro ${listed(MISTAKEN.geminiProLong)} beyond 128,000 tokens of prompt.`,
    },
    [...MODEL_LIST, ...Object.values(MISTAKEN)],
  );
}

function listed({ inputUsd, outputUsd }: ModelPrice): string {
  return `$${inputUsd}/${outputUsd}`;
}

function tenPages(): Claim {
  const { pages, lowWords, highWords, wordsPer100Tokens } = ASSUMED.page;
  const tokensOf = (words: number): number => Math.ceil((pages * words * 100) / wordsPer100Tokens);
  const [few, many] = [tokensOf(lowWords), tokensOf(highWords)];
  const costs = (models: readonly ModelPrice[]): bigint[] => [
    ...models.map((model) => tokenCost(model, { inputTokens: few, outputTokens: 0 })),
    ...models.map((model) => tokenCost(model, { inputTokens: many, outputTokens: ASSUMED.answer.shortTokens })),
  ];
  const perDocument = (usd: readonly string[]): bigint[] => usd.map((amount) => amountOf(amount) / BigInt(DOCUMENTS));
  return claimOf(
    {
      id: 'ten-page-document',
      topic: 'workloads',
      claim:
        'A 10-page document is about 4,000 tokens: $0.004–0.015 on a frontier model, $0.00015–0.0006 on a small one',
      quoted: [
        range('tokens', 'tokens', [TOKENS_PER_DOCUMENT]),
        moneyRange('frontier model', 'USD/document', perDocument(QUOTED_USD.frontier)),
        moneyRange('small model', 'USD/document', perDocument(QUOTED_USD.small)),
      ],
      recomputed: [
        range(`${pages} pages of ${lowWords} to ${highWords} words`, 'tokens', [few, many]),
        moneyRange('frontier model, up to a short answer', 'USD/document', costs(FRONTIER)),
        moneyRange('small model, up to a short answer', 'USD/document', costs(SMALL)),
      ],
      why:
        `4,000 tokens are ten loosely set pages; dense ones have ${numberText(many)}. The quoted amounts are those of the rule about ` +
        '10,000 documents, one document at a time; they leave no room for dense pages or an answer.',
    },
    [...MODEL_LIST, ASSUMED.page, ASSUMED.answer],
  );
}

function chatbot(): Claim {
  const [conversations, tokens] = [1_000, 500];
  const total = conversations * tokens;
  const [allIn, half, allOut]: Lengths[] = [
    { inputTokens: total, outputTokens: 0 },
    { inputTokens: total / 2, outputTokens: total / 2 },
    { inputTokens: 0, outputTokens: total },
  ] as const;
  const between = (models: readonly ModelPrice[], mixes: readonly (Lengths | undefined)[]): bigint[] =>
    models.flatMap((model) => mixes.flatMap((mix) => (mix === undefined ? [] : tokenCost(model, mix))));
  const doubled = tokenCost(MODELS.sonnet, { inputTokens: total, outputTokens: total });
  return claimOf(
    {
      id: 'chatbot-per-day',
      topic: 'workloads',
      claim: 'A chatbot with 1,000 conversations a day of 500 tokens costs $1.25–15 a day',
      quoted: [moneyRange('per day', 'USD/day', ['1.25', '15'].map(amountOf))],
      recomputed: [
        moneyRange('frontier models, all input to all output', 'USD/day', between(FRONTIER, [allIn, allOut])),
        ...FRONTIER.map((model) => part(moneyRange(model.name, 'USD/day', between([model], [allIn, allOut])))),
        moneyRange('frontier models, half input, half output', 'USD/day', between(FRONTIER, [half])),
        moneyRange('small models, all input to all output', 'USD/day', between(SMALL, [allIn, allOut])),
      ],
      why:
        `$1.25 is GPT-4o if nothing were ever answered. $15 is out of reach: it takes a million output tokens of Claude Sonnet, and even ` +
        `500 in and 500 out per conversation cost ${dollarText(doubled)}. But each turn sends the history again: n turns cost about ` +
        `(n + 1) / 2 times the input of one pass.`,
    },
    MODEL_LIST,
  );
}

function documents(size: 'frontier' | 'small'): Claim {
  const models = size === 'frontier' ? FRONTIER : SMALL;
  const quoted = QUOTED_USD[size];
  const cost = (model: ModelPrice, answerTokens: number): bigint =>
    tokenCost(model, { inputTokens: DOCUMENTS * TOKENS_PER_DOCUMENT, outputTokens: DOCUMENTS * answerTokens });
  const answered = (answerTokens: number): bigint[] => models.map((model) => cost(model, answerTokens));
  const { shortTokens, longTokens } = ASSUMED.answer;
  const inBatch = answered(0).map(batchCost);
  const cheapest = (amounts: readonly bigint[]): string =>
    dollarText(amounts.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n);
  const why =
    size === 'frontier'
      ? `$40 is below every list price: reading only costs ${cheapest(answered(0))} or more, unless a batch halves it. ` +
        `$150 is right up to answers of ${shortTokens} tokens; longer ones pass it.`
      : `$1.50 exists for Gemini 1.5 Flash in a batch only, and Claude Haiku lies above $6 before it has answered. ` +
        `Without a batch, reading only costs ${cheapest(answered(0))} or more.`;
  return claimOf(
    {
      id: `ten-thousand-documents-${size}`,
      topic: 'workloads',
      claim: `10,000 documents of 4,000 tokens cost $${quoted[0]}–${quoted[1]} on ${size} models`,
      quoted: [moneyRange('for all documents', 'USD', quoted.map(amountOf))],
      recomputed: [
        moneyRange(`reading only, up to answers of ${longTokens} tokens`, 'USD', [
          ...answered(0),
          ...answered(longTokens),
        ]),
        moneyRange(`reading only, up to answers of ${shortTokens} tokens`, 'USD', [
          ...answered(0),
          ...answered(shortTokens),
        ]),
        ...models.map((model) => part(moneyRange(model.name, 'USD', [cost(model, 0), cost(model, shortTokens)]))),
        moneyRange('reading only, in a batch', 'USD', inBatch),
      ],
      why,
    },
    [...models, ASSUMED.answer, BATCH],
  );
}

/** What people budget per month, and what a query would have to be for it. */
export function monthlyBudget(): Claim {
  const budget = ['500', '5000'].map(amountOf);
  const queries = [10_000, 100_000] as const;
  const perQuery = budget.map((amount, at) => amount / BigInt(queries[at] ?? 1));
  const answer = ASSUMED.ragAnswerTokens.value;
  const contextFor = (model: ModelPrice): number => {
    const left = (perQuery[0] ?? 0n) - tokenCost(model, { inputTokens: 0, outputTokens: answer });
    return Number(left) / Number(tokenCost(model, { inputTokens: 1, outputTokens: 0 }));
  };
  const context = Math.round(contextFor(MODELS.gpt4o));
  const monthly = (lengths: Lengths): bigint[] =>
    FRONTIER.flatMap((model) => queries.map((count) => BigInt(count) * tokenCost(model, lengths)));
  const short = monthly(ASSUMED.shortQuery);
  return claimOf(
    {
      id: 'monthly-budget',
      topic: 'budgets',
      claim: '10,000 to 100,000 queries a month cost $500–5,000',
      quoted: [moneyRange('per month', 'USD/month', budget)],
      recomputed: [
        moneyRange('short queries, to queries with long context', 'USD/month', [
          ...short,
          ...monthly({ inputTokens: context, outputTokens: answer }),
        ]),
        part(
          moneyRange(
            `short queries, ${ASSUMED.shortQuery.inputTokens} in and ${ASSUMED.shortQuery.outputTokens} out`,
            'USD/month',
            short,
          ),
        ),
        moneyRange('the rule means, at both ends', 'USD/query', perQuery),
        range('which buys a prompt on GPT-4o of', 'tokens', [context]),
        range('or on Claude 3.5 Sonnet of', 'tokens', [contextFor(MODELS.sonnet)]),
      ],
      why:
        `Both ends are ${dollarText(perQuery[0] ?? 0n)} a query: right for long retrieved context and agents, with ` +
        `${numberText(context)} tokens in and ${numberText(answer)} out on GPT-4o. Short queries cost a tenth or less, ` +
        `so this rule and the one about the chatbot cannot both describe one application.`,
    },
    [...FRONTIER, ASSUMED.shortQuery, ASSUMED.ragAnswerTokens],
  );
}
