import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { DEFAULT_CONFIG, configJsonSchema, parseConfig, weekStartNumber } from '../lib/config.ts';
import { Misconfigured } from '../lib/errors.ts';
import { FORMATS } from '../lib/normalize/registry.ts';
import { compileCustomerRates } from '../lib/price/customer-rates.ts';

type Parts = Readonly<Record<string, unknown>>;
const SOURCE_FORMATS = FORMATS.map((format) => format.id);
const fromRoot = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** The message about a config, after the name of the file; throws if there is none. */
function problemOf(parts: Parts | string, formats?: readonly string[]): string {
  try {
    parseConfig(typeof parts === 'string' ? parts : JSON.stringify(parts), 'my.json', formats);
  } catch (error) {
    if (error instanceof Misconfigured && error.message.startsWith('my.json'))
      return error.message.replace(/^my\.json:? /, '');
    throw error;
  }
  throw new Error('the config was accepted');
}

const rule = { id: 'a', match: { team: 'x' }, set: { team: 't' } };
const rules = (...list: readonly Parts[]): Parts => ({ attribution: { rules: list } });
const shared = (parts: Parts): Parts => ({
  shared_costs: [{ id: 's', match: { team: 'p' }, split: 'even', ...parts }],
});

describe('defaults', () => {
  test('an empty file is the same as no file', () => {
    expect(parseConfig('{}', 'my.json')).toEqual(DEFAULT_CONFIG);
  });

  test('are those of the design', () => {
    expect(DEFAULT_CONFIG).toMatchObject({
      attribution: { rules: [], order: ['tag', 'gateway_team', 'project', 'workspace', 'key', 'principal', 'path'] },
      shared_costs: [],
      accounts: [],
      billing: [],
      rates: [],
      sources: [],
      prices: { overlays: [] },
      privacy: { persons: 'keep' },
      twins: { wide_days: 40 },
      week_start: 'monday',
      keep: { landing_days: 400, old_generations_hours: 24 },
      report: { title: 'Inference ledger', timezone: 'UTC' },
      limits: { unpriced_percent: '100', rejected_percent: '100' },
    });
  });

  test.each([
    ['monday', 1],
    ['sunday', 7],
  ])('%s is weekday %i', (day, number) => {
    expect(weekStartNumber(parseConfig(JSON.stringify({ week_start: day }), 'my.json'))).toBe(number);
  });
});

describe('what is accepted', () => {
  test('comments in every object, a byte order mark, a tag that is named like a comment elsewhere', () => {
    const text = JSON.stringify({
      $comment: ['a', 'b'],
      attribution: { $comment: 'why', rules: [{ ...rule, $comment: 'x' }] },
    });
    expect(parseConfig(`\uFEFF${text}`, 'my.json')).toEqual(parseConfig(JSON.stringify(rules(rule)), 'my.json'));
  });

  test('patterns as text or list, dates as days or instants', () => {
    const config = parseConfig(
      JSON.stringify(
        rules({ ...rule, match: { key: ['a*', 'b'] }, from: '2026-11-01', to: '2026-11-01T00:00:00.001Z' }),
      ),
      'my.json',
    );
    expect(config.attribution.rules[0]).toMatchObject({ match: { key: ['a*', 'b'] }, from: '2026-11-01' });
  });
});

describe('what is wrong is named by its path, with what is valid there', () => {
  test.each<[string, Parts | string, string]>([
    ['no JSON', '{"teams": }', 'is not valid JSON: '],
    ['not an object', '[]', '(top level): must be an object'],
    [
      'an unknown section',
      { bilings: [] },
      '(top level): unknown key "bilings", did you mean "billing"? valid here: teams, attribution, ',
    ],
    [
      'two letters swapped',
      rules({ ...rule, match: { taem: 'x' } }),
      'attribution.rules[0].match: unknown key "taem", did you mean "team"? valid here: team, project, ',
    ],
    [
      'a key like no other',
      { attribution: { zzz: 1 } },
      'attribution: unknown key "zzz", valid here: rules, order, path',
    ],
    [
      'an unknown field of set',
      rules({ ...rule, set: { user: 'x' } }),
      'attribution.rules[0].set: unknown key "user", valid here: team, project, application, environment, feature, customer',
    ],
    [
      'an unknown mode',
      { billing: [{ match: {}, mode: 'plan' }] },
      'billing[0].mode: must be one of on_demand, subscription, provisioned, free_tier',
    ],
    ['a missing mode', { billing: [{ match: {} }] }, 'billing[0].mode: must be one of on_demand, '],
    [
      'an unknown split',
      shared({ split: 'equal' }),
      'shared_costs[0].split: must be one of even, proportional_to_spend, proportional_to_tokens, fixed',
    ],
    [
      'an unknown level',
      { attribution: { order: ['tag', 'team'] } },
      'attribution.order[1]: must be one of tag, gateway_team, project, workspace, key, principal, path',
    ],
    ['a level twice', { attribution: { order: ['tag', 'tag'] } }, 'attribution.order: must not name a level twice'],
    ['an unknown weekday', { week_start: 'Montag' }, 'week_start: must be one of monday, tuesday, '],
    ['an unknown privacy', { privacy: { persons: 'hash' } }, 'privacy.persons: must be one of keep, pseudonym, drop'],
    [
      'a number for a pattern',
      rules({ ...rule, match: { team: 3 } }),
      'attribution.rules[0].match.team: must be text, where * stands for any run of characters, or a list of such texts',
    ],
    [
      'a number in a tag pattern',
      rules({ ...rule, match: { tag: { a: 3 } } }),
      'attribution.rules[0].match.tag.a: must be text, where ',
    ],
    [
      'a rule without a match',
      rules({ id: 'a', set: { team: 't' } }),
      'attribution.rules[0].match: must be an object, is missing',
    ],
    [
      'a rule that sets nothing',
      rules({ ...rule, set: {} }),
      'attribution.rules[0].set: needs at least one of team, project, ',
    ],
    ['a blank team', rules({ ...rule, set: { team: ' ' } }), 'attribution.rules[0].set.team: must not be blank'],
    [
      'a date that is none',
      rules({ ...rule, from: '2026-02-30' }),
      'attribution.rules[0].from: must be an ISO date such as "2026-11-01"',
    ],
    [
      'a date in another order',
      rules({ ...rule, to: '01.11.2026' }),
      'attribution.rules[0].to: must be an ISO date such as "2026-11-01"',
    ],
    ['a day for a month', shared({ from: '2026-11-01' }), 'shared_costs[0].from: must be a month such as "2026-11"'],
    ['a month that is none', shared({ from: '2026-13' }), 'shared_costs[0].from: must be a month such as "2026-11"'],
    ['a number for a percentage', { limits: { unpriced_percent: 5 } }, 'limits.unpriced_percent: must be text'],
    [
      'more than 100 percent',
      { limits: { unpriced_percent: '101' } },
      'limits.unpriced_percent: must be decimal text from "0" to "100" such as "12.5"',
    ],
    ['a rate without an effect', { rates: [{ provider: 'openai' }] }, 'rates[0]: needs discount_percent or prices'],
    ['half a day', { keep: { landing_days: 100.5 } }, 'keep.landing_days: must be a whole number'],
    ['too short', { keep: { landing_days: 1 } }, 'keep.landing_days: must be at least 62'],
    ['too long', { twins: { wide_days: 1000 } }, 'twins.wide_days: must be at most 200'],
    [
      'an empty list of patterns',
      { privacy: { personal: [''] } },
      'privacy.personal[0]: must have at least 1 character',
    ],
    [
      'no such zone',
      { report: { timezone: 'Berlin' } },
      'report.timezone: must be an IANA time zone such as "Europe/Berlin" or "UTC"',
    ],
    [
      'a shared cost that matches everything',
      shared({ match: {} }),
      'shared_costs[0].match: needs at least one of team, project, application, environment, feature, provider',
    ],
  ])('%s', (_what, parts, message) => {
    const problem = problemOf(parts);
    expect(problem.slice(0, message.length)).toBe(message);
  });

  test('all problems are named at once, and the hint says where to read on', () => {
    const problem = problemOf({ week_start: 'x', billing: [{ match: {}, mode: 'y' }], nope: 1 });
    expect(problem.split('; ').map((part) => part.split(':')[0])).toEqual([
      'billing[0].mode',
      'week_start',
      '(top level)',
    ]);
    expect(() => parseConfig('{"a":1}', 'my.json')).toThrow(
      expect.objectContaining({ hint: 'docs/config.md describes every key' }),
    );
  });
});

describe('what only the whole can tell', () => {
  test.each<[string, Parts, string]>([
    [
      'an id twice',
      rules(rule, { ...rule, id: 'b' }, rule),
      'attribution.rules[2].id: is already the id of attribution.rules[0]; ids must differ',
    ],
    [
      'a range that ends before it begins',
      rules({ ...rule, from: '2026-11-02', to: '2026-11-01' }),
      'attribution.rules[0].to: must be later than attribution.rules[0].from',
    ],
    [
      'an empty range',
      { billing: [{ match: {}, mode: 'on_demand', from: '2026-11-01', to: '2026-11-01T00:00:00Z' }] },
      'billing[0].to: must be later than billing[0].from',
    ],
    [
      'an empty range of months',
      shared({ from: '2026-11', to: '2026-11' }),
      'shared_costs[0].to: must be later than shared_costs[0].from',
    ],
    [
      'an empty range of rates',
      { rates: [{ provider: 'x', discount_percent: '1', from: '2026-11-01', to: '2026-10-01' }] },
      'rates[0].to: must be later than rates[0].from',
    ],
    [
      'fixed without shares',
      shared({ split: 'fixed' }),
      'shared_costs[0].shares: "fixed" needs shares that are not all zero',
    ],
    [
      'fixed with zero shares',
      shared({ split: 'fixed', shares: { a: 0 } }),
      'shared_costs[0].shares: "fixed" needs shares that are not all zero',
    ],
    [
      'fixed and among',
      shared({ split: 'fixed', shares: { a: 1 }, among: ['a'] }),
      'shared_costs[0].among: "fixed" names its teams in shares',
    ],
    ['shares without fixed', shared({ shares: { a: 1 } }), 'shared_costs[0].shares: only "fixed" has shares'],
    ['a team twice', shared({ among: ['a', 'A '] }), 'shared_costs[0].among: must not name a team twice'],
    [
      'a team twice in shares',
      shared({ split: 'fixed', shares: { a: 1, A: 2 } }),
      'shared_costs[0].shares: must not name a team twice',
    ],
    [
      'the reserved name in a rule',
      rules({ ...rule, set: { team: 'Unallocated' } }),
      'attribution.rules[0].set.team: "unallocated" is reserved for spend without a team',
    ],
    [
      'the reserved name as an alias',
      { teams: [{ name: 'a', aliases: ['unallocated'] }] },
      'teams[0]: "unallocated" is reserved',
    ],
    [
      'one alias for two teams',
      { teams: [{ name: 'a' }, { name: 'b', aliases: ['A'] }] },
      'teams[1]: shares a name or alias with teams[0]',
    ],
    [
      'a team that is not in teams',
      { teams: [{ name: 'search' }, { name: 'growth' }], ...rules({ ...rule, set: { team: 'serach' } }) },
      'attribution.rules[0].set.team: "serach" is not a name in teams, did you mean "search"? valid here: search, growth',
    ],
    [
      'an alias where a team is charged',
      { teams: [{ name: 'search', aliases: ['srch'] }], ...shared({ among: ['srch'] }) },
      'shared_costs[0].among: "srch" is not a name in teams, did you mean "search"?',
    ],
  ])('%s', (_what, parts, message) => {
    const problem = problemOf(parts);
    expect(problem.slice(0, message.length)).toBe(message);
  });

  test('an alias in a rule is fine, and so is any team without a list of teams', () => {
    const config = { teams: [{ name: 'search', aliases: ['srch'] }], ...rules({ ...rule, set: { team: 'srch' } }) };
    expect(parseConfig(JSON.stringify(config), 'my.json').attribution.rules).toHaveLength(1);
    expect(parseConfig(JSON.stringify(shared({ among: ['anyone'] })), 'my.json').shared_costs).toHaveLength(1);
  });

  test('formats are checked against the readers there are; patterns with a star are free', () => {
    const billing = (source_format: unknown): Parts => ({
      billing: [{ match: { source_format }, mode: 'subscription' }],
    });
    expect(problemOf(billing(['claude*', 'claude-code']), SOURCE_FORMATS)).toMatch(
      /^billing\[0\]\.match\.source_format: "claude-code" is not a source format, did you mean "claude_code"\? valid here: /,
    );
    expect(problemOf({ sources: [{ prefix: 'a/', source_format: 'nativ' }] }, SOURCE_FORMATS)).toMatch(
      /^sources\[0\]\.source_format: "nativ" is not a source format, did you mean "native"\?/,
    );
    expect(parseConfig(JSON.stringify(billing('Claude_Code')), 'my.json', SOURCE_FORMATS).billing).toHaveLength(1);
  });

  test('a long file is checked in linear time: 20,000 rules and teams', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => i);
    const config = {
      teams: many.map((i) => ({ name: `t${i}` })),
      ...rules(...many.map((i) => ({ ...rule, id: `r${i}`, set: { team: `t${i}` } }))),
    };
    expect(parseConfig(JSON.stringify(config), 'my.json').attribution.rules).toHaveLength(20_000);
  });
});

describe('the published JSON Schema', () => {
  const published = JSON.parse(fromRoot('inference-ledger.config.schema.json')) as Parameters<
    typeof z.fromJSONSchema
  >[0];
  const accepts = (value: unknown): boolean => z.fromJSONSchema(published).safeParse(value).success;

  test('is current (node scripts/make-config-schema.ts)', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  test('refuses what the program refuses, where a schema can say it', () => {
    expect(accepts({})).toBe(true);
    expect(
      [
        { nope: 1 },
        { week_start: 'x' },
        rules({ ...rule, match: { team: 3 } }),
        { limits: { unpriced_percent: '101' } },
        rules({ id: 'a' }),
      ].map(accepts),
    ).toEqual([false, false, false, false, false]);
  });

  const examples = [...fromRoot('docs/config.md').matchAll(/```json\n([\s\S]*?)```/g)].map((m) => m[1] ?? '');

  test('docs/config.md has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(8);
  });

  test.each(examples.map((text) => ({ text, section: Object.keys(JSON.parse(text) as object).at(-1) })))(
    'accepts the example of docs/config.md with $section, and so does the program',
    ({ text }) => {
      expect(accepts(JSON.parse(text))).toBe(true);
      const config = parseConfig(text, 'docs/config.md', SOURCE_FORMATS);
      expect(() => compileCustomerRates(config.rates)).not.toThrow();
    },
  );

  test('docs/config.md names every section and every field of a match', () => {
    const text = fromRoot('docs/config.md');
    const fields = [
      'team',
      'tag',
      'project',
      'workspace',
      'application',
      'environment',
      'feature',
      'customer',
      'key',
      'user',
      'session',
      'principal',
      'path',
      'model',
      'provider',
      'source_format',
      'account',
    ];
    expect([...Object.keys(DEFAULT_CONFIG), ...fields].filter((key) => !text.includes(`\`${key}`))).toEqual([]);
    const schema = configJsonSchema() as {
      properties: { billing: { items: { properties: { match: { properties: object } } } } };
    };
    expect(
      Object.keys(schema.properties.billing.items.properties.match.properties)
        .filter((key) => key !== '$comment')
        .toSorted(),
    ).toEqual(fields.toSorted());
  });
});
