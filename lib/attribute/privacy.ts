/**
 * Persons and secrets before anything is stored. Raw credentials, marked `secret:` by the readers, are replaced by a keyed hash in
 * every mode; names of persons are kept, replaced by a pseudonym, or dropped, as the owner decides.
 */
import type { Config } from '../config.ts';
import type { UsageRecord } from '../record.ts';

export interface PersonPrivacy {
  /** Rewrites a record in place, after it was attributed. */
  apply(record: UsageRecord): void;
}

const SECRET = 'secret:';

/** `keyed` is a keyed hash; the same text gives the same name under one key. */
export function createPrivacy(mode: Config['privacy']['persons'], keyed: (text: string) => string): PersonPrivacy {
  const names = new Map<string, string>();
  const hashed = (prefix: string, text: string): string => {
    const known = names.get(prefix + text);
    if (known !== undefined) return known;
    const name = `${prefix}:${keyed(text)}`;
    if (names.size > 100_000) names.clear();
    names.set(prefix + text, name);
    return name;
  };
  const person = (text: string | null): string | null => {
    if (text === null || mode === 'keep') return text;
    return mode === 'drop' ? null : hashed('person', text);
  };
  const secret = (text: string | null): string | null =>
    text !== null && text.startsWith(SECRET) ? hashed('key', text.slice(SECRET.length)) : text;

  return {
    apply(record) {
      record.keyId = secret(record.keyId);
      const e = record.evidence;
      e.keyName = secret(e.keyName);
      if (mode === 'keep') {
        record.userId = secret(record.userId);
        return;
      }
      const user = record.userId;
      record.userId = person(secret(user));
      e.keyName = person(e.keyName);
      e.principal = person(e.principal);
      for (const key in record.tags) {
        const value = record.tags[key] ?? '';
        if (value !== user && !/^(user|user_id|email|user_email|end_user)$/i.test(key) && !/@[\w-]+\.\w/.test(value)) continue;
        if (mode === 'drop') delete record.tags[key];
        else record.tags[key] = hashed('person', value);
      }
    },
  };
}
