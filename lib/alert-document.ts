/**
 * What the daily check tells, as a document of the same kind as a report, so that mail and chat say it in the same forms. In: alerts, the day they
 * are told. Out: one document for everybody and one for each team concerned. Texts are plain; each form escapes them.
 */
import type { ReportDocument } from './report/document.ts';
import { teamKey } from './team-name.ts';

/** An alert as `lib/checking.ts` gives it. */
export interface Alert {
  readonly kind: string;
  /** the same for the same thing */
  readonly key: string;
  /** whom it concerns; null = everybody */
  readonly team: string | null;
  readonly owner: string | null;
  readonly text: string;
}

interface AlertSource {
  readonly alerts: readonly Alert[];
  /** UTC day of the check */
  readonly day: string;
  /** config `report.title` */
  readonly title: string;
}

/** A mail is read on a phone: what is more stands in the report. */
const SHOWN = 20;

const LABELS: Readonly<Record<string, string>> = {
  budget_threshold: 'Budget',
  budget_projection: 'Heading over budget',
  anomaly: 'Unusual spend',
  source_silent: 'Silent source',
};

/** The documents, everybody's first; a team gets its own alerts only. */
export function alertDocuments(source: AlertSource): { team: string | null; document: ReportDocument }[] {
  const teams = new Map<string, string>();
  for (const { team } of source.alerts) if (team !== null && !teams.has(teamKey(team))) teams.set(teamKey(team), team);
  const owned = [...teams].map(([key, team]) => ({
    team,
    document: alertDocument(source, team, (alert) => alert.team !== null && teamKey(alert.team) === key),
  }));
  return [{ team: null, document: alertDocument(source, null, () => true) }, ...owned];
}

function alertDocument(
  { alerts, day, title }: AlertSource,
  team: string | null,
  concerns: (alert: Alert) => boolean,
): ReportDocument {
  const own = alerts.filter(concerns);
  const shown = own.slice(0, SHOWN);
  const lines = shown.map(({ kind, owner, text }) => ({
    label: LABELS[kind] ?? 'Alert',
    text: owner === null ? text : `${text} Owner: ${owner}.`,
  }));
  const more = own.length - shown.length;
  const count = `${own.length} ${own.length === 1 ? 'alert' : 'alerts'}`;
  return {
    title,
    subtitle: `${count}, ${day}`,
    weekEnd: day,
    team,
    subject: `${title}: ${count} on ${day}`,
    first: {
      lines:
        more === 0 ? lines : [...lines, { label: 'And', text: `${more} more; the weekly report has all of them.` }],
      chart: null,
      isQuiet: false,
    },
    sections: [],
    queries: [],
    footer:
      'Told once. Budgets and their thresholds are set in the config (budgets); the weekly report has the figures.',
  };
}
