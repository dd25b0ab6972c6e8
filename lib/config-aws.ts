/**
 * The section `aws` of the configuration: what a deployment into the user's own account needs to know, with limits and defaults. In: parsed
 * JSON. Out: settings that `bin/cdk.ts` hands to the stacks; the functions themselves read none of it. Invariant: the defaults deploy into an
 * empty account, and every limit AWS would refuse later is refused here.
 */
import * as z from 'zod';

const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket: 3 to 63 of a-z, 0-9, "-" and "."');
/** Folders that the ledger uses itself, in the bucket that it owns. */
const prefix = z
  .string()
  .max(512)
  .regex(/^([^/].*\/)?$/, 'must be empty or a folder that ends in "/" and does not begin with it');
const tagText = z.string().min(1).max(256);

/** Days that CloudWatch Logs can keep a log group for. */
export const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const inbox = z.strictObject({
  bucket: bucketName
    .optional()
    .describe('A bucket that exists and receives the logs; without it the ledger makes one.'),
  prefix: prefix.default('inbox/').describe('Folder of the logs in it; names of objects are counted from there.'),
  expire_days: z
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(30)
    .describe('Logs and their old versions are deleted after so many days; 0 keeps them. Own bucket only.'),
});

const ingest = z.strictObject({
  memory_mb: z.number().int().min(512).max(10_240).default(1769),
  timeout_seconds: z.number().int().min(60).max(900).default(300),
  batch_objects: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1000)
    .describe('Objects that one call of the function gets.'),
  batch_window_seconds: z.number().int().min(1).max(300).default(30).describe('How long a batch waits to fill.'),
  max_concurrency: z.number().int().min(2).max(1000).default(4),
});

const documents = z.strictObject({
  memory_mb: z
    .number()
    .int()
    .min(1024)
    .max(10_240)
    .default(3008)
    .describe('One process reads documents for each core: 1,769 MB. Each may take documents.limits.maxMemoryMb.'),
  timeout_seconds: z.number().int().min(120).max(900).default(900),
  batch_objects: z.number().int().min(1).max(1000).default(200).describe('Objects that one call of the function gets.'),
  batch_window_seconds: z.number().int().min(1).max(300).default(30).describe('How long a batch waits to fill.'),
  max_concurrency: z.number().int().min(2).max(1000).default(4),
});

const alarms = z.strictObject({
  email: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'must be a mail address')
    .optional()
    .describe('Gets alarms, after confirming the subscription.'),
  silent_hours: z.number().int().min(1).max(168).default(26).describe('Alarm if no object arrived for so long.'),
  rejected_percent: z.number().min(0).max(100).default(1),
  unpriced_percent: z.number().min(0).max(100).default(0.5),
  engine_gb_per_day: z
    .number()
    .min(1)
    .default(500)
    .describe('Alarm if the ledger itself reads more than this through Athena in a day.'),
});

/** The section `aws`. */
export const awsSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,30}[a-z0-9]$/, 'must be 3 to 32 of a-z, 0-9 and "-", beginning with a letter')
    .default('inference-ledger')
    .describe('Names stacks, workgroups and, with "_", the database; `--stack NAME` finds the ledger by it.'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be 12 digits')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as "eu-central-1"')
    .optional(),
  tags: z
    .record(z.string().min(1).max(128), tagText)
    .default({})
    .describe('Tags on everything, beside app and stage: owner, cost-center …'),
  stage: tagText.default('prod'),
  removal: z
    .enum(['keep', 'destroy'])
    .default('keep')
    .describe('"destroy": deleting the stack deletes the tables and makes emptied buckets go; for trials.'),
  kms_key_arn: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'must be the ARN of a KMS key')
    .optional()
    .describe('Encrypts buckets, queues and the alarm topic with your key instead of keys that AWS owns.'),
  inbox: inbox.prefault({}),
  ingest: ingest.prefault({}),
  documents: documents.prefault({}).describe('The function that reads corpora.'),
  seal: z.strictObject({ every_minutes: z.number().int().min(5).max(1440).default(15) }).prefault({}),
  backfill: z.strictObject({ max_concurrency: z.number().int().min(1).max(100).default(4) }).prefault({}),
  athena: z
    .strictObject({
      query_limit_gb: z
        .number()
        .min(0.01)
        .max(7_000_000)
        .default(100)
        .describe('A query of a user that would read more is stopped.'),
      results_days: z.number().int().min(1).max(365).default(30),
    })
    .prefault({}),
  log_days: z
    .literal([...LOG_DAYS])
    .default(30)
    .describe('How long the logs of the functions are kept.'),
  alarms: alarms.prefault({}),
  ses: z
    .strictObject({
      create_identity: z
        .boolean()
        .default(true)
        .describe('Makes the sender of report.mail an identity in SES; false where it or its domain is one already.'),
    })
    .prefault({}),
});

/** The checked section with every default filled in. */
export type AwsConfig = z.output<typeof awsSchema>;
