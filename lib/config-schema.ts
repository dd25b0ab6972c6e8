/**
 * The shape of `inference-ledger.config.json`: every section with its limits and defaults, as one schema. What comes in is parsed JSON,
 * what goes out has every default filled in. Keys are snake_case as in the file. Types of the program are derived from it, so that file,
 * types and published JSON Schema cannot differ; docs/config.md describes the keys for people.
 */
import * as z from 'zod';
import { awsSchema } from './config-aws.ts';
import { budgetSchema } from './config-budgets.ts';
import { documentsSchema } from './config-documents.ts';
import { mailSchema, webhookSchema } from './config-mail.ts';
import { commitmentSchema, simulateSchema } from './config-simulate.ts';
import { fromIso } from './time.ts';

const name = z.string().regex(/\S/, 'must not be blank').max(200);
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}([T ][0-9:.]+)?(Z|[+-]\d{2}:?\d{2})?$/, 'must be an ISO date such as "2026-11-01"')
  .refine((text) => fromIso(text) !== null, 'must be an ISO date such as "2026-11-01", between 2015 and 2099');
const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'must be a month such as "2026-11"');
const percent = z
  .string()
  .regex(/^(100(\.0{1,6})?|\d{1,2}(\.\d{1,6})?)$/, 'must be decimal text from "0" to "100" such as "12.5"');

const patternText = z.string().min(1).max(512);
const pattern = z
  .union([patternText, z.array(patternText).min(1).max(10_000)], {
    error: 'must be text, where * stands for any run of characters, or a list of such texts',
  })
  .meta({
    id: 'pattern',
    description:
      'Text, or a list of texts of which one must match. * stands for any run of characters; case does not matter.',
  });

/** What a `match` can look at, besides `tag`. */
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
  'feature',
  'customer',
  'account',
] as const;
export type MatchField = (typeof MATCH_FIELDS)[number];

/** An account is looked up before the call is priced, so it cannot depend on the model, nor on a person or on itself. */
const ACCOUNT_MATCH_FIELDS = [
  'team',
  'project',
  'workspace',
  'key',
  'principal',
  'path',
  'source_format',
  'application',
  'environment',
] as const;
const SHARED_MATCH_FIELDS = ['team', 'project', 'application', 'environment', 'feature', 'provider'] as const;

function patternsFor<F extends string>(fields: readonly F[]): Record<F, z.ZodOptional<typeof pattern>> {
  return Object.fromEntries(fields.map((field) => [field, pattern.optional()])) as Record<
    F,
    z.ZodOptional<typeof pattern>
  >;
}

const tag = z
  .record(z.string().min(1).max(128), pattern)
  .optional()
  .describe('Tag names and the pattern each must match.');
const match = z
  .strictObject({ ...patternsFor(MATCH_FIELDS), tag })
  .describe('All given fields must match; {} matches every call.');

const rule = z.strictObject({
  id: name.describe('Shown in usage.attribution as rule:ID.'),
  match,
  set: z
    .strictObject({
      team: name.optional(),
      project: name.optional(),
      application: name.optional(),
      environment: name.optional(),
      feature: name.optional(),
      customer: name.optional(),
    })
    .refine(
      (set) => Object.keys(set).length > 0,
      'needs at least one of team, project, application, environment, feature, customer',
    ),
  from: instant.optional().describe('The rule holds for calls from this instant (UTC) …'),
  to: instant.optional().describe('… until before this one.'),
});

/** Evidence of a team that a line can carry, strongest first (formats.md 0.7). */
export const EVIDENCE_LEVELS = ['tag', 'gateway_team', 'project', 'workspace', 'key', 'principal', 'path'] as const;
export type EvidenceLevel = (typeof EVIDENCE_LEVELS)[number];

const folder = z.number().int().min(-20).max(20).optional();
const attribution = z.strictObject({
  rules: z
    .array(rule)
    .default([])
    .describe('The first rule that matches and is in force when the call happened decides.'),
  order: z
    .array(z.enum(EVIDENCE_LEVELS))
    .refine((order) => new Set(order).size === order.length, 'must not name a level twice')
    .default([...EVIDENCE_LEVELS])
    .describe('Evidence that names the team where no rule does, strongest first. Levels left out are not used.'),
  path: z
    .strictObject({
      team: folder,
      project: folder,
      application: folder,
      environment: folder,
      feature: folder,
      customer: folder,
    })
    .optional()
    .describe('Which folder of an object key names what: 0 is the first folder, -1 the last.'),
});

const sharedCost = z.strictObject({
  id: name,
  match: z
    .strictObject(patternsFor(SHARED_MATCH_FIELDS))
    .refine((m) => Object.keys(m).length > 0, `needs at least one of ${SHARED_MATCH_FIELDS.join(', ')}`),
  split: z.enum(['even', 'proportional_to_spend', 'proportional_to_tokens', 'fixed']),
  shares: z
    .record(z.string(), z.number().int().min(0).max(1_000_000_000))
    .optional()
    .describe('For "fixed": team → whole-number weight.'),
  among: z
    .array(name)
    .min(1)
    .optional()
    .describe('Teams that share; without it, every team with own spend in the month.'),
  from: month.optional(),
  to: month.optional().describe('First month that is no longer split.'),
});

const account = z.strictObject({
  provider: pattern,
  match: z.strictObject({ ...patternsFor(ACCOUNT_MATCH_FIELDS), tag }).prefault({}),
  account: name,
});

const billing = z.strictObject({
  match,
  mode: z.enum(['on_demand', 'subscription', 'provisioned', 'free_tier']),
  from: instant.optional(),
  to: instant.optional(),
});

const rate = z
  .strictObject({
    provider: name,
    model: name.optional(),
    account: name.optional(),
    from: instant.optional(),
    to: instant.optional(),
    discount_percent: percent.optional(),
    prices: z.record(z.string(), z.string()).optional(),
  })
  .refine((r) => r.discount_percent !== undefined || r.prices !== undefined, 'needs discount_percent or prices');

const limits = z.strictObject({
  unpriced_percent: percent.default('100').describe('Exit code 3 if more than this share of calls has no price.'),
  rejected_percent: percent.default('100').describe('Exit code 3 if more than this share of lines was rejected.'),
  max_object_bytes: z
    .number()
    .int()
    .positive()
    .default(20 * 1024 ** 3),
  max_line_bytes: z
    .number()
    .int()
    .positive()
    .default(64 * 1024 ** 2),
  max_inflated_bytes: z
    .number()
    .int()
    .positive()
    .default(64 * 1024 ** 3),
  max_inflate_ratio: z.number().int().positive().default(400),
});

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** The whole file. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  teams: z
    .array(z.strictObject({ name, aliases: z.array(name).optional() }))
    .optional()
    .describe('Known teams and their other spellings.'),
  attribution: attribution.prefault({}),
  shared_costs: z.array(sharedCost).default([]),
  accounts: z.array(account).default([]),
  billing: z.array(billing).default([]),
  rates: z.array(rate).default([]),
  prices: z.strictObject({ overlays: z.array(z.string().min(1)).default([]) }).prefault({}),
  privacy: z
    .strictObject({
      persons: z.enum(['keep', 'pseudonym', 'drop']).default('keep'),
      personal: z
        .array(patternText)
        .default([])
        .describe('Keys, principals, tag values and folders that name a person, as patterns.'),
    })
    .prefault({}),
  sources: z
    .array(
      z.strictObject({
        prefix: z.string().min(1).max(1024),
        source_format: name.optional(),
        usual_gap_hours: z.number().positive().max(2400).optional(),
      }),
    )
    .default([])
    .describe('Sources that must deliver: one that is missing or late makes its days incomplete.'),
  limits: limits.prefault({}),
  twins: z.strictObject({ wide_days: z.number().int().min(1).max(200).default(40) }).prefault({}),
  week_start: z.enum(WEEKDAYS).default('monday'),
  close_after_days: z
    .number()
    .int()
    .min(0)
    .max(27)
    .default(5)
    .describe(
      'A month stays open until this day of the next: changed rules and prices apply to open months by themselves.',
    ),
  keep: z
    .strictObject({
      landing_days: z.number().int().min(62).max(4000).default(400),
      old_generations_hours: z.number().min(24).max(8760).default(24),
    })
    .prefault({}),
  report: z
    .strictObject({
      title: z.string().min(1).max(120).default('Inference ledger').describe('Heading of reports.'),
      timezone: z
        .string()
        .refine(isTimeZone, 'must be an IANA time zone such as "Europe/Berlin" or "UTC"')
        .default('UTC')
        .describe('Zone in which times are shown; days and weeks are UTC.'),
      mail: mailSchema.optional().describe('Who gets the report by mail, and from whom.'),
      webhooks: z
        .array(webhookSchema)
        .max(50)
        .default([])
        .describe('Chat channels that get it, as an incoming webhook of Slack or of one that takes the same.'),
    })
    .prefault({}),
  simulate: simulateSchema
    .prefault({})
    .describe('What the simulation of savings takes for granted (docs/simulation.md).'),
  commitments: z
    .array(commitmentSchema)
    .max(200)
    .default([])
    .describe(
      'Minimum spends, credits, provisioned capacity and seats: what is saved below them does not reach the bank.',
    ),
  budgets: z.array(budgetSchema).max(1_000).default([]).describe('What a month may cost, in total and for teams.'),
  documents: documentsSchema.prefault({}).describe('How corpora of documents are read and priced (docs/estimate.md).'),
  aws: awsSchema.prefault({}).describe('The deployment into your own AWS account (docs/deploying.md).'),
});

/** The checked configuration with every default filled in. */
export type Config = z.output<typeof configSchema>;
/** A `match` as every consumer reads it; the parts that allow fewer fields fit into it. */
export type MatchConfig = z.output<typeof match>;
export type AttributionRule = Config['attribution']['rules'][number];
export type SharedCost = Config['shared_costs'][number];

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
