import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  calibratedTokens,
  calibrationOf,
  createCalibration,
  whyNotMeasured,
} from '../../lib/count/tokenizer-calibration.ts';
import type { CalibrationCall, CalibrationRow } from '../../lib/count/tokenizer-calibration.ts';
import { estimateTokens } from '../../lib/count/tokenizer-ratios.ts';

function call(part: Partial<CalibrationCall>): CalibrationCall {
  return {
    publisher: 'anthropic',
    model: 'claude-sonnet-4-5',
    cluster: 'a',
    o200kTokens: 1_000,
    reportedTokens: 1_200,
    scripts: { latin: 4_000, space: 800 },
    ...part,
  };
}

function rowOf(calls: readonly CalibrationCall[]): CalibrationRow {
  const calibration = createCalibration();
  for (const one of calls) calibration.add(one);
  return calibration.rows()[0] as CalibrationRow;
}

/** 25 calls in each of 8 sessions; half of them report 1.1 and half 1.3 tokens. */
const CALLS = Array.from({ length: 200 }, (_, at) =>
  call({ cluster: `session ${at % 8}`, reportedTokens: at % 2 === 0 ? 1_100 : 1_300 }),
);

describe('a calibration', () => {
  test('is the ratio of sums, with the range of its sessions', () => {
    const row = rowOf(CALLS);
    // each session is off by 25 × 100 tokens: 8 squares, times n / (n - 1), root, times t of 7 degrees (2.364624), over 200,000
    const half = (2.364624 * Math.sqrt((8 * 2_500 ** 2 * 8) / 7)) / 200_000;
    expect(row).toMatchObject({ status: 'measured', calls: 200, leftOut: 0, sessions: 8, ratio: 1.2 });
    expect(row).toMatchObject({
      o200kTokens: 200_000,
      reportedTokens: 240_000,
      scripts: { latin: 800_000, space: 160_000 },
    });
    expect((1.2 - (row.low ?? 0)) / half).toBeCloseTo(1, 4);
    expect(((row.high ?? 0) - 1.2) / half).toBeCloseTo(1, 4);
  });

  test('is not the mean of ratios', () => {
    const large = CALLS.slice(1).map((one) => ({ ...one, reportedTokens: 1_000 }));
    const row = rowOf([...large, call({ cluster: 'session 0', o200kTokens: 199_000, reportedTokens: 398_000 })]);
    expect(row.ratio).toBeCloseTo((199_000 + 398_000) / (199_000 + 199_000), 12);
  });

  test.each([
    ['199 calls', CALLS.slice(1)],
    ['7 sessions', CALLS.map((one) => (one.cluster === 'session 7' ? { ...one, cluster: 'session 6' } : one))],
  ])('of %s is too few', (_what, calls) => {
    expect(rowOf(calls)).toMatchObject({ status: 'too_few', ratio: null, low: null, high: null });
    expect(() => calibratedTokens(rowOf(calls), 1, {})).toThrow('claude-sonnet-4-5 is not measured');
  });

  test('leaves out calls whose texts cannot be all, and says so when they are many', () => {
    const hidden = call({ cluster: 'session 1', reportedTokens: 8_051 });
    const short = call({ cluster: 'session 1', reportedTokens: 299 });
    expect(rowOf([...CALLS, hidden, short])).toMatchObject({ status: 'measured', calls: 200, leftOut: 2, ratio: 1.2 });
    const many = Array.from({ length: 23 }, () => hidden);
    expect(rowOf([...CALLS, ...many])).toMatchObject({ status: 'incomplete', leftOut: 23, ratio: null });
    // framing of a short text is no hidden text
    const framed = call({ o200kTokens: 2, reportedTokens: 40 });
    expect(rowOf([framed])).toMatchObject({ calls: 1, leftOut: 0 });
  });

  test('passes over calls without text or without tokens, and keeps models apart', () => {
    const calibration = createCalibration();
    for (const one of CALLS) calibration.add(one);
    calibration.add(call({ model: 'other', o200kTokens: 0 }));
    calibration.add(call({ model: 'other', reportedTokens: 0 }));
    calibration.add(call({ model: 'gemini-2.5-pro', publisher: 'google' }));
    expect(calibration.rows().map(({ model, calls }) => [model, calls])).toEqual([
      ['claude-sonnet-4-5', 200],
      ['gemini-2.5-pro', 1],
    ]);
  });

  test.each([
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
    ['anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
    ['anthropic/Claude-Sonnet-4-5', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet'],
    ['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro-preview-05-06'],
    ['gemini-2.5-flash', 'gemini-2.5-flash'],
    ['anthropic.claude-v2:1', 'claude-v2:1'],
    ['mistral-large-2411', 'mistral-large-2411'],
  ])('%s has the tokenizer of %s', (spelling, model) => {
    expect(rowOf([call({ model: spelling })]).model).toBe(model);
    const rows = [rowOf([call({ model })])];
    expect(calibrationOf(rows, 'anthropic', spelling)).toBe(rows[0]);
  });

  test('of a model without calls has none, and one of another maker is not it', () => {
    const none = { status: 'too_few', calls: 0, sessions: 0, ratio: null, model: 'gemini-2.5-pro' };
    expect(calibrationOf([rowOf(CALLS)], 'google', 'gemini-2.5-pro')).toMatchObject(none);
    expect(calibrationOf([rowOf(CALLS)], 'google', 'claude-sonnet-4-5')).toMatchObject({ status: 'too_few', calls: 0 });
  });

  test('says why it is none', () => {
    expect(whyNotMeasured(rowOf(CALLS.slice(1)))).toBe(
      'not calibrated: 199 own calls of claude-sonnet-4-5 in 8 sessions or days are too few, 200 in 8 are needed',
    );
    const hidden = Array.from({ length: 23 }, () => call({ reportedTokens: 9_000 }));
    expect(whyNotMeasured(rowOf([...CALLS, ...hidden]))).toBe(
      'not calibrated: reported tokens do not fit the texts of 23 of 223 own calls of claude-sonnet-4-5',
    );
  });

  test('does not depend on the order of calls', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(CALLS, { minLength: 200 }), (calls) => {
        expect(rowOf(calls)).toEqual(rowOf(CALLS));
      }),
      { numRuns: 20 },
    );
  });
});

describe('an estimate that follows it', () => {
  const row = rowOf(CALLS);

  test('of the same scripts is what was measured', () => {
    const { low, expected, high, basis } = calibratedTokens(row, 10_000, { latin: 40, space: 8 });
    expect(expected).toBe(12_000);
    expect(low).toBe(Math.floor(10_000 * (row.low ?? 0)));
    expect(high).toBe(Math.ceil(10_000 * (row.high ?? 0)));
    expect(basis).toBe(
      'calibrated:o200k_base*1.200(1.111-1.289) on 200 own calls of claude-sonnet-4-5 in 8 sessions or days',
    );
  });

  test('of other scripts is moved by the ratios of scripts, and as wide as they are', () => {
    const russian = { cyrillic_greek: 4_000, space: 800 };
    const plain = estimateTokens(10_000, russian, row.publisher, row.model);
    const same = estimateTokens(10_000, row.scripts, row.publisher, row.model);
    const { low, expected, high } = calibratedTokens(row, 10_000, russian);
    expect(expected / ((12_000 * plain.expected) / same.expected)).toBeCloseTo(1, 3);
    expect(high).toBeGreaterThan(0.9 * plain.high);
    expect(low).toBeLessThan(1.1 * plain.low);
  });

  test('is in order, and nothing for nothing', () => {
    const mixes = fc.dictionary(fc.constantFrom('latin', 'cjk', 'signs', 'emoji'), fc.integer({ min: 1, max: 9_999 }));
    fc.assert(
      fc.property(mixes, fc.integer({ min: 1, max: 1_000_000 }), (mix, tokens) => {
        const { low, expected, high } = calibratedTokens(row, tokens, mix);
        expect(low).toBeGreaterThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(expected);
        expect(expected).toBeLessThanOrEqual(high);
      }),
    );
    expect(calibratedTokens(row, 0, {})).toMatchObject({ low: 0, expected: 0, high: 0 });
  });
});
