import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { GENERATED_FORMATS } from '../../lib/generate/line-formats.ts';
import { generateInbox, generateMixed, generateUsage } from '../../lib/generate/usage-log.ts';
import type { GenerateOptions } from '../../lib/generate/usage-log.ts';
import type { FormatTruth, GenerationTruth } from '../../lib/generate/truth.ts';
import { createTruth } from '../../lib/generate/truth.ts';
import { recount } from './recount.ts';

function written(options: GenerateOptions): { objects: Map<string, string>; truth: GenerationTruth } {
  const generation = generateInbox(options);
  const parts = new Map<string, Buffer[]>();
  for (const { key, bytes } of generation.chunks) parts.set(key, [...(parts.get(key) ?? []), Buffer.from(bytes)]);
  const text = (bytes: Buffer): string => (options.gzip === true ? gunzipSync(bytes) : bytes).toString('utf8');
  return {
    objects: new Map([...parts].map(([key, list]) => [key, text(Buffer.concat(list))])),
    truth: generation.truth(),
  };
}

/** The truth's numbers in the words of the recount. */
function claimed(t: FormatTruth | undefined): object {
  if (t === undefined) throw new Error('no truth of this format');
  return {
    calls: t.calls,
    input: t.input_tokens,
    cacheRead: t.cache_read_tokens,
    cacheWrite: t.cache_write_5m_tokens + t.cache_write_1h_tokens,
    output: t.output_tokens,
    reasoning: t.reasoning_tokens,
    lines: t.lines,
    usageLines: t.usage_lines,
    bad: t.bad_lines,
  };
}

describe('a generated inbox', () => {
  test('is the same, byte for byte, for the same options, and another for another seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 400 }), (seed, calls) => {
        const options = { calls, seed, badShare: 0.1, bodyChars: 40 };
        const a = written(options);
        const b = written(options);
        expect([...b.objects]).toEqual([...a.objects]);
        expect(b.truth).toEqual(a.truth);
      }),
      { numRuns: 15 },
    );
    expect([...written({ calls: 50, seed: 1 }).objects]).not.toEqual([...written({ calls: 50, seed: 2 }).objects]);
  });

  test.each(GENERATED_FORMATS)('of %s says what its truth says, by an independent count', (format) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.constantFrom(0, 0.2),
        fc.constantFrom(0, 90),
        (seed, badShare, bodyChars) => {
          const { objects, truth } = written({ calls: 300, seed, badShare, bodyChars, days: 3, formats: [format] });
          expect(recount(format, [...objects.values()])).toEqual(claimed(truth.formats[format]));
          expect(truth.total).toEqual(truth.formats[format]);
          expect(truth.objects).toBe(objects.size);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('has the calls asked for, a broken line for each that is missing', () => {
    const { truth } = written({ calls: 3_000, seed: 4, badShare: 0.05 });
    expect(truth.total.calls + truth.bad_lines).toBe(3_000);
    // 10 of 12 formats can have broken lines: 125 are expected of 2,500, standard deviation 11
    expect(Math.abs(truth.bad_lines - 125)).toBeLessThan(66);
    expect(Object.keys(truth.formats).toSorted()).toEqual([...GENERATED_FORMATS].toSorted());
    const models = Object.values(truth.models).reduce((sum, m) => sum + m.calls, 0);
    expect(models).toBe(truth.total.calls - truth.total.errors);
  });

  test('spreads few calls over formats and many over days', () => {
    expect(Object.keys(written({ calls: 12, seed: 1, badShare: 0 }).truth.formats)).toHaveLength(12);
    const days = [...written({ calls: 60, seed: 1, formats: ['native'], days: 30 }).objects.keys()];
    expect(days).toHaveLength(30);
    expect(days[0]).toBe('native/2026-10-01.jsonl');
    expect(days[29]).toBe('native/2026-10-30.jsonl');
  });

  test('has its lines in the order of time and on the day of their key', () => {
    const { objects } = written({ calls: 500, seed: 2, badShare: 0, formats: ['native'], days: 5 });
    for (const [key, text] of objects) {
      const times = text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { timestamp: string }).timestamp);
      expect(times).toEqual(times.toSorted());
      expect(times.every((time) => key.includes(time.slice(0, 10)))).toBe(true);
    }
  });

  test('in gzip holds the same text, in several members', () => {
    const options: GenerateOptions = { calls: 600, seed: 3, bodyChars: 3_000, formats: ['openai.chat'], days: 1 };
    const plain = [...written(options).objects];
    const packed = [...written({ ...options, gzip: true }).objects];
    expect(packed).toEqual(plain.map(([key, text]) => [`${key}.gz`, text]));
    const chunks = [...generateInbox({ ...options, gzip: true }).chunks];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every(({ bytes }) => bytes[0] === 0x1f && bytes[1] === 0x8b)).toBe(true);
  });

  test('comes in chunks whose size does not depend on the number of calls', () => {
    const largest = (calls: number): number => {
      let most = 0;
      for (const { bytes } of generateInbox({ calls, seed: 1, formats: ['litellm.slp'], days: 1 }).chunks)
        most = Math.max(most, bytes.length);
      return most;
    };
    // a chunk is flushed once it holds 256 Ki characters; one line more is at most a few KB
    expect(largest(2_000)).toBeLessThan(270_000);
    expect(largest(20_000)).toBeLessThan(270_000);
  });

  test('never uses an id twice', () => {
    const ids = new Set<string>();
    let calls = 0;
    for (const { call } of generateUsage({ calls: 5_000, seed: 9, badShare: 0 })) {
      if (call === null) continue;
      calls++;
      ids.add(call.idHex);
    }
    expect([calls, ids.size]).toEqual([5_000, 5_000]);
  });
});

test('a mixed log holds all its formats line by line, and its truth is that of the lines', () => {
  const formats = ['litellm.spendlog', 'openai.chat', 'anthropic.message', 'bedrock.invocation'] as const;
  const truth = createTruth(1);
  const texts = new Map<string, string[]>(formats.map((format) => [format, []]));
  for (const line of generateMixed({ calls: 2_000, seed: 1, badShare: 0.05, formats })) {
    truth.add(line);
    texts.get(line.format)?.push(`${line.line}\n`);
  }
  const result = truth.result();
  expect(result.lines).toBe(2_000);
  for (const format of formats)
    expect(recount(format, [(texts.get(format) ?? []).join('')])).toEqual(claimed(result.formats[format]));
});

test.each([
  ['--calls', { calls: -1, seed: 1 }],
  ['--calls', { calls: 1.5, seed: 1 }],
  ['--seed', { calls: 1, seed: 0.5 }],
  ['--bad', { calls: 1, seed: 1, badShare: 2 }],
  ['--bad', { calls: 1, seed: 1, badShare: Number.NaN }],
  ['firstDay', { calls: 1, seed: 1, firstDay: 'tomorrow' }],
  ['days', { calls: 1, seed: 1, days: 0 }],
  ['formats', { calls: 1, seed: 1, formats: [] }],
])('a senseless %s is refused by name', (name, options) => {
  expect(() => generateInbox(options)).toThrow(Misconfigured);
  expect(() => generateInbox(options)).toThrow(name);
});
