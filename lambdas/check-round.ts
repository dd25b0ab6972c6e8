/**
 * One daily check in AWS. In: what looks for alerts, what sends, the lake. Out: what was told, and whether a report is due that did not go out.
 * Invariant: an alert is written down before it is sent, so that one which was refused, or whose run died, is told by the next check; each is sent at
 * most once.
 */
import { createHash } from 'node:crypto';
import { alertDocuments } from '../lib/alert-document.ts';
import type { Alert } from '../lib/alert-document.ts';
import type { Config } from '../lib/config.ts';
import { DELIVERY_FOLDER, deliveryState } from '../lib/delivery.ts';
import type { DeliveryWorld } from '../lib/delivery.ts';
import { parseJsonText } from '../lib/json-text.ts';
import type { ObjectStore } from '../lib/ports.ts';
import { checkDelivered, deliverReports, messageIds, reportFolder } from '../lib/report-delivery.ts';
import type { MessageResult, ReportForms, Senders } from '../lib/report-delivery.ts';
import { dueMs, lastReportWeek } from '../lib/report-time.ts';
import { addDays, dayOf } from '../lib/time.ts';
import { tellOf } from './report-round.ts';
import type { Telemetry } from './telemetry.ts';

export interface CheckPorts {
  readonly config: Pick<Config, 'report' | 'week_start'>;
  readonly stackName: string;
  readonly world: DeliveryWorld;
  /** alerts that nobody was told of */
  readonly check: () => Promise<readonly Alert[]>;
  readonly forms: ReportForms;
  readonly senders: Senders;
  readonly telemetry: Telemetry;
}

export interface CheckResult {
  readonly alerts: number;
  readonly sentNow: number;
  /** last day of a week whose report is due and did not go out; null if none */
  readonly missingReport: string | null;
}

/** Alerts that wait to be sent. */
const OUTBOX = 'alerts/outbox/';
/** What could not be told for so long is old news. */
const OUTBOX_DAYS = 3;
/** A report and its retries take less. */
const LATE_MS = 4 * 3_600_000;
const SINCE_KEY = `${DELIVERY_FOLDER}since.json`;

/** Looks, and tells what is new. */
export async function checkRound(ports: CheckPorts): Promise<CheckResult> {
  const { telemetry, world } = ports;
  const missingReport = await missingReportOf(ports);
  if (missingReport !== null) {
    telemetry.count('reportsInDoubt', 1);
    telemetry.warn(
      `the report of the week to ${missingReport} is due and did not go out: inference-ledger report --stack ${ports.stackName} --week ${missingReport} --send`,
    );
  }
  const alerts = await ports.check();
  const day = dayOf(world.nowMs());
  if (alerts.length > 0) await writeDown(world.store, day, alerts);
  const results = await sendOutbox(ports, day);
  tellOf(results, telemetry);
  for (const { kind, team } of alerts) telemetry.info(`alert: ${kind}${team === null ? '' : ', of a team'}`);
  checkDelivered(results, `inference-ledger check --stack ${ports.stackName}`);
  const sentNow = results.filter(({ delivered }) => delivered.isNew).length;
  return { alerts: alerts.length, sentNow, missingReport };
}

async function writeDown(store: ObjectStore, day: string, alerts: readonly Alert[]): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(alerts)}\n`);
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  await store.put(`${OUTBOX}${day}-${id}.json`, bytes);
}

async function sendOutbox(ports: CheckPorts, today: string): Promise<MessageResult[]> {
  const { config, world, forms, senders } = ports;
  const { store } = world;
  const results: MessageResult[] = [];
  for await (const { key } of store.list(OUTBOX)) {
    const name = key.slice(OUTBOX.length).replace(/\.json$/, '');
    const day = name.slice(0, 10);
    const bytes = await store.read(key);
    if (day < addDays(today, -OUTBOX_DAYS) || bytes === null) continue;
    const alerts = parseJsonText(key, new TextDecoder().decode(bytes)) as Alert[];
    const reports = alertDocuments({ alerts, day, title: config.report.title });
    // dated by the day it was found, so that a retry sends the same bytes
    const dateMs = Date.parse(`${day}T12:00:00Z`);
    const input = { world, reports, forms, senders, dateMs, report: config.report, about: `alerts/${name}` };
    results.push(...(await deliverReports(input)));
  }
  return results;
}

/** The last week, if its report is due for hours and was not made, or was refused. What is in doubt was told when it happened. */
async function missingReportOf({ config, world }: CheckPorts): Promise<string | null> {
  const { store } = world;
  const nowMs = world.nowMs();
  const week = lastReportWeek(nowMs, config);
  const due = dueMs(week, config);
  if ((await firstCheckMs(store, nowMs)) > due || nowMs < due + LATE_MS) return null;
  if ((await store.read(`${reportFolder(week.to, null)}report.html`)) === null) return week.to;
  for (const id of messageIds(config.report))
    if ((await deliveryState(store, `${week.to}/${id}`)).kind === 'refused') return week.to;
  return null;
}

/** When checks began: weeks before are not missed. */
async function firstCheckMs(store: ObjectStore, nowMs: number): Promise<number> {
  const note = new TextEncoder().encode(`${JSON.stringify({ ms: nowMs })}\n`);
  if ((await store.putIfAbsent(SINCE_KEY, note)) === 'created') return nowMs;
  const bytes = await store.read(SINCE_KEY);
  const { ms } = parseJsonText(SINCE_KEY, new TextDecoder().decode(bytes ?? note)) as { ms: number };
  return ms;
}
