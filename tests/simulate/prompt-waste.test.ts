import { describe, expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { growingSessions, longInput, uncachedBeginning } from '../../lib/simulate/prompt-waste.ts';
import type { PromptStream } from '../../lib/simulate/prompt-waste.ts';

const PARAMETERS = parametersWith();

function stream(columns: { input: number[]; output?: number[]; session?: number[] | null }): PromptStream {
  const { input, output = input.map(() => 1), session = null } = columns;
  return {
    inputTokens: Float64Array.from(input),
    outputTokens: Float64Array.from(output),
    session: session && Int32Array.from(session),
  };
}

describe('long input', () => {
  test.each([
    ['fires above 100', [3000, 101, 101], [1, 1, 500], 'fires', 101],
    ['is quiet at 100', [3000, 100, 100], [1, 1, 500], 'quiet', 100],
    ['takes the middle of an even number', [100, 300, 1, 999], [1, 3, 1, 3], 'quiet', 100],
  ])('%s', (_what, input, output, outcome, ratio) => {
    expect(longInput(stream({ input, output }), PARAMETERS)).toMatchObject({ outcome, evidence: { ratio } });
  });

  test('is not identifiable without output, as of embeddings', () => {
    expect(longInput(stream({ input: [5, 5], output: [0, 0] }), PARAMETERS).outcome).toBe('not_identifiable');
    expect(longInput(stream({ input: [] }), PARAMETERS).outcome).toBe('not_identifiable');
  });

  test('follows the threshold of the config', () => {
    const own = parametersWith({ 'waste.input_output_ratio': 20 });
    expect(longInput(stream({ input: [21] }), own).outcome).toBe('fires');
  });
});

describe('growing sessions', () => {
  const growing = [100, 150, 200, 250, 300];
  test.each([
    ['fires where input triples and never shrinks', growing, [1, 1, 1, 1, 1], 'fires', 1],
    ['is quiet where it was compacted once', [100, 250, 150, 250, 300], [1, 1, 1, 1, 1], 'quiet', 0],
    ['is quiet below the factor', [100, 150, 200, 250, 299], [1, 1, 1, 1, 1], 'quiet', 0],
    ['is quiet in four turns', [100, 200, 300, 400], [1, 1, 1, 1], 'quiet', 0],
    ['is quiet where others hold half of the input', [...growing, 1000], [1, 1, 1, 1, 1, 2], 'quiet', 0.5],
    ['fires above half', [...growing, 999], [1, 1, 1, 1, 1, 2], 'fires', 1000 / 1999],
    ['does not mind calls without session', [...growing, 9999], [1, 1, 1, 1, 1, -1], 'fires', 1],
  ])('%s', (_what, input, session, outcome, share) => {
    expect(growingSessions(stream({ input, session }), PARAMETERS)).toMatchObject({ outcome, evidence: { share } });
  });

  test('are told apart, however they are mixed', () => {
    const mixed = stream({ input: growing.flatMap((tokens) => [tokens, 500]), session: growing.flatMap(() => [7, 8]) });
    // 1,000 of 3,500 tokens
    expect(growingSessions(mixed, PARAMETERS)).toEqual({
      detector: 'growing_sessions',
      outcome: 'quiet',
      evidence: { sessions: 2, growing: 1, tokens: 3500, growingTokens: 1000, share: 1000 / 3500 },
    });
  });

  test.each([[null], [[-1, -1]]])('are not identifiable with sessions %j', (session) => {
    expect(growingSessions(stream({ input: [1, 2], session }), PARAMETERS)).toMatchObject({
      outcome: 'not_identifiable',
      needs: 'session ids',
    });
  });
});

describe('an uncached beginning', () => {
  // 3 · 300 of 1,400 tokens = 64 %
  const input = stream({ input: [400, 400, 300, 300] });
  const beginning = { calls: 3, tokens: 300, cachedTokens: 0 };

  test('fires above 60 %, with what it rests on', () => {
    expect(uncachedBeginning(input, beginning, true, PARAMETERS, 300)).toEqual({
      detector: 'uncached_beginning',
      outcome: 'fires',
      evidence: { calls: 3, beginningTokens: 300, share: 900 / 1400, cachedTokens: 0 },
    });
  });

  test.each([
    ['one of its calls read from a cache', input, { ...beginning, cachedTokens: 128 }, 0],
    ['it is too short for the provider', input, beginning, 301],
    ['it is 60 %', stream({ input: [400, 400, 400, 300] }), beginning, 0],
    ['nothing is common', input, null, 0],
  ])('is quiet where %s', (_what, columns, common, minimumTokens) => {
    expect(uncachedBeginning(columns, common, true, PARAMETERS, minimumTokens).outcome).toBe('quiet');
  });

  test('is not identifiable without prompts', () => {
    expect(uncachedBeginning(input, null, false, PARAMETERS, 0)).toMatchObject({
      outcome: 'not_identifiable',
      needs: 'prompt blocks or prompts',
    });
  });
});
