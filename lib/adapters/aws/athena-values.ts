/**
 * Values on their way to and from Athena. Out go parameters as SQL literals and column types as Trino spells them; in come texts, which
 * become what the port promises: decimals and bigints as digits, dates and times as ISO text, lists and maps as JSON values.
 */
import { LedgerError, Misconfigured } from '../../errors.ts';
import type { SqlValue } from '../../ports.ts';

/** Athena takes no longer parameter. */
const MAX_PARAMETER = 1024;

/** A parameter as the SQL literal that Athena puts in place of a question mark. */
export function literal(value: SqlValue): string {
  if (value === null) return 'null';
  if (typeof value === 'object') throw new Misconfigured('lists are not passed as SQL parameters');
  const text = typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
  if (text.length > MAX_PARAMETER)
    throw new Misconfigured(`a SQL parameter is longer than ${MAX_PARAMETER} characters`);
  return text;
}

/** Type of the schema → type in Athena's SQL. */
export function trinoType(type: string): string {
  if (type === 'string') return 'varchar';
  const list = /^array<(.+)>$/.exec(type);
  if (list) return `array(${trinoType(list[1] ?? '')})`;
  const map = /^map<(.+),(.+)>$/.exec(type);
  return map ? `map(${trinoType(map[1] ?? '')}, ${trinoType(map[2] ?? '')})` : type;
}

/** An expression that reads a value of this type from a column of texts. */
export function fromText(column: string, type: string): string {
  if (type === 'string') return column;
  const isNested = type.startsWith('map<') || type.startsWith('array<');
  return `cast(${isNested ? `json_parse(${column})` : column} as ${trinoType(type)})`;
}

/** Types whose cells Athena writes in a form that cannot be read back. */
export function isNested(type: string | undefined): boolean {
  return type !== undefined && ['array', 'map', 'row'].includes(type);
}

const NUMBERS = new Set(['tinyint', 'smallint', 'integer', 'float', 'real', 'double']);

/** A cell of a plain type. */
export function plainValue(text: string | undefined, type: string | undefined): unknown {
  if (text === undefined) return null;
  if (type === 'boolean') return text === 'true';
  if (type !== undefined && NUMBERS.has(type)) return Number(text);
  // a whole second has no fraction in the port's form
  if (type === 'timestamp') return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  return text;
}

/** A list or map that came as JSON text; `type` is Athena's full spelling, such as `array(bigint)`. */
export function nestedValue(json: string | undefined, type: string): unknown {
  if (json === undefined) return null;
  // numbers keep their digits, and what they mean is decided by the type
  const value: unknown = JSON.parse(json, (_key, one: unknown, context?: { source?: string }) =>
    typeof one === 'number' ? { digits: context?.source ?? String(one) } : one,
  );
  return typed(value, type);
}

function typed(value: unknown, type: string): unknown {
  if (value === null) return null;
  const list = /^array\((.*)\)$/.exec(type);
  if (list && Array.isArray(value)) return value.map((one) => typed(one, list[1] ?? ''));
  const map = /^map\([^,]*, (.*)\)$/.exec(type);
  if (map && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typed(one, map[1] ?? '')]));
  const digits = (value as { digits?: string }).digits;
  if (digits === undefined) {
    if (typeof value === 'object') throw new LedgerError(`SQL: results of type ${type} are not read`);
    return value;
  }
  return NUMBERS.has(type) ? Number(digits) : digits;
}
