/** Sums of lossless rewrites: the ratio of sums, its range, and the rules that the plan takes from it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRewriteSums, rewriteRules } from '../../lib/simulate/measured-rewrites.ts';
import type { MeasuredPrompt, RewriteRow } from '../../lib/simulate/measured-rewrites.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { loggedCall, simulationOf } from '../fixtures/logged-calls.ts';

const promptOf = (given: Partial<MeasuredPrompt> & { json?: number }): MeasuredPrompt => {
  const { json = 0, ...rest } = given;
  return {
    application: 'bot',
    team: 'search',
    model: 'claude-sonnet-4-5',
    cluster: 's1',
    textTokens: 1_000,
    reportedTokens: 0,
    saved: { json, whitespace: 0, repeated: 0 },
    ...rest,
  };
};

const rowsOf = (prompts: readonly MeasuredPrompt[]): RewriteRow[] => {
  const sums = createRewriteSums();
  for (const prompt of prompts) sums.add(prompt);
  return sums.rows();
};

describe('rows', () => {
  test('the share is a ratio of sums, not a mean of shares', () => {
    // 100 of 1,000 and 1,800 of 3,000: 1,900 of 4,000 go
    const prompts = [promptOf({ json: 100 }), promptOf({ textTokens: 3_000, json: 1_800, cluster: 's2' })];
    expect(rowsOf(prompts)).toEqual([
      {
        application: 'bot',
        team: 'search',
        model: 'claude-sonnet-4-5',
        calls: 2,
        tokensBefore: 4_000,
        inputTokens: 4_000,
        saved: { json: 1_900, whitespace: 0, repeated: 0 },
        keptPercent: 52.5,
        // two sessions: from the better of them, 60 % saved, to nothing
        low: 40,
        high: 100,
      },
    ]);
  });

  test('what was sent besides the text counts as not saved; a counter that counts too much does not lower the share', () => {
    const kept = (reportedTokens: number): number | undefined =>
      rowsOf([promptOf({ json: 200, reportedTokens })])[0]?.keptPercent;
    expect([kept(0), kept(800), kept(1_000), kept(4_000)]).toEqual([80, 80, 80, 95]);
  });

  test('one session with one share: from that share to nothing', () => {
    const [row] = rowsOf([promptOf({ json: 250 }), promptOf({ json: 250 })]);
    expect([row?.low, row?.keptPercent, row?.high]).toEqual([75, 75, 100]);
  });

  test('equal sessions have no spread, unequal ones do', () => {
    const sessions = (json: (n: number) => number): RewriteRow | undefined =>
      rowsOf(Array.from({ length: 60 }, (_, n) => promptOf({ cluster: `session ${n}`, json: json(n) })))[0];
    const equal = sessions(() => 300);
    expect([equal?.low, equal?.keptPercent, equal?.high]).toEqual([70, 70, 70]);
    // half save 0.2, half 0.4: a standard error of 0.1/√60 = 0.0129, so some 2.5 points to either side
    const unequal = sessions((n) => (n % 2 === 0 ? 200 : 400));
    expect(unequal?.keptPercent).toBe(70);
    expect(70 - (unequal?.low ?? NaN)).toBeGreaterThan(2);
    expect(70 - (unequal?.low ?? NaN)).toBeLessThan(3.5);
    expect((unequal?.high ?? NaN) - 70).toBeGreaterThan(2);
    expect((unequal?.high ?? NaN) - 70).toBeLessThan(3.5);
  });

  test('groups are apart, largest saving first, and a prompt without tokens is none', () => {
    const rows = rowsOf([
      promptOf({ json: 1 }),
      promptOf({ application: null, json: 3 }),
      promptOf({ team: 'growth', json: 2 }),
      promptOf({ model: 'other', json: 2 }),
      promptOf({ textTokens: 0 }),
    ]);
    expect(rows.map(({ application, team, model, calls }) => [application, team, model, calls])).toEqual([
      [null, 'search', 'claude-sonnet-4-5', 1],
      ['bot', 'growth', 'claude-sonnet-4-5', 1],
      ['bot', 'search', 'other', 1],
      ['bot', 'search', 'claude-sonnet-4-5', 1],
    ]);
  });

  const drawn = (minLength: number) =>
    fc.array(
      fc.record({
        cluster: fc.integer({ min: 0, max: 40 }).map(String),
        textTokens: fc.integer({ min: 1, max: 5_000 }),
        reportedTokens: fc.integer({ min: 0, max: 9_000 }),
        share: fc.integer({ min: 0, max: 100 }),
      }),
      { minLength, maxLength: 80 },
    );

  test('the range holds the share, and the order of the prompts changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(drawn(1), drawn(50)), (calls) => {
        const prompts = calls.map(({ share, ...call }) =>
          promptOf({ ...call, json: Math.floor((call.textTokens * share) / 100) }),
        );
        const rows = rowsOf(prompts);
        const [row] = rows;
        if (row === undefined) throw new Error('a row');
        expect(row.low).toBeGreaterThanOrEqual(0);
        expect(row.low).toBeLessThanOrEqual(row.keptPercent);
        expect(row.keptPercent).toBeLessThanOrEqual(row.high);
        expect(row.high).toBeLessThanOrEqual(100);
        expect(rowsOf(prompts.toReversed())).toEqual(rows);
      }),
      { numRuns: 100 },
    );
  });
});

describe('rules', () => {
  test('come in the order of the rows; what saves less than a thousandth, and more than twenty of them, is not planned', () => {
    const rows = rowsOf([
      ...Array.from({ length: 25 }, (_, n) => promptOf({ team: `t${n}`, json: 500 - n })),
      promptOf({ team: 'hardly', textTokens: 1_000_000, json: 499 }),
    ]);
    const rules = rewriteRules(rows);
    expect(rules).toHaveLength(20);
    expect(rules[0]).toEqual({
      measuredAs: 'evidence.prompt_optimization.measured[0]',
      application: 'bot',
      team: 't0',
      model: 'claude-sonnet-4-5',
      cut: 'evenly',
      keptPercent: { value: 50, low: 50, high: 100 },
      outputPercent: 100,
      compressorUsd: '0',
    });
    expect(rules.map(({ team }) => team)).not.toContain('hardly');
  });
});

describe('in a plan', () => {
  const calls = Array.from({ length: 20 }, (_, n) =>
    [null, 'bot', 'other'].map((application) =>
      loggedCall({ timeMs: Date.UTC(2026, 9, 1 + n), application, tokens: { input: 10_000, output: 0 } }),
    ),
  ).flat();
  const sessions = (given: Partial<MeasuredPrompt> & { json: number }): MeasuredPrompt[] =>
    Array.from({ length: 20 }, (_, n) => promptOf({ cluster: `${n}`, ...given }));
  const lever = async (
    rewrites: RewriteRow[] | null,
    levers: Parameters<typeof simulationOf>[1] = {},
  ): Promise<ReturnType<typeof findingOf>> => findingOf(await simulationOf(calls, { rewrites, ...levers }));
  const findingOf = (simulation: Awaited<ReturnType<typeof simulationOf>>) => {
    const finding = simulation.levers.find(({ lever: name }) => name === 'prompt_optimization');
    if (finding === undefined) throw new Error('a finding');
    return { ...finding, usd: Number(finding.savingPico) / 1e12 };
  };

  test('each call is cut by the share of its own application, also if it has none', async () => {
    // 20 × 0.03 USD each: a fifth of those without an application, a tenth of the bot; nobody measured the other
    const rows = rowsOf([...sessions({ application: null, json: 200 }), ...sessions({ json: 100 })]);
    const found = await lever(rows);
    expect(found).toMatchObject({ basis: 'measured', calls: 40, isInPlan: true, why: null, toKnow: null });
    expect(found.usd).toBeCloseTo(0.6 * 0.3, 10);
    expect(found.assumptions.join(' ')).toContain('not assessed');
  });

  test('what config says goes first, and makes it modelled', async () => {
    const cut = { cut: 'evenly', keptPercent: 50, outputPercent: 100, compressorUsd: '0' } as const;
    const found = await lever(rowsOf(sessions({ json: 100 })), {
      levers: {
        cuts: [
          { ...cut, application: 'other' },
          { ...cut, application: 'bot', keptPercent: 60 },
        ],
      },
    });
    expect(found).toMatchObject({ basis: 'modelled', calls: 40 });
    expect(found.usd).toBeCloseTo(0.6 * (0.5 + 0.4), 10);
  });

  test('nothing measured, nothing to measure, nothing to save: three things that are not said alike', async () => {
    expect(await lever(null)).toMatchObject({ basis: 'not_identifiable', savingPico: null });
    const empty = await lever([]);
    expect(empty).toMatchObject({ basis: 'not_identifiable', savingPico: null });
    expect(empty.why).toContain('--prompts');
    const clean = await lever(rowsOf(sessions({ json: 0 })));
    expect(clean).toMatchObject({ basis: 'measured', savingPico: 0n, isInPlan: false });
    expect(clean.why).toContain('thousandth');
  });

  test('JSON: null where not measured, else a row for each group', async () => {
    const evidenceOf = async (rewrites: RewriteRow[] | null): Promise<unknown> =>
      (simulationJson(await simulationOf(calls, { rewrites })) as { evidence: { prompt_optimization: unknown } })
        .evidence.prompt_optimization;
    expect(await evidenceOf(null)).toBeNull();
    const saved = { json: 100, whitespace: 20, repeated: 30 };
    expect(await evidenceOf(rowsOf([promptOf({ saved, reportedTokens: 1_500 })]))).toEqual({
      measured: [
        {
          application: 'bot',
          team: 'search',
          model: 'claude-sonnet-4-5',
          calls: 1,
          tokens_before: 1_000,
          input_tokens: 1_500,
          saved_by_json: 100,
          saved_by_whitespace: 20,
          saved_by_repeats: 30,
          kept_percent: 90,
          low: 90,
          high: 100,
        },
      ],
    });
  });

  test('the tornado names the measurement', async () => {
    const rows = rowsOf(Array.from({ length: 20 }, (_, n) => promptOf({ cluster: `${n}`, json: 100 + 10 * n })));
    const { ranges } = await simulationOf(calls, { rewrites: rows });
    expect(ranges.tornado.map(({ name }) => name)).toContain('evidence.prompt_optimization.measured[0].keptPercent');
  });
});
