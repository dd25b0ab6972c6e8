/**
 * Packs open traces with prefix-chained block ids into a few bytes per request, for the tests of the cache replays.
 *
 *   node scripts/make-prompt-paths.ts SRC OUT
 *
 * SRC holds the traces named in tests/traces/README.md, whole. A prompt is a path in the tree of prompts before it: so many blocks shared
 * with an earlier one of its scope (model and session), so many new. Ids that are not chained on their prefix could not be packed so, and
 * stop the program.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { agentTraceLines, mooncakeLine } from './trace-lines.ts';
import type { AgentTraceSession, MooncakeRow, NativeTraceLine } from './trace-lines.ts';

const [source, out] = process.argv.slice(2);
if (source === undefined || out === undefined) throw new Error('usage: make-prompt-paths.ts SRC OUT');
const BASE_MS = 0;

async function rows<T>(name: string): Promise<T[]> {
  const text = gunzipSync(await readFile(join(source ?? '', name))).toString('utf8');
  return text
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row) as T);
}

/** One row per request in order of time: ms, input and output tokens, scope, requests back to the one it shares with, blocks shared, blocks new. */
function packed(lines: readonly NativeTraceLine[]): string[] {
  const scopes = new Map<string, number>();
  const firstUse = new Map<string, { request: number; depth: number }>();
  return lines.map((line, request) => {
    const name = `${line.session ?? ''} ${line.model}`;
    if (!scopes.has(name)) scopes.set(name, scopes.size);
    const scope = scopes.get(name) ?? 0;
    const blocks = line.prompt_blocks ?? [];
    let shared = 0;
    let from = request;
    for (const [depth, id] of blocks.entries()) {
      const known = firstUse.get(`${scope} ${id}`);
      if (known === undefined) firstUse.set(`${scope} ${id}`, { request, depth });
      else if (known.depth !== depth || depth !== shared)
        throw new Error(`request ${request}: block ${id} is not chained on its prefix`);
      else {
        shared++;
        from = known.request;
      }
    }
    const timeMs = Date.parse(line.timestamp) - BASE_MS;
    return [timeMs, line.input_tokens, line.output_tokens, scope, request - from, shared, blocks.length - shared].join(
      ',',
    );
  });
}

async function write(name: string, lines: NativeTraceLine[]): Promise<void> {
  lines.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  const text = `time_ms,input_tokens,output_tokens,scope,back,shared_blocks,new_blocks\n${packed(lines).join('\n')}\n`;
  const bytes = gzipSync(text, { level: 9 });
  await writeFile(join(out ?? '', name), bytes);
  process.stdout.write(`${name}: ${lines.length} requests, ${bytes.length} bytes\n`);
}

const sessions = await rows<AgentTraceSession>('agentic_claude_code_sessions_60.jsonl.gz');
await write(
  'agentic_sessions_paths.csv.gz',
  sessions.flatMap((session, at) => [...agentTraceLines(session, at, BASE_MS)]),
);
const requests = await rows<MooncakeRow>('mooncake_synthetic.jsonl.gz');
await write(
  'mooncake_synthetic_paths.csv.gz',
  requests.map((row, at) => mooncakeLine(row, at, BASE_MS, 'any')),
);
