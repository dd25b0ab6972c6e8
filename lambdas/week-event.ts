/** Which week a function is asked for: `{"week": "2026-11-15"}`, its last day, else the last one at `{"at": instant}`, else now. In: the event. Out: its days. */
import type { Config } from '../lib/config.ts';
import { Misconfigured } from '../lib/errors.ts';
import { weekDays } from '../lib/period.ts';
import type { DayRange } from '../lib/period.ts';
import { lastReportWeek, weekEndingOn } from '../lib/report-time.ts';
import { fromIso } from '../lib/time.ts';

export interface WeekEvent {
  /** last day of a week, or an ISO week where weeks begin on Monday */
  readonly week?: string;
  /** instant the schedule stands for */
  readonly at?: string;
  /** sends what was sent, too */
  readonly sendAgain?: boolean;
}

/** The week that an event asks for. Throws `Misconfigured` where it names none. */
export function weekOf(event: WeekEvent, config: Pick<Config, 'week_start'>, nowMs: number): DayRange {
  const { week, at } = event;
  if (week !== undefined) {
    const iso = config.week_start === 'monday' ? weekDays(week) : null;
    const found =
      iso ?? (/^\d{4}-\d{2}-\d{2}$/.test(week) && fromIso(week) !== null ? weekEndingOn(week, config) : null);
    if (found === null)
      throw new Misconfigured(`"week": ${JSON.stringify(week.slice(0, 40))} names no week`, {
        hint: `give the last day of a week that begins on ${config.week_start}, such as "${lastReportWeek(nowMs, config).to}"`,
      });
    return found;
  }
  const ms = at === undefined ? nowMs : fromIso(at);
  if (ms === null)
    throw new Misconfigured('"at" is no instant', { hint: 'give ISO 8601, such as "2026-11-16T08:00:00Z"' });
  return lastReportWeek(ms, config);
}
