import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownLog, report, truePico, unmatchedTokens } from '../fixtures/bucket-model.ts';
import type { ReportShape, TrueCall } from '../fixtures/bucket-model.ts';
import { ask, land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';

const shapes = fc.record({ hourly: fc.boolean(), byProject: fc.boolean(), byTier: fc.boolean() });

const drawnCalls = (shift: fc.Arbitrary<TrueCall['logged']>): fc.Arbitrary<TrueCall[]> =>
  fc
    .array(
      fc.record({
        day: fc.integer({ min: 3, max: 8 }),
        hour: fc.constantFrom(0, 7, 23),
        model: fc.constantFrom('gpt-5' as const, 'gpt-4o' as const),
        project: fc.constantFrom('p1' as const, 'p2' as const),
        tier: fc.constantFrom('standard' as const, 'batch' as const),
        input: fc.integer({ min: 1, max: 1_000_000 }),
        output: fc.nat(50_000),
        logged: shift,
        logKnowsProject: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((calls) => calls.map((call, id) => ({ ...call, id })));

/** A report that does not tell tiers cannot price them: there all calls are standard. */
const fitting = (calls: readonly TrueCall[], shape: ReportShape): TrueCall[] =>
  calls.map((call) => ({ ...call, tier: shape.byTier ? call.tier : 'standard' }));

async function totals(lake: TestLake): Promise<{ input: bigint; output: bigint; pico: bigint; lowest: bigint }> {
  const [row] = await ask(
    lake,
    `select cast(sum(input_tokens) as varchar) as input, cast(sum(output_tokens) as varchar) as output,
      cast(cast(sum(cost) as decimal(38,12)) as varchar) as cost, cast(min(least(input_tokens, output_tokens)) as varchar) as lowest from usage`,
  );
  const text = (name: string): string => String(row?.[name]);
  return {
    input: BigInt(text('input')),
    output: BigInt(text('output')),
    pico: BigInt(text('cost').replace('.', '')),
    lowest: BigInt(text('lowest')),
  };
}

const sum = (calls: readonly TrueCall[], meter: 'input' | 'output'): bigint =>
  BigInt(calls.reduce((total, call) => total + call[meter], 0));

const RUNS = Number(process.env['BUCKET_RUNS'] ?? 10);

async function withLake(use: (lake: TestLake) => Promise<void>): Promise<void> {
  const lake = await openTestLake({ wideDays: 3 });
  try {
    await use(lake);
  } finally {
    await lake.close();
  }
}

test('whatever part of the calls is logged, with or without project, the ledger comes to the vendor’s report to the last digit', async () => {
  const anyPart = drawnCalls(fc.constantFrom(0 as const, null));
  await fc.assert(
    fc.asyncProperty(anyPart, shapes, async (drawn, shape) => {
      const calls = fitting(drawn, shape);
      await withLake(async (lake) => {
        await land(lake, { 'report.json': report(calls, shape), 'log.jsonl': ownLog(calls) });
        await sealAll(lake);
        const found = await totals(lake);
        expect(found.lowest).toBeGreaterThanOrEqual(0n);
        expect(found).toMatchObject({
          input: sum(calls, 'input'),
          output: sum(calls, 'output'),
          pico: truePico(calls),
        });
      });
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('calls that one midnight parts from their bucket are set against the day beside it', async () => {
  const anyPart = drawnCalls(fc.constantFrom(0 as const, null));
  await fc.assert(
    fc.asyncProperty(anyPart, shapes, fc.infiniteStream(fc.boolean()), async (drawn, shape, coin) => {
      const flip = (): boolean => coin.next().value;
      const calls = fitting(drawn, shape).map((call): TrueCall => {
        // only the midnight between day 5 and day 6, in either direction, and not the edges of the report
        const isNear = (call.day === 5 && call.hour === 23) || (call.day === 6 && call.hour === 0);
        return isNear && call.logged === 0 && flip() ? { ...call, logged: call.day === 5 ? 1 : -1 } : call;
      });
      const edges = [3, 4, 5, 6, 7, 8].map((day, i): TrueCall => ({ ...EDGE, day, id: 1000 + i }));
      const all = [...calls, ...edges];
      await withLake(async (lake) => {
        await land(lake, { 'report.json': report(all, shape), 'log.jsonl': ownLog(all) });
        await sealAll(lake);
        const found = await totals(lake);
        expect(found.lowest).toBeGreaterThanOrEqual(0n);
        expect(found).toMatchObject({ input: sum(all, 'input'), output: sum(all, 'output'), pico: truePico(all) });
      });
    }),
    { numRuns: RUNS },
  );
}, 600_000);

/** A call on every day of the report that nobody logs, so that every day has a report. */
const EDGE: TrueCall = {
  id: 0,
  day: 0,
  hour: 7,
  model: 'gpt-5',
  project: 'p1',
  tier: 'standard',
  input: 1,
  output: 1,
  logged: null,
  logKnowsProject: false,
};

/** One token meter is enough: a million tokens cost 1.00 USD, 0.50 in a batch. */
const MILLION: TrueCall = { ...EDGE, id: 1, day: 6, hour: 0, model: 'gpt-4o', input: 1_000_000, output: 0 };

test.each([
  // [what, the calls, what the log says of them, tokens and money beside the report's]
  [
    'a call parted from its bucket is set against its own tier beside, before an unlogged one of another tier on the day',
    [
      { ...MILLION, logged: -1 },
      { ...MILLION, id: 2, day: 5, hour: 9, tier: 'batch', logged: null },
    ],
    null,
    0n,
  ],
  [
    'the same where both are of one tier',
    [
      { ...MILLION, logged: -1 },
      { ...MILLION, id: 2, day: 5, hour: 9, logged: null },
    ],
    null,
    0n,
  ],
  [
    'a log that does not know its tier is set against the day’s other tier: it keeps the price it was given',
    [{ ...MILLION, tier: 'batch', logged: 0 }],
    'standard',
    500_000_000_000n,
  ],
  [
    'the same beside a day on which its own tier was logged in full',
    [
      { ...MILLION, tier: 'batch', logged: 0 },
      { ...MILLION, id: 2, day: 5, logged: 0 },
    ],
    'standard',
    500_000_000_000n,
  ],
] as const)('%s', async (_, calls: readonly TrueCall[], loggedTier: TrueCall['tier'] | null, beyondPico) => {
  const shape: ReportShape = { hourly: false, byProject: false, byTier: true };
  await withLake(async (lake) => {
    const log = calls.map((call) => ({ ...call, tier: loggedTier ?? call.tier }));
    await land(lake, { 'report.json': report(calls, shape), 'log.jsonl': ownLog(log) });
    await sealAll(lake);
    expect(await totals(lake)).toMatchObject({
      input: sum(calls, 'input'),
      output: 0n,
      pico: truePico(calls) + beyondPico,
    });
  });
});

test('with midnights crossed at will, what the ledger shows beyond the report is exactly what no bucket near can hold', async () => {
  const anyShift = drawnCalls(fc.constantFrom(-1 as const, 0 as const, 1 as const, null));
  await fc.assert(
    fc.asyncProperty(anyShift, shapes, fc.nat(5), async (drawn, drawnShape, first) => {
      // with tiers told a day is compared across them before the days beside it are looked at tier by tier: not a plain sum per scope
      const shape = { ...drawnShape, byTier: false };
      const calls = fitting(drawn, shape);
      const scopeOf = (call: TrueCall): string => call.model;
      await withLake(async (lake) => {
        // arrives in pieces, sealed in between: the same as at once
        const rows = ownLog(calls);
        const pages = report(calls, shape);
        for (let part = 0; part < 3; part++) {
          const pick = <T>(of: readonly T[]): T[] => of.filter((_, i) => (i + first) % 3 === part);
          await land(lake, { [`report-${part}.json`]: pick(pages), [`log-${part}.jsonl`]: pick(rows) });
          await sealAll(lake);
        }
        const found = await totals(lake);
        expect(found.lowest).toBeGreaterThanOrEqual(0n);
        expect(found).toMatchObject({
          input: sum(calls, 'input') + BigInt(unmatchedTokens(calls, 'input', scopeOf)),
          output: sum(calls, 'output') + BigInt(unmatchedTokens(calls, 'output', scopeOf)),
        });
        const pieces = await ask(
          lake,
          'select * exclude (ingested_at, source_object, source_line) from usage order by day, record_id',
        );
        await withLake(async (other) => {
          await land(other, { 'report.json': pages, 'log.jsonl': rows });
          await sealAll(other);
          expect(pieces).toEqual(
            await ask(
              other,
              'select * exclude (ingested_at, source_object, source_line) from usage order by day, record_id',
            ),
          );
        });
      });
    }),
    { numRuns: RUNS },
  );
}, 600_000);
