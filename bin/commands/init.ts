/** `init`: a few questions, then a config that says what each part is for. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Misconfigured } from '../../lib/errors.ts';

interface Answers {
  readonly company: string;
  readonly teams: readonly string[];
  readonly weekStart: 'monday' | 'sunday';
  readonly persons: 'keep' | 'pseudonym' | 'drop';
  readonly subscriptionAgents: boolean;
}

const DEFAULTS: Answers = {
  company: 'our company',
  teams: [],
  weekStart: 'monday',
  persons: 'keep',
  subscriptionAgents: false,
};

export async function init(options: { config: string; yes?: boolean }): Promise<void> {
  if (existsSync(options.config)) {
    throw new Misconfigured(`${options.config} exists already`, {
      hint: 'edit it, or name another file with --config',
    });
  }
  const answers = options.yes || !process.stdin.isTTY ? DEFAULTS : await ask();
  await writeFile(options.config, `${JSON.stringify(configOf(answers), null, 2)}\n`);
  process.stdout.write(
    `wrote ${options.config}\nnext: inference-ledger run --inbox ./logs --lake ./lake --config ${options.config}\n`,
  );
}

async function ask(): Promise<Answers> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const question = async (text: string, fallback: string): Promise<string> =>
    (await lines.question(`${text} [${fallback}] `)).trim() || fallback;
  try {
    const company = await question('Company name for report titles?', DEFAULTS.company);
    const teams = await question('Teams that are charged, separated by commas (empty = take what the logs say)?', '');
    const weekStart = await question('Weeks start on monday or sunday?', DEFAULTS.weekStart);
    const persons = await question('Names of persons in the ledger: keep, pseudonym or drop?', DEFAULTS.persons);
    const subscription = await question('Do people use coding agents on a subscription plan (y/n)?', 'n');
    return {
      company,
      teams: teams
        .split(',')
        .map((team) => team.trim())
        .filter(Boolean),
      weekStart: weekStart === 'sunday' ? 'sunday' : 'monday',
      persons: persons === 'pseudonym' || persons === 'drop' ? persons : 'keep',
      subscriptionAgents: subscription.toLowerCase().startsWith('y'),
    };
  } finally {
    lines.close();
  }
}

/** JSON has no comments, so what a key is for stands in docs/config.md, which the schema links from any editor. */
function configOf(answers: Answers): Record<string, unknown> {
  return {
    $schema: './node_modules/inference-ledger/inference-ledger.config.schema.json',
    report: { title: `${answers.company}: LLM spend` },
    ...(answers.teams.length > 0 ? { teams: answers.teams.map((name) => ({ name, aliases: [] })) } : {}),
    attribution: {
      rules: [
        {
          id: 'example-nightly-jobs',
          match: { key: 'nightly-*' },
          set: { team: answers.teams[0] ?? 'platform' },
          from: '2026-01-01',
        },
      ],
    },
    shared_costs: [],
    accounts: [],
    billing: answers.subscriptionAgents
      ? [{ match: { source_format: ['claude_code', 'codex.*'] }, mode: 'subscription' }]
      : [],
    rates: [],
    privacy: { persons: answers.persons },
    limits: { unpriced_percent: '5', rejected_percent: '1' },
    week_start: answers.weekStart,
  };
}
