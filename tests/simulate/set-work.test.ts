/** The queries of simulation on the repo's own engine: what SQL sums up must be what the replays of single calls find. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../lib/adapters/local/duckdb-engine.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { createCallLog } from '../../lib/simulate/call-log.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import { createEvidence } from '../../lib/simulate/evidence.ts';
import type { Evidence } from '../../lib/simulate/evidence.ts';
import { sampleTable } from '../../lib/simulate/sampling.ts';
import { billedCalls, drawnLedger, exposeRows } from '../fixtures/drawn-ledger.ts';
import type { DrawnRow } from '../fixtures/drawn-ledger.ts';
import { partsOf } from '../fixtures/sample-units.ts';

const TTLS = [60, 300, 1_800, 3_600, 86_400, null];
const SEEDS = Array.from({ length: 12 }, (_, at) => at + 1);

let folder: string;
let engine: LocalSqlEngine;
let queries: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-set-work-'));
  engine = await openDuckDb(folder);
  queries = await loadSqlFolder('simulate/queries');
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(name: string, rows: readonly DrawnRow[], threshold?: number): Promise<SqlRow[]> {
  await exposeRows(engine, rows);
  if (threshold !== undefined) {
    const sample = sampleTable(threshold, 64);
    await engine.table('sample', sample.columns, sample.rows);
  }
  return await engine.query(queries[name] ?? '');
}

/** Evidence by provider and model: caches are not shared between them. */
function evidenceByModel(calls: readonly LoggedCall[]): Map<string, Evidence> {
  const streams = Map.groupBy(calls, ({ provider, model }) => `${provider} ${model}`);
  return new Map(
    [...streams].map(([name, own]) => {
      const log = createCallLog();
      const collector = createEvidence({
        exactTtlsSeconds: TTLS.map((ttl) => ttl ?? Infinity),
        prefixReplays: TTLS.map((ttl) => ({
          rule: 'radix',
          ttlMs: ttl === null ? null : ttl * 1_000,
          ttlRefresh: 'sliding',
          capacityBlocks: null,
          minimumTokens: 0,
          incrementTokens: 1,
          readMultiplier: 1,
          writeMultiplier: 1,
        })),
        fleetReplays: [],
      });
      for (const call of own) if (call.isCall && call.status !== 'error') collector.see(call, log.add(call));
      return [name, collector.evidence()];
    }),
  );
}

const numbers = (row: SqlRow, ...names: string[]): number[] => names.map((name) => Number(row[name]));
const nameOf = (row: SqlRow): string => `${String(row['provider'])} ${String(row['model'])}`;
const ttlOf = (row: SqlRow): number | null => (row['ttl_seconds'] === null ? null : Number(row['ttl_seconds']));

describe.each([
  ['chained blocks', true],
  ['blocks that are not chained', false],
])('%s', (_name, isChained) => {
  test.each(SEEDS)('reuse gaps are the radix replay at every lifetime: seed %i', async (seed) => {
    const rows = drawnLedger(seed, 300, isChained);
    const answer = await ask('reuse-gaps', rows);
    const expected = evidenceByModel(billedCalls(rows));
    const found = answer.map((row) => [
      nameOf(row),
      ttlOf(row),
      ...numbers(row, 'requests', 'input_tokens', 'hit_tokens'),
    ]);
    const replayed = [...expected].flatMap(([name, { prefix_cache: cache }]) =>
      cache.replays.map((replay) => [name, replay.ttl_seconds, cache.requests, replay.input_tokens, replay.hit_tokens]),
    );
    expect(found.toSorted(byText)).toEqual(replayed.toSorted(byText));
    expect(replayed.filter(([, , , , hit]) => Number(hit) > 0).length).toBeGreaterThan(5);
  });
});

const byText = (a: readonly unknown[], b: readonly unknown[]): number => (String(a) < String(b) ? -1 : 1);

describe('chained blocks', () => {
  test('references are all blocks, and a hit block is one within the lifetime', async () => {
    const rows = drawnLedger(77, 300);
    const answer = await ask('reuse-gaps', rows);
    const lastMs = new Map<string, number>();
    const expected = new Map<string, { all: number; hits: number[] }>();
    for (const call of billedCalls(rows)) {
      if (call.prompt === null || call.status === 'error') continue;
      const { provider, model, billingAccountId, project, keyId, prompt } = call;
      const sums = expected.get(`${provider} ${model}`) ?? { all: 0, hits: TTLS.map(() => 0) };
      expected.set(`${provider} ${model}`, sums);
      for (const block of prompt.blocks) {
        const place = project === null ? keyId : `project ${project}`;
        const key = JSON.stringify([provider, model, billingAccountId, place, prompt.hashKeyId, String(block)]);
        const gap = call.timeMs - (lastMs.get(key) ?? NaN);
        lastMs.set(key, call.timeMs);
        sums.all++;
        for (const [at, ttl] of TTLS.entries())
          if (gap <= (ttl ?? Infinity) * 1_000) sums.hits[at] = (sums.hits[at] ?? 0) + 1;
      }
    }
    for (const row of answer) {
      const own = expected.get(nameOf(row));
      expect(numbers(row, 'block_references', 'hit_blocks')).toEqual([own?.all, own?.hits[TTLS.indexOf(ttlOf(row))]]);
    }
  });
});

test.each(SEEDS)('repeats are those of the exact cache at every lifetime: seed %i', async (seed) => {
  const rows = drawnLedger(seed, 200);
  const answer = await ask('repeats', rows);
  const expected = evidenceByModel(billedCalls(rows));
  for (const row of answer) {
    const exact = expected.get(nameOf(row))?.exact_cache;
    const ttl = ttlOf(row);
    expect(numbers(row, 'requests', 'without_fingerprint')).toEqual([exact?.requests, exact?.without_fingerprint]);
    expect(Number(row['hits'])).toBe(exact?.by_ttl.find(({ ttl_seconds: own }) => own === (ttl ?? Infinity))?.hits);
  }
  const forEver = answer.filter((row) => row['ttl_seconds'] === null);
  expect(forEver.map((row) => numbers(row, 'hits', 'hit_input_tokens'))).toEqual(
    forEver.map((row) => {
      const exact = expected.get(nameOf(row))?.exact_cache;
      return [exact?.repeats, exact?.repeat_input_tokens];
    }),
  );
  expect(answer.length).toBe(expected.size * TTLS.length);
});

test.each(['reuse-gaps', 'repeats'])('%s: a life ends with its last millisecond', async (name) => {
  const [first] = drawnLedger(1, 300).filter(
    ({ call, billingMode }) =>
      call.status === 'ok' && (call.prompt?.blocks.length ?? 0) > 0 && billingMode === 'on_demand',
  );
  if (first === undefined) throw new Error('no prompt was drawn');
  for (const ttl of TTLS) {
    if (ttl === null) continue;
    for (const late of [0, 1]) {
      const timeMs = first.call.timeMs + ttl * 1_000 + late;
      const again = { ...first, call: { ...first.call, timeMs }, recordId: `${first.recordId.slice(1)}0` };
      const answer = await ask(name, [first, again]);
      const found = answer.filter((row) => Number(row['hit_blocks'] ?? row['hits']) > 0).map(ttlOf);
      expect(found).toEqual(TTLS.filter((other) => other === null || (late === 0 ? other >= ttl : other > ttl)));
    }
  }
});

test('demand: sums of a day and its busiest minute', async () => {
  const rows = drawnLedger(5, 300);
  const answer = await ask('demand-per-minute', rows);
  const counted = billedCalls(rows).filter(({ isCall, status }) => isCall && status !== 'error');
  const days = Map.groupBy(
    counted,
    (call) => `${call.provider} ${call.model} ${new Date(call.timeMs).toISOString().slice(0, 10)}`,
  );
  expect(answer.length).toBe(days.size);
  for (const row of answer) {
    const own = days.get(`${nameOf(row)} ${String(row['day'])}`) ?? [];
    const minutes = [...Map.groupBy(own, ({ timeMs }) => Math.floor(timeMs / 60_000)).values()];
    const measures = [
      () => 1,
      ({ tokens }: LoggedCall) => tokens.input + tokens.cacheRead,
      ({ tokens }: LoggedCall) => tokens.output,
    ];
    const sums = measures.map((of) => own.reduce((sum, call) => sum + of(call), 0));
    const peaks = measures.map((of) =>
      Math.max(...minutes.map((calls) => calls.reduce((sum, call) => sum + of(call), 0))),
    );
    expect(Number(row['minutes'])).toBe(minutes.length);
    expect(numbers(row, 'calls', 'input_tokens', 'output_tokens')).toEqual(sums);
    expect(numbers(row, 'peak_calls', 'peak_input_tokens', 'peak_output_tokens')).toEqual(peaks);
  }
});

test('size of a period: every row, its blocks, and the bill to the last digit', async () => {
  const rows = drawnLedger(6, 300);
  const answer = await ask('period-size', rows);
  const groups = Map.groupBy(billedCalls(rows), ({ team, provider, billingAccountId, model }) =>
    JSON.stringify([team, provider, billingAccountId, model]),
  );
  expect(answer.length).toBe(groups.size);
  for (const row of answer) {
    const name = JSON.stringify([row['team'], row['provider'], row['billing_account_id'], row['model']]);
    const own = groups.get(name) ?? [];
    const sum = (of: (call: LoggedCall) => number): number => own.reduce((total, call) => total + of(call), 0);
    const cost = (calls: readonly LoggedCall[]): bigint =>
      calls.reduce((total, call) => total + (call.costPico ?? 0n), 0n);
    expect(numbers(row, 'table_rows', 'calls', 'single_calls', 'priced_rows', 'block_references')).toEqual([
      own.length,
      sum(({ calls }) => calls),
      sum(({ isCall }) => Number(isCall)),
      sum(({ costPico }) => Number(costPico !== null)),
      sum(({ prompt }) => prompt?.blocks.length ?? 0),
    ]);
    const pico = (name_: string): bigint => BigInt(String(row[name_]).replace('.', ''));
    expect(pico('cost')).toBe(cost(own));
    expect(pico('single_cost')).toBe(cost(own.filter(({ isCall }) => isCall)));
  }
});

describe('the calls themselves', () => {
  const read = (row: SqlRow): unknown[] =>
    [row['time_ms'], row['cost_pico'], row['session_id'], row['blocks']].map(String);
  const inOrder = (rows: readonly SqlRow[]): SqlRow[] =>
    rows.toSorted((a, b) =>
      a['day'] === b['day']
        ? Number(a['position']) - Number(b['position'])
        : String(a['day']) < String(b['day'])
          ? -1
          : 1,
    );
  const logged = ({ timeMs, costPico, sessionId, prompt }: LoggedCall): unknown[] =>
    [timeMs, costPico, sessionId, prompt?.blocks.join(',') ?? null].map(String);

  test.each(SEEDS)('all of them, or whole units as the rule draws them: seed %i', async (seed) => {
    const rows = drawnLedger(seed, 200, seed % 2 === 0);
    const billed = rows.filter(({ billingMode }) => billingMode === 'on_demand');
    const parts = partsOf(billed, 64);
    for (const threshold of [65_536, 65_535, 32_768, 4_096, 0]) {
      const answer = await ask('calls', rows, threshold);
      const expected = billed.filter((_, at) => (parts[at] as number) < threshold);
      expect(inOrder(answer).map(read)).toEqual(expected.map(({ call }) => logged(call)));
      expect(threshold < 65_536 || expected.length === billed.length).toBe(true);
      expect(answer.every(({ grain }) => grain === 'call')).toBe(threshold < 65_536);
    }
  });

  test('a session is in the sample or not, whole', async () => {
    const answer = await ask('calls', drawnLedger(3, 400), 40_000);
    const whole = await ask('calls', drawnLedger(3, 400), 65_536);
    const sizes = (rows: readonly SqlRow[]): Map<string, number> =>
      new Map(
        [
          ...Map.groupBy(
            rows.filter((row) => row['grain'] === 'call' && row['session_id'] !== null),
            (row) => `${String(row['provider'])} ${String(row['session_id'])}`,
          ),
        ].map(([name, own]) => [name, own.length]),
      );
    const all = sizes(whole);
    const drawn = sizes(answer);
    expect(drawn.size).toBeGreaterThan(0);
    expect(drawn.size).toBeLessThan(all.size);
    for (const [name, size] of drawn) expect(size).toBe(all.get(name));
  });
});

test('a period is its days', async () => {
  const rows = drawnLedger(9, 300);
  await exposeRows(engine, rows);
  const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
  const middle = day(rows[150]?.call.timeMs ?? 0);
  await engine.table('period', { first_day: 'date', last_day: 'date' }, [[middle, middle]]);
  const counted = billedCalls(rows).filter((call) => day(call.timeMs) === middle);
  const sum = (answer: readonly SqlRow[], name: string): number =>
    answer.reduce((total, row) => total + Number(row[name]), 0);
  const inMinutes = counted.filter(({ isCall, status }) => isCall && status !== 'error').length;
  expect(counted.length).toBeLessThan(rows.length / 2);
  expect(sum(await engine.query(queries['period-size'] ?? ''), 'table_rows')).toBe(counted.length);
  expect(sum(await engine.query(queries['demand-per-minute'] ?? ''), 'calls')).toBe(inMinutes);
});
