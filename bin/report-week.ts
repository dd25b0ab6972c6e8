/** Which week a report is asked of: an ISO week or the last day of a week as config has them. In: the word, config. Out: seven UTC days. */
import { weekStartNumber } from '../lib/config.ts';
import type { Config } from '../lib/config.ts';
import { Misconfigured } from '../lib/errors.ts';
import { weekDays } from '../lib/period.ts';
import type { DayRange } from '../lib/period.ts';
import { addDays, weekStart } from '../lib/time.ts';
import { dayOption } from './options.ts';

/** Throws `Misconfigured` where the word names no week that starts on the config's weekday. */
export function askedWeek(word: string, config: Pick<Config, 'week_start'>): DayRange {
  const first = weekStartNumber(config);
  if (/^\d{4}-W/i.test(word)) {
    const week = weekDays(word.toUpperCase());
    if (week === null) throw new Misconfigured(`--week ${word}: there is no such ISO week`);
    if (first === 1) return week;
    throw new Misconfigured(`--week ${word}: ISO weeks start on monday, those of the config on ${config.week_start}`, {
      hint: `name the last day of the week: --week ${weekOf(week.to, first).to}`,
    });
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(word))
    throw new Misconfigured(`--week ${word}: must be an ISO week such as 2026-W46, or the last day of a week`);
  const week = weekOf(dayOption('--week', word), first);
  if (week.to === word) return week;
  throw new Misconfigured(`--week ${word}: no week ends on that day, as weeks start on ${config.week_start}`, {
    hint: `the week it lies in: --week ${week.to}`,
  });
}

function weekOf(day: string, firstWeekday: number): DayRange {
  const from = weekStart(day, firstWeekday);
  return { from, to: addDays(from, 6) };
}
