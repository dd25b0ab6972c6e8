/**
 * Persons and secrets, before anything is stored. In: a call as read, its attribution, its object's key. Out: the same without what must
 * not be kept. Credentials in clear (marked `secret:` by the readers) become `key:` + a keyed hash in every mode; names of persons are
 * kept, become `person:` + a keyed hash, or are dropped (config `privacy.persons`). A keyed hash of one text is the same under one key.
 */
import type { Config } from '../config-schema.ts';
import type { Attribution, Evidence, UsageRecord } from '../record.ts';
import { looksSecret } from '../secret.ts';
import { SECRET_MARK } from './match.ts';
import { hidePersonsInPath } from './person-path.ts';
import { createPersonTest } from './person-test.ts';
import type { PersonTest } from './person-test.ts';

export interface PersonPrivacy {
  /** false in mode `keep`: then `hideSecrets` is all there is to do */
  readonly hidesPersons: boolean;
  /** Replaces credentials in clear. Before attribution, so that rules see what the ledger keeps; safe to repeat. Changes the record. */
  hideSecrets(record: UsageRecord): void;
  /** The attribution without names of persons, where evidence and not a rule of the owner brought them there. Before `apply`. */
  cover(attribution: Attribution, record: UsageRecord): Attribution;
  /** Replaces or drops credentials and persons in all fields of a record. Once, after attribution. Changes the record. */
  apply(record: UsageRecord): void;
  /** An object's key for storing: in every mode but `keep`, folders that name a person carry a pseudonym. Different keys stay different. */
  objectName(key: string): string;
}

/** Pseudonyms remembered, so that a person is hashed once and not for every call. */
const MAX_NAMES = 100_000;
const USER_TAG = /^(user|user_?id|user_?name|user_?email|e-?mail|end_?user|employee|developer|author|owner)$/i;
const EVIDENCE_FIELDS = [
  'teamTag',
  'gatewayTeam',
  'project',
  'workspace',
  'keyName',
  'principal',
  'application',
  'environment',
  'feature',
  'customer',
] as const satisfies readonly (keyof Evidence)[];
const OWNER_FIELDS = [
  'team',
  'project',
  'application',
  'environment',
  'feature',
  'customer',
] as const satisfies readonly (keyof Attribution)[];
const NOBODY = { team: null, level: 'unattributed', strength: 9 } as const;

/** `keyed` is a keyed hash of a text (HMAC under the owner's key); `personal` are patterns of names the owner declared personal. */
export function createPrivacy(
  mode: Config['privacy']['persons'],
  keyed: (text: string) => string,
  personal: readonly string[] = [],
): PersonPrivacy {
  const keyName = rememberingHash(keyed, 'key');
  const personName = rememberingHash(keyed, 'person');
  const hiding: Hiding = {
    isPerson: createPersonTest(personal),
    renamed: personName,
    hidden: (text) => (mode === 'drop' ? null : personName(text)),
  };
  const hideSecrets = (record: UsageRecord): void => replaceSecrets(record, keyName);
  if (mode === 'keep')
    return {
      hidesPersons: false,
      hideSecrets,
      apply: hideSecrets,
      cover: (attribution) => attribution,
      objectName: (key) => key,
    };
  return {
    hidesPersons: true,
    hideSecrets,
    apply(record) {
      hideSecrets(record);
      hidePersons(record, hiding);
    },
    cover: (attribution, record) => coverPersons(attribution, record.userId, hiding),
    objectName: (key) => hidePersonsInPath(key, (text) => hiding.isPerson(text, null), hiding.renamed),
  };
}

/** What becomes of a person's name: `hidden` gives a pseudonym or nothing, by mode; `renamed` always a pseudonym. */
interface Hiding {
  readonly isPerson: PersonTest;
  readonly renamed: (text: string) => string;
  readonly hidden: (text: string) => string | null;
}

function rememberingHash(keyed: (text: string) => string, prefix: 'key' | 'person'): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    let name = names.get(text);
    if (name === undefined) {
      name = `${prefix}:${keyed(text)}`;
      if (names.size >= MAX_NAMES) names.clear();
      names.set(text, name);
    }
    return name;
  };
}

/** Credentials by mark, and texts that look like one: people put keys where names are due. Tags that look so were never taken over. */
function replaceSecrets(record: UsageRecord, hashed: (text: string) => string): void {
  // field by field and not in a loop over names: this runs for every record
  record.keyId = safeName(record.keyId, hashed);
  record.userId = safeName(record.userId, hashed);
  record.sessionId = safeName(record.sessionId, hashed);
  record.subAccountId = safeName(record.subAccountId, hashed);
  const { evidence: e, tags } = record;
  e.teamTag = safeName(e.teamTag, hashed);
  e.gatewayTeam = safeName(e.gatewayTeam, hashed);
  e.project = safeName(e.project, hashed);
  e.workspace = safeName(e.workspace, hashed);
  e.keyName = safeName(e.keyName, hashed);
  e.principal = safeName(e.principal, hashed);
  e.application = safeName(e.application, hashed);
  e.environment = safeName(e.environment, hashed);
  e.feature = safeName(e.feature, hashed);
  e.customer = safeName(e.customer, hashed);
  for (const key in tags) {
    const value = tags[key];
    if (value !== undefined && value.startsWith(SECRET_MARK)) tags[key] = hashed(value.slice(SECRET_MARK.length));
  }
}

function safeName(text: string | null, hashed: (text: string) => string): string | null {
  if (text === null) return null;
  if (text.startsWith(SECRET_MARK)) return hashed(text.slice(SECRET_MARK.length));
  return looksSecret(text) ? hashed(text) : text;
}

function hidePersons(record: UsageRecord, { isPerson, hidden, renamed }: Hiding): void {
  const user = record.userId;
  const without = (text: string | null): string | null => (text !== null && isPerson(text, user) ? hidden(text) : text);
  for (const field of EVIDENCE_FIELDS) record.evidence[field] = without(record.evidence[field]);
  record.keyId = without(record.keyId);
  record.sessionId = without(record.sessionId);
  // an account decides what is compared with which bill: it is never dropped, only renamed
  for (const field of ['billingAccountId', 'subAccountId'] as const) {
    const account = record[field];
    if (account !== null && isPerson(account, user)) record[field] = renamed(account);
  }
  for (const key in record.tags) {
    const value = record.tags[key] ?? '';
    const name = USER_TAG.test(key) || isPerson(value, user) ? hidden(value) : value;
    if (name === null) delete record.tags[key];
    else record.tags[key] = name;
  }
  record.userId = user === null ? null : hidden(user);
}

/** A team that a rule set (strength 0) is the owner's word and stays, whatever it looks like. */
function coverPersons(
  attribution: Attribution,
  user: string | null,
  { isPerson, hidden, renamed }: Hiding,
): Attribution {
  const named = OWNER_FIELDS.filter((field) => {
    const text = attribution[field];
    return text !== null && !(field === 'team' && attribution.strength === 0) && isPerson(text, user);
  });
  const account = attribution.billingAccountId;
  const isPersonalAccount = account !== null && isPerson(account, user);
  if (named.length === 0 && !isPersonalAccount) return attribution;
  const covered: Attribution = {
    ...attribution,
    ...Object.fromEntries(named.map((field) => [field, hidden(attribution[field] ?? '')])),
    billingAccountId: isPersonalAccount ? renamed(account) : account,
  };
  return attribution.team !== null && covered.team === null ? { ...covered, ...NOBODY } : covered;
}
