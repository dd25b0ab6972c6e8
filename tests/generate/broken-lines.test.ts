import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { breakLine } from '../../lib/generate/broken-lines.ts';
import { createRandom } from '../../lib/generate/random.ts';

const LINES = [
  '{"id":"a","usage":{"prompt_tokens":12,"completion_tokens":3}}',
  '{"input":{"inputTokenCount":12},"output":{"outputTokenCount":3}}',
  '{"response":{"usage":{"input_tokens":12,"cache_read_input_tokens":5}}}',
  '{"usageMetadata":{"promptTokenCount":12}}',
  '{"id":"an error","usage":null}',
];

/** What a careful reader says of a line: the first count in it, or why there is none. */
function reading(line: string): unknown {
  try {
    return JSON.parse(line) === null
      ? 'null'
      : /"(?:prompt_tokens|input_tokens|inputTokenCount|promptTokenCount)":("?-?\w+"?)/.exec(line)?.[1];
  } catch {
    return 'not JSON';
  }
}

test('a broken line is cut, null, or has a count that is none; all four come', () => {
  const seen = new Set<unknown>();
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...LINES), (seed, line) => {
      const result = reading(breakLine(createRandom(seed), line));
      expect(['not JSON', 'null', '"many"', '-5']).toContain(result);
      seen.add(result);
    }),
    { numRuns: 400, seed: 1 },
  );
  expect(seen.size).toBe(4);
});

test('a line without a token count is cut or nulled, never left whole', () => {
  for (let seed = 0; seed < 200; seed++)
    expect(['not JSON', 'null']).toContain(reading(breakLine(createRandom(seed), LINES[4] as string)));
});
