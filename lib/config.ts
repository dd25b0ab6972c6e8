/**
 * The one configuration file, `inference-ledger.config.json`, checked as a whole before anything runs. Keys are snake_case as in the
 * file; an error names the JSON path and what is valid there. The JSON Schema published beside the package comes from this file.
 */
import * as z from 'zod';
import { Misconfigured } from './errors.ts';
import { fromIso } from './time.ts';

const day = z.string().refine((text) => fromIso(text) !== null, 'must be an ISO date such as 2026-11-01');
const percent = z.string().regex(/^\d{1,3}(\.\d{1,6})?$/, 'must be decimal text such as "12.5"');
/** A text with `*` for any run of characters, or a list of them; compared without regard to case. */
const pattern = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const name = z.string().min(1).max(200);

export const MATCH_FIELDS = [
  'team',
  'project',
  'workspace',
  'key',
  'user',
  'principal',
  'path',
  'model',
  'provider',
  'source_format',
  'session',
  'application',
  'environment',
  'account',
] as const;
export type MatchField = (typeof MATCH_FIELDS)[number];

const match = z.strictObject({
  ...(Object.fromEntries(MATCH_FIELDS.map((field) => [field, pattern.optional()])) as Record<MatchField, z.ZodOptional<typeof pattern>>),
  tag: z.record(z.string(), pattern).optional(),
});

const rule = z.strictObject({
  id: name,
  match,
  set: z.strictObject({
    team: name.optional(),
    project: name.optional(),
    application: name.optional(),
    environment: name.optional(),
    feature: name.optional(),
    customer: name.optional(),
  }),
  from: day.optional(),
  to: day.optional(),
});

export const EVIDENCE_LEVELS = ['tag', 'gateway_team', 'project', 'workspace', 'key', 'principal', 'path'] as const;

const shared = z.strictObject({
  id: name,
  match: z.strictObject({ team: name.optional(), project: name.optional(), application: name.optional(), environment: name.optional(), feature: name.optional() }),
  split: z.enum(['even', 'proportional_to_spend', 'proportional_to_tokens', 'fixed']),
  shares: z.record(z.string(), z.number().int().min(0)).optional(),
  among: z.array(name).min(1).optional(),
  from: z.string().regex(/^\d{4}-\d{2}$/).optional(),
  to: z.string().regex(/^\d{4}-\d{2}$/).optional(),
});

const schema = z.strictObject({
  $schema: z.string().optional(),
  title: z.string().max(120).default('Inference ledger'),
  teams: z.array(z.strictObject({ name, aliases: z.array(name).optional() })).optional(),
  attribution: z
    .strictObject({
      rules: z.array(rule).default([]),
      order: z.array(z.enum(EVIDENCE_LEVELS)).default([...EVIDENCE_LEVELS]),
      path: z.strictObject({ team_segment: z.number().int().min(0).max(20) }).optional(),
    })
    .prefault({}),
  shared_costs: z.array(shared).default([]),
  accounts: z.array(z.strictObject({ provider: name, match, account: name })).default([]),
  billing: z
    .array(z.strictObject({ match, mode: z.enum(['on_demand', 'subscription', 'provisioned', 'free_tier']), from: day.optional(), to: day.optional() }))
    .default([]),
  rates: z
    .array(
      z.strictObject({
        provider: name,
        model: name.optional(),
        account: name.optional(),
        from: day.optional(),
        to: day.optional(),
        discount_percent: percent.optional(),
        prices: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default([]),
  prices: z.strictObject({ overlays: z.array(z.string()).default([]) }).prefault({}),
  privacy: z.strictObject({ persons: z.enum(['keep', 'pseudonym', 'drop']).default('keep') }).prefault({}),
  limits: z
    .strictObject({
      unpriced_percent: percent.default('100'),
      rejected_percent: percent.default('100'),
      max_object_bytes: z.number().int().positive().default(20 * 1024 ** 3),
      max_line_bytes: z.number().int().positive().default(64 * 1024 ** 2),
      max_inflated_bytes: z.number().int().positive().default(64 * 1024 ** 3),
      max_inflate_ratio: z.number().int().positive().default(400),
    })
    .prefault({}),
  twins: z.strictObject({ wide_days: z.number().int().min(1).max(200).default(40) }).prefault({}),
  week_start: z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']).default('monday'),
  keep: z.strictObject({ old_generations_hours: z.number().min(0).default(24) }).prefault({}),
});

export type Config = z.output<typeof schema>;
export type MatchConfig = Config['billing'][number]['match'];
export type AttributionRule = Config['attribution']['rules'][number];
export type SharedCost = Config['shared_costs'][number];

export const CONFIG_NAME = 'inference-ledger.config.json';
export const DEFAULT_CONFIG: Config = schema.parse({});

/** ISO number of the configured weekday: 1 = Monday … 7 = Sunday. */
export function weekStartNumber(config: Config): number {
  return ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].indexOf(config.week_start) + 1;
}

/** Parses and checks a config file. Throws `Misconfigured` naming the path inside it and the valid values. */
export function parseConfig(text: string, path: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Misconfigured(`${path} is not valid JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new Misconfigured(`${path}: ${result.error.issues.map(explainIssue).join('; ')}`, { hint: 'docs/config.md describes every key' });
  checkReferences(result.data, path);
  return result.data;
}

function explainIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, '') || '(top level)';
  if (issue.code === 'unrecognized_keys') return `${where}: unknown key ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
  if (issue.code === 'invalid_value') return `${where}: must be one of ${issue.values.map(String).join(', ')}`;
  return `${where}: ${issue.message}`;
}

/** What one field cannot tell: fixed splits need shares, ids are unique. */
function checkReferences(config: Config, path: string): void {
  config.shared_costs.forEach((cost, i) => {
    const total = Object.values(cost.shares ?? {}).reduce((sum, share) => sum + share, 0);
    if (cost.split === 'fixed' && total === 0) throw new Misconfigured(`${path}: shared_costs[${i}].shares: "fixed" needs shares that are not all zero`);
    if (cost.split !== 'fixed' && cost.shares) throw new Misconfigured(`${path}: shared_costs[${i}].shares: only "fixed" has shares`);
    if (Object.keys(cost.match).length === 0) throw new Misconfigured(`${path}: shared_costs[${i}].match: needs at least one of team, project, application, environment, feature`);
  });
  for (const [list, ids] of [
    ['attribution.rules', config.attribution.rules.map((r) => r.id)],
    ['shared_costs', config.shared_costs.map((c) => c.id)],
  ] as const) {
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) throw new Misconfigured(`${path}: ${list}: the id ${JSON.stringify(twice)} is used twice`);
  }
}

/** The JSON Schema that editors use through `$schema`. */
export function configJsonSchema(): Record<string, unknown> {
  return { $id: 'inference-ledger.config.schema.json', title: 'inference-ledger configuration', ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}
