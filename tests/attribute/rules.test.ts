import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../lib/attribute/rules.ts';
import type { UsageRecord } from '../../lib/record.ts';
import { NOON, PLAIN, at, callOf, configOf } from './calls.ts';

type Rule = Readonly<Record<string, unknown>>;
const to = (id: string, match: Rule, more: Rule = {}): Rule => ({ id, match, set: { team: `team-${id}` }, ...more });

function attributorOf(...rules: readonly Rule[]): ReturnType<typeof createAttributor> {
  return createAttributor(configOf({ attribution: { rules } }));
}

describe('what a rule can look at', () => {
  const call = callOf({
    provider: 'bedrock',
    modelReported: 'anthropic.claude-3-haiku-20240307-v1:0',
    sourceFormat: 'bedrock.invocation',
    userId: 'anna',
    keyId: 'key_17',
    sessionId: 'session-9',
    billingAccountId: '123456789012',
    tags: { 'cost-center': 'R-12' },
    evidence: {
      teamTag: 'tagged',
      gatewayTeam: 'gateway',
      project: 'proj_1',
      workspace: 'wrk_1',
      keyName: 'prod-search',
      principal: 'search-role',
      application: 'indexer',
      environment: 'prod',
      feature: 'chat',
      customer: 'acme',
    },
  });
  const object = { key: 'AWSLogs/eu/a.json.gz', pathPairs: {} };

  test.each<[string, Rule, Rule]>([
    ['team: the tag', { team: 'tagged' }, { team: 'other' }],
    ["team: the gateway's", { team: 'gate*' }, { team: 'gate' }],
    ['tag', { tag: { 'cost-center': 'R-1*' } }, { tag: { 'cost-center': 'R-2*' } }],
    ['a tag it has, not one it lacks', { tag: { 'cost-center': '*' } }, { tag: { 'cost-center': '*', other: '*' } }],
    ['a tag named like a method is no tag', { tag: { 'cost-center': '*' } }, { tag: { toString: '*' } }],
    ['project', { project: 'proj_1' }, { project: 'proj_2' }],
    ['workspace', { workspace: 'wrk_*' }, { workspace: 'proj_*' }],
    ['key: its name', { key: 'prod-*' }, { key: 'test-*' }],
    ['key: its id', { key: 'key_17' }, { key: 'key_1' }],
    ['user', { user: 'ANNA' }, { user: 'ann' }],
    ['principal', { principal: ['x', 'search-*'] }, { principal: 'search' }],
    ['path', { path: 'AWSLogs/*' }, { path: 'awslogs' }],
    ['model: canonical', { model: 'claude-3-haiku' }, { model: 'claude-3' }],
    ['model: reported', { model: 'anthropic.*' }, { model: 'openai.*' }],
    ['provider', { provider: 'bedrock' }, { provider: 'anthropic' }],
    ['source_format', { source_format: 'bedrock.*' }, { source_format: 'openai.*' }],
    ['session', { session: 'session-9' }, { session: 'session-8' }],
    ['application', { application: 'indexer' }, { application: 'chatbot' }],
    ['environment', { environment: 'prod' }, { environment: 'test' }],
    ['feature', { feature: 'chat' }, { feature: 'search' }],
    ['customer', { customer: 'acme' }, { customer: 'other' }],
    ['account', { account: '1234*' }, { account: '9*' }],
    ['all fields together', { provider: 'bedrock', project: 'proj_1' }, { provider: 'bedrock', project: 'proj_2' }],
    ['nothing: every call', {}, { user: 'bob' }],
  ])('%s', (_what, hit, miss) => {
    expect(attributorOf(to('x', hit)).attribute(call, 'claude-3-haiku', NOON, object)).toMatchObject({
      team: 'team-x',
      level: 'rule:x',
      strength: 0,
    });
    expect(attributorOf(to('x', miss)).attribute(call, 'claude-3-haiku', NOON, object)).toMatchObject({
      team: 'tagged',
      level: 'tag',
      strength: 1,
    });
  });

  test('not at keys in clear, and the account only after config accounts', () => {
    const secret = callOf({ keyId: 'secret:sk-live-1' });
    expect(attributorOf(to('x', { key: '*' })).attribute(secret, 'm', NOON, PLAIN).team).toBeNull();
    const config = configOf({
      accounts: [{ provider: 'openai', match: { path: 'logs/*' }, account: 'eu' }],
      attribution: { rules: [to('x', { account: 'eu' })] },
    });
    expect(createAttributor(config).attribute(callOf({ billingAccountId: 'raw' }), 'm', NOON, PLAIN)).toMatchObject({
      team: 'team-x',
      billingAccountId: 'eu',
    });
  });
});

describe('which rule decides', () => {
  test('the first that matches, in the order of the file', () => {
    const call = callOf({ provider: 'openai' });
    expect(attributorOf(to('a', { provider: 'openai' }), to('b', {})).attribute(call, 'm', NOON, PLAIN).team).toBe(
      'team-a',
    );
    expect(attributorOf(to('b', {}), to('a', { provider: 'openai' })).attribute(call, 'm', NOON, PLAIN).team).toBe(
      'team-b',
    );
  });

  test('whatever rules stand around it', () => {
    const providers = fc.array(fc.constantFrom('openai', 'azure', '*'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(providers, (patterns) => {
        const rules = patterns.map((provider, i) => to(String(i), { provider }));
        const first = patterns.findIndex((p) => p !== 'azure');
        expect(attributorOf(...rules).attribute(callOf(), 'm', NOON, PLAIN).team).toBe(
          first < 0 ? null : `team-${first}`,
        );
      }),
    );
  });

  test('what it does not set comes from the evidence', () => {
    const rule = { id: 'env', match: {}, set: { environment: 'prod', feature: 'bulk' } };
    const call = callOf({ evidence: { keyName: 'growth', environment: 'unknown', workspace: 'ws', customer: 'acme' } });
    expect(attributorOf(rule).attribute(call, 'm', NOON, PLAIN)).toMatchObject({
      team: 'ws',
      level: 'workspace',
      strength: 4,
      project: 'ws',
      environment: 'prod',
      feature: 'bulk',
      customer: 'acme',
    });
  });

  test('the team it sets is known by its one name', () => {
    const config = configOf({
      teams: [{ name: 'search', aliases: ['srch'] }],
      attribution: { rules: [{ id: 'a', match: {}, set: { team: 'Srch' } }] },
    });
    expect(createAttributor(config).attribute(callOf(), 'm', NOON, PLAIN).team).toBe('search');
  });
});

describe('effective dates', () => {
  const attributor = attributorOf(
    to('spring', {}, { to: '2026-04-01' }),
    to('noon', { user: 'n' }, { from: '2026-05-01T12:00:00Z', to: '2026-05-01T13:00:00+00:00' }),
    to('summer', {}, { from: '2026-04-01', to: '2026-10-01' }),
  );

  test.each<[string, string | null]>([
    ['2026-03-31T23:59:59.999Z', 'team-spring'],
    ['2026-04-01T00:00:00.000Z', 'team-summer'],
    ['2026-05-01T11:59:59.999Z', 'team-summer'],
    ['2026-05-01T12:00:00.000Z', 'team-noon'],
    ['2026-05-01T13:00:00.000Z', 'team-summer'],
    ['2026-09-30T23:59:59.999Z', 'team-summer'],
    ['2026-10-01T00:00:00.000Z', null],
  ])('%s: %s', (iso, team) => {
    expect(attributor.attribute(callOf({ userId: 'n' }), 'm', at(iso), PLAIN).team).toBe(team);
  });

  test('a decision remembered for one time is not used for another', () => {
    const call = callOf({ userId: 'n' });
    const teams = ['2026-10-01', '2026-03-01', '2026-05-01T12:30:00Z', '2026-03-01'].map(
      (iso) => attributor.attribute(call, 'm', at(iso), PLAIN).team,
    );
    expect(teams).toEqual([null, 'team-spring', 'team-noon', 'team-spring']);
  });
});

test('a decision is made once for calls that differ only in what no rule looks at, and apart for the others', () => {
  const attributor = attributorOf(to('x', { user: 'anna', tag: { k: 'v' } }));
  const decide = (fields: Partial<UsageRecord>): object => attributor.attribute(callOf(fields), 'm', NOON, PLAIN);
  expect(decide({ sessionId: '1', modelReported: 'a' })).toBe(decide({ sessionId: '2', modelReported: 'b' }));
  expect(decide({ userId: 'anna', tags: { k: 'v' } })).toMatchObject({ team: 'team-x' });
  expect(decide({ userId: 'anna', tags: { k: 'w' } })).toMatchObject({ team: null });
  expect(decide({ userId: 'bob', tags: { k: 'v' } })).toMatchObject({ team: null });
});

test('more distinct callers than decisions are kept are still decided right', () => {
  const attributor = attributorOf(to('even', { user: '*0' }));
  let wrong = 0;
  for (let i = 0; i < 120_000; i++) {
    const { team } = attributor.attribute(callOf({ userId: `u${i}` }), 'm', NOON, PLAIN);
    if (team !== (i % 10 === 0 ? 'team-even' : null)) wrong++;
  }
  expect(wrong).toBe(0);
});

describe('version', () => {
  const version = (parts: Rule): string => createAttributor(configOf(parts)).version;
  const rule = { id: 'a', match: { team: 'x', project: 'y' }, set: { team: 't' } };

  test('changes with everything that can change an owner', () => {
    const configs: Rule[] = [
      {},
      { attribution: { rules: [rule] } },
      { attribution: { rules: [{ ...rule, from: '2026-01-01' }] } },
      { attribution: { rules: [rule, { ...rule, id: 'b' }] } },
      { attribution: { rules: [{ ...rule, id: 'b' }, rule] } },
      { attribution: { order: ['tag'] } },
      { attribution: { path: { team: 0 } } },
      { teams: [{ name: 't' }] },
      { accounts: [{ provider: 'openai', account: 'a' }] },
      { billing: [{ match: {}, mode: 'subscription' }] },
    ];
    expect(new Set(configs.map(version)).size).toBe(configs.length);
  });

  test('and with nothing else: other sections, comments, the order of keys', () => {
    const same: Rule[] = [
      { attribution: { rules: [{ set: { team: 't' }, match: { project: 'y', team: 'x' }, id: 'a' }] } },
      { attribution: { rules: [{ ...rule, $comment: 'why' }] }, week_start: 'sunday', report: { title: 'other' } },
    ];
    expect(same.map(version)).toEqual([
      version({ attribution: { rules: [rule] } }),
      version({ attribution: { rules: [rule] } }),
    ]);
  });
});
