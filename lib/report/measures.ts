/**
 * What is measured for every group of a report: calls, tokens and money, with spend, token value and the unknown kept apart.
 * Comes in as a row of a query (exact decimals as text), goes out as numbers and picodollars.
 * Invariant: a sum nobody can know is null, never 0, and token value is never part of `costPico`.
 */
import { LedgerError } from '../errors.ts';
import { addPico, picoFromUsd } from '../money.ts';
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';

export interface Measures {
  readonly calls: number;
  /** all billable meters together */
  readonly tokens: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** spend; null if no call of the group has a known cost */
  readonly costPico: Pico | null;
  /** part of the spend that rests on an assumption (cache lifetime unknown, tokens counted from text …) */
  readonly estimatedCostPico: Pico | null;
  readonly includedCalls: number;
  /** list value of usage that a subscription, provisioned capacity or free tier pays; no spend */
  readonly includedValuePico: Pico | null;
  readonly billingUnknownCalls: number;
  /** list value of usage nobody has proven to be billed per token; no spend */
  readonly billingUnknownValuePico: Pico | null;
  readonly unpricedCalls: number;
  readonly unpricedTokens: number;
}

export const NO_MEASURES: Measures = {
  calls: 0,
  tokens: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  costPico: null,
  estimatedCostPico: null,
  includedCalls: 0,
  includedValuePico: null,
  billingUnknownCalls: 0,
  billingUnknownValuePico: null,
  unpricedCalls: 0,
  unpricedTokens: 0,
};

/** Reads the measures of one result row. Throws `LedgerError` where a column is missing or a count is past 2^53. */
export function measuresOf(row: SqlRow): Measures {
  return {
    calls: countIn(row, 'calls'),
    tokens: countIn(row, 'tokens'),
    inputTokens: countIn(row, 'input_tokens'),
    cacheReadTokens: countIn(row, 'cache_read_tokens'),
    cacheWriteTokens: countIn(row, 'cache_write_tokens'),
    outputTokens: countIn(row, 'output_tokens'),
    costPico: moneyIn(row, 'cost'),
    estimatedCostPico: moneyIn(row, 'estimated_cost'),
    includedCalls: countIn(row, 'included_calls'),
    includedValuePico: moneyIn(row, 'included_value'),
    billingUnknownCalls: countIn(row, 'billing_unknown_calls'),
    billingUnknownValuePico: moneyIn(row, 'billing_unknown_value'),
    unpricedCalls: countIn(row, 'unpriced_calls'),
    unpricedTokens: countIn(row, 'unpriced_tokens'),
  };
}

/** Exact sum of two groups; null + null stays null. */
export function addMeasures(a: Measures, b: Measures): Measures {
  return {
    calls: a.calls + b.calls,
    tokens: a.tokens + b.tokens,
    inputTokens: a.inputTokens + b.inputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costPico: addKnown(a.costPico, b.costPico),
    estimatedCostPico: addKnown(a.estimatedCostPico, b.estimatedCostPico),
    includedCalls: a.includedCalls + b.includedCalls,
    includedValuePico: addKnown(a.includedValuePico, b.includedValuePico),
    billingUnknownCalls: a.billingUnknownCalls + b.billingUnknownCalls,
    billingUnknownValuePico: addKnown(a.billingUnknownValuePico, b.billingUnknownValuePico),
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
  };
}

/** The first `limit` groups, and the others as one, so that a table of the largest still adds up. */
export function foldRest<T extends Measures>(
  groups: readonly T[],
  limit: number,
): { readonly shown: readonly T[]; readonly rest: { readonly groups: number; readonly sum: Measures } | null } {
  if (groups.length <= limit) return { shown: groups, rest: null };
  const others = groups.slice(limit);
  return {
    shown: groups.slice(0, limit),
    rest: { groups: others.length, sum: others.reduce<Measures>(addMeasures, NO_MEASURES) },
  };
}

function addKnown(a: Pico | null, b: Pico | null): Pico | null {
  if (a === null) return b;
  return b === null ? a : addPico(a, b);
}

/** Throws `LedgerError` unless the parts of a grouping sum exactly to the total (DESIGN: sum of parts = total). */
export function checkParts(query: string, parts: readonly Measures[], total: Measures): void {
  const sum = parts.reduce(addMeasures, NO_MEASURES);
  for (const name of Object.keys(total) as (keyof Measures)[]) {
    if (sum[name] !== total[name]) {
      throw new LedgerError(`${query}.sql: the parts do not sum to the total (${name})`, {
        hint: 'the ledger changed while it was read, or two tables disagree: run again, then report it',
      });
    }
  }
}

/** A whole number of a row, which the engine gives as text. */
export function countIn(row: SqlRow, name: string): number {
  const value = row[name];
  const count =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
  if (!Number.isSafeInteger(count)) throw new LedgerError(`the report needs a whole number in column ${name}`);
  return count;
}

/** An amount of a row in picodollars, or null where the engine gives null. */
export function moneyIn(row: SqlRow, name: string): Pico | null {
  const value = row[name];
  if (value === null) return null;
  const pico = typeof value === 'string' || typeof value === 'number' ? picoFromUsd(value) : null;
  if (pico === null) throw new LedgerError(`the report needs an amount in column ${name}`);
  return pico;
}

/** A text of a row, or null. */
export function textIn(row: SqlRow, name: string): string | null {
  const value = row[name];
  if (value === undefined) throw new LedgerError(`the report needs the column ${name}`);
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
