/** The questions of `init`. In: lines that a person types. Out: answers. A word that is none of the choices is asked for again. */
import { WEEKDAYS, configSchema } from '../lib/config-schema.ts';
import { DEFAULT_ANSWERS } from './first-config.ts';
import type { Answers } from './first-config.ts';

/** Asks them all; Enter takes what stands in brackets. */
export async function askAnswers(lines: { question(text: string): Promise<string> }): Promise<Answers> {
  const asked = async (text: string, fallback: string): Promise<string> =>
    (await lines.question(`${text} [${fallback}] `)).trim() || fallback;
  const chosen = async <T>(text: string, fallback: string, read: (word: string) => T | null): Promise<T> => {
    for (let asking = text; ; asking = `That is none of them. ${text}`) {
      const answer = read((await asked(asking, fallback)).toLowerCase());
      if (answer !== null) return answer;
    }
  };
  /** A text that the config accepts; null where the fallback says that there is none. */
  const valid = async (text: string, fallback: string, part: (answer: string) => unknown): Promise<string | null> => {
    for (let asking = text; ; asking = `The config does not take that. ${text}`) {
      const answer = await asked(asking, fallback);
      if (answer === 'none' || answer === 'nobody') return null;
      if (configSchema.safeParse(part(answer)).success) return answer;
    }
  };
  const oneOf =
    <T extends string>(...words: readonly T[]) =>
    (word: string): T | null =>
      words.find((known) => known === word) ?? null;

  const company = await asked('Company name for the title of reports?', DEFAULT_ANSWERS.company);
  const teams = await asked('Teams that are charged, separated by commas?', 'the names in the logs');
  const weekStart = await chosen('First day of a week?', DEFAULT_ANSWERS.weekStart, oneOf(...WEEKDAYS));
  const timezone = await askedZone(asked);
  const persons = await chosen(
    'Names of persons in the ledger: keep, pseudonym or drop?',
    DEFAULT_ANSWERS.persons,
    oneOf('keep', 'pseudonym', 'drop'),
  );
  const hasSeats = await chosen('Do people use coding agents on a subscription plan (y/n)?', 'n', (word) =>
    /^(y|yes)$/.test(word) ? true : /^(n|no)$/.test(word) ? false : null,
  );
  const budget = await valid('Budget of a month for all teams, in USD?', 'none', (amount) => ({
    budgets: [{ scope: 'total', amount }],
  }));
  const to = await valid('Who gets the weekly report by mail (addresses, separated by commas)?', 'nobody', (text) => ({
    report: { mail: { from: 'a@example.com', to: listed(text) } },
  }));
  const from =
    to === null
      ? null
      : await valid('Who is it from (an address you may send from)?', listed(to)[0] ?? '', (address) => ({
          report: { mail: { from: address } },
        }));
  const names = teams.split(',').map((team) => team.trim());
  return {
    company,
    teams: teams === 'the names in the logs' ? [] : [...new Set(names.filter((name) => name !== ''))],
    weekStart,
    timezone,
    persons,
    hasSeats,
    budget,
    mail: to === null ? null : { from: from ?? listed(to)[0] ?? '', to: listed(to) },
  };
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A zone that the config accepts, spelled as it was typed. */
async function askedZone(asked: (text: string, fallback: string) => Promise<string>): Promise<string> {
  for (let text = 'Time zone of reports, such as Europe/Berlin?'; ; text = 'That zone is not known. Time zone?') {
    const timezone = await asked(text, DEFAULT_ANSWERS.timezone);
    if (configSchema.safeParse({ report: { timezone } }).success) return timezone;
  }
}
