/**
 * Buckets of provider reports. In: a report's rows and the dimensions it can be grouped by. Out: the natural key of a row and the name of
 * the grouping. Two reports of one period grouped by different dimensions show the same usage, so every bucket names the dimensions its
 * whole report is grouped by; sealing lets one grouping count.
 */
import type { JsonObject } from '../record.ts';
import { textAt } from './fields.ts';

/** Dimensions that are not null in any row: null means "not grouped by", not "unknown". */
export function groupedBy(rows: readonly JsonObject[], dimensions: readonly string[]): string[] {
  return dimensions.filter((name) => rows.some((row) => valueOf(row, name) !== ''));
}

/** More dimensions sort later, then finer buckets: among reports of equal content the most detailed counts. */
export function groupingKey(format: string, dimensions: readonly string[], bucketSeconds: number): string {
  const fineness = String(Math.max(0, 99_999_999 - bucketSeconds)).padStart(8, '0');
  return `${String(dimensions.length).padStart(2, '0')} ${fineness} ${format}: ${dimensions.join(',')}`;
}

/** Natural key of one bucket row: kind, window and every dimension. A later export of the same bucket replaces it. */
export function bucketKey(
  kind: string,
  from: string,
  to: string,
  row: JsonObject,
  dimensions: readonly string[],
): string {
  return [kind, from, to, ...dimensions.map((name) => `${name}=${valueOf(row, name)}`)].join('|');
}

function valueOf(row: JsonObject, name: string): string {
  const value = row[name];
  return typeof value === 'boolean' ? String(value) : (textAt(row, name) ?? '');
}
