import { expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { wasteSigns } from '../../lib/simulate/waste-evidence.ts';
import { loggedCall, logOf } from '../fixtures/logged-calls.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';

const parameters = parametersWith();
/** Calls of an application, a minute apart. */
const stream = (
  application: string,
  count: number,
  tokensOf: (at: number) => [input: number, output: number],
): LoggedCall[] =>
  Array.from({ length: count }, (_, at) => {
    const [input, output] = tokensOf(at);
    return loggedCall({
      timeMs: at * 60_000,
      application,
      sessionId: `${application}${at >> 3}`,
      tokens: { input, output },
    });
  });
const signs = (...calls: LoggedCall[][]): [string | null, string][] =>
  wasteSigns(logOf(calls.flat()), parameters).map(({ stream: { application }, detector }) => [application, detector]);

test('much read to say little, and sessions that only grow, are told with their stream, most expensive first', () => {
  // the register's thresholds: input more than 100 times the output; sessions of at least some turns that grow and never shrink
  const growing = stream('agent', 40, (at) => [1_000 * (1 + (at % 8)), 500]);
  const classifier = stream('classifier', 40, () => [60_000, 5]);
  const chat = stream('chat', 40, (at) => [500 + (at % 2), 300]);
  expect(signs(chat, growing, classifier)).toEqual([
    ['classifier', 'long_input'],
    ['agent', 'growing_sessions'],
  ]);
});

test('a few calls are no habit, and calls of another team are another stream', () => {
  const classifier = stream('classifier', 40, () => [60_000, 5]);
  expect(signs(classifier.slice(0, 29))).toEqual([]);
  expect(signs(classifier.map((call, at) => ({ ...call, team: at % 2 === 0 ? 'search' : 'growth' })))).toEqual([]);
});
