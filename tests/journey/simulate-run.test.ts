/** Simulation over real lakes: logs in a folder, sealed by the real journey, asked through the command line's own function. */
import { afterAll, describe, expect, test } from 'vitest';
import { simulateLake } from '../../bin/commands/simulate.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { traceRows, tracePrompts } from '../fixtures/prompt-paths.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';
import { configFile } from '../fixtures/config-file.ts';

interface SimulatedJson {
  readonly period: { readonly from: string; readonly to: string };
  readonly scenario: string;
  readonly baseline_cost: string;
  readonly not_simulated_cost: string;
  readonly levers: readonly {
    readonly lever: string;
    readonly basis: string;
    readonly saving: string | null;
    readonly to_know: string | null;
    readonly low: string | null;
  }[];
  readonly plan: {
    readonly levers: readonly string[];
    readonly saving: string;
    readonly cash_saving: string;
    readonly blocked_by: readonly string[];
    readonly month: { readonly refused?: string };
    readonly by_team_and_model: readonly { readonly team: string; readonly saving: string }[];
  };
  readonly evidence: {
    readonly exact_cache: {
      readonly basis: string;
      readonly requests: number;
      readonly repeats: number | null;
      readonly repeat_input_tokens: number | null;
      readonly by_ttl: readonly { readonly ttl_seconds: number; readonly hits: number }[];
    };
    readonly prefix_cache: {
      readonly basis: string;
      readonly replays: readonly {
        readonly hit_tokens: number;
        readonly input_tokens: number;
        readonly read_tokens: number;
        readonly written_tokens: number;
        readonly plain_tokens: number;
        readonly input_cost_ratio: number;
      }[];
    };
    readonly self_hosting: {
      readonly fleets: readonly object[];
      readonly replays: readonly {
        readonly mean_wait_s: number;
        readonly p95_wait_s: number;
        readonly erlang_c_mean_wait_s: number | null;
      }[];
    };
  };
}

const open: Workspace[] = [];
afterAll(async () => {
  for (const work of open) await work.close();
});

async function lakeOf(files: Readonly<Record<string, string>>, config?: object): Promise<Workspace> {
  const work = await workspace();
  open.push(work);
  await work.write(files);
  await work.run({ config });
  return work;
}

async function simulated(
  work: Workspace,
  config: object = {},
  days: { from?: string; to?: string } = {},
): Promise<SimulatedJson> {
  const simulation = await simulateLake({ lake: work.lake, config: await configFile(config), ...days });
  return JSON.parse(JSON.stringify(simulationJson(simulation))) as SimulatedJson;
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;
const BASE_MS = Date.UTC(2026, 9, 5);

/** A trace as native lines, as its README describes them; ids of sessions are apart because each has a model scope of its own. */
function traceLines(name: string, blockTokens: number, model: (scope: number) => string): string {
  return tracePrompts(name, blockTokens)
    .map((request, at) =>
      line({
        timestamp: new Date(BASE_MS + request.timeMs).toISOString(),
        id: `${name}:${at}`,
        model: model(request.scope),
        project: `scope-${request.scope}`,
        input_tokens: request.inputTokens,
        output_tokens: request.outputTokens,
        prompt_blocks: [...request.blocks],
        block_tokens: blockTokens,
      }),
    )
    .join('');
}

const REPLAYS = {
  simulate: {
    exactCache: { ttlSeconds: [300, 3600] },
    prefixCache: {
      replays: [
        { rule: 'radix', ttlSeconds: null, minimumTokens: 0 },
        { rule: 'radix', ttlSeconds: 300, minimumTokens: 0 },
        { rule: 'breakpoint', ttlSeconds: 300 },
        { rule: 'breakpoint', ttlSeconds: 3600, writeMultiplier: 2 },
      ],
    },
    selfHosting: {
      replays: [4, 5, 6].map((servers) => ({
        servers,
        serviceModel: { baseSeconds: 0.2, prefillTokensPerSecond: 5000, decodeSecondsPerToken: 0.025 },
      })),
    },
  },
};

describe('open traces, from a log to the JSON of the contract', () => {
  // printed in facts of the traces and counted by a second program (tests/simulate/prefix-replay.test.ts)
  test('Mooncake synthetic: repeats, hits, cost of input', async () => {
    const { evidence } = await simulated(
      await lakeOf({ 'trace.jsonl': traceLines('mooncake_synthetic_paths.csv.gz', 512, () => 'gpt-4o-mini') }),
      REPLAYS,
    );
    expect(evidence.exact_cache).toMatchObject({
      basis: 'measured',
      requests: 3_993,
      repeats: 213,
      repeat_input_tokens: 2_945_141,
      by_ttl: [
        { ttl_seconds: 300, hits: 182 },
        { ttl_seconds: 3600, hits: 213 },
      ],
    });
    const { replays } = evidence.prefix_cache;
    expect(replays.slice(0, 2).map((r) => (r.hit_tokens / r.input_tokens).toFixed(3))).toEqual(['0.651', '0.595']);
    expect(replays.slice(2).map((r) => r.input_cost_ratio.toFixed(3))).toEqual(['0.713', '1.019']);
    for (const r of replays) expect(r.read_tokens + r.written_tokens + r.plain_tokens).toBe(61_194_628);
  });

  test('Azure code: arrivals on fleets; token counts alone tell nothing of caches, and say what to log', async () => {
    const rows = traceRows('azure_code.csv.gz').map((row) => row.trim().split(','));
    const lines = rows.map(([time = '', input, output]) =>
      line({
        timestamp: `${time.slice(0, 23).replace(' ', 'T')}Z`,
        model: 'gpt-4o-mini',
        input_tokens: Number(input),
        output_tokens: Number(output),
      }),
    );
    const { evidence, levers } = await simulated(await lakeOf({ 'trace.jsonl': lines.join('') }), REPLAYS);
    expect(
      evidence.self_hosting.replays.map((r) => [
        r.mean_wait_s.toFixed(1),
        r.p95_wait_s.toFixed(0),
        r.erlang_c_mean_wait_s?.toFixed(2),
      ]),
    ).toEqual([
      ['163.4', '277', '1.35'],
      ['41.0', '119', '0.26'],
      ['26.5', '88', '0.07'],
    ]);
    expect([evidence.exact_cache.basis, evidence.prefix_cache.basis]).toEqual(['not_identifiable', 'not_identifiable']);
    expect(evidence.exact_cache.repeats).toBeNull();
    for (const lever of levers.filter(({ lever: name }) => name.endsWith('_cache')))
      expect(lever).toMatchObject({ basis: 'not_identifiable', saving: null, to_know: expect.any(String) as string });
  });
});

describe('money', () => {
  const HOUR = 3_600_000;
  const session = (day: number, turn: number): object => ({
    timestamp: new Date(BASE_MS + day * 24 * HOUR + turn * 60_000).toISOString(),
    id: `d${day}-${turn}`,
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    team: day % 2 === 0 ? 'search' : 'growth',
    session: `s${day}`,
    project: 'agent',
    input_tokens: 2_048 * (turn + 1),
    output_tokens: 100,
    latency_ms: 2_000,
    prompt_blocks: Array.from({ length: 2 * (turn + 1) }, (_, k) => day * 1000 + k),
    block_tokens: 1_024,
  });
  const days = (count: number): string =>
    Array.from({ length: count }, (_, day) => [0, 1, 2, 3].map((turn) => line(session(day, turn))).join('')).join('');

  test('of growing sessions: marked prompts save what the price list says, and teams sum to the plan', async () => {
    const {
      plan,
      baseline_cost: baseline,
      not_simulated_cost: kept,
    } = await simulated(await lakeOf({ 'a.jsonl': days(20) }));
    // a day: 2,048 × (1 + 2 + 3 + 4) × 3 + 400 × 15 USD per million; marked: 2,048 written at 3.75 each turn, 2,048 × (1 + 2 + 3) read at 0.3
    expect(baseline).toBe('1.3488');
    expect(kept).toBe('0');
    expect(plan.levers).toEqual(['prefix_cache']);
    expect(plan.saving).toBe('0.540672');
    expect(plan.by_team_and_model.map(({ team, saving }) => [team, saving])).toEqual([
      ['search', '0.270336'],
      ['growth', '0.270336'],
    ]);
    expect(plan.month.refused).toBeUndefined();
  });

  test('of a fleet that nobody measured: from the config to a labelled extrapolation', async () => {
    const fleet = {
      name: 'llama 8B on L4',
      models: ['claude-sonnet-4-5'],
      replica: { model: 'Llama-3.1-8B', precision: 'bf16', gpu: 'L4', gpus: 1 },
      instance: { gpu: 'L4', gpus: 1, usdPerHour: '0.0005' },
      acceptedPercent: 100,
    };
    const simulate = { selfHosting: { fleets: [fleet] }, parameters: { 'ops.fte': 0, 'ops.setup_weeks': 0 } };
    const lake = await lakeOf({ 'a.jsonl': days(20) });
    const { plan, levers, evidence } = await simulated(lake, { simulate });
    // 1.3488 less 2 replicas · 480 hours · 0.0005; prompt caches would have saved 0.540672
    expect([plan.levers, plan.saving]).toEqual([['self_hosting'], '0.8688']);
    // 5,120 tokens of input and half of 100 of output; (21.6 − 16.06) GB over 5,170 tokens of 131,072 bytes are 8.2 sequences; 16.06 GB
    // and 8 of those, 5.42 GB, are read at 0.21 TB/s
    expect(evidence.self_hosting.fleets).toMatchObject([
      {
        replica: { speed_basis: 'extrapolated', sequences: 8, context_tokens: 5_170, id: null },
        warnings: [expect.stringContaining('an extrapolation'), expect.stringContaining('A token takes 102 ms')],
      },
    ]);
    expect(levers.find(({ lever }) => lever === 'self_hosting')?.to_know).toContain(
      'the speed of llama 8B on L4 is an extrapolation',
    );
    const broken = { ...fleet, replica: { ...fleet.replica, gpus: 0 } };
    await expect(simulated(lake, { simulate: { selfHosting: { fleets: [broken] } } })).rejects.toThrow(
      'simulate.selfHosting.fleets[0].replica.gpus: must be at least 1',
    );
    const large = { ...fleet, replica: { ...fleet.replica, model: 'Llama-3.x-70B' } };
    await expect(simulated(lake, { simulate: { selfHosting: { fleets: [large] } } })).rejects.toThrow(
      'simulate.selfHosting.fleets[0].replica.gpus: 1 x L4 do not hold Llama-3.x-70B',
    );
  });

  test('of one day: no monthly range', async () => {
    const { plan } = await simulated(await lakeOf({ 'a.jsonl': days(1) }));
    expect(plan.month.refused).toBe('one_day');
  });

  test('does not depend on how the log was cut into files, nor on their order', async () => {
    const lines = days(3).split(/(?<=\n)/);
    const whole = await simulated(await lakeOf({ 'a.jsonl': lines.join('') }));
    const cut = await simulated(
      await lakeOf({ 'z.jsonl': lines.slice(0, 5).join(''), 'b.jsonl': lines.slice(5).toReversed().join('') }),
    );
    expect(cut.plan).toEqual(whole.plan);
  });

  test('does not reach the bank below a minimum spend', async () => {
    const work = await lakeOf({ 'a.jsonl': days(20) });
    const terms = {
      id: 'annual',
      provider: 'anthropic',
      kind: 'spend',
      amount: '27',
      from: '2026-01-01',
      to: '2027-01-01',
    };
    // 20 of 365 days are 1.479 USD, of which 1.3488 (0.91) are spent
    const { plan } = await simulated(work, { commitments: [terms] });
    expect([plan.saving, plan.cash_saving, plan.blocked_by]).toEqual(['0.540672', '0', ['annual']]);
    const ended = await simulated(work, { commitments: [{ ...terms, to: '2026-10-01' }] });
    expect([ended.plan.cash_saving, ended.plan.blocked_by]).toEqual(['0.540672', []]);
  });

  test('of days asked for only', async () => {
    const { period, baseline_cost: baseline } = await simulated(
      await lakeOf({ 'a.jsonl': days(3) }),
      {},
      { from: '2026-10-06', to: '2026-10-06' },
    );
    expect([period, baseline]).toEqual([{ from: '2026-10-06', to: '2026-10-06' }, '0.06744']);
  });

  test('of placeholders instead of prompts is not identifiable', async () => {
    const masked = Array.from({ length: 12 }, (_, at) =>
      line({
        timestamp: new Date(BASE_MS + at * 60_000).toISOString(),
        id: `m${at}`,
        model: 'claude-sonnet-4-5',
        input_tokens: 1_000 + at,
        output_tokens: 5,
        prompt: 'redacted-by-litellm',
      }),
    ).join('');
    const { evidence, plan } = await simulated(await lakeOf({ 'a.jsonl': masked }));
    expect(evidence.exact_cache).toMatchObject({ basis: 'not_identifiable', repeats: null });
    expect(plan.saving).toBe('0');
  });

  test('a copy of the period is not left behind', async () => {
    const work = await lakeOf({ 'a.jsonl': days(2) });
    await simulated(work);
    const { readdir } = await import('node:fs/promises');
    const left = (await readdir(work.lake, { recursive: true, withFileTypes: true }).catch(() => [])).filter(
      (entry) => entry.isFile() && entry.parentPath.includes('simulate-'),
    );
    expect(left).toEqual([]);
  });
});

describe('prices of calls that might have been are those of their own time and size', () => {
  const batched = async (...calls: { at: string; model: string; input: number }[]): Promise<number[]> => {
    const lines = calls.map(({ at, model, input }, id) =>
      line({
        timestamp: at,
        id: `p${id}`,
        model,
        team: `t${id}`,
        input_tokens: input,
        output_tokens: 0,
        deadline_seconds: 86_400,
      }),
    );
    const { plan } = await simulated(await lakeOf({ 'a.jsonl': lines.join('') }));
    expect(plan.levers).toEqual(['batch']);
    return calls.map((_, id) => Number(plan.by_team_and_model.find(({ team }) => team === `t${id}`)?.saving));
  };

  // Claude 4.6 asked double for prompts above 200,000 tokens until 2026-03-13
  test('a price that changes between two calls changes what the later one saves, and nothing else', async () => {
    const model = 'claude-opus-4-6';
    const [before = NaN, after = NaN] = await batched(
      { at: '2026-03-12T23:59:59.999Z', model, input: 250_000 },
      { at: '2026-03-13T00:00:00.000Z', model, input: 250_000 },
    );
    // half of 250,000 × 10 and × 5 USD per million, less the 7.4 in 10,000 that come back too late and are made again
    expect(before).toBeCloseTo(1.25 - 2.5 * 0.00074, 4);
    expect(before / after).toBeCloseTo(2, 12);
  });

  // Gemini 2.5 Pro asks double for prompts of more than 200,000 tokens
  test('one token more flips the price of the whole request', async () => {
    const [at = NaN, above = NaN] = await batched(
      { at: '2026-10-05T10:00:00Z', model: 'gemini-2.5-pro', input: 200_000 },
      { at: '2026-10-05T11:00:00Z', model: 'gemini-2.5-pro', input: 200_001 },
    );
    expect(at).toBeCloseTo(0.125 - 0.25 * 0.00074, 4);
    // savings are whole picodollars, so their ratio is known to some eleven digits
    expect(above / at).toBeCloseTo((2 * 200_001) / 200_000, 10);
  });
});

test('the command knows the limits of models: long prompts stay, the others move', async () => {
  // GPT-4o and GPT-4o mini hold 128,000 tokens; with exact ratios 120,000 + 8,000 fits, one more does not
  const work = await lakeOf({
    'calls.jsonl': [1_000, 120_000, 120_001]
      .map((input_tokens, n) =>
        line({
          timestamp: new Date(BASE_MS + n * 60_000).toISOString(),
          id: `c${n}`,
          provider: 'openai',
          model: 'gpt-4o',
          input_tokens,
          output_tokens: 8_000,
        }),
      )
      .join(''),
  });
  const move = { from: 'gpt-4o', to: 'gpt-4o-mini', inputPercent: 100, outputPercent: 100, retryPercent: 0 };
  const simulation = await simulateLake({
    lake: work.lake,
    config: await configFile({ simulate: { modelChoice: [move] } }),
  });
  expect(simulation.moves).toMatchObject([
    { provider: 'openai', calls: 3, moving: 2, keptBack: 1, reasons: { context_tokens: 1, output_tokens: 0 } },
  ]);
  expect(simulation.moves[0]?.offer).toMatchObject({ contextTokens: 128_000, source: 'litellm 1.108.11, 2026-11-17' });
  // 121,000 in and 16,000 out at 2.50 and 10 USD per million: 0.4625; at 0.15 and 0.60: 0.02775
  expect(simulation.plan.savingPico).toBe(434_750_000_000n);
});
