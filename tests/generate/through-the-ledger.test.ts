/** Generated logs, the demo and the cuts of open traces through the real journey: what the ledger holds must be what they are known to hold. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { agentTraceLines, azureLine, mooncakeLine } from '../../scripts/trace-lines.ts';
import type { AgentTraceSession, MooncakeRow } from '../../scripts/trace-lines.ts';
import { demoEndDay, demoNowMs } from '../../lib/generate/demo-calendar.ts';
import { demoConfig } from '../../lib/generate/demo-config.ts';
import { demoInbox } from '../../lib/generate/demo-inbox.ts';
import { TOKEN_METERS } from '../../lib/generate/truth.ts';
import { generateInbox } from '../../lib/generate/usage-log.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

const open: Workspace[] = [];
async function filled(files: Record<string, string | Uint8Array>): Promise<Workspace> {
  const space = await workspace();
  open.push(space);
  await space.write(files);
  return space;
}
afterEach(async () => {
  for (const space of open.splice(0)) await space.close();
});

const SUMS = TOKEN_METERS.map((name) => `cast(sum(${name}) as bigint) as ${name}`).join(', ');

test('a generated inbox of all formats gives the rows, tokens and broken lines of its truth', async () => {
  const generation = generateInbox({ calls: 4_000, seed: 11, badShare: 0.02, bodyChars: 60, days: 4 });
  const files: Record<string, Uint8Array> = {};
  for (const { key, bytes } of generation.chunks) files[key] = Buffer.concat([files[key] ?? Buffer.alloc(0), bytes]);
  const truth = generation.truth();
  const space = await filled(files);
  const { batches } = await space.run();
  const objects = batches.flatMap((batch) => batch.objects);
  const total = (of: (object: (typeof objects)[number]) => number): number =>
    objects.reduce((sum, object) => sum + of(object), 0);
  expect([total((o) => o.lines), total((o) => o.rejects), total((o) => o.usageLines)]).toEqual([
    truth.lines,
    truth.bad_lines,
    truth.total.usage_lines,
  ]);
  const rows = await space.ask(
    `select source_format, count(*) as calls, ${SUMS} from usage group by source_format order by source_format`,
  );
  const expected = Object.entries(truth.formats).map(([source_format, t]) => ({
    source_format,
    calls: String(t.calls),
    ...Object.fromEntries(TOKEN_METERS.map((name) => [name, String(t[name])])),
  }));
  expect(rows).toEqual(expected);
  // agents write a call several times: what is not the call is excluded, nothing else is
  const [excluded] = await space.ask(
    'select count(*) as n, count(distinct source_format) as formats, min(source_format) as format from usage_excluded',
  );
  expect(excluded).toEqual({
    n: String(truth.total.usage_lines - truth.total.calls),
    formats: '1',
    format: 'claude_code',
  });
});

test('the demo shows everything that is planted in it', async () => {
  const endDay = demoEndDay(Date.UTC(2026, 10, 24));
  const space = await filled(
    Object.fromEntries([...demoInbox({ seed: 1, endDay })].map(({ key, bytes }) => [key, bytes])),
  );
  const { sources } = await space.run({ config: demoConfig(endDay), now: new Date(demoNowMs(endDay)).toISOString() });
  const statuses = await space.ask(
    'select cost_status, billing_mode, min(team) as team from usage group by cost_status, billing_mode',
  );
  expect(statuses).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ cost_status: 'included', billing_mode: 'subscription', team: 'engineering' }),
      expect.objectContaining({ cost_status: 'billing_unknown', billing_mode: 'unknown', team: 'engineering' }),
      expect.objectContaining({ cost_status: 'unpriced' }),
      expect.objectContaining({ cost_status: 'priced' }),
    ]),
  );
  const excluded = await space.ask(
    'select source_format, excluded_reason from usage_excluded group by source_format, excluded_reason',
  );
  expect(excluded).toEqual(
    expect.arrayContaining([
      { source_format: 'openai.chat', excluded_reason: 'duplicate' },
      { source_format: 'litellm.spendlog', excluded_reason: 'duplicate' },
      { source_format: 'openai.usage_page', excluded_reason: 'covered_by_calls' },
    ]),
  );
  // 45 requests a day that only the provider's page knows, and the four calls whose lines are broken
  const [rest] = await space.ask("select cast(sum(calls) as bigint) as calls from usage where grain = 'bucket'");
  expect(rest).toEqual({ calls: String(35 * 45 + 4) });
  expect(sources.filter((source) => source.status !== 'ok').map((source) => [source.prefix, source.status])).toEqual([
    ['anthropic/', 'silent'],
  ]);
  // four broken lines and the end of the truncated gzip
  const rejects = await space.ask('select reason, count(*) as n from rejects group by reason');
  expect(rejects.reduce((sum, row) => sum + Number(row['n']), 0)).toBe(5);
  expect(rejects).toContainEqual({ reason: 'truncated_container', n: '1' });
});

describe('open traces', () => {
  const rows = (name: string): string[] =>
    gunzipSync(readFileSync(new URL(`../traces/${name}`, import.meta.url)))
      .toString('utf8')
      .split('\n')
      .filter((row) => row.trim() !== '');
  const jsonLines = (lines: readonly unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

  test('keep their calls, tokens and block ids', async () => {
    const base = Date.UTC(2026, 9, 5);
    const agents = rows('agentic_sessions_cut.jsonl.gz').flatMap((row, i) => [
      ...agentTraceLines(JSON.parse(row) as AgentTraceSession, i, base),
    ]);
    const mooncake = rows('mooncake_synthetic_cut.jsonl.gz').map((row, i) =>
      mooncakeLine(JSON.parse(row) as MooncakeRow, i, base, 'gpt-4o-mini'),
    );
    const azure = rows('azure_code_cut.csv.gz')
      .map((row) => azureLine(row, 'gpt-4o-mini'))
      .filter((line) => line !== null);
    const space = await filled({
      'agents/a.jsonl': jsonLines(agents),
      'mooncake/m.jsonl': jsonLines(mooncake),
      'azure/z.jsonl': jsonLines(azure),
    });
    await space.run();
    const found = await space.ask(
      'select source_object, count(*) as n, cast(sum(input_tokens) as bigint) as i, cast(sum(output_tokens) as bigint) as o from usage group by source_object order by 1',
    );
    // the totals of the cuts, counted by a separate program (tests/traces/trace-lines.test.ts)
    expect(found).toEqual([
      { source_object: 'agents/a.jsonl', n: '43', i: '2348855', o: '14961' },
      { source_object: 'azure/z.jsonl', n: '301', i: '628078', o: '7299' },
      { source_object: 'mooncake/m.jsonl', n: '250', i: '3476547', o: '49187' },
    ]);
    const prints = await space.ask(
      'select block_tokens, count(*) as n, cast(sum(len(blocks)) as bigint) as blocks from prompt_fingerprints group by block_tokens order by 1',
    );
    expect(prints).toEqual([
      { block_tokens: '64', n: '43', blocks: '36682' },
      { block_tokens: '512', n: '250', blocks: '6952' },
    ]);
    const [first] = await space.ask(
      "select cast(f.blocks[1] as varchar) as first, cast(f.blocks[2] as varchar) as second from prompt_fingerprints f join usage u on u.record_id = f.record_id where u.call_id = 'trace_0174:0'",
    );
    expect(first).toEqual({ first: '1000001', second: '1000002' });
  });
});
