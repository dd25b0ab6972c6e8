/**
 * How long a large log takes to simulate: conversations of agents that grow turn by turn, a service with a long shared beginning, a chatbot
 * whose questions repeat or resemble each other, nightly work that may wait, images. All eight levers, all 256 sets of them, ranges and tornado,
 * with the shipped price book.
 *
 *   node bench/simulate-log.ts [--calls 1000000] [--one-workspace]
 */
import { parseArgs } from 'node:util';
import { loadPrices } from '../bin/config-files.ts';
import { DEFAULT_CONFIG, parseConfig } from '../lib/config.ts';
import { createRandom } from '../lib/generate/random.ts';
import type { CallKind, LoggedCall } from '../lib/simulate/call-log.ts';
import { readNeighbors } from '../lib/simulate/semantic-evidence.ts';
import { simulate } from '../lib/simulate/simulate.ts';
import { callPricing, evidenceSettings, leverConfig } from '../lib/simulation.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '1000000' }, 'one-workspace': { type: 'boolean', default: false } },
});
const wanted = Number(values.calls);
const START_MS = Date.UTC(2026, 9, 1);
const MONTH_MS = 30 * 86_400_000;
const BLOCK_TOKENS = 128;

const FLEET = {
  name: 'llama',
  models: ['claude-sonnet-4-6'],
  replica: 'llama-3.x-70b-fp8-2xh100',
  // cheap enough to be rented: a lever that does not pay halves the number of sets
  instance: { gpu: 'H100', gpus: 2, usdPerHour: '0.4' },
  minimumReplicas: 1,
  acceptedPercent: { value: 80, low: 60, high: 95 },
};

const { book, customer } = await loadPrices(DEFAULT_CONFIG, '.');
const config = parseConfig(
  JSON.stringify({
    simulate: {
      modelChoice: [{ from: 'claude-opus-4-6', to: 'claude-sonnet-4-6', outputPercent: 110 }],
      promptOptimization: [{ application: 'service', keptPercent: { value: 80, low: 70, high: 90 } }],
      imageGeneration: [{ from: 'gpt-image-1', to: 'gpt-image-1-mini' }],
      selfHosting: { fleets: [FLEET] },
      parameters: { 'ops.fte': 0.01, 'ops.setup_weeks': 0 },
    },
  }),
  'bench',
).simulate;

interface Conversation {
  readonly id: number;
  blocks: bigint[];
  turns: number;
}

/** The nearest earlier request of each of the chatbot's: the one before it, for every second question of like meaning. */
async function neighborLines(count: number): Promise<string[]> {
  const last = new Map<string, string>();
  const lines: string[] = [];
  let n = 0;
  for await (const { application, recordId, prompt } of calls(count)) {
    n++;
    if (application !== 'chatbot' || prompt === null) continue;
    const meaning = prompt.promptHash.slice(0, 15);
    const nearest = last.get(meaning) ?? null;
    lines.push(
      JSON.stringify({
        record_id: recordId,
        nearest,
        ...(nearest !== null && { similarity: n % 2 === 0 ? 0.95 : 0.8 }),
      }),
    );
    last.set(meaning, recordId);
  }
  return lines;
}

/** Calls in order of time; blocks are numbers that no two beginnings share. */
async function* calls(count: number): AsyncGenerator<LoggedCall> {
  const random = createRandom(1);
  const pricing = callPricing(book, customer);
  let nextBlock = 1n;
  let nextPrompt = 0;
  const grow = (blocks: readonly bigint[], more: number): bigint[] => [
    ...blocks,
    ...Array.from({ length: more }, () => nextBlock++),
  ];
  const system = grow([], 24);
  const conversations: Conversation[] = Array.from({ length: 300 }, (_, id) => ({
    id,
    blocks: grow(system, 4),
    turns: 0,
  }));
  const questions = Array.from({ length: 20_000 }, () => ({ prompt: nextPrompt++, blocks: grow(system, 2) }));
  const kindOf = (model: string, provider: string): CallKind => ({
    provider,
    publisher: null,
    model,
    modelReported: model,
    operation: 'chat',
    tier: 'standard',
    priceRegion: null,
    billingAccountId: null,
    usageBasis: 'reported',
  });
  const kinds = {
    agent: kindOf('claude-opus-4-6', 'anthropic'),
    service: kindOf('claude-sonnet-4-6', 'anthropic'),
    chatbot: kindOf('gpt-4o-mini', 'openai'),
    nightly: kindOf('claude-haiku-4-5', 'anthropic'),
    image: { ...kindOf('gpt-image-1', 'openai'), operation: 'image' },
  };
  for (let n = 0; n < count; n++) {
    const timeMs = START_MS + Math.floor((n * MONTH_MS) / count);
    const what =
      (['agent', 'service', 'chatbot', 'nightly', 'image'] as const)[random.weighted([43, 20, 25, 10, 2])] ?? 'agent';
    let prompt = nextPrompt++;
    let blocks: readonly bigint[];
    let session: string | null = null;
    if (what === 'agent') {
      const own = random.pick(conversations);
      if (own.turns > 40) Object.assign(own, { blocks: grow(system, 4), turns: 0 });
      own.blocks = grow(own.blocks, random.between(1, 6));
      own.turns++;
      session = `${own.id}`;
      blocks = own.blocks;
    } else if (what === 'chatbot')
      ({ prompt, blocks } = questions[Math.floor(20_000 * random.next() ** 3)] ?? { prompt, blocks: system });
    else blocks = grow(system, random.between(1, 12));
    const kind = kinds[what];
    const tokens = {
      input: what === 'image' ? 100 : blocks.length * BLOCK_TOKENS,
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      output: what === 'image' ? 1_056 : random.skewed(300, 0.8),
      images: what === 'image' ? 1 : 0,
      webSearches: 0,
    };
    yield {
      ...kind,
      recordId: `r${n}`,
      timeMs,
      isCall: true,
      calls: 1,
      status: 'ok',
      team: `team-${random.below(12)}`,
      project: values['one-workspace'] ? null : what,
      application: what,
      keyId: null,
      sessionId: session,
      tags: what === 'nightly' ? { mode: 'batch' } : {},
      tokens,
      costPico: BigInt(pricing.costPico(kind, timeMs, tokens) ?? 0),
      latencyMs: 2_000,
      firstTokenMs: null,
      deadlineSeconds: null,
      prompt: {
        hashKeyId: 'k',
        promptHash: prompt.toString(16).padStart(16, '0').padEnd(32, '0'),
        blocks,
        blockTokens: BLOCK_TOKENS,
      },
    };
  }
}

const similar = {
  pairs: Array.from({ length: 400 }, () => ({ similarity: 0.93, isSameAnswer: true })),
  neighbors: await readNeighbors(await neighborLines(wanted), 'neighbors'),
};
const before = process.cpuUsage();
const startedMs = performance.now();
const result = await simulate(calls(wanted), {
  from: null,
  to: null,
  pricing: callPricing(book, customer),
  evidence: evidenceSettings(config),
  levers: leverConfig(config),
  similar,
  sample: null,
  parameters: config.parameters,
  commitments: [],
});
const { user, system } = process.cpuUsage(before);
const rows = [
  ['calls', String(result.calls)],
  ['sets', String(2 ** result.plan.levers.length)],
  ['parts', result.plan.parts.map((part) => part.levers.length).join(' ')],
  ['levers', result.plan.levers.map(({ lever }) => lever).join(' ')],
  ['saving', `${((100 * Number(result.plan.savingPico)) / Number(result.plan.baselinePico)).toFixed(2)} %`],
  ['CPU s', ((user + system) / 1e6).toFixed(1)],
  ['wall s', ((performance.now() - startedMs) / 1000).toFixed(1)],
  ['peak RSS MiB', (process.resourceUsage().maxRSS / 1024).toFixed(0)],
];
process.stdout.write(`${rows.map(([name = '', value]) => `${name.padEnd(14)}${value}`).join('\n')}\n`);
