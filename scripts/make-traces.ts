/**
 * Turns three open traces into native JSON Lines that the ledger can read, and prints their totals, counted from the traces themselves.
 *
 *   node scripts/make-traces.ts SRC OUT [--model NAME] [--base-day YYYY-MM-DD]
 *
 * SRC holds the files named below (see tests/traces/README.md for their sources); OUT becomes an inbox.
 */
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { agentTraceLines, azureLine, mooncakeLine } from './trace-lines.ts';
import type { AgentRequest, AgentTraceSession, MooncakeRow, NativeTraceLine } from './trace-lines.ts';

interface Totals {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  blocks: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'gpt-4o-mini' },
    'base-day': { type: 'string', default: '2026-10-05' },
  },
});
const [source, out] = positionals;
if (source === undefined || out === undefined)
  throw new Error('usage: make-traces.ts SRC OUT [--model NAME] [--base-day DAY]');
const baseMs = Date.parse(`${values['base-day']}T00:00:00Z`);
if (!Number.isFinite(baseMs)) throw new Error('--base-day must be a day such as 2026-10-05');

async function* agentSessions(totals: Totals): AsyncGenerator<NativeTraceLine> {
  let index = 0;
  for await (const text of rows('agentic_claude_code_sessions_60.jsonl.gz')) {
    const session = JSON.parse(text) as AgentTraceSession;
    countAgent(totals, session.requests);
    yield* agentTraceLines(session, index++, baseMs);
  }
}

/** Totals straight from the trace, not from the lines made of it. */
function countAgent(totals: Totals, requests: readonly AgentRequest[]): void {
  for (const request of requests) {
    if (request.requests !== undefined) countAgent(totals, request.requests);
    else count(totals, request.in ?? 0, request.out ?? 0, request.hash_ids?.length ?? 0);
  }
}

async function* mooncake(totals: Totals): AsyncGenerator<NativeTraceLine> {
  let index = 0;
  for await (const text of rows('mooncake_synthetic.jsonl.gz')) {
    const row = JSON.parse(text) as MooncakeRow;
    count(totals, row.input_length, row.output_length, row.hash_ids.length);
    yield mooncakeLine(row, index++, baseMs, values.model);
  }
}

async function* azure(totals: Totals): AsyncGenerator<NativeTraceLine> {
  for await (const text of rows('azure_llm_2023_code.csv.gz')) {
    const line = azureLine(text, values.model);
    if (line === null) continue;
    const [, context, generated] = text.split(',');
    count(totals, Number(context), Number(generated), 0);
    yield line;
  }
}

function count(totals: Totals, input: number, output: number, blocks: number): void {
  totals.calls++;
  totals.inputTokens += input;
  totals.outputTokens += output;
  totals.blocks += blocks;
}

function rows(name: string): AsyncIterable<string> {
  return createInterface({
    input: createReadStream(join(source ?? '', name)).pipe(createGunzip()),
    crlfDelay: Infinity,
  });
}

async function write(key: string, make: (totals: Totals) => AsyncIterable<NativeTraceLine>): Promise<void> {
  const totals: Totals = { calls: 0, inputTokens: 0, outputTokens: 0, blocks: 0 };
  const path = join(out ?? '', key);
  await mkdir(dirname(path), { recursive: true });
  async function* text(): AsyncGenerator<string> {
    for await (const line of make(totals)) yield `${JSON.stringify(line)}\n`;
  }
  await pipeline(Readable.from(text()), createGzip(), createWriteStream(path));
  process.stdout.write(`${JSON.stringify({ object: key, ...totals })}\n`);
}

await write('agent-sessions/trace.jsonl.gz', agentSessions);
await write('mooncake/trace.jsonl.gz', mooncake);
await write('azure-code/trace.jsonl.gz', azure);
