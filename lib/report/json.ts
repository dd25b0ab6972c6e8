/**
 * The summary as a JSON value with a stable shape: snake_case names, money as exact decimal text in USD, unknown as null.
 * In: a summary. Out: plain JSON data; the SQL texts are left out (their names and parameters stay).
 */
import { usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import type { JsonValue } from '../record.ts';
import type { Summary } from './summary.ts';

/** The summary for `--format json`. A field `costPico` becomes `cost: "1.25"`. */
export function summaryDocument(summary: Summary): JsonValue {
  return plain({ ...summary, queries: summary.queries.map(({ name, runs }) => ({ name, runs })) });
}

function plain(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const out: Record<string, JsonValue> = {};
  for (const [name, field] of Object.entries(value)) {
    if (name.endsWith('Pico'))
      out[snake(name.slice(0, -'Pico'.length))] = field === null ? null : usdText(field as Pico);
    else out[snake(name)] = plain(field);
  }
  return out;
}

/** `notRead` → `not_read`. Keys that are data (outcomes) are snake_case already. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
