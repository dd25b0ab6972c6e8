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
  const names = teams.split(',').map((team) => team.trim());
  return {
    company,
    teams: teams === 'the names in the logs' ? [] : [...new Set(names.filter((name) => name !== ''))],
    weekStart,
    timezone,
    persons,
    hasSeats,
  };
}

/** A zone that the config accepts, spelled as it was typed. */
async function askedZone(asked: (text: string, fallback: string) => Promise<string>): Promise<string> {
  for (let text = 'Time zone of reports, such as Europe/Berlin?'; ; text = 'That zone is not known. Time zone?') {
    const timezone = await asked(text, DEFAULT_ANSWERS.timezone);
    if (configSchema.safeParse({ report: { timezone } }).success) return timezone;
  }
}
