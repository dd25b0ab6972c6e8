/**
 * Typed reading of untrusted JSON. Hand-written because a schema check per line was the largest cost of every tool we measured.
 * A field that is absent or null is neutral; a field that is present and wrong throws `BadField`, which the registry turns into
 * a reject that names the key, never the value.
 */
import type { JsonObject, JsonValue } from '../record.ts';

/** A present field that cannot be what it must be. */
export class BadField extends Error {
  readonly field: string;
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.name = 'BadField';
    this.field = field;
    this.problem = problem;
  }
}

/** The object under `key`, or null. */
export function objectAt(o: JsonObject | null, key: string): JsonObject | null {
  const v = o?.[key];
  return isObject(v) ? v : null;
}

export function isObject(v: JsonValue | undefined): v is JsonObject {
  return typeof v === 'object' && v !== null && !Array.isArray(v);
}

/** The array under `key`, or an empty one. */
export function arrayAt(o: JsonObject | null, key: string): readonly JsonValue[] {
  const v = o?.[key];
  return Array.isArray(v) ? v : [];
}

/** Non-empty text under `key` (numbers become text: ids arrive as both), or null. */
export function textAt(o: JsonObject | null, key: string): string | null {
  const v = o?.[key];
  if (typeof v === 'string') return v === '' ? null : v;
  return typeof v === 'number' ? String(v) : null;
}

/** First non-empty text among several keys. */
export function firstText(o: JsonObject | null, ...keys: string[]): string | null {
  for (const key of keys) {
    const v = textAt(o, key);
    if (v !== null) return v;
  }
  return null;
}

/** A token or event count: absent = 0; whole, not negative, below 2⁵³. Digit strings are accepted (exports write them, `3.0` too). */
export function countAt(o: JsonObject | null, key: string): number {
  return optionalCountAt(o, key) ?? 0;
}

/** Like `countAt`, but tells absent (null) from zero. */
export function optionalCountAt(o: JsonObject | null, key: string): number | null {
  const v = o?.[key];
  if (v === undefined || v === null || v === '') return null;
  if (typeof v === 'number') return checkedCount(key, v);
  if (typeof v === 'string' && /^\d{1,16}(\.0+)?$/.test(v.replaceAll(',', ''))) {
    return checkedCount(key, Number(v.replaceAll(',', '')));
  }
  throw new BadField(key, `must be a whole number, is ${Array.isArray(v) ? 'an array' : typeof v}`);
}

function checkedCount(key: string, n: number): number {
  if (!Number.isSafeInteger(n)) throw new BadField(key, 'must be a whole number below 2^53');
  if (n < 0) throw new BadField(key, 'must not be negative');
  return n;
}

/** A number that may have a fraction (seconds, durations), not negative; absent = null. */
export function quantityAt(o: JsonObject | null, key: string): number | null {
  const v = o?.[key];
  if (v === undefined || v === null || v === '') return null;
  const n = typeof v === 'string' ? Number(v) : v;
  if (typeof n !== 'number' || !Number.isFinite(n)) throw new BadField(key, 'must be a number');
  if (n < 0) throw new BadField(key, 'must not be negative');
  return n;
}

/** Rounded whole milliseconds from a quantity and its unit in ms; null stays null. */
export function msFrom(quantity: number | null, unitMs: number): number | null {
  return quantity === null ? null : Math.round(quantity * unitMs);
}
