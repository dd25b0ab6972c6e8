/**
 * The `match` of rules, accounts and billing. In: a match of the config. Out: a test of one call. All fields given must match; a field of
 * which a call offers two names (its key's alias and id, the model as priced and as reported) matches if one of them does. Credentials in
 * clear are never looked at: what a rule can see is what the ledger keeps, so that attribution can be repeated from it.
 */
import { MATCH_FIELDS } from '../config-schema.ts';
import type { MatchConfig, MatchField } from '../config-schema.ts';
import type { UsageRecord } from '../record.ts';
import { matcherOf } from './pattern.ts';

/** One call as rules see it. */
export interface Subject {
  readonly record: UsageRecord;
  /** key of the object the call was read from */
  readonly path: string;
  /** canonical model id */
  readonly model: string;
  /** the provider's account after the config's `accounts`; null = its one account */
  readonly account: string | null;
}

export type SubjectMatcher = (subject: Subject) => boolean;
type Names = readonly (string | null)[];

/** Mark of a raw credential, put there by the readers; replaced by a keyed hash before anything is stored. */
export const SECRET_MARK = 'secret:';

/** The text, unless it is a credential in clear. */
export function visible(text: string | null): string | null {
  return text !== null && text.startsWith(SECRET_MARK) ? null : text;
}

const NAMES: Readonly<Record<MatchField, (subject: Subject) => Names>> = {
  team: ({ record }) => [record.evidence.teamTag, record.evidence.gatewayTeam],
  project: ({ record }) => [record.evidence.project],
  workspace: ({ record }) => [record.evidence.workspace],
  key: ({ record }) => [visible(record.evidence.keyName), visible(record.keyId)],
  user: ({ record }) => [visible(record.userId)],
  principal: ({ record }) => [record.evidence.principal],
  path: ({ path }) => [path],
  model: ({ model, record }) => [model, record.modelReported],
  provider: ({ record }) => [record.provider],
  source_format: ({ record }) => [record.sourceFormat],
  session: ({ record }) => [record.sessionId],
  application: ({ record }) => [record.evidence.application],
  environment: ({ record }) => [record.evidence.environment],
  feature: ({ record }) => [record.evidence.feature],
  customer: ({ record }) => [record.evidence.customer],
  account: ({ account }) => [account],
};

/** Compiles a match; an empty one matches every call. */
export function subjectMatcher(match: MatchConfig): SubjectMatcher {
  const tests: SubjectMatcher[] = [];
  for (const field of MATCH_FIELDS) {
    const pattern = match[field];
    if (pattern === undefined) continue;
    const matches = matcherOf(pattern);
    const names = NAMES[field];
    tests.push((subject) => names(subject).some(matches));
  }
  for (const [key, pattern] of Object.entries(match.tag ?? {})) {
    const matches = matcherOf(pattern);
    tests.push(({ record }) => matches(tagOf(record, key)));
  }
  return (subject) => tests.every((test) => test(subject));
}

function tagOf(record: UsageRecord, key: string): string | null {
  return Object.hasOwn(record.tags, key) ? (record.tags[key] ?? null) : null;
}

/** A text for the parts of a call that some matches look at: calls of equal texts match alike. */
export type SubjectText = (record: UsageRecord, path: string, model: string) => string;

/** Fields that always stand in a decision's text (`decisionText` in rules.ts) need not stand in it twice. */
const ALWAYS_THERE: ReadonlySet<MatchField> = new Set([
  'team',
  'project',
  'workspace',
  'application',
  'environment',
  'feature',
  'customer',
  'principal',
]);

/** Reads what the given matches look at and nothing else, so that a session id no rule asks for does not make every call a new case. */
export function subjectText(matches: readonly MatchConfig[]): SubjectText {
  // the account follows from the other fields and the record's own account, which is always there
  const fields = MATCH_FIELDS.filter(
    (f) => f !== 'account' && !ALWAYS_THERE.has(f) && matches.some((m) => m[f] !== undefined),
  );
  const names = fields.map((field) => NAMES[field]);
  const tags = [...new Set(matches.flatMap((m) => Object.keys(m.tag ?? {})))];
  return (record, path, model) => {
    let text = '';
    if (names.length > 0) {
      const subject: Subject = { record, path, model, account: null };
      for (const read of names) for (const name of read(subject)) text += sized(name);
    }
    for (const tag of tags) text += sized(tagOf(record, tag));
    return text;
  };
}

/** A value with its length in front, so that no two lists of values give one text. */
export function sized(value: string | null): string {
  return value === null ? '-' : `${value.length}:${value}`;
}
