/** What the `match` of rules, billing and accounts looks at, read off a record once. */
import { MATCH_FIELDS } from '../config.ts';
import type { MatchConfig, MatchField } from '../config.ts';
import type { UsageRecord } from '../record.ts';
import { matcherOf } from './pattern.ts';
import type { Matcher } from './pattern.ts';

const READ: Readonly<Record<MatchField, (record: UsageRecord, path: string, model: string) => string | null>> = {
  team: (r) => r.evidence.teamTag ?? r.evidence.gatewayTeam,
  project: (r) => r.evidence.project,
  workspace: (r) => r.evidence.workspace,
  key: (r) => r.evidence.keyName ?? r.keyId,
  user: (r) => r.userId,
  principal: (r) => r.evidence.principal,
  path: (_r, path) => path,
  model: (_r, _path, model) => model,
  provider: (r) => r.provider,
  source_format: (r) => r.sourceFormat,
  session: (r) => r.sessionId,
  application: (r) => r.evidence.application,
  environment: (r) => r.evidence.environment,
  account: (r) => r.billingAccountId,
};

export type RecordMatcher = (record: UsageRecord, path: string, model: string) => boolean;

/** All given fields must match; an empty match matches everything. */
export function recordMatcher(match: MatchConfig): RecordMatcher {
  const tests: ((record: UsageRecord, path: string, model: string) => boolean)[] = [];
  for (const field of MATCH_FIELDS) {
    const pattern = match[field];
    if (pattern === undefined) continue;
    const matches: Matcher = matcherOf(pattern);
    const read = READ[field];
    tests.push((record, path, model) => matches(read(record, path, model)));
  }
  for (const [key, pattern] of Object.entries(match.tag ?? {})) {
    const matches = matcherOf(pattern);
    tests.push((record) => matches(record.tags[key] ?? null));
  }
  return (record, path, model) => tests.every((test) => test(record, path, model));
}

/** Everything any match can look at, as one text: equal texts are decided equally. */
export function matchKey(record: UsageRecord, path: string, model: string, tagKeys: readonly string[]): string {
  let key = `${model}\n${path}`;
  for (const field of MATCH_FIELDS) if (field !== 'path' && field !== 'model') key += `\n${READ[field](record, path, model) ?? '\u0000'}`;
  for (const tag of tagKeys) key += `\n${record.tags[tag] ?? '\u0000'}`;
  return key;
}
