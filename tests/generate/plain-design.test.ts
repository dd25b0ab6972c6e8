import { describe, expect, test } from 'vitest';
import { PLAIN_PRICES } from '../../bench/price-table.ts';
import { plainCall } from '../../bench/plain-shapes.ts';
import { createTruth } from '../../lib/generate/truth.ts';
import { generateMixed } from '../../lib/generate/usage-log.ts';

const FORMATS = ['litellm.spendlog', 'openai.chat', 'anthropic.message', 'bedrock.invocation'] as const;

function read(line: string): ReturnType<typeof plainCall> {
  try {
    return plainCall(JSON.parse(line));
  } catch {
    return null;
  }
}

describe('the yardstick', () => {
  test('reads its four shapes to the truth, so that it is only compared where it is right', () => {
    const truth = createTruth(5);
    const found = { calls: 0, bad: 0, input: 0, cacheRead: 0, write5m: 0, write1h: 0, output: 0, errors: 0 };
    for (const line of generateMixed({ calls: 4_000, seed: 5, badShare: 0.03, formats: FORMATS })) {
      truth.add(line);
      const call = read(line.line);
      if (call === null) {
        found.bad++;
        continue;
      }
      found.calls++;
      found.input += call.input;
      found.cacheRead += call.cacheRead;
      found.write5m += call.cacheWrite5m;
      found.write1h += call.cacheWrite1h;
      found.output += call.output;
      if (call.status === 'error') found.errors++;
      expect(PLAIN_PRICES[call.model]).toBeDefined();
      expect(Number.isFinite(call.occurredAtMs)).toBe(true);
    }
    const { total } = truth.result();
    expect(found).toEqual({
      calls: total.calls,
      bad: total.bad_lines,
      input: total.input_tokens,
      cacheRead: total.cache_read_tokens,
      write5m: total.cache_write_5m_tokens,
      write1h: total.cache_write_1h_tokens,
      output: total.output_tokens,
      errors: total.errors,
    });
    expect(total.bad_lines).toBeGreaterThan(50);
  });

  test('rejects other shapes and impossible counts', () => {
    expect(plainCall({ hello: 1 })).toBeNull();
    expect(plainCall(null)).toBeNull();
    const [line] = generateMixed({ calls: 1, seed: 1, badShare: 0, formats: ['openai.chat'] });
    const good = JSON.parse(line?.line ?? '') as { usage: { completion_tokens: unknown } };
    expect(plainCall(good)).not.toBeNull();
    for (const wrong of [-1, 1.5, '7', null])
      expect(plainCall({ ...good, usage: { ...good.usage, completion_tokens: wrong } })).toBeNull();
  });
});
