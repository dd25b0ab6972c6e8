import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPersonTest } from '../../lib/attribute/person-test.ts';
import { createPrivacy } from '../../lib/attribute/privacy.ts';
import { createAttributor } from '../../lib/attribute/rules.ts';
import type { UsageRecord } from '../../lib/record.ts';
import { NOON, PLAIN, callOf, configOf } from './calls.ts';

/** Stands for the keyed hash: readable here, never showing the text itself. */
const keyed = (text: string): string => createHmac('sha256', 'test').update(text).digest('hex').slice(0, 8);
const person = (text: string): string => `person:${keyed(text)}`;
const MODES = ['keep', 'pseudonym', 'drop'] as const;

const ANNA = 'anna.schmidt@example.com';
const annasCall = (): UsageRecord =>
  callOf({
    userId: ANNA,
    keyId: 'key_17',
    sessionId: 'session-9',
    tags: { user: 'as', reviewer: 'bo@example.com', cost: 'R-12', asked_by: ANNA },
    evidence: {
      keyName: 'anna.schmidt-laptop',
      principal: 'search-role',
      customer: 'eve@customer.org',
      teamTag: 'search',
    },
  });

describe('credentials in clear', () => {
  test.each(MODES)('become a keyed hash when persons are %s', (mode) => {
    const record = callOf({
      keyId: 'secret:sk-live-42',
      tags: { note: 'secret:sk-tag' },
      evidence: { keyName: 'secret:sk-name', workspace: 'secret:sk-ws' },
    });
    createPrivacy(mode, keyed).apply(record);
    expect(record.keyId).toBe(`key:${keyed('sk-live-42')}`);
    expect(record.evidence).toMatchObject({ keyName: `key:${keyed('sk-name')}`, workspace: `key:${keyed('sk-ws')}` });
    expect(record.tags).toEqual({ note: `key:${keyed('sk-tag')}` });
  });

  test('are hidden before rules look, so that a rule can name the hash it finds in the ledger', () => {
    const privacy = createPrivacy('keep', keyed);
    const record = callOf({ keyId: 'secret:sk-live-42' });
    const rule = { id: 'a', match: { key: `key:${keyed('sk-live-42')}` }, set: { team: 'search' } };
    const attributor = createAttributor(configOf({ attribution: { rules: [rule] } }));
    privacy.hideSecrets(record);
    privacy.hideSecrets(record);
    expect(attributor.attribute(record, 'm', NOON, PLAIN).team).toBe('search');
  });

  test('leave no trace in any mode, wherever a reader put them', () => {
    const text = fc.constantFrom('plain', 'secret:CANARY', null);
    const where = fc.record({
      keyId: text,
      userId: text,
      keyName: text,
      principal: text,
      project: text,
      application: text,
      customer: text,
      tag: text,
    });
    fc.assert(
      fc.property(where, fc.constantFrom(...MODES), ({ keyId, userId, tag, ...evidence }, mode) => {
        const record = callOf({ keyId, userId, tags: tag === null ? {} : { tag }, evidence });
        const attribution = createAttributor(configOf({})).attribute(record, 'm', NOON, PLAIN);
        const privacy = createPrivacy(mode, keyed);
        privacy.hideSecrets(record);
        const after = createAttributor(configOf({})).attribute(record, 'm', NOON, PLAIN);
        privacy.apply(record);
        expect(JSON.stringify([record, attribution, after])).not.toContain('CANARY');
      }),
    );
  });
});

describe('persons', () => {
  test('keep: nothing changes', () => {
    const record = annasCall();
    createPrivacy('keep', keyed).apply(record);
    expect(record).toEqual(annasCall());
  });

  test('pseudonym: the user, what names the user, and mail addresses; not roles, teams, ids', () => {
    const record = annasCall();
    createPrivacy('pseudonym', keyed).apply(record);
    expect(record).toMatchObject({
      userId: person(ANNA),
      keyId: 'key_17',
      sessionId: 'session-9',
      tags: { user: person('as'), reviewer: person('bo@example.com'), cost: 'R-12', asked_by: person(ANNA) },
    });
    expect(record.evidence).toMatchObject({
      keyName: person('anna.schmidt-laptop'),
      principal: 'search-role',
      customer: person('eve@customer.org'),
      teamTag: 'search',
    });
  });

  test('drop: the same fields are empty', () => {
    const record = annasCall();
    createPrivacy('drop', keyed).apply(record);
    expect(record).toMatchObject({ userId: null, keyId: 'key_17', tags: { cost: 'R-12' } });
    expect(Object.keys(record.tags)).toEqual(['cost']);
    expect(record.evidence).toMatchObject({
      keyName: null,
      principal: 'search-role',
      customer: null,
      teamTag: 'search',
    });
  });

  test('one person has one pseudonym, in every field and call', () => {
    const privacy = createPrivacy('pseudonym', keyed);
    const records = [annasCall(), callOf({ userId: 'x', evidence: { principal: ANNA } })];
    for (const record of records) privacy.apply(record);
    expect(records[1]?.evidence.principal).toBe(records[0]?.userId);
  });

  test('an account is renamed even where persons are dropped: it decides which bill a call is compared with', () => {
    const record = callOf({ billingAccountId: ANNA, subAccountId: 'org-1' });
    createPrivacy('drop', keyed).apply(record);
    expect(record).toMatchObject({ billingAccountId: person(ANNA), subAccountId: 'org-1' });
  });

  test.each<[string, string | null, boolean]>([
    ['anna@example.com', null, true],
    ['Anna <anna@example.com>', null, true],
    ['indexer@proj-1.iam.gserviceaccount.com', null, false],
    ['dependabot[bot]@users.noreply.github.com', null, false],
    ['ghp@v2', null, false],
    ['anna-laptop', 'anna', true],
    ['ANNA_laptop', 'anna', true],
    ['laptop.anna', 'anna@example.com', true],
    ['annabel-laptop', 'anna', false],
    ['joanna', 'anna', false],
    ['joanna-anna', 'anna', true],
    ['prod-search', 'anna', false],
    ['dev-7', null, true],
    ['a-b', 'a', false],
    ['a', 'a', true],
  ])('%j, called by %j: %s', (text, user, expected) => {
    expect(createPersonTest(['dev-*'])(text, user)).toBe(expected);
  });
});

describe('the owner of a call', () => {
  const cover = (
    mode: (typeof MODES)[number],
    record: UsageRecord,
    parts: Readonly<Record<string, unknown>> = {},
  ): object => {
    const attribution = createAttributor(configOf(parts)).attribute(record, 'm', NOON, PLAIN);
    return createPrivacy(mode, keyed).cover(attribution, record);
  };
  const byKey = callOf({
    userId: 'anna',
    evidence: { keyName: 'anna-laptop', customer: 'eve@customer.org', project: null },
  });

  test('is no person under a pseudonym or dropped', () => {
    expect(cover('keep', byKey)).toMatchObject({ team: 'anna-laptop', customer: 'eve@customer.org', level: 'key' });
    expect(cover('pseudonym', byKey)).toMatchObject({
      team: person('anna-laptop'),
      customer: person('eve@customer.org'),
      level: 'key',
      strength: 5,
    });
    expect(cover('drop', byKey)).toMatchObject({ team: null, customer: null, level: 'unattributed', strength: 9 });
  });

  test('stays as a rule of the owner says', () => {
    const parts = { attribution: { rules: [{ id: 'a', match: {}, set: { team: 'anna' } }] } };
    expect(cover('drop', byKey, parts)).toMatchObject({ team: 'anna', customer: null, level: 'rule:a', strength: 0 });
  });

  test('is the same object where there is nothing to hide: decisions are shared by many calls', () => {
    const record = callOf({ userId: 'anna', evidence: { teamTag: 'search' } });
    const attribution = createAttributor(configOf({})).attribute(record, 'm', NOON, PLAIN);
    expect(createPrivacy('drop', keyed).cover(attribution, record)).toBe(attribution);
  });
});

describe('object keys', () => {
  const privacy = createPrivacy('pseudonym', keyed, ['dev-*']);

  test.each<[string, string]>([
    ['logs/2026/11/02/a.jsonl', 'logs/2026/11/02/a.jsonl'],
    ['home/anna/.claude/x.jsonl', `home/${person('anna')}/.claude/x.jsonl`],
    ['Users/anna/x.jsonl', `Users/${person('anna')}/x.jsonl`],
    ['sessions/-home-anna-work/x.jsonl', `sessions/-home-${person('anna')}-work/x.jsonl`],
    ['user=anna/a.jsonl', `user=${person('anna')}/a.jsonl`],
    ['exports/anna@example.com/a.jsonl', `exports/${person('anna@example.com')}/a.jsonl`],
    ['agents/dev-7/a.jsonl', `agents/${person('dev-7')}/a.jsonl`],
    ['home/a.jsonl', 'home/a.jsonl'],
    ['users.jsonl', 'users.jsonl'],
  ])('%s', (key, name) => {
    expect(privacy.objectName(key)).toBe(name);
    expect(createPrivacy('drop', keyed, ['dev-*']).objectName(key)).toBe(name);
    expect(createPrivacy('keep', keyed).objectName(key)).toBe(key);
  });

  test('that differ keep names that differ', () => {
    const part = fc.constantFrom(
      'home',
      'Users',
      'anna',
      'bob',
      'user=anna',
      'user=bob',
      '-home-anna-x',
      '-home-bob-x',
      'x',
      'a@b.de',
    );
    const key = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(privacy.objectName(a) === privacy.objectName(b)).toBe(a === b);
      }),
      { numRuns: 1000 },
    );
  });
});
