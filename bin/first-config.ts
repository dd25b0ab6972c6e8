/**
 * The config that `init` writes. In: answers. Out: JSON text in which every part says what it is for. JSON has no comments, so they are `$comment` keys,
 * which are allowed in every object of a config: one file serves editors, the command line, the CDK app and the functions. Invariant: it is a valid config.
 */
import type { WEEKDAYS } from '../lib/config-schema.ts';
import { parseConfig } from '../lib/config.ts';

export interface Answers {
  readonly company: string;
  /** empty: what the logs say */
  readonly teams: readonly string[];
  readonly weekStart: (typeof WEEKDAYS)[number];
  readonly timezone: string;
  readonly persons: 'keep' | 'pseudonym' | 'drop';
  /** people use coding agents on a plan */
  readonly hasSeats: boolean;
  /** USD a month of all teams, decimal text; null: none */
  readonly budget: string | null;
  /** null: no mail */
  readonly mail: { readonly from: string; readonly to: readonly string[] } | null;
}

export const DEFAULT_ANSWERS: Answers = {
  company: 'Our company',
  teams: [],
  weekStart: 'monday',
  timezone: 'UTC',
  persons: 'keep',
  hasSeats: false,
  budget: null,
  mail: null,
};

/** The file's text, ending with a newline. `schema`: where editors find its JSON Schema; null: nowhere. */
export function firstConfig(answers: Answers, schema: string | null): string {
  const text = `${JSON.stringify(configOf(answers, schema), null, 2)}\n`;
  parseConfig(text, 'the config that init makes');
  return text;
}

function configOf(answers: Answers, schema: string | null): Record<string, unknown> {
  const seats = [{ match: { source_format: ['claude_code', 'codex.*'] }, mode: 'subscription' }];
  return {
    ...(schema === null ? {} : { $schema: schema }),
    $comment: [
      'Everything here is optional; docs/config.md describes every key. Notes like this one may stand in every object.',
      'After a change: inference-ledger doctor --config FILE checks the file; the next run applies it to open months.',
      'teams: who is charged, such as [{ "name": "search", "aliases": ["Search Team"] }]. Without it: the names that stand in the logs.',
      'budgets: USD a month, such as { "scope": "team", "team": "search", "amount": "5000", "owner": "search lead" }: check tells what is passed.',
      'billing: calls that a plan or reserved capacity pays for; their token value is shown and is no spend.',
      'rates: what your contract says, such as { "provider": "anthropic", "discount_percent": "8" }.',
      'shared_costs: spend split among teams, such as { "id": "search-index", "match": { "team": "shared" }, "split": "even" }.',
      'accounts: which account of a provider pays, such as { "provider": "openai", "match": { "path": "emea/*" }, "account": "org-emea" }.',
      'sources: folders of the inbox that must deliver, such as { "prefix": "gateway/" }: silence is then named.',
    ],
    report: {
      $comment: [
        'Heading of reports; times are shown in this zone. Days and weeks are UTC.',
        'mail: who gets the weekly report, such as { "from": "spend@example.com", "to": ["cfo@example.com"], "teams": { "search": ["search@example.com"] } }.',
      ],
      title: `${answers.company}: LLM spend`.slice(0, 120),
      timezone: answers.timezone,
      ...(answers.mail === null ? {} : { mail: answers.mail }),
    },
    budgets: answers.budget === null ? [] : [{ scope: 'total', amount: answers.budget }],
    week_start: answers.weekStart,
    // an empty list would mean that no team is known
    ...(answers.teams.length === 0 ? {} : { teams: answers.teams.map((name) => ({ name, aliases: [] })) }),
    attribution: {
      $comment: [
        'The first rule that matches names the team; without one the evidence in the log does. For example:',
        '{ "id": "nightly-jobs", "match": { "key": "nightly-*" }, "set": { "team": "platform" }, "from": "2026-01-01" }',
      ],
      rules: [],
    },
    shared_costs: [],
    accounts: [],
    billing: answers.hasSeats ? seats : [],
    rates: [],
    sources: [],
    privacy: {
      $comment: 'Names of persons: keep, pseudonym (the same one each time, from your key) or drop.',
      persons: answers.persons,
    },
    limits: {
      $comment: 'run ends with exit code 3 if a larger share of calls has no price, or of lines was rejected.',
      unpriced_percent: '5',
      rejected_percent: '1',
    },
  };
}
