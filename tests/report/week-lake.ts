/** Six weeks of three teams, made up by arithmetic, with everything a weekly report is made of: the week of Nov 9 to Nov 15, 2026. */
import { addDays, daysBetween } from '../../lib/time.ts';
import { call, object } from './report-lake.ts';
import type { LakeContent, Row } from './report-lake.ts';

export const WEEK = { from: '2026-11-09', to: '2026-11-15' };

/** Whole dollars a day and model, from the first day of the ledger; `bots` doubles in the week that is reported. */
const SPENDERS: readonly (readonly [team: string, provider: string, model: string, usd: number, weekUsd: number])[] = [
  ['search', 'openai', 'gpt-5', 100, 101],
  ['search', 'openai', 'gpt-5-mini', 10, 10],
  ['bots', 'anthropic', 'claude-sonnet-4-5', 40, 80],
  ['unallocated', 'openai', 'gpt-5', 20, 20],
];

function usage(from: string): Row[] {
  return daysBetween(from, WEEK.to).flatMap((day) =>
    SPENDERS.map(([team, provider, model, usd, weekUsd], i) => {
      const cost = day >= WEEK.from ? weekUsd : usd;
      return call({
        record_id: `${day}-${i}`,
        day,
        team,
        provider,
        model,
        cost: `${cost}.000000000001`,
        calls: cost * 10,
        input_tokens: cost * 100_000,
        cache_read_tokens: cost * 10_000,
        output_tokens: cost * 10_000,
        key_id: `key-${team}`,
        ingested_at: `${addDays(day, 1)} 03:00:00`,
      });
    }),
  );
}

const saving = (period: string, lever: string, overrides: Row): Row => ({
  period,
  scenario: 'measured',
  lever,
  basis: 'measured',
  assumptions: '[]',
  ...overrides,
});

/** Batch saves 70 for search and 7 for bots, 60 and 7 in cash; exact cache −1 for bots; self-hosting is not known; semantic cache illustrative. */
export function savings(period: string, batch = 70): Row[] {
  const cell = (lever: string, team: string, amount: number, cash: number): Row =>
    saving(period, lever, {
      team,
      model: 'm',
      calls: 10,
      baseline_cost: team === 'search' ? '777' : '560',
      saving: String(amount),
      cash_saving: String(cash),
      saving_alone: String(amount),
      saving_last: String(amount),
    });
  return [
    cell('batch', 'search', batch, batch - 10),
    cell('batch', 'bots', 7, 7),
    saving(period, 'batch', { low: '50', high: '90', evidence: '{"in_plan":true}' }),
    cell('exact_cache', 'bots', -1, -1),
    cell('exact_cache', 'search', 0, 0),
    saving(period, 'exact_cache', { evidence: '{"in_plan":true}' }),
    saving(period, 'self_hosting', {
      basis: 'not_identifiable',
      evidence: '{"why":"which open model would do is not in the log","to_know":"name a fleet"}',
    }),
    saving(period, 'semantic_cache', { basis: 'illustrative', low: '900', high: '999', evidence: '{}' }),
    cell('plan', 'search', batch, batch - 10),
    cell('plan', 'bots', 6, 6),
    saving(period, 'plan', { low: '45', high: '95', evidence: '{}' }),
  ];
}

const price = (overrides: Row): Row => ({
  provider: 'openai',
  model: 'gpt-5',
  meter: 'input',
  service_tier: 'standard',
  currency: 'USD',
  unit: 'per_1M_tokens',
  source: 's',
  confidence: 'high',
  ...overrides,
});

/** A source as the table has it. */
export const sourceRow = (overrides: Row): Row => ({
  source_format: 'openai.chat',
  billing_account_id: null,
  prefix: 'chat/',
  first_event_at: '2026-10-05 00:00:00',
  last_event_at: '2026-11-15 23:00:00',
  last_object_at: '2026-11-16 00:00:00',
  usual_gap_hours: 24,
  missing_days: '[]',
  status: 'ok',
  ...overrides,
});

/** The lake; a test says what else is in it. */
export function weekLake(overrides: LakeContent = {}, from = '2026-10-05'): LakeContent {
  return {
    usage: usage(from),
    objects: [object({ lines: 168, usage_lines: 168, records: 168 })],
    sources: [sourceRow({})],
    prices: [
      price({ price_id: 'a', value: '1.25', valid_from: '2026-01-01 00:00:00', valid_to: '2026-12-01 00:00:00' }),
      price({ price_id: 'b', value: '1.50', valid_from: '2026-12-01 00:00:00' }),
      price({ price_id: 'c', meter: 'output', value: '10', valid_to: '2026-12-24 00:00:00' }),
      price({ price_id: 'd', model: 'unused', value: '1', valid_from: '2026-12-01 00:00:00' }),
      price({ price_id: 'e', meter: 'cached_input', value: '0.1', valid_from: '2027-06-01 00:00:00' }),
    ],
    savings: [...savings('2026-W46'), ...savings('2026-W45', 90)],
    budgets: [
      { period: '2026-11', scope: 'total', id: '', amount: '6000', owner: 'Finance' },
      { period: '2026-11', scope: 'team', id: 'bots', amount: '1500', owner: 'Bo' },
      { period: '2026-12', scope: 'total', id: '', amount: '1', owner: 'Nobody' },
    ],
    forecasts: [
      forecast({ scope: 'total', id: '', actual: '2837', low: '5500', expected: '5900', high: '6300' }),
      forecast({ scope: 'team', id: 'bots', actual: '880', low: '1700', expected: '1900', high: '2100' }),
      forecast({ scope: 'total', id: '', made_on: '2026-11-09', actual: '1', low: '1', expected: '1', high: '1' }),
    ],
    anomalies: [
      {
        day: '2026-11-09',
        team: 'bots',
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        expected: '40',
        actual: '80.000000000001',
        cause: 'calls',
        state: 'new',
      },
    ],
    // search 7 more, bots 280 more
    drivers: [
      driver({ team: 'bots', driver: 'volume', amount: '300' }),
      driver({ team: 'bots', driver: 'tokens_per_call', amount: '-20' }),
      driver({ team: 'search', driver: 'price', amount: '7' }),
      driver({ team: 'search', driver: 'price', amount: '99', week: '2026-11-08' }),
    ],
    reconciliation: [
      {
        period: '2026-11',
        provider: 'openai',
        account: null,
        model: 'gpt-5',
        computed: '1750',
        reported: '1750',
        difference: '0',
        explained: '0',
        why: 'equal',
      },
    ],
    ...overrides,
  };
}

const forecast = (overrides: Row): Row => ({
  made_on: '2026-11-16',
  period: '2026-11',
  method: 'weekly shape of 42 days',
  ...overrides,
});

const driver = (overrides: Row): Row => ({ week: WEEK.to, ...overrides });
