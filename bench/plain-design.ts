/**
 * The plain design, kept as the yardstick of ingest: readline, JSON.parse, a zod union per line, sums by team, model and hour in a Map,
 * hyparquet-writer with snappy. No identity, no deduplication, no attribution, one small price table; everything is held in memory.
 * With `day` it sums by day instead, which is less work: the bench reports both.
 *
 *   node bench/plain-design.ts FILE.jsonl.gz OUT.parquet [day]        prints its totals as one line of JSON
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { plainCall } from './plain-shapes.ts';
import type { PlainCall } from './plain-shapes.ts';
import { PLAIN_PRICES } from './price-table.ts';

const [source, out, period] = process.argv.slice(2);
const PERIOD_MS = period === 'day' ? 86_400_000 : 3_600_000;
if (source === undefined || out === undefined) throw new Error('usage: plain-design.ts FILE.jsonl.gz OUT.parquet');

interface Sums {
  calls: number;
  input: number;
  output: number;
  costPico: bigint;
}

const columns = {
  record_id: [] as string[],
  occurred_at: [] as Date[],
  provider: [] as string[],
  model: [] as string[],
  team: [] as (string | null)[],
  user_id: [] as (string | null)[],
  status: [] as string[],
  input_tokens: [] as bigint[],
  cache_read_tokens: [] as bigint[],
  cache_write_tokens: [] as bigint[],
  output_tokens: [] as bigint[],
  cost_pico: [] as (bigint | null)[],
  source_line: [] as bigint[],
};
const totals = {
  lines: 0,
  calls: 0,
  badLines: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
};
const sumsByGroup = new Map<string, Sums>();

function costPico(call: PlainCall): bigint | null {
  const price = PLAIN_PRICES[call.model];
  if (price === undefined) return null;
  const [input, output, read, write5m, write1h] = price;
  return BigInt(
    call.input * input +
      call.output * output +
      call.cacheRead * read +
      call.cacheWrite5m * write5m +
      call.cacheWrite1h * write1h,
  );
}

function add(call: PlainCall, line: number): void {
  const cost = costPico(call);
  const cacheWrite = call.cacheWrite5m + call.cacheWrite1h;
  columns.record_id.push(call.recordId);
  columns.occurred_at.push(new Date(call.occurredAtMs));
  columns.provider.push(call.provider);
  columns.model.push(call.model);
  columns.team.push(call.team);
  columns.user_id.push(call.userId);
  columns.status.push(call.status);
  columns.input_tokens.push(BigInt(call.input));
  columns.cache_read_tokens.push(BigInt(call.cacheRead));
  columns.cache_write_tokens.push(BigInt(cacheWrite));
  columns.output_tokens.push(BigInt(call.output));
  columns.cost_pico.push(cost);
  columns.source_line.push(BigInt(line));
  totals.calls++;
  totals.inputTokens += call.input;
  totals.cacheReadTokens += call.cacheRead;
  totals.cacheWriteTokens += cacheWrite;
  totals.outputTokens += call.output;
  const key = `${call.team}\n${call.model}\n${Math.floor(call.occurredAtMs / PERIOD_MS)}`;
  const sums = sumsByGroup.get(key) ?? { calls: 0, input: 0, output: 0, costPico: 0n };
  sumsByGroup.set(key, sums);
  sums.calls++;
  sums.input += call.input;
  sums.output += call.output;
  sums.costPico += cost ?? 0n;
}

for await (const text of createInterface({
  input: createReadStream(source).pipe(createGunzip()),
  crlfDelay: Infinity,
})) {
  if (text === '') continue;
  totals.lines++;
  let call: PlainCall | null = null;
  try {
    call = plainCall(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (call === null) totals.badLines++;
  else add(call, totals.lines);
}

const text = { type: 'STRING' } as const;
const whole = { type: 'INT64' } as const;
parquetWriteFile({
  filename: out,
  columnData: [
    { name: 'record_id', data: columns.record_id, ...text },
    { name: 'occurred_at', data: columns.occurred_at, type: 'TIMESTAMP' },
    { name: 'provider', data: columns.provider, ...text },
    { name: 'model', data: columns.model, ...text },
    { name: 'team', data: columns.team, ...text },
    { name: 'user_id', data: columns.user_id, ...text },
    { name: 'status', data: columns.status, ...text },
    { name: 'input_tokens', data: columns.input_tokens, ...whole },
    { name: 'cache_read_tokens', data: columns.cache_read_tokens, ...whole },
    { name: 'cache_write_tokens', data: columns.cache_write_tokens, ...whole },
    { name: 'output_tokens', data: columns.output_tokens, ...whole },
    { name: 'cost_pico', data: columns.cost_pico, ...whole },
    { name: 'source_line', data: columns.source_line, ...whole },
  ],
});
const total = [...sumsByGroup.values()].reduce((sum, s) => sum + s.costPico, 0n);
process.stdout.write(`${JSON.stringify({ ...totals, groups: sumsByGroup.size, costPico: String(total) })}\n`);
