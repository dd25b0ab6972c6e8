/**
 * Token counters of Codex, as rollouts and `codex exec` write them. In: a usage object. Out: disjoint meters: input holds cached and
 * written tokens, output holds reasoning (family A). Source: formats.md 8.2.
 */
import type { JsonObject, UsageRecord } from '../record.ts';
import { countAt } from './fields.ts';
import { INCONSISTENT } from './token-semantics.ts';

const COUNTERS = [
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_output_tokens',
  'total_tokens',
  'cache_write_input_tokens',
];

/** The counters of a usage object, in the order of `COUNTERS`; absent ones are 0. */
export function countersOf(usage: JsonObject): number[] {
  return COUNTERS.map((name) => countAt(usage, name));
}

/** The five counters that identify a call; newer versions added the sixth, which old copies of the same call lack. */
export function counterKey(counters: readonly number[]): string {
  return counters.slice(0, 5).join(',');
}

/** Fills the meters of one call from its counters. */
export function readCounters(record: UsageRecord, counters: readonly number[]): void {
  const [input = 0, cached = 0, output = 0, reasoning = 0, , written = 0] = counters;
  record.inputTokens = Math.max(0, input - cached - written);
  record.cacheReadTokens = cached;
  record.cacheWrite5mTokens = written;
  record.outputTokens = output;
  record.reasoningTokens = Math.min(output, reasoning);
  if (cached + written > input || reasoning > output) record.usageFlag = INCONSISTENT;
}
