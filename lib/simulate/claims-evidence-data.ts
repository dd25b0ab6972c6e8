/**
 * What rules of thumb leave open, as visible assumptions, and what has been measured or published about optimizations. Lengths are tokens,
 * shares are percent where the name says so and fractions of one otherwise.
 */

/** Lengths and loads that rules leave open. All editable guesses, none measured. */
export const ASSUMED = {
  shortQuery: {
    inputTokens: 400,
    outputTokens: 100,
    source: 'a short query: 400 tokens in, 100 out',
    date: '2026-11',
    isFact: false,
  },
  longQuery: {
    inputTokens: 1_500,
    outputTokens: 300,
    source: 'a query with some context: 1,500 tokens in, 300 out',
    date: '2026-11',
    isFact: false,
  },
  ragAnswerTokens: {
    value: 1_000,
    source: 'an answer of 1,000 tokens where context is long',
    date: '2026-11',
    isFact: false,
  },
  load: {
    lowPercent: 10,
    typicalPercent: 40,
    source: 'load of a rented GPU: 10% to 100%, 40% taken as usual',
    date: '2026-11',
    isFact: false,
  },
  engineer: {
    usdPerYear: 190_000,
    share: 0.25,
    source: 'a quarter of an engineer at $190,000 a year',
    date: '2026-11',
    isFact: false,
  },
  page: {
    pages: 10,
    lowWords: 300,
    highWords: 500,
    wordsPer100Tokens: 75,
    source: 'English text of 300 to 500 words a page, 75 words per 100 tokens (help page of OpenAI on tokens)',
    date: '2026-11',
    isFact: false,
  },
  answer: {
    shortTokens: 200,
    longTokens: 500,
    source: 'answers of 200 to 500 tokens per document',
    date: '2026-11',
    isFact: false,
  },
  promptShares: {
    inputOfBillPercent: 60,
    cachedOfInputPercent: 50,
    cachedReadPercent: 10,
    cutPercent: 40,
    source:
      'a bill that is 60% input, half of its tokens read from a cache at a tenth of the price; prompts cut by 40%',
    date: '2026-11',
    isFact: false,
  },
  redone: {
    percent: 20,
    longerAnswer: 5,
    source: 'up to 20% of a small model’s answers redone by the large one, or answers up to 5 times as long',
    date: '2026-11',
    isFact: false,
  },
} as const;

/** Shares measured on public traces or published. Input bills are relative to the same prompts without any cache. */
export const MEASURED = {
  agentInputBill: {
    fiveMinutes: 0.21,
    oneHour: 0.182,
    thirtyMinutes: 0.156,
    source:
      'replay of 60 public Claude Code sessions (callanjfox/kv-cache-tester) with breakpoints, write 1.25× or 2×, read 0.1×',
    date: '2026-11',
    isFact: true,
  },
  chatInputBill: {
    fiveMinutes: 0.713,
    oneHour: 1.019,
    source: 'replay of the public Mooncake synthetic trace (FAST 2025) with breakpoints, write 1.25× or 2×, read 0.1×',
    date: '2026-11',
    isFact: true,
  },
  exactRepeats: {
    agentRepeats: 0,
    agentRequests: 4_133,
    chatRepeats: 213,
    chatRequests: 3_993,
    source: 'exact repeats counted in the same agent sessions and the Mooncake synthetic trace',
    date: '2026-11',
    isFact: true,
  },
  semanticHits: {
    lowPercent: 20,
    highPercent: 45,
    source: 'hit rates of semantic caches in production as vendors and users post them (weak evidence)',
    date: '2026',
    isFact: true,
  },
  router: {
    strongCallsAtHalfGap: { mtBench: 0.134, mmlu: 0.354, gsm8k: 0.336 },
    strongCallsAt80Gap: { mtBench: 0.313, mmlu: 0.703, gsm8k: 0.633 },
    strongToWeakPrice: 100,
    randomToRouterAt80GapMmlu: 1.14,
    source:
      'RouteLLM, arXiv 2406.18665v4: share of calls to GPT-4 beside Mixtral-8x7B, and cost against a random router',
    date: '2024-06',
    isFact: true,
  },
  hybrid: {
    fewerLargeCallsPercent: 40,
    source: 'Hybrid LLM, arXiv 2404.14618: up to 40% fewer calls of the large model without a measured drop',
    date: '2024-04',
    isFact: true,
  },
  quantization: {
    eightBitLoaded: [1.38, 1.87, 1.77],
    fourBitLoaded: [1.08, 1.64, 1.55],
    oneByOne: [1.54, 2.39, 1.81, 2.67, 1.84, 2.11],
    llama405b: [2.5, 3.1, 3.2, 3.3, 5.2, 6.4],
    fourBitLoaded8b: 1.08,
    source: 'arXiv 2411.02355v4: cost of BF16 over cost of the quantized model, Llama-3.1 8B, 70B, 405B',
    date: '2025',
    isFact: true,
  },
} as const;
