/**
 * Opens a ledger for reports, in a folder or deployed: what watches and simulates the week, what makes its documents, what makes files of them, what sends.
 * In: options. Out: a `ReportHome`. The AWS parts are loaded only where a deployment is named.
 */
import { randomBytes } from 'node:crypto';
import { exposeLake } from '../lib/adapters/local/lake-tables.ts';
import { readPaintingFiles } from '../lib/adapters/local/painting-files.ts';
import { loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { openSenders } from '../lib/adapters/mail/senders.ts';
import type { SecretSources } from '../lib/adapters/mail/senders.ts';
import type { Config } from '../lib/config.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import type { DayRange } from '../lib/period.ts';
import { periodName } from '../lib/period.ts';
import type { ObjectStore, SqlEngine } from '../lib/ports.ts';
import { deliverReports, envelopeOf, keepReports } from '../lib/report-delivery.ts';
import type { MessageResult, ReportForms } from '../lib/report-delivery.ts';
import { reportForms } from '../lib/report-forms.ts';
import { dueMs, lastReportWeek } from '../lib/report-time.ts';
import { createPainter, readableChart } from '../lib/report/chart-painter.ts';
import type { ChartPainter } from '../lib/report/chart-painter.ts';
import { MAIL_THEME } from '../lib/report/chart-theme.ts';
import { chartsOf } from '../lib/report/mail-figures.ts';
import { makeReports } from '../lib/reporting.ts';
import { SAVINGS } from '../lib/schema.ts';
import { watchWeek } from '../lib/watching.ts';
import type { MadeReport, ReportFile, ReportHome, ReportOptions } from './commands/report.ts';
import { simulateWeek } from './commands/simulate.ts';
import { openLakeWorld } from './local-world.ts';
import { homeOf } from './options.ts';
import { withLine, writeNote } from './progress.ts';
import type { SentMessage } from './report-text.ts';

/** A ledger that is read and written. */
interface OpenLedger {
  readonly config: Config;
  readonly nowMs: number;
  readonly store: ObjectStore;
  readonly seal: LakeSealInput;
  /** The engine that sees the public tables as they are now. */
  readonly reader: () => Promise<SqlEngine>;
  readonly secrets: SecretSources;
  readonly close: () => void | Promise<void>;
}

/** CSS pixels of a picture that is a file. */
const PICTURE_WIDTH = 640;

/** Opens it; `close` must be awaited. */
export async function openReportHome(options: Omit<ReportOptions, 'format'>): Promise<ReportHome> {
  const place = homeOf(options);
  const { config, now } = options;
  const more = { ...(config === undefined ? {} : { config }), ...(now === undefined ? {} : { now }) };
  const simulated = { ...place, ...(config === undefined ? {} : { config }) };
  const ledger = 'lake' in place ? await openFolder({ ...place, ...more }) : await openStack({ ...place, ...more });
  const forms = await formsOf();
  return {
    config: ledger.config,
    lastWeek: lastReportWeek(ledger.nowMs, ledger.config),
    make: async (week) => await makeWeek(ledger, week, async () => await simulateWeek(simulated, week, ledger.seal)),
    filesOf: async (report, week) =>
      await withLine(
        `writing ${report.team ?? 'the report'}`,
        async () => await filesOf(report, dueMs(week, ledger.config), ledger.config, forms),
      ),
    send: async (reports, { week, team, isAgain }) => {
      const { report } = ledger.config;
      const dateMs = dueMs(week, ledger.config);
      await keepReports(ledger.store, { reports, forms: forms.forms, report, dateMs });
      const results = await deliverReports({
        world: { store: ledger.store, nowMs: () => Date.now(), newName: () => randomBytes(8).toString('hex') },
        reports,
        report,
        forms: forms.forms,
        senders: openSenders(report, ledger.secrets),
        dateMs,
        about: week.to,
        isAgain,
        ...(team === null ? {} : { onlyTeam: team }),
      });
      return results.map(sentMessage);
    },
    close: ledger.close,
  };
}

async function makeWeek(ledger: OpenLedger, week: DayRange, simulate: () => Promise<string>): Promise<MadeReport[]> {
  const { seal, config } = ledger;
  const period = periodName(week.from, week.to);
  const known = (await seal.catalog.read()).tables[SAVINGS.name] ?? {};
  if (period !== null && !(period in known)) writeNote(await simulate());
  const queries = await loadSqlFolder('watch/queries');
  const { context, catalog } = seal;
  await withLine('watching the week', async () => await watchWeek({ context, catalog, config, queries }, week));
  const world = { engine: await ledger.reader(), queries: await loadSqlFolder('report/queries'), config };
  const { overall, teams } = await withLine('making the report', async () => await makeReports(world, week));
  return [{ team: null, document: overall }, ...teams];
}

interface Forms {
  readonly forms: ReportForms;
  readonly painter: ChartPainter;
}

async function formsOf(): Promise<Forms> {
  const painter = await createPainter(await readPaintingFiles());
  return { painter, forms: reportForms(async () => await Promise.resolve(painter)) };
}

async function filesOf(
  { document, team }: MadeReport,
  dateMs: number,
  { report }: Config,
  { forms, painter }: Forms,
): Promise<ReportFile[]> {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const pictures: ReportFile[] = [];
  for (const chart of chartsOf(document)) {
    const { png } = await painter.paint(readableChart(chart, painter.covers).chart, {
      width: PICTURE_WIDTH,
      theme: MAIL_THEME,
    });
    pictures.push({ name: `${chart.id}.png`, bytes: png });
  }
  return [
    { name: 'report.html', bytes: text(await forms.page(document)) },
    { name: 'report.txt', bytes: text(await forms.text(document)) },
    { name: 'report.eml', bytes: await forms.mail(document, envelopeOf(report, team, dateMs)) },
    ...pictures,
  ];
}

function sentMessage({ channel, team, recipients, delivered }: MessageResult): SentMessage {
  const reason =
    delivered.kind !== 'sent'
      ? delivered.reason
      : delivered.notTo.length > 0
        ? `${delivered.notTo.length} of the addresses were refused`
        : null;
  return { channel, team, recipients, state: delivered.kind, isNew: delivered.isNew, reason };
}

interface Choices {
  readonly config?: string;
  readonly now?: string;
}

async function openFolder(options: Choices & { readonly lake: string }): Promise<OpenLedger> {
  // the lock is held throughout: tables of the week are written, and they must be those that are read
  const world = await openLakeWorld({ ...options, label: 'reading' });
  const { seal, engine } = world;
  return {
    config: world.config,
    nowMs: world.clock.nowMs(),
    store: world.carry.lake,
    seal,
    reader: async () => {
      await engine.reset();
      await exposeLake(engine, await seal.catalog.read(), await loadSqlFolder('report/views'));
      return engine;
    },
    secrets: { variable: (name) => process.env[name], secret: null, ses: null },
    close: () => world.close(),
  };
}

async function openStack(options: Choices & { readonly stack: string }): Promise<OpenLedger> {
  const { openStackWorld } = await import('./stack-world.ts');
  const { awsSecrets } = await import('./stack-secrets.ts');
  const world = await openStackWorld(options);
  return {
    config: world.rules.config,
    nowMs: world.clock.nowMs(),
    store: world.lake,
    seal: world.seal,
    reader: async () => await Promise.resolve(world.users),
    secrets: awsSecrets(),
    close: () => world.close(),
  };
}
