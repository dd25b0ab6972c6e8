/** Lossless rewrites from an inbox to the plan: what was planted is found, and no text is left anywhere. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulateLake } from '../../bin/commands/simulate.ts';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import type { RewriteRow } from '../../lib/simulate/measured-rewrites.ts';
import { ledger } from '../cli/run-command.ts';
import { configFile } from '../fixtures/config-file.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Files, Workspace } from '../fixtures/folder-run.ts';

const CANARY = 'Nightingale47';
const BASE_MS = Date.UTC(2026, 9, 5, 8);
const DAY_MS = 86_400_000;
const SLOW_MS = 120_000;

const line = (value: object): string => `${JSON.stringify(value)}\n`;
const ticket = (n: number): object => ({
  id: n,
  customer: { name: `${CANARY} ${n}`, tier: 'gold' },
  items: Array.from({ length: 12 }, (_, at) => ({ sku: `A-${n}-${at}`, count: at, isOpen: at % 2 === 0 })),
});

/** A day's call of an application whose prompts are pretty-printed JSON; usage is counted from the text at ingest. */
const jsonCall = (n: number): object => ({
  timestamp: new Date(BASE_MS + n * DAY_MS).toISOString(),
  id: `json-${n}`,
  model: 'gpt-4o-mini',
  team: 'support',
  application: 'tickets',
  prompt: JSON.stringify(ticket(n), null, 4),
  response: 'ok',
});
const CALLS = 20;
/** By another road than the code: printed once more by the language, and counted by the tokenizer itself. */
const BEFORE = Array.from({ length: CALLS }, (_, n) => countTokens(JSON.stringify(ticket(n), null, 4)));
const AFTER = Array.from({ length: CALLS }, (_, n) => countTokens(JSON.stringify(ticket(n))));
const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
const KEPT = 100 * (sum(AFTER) / sum(BEFORE));

const open: Workspace[] = [];
afterAll(async () => {
  for (const work of open) await work.close();
});

async function lakeOf(files: Files, config: object = {}): Promise<Workspace> {
  const work = await workspace();
  open.push(work);
  await work.write(files);
  await work.run({ config });
  return work;
}

async function rewritesOf(work: Workspace, config: object = {}): Promise<readonly RewriteRow[]> {
  const simulation = await simulateLake({ lake: work.lake, prompts: work.inbox, config: await configFile(config) });
  return simulation.rewrites ?? [];
}

const plantedCalls = Array.from({ length: CALLS }, (_, n) => line(jsonCall(n))).join('');

describe('pretty-printed JSON', () => {
  let work: Workspace;
  beforeAll(async () => {
    work = await lakeOf({
      'calls.jsonl': plantedCalls,
      // bad lines and objects are the ledger's business, not ours
      'bad.jsonl': `not json ${CANARY}\n{"timestamp":"yesterday","model":"m","prompt":"${CANARY}"}\n`,
      'broken.jsonl.gz': new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]),
    });
  }, SLOW_MS);

  test('the share is found, and the plan saves it', async () => {
    const simulation = await simulateLake({ lake: work.lake, prompts: work.inbox, config: await configFile({}) });
    const { evidence, plan, levers } = simulationJson(simulation) as {
      evidence: { prompt_optimization: { measured: Record<string, unknown>[] } };
      plan: { levers: string[]; saving: string };
      levers: { lever: string; basis: string; saving: string }[];
    };
    const [row, ...others] = evidence.prompt_optimization.measured;
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      application: 'tickets',
      team: 'support',
      model: 'gpt-4o-mini',
      calls: CALLS,
      tokens_before: sum(BEFORE),
      input_tokens: sum(BEFORE),
      saved_by_json: sum(BEFORE) - sum(AFTER),
      saved_by_whitespace: 0,
      saved_by_repeats: 0,
      kept_percent: Number(KEPT.toFixed(4)),
    });
    expect(KEPT).toBeLessThan(75);
    // each call keeps that share in thousandths, in whole tokens, at 0.15 USD per million
    const kept = Math.round(10 * KEPT);
    const cut = sum(BEFORE.map((tokens) => tokens - Math.round((tokens * kept) / 1000)));
    expect(plan.levers).toEqual(['prompt_optimization']);
    expect(Number(plan.saving)).toBeCloseTo((cut * 0.15) / 1e6, 12);
    expect(levers.find(({ lever }) => lever === 'prompt_optimization')).toMatchObject({ basis: 'measured' });
  });

  test('without --prompts nothing is measured', async () => {
    const simulation = await simulateLake({ lake: work.lake, config: await configFile({}) });
    expect(simulation.rewrites).toBeNull();
    expect(simulation.plan.chosen).toEqual([]);
  });

  test(
    'the command tells it in a line, and no text is printed or kept',
    async () => {
      const words = [
        'simulate',
        '--lake',
        work.lake,
        '--prompts',
        work.inbox,
        '--from',
        '2026-10-05',
        '--to',
        '2026-11-04',
      ];
      const month = [
        'simulate',
        '--lake',
        work.lake,
        '--prompts',
        work.inbox,
        '--month',
        '2026-10',
        '--format',
        'json',
      ];
      const printed = [await ledger(work.lake, ...words), await ledger(work.lake, ...month)];
      expect(printed.map(({ code }) => code)).toEqual([0, 0]);
      const percent = (100 - KEPT).toFixed(1);
      expect(printed[0]?.out).toContain(
        `prompts   lossless rewrites would take ${percent} % of the input of 20 calls with text: compact JSON ${percent} %, whitespace 0.0 %, repeats 0.0 %`,
      );
      expect(printed[1]?.err).toContain('rows of 2026-10 written');
      const texts = printed.flatMap(({ out, err }) => [out, err]);
      const engine = await openDuckDb(work.lake);
      try {
        for (const entry of await readdir(work.lake, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue;
          const path = join(entry.parentPath, entry.name);
          texts.push((await readFile(path)).toString('latin1'));
          if (!path.endsWith('.parquet')) continue;
          const rows = await engine.query(`select to_json(t)::varchar as row from read_parquet('${path}') t`);
          texts.push(rows.map((row) => String(row['row'])).join('\n'));
        }
      } finally {
        engine.close();
      }
      expect(texts.some((text) => text.includes('tickets'))).toBe(true);
      expect(texts.filter((text) => text.includes('Nightingale'))).toEqual([]);
    },
    SLOW_MS,
  );
});

describe('which prompts', () => {
  const call = (given: object): string =>
    line({ timestamp: '2026-10-05T08:00:00Z', model: 'gpt-4o-mini', input_tokens: 90, output_tokens: 1, ...given });
  const pretty = JSON.stringify({ question: 'why', page: [1, 2, 3] }, null, 2);

  test('those of calls that a lever may touch, under the names that the ledger gives their owners', async () => {
    const config = {
      teams: [{ name: 'search', aliases: ['team-search'] }],
      attribution: { rules: [{ id: 'night', match: { key: 'nightly-*' }, set: { application: 'indexer' } }] },
    };
    const work = await lakeOf(
      {
        'a.jsonl':
          call({ id: '1', team: 'team-search', key: 'nightly-1', prompt: pretty }) +
          call({ id: '2', prompt: pretty, tags: {} }) +
          call({ id: '3', team: 'failed', prompt: pretty, status: 'error' }) +
          call({ id: '4', team: 'embeds', prompt: pretty, operation: 'embedding' }) +
          call({ id: '5', team: 'flat', prompt: pretty, billing_mode: 'subscription' }) +
          call({ id: '6', team: 'masked', prompt: 'redacted-by-litellm' }) +
          call({ id: '7', team: 'silent' }),
      },
      config,
    );
    const rows = await rewritesOf(work, config);
    const known = await work.ask(
      "select distinct team, application, model from usage where billing_mode = 'on_demand'",
    );
    expect(rows.map(({ application, team }) => [application, team])).toEqual([
      ['indexer', 'search'],
      [null, 'unallocated'],
    ]);
    for (const { team, application, model } of rows) expect(known).toContainEqual({ team, application, model });
    const saved = countTokens(pretty) - countTokens(JSON.stringify(JSON.parse(pretty)));
    // 90 tokens were billed, more than the text has: what was not seen is not saved
    for (const { keptPercent } of rows) expect(keptPercent).toBeCloseTo(100 * (1 - saved / 90), 3);
  });

  test('messages of one request share their paragraphs, requests do not', async () => {
    const rule = 'Every answer names the page it rests on, and the day on which that page was read by us. '
      .repeat(3)
      .trim();
    const messages = [
      { role: 'system', content: `Rules:   \n\n\n${rule}` },
      { role: 'user', content: `${rule}\n\nWhy?` },
    ];
    const body = (id: string): object => ({
      request: { model: 'gpt-4o-mini', messages },
      response: {
        id,
        object: 'chat.completion',
        created: 1_791_187_200,
        model: 'gpt-4o-mini',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Because.' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 120, completion_tokens: 2, total_tokens: 122 },
      },
    });
    const work = await lakeOf({ 'a.jsonl': line(body('chatcmpl-1')) + line(body('chatcmpl-2')) });
    const [row] = await rewritesOf(work);
    const [system, plain] = [`Rules:   \n\n\n${rule}`, `Rules:\n\n${rule}`].map((text) => countTokens(text));
    const [user, short] = [`${rule}\n\nWhy?`, '(repeats paragraph 1)\n\nWhy?'].map((text) => countTokens(text));
    expect(row).toMatchObject({
      calls: 2,
      tokensBefore: 2 * ((system ?? NaN) + (user ?? NaN)),
      saved: {
        json: 0,
        whitespace: 2 * ((system ?? NaN) - (plain ?? NaN)),
        repeated: 2 * ((user ?? NaN) - (short ?? NaN)),
      },
    });
  });

  test('a text under many calls of differing length is not what was sent', async () => {
    const masked = Array.from({ length: 40 }, (_, n) =>
      call({ id: `m${n}`, team: 'masked', input_tokens: 100 + n, prompt: `${pretty}   ` }),
    );
    const [row] = await rewritesOf(await lakeOf({ 'a.jsonl': masked.join('') }));
    // the first ones pass until it is known
    expect(row?.calls).toBe(19);
  });

  test('does not depend on how the log was cut into files', async () => {
    const calls = Array.from({ length: 30 }, (_, n) =>
      call({ id: `${n}`, session: `s${n % 17}`, prompt: JSON.stringify(ticket(n), null, n % 5) }),
    );
    const whole = await rewritesOf(await lakeOf({ 'a.jsonl': calls.join('') }));
    const cut = await rewritesOf(
      await lakeOf({ 'z.jsonl': calls.slice(0, 11).join(''), 'b.jsonl': calls.slice(11).toReversed().join('') }),
    );
    expect(whole).toHaveLength(1);
    expect(whole[0]?.low).toBeLessThan(whole[0]?.keptPercent ?? NaN);
    expect(cut).toEqual(whole);
  });
});
