/**
 * `report`: the report of a week as files, as mail, or both. In: options, what opens the ledger for it. Out: files below `--out`, messages, the first
 * screen on stdout. Exit code 1 if a message is not known to be sent; what was sent is not sent again unless `--send-again` asks for it.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../lib/config.ts';
import { Misconfigured } from '../../lib/errors.ts';
import type { DayRange } from '../../lib/period.ts';
import type { ReportDocument } from '../../lib/report/document.ts';
import { homeOf } from '../options.ts';
import type { HomeOptions } from '../options.ts';
import { writeNote } from '../progress.ts';
import { reportJson, reportText } from '../report-text.ts';
import type { SentMessage } from '../report-text.ts';
import { askedWeek } from '../report-week.ts';

export interface ReportOptions extends HomeOptions {
  readonly week?: string;
  readonly out?: string;
  readonly team?: string;
  readonly send?: boolean;
  readonly sendAgain?: boolean;
  /** false: everybody's report only */
  readonly teams?: boolean;
  readonly config?: string;
  readonly now?: string;
  readonly format: string;
}

/** A document and whose it is; null: everybody's. */
export interface MadeReport {
  readonly document: ReportDocument;
  readonly team: string | null;
}

/** A file of a report, by its name in the folder of the report. */
export interface ReportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A ledger opened for reports. */
export interface ReportHome {
  readonly config: Pick<Config, 'week_start'>;
  /** the last week that ended at least six hours ago */
  readonly lastWeek: DayRange;
  /** Everybody's first, then the teams'. */
  readonly make: (week: DayRange) => Promise<readonly MadeReport[]>;
  readonly filesOf: (report: MadeReport, week: DayRange) => Promise<readonly ReportFile[]>;
  /** Sends what config asks for and was not sent; everything where `isAgain`. */
  readonly send: (
    reports: readonly MadeReport[],
    choice: { readonly week: DayRange; readonly team: string | null; readonly isAgain: boolean },
  ) => Promise<readonly SentMessage[]>;
  readonly close: () => void | Promise<void>;
}

export type OpenReportHome = (options: Omit<ReportOptions, 'format'>) => Promise<ReportHome>;

export async function report(options: ReportOptions, open: OpenReportHome): Promise<void> {
  const isAgain = options.sendAgain === true;
  const isSent = options.send === true || isAgain;
  const place = homeOf(options);
  const home = await open(options);
  try {
    const week = options.week === undefined ? home.lastWeek : askedWeek(options.week, home.config);
    const made = await home.make(week);
    const wanted = options.team === undefined ? wantedOf(made, options.teams) : [teamReport(made, options.team)];
    const [first] = wanted;
    if (first === undefined) throw new RangeError('a week has a report, also if nothing is in it');
    const out = options.out ?? (isSent ? null : `report-${week.to}`);
    const files = out === null ? [] : await writeReports(home, wanted, week, out);
    const messages = isSent ? await home.send(made, { week, team: options.team ?? null, isAgain }) : null;
    const outcome = { week, document: first.document, files, messages };
    process.stdout.write(options.format === 'json' ? reportJson(outcome) : reportText(outcome));
    if (messages !== null) tellUnsent(messages, `report ${placeWords(place)} --week ${week.to}`);
  } finally {
    await home.close();
  }
}

function wantedOf(made: readonly MadeReport[], hasTeams = true): readonly MadeReport[] {
  return hasTeams ? made : made.filter(({ team }) => team === null);
}

function teamReport(made: readonly MadeReport[], team: string): MadeReport {
  const found = made.find((one) => one.team?.toLowerCase() === team.toLowerCase());
  if (found !== undefined) return found;
  const names = made.flatMap((one) => (one.team === null ? [] : [one.team]));
  throw new Misconfigured(`--team ${team}: no such team has a report of this week`, {
    hint: names.length === 0 ? 'no team has calls in it' : `there are: ${names.slice(0, 20).join(', ')}`,
  });
}

/** Everybody's report into the folder, those of teams below `teams/`; the one that was asked for alone into the folder. */
async function writeReports(
  home: ReportHome,
  reports: readonly MadeReport[],
  week: DayRange,
  out: string,
): Promise<string[]> {
  const paths: string[] = [];
  for (const one of reports) {
    const folder = one.team === null || reports.length === 1 ? out : join(out, 'teams', folderName(one.team));
    for (const { name, bytes } of await home.filesOf(one, week)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
      paths.push(path);
    }
  }
  return paths;
}

/** Names of teams may hold anything: what a path can carry of one, and a part of its hash. */
export function folderName(team: string): string {
  const plain = team
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return `${plain.replaceAll(/^-|-$/g, '') || 'team'}-${createHash('sha256').update(team).digest('hex').slice(0, 8)}`;
}

function placeWords(place: ReturnType<typeof homeOf>): string {
  return 'lake' in place ? `--lake ${place.lake}` : `--stack ${place.stack}`;
}

/** What is not known to be sent is told with the next step, and ends with 1. */
function tellUnsent(messages: readonly SentMessage[], words: string): void {
  if (messages.length === 0)
    writeNote('nobody is named to send it to: add report.mail or report.webhooks to the config');
  if (messages.some(({ state }) => state === 'refused'))
    writeNote(`refused messages are tried again by: inference-ledger ${words} --send`);
  if (messages.some(({ state }) => state === 'unknown'))
    writeNote(
      `ask one of those it was to go to; if it did not come, send everything again: inference-ledger ${words} --send-again`,
    );
  process.exitCode = messages.length === 0 || messages.some(({ state }) => state !== 'sent') ? 1 : 0;
}
