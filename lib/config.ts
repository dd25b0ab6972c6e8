/**
 * Reads the one configuration file, `inference-ledger.config.json`, and checks it as a whole before anything runs: text in, a complete
 * `Config` out. All problems are reported at once, each with its JSON path and what is valid there (docs/config.md describes the keys).
 */
import * as z from 'zod';
import { checkReferences } from './config-references.ts';
import { explainIssues, withoutComments } from './config-problems.ts';
import { Misconfigured } from './errors.ts';
import { parseJsonText } from './json-text.ts';
import { WEEKDAYS, configSchema } from './config-schema.ts';
import type { Config } from './config-schema.ts';

export type { Config } from './config-schema.ts';

export const CONFIG_NAME = 'inference-ledger.config.json';
/** What holds without a file. */
export const DEFAULT_CONFIG: Config = configSchema.parse({});

/** ISO number of the configured weekday: 1 = Monday … 7 = Sunday. */
export function weekStartNumber(config: Pick<Config, 'week_start'>): number {
  return WEEKDAYS.indexOf(config.week_start) + 1;
}

/**
 * Parses and checks a config file. Throws `Misconfigured` naming the file, the path inside it and the valid values; all problems at once.
 * `sourceFormats` are the ids of all readers; without them names of formats are not checked.
 */
export function parseConfig(text: string, path: string, sourceFormats?: readonly string[]): Config {
  const value = withoutComments(parseJsonText(path, text));
  const result = configSchema.safeParse(value);
  const problems = result.success
    ? checkReferences(result.data, sourceFormats)
    : explainIssues(result.error.issues, configJsonSchema());
  if (!result.success || problems.length > 0) {
    throw new Misconfigured(`${path}: ${problems.join('; ')}`, { hint: 'docs/config.md describes every key' });
  }
  return result.data;
}

/** The JSON Schema that editors use through `$schema`; written to a file by scripts/make-config-schema.ts. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, $defs, ...made } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return {
    $schema,
    $id: 'inference-ledger.config.schema.json',
    title: 'inference-ledger configuration',
    ...allowComments(made),
    $defs: { ...$defs, comment: COMMENT_SCHEMA },
  };
}

/** `$comment` is allowed in every object of fixed keys, as JSON has no comments of its own. */
function allowComments<T>(node: T): T {
  if (Array.isArray(node)) return node.map(allowComments) as T;
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, allowComments(value)])) as Record<
    string,
    unknown
  >;
  if (copy['additionalProperties'] === false)
    copy['properties'] = { $comment: { $ref: '#/$defs/comment' }, ...(copy['properties'] as object) };
  return copy as T;
}

const COMMENT_SCHEMA = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
  description: 'A note; ignored.',
};
