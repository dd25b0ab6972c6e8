import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../lib/attribute/rules.ts';
import type { BillingMode, UsageRecord } from '../../lib/record.ts';
import { NOON, PLAIN, at, callOf, configOf } from './calls.ts';

type Entry = Readonly<Record<string, unknown>>;

function modeOf(
  fields: Partial<UsageRecord>,
  billing: readonly Entry[] = [],
  atMs = NOON,
  object = PLAIN,
): BillingMode {
  return createAttributor(configOf({ billing })).attribute(callOf(fields), 'gpt-4o', atMs, object).billingMode;
}

describe('how a call is paid, without config', () => {
  test.each<[string, Partial<UsageRecord>, BillingMode]>([
    ['a call: per token', {}, 'on_demand'],
    ['served by provisioned capacity', { tier: 'provisioned' }, 'provisioned'],
    ['a session file of an agent: nobody knows', { isSession: true }, 'unknown'],
    ['the line says so', { billingMode: 'free_tier' }, 'free_tier'],
    ['the line of a session says so', { isSession: true, billingMode: 'on_demand' }, 'on_demand'],
    ['the line beats the tier', { tier: 'provisioned', billingMode: 'on_demand' }, 'on_demand'],
  ])('%s', (_what, fields, mode) => {
    expect(modeOf(fields)).toBe(mode);
  });
});

describe('config billing', () => {
  const agents = { match: { source_format: ['claude_code', 'codex.*'] }, mode: 'subscription' };

  test('beats what the line says', () => {
    expect(modeOf({ sourceFormat: 'claude_code', isSession: true, billingMode: 'on_demand' }, [agents])).toBe(
      'subscription',
    );
    expect(modeOf({ sourceFormat: 'codex.rollout', isSession: true }, [agents])).toBe('subscription');
    expect(modeOf({ sourceFormat: 'openai.chat' }, [agents])).toBe('on_demand');
  });

  test('the first entry that matches decides', () => {
    const contractors = { match: { user: 'c-*' }, mode: 'on_demand' };
    const call = { sourceFormat: 'claude_code', isSession: true, userId: 'c-7' };
    expect(modeOf(call, [contractors, agents])).toBe('on_demand');
    expect(modeOf(call, [agents, contractors])).toBe('subscription');
  });

  test.each<[string, BillingMode]>([
    ['2026-02-28T23:59:59.999Z', 'unknown'],
    ['2026-03-01T00:00:00.000Z', 'subscription'],
    ['2026-05-31T23:59:59.999Z', 'subscription'],
    ['2026-06-01T00:00:00.000Z', 'unknown'],
  ])('holds from its first day until before its last: %s', (iso, mode) => {
    const entry = { ...agents, from: '2026-03-01', to: '2026-06-01' };
    expect(modeOf({ sourceFormat: 'claude_code', isSession: true }, [entry], at(iso))).toBe(mode);
  });
});

describe('which account pays', () => {
  const accounts = [
    { provider: 'openai', match: { path: 'eu/*' }, account: 'eu' },
    { provider: 'openai', match: { tag: { region: 'us' }, project: 'proj_*' }, account: 'us' },
    { provider: 'anthropic', account: 'claude' },
    { provider: 'azure*', match: { key: 'k1' }, account: 'az' },
  ];
  const attributor = createAttributor(configOf({ accounts }));
  const eu = { key: 'eu/a.jsonl', pathPairs: {} };

  test.each<[string, UsageRecord, typeof eu, string | null]>([
    ['by path', callOf(), eu, 'eu'],
    ['of this provider only', callOf({ provider: 'mistral' }), eu, null],
    ['by tag and project', callOf({ tags: { region: 'us' }, evidence: { project: 'proj_9' } }), PLAIN, 'us'],
    ['not by one of both', callOf({ tags: { region: 'us' } }), PLAIN, null],
    ['the first that matches', callOf({ tags: { region: 'us' }, evidence: { project: 'proj_9' } }), eu, 'eu'],
    ['a provider with one account', callOf({ provider: 'anthropic' }), PLAIN, 'claude'],
    ['a provider by pattern, in any case', callOf({ provider: 'Azure-OpenAI', keyId: 'k1' }), PLAIN, 'az'],
    ['before the account the line names', callOf({ billingAccountId: 'acct_1' }), eu, 'eu'],
    ['else the account the line names', callOf({ billingAccountId: 'acct_1' }), PLAIN, 'acct_1'],
    ['else none: the one account', callOf(), PLAIN, null],
  ])('%s', (_what, record, object, account) => {
    expect(attributor.accountOf(record, object)).toBe(account);
    expect(attributor.attribute(record, 'gpt-4o', NOON, object).billingAccountId).toBe(account);
  });

  test('a billing entry sees the account that the config gave', () => {
    const config = configOf({ accounts, billing: [{ match: { account: 'eu' }, mode: 'free_tier' }] });
    expect(createAttributor(config).attribute(callOf(), 'm', NOON, eu).billingMode).toBe('free_tier');
    expect(createAttributor(config).attribute(callOf(), 'm', NOON, PLAIN).billingMode).toBe('on_demand');
  });
});
