/**
 * The plain design, kept as the yardstick: what a capable engineer writes first. readline, a zod union per line, a Map of sums by
 * team, model and hour, hyparquet-writer with snappy, 13 columns, picodollars as bigint where needed. Reads the four shapes that
 * bench/make-input.ts writes.  node bench/plain-design.ts FILE.jsonl.gz OUT.parquet
 */
import { createReadStream, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import * as z from 'zod';

const count = z.number().int().min(0);
const litellm = z.object({
  request_id: z.string(),
  call_type: z.string(),
  model: z.string(),
  startTime: z.string(),
  user: z.string().optional(),
  team_id: z.string().optional(),
  prompt_tokens: count,
  completion_tokens: count,
  metadata: z.object({ usage_object: z.object({ prompt_tokens_details: z.object({ cached_tokens: count }) }) }),
});
const openai = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.number(),
  model: z.string(),
  usage: z.object({ prompt_tokens: count, completion_tokens: count, prompt_tokens_details: z.object({ cached_tokens: count }) }),
  metadata: z.object({ team: z.string(), user: z.string() }),
});
const anthropic = z.object({
  timestamp: z.string(),
  team: z.string(),
  request: z.object({ metadata: z.object({ user_id: z.string() }) }),
  response: z.object({
    id: z.string(),
    model: z.string(),
    usage: z.object({ input_tokens: count, output_tokens: count, cache_creation_input_tokens: count, cache_read_input_tokens: count }),
  }),
});
const bedrock = z.object({
  schemaType: z.literal('ModelInvocationLog'),
  timestamp: z.string(),
  requestId: z.string(),
  modelId: z.string(),
  identity: z.object({ arn: z.string() }),
  input: z.object({ inputTokenCount: count, cacheReadInputTokenCount: count, cacheWriteInputTokenCount: count }),
  output: z.object({ outputTokenCount: count }),
  requestMetadata: z.object({ team: z.string() }),
});
const line = z.union([litellm, openai, anthropic, bedrock]);

/** Picodollars per token: input, output, cache read, cache write; a handful of models, the rest at one price. */
const PRICES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  'gpt-4o-2024-08-06': [2_500_000, 10_000_000, 1_250_000, 0],
  'gpt-4o-mini': [150_000, 600_000, 75_000, 0],
  'gpt-5': [1_250_000, 10_000_000, 125_000, 0],
  'claude-sonnet-4-5-20250929': [3_000_000, 15_000_000, 300_000, 3_750_000],
};
const OTHER = [1_000_000, 5_000_000, 100_000, 1_250_000] as const;

interface Row {
  id: string;
  source: string;
  at: Date;
  model: string;
  team: string;
  user: string;
  input: number;
  output: number;
  cached: number;
  written: number;
}

function rowOf(v: z.infer<typeof line>): Row {
  if ('call_type' in v) {
    const cached = v.metadata.usage_object.prompt_tokens_details.cached_tokens;
    return { id: v.request_id, source: 'litellm', at: new Date(v.startTime), model: v.model, team: v.team_id ?? '', user: v.user ?? '', input: v.prompt_tokens - cached, output: v.completion_tokens, cached, written: 0 };
  }
  if ('object' in v) {
    const cached = v.usage.prompt_tokens_details.cached_tokens;
    return { id: v.id, source: 'openai', at: new Date(v.created * 1000), model: v.model, team: v.metadata.team, user: v.metadata.user, input: v.usage.prompt_tokens - cached, output: v.usage.completion_tokens, cached, written: 0 };
  }
  if ('response' in v) {
    const u = v.response.usage;
    return { id: v.response.id, source: 'anthropic', at: new Date(v.timestamp), model: v.response.model, team: v.team, user: v.request.metadata.user_id, input: u.input_tokens, output: u.output_tokens, cached: u.cache_read_input_tokens, written: u.cache_creation_input_tokens };
  }
  return { id: v.requestId, source: 'bedrock', at: new Date(v.timestamp), model: v.modelId, team: v.requestMetadata.team, user: v.identity.arn.split('/').pop() ?? '', input: v.input.inputTokenCount, output: v.output.outputTokenCount, cached: v.input.cacheReadInputTokenCount, written: v.input.cacheWriteInputTokenCount };
}

const SCHEMA = [
  { name: 'id', type: 'STRING' },
  { name: 'source', type: 'STRING' },
  { name: 'at', type: 'TIMESTAMP' },
  { name: 'model', type: 'STRING' },
  { name: 'team', type: 'STRING' },
  { name: 'user', type: 'STRING' },
  { name: 'input', type: 'INT64' },
  { name: 'output', type: 'INT64' },
  { name: 'cached', type: 'INT64' },
  { name: 'written', type: 'INT64' },
  { name: 'cost', type: 'INT64' },
  { name: 'hour', type: 'INT64' },
  { name: 'line', type: 'INT64' },
] as const;

const [, , input = '', output = ''] = process.argv;
const sums = new Map<string, { calls: number; tokens: number; cost: bigint }>();
const columns: Record<string, unknown[]> = Object.fromEntries(SCHEMA.map(({ name }) => [name, []]));
const bytes = new ByteWriter();
const writer = new ParquetWriter({
  writer: bytes,
  schema: [
    { name: 'root', num_children: SCHEMA.length },
    ...SCHEMA.map(({ name, type }) => ({
      name,
      repetition_type: 'REQUIRED' as const,
      ...(type === 'STRING' ? { type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const } : type === 'TIMESTAMP' ? { type: 'INT64' as const, converted_type: 'TIMESTAMP_MILLIS' as const } : { type: 'INT64' as const }),
    })),
  ],
});
const flush = (): void => {
  writer.write({ columnData: SCHEMA.map(({ name }) => ({ name, data: columns[name] as never })) });
  for (const name in columns) columns[name] = [];
};

let rows = 0;
let bad = 0;
let total = 0n;
let number = 0;
for await (const text of createInterface({ input: createReadStream(input).pipe(createGunzip()), crlfDelay: Infinity })) {
  number++;
  let parsed: z.infer<typeof line>;
  try {
    parsed = line.parse(JSON.parse(text));
  } catch {
    bad++;
    continue;
  }
  const row = rowOf(parsed);
  const [pi, po, pr, pw] = PRICES[row.model] ?? OTHER;
  const cost = BigInt(row.input) * BigInt(pi) + BigInt(row.output) * BigInt(po) + BigInt(row.cached) * BigInt(pr) + BigInt(row.written) * BigInt(pw);
  const hour = Math.floor(row.at.getTime() / 3_600_000);
  const key = `${row.team}|${row.model}|${hour}`;
  const sum = sums.get(key) ?? { calls: 0, tokens: 0, cost: 0n };
  sums.set(key, { calls: sum.calls + 1, tokens: sum.tokens + row.input + row.output, cost: sum.cost + cost });
  total += cost;
  rows++;
  const values: Record<string, unknown> = { ...row, input: BigInt(row.input), output: BigInt(row.output), cached: BigInt(row.cached), written: BigInt(row.written), cost, hour: BigInt(hour), line: BigInt(number) };
  for (const { name } of SCHEMA) columns[name]?.push(values[name]);
  if (rows % 100_000 === 0) flush();
}
flush();
writer.finish();
writeFileSync(output, bytes.getBytes());
const cpu = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ rows, bad, total: total.toString(), groups: sums.size, cpuMs: Math.round((cpu.user + cpu.system) / 1000), maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`);
