import { describe, expect, test } from 'vitest';
import { loggedCall, scenarioOf } from '../fixtures/logged-calls.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';

const mayWait = (...calls: Partial<LoggedCall>[]): number[] => [
  ...scenarioOf(calls.map((given) => loggedCall({ ...given, tokens: { input: 100 } }))).effects.mayWait,
];

describe('a call may wait for a batch', () => {
  test('if its caller says so: by a deadline, else by a tag', () => {
    expect(
      mayWait({}, { deadlineSeconds: 86_400 }, { tags: { mode: 'batch' } }, { tags: { deferrable: 'yes' } }),
    ).toEqual([0, 1, 1, 1]);
    // a name alone says nothing, nor does a tag that says no
    expect(mayWait({ tags: { batch: 'no' } }, { tags: { job: 'nightly' } })).toEqual([0, 0]);
  });

  test('a short deadline outweighs a tag: of ten minutes 42 in 100 batches come too late, of eight hours 6 in 1,000', () => {
    expect(mayWait({ deadlineSeconds: 600, tags: { mode: 'batch' } }, { deadlineSeconds: 28_800 })).toEqual([0, 1]);
    // P(lognormal with median 7 min and sigma 1.676 > 480 min) = 1 − Φ(ln(480 / 7) / 1.676) = 1 − Φ(2.5224) = 0.005828
    const { batchLateMillionths } = scenarioOf([loggedCall({ deadlineSeconds: 28_800, tokens: { input: 1 } })]).effects;
    expect((batchLateMillionths[0] ?? NaN) / 1e6).toBeCloseTo(0.00583, 4);
  });

  test('not twice, not on another tier, not if it failed', () => {
    const patient = { deadlineSeconds: 86_400 };
    expect(mayWait({ ...patient, tier: 'batch' }, { ...patient, status: 'error' })).toEqual([0, 0]);
  });

  test('where the provider takes small jobs: Bedrock wants a hundred calls of a model and day', () => {
    const calls = (count: number): Partial<LoggedCall>[] =>
      Array.from({ length: count }, () => ({ provider: 'bedrock', deadlineSeconds: 86_400 }));
    expect(mayWait(...calls(99)).includes(1)).toBe(false);
    expect(mayWait(...calls(100)).includes(0)).toBe(false);
  });
});

test('calls of a model that config names move, with its ratios; others stay', () => {
  const move = {
    from: 'claude-sonnet-4-5',
    to: 'claude-haiku-4-5',
    inputPercent: 130,
    outputPercent: 80,
    retryPercent: 5,
  };
  const { effects, kinds } = scenarioOf(
    [
      loggedCall({ timeMs: 1 }),
      loggedCall({ timeMs: 2, model: 'claude-haiku-4-5', modelReported: 'claude-haiku-4-5' }),
    ],
    [move],
  );
  expect(kinds.kinds[effects.moveTo[0] ?? -1]).toMatchObject({
    model: 'claude-haiku-4-5',
    modelReported: 'claude-haiku-4-5',
  });
  expect(effects.moveTo[1]).toBe(-1);
  expect([effects.inputThousandths[0], effects.outputThousandths[0], effects.retryThousandths[0]]).toEqual([
    1_300, 800, 50,
  ]);
});
