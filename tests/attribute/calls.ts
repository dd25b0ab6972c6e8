/** Calls as a reader leaves them, for the tests of attribution. */
import { parseConfig } from '../../lib/config.ts';
import type { Config } from '../../lib/config.ts';
import { newRecord } from '../../lib/record.ts';
import type { Evidence, UsageRecord } from '../../lib/record.ts';

type Fields = Partial<Omit<UsageRecord, 'evidence'>> & { readonly evidence?: Partial<Evidence> };

export function callOf({ evidence, ...fields }: Fields = {}): UsageRecord {
  const record = newRecord(
    { id: 'openai.chat', sourceKind: 'provider', class: 'calls' },
    'openai',
    'gpt-4o-2024-08-06',
  );
  Object.assign(record, fields);
  Object.assign(record.evidence, evidence);
  return record;
}

export function configOf(parts: Readonly<Record<string, unknown>>): Config {
  return parseConfig(JSON.stringify(parts), 'test.json');
}

export const at = (iso: string): number => Date.parse(iso);
export const NOON = at('2026-11-02T12:00:00Z');
export const PLAIN = { key: 'logs/a.jsonl', pathPairs: {} };
