/**
 * A lake whose config changes: logs of every format, ways to change one's mind, and what the tables say afterwards. Nothing here knows how
 * deciding again works: the expected rows come from another lake that was ingested afresh.
 */
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { openLakeWorld, openLocalWorld } from '../../bin/local-world.ts';
import type { LakeWorld, LocalWorld } from '../../bin/local-world.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { checkLineSums, run } from '../../lib/journey.ts';
import type { RunResult } from '../../lib/journey.ts';
import type { SqlRow } from '../../lib/ports.ts';

process.env['INFERENCE_LEDGER_HASH_KEY'] = 'ab'.repeat(32);
const SAMPLES = fileURLToPath(new URL('../golden/samples/', import.meta.url));
const MODIFIED = new Date('2026-11-20T12:00:00Z');

/** One way the ledger can be told to price and attribute. */
export interface Mind {
  readonly config?: unknown;
  /** content of a price overlay */
  readonly prices?: unknown;
}

export interface MindSpace {
  readonly inbox: string;
  readonly lake: string;
  write(files: Readonly<Record<string, string>>, modified?: Date): Promise<void>;
  remove(key: string): Promise<void>;
  /** Deletes every log. */
  forgetLogs(): Promise<void>;
  /** Opens inbox and lake, does something, closes. */
  opened<T>(mind: Mind, now: string, act: (world: LocalWorld) => Promise<T>): Promise<T>;
  /** The same without an inbox. */
  carried<T>(mind: Mind, now: string, act: (world: LakeWorld) => Promise<T>): Promise<T>;
  run(mind: Mind, now?: string): Promise<RunResult>;
  ask(sql: string): Promise<SqlRow[]>;
  /** Every row of a table in a fixed order, without the columns named. */
  table(name: string, without?: readonly string[]): Promise<SqlRow[]>;
  /** Keys of all files below a folder of the lake. */
  keys(prefix: string): Promise<string[]>;
  bytes(key: string): Promise<Buffer>;
  close(): Promise<void>;
}

export const NOW = '2026-11-24T00:00:00Z';

export async function mindSpace(): Promise<MindSpace> {
  const root = await mkdtemp(join(tmpdir(), 'ledger-mind-'));
  const [inbox, lake] = [join(root, 'inbox'), join(root, 'lake')];
  await mkdir(inbox);
  const options = async (mind: Mind, now: string): Promise<{ lake: string; config: string; now: string }> => {
    const prices = mind.prices === undefined ? {} : { prices: { overlays: ['prices.json'] } };
    await writeFile(join(root, 'prices.json'), JSON.stringify(mind.prices ?? {}));
    await writeFile(join(root, 'config.json'), JSON.stringify({ ...(mind.config as object), ...prices }));
    return { lake, config: join(root, 'config.json'), now };
  };
  const space: MindSpace = {
    inbox,
    lake,
    async write(files, modified = MODIFIED) {
      for (const [key, content] of Object.entries(files)) {
        const path = join(inbox, key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, content);
        await utimes(path, modified, modified);
      }
    },
    remove: async (key) => rm(join(inbox, key)),
    async forgetLogs() {
      await rm(inbox, { recursive: true });
      await mkdir(inbox);
    },
    async opened(mind, now, act) {
      const world = await openLocalWorld({ ...(await options(mind, now)), inbox });
      try {
        return await act(world);
      } finally {
        world.close();
      }
    },
    async carried(mind, now, act) {
      const world = await openLakeWorld(await options(mind, now));
      try {
        return await act(world);
      } finally {
        world.close();
      }
    },
    async run(mind, now = NOW) {
      return await space.opened(mind, now, async (world) => {
        const result = await run(world.ingest, world.seal);
        checkLineSums(result.batches);
        return result;
      });
    },
    async ask(sql) {
      return await space.carried({}, NOW, async (world) => {
        await exposeLake(world.engine, await world.seal.catalog.read());
        return await world.engine.query(sql);
      });
    },
    async table(name, without = ['ingested_at']) {
      const rows = await space.ask(`select * from ${name}`);
      return rows
        .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !without.includes(column))))
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    },
    async keys(prefix) {
      const entries = await readdir(join(lake, prefix), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(lake.length + 1))
        .toSorted();
    },
    bytes: async (key) => readFile(join(lake, key)),
    close: async () => rm(root, { recursive: true, force: true }),
  };
  return space;
}

/** Models of the samples, which nobody sells, by ones that have prices. */
const SOLD: readonly (readonly [string, string])[] = [
  ['claude-synth-large', 'claude-sonnet-4-5'],
  ['claude-synth-small', 'claude-haiku-4-5'],
  ['anthropic.claude-synth-v1', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['gpt-synth-large', 'gpt-5'],
  ['gpt-synth-mini', 'gpt-4o-mini'],
  ['gpt-synth-codex', 'gpt-5.3-codex'],
  ['gpt-synth-audio', 'gpt-4o-audio-preview'],
  ['gemini-synth-pro', 'gemini-2.5-pro'],
  ['embed-synth-small', 'text-embedding-3-small'],
  ['img-synth', 'dall-e-3'],
  ['stt-synth', 'whisper-1'],
  ['grok-synth', 'grok-4'],
  ['deepseek-synth', 'deepseek-chat'],
  ['amazon.synth-pro-v1:0', 'amazon.nova-pro-v1:0'],
];

/** Copies the sample logs of every format, and calls that need what samples do not: persons, paths, prompts, splits, missing times. */
export async function everyKindOfLog(space: MindSpace): Promise<void> {
  for (const name of await readdir(SAMPLES)) {
    const bytes = await readFile(join(SAMPLES, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    await space.write({ [`samples/${name}`]: SOLD.reduce((all, [from, to]) => all.replaceAll(from, to), text) });
  }
  const lines = (...calls: readonly object[]): string => calls.map((call) => `${JSON.stringify(call)}\n`).join('');
  const at = '2026-11-02T10:00:00Z';
  const call = { timestamp: at, model: 'gpt-4o', input_tokens: 1000, output_tokens: 100 };
  await space.write({
    'team=folder/native.jsonl': lines(
      { ...call, id: 'n1', team: 'Search Team', tags: { 'cost-center': 'R-1' }, key: 'prod-key', account: 'acct-1' },
      {
        ...call,
        id: 'n2',
        team: 'folder',
        project: 'p',
        application: 'a',
        environment: 'e',
        feature: 'f',
        customer: 'c',
      },
      { ...call, id: 'n3', user: 'ada', session: 's1', deadline_seconds: 60, latency_ms: 900, first_token_ms: 90 },
      { ...call, id: 'n4', cost_usd: '0.123456789012', billing_mode: 'free_tier', tier: 'batch' },
      { ...call, id: 'n5', model: 'house-model-1', provider: 'house' },
      { ...call, id: 'n6', prompt: 'a prompt '.repeat(300), response: 'yes' },
      { ...call, id: 'n7', key: `sk-${'abcdef0123456789'.repeat(2)}` },
      // equal lines without an id, and a line with neither id nor time
      call,
      call,
      { model: 'gpt-4o', input_tokens: 7, output_tokens: 7 },
      { ...call, id: 'n8', model: 'gpt-4o', input_tokens: 'many' },
    ),
    // 2,000,000 USD and more: rows are split
    'split.jsonl': lines({ ...call, id: 'big', input_tokens: 800_000_000_001, output_tokens: 1 }),
    'old.jsonl': lines({ ...call, id: 'old', timestamp: '2026-09-15T10:00:00Z', team: 'growth' }),
  });
}

/** Minds that differ in every part of the stamp. */
export const MINDS: Readonly<Record<string, Mind>> = {
  nothing: {},
  rules: {
    config: {
      teams: [
        { name: 'search', aliases: ['Search Team'] },
        { name: 'platform' },
        { name: 'keys' },
        { name: 'support', aliases: ['growth'] },
      ],
      attribution: {
        rules: [
          { id: 'cost-center', match: { tag: { 'cost-center': 'R-*' } }, set: { team: 'search', feature: 'ranking' } },
          { id: 'ada', match: { user: 'ada' }, set: { team: 'platform', customer: 'inside' } },
          { id: 'secret-key', match: { key: 'key:*' }, set: { team: 'keys' } },
          { id: 'claude', match: { model: 'claude-*', source_format: 'anthropic.message' }, set: { team: 'support' } },
          { id: 'paths', match: { path: 'samples/litellm*' }, set: { project: 'gateway' } },
        ],
      },
    },
  },
  order: {
    config: { attribution: { order: ['path', 'key', 'gateway_team', 'project'], path: { team: 0, environment: -1 } } },
  },
  accounts: {
    config: {
      accounts: [
        { provider: 'openai', match: { key: 'prod-*' }, account: 'example-eu' },
        { provider: 'openai', match: { path: 'samples/*' }, account: 'example-us' },
      ],
      rates: [
        { provider: 'openai', account: 'example-eu', discount_percent: '33.3' },
        { provider: 'openai', account: 'acct-1', discount_percent: '50' },
      ],
    },
  },
  billing: {
    config: {
      billing: [
        { match: { source_format: ['claude_code', 'codex.rollout'] }, mode: 'on_demand' },
        { match: { environment: 'e' }, mode: 'subscription' },
        { match: { provider: 'bedrock' }, mode: 'provisioned', from: '2026-01-01' },
      ],
    },
  },
  rates: {
    config: {
      rates: [
        { provider: 'anthropic', model: 'claude-*', discount_percent: '12.5' },
        { provider: 'openai', model: 'gpt-4o', prices: { input: '7.7', output: '1' } },
      ],
    },
  },
  prices: {
    prices: {
      prices: [
        { provider: 'house', model: 'house-model-1', meter: 'input', value: '1.25' },
        { provider: 'house', model: 'house-model-1', meter: 'output', value: '2.5' },
        { provider: 'openai', model: 'gpt-4o', meter: 'input', value: '0.1' },
      ],
      aliases: [{ provider: 'openai', alias: 'gpt-4o-mini', model: 'gpt-4o' }],
    },
  },
};
