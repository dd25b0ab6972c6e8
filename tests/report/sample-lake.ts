/** Five weeks of a company of eleven teams, made up by arithmetic alone: what the rendering is looked at with. */
import { addDays, daysBetween } from '../../lib/time.ts';
import type { LakeContent, Row } from './report-lake.ts';
import { call, object, source } from './report-lake.ts';

export const SAMPLE_AS_OF = '2026-11-02';
const FROM = '2026-09-28';

const TEAMS: readonly (readonly [team: string, usd: number, provider: string, model: string])[] = [
  ['search', 212, 'openai', 'gpt-5'],
  ['support-bot', 148, 'anthropic', 'claude-sonnet-4-5'],
  ['data-platform', 97, 'bedrock', 'anthropic.claude-haiku-4-5'],
  ['growth', 61, 'openai', 'gpt-5-mini'],
  ['unallocated', 44, 'openai', 'gpt-5'],
  ['research', 38, 'vertex', 'gemini-2.5-pro'],
  ['risk', 26, 'anthropic', 'claude-opus-4-1'],
  ['legal', 14, 'openai', 'text-embedding-3-large'],
  ['hr', 6, 'google', 'gemini-2.5-flash'],
  ['Vertrieb & Partnermanagement Deutschland, Österreich und die Schweiz', 4, 'openai', 'gpt-5-mini'],
  ['ops', 0.004, 'openai', 'gpt-5-nano'],
];

/** A weekly shape and a slow trend, without chance. */
function dollars(base: number, dayIndex: number, teamIndex: number): number {
  const weekday = dayIndex % 7;
  const shape = weekday >= 5 ? 0.3 : 1 + 0.12 * Math.sin(dayIndex * 1.7 + teamIndex * 2.3);
  return base * shape * (1 + (dayIndex / 35) * (teamIndex % 3 === 0 ? 0.5 : 0.1));
}

function teamDay(index: number, day: string, dayIndex: number): Row | null {
  const [team, usd, provider, model] = TEAMS[index] ?? ['', 0, '', ''];
  if (team === 'growth' && dayIndex > 31) return null; // its source falls silent
  const cost = dollars(usd, dayIndex, index).toFixed(12);
  const tokens = Math.round(Number(cost) * 180_000) + 100;
  return call({
    record_id: `${team}-${day}`,
    day,
    team,
    provider,
    model,
    cost,
    calls: Math.round(tokens / 2600) + 1,
    input_tokens: Math.round(tokens * 0.3),
    cache_read_tokens: Math.round(tokens * 0.5),
    output_tokens: Math.round(tokens * 0.2),
    key_id: team === 'unallocated' ? 'key-legacy-etl' : null,
  });
}

function extras(day: string): Row[] {
  return [
    call({
      day,
      team: 'research',
      provider: 'anthropic',
      model: 'claude-code',
      billing_mode: 'subscription',
      cost_status: 'included',
      cost: '0',
      list_cost: '31.25',
      calls: 40,
      input_tokens: 90_000,
    }),
    call({
      day,
      team: 'ops',
      model: 'acme-llm-70b',
      cost_status: 'unpriced',
      cost: null,
      list_cost: null,
      cost_reason: 'model_unknown',
      calls: 12,
      input_tokens: 40_000,
    }),
    call({
      day,
      team: 'growth',
      provider: 'openai',
      model: 'codex',
      billing_mode: 'unknown',
      cost_status: 'billing_unknown',
      cost: null,
      list_cost: '3.5',
      calls: 5,
    }),
    call({ day, team: 'hr', usage_basis: 'counted', cost: '0.4', cost_status: 'estimated', calls: 3 }),
  ];
}

const days = daysBetween(FROM, addDays(SAMPLE_AS_OF, 0));
const usage = days.flatMap((day, i) => [
  ...TEAMS.map((_, t) => teamDay(t, day, i)).filter((row) => row !== null),
  ...extras(day),
]);

export const SAMPLE_SOURCES = [
  source({}),
  source({
    prefix: 'growth/',
    sourceFormat: 'openai.responses',
    lastDay: '2026-10-29',
    status: 'silent',
    missingDays: ['2026-10-30', '2026-10-31', '2026-11-01'],
  }),
  source({ prefix: 'aws/', sourceFormat: 'bedrock.invocation' }),
  source({ prefix: 'agents/', sourceFormat: 'claude_code', firstDay: '2026-10-02' }),
];

export const SAMPLE: LakeContent = {
  usage,
  excluded: [
    call({ day: '2026-10-20', cost: '12.5', excluded_reason: 'duplicate', kept_record_id: 'x' }),
    call({ day: '2026-10-21', cost: '80', calls: 900, excluded_reason: 'covered_by_calls' }),
  ],
  rejects: [
    {
      source_object: 'misc/broken.jsonl',
      source_line: 3,
      reason: 'invalid_json',
      detail: 'unexpected end of line',
      keys: '',
      ingested_day: '2026-11-02',
    },
    {
      source_object: 'misc/broken.jsonl',
      source_line: 9,
      reason: 'unknown_format',
      detail: 'no reader knows a line with these keys: foo, bar',
      keys: 'foo,bar',
      ingested_day: '2026-11-02',
    },
  ],
  objects: [
    object({
      lines: usage.length + 7,
      usage_lines: usage.length + 2,
      records: usage.length + 2,
      skipped: 3,
      rejected: 2,
    }),
    object({ object: 'misc/locked.zip', outcome: 'failed' }),
  ],
  incompleteDays: ['2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02'],
};
