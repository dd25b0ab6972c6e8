/**
 * One weekly report in AWS. In: what watches, makes, keeps and sends, and the week. Out: what was sent. Invariant: a step that fails before the mail
 * keeps nothing back that can be made without it; the error is thrown at the end, so that somebody hears of it. Every retry is safe.
 */
import type { Config } from '../lib/config.ts';
import type { DeliveryWorld } from '../lib/delivery.ts';
import type { DayRange } from '../lib/period.ts';
import { checkDelivered, deliverReports, keepReports, messageIds, teamsWithoutReport } from '../lib/report-delivery.ts';
import type { AddressedReport, MessageResult, ReportForms, Senders } from '../lib/report-delivery.ts';
import { dueMs } from '../lib/report-time.ts';
import type { Telemetry } from './telemetry.ts';

export interface ReportPorts {
  readonly config: Pick<Config, 'report' | 'week_start'>;
  /** name of the deployment, for the command that a person is told */
  readonly stackName: string;
  readonly world: DeliveryWorld;
  /** writes what the report reads: forecasts, anomalies, drivers of change */
  readonly watch: (week: DayRange) => Promise<unknown>;
  readonly makeReports: (week: DayRange) => Promise<readonly AddressedReport[]>;
  readonly forms: ReportForms;
  readonly senders: Senders;
  readonly telemetry: Telemetry;
}

export interface ReportResult {
  /** last day of the week */
  readonly week: string;
  readonly reports: number;
  readonly sentNow: number;
  readonly sentBefore: number;
}

/** Makes, keeps and sends the reports of a week; throws where not everything is known to be sent. */
export async function reportRound(ports: ReportPorts, week: DayRange, isAgain = false): Promise<ReportResult> {
  const { config, telemetry, stackName } = ports;
  const unwatched = await ports.watch(week).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (unwatched !== null)
    telemetry.warn(
      `the week to ${week.to} is reported without its forecast and anomalies: ${messageOf(unwatched.error)}`,
    );
  const reports = await ports.makeReports(week);
  const { forms } = ports;
  const dateMs = dueMs(week, config);
  await keepReports(ports.world.store, { reports, forms, report: config.report, dateMs });
  telemetry.info(`the week to ${week.to}: ${reports.length} reports kept below reports/${week.to}/`);
  for (const team of teamsWithoutReport(config.report, reports))
    telemetry.warn(
      `no report for team ${JSON.stringify(team.slice(0, 80))}: it had no calls, or its name is another one`,
    );
  if (messageIds(config.report).length === 0)
    telemetry.info('nobody is named to send it to: report.mail, report.webhooks');
  const { world, senders } = ports;
  const results = await deliverReports({
    world,
    reports,
    forms,
    senders,
    dateMs,
    report: config.report,
    about: week.to,
    isAgain,
  });
  tellOf(results, telemetry);
  checkDelivered(results, `inference-ledger report --stack ${stackName} --week ${week.to}`);
  if (unwatched !== null) throw unwatched.error;
  const sent = results.map(({ delivered }) => delivered);
  return {
    week: week.to,
    reports: reports.length,
    sentNow: sent.filter(({ isNew }) => isNew).length,
    sentBefore: sent.filter(({ isNew }) => !isNew).length,
  };
}

/** Metrics and a line for each message; addresses are not logged. */
export function tellOf(results: readonly MessageResult[], telemetry: Telemetry): void {
  for (const { channel, team, recipients, delivered } of results) {
    const what = `${channel}${team === null ? '' : ` of team ${JSON.stringify(team.slice(0, 80))}`}, ${recipients} recipients, try ${delivered.attempt}`;
    if (delivered.kind !== 'sent') telemetry.warn(`${what}: ${delivered.kind}, ${delivered.reason}`);
    else if (delivered.notTo.length > 0)
      telemetry.warn(`${what}: sent, but ${delivered.notTo.length} of the addresses were refused`);
    else telemetry.info(`${what}: ${delivered.isNew ? 'sent' : 'was sent before'}`);
  }
  telemetry.count(
    'reportsDelivered',
    results.filter(({ delivered: { kind, isNew } }) => kind === 'sent' && isNew).length,
  );
  telemetry.count('reportsInDoubt', results.filter(({ delivered }) => delivered.kind === 'unknown').length);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
