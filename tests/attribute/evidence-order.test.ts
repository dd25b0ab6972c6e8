import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../lib/attribute/rules.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import type { Attribution, Evidence, UsageRecord } from '../../lib/record.ts';
import { NOON, PLAIN, callOf, configOf } from './calls.ts';

const ALL: Partial<Evidence> = {
  teamTag: 'by-tag',
  gatewayTeam: 'by-gateway',
  project: 'by-project',
  workspace: 'by-workspace',
  keyName: 'by-key',
  principal: 'by-principal',
};
const LEVELS: readonly [keyof Evidence, string, number][] = [
  ['teamTag', 'tag', 1],
  ['gatewayTeam', 'gateway_team', 2],
  ['project', 'project', 3],
  ['workspace', 'workspace', 4],
  ['keyName', 'key', 5],
  ['principal', 'principal', 6],
];

function ownerOf(
  evidence: Partial<Evidence>,
  parts: Readonly<Record<string, unknown>> = {},
  object = PLAIN,
): readonly unknown[] {
  const { team, level, strength } = createAttributor(configOf(parts)).attribute(
    callOf({ evidence }),
    'gpt-4o',
    NOON,
    object,
  );
  return [team, level, strength];
}

describe('without rules the strongest evidence names the team', () => {
  test.each(
    LEVELS.map(([field, level, strength], i) => ({
      level,
      field,
      strength,
      without: LEVELS.slice(0, i).map(([f]) => f),
    })),
  )('$level, when everything stronger is missing', ({ field, level, strength, without }) => {
    const evidence = { ...ALL, ...Object.fromEntries(without.map((f) => [f, null])) };
    expect(ownerOf(evidence)).toEqual([ALL[field], level, strength]);
  });

  test('the folder counted by position is the weakest, 7', () => {
    const object = { key: 'exports/growth/2026/a.jsonl', pathPairs: {} };
    expect(ownerOf({}, { attribution: { path: { team: 1 } } }, object)).toEqual(['growth', 'path', 7]);
    expect(ownerOf({ principal: 'role' }, { attribution: { path: { team: 1 } } }, object)).toEqual([
      'role',
      'principal',
      6,
    ]);
  });

  test('nothing to go by: no team, unattributed, 9', () => {
    expect(ownerOf({})).toEqual([null, 'unattributed', 9]);
  });

  test.each(['', '  ', 'unallocated', ' Unallocated '])('%j names nobody', (teamTag) => {
    expect(ownerOf({ teamTag })).toEqual([null, 'unattributed', 9]);
    expect(ownerOf({ teamTag, gatewayTeam: 'growth' })).toEqual(['growth', 'gateway_team', 2]);
  });

  test('a key in clear names nobody', () => {
    expect(ownerOf({ keyName: 'secret:sk-abc' })).toEqual([null, 'unattributed', 9]);
  });
});

describe('config', () => {
  test('order says which evidence counts and how strong it is', () => {
    expect(ownerOf(ALL, { attribution: { order: ['key', 'tag'] } })).toEqual(['by-key', 'key', 1]);
    expect(ownerOf({ ...ALL, keyName: null }, { attribution: { order: ['key', 'tag'] } })).toEqual([
      'by-tag',
      'tag',
      2,
    ]);
    expect(ownerOf({ project: 'p', principal: 'r' }, { attribution: { order: ['key', 'tag'] } })).toEqual([
      null,
      'unattributed',
      9,
    ]);
  });

  test('teams gives every spelling one name; others stay as they come, without space around', () => {
    const teams = [{ name: 'search', aliases: ['Team Search', 'srch'] }];
    expect(ownerOf({ teamTag: 'SRCH' }, { teams })[0]).toBe('search');
    expect(ownerOf({ teamTag: ' team search ' }, { teams })[0]).toBe('search');
    expect(ownerOf({ teamTag: ' Growth ' }, { teams })[0]).toBe('Growth');
  });
});

describe('folders', () => {
  const pairs = { key: 'team=growth/env=prod/a.jsonl', pathPairs: { team: 'growth' } };

  test('a team=… folder needs no setting', () => {
    expect(ownerOf({}, {}, pairs)).toEqual(['growth', 'path', 7]);
  });

  test('is the weakest evidence even where a reader handed it on as a tag', () => {
    expect(ownerOf({ teamTag: 'growth', gatewayTeam: 'search' }, {}, pairs)).toEqual(['search', 'gateway_team', 2]);
    expect(ownerOf({ teamTag: 'growth' }, {}, pairs)).toEqual(['growth', 'path', 7]);
  });

  test('a tag that says something else is a tag', () => {
    expect(ownerOf({ teamTag: 'search' }, {}, pairs)).toEqual(['search', 'tag', 1]);
  });

  test.each<[number, string | null]>([
    [0, 'eu'],
    [1, 'growth'],
    [2, 'prod'],
    [-1, 'prod'],
    [-3, 'eu'],
    [3, null],
    [-4, null],
  ])('position %i is %j; of name=value the value; the file itself is no folder', (team, expected) => {
    const object = { key: 'eu/growth/env=prod/a.jsonl', pathPairs: {} };
    expect(ownerOf({}, { attribution: { path: { team } } }, object)[0]).toBe(expected);
  });

  test('fill what the call does not say, and only that', () => {
    const config = configOf({ attribution: { path: { project: 0, environment: 1, customer: 2 } } });
    const object = { key: 'indexer/prod/acme/a.jsonl', pathPairs: {} };
    const found = createAttributor(config).attribute(
      callOf({ evidence: { environment: 'test', teamTag: 't' } }),
      'm',
      NOON,
      object,
    );
    expect(found).toMatchObject({
      team: 't',
      project: 'indexer',
      environment: 'test',
      customer: 'acme',
      application: null,
    });
  });

  test('belong to their object: the next object has its own', () => {
    const attributor = createAttributor(configOf({ attribution: { path: { team: 0 } } }));
    const teams = ['a/x.jsonl', 'b/x.jsonl', 'x.jsonl', 'a/x.jsonl'].map(
      (key) => attributor.attribute(callOf(), 'm', NOON, { key, pathPairs: {} }).team,
    );
    expect(teams).toEqual(['a', 'b', null, 'a']);
  });
});

describe('calls that differ in anything that decides are decided apart, whatever came before', () => {
  const cold = (record: UsageRecord): Attribution =>
    createAttributor(DEFAULT_CONFIG).attribute(record, 'm', NOON, PLAIN);

  test('names that could run into each other', () => {
    const warm = createAttributor(DEFAULT_CONFIG);
    const names = [null, '-', 'a', 'a-', '-a', '1:a', '1:a-', '2:a', ':'];
    for (const teamTag of names) {
      for (const gatewayTeam of names) {
        const record = callOf({ evidence: { teamTag, gatewayTeam } });
        const found = warm.attribute(record, 'm', NOON, PLAIN);
        expect([found.team, found.level]).toEqual(
          teamTag !== null ? [teamTag, 'tag'] : [gatewayTeam, gatewayTeam === null ? 'unattributed' : 'gateway_team'],
        );
      }
    }
  });

  test('every field by itself', () => {
    const warm = createAttributor(DEFAULT_CONFIG);
    const variants: Parameters<typeof callOf>[0][] = [
      {},
      ...Object.keys(callOf().evidence).map((field) => ({ evidence: { [field]: 'x' } })),
      { isSession: true },
      { tier: 'provisioned' },
      { billingMode: 'free_tier' },
      { billingAccountId: 'x' },
    ];
    const decisions = variants.map((fields) => warm.attribute(callOf(fields), 'm', NOON, PLAIN));
    expect(decisions).toEqual(variants.map((fields) => cold(callOf(fields))));
    expect(new Set(decisions.map((decision) => JSON.stringify(decision))).size).toBe(variants.length);
  });

  test('and the strongest name wins', () => {
    const warm = createAttributor(DEFAULT_CONFIG);
    const name = fc.option(fc.constantFrom('a', 'b', 'unallocated', 'secret:c'), { nil: null });
    const fields = fc.record({
      teamTag: name,
      gatewayTeam: name,
      project: name,
      workspace: name,
      keyName: name,
      principal: name,
    });
    fc.assert(
      fc.property(fields, (evidence) => {
        const record = callOf({ evidence });
        const e = evidence;
        const expected = [e.teamTag, e.gatewayTeam, e.project, e.workspace, e.keyName, e.principal].find(
          (text) => text === 'a' || text === 'b',
        );
        expect(warm.attribute(record, 'm', NOON, PLAIN)).toEqual(cold(record));
        expect(cold(record).team).toBe(expected ?? null);
      }),
      { numRuns: 500 },
    );
  });
});
