import { describe, expect, test } from 'vitest';
import { createRecentDecisions } from '../../lib/attribute/recent-decisions.ts';
import type { Attribution, UsageRecord } from '../../lib/record.ts';
import { callOf } from './calls.ts';

const HERE = { stretch: 0, path: '', matched: '' };
const decided = (team: string): Attribution => ({
  team,
  project: null,
  application: null,
  environment: null,
  feature: null,
  customer: null,
  level: 'tag',
  strength: 1,
  billingMode: 'on_demand',
  billingAccountId: null,
});

const CALL = callOf({
  billingAccountId: 'acct',
  evidence: {
    teamTag: 'search',
    gatewayTeam: 'gate',
    project: 'p',
    workspace: 'w',
    keyName: 'k',
    principal: 'r',
    application: 'a',
    environment: 'prod',
    feature: 'f',
    customer: 'c',
  },
});

describe('decisions made lately', () => {
  test('a call that agrees in everything finds the decision', () => {
    const recent = createRecentDecisions();
    const decision = decided('search');
    recent.remember(CALL, HERE, decision);
    expect(recent.find(structuredClone(CALL), { ...HERE })).toBe(decision);
  });

  test.each(Object.keys(CALL.evidence))('one that differs in its %s does not', (field) => {
    const recent = createRecentDecisions();
    recent.remember(CALL, HERE, decided('search'));
    expect(recent.find({ ...CALL, evidence: { ...CALL.evidence, [field]: 'other' } }, HERE)).toBeNull();
    expect(recent.find({ ...CALL, evidence: { ...CALL.evidence, [field]: null } }, HERE)).toBeNull();
  });

  test.each<[string, Partial<UsageRecord>]>([
    ['account', { billingAccountId: null }],
    ['billing mode', { billingMode: 'subscription' }],
    ['provider', { provider: 'elsewhere' }],
    ['kind of source', { isSession: true }],
    ['provisioning', { tier: 'provisioned' }],
  ])('nor one that differs in its %s', (_name, difference) => {
    const recent = createRecentDecisions();
    recent.remember(CALL, HERE, decided('search'));
    expect(recent.find({ ...CALL, ...difference }, HERE)).toBeNull();
  });

  test.each([{ stretch: 1 }, { path: 'team=x' }, { matched: '4:anna' }])(
    'nor one under other circumstances: %o',
    (other) => {
      const recent = createRecentDecisions();
      recent.remember(CALL, HERE, decided('search'));
      expect(recent.find(CALL, { ...HERE, ...other })).toBeNull();
    },
  );

  test('what was remembered does not change when the record does', () => {
    const recent = createRecentDecisions();
    const changing = structuredClone(CALL);
    recent.remember(changing, HERE, decided('search'));
    changing.evidence.feature = 'later';
    expect(recent.find(changing, HERE)).toBeNull();
    expect(recent.find(CALL, HERE)).not.toBeNull();
  });

  test('many decisions of one team and many teams never give a wrong one', () => {
    const recent = createRecentDecisions();
    const call = (i: number): UsageRecord => ({
      ...CALL,
      evidence: { ...CALL.evidence, teamTag: `t${i % 5000}`, feature: `f${i}` },
    });
    for (let i = 0; i < 10_000; i++) recent.remember(call(i), HERE, decided(`d${i}`));
    const found = Array.from({ length: 10_000 }, (_, i) => recent.find(call(i), HERE)?.team ?? `d${i}`);
    expect(found).toEqual(Array.from({ length: 10_000 }, (_, i) => `d${i}`));
    expect(recent.find(call(9_999), HERE)?.team).toBe('d9999');
  });
});
