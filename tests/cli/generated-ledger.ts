/** A ledger of a generated inbox and of a few calls that generation has none of, made by the real command line. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folder, ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

export const NOW = '2026-11-24T00:00:00Z';

export interface GeneratedLedger {
  readonly root: string;
  readonly inbox: string;
  readonly lake: string;
  /** what `run` printed */
  readonly ran: Printed;
  /** rows of one SELECT, through `query --format json` */
  ask(sql: string): Promise<Record<string, string | number | null>[]>;
  close: () => Promise<void>;
}

const anthropic = (id: string, model: string, usage: Record<string, unknown>): unknown => ({
  timestamp: '2026-10-05T10:00:00Z',
  response: { id, type: 'message', role: 'assistant', model, content: [], stop_reason: 'end_turn', usage },
});

/** Two searches; a prompt over 200,000 tokens; writes to both caches; a flex tier; a model that nobody has a price for. */
const SPECIAL: readonly unknown[] = [
  anthropic('msg_search', 'claude-sonnet-4-5', {
    input_tokens: 1000,
    output_tokens: 100,
    server_tool_use: { web_search_requests: 2 },
  }),
  anthropic('msg_long', 'claude-sonnet-4-5', { input_tokens: 250_000, output_tokens: 1000 }),
  anthropic('msg_cache', 'claude-sonnet-4-5', {
    input_tokens: 10,
    output_tokens: 100,
    cache_read_input_tokens: 5000,
    cache_creation_input_tokens: 3000,
    cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 },
  }),
  {
    id: 'resp_flex',
    object: 'response',
    created_at: 1_791_194_400,
    status: 'completed',
    model: 'gpt-5',
    service_tier: 'flex',
    usage: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 },
  },
  anthropic('msg_unknown', 'nobody-knows-this-1', { input_tokens: 10, output_tokens: 1 }),
];

/** Generates `calls` calls and runs; throws what was printed if that failed. */
export async function generatedLedger(calls: number): Promise<GeneratedLedger> {
  const place = await folder();
  const root = place.path;
  const [inbox, lake] = [join(root, 'inbox'), join(root, 'lake')];
  const must = async (...words: string[]): Promise<Printed> => {
    const printed = await ledger(root, ...words);
    if (printed.code !== 0) throw new Error(`${words[0]} ended with ${printed.code}:\n${printed.err}`);
    return printed;
  };
  await must('generate', '--calls', String(calls), '--seed', '5', '--out', inbox, '--bad', '0.01');
  await mkdir(join(inbox, 'special'));
  await writeFile(join(inbox, 'special', 'calls.jsonl'), SPECIAL.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const ran = await must('run', '--inbox', inbox, '--lake', lake, '--now', NOW, '--format', 'json');
  return {
    root,
    inbox,
    lake,
    ran,
    close: place.close,
    ask: async (sql) =>
      JSON.parse((await must('query', '--lake', lake, '--format', 'json', sql)).out) as Record<string, string | null>[],
  };
}
