import { describe, expect, test } from 'vitest';
import { documentTokens } from '../../lib/count/document-tokens.ts';
import { calibrationOf } from '../../lib/count/tokenizer-calibration.ts';
import type { CalibrationRow } from '../../lib/count/tokenizer-calibration.ts';

const COUNTED = { tokensO200k: 1_000, tokensCl100k: 1_010, tokens: { mine: 1_234 }, scripts: { latin: 4_000 } };
const ROW: CalibrationRow = {
  publisher: 'anthropic',
  model: 'claude-sonnet-4-5',
  status: 'measured',
  calls: 240,
  leftOut: 0,
  sessions: 12,
  o200kTokens: 100_000,
  reportedTokens: 120_000,
  ratio: 1.2,
  low: 1.1504,
  high: 1.2496,
  scripts: { latin: 400_000 },
};

describe('tokens of a document', () => {
  test.each([
    ['openai', 'gpt-4o', 1_000, 'counted:o200k_base'],
    // a provider stands for the publisher where a log tells no more
    ['azure', 'gpt-4o', 1_000, 'counted:o200k_base'],
    ['openai', 'gpt-4-turbo', 1_010, 'counted:cl100k_base'],
    ['azure', 'gpt-4-turbo', 1_010, 'counted:cl100k_base'],
  ])('of %s %s are exact', (publisher, model, tokens, basis) => {
    const exact = { low: tokens, expected: tokens, high: tokens, basis };
    expect(documentTokens(publisher, model, null, COUNTED)).toEqual(exact);
    // own calls cannot be better than that
    expect(documentTokens(publisher, model, null, COUNTED, { ...ROW, publisher, model })).toEqual(exact);
  });

  test('are those of the tokenizer of the owner', () => {
    const exact = { low: 1_234, expected: 1_234, high: 1_234, basis: 'counted:mine' };
    expect(documentTokens('anthropic', 'claude-sonnet-4-5', 'mine', COUNTED, ROW)).toEqual(exact);
  });

  test('are estimated by script where none is public, and a publisher that does not count OpenAI is none', () => {
    // Latin script: claude 1.02, 1.13, 1.60; other 0.80, 1.03, 1.38 (docs/counting.md)
    const claude = documentTokens('anthropic', 'claude-sonnet-4-5', null, COUNTED);
    expect(claude).toMatchObject({ low: 1_020, expected: 1_130, high: 1_600 });
    expect(documentTokens(null, 'gpt-4o', null, COUNTED)).toMatchObject({ low: 800, expected: 1_030, high: 1_380 });
  });

  test('of the smallest text are one at least, of none none', () => {
    // Gemini in Thai script and the like: 0.32 to 3.14
    const small = { ...COUNTED, tokensO200k: 1, scripts: { other_letters: 2 } };
    expect(documentTokens('google', 'gemini-2.5-pro', null, small)).toMatchObject({ low: 1, expected: 1, high: 4 });
    const empty = { ...COUNTED, tokensO200k: 0, scripts: {} };
    expect(documentTokens('google', 'gemini-2.5-pro', null, empty)).toMatchObject({ low: 0, expected: 0, high: 0 });
  });

  test('follow own calls where enough were measured', () => {
    expect(documentTokens('anthropic', 'claude-sonnet-4-5', null, COUNTED, ROW)).toEqual({
      low: 1_150,
      expected: 1_200,
      high: 1_250,
      basis: 'calibrated:o200k_base*1.200(1.150-1.250) on 240 own calls of claude-sonnet-4-5 in 12 sessions or days',
    });
    // of a text that is digits to the half of its tokens only the other half is measured: claude digits 0.52, 0.79, 1.94, latin 1.02, 1.13, 1.60
    const half = { ...COUNTED, scripts: { latin: 1 / 0.264, digits: 1 / 0.653 } };
    const moved = (0.5 * 1.13 + 0.5 * 0.79) / 1.13;
    expect(documentTokens('anthropic', 'claude-sonnet-4-5', null, half, ROW)).toMatchObject({
      low: Math.floor(1_000 * (0.5 * 1.1504 * moved + 0.5 * ((1.02 + 0.52) / 2))),
      expected: Math.round(1_200 * moved),
      high: Math.ceil(1_000 * (0.5 * 1.2496 * moved + 0.5 * ((1.6 + 1.94) / 2))),
    });
  });

  test('keep the ratios by script where too few were, and say so', () => {
    const plain = documentTokens('anthropic', 'claude-sonnet-4-5', null, COUNTED);
    const none = calibrationOf([], 'anthropic', 'claude-sonnet-4-5');
    expect(documentTokens('anthropic', 'claude-sonnet-4-5', null, COUNTED, none)).toEqual({
      ...plain,
      basis: `${plain.basis}, not calibrated: 0 own calls of claude-sonnet-4-5 in 0 sessions or days are too few, 200 in 8 are needed`,
    });
  });
});
