/**
 * Reads one sample log without the ingest stage (JSON Lines, one JSON document, or CSV) and hands every line to the normalizer.
 * In: a file name under samples/. Out: the outcome of every line and all records, those of `finish` last.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { peelEnvelope } from '../../lib/ingest/envelope.ts';
import { createNormalizer } from '../../lib/normalize/registry.ts';
import type { Normalized } from '../../lib/normalize/registry.ts';
import type { JsonValue, ObjectContext, UsageRecord } from '../../lib/record.ts';

/** 2026-08-01T00:00:00Z, the day on which all samples play. */
export const DAY_MS = Date.UTC(2026, 7, 1);

export interface Read {
  readonly lines: readonly Normalized[];
  readonly records: readonly UsageRecord[];
  readonly skips: readonly string[];
  readonly rejects: readonly string[];
}

export function objectContext(key = 'logs/sample.jsonl', pathPairs: Record<string, string> = {}): ObjectContext {
  return { key, pathPairs, keyTimeMs: null, lastModifiedMs: DAY_MS + 3_600_000, state: new Map() };
}

export function sampleText(name: string): string {
  const bytes = readFileSync(fileURLToPath(new URL(`samples/${name}`, import.meta.url)));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Everything a sample file comes to. */
export function readSample(name: string): Read {
  const text = sampleText(name);
  if (name.endsWith('.csv')) {
    const rows = parse(text, { bom: true, columns: true, relax_column_count: true }) as Record<string, string>[];
    return readValues(rows, Object.keys(rows[0] ?? {}), name);
  }
  return readValues(valuesOf(text), null, name);
}

function valuesOf(text: string): JsonValue[] {
  try {
    return [JSON.parse(text) as JsonValue];
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as JsonValue);
  }
}

/** Everything these values come to as the lines of one object. */
export function readValues(values: readonly JsonValue[], header: readonly string[] | null = null, key?: string): Read {
  const object = objectContext(key);
  const normalizer = createNormalizer(peelEnvelope);
  const lines = values.map((value, i) => normalizer.normalizeLine(value, { object, line: i + 1, outer: null }, header));
  const outcomes = lines.map((line) => line.outcome);
  const records = outcomes.flatMap((outcome) => (outcome.kind === 'usage' ? outcome.records : []));
  return {
    lines,
    records: [...records, ...normalizer.finish(object).map((late) => late.record)],
    skips: outcomes.flatMap((outcome) => (outcome.kind === 'skip' ? [outcome.reason] : [])),
    rejects: outcomes.flatMap((outcome) => (outcome.kind === 'bad' ? [`${outcome.reason}: ${outcome.detail}`] : [])),
  };
}

/** The five billable meters and the reasoning memo, in the order in which the facts list them. */
export function meters(record: UsageRecord): readonly number[] {
  return [
    record.inputTokens,
    record.cacheReadTokens,
    record.cacheWrite5mTokens,
    record.cacheWrite1hTokens,
    record.outputTokens,
    record.reasoningTokens,
  ];
}
