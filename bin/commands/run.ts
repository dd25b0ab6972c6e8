/** `run`: inbox folder -> ledger, then a summary a person can act on and the report beside the lake. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { weekStartNumber } from '../../lib/config.ts';
import type { Config } from '../../lib/config.ts';
import { runCorpora } from '../../lib/corpora.ts';
import type { RanCorpora } from '../../lib/corpora.ts';
import { checkLineSums, run as runJourney } from '../../lib/journey.ts';
import type { RunResult } from '../../lib/journey.ts';
import { LedgerError, Misconfigured } from '../../lib/errors.ts';
import type { SqlEngine } from '../../lib/ports.ts';
import { renderReport } from '../../lib/report/html.ts';
import { readSummary } from '../../lib/report/summary.ts';
import type { Summary } from '../../lib/report/summary.ts';
import { renderText } from '../../lib/report/text.ts';
import { dayOf } from '../../lib/time.ts';
import { documentSums, readCorporaSummary } from '../corpora-text.ts';
import type { CorporaSummary } from '../corpora-text.ts';
import { explainError } from '../error-text.ts';
import { openLocalWorld } from '../local-world.ts';
import { homeOf } from '../options.ts';
import type { HomeOptions } from '../options.ts';
import { writeNote } from '../progress.ts';
import { restampLines } from '../restamp-text.ts';
import { summaryCsv, summaryJson } from '../summary-json.ts';
import { newsLine, renderSummary } from '../summary-text.ts';
import type { LineSums } from '../summary-text.ts';
import { runOnChanges } from '../watched-inbox.ts';

export interface RunOptions extends HomeOptions {
  inbox?: string;
  config?: string;
  now?: string;
  watch?: boolean;
  format: string;
}

export interface Ran {
  readonly result: RunResult;
  readonly sums: LineSums;
  readonly summary: Summary;
  readonly corpora: CorporaSummary;
  readonly config: Config;
}

export async function run(options: RunOptions): Promise<void> {
  const home = homeOf(options);
  if (options.watch === true) {
    if ('stack' in home) throw new Misconfigured('--watch does not go with --stack, which reads its inbox by itself');
    await watchFolder({ ...options, ...folders(options.inbox, home.lake) });
    return;
  }
  const ran =
    'lake' in home
      ? await runLedger({ ...options, ...folders(options.inbox, home.lake) })
      : await runStack(options, home);
  process.stdout.write(runText(ran, options.format, home));
  process.exitCode = limitsPassed(ran) ? 3 : 0;
}

type Home = ReturnType<typeof homeOf>;

/** What a run prints. */
function runText(ran: Ran, format: string, home: Home): string {
  const { result, sums, summary, corpora } = ran;
  if (format === 'json') return summaryJson(result, sums, summary, corpora);
  if (format === 'csv') return summaryCsv(summary);
  const lines = [
    ...('lake' in home ? [`report   ${join(home.lake, 'report.html')}`] : []),
    ...restampLines(result.restamp),
  ];
  const text = renderSummary(result, sums, summary, corpora, 'lake' in home ? home.lake : home.stack);
  return `${text}${lines.map((line) => `${line}\n`).join('')}`;
}

/** The whole summary first, then a line for each run that read something; as JSON a line each. */
async function watchFolder(options: RunOptions & { readonly inbox: string; readonly lake: string }): Promise<void> {
  const { inbox, lake, format } = options;
  if (format === 'csv')
    throw new Misconfigured('--watch prints what changed, which is no table: choose --format table or json');
  await runOnChanges({
    inbox,
    ignored: [lake],
    run: async (isFirst) => {
      const ran = await runLedger(options);
      process.exitCode = limitsPassed(ran) ? 3 : 0;
      if (!isFirst && !hasNews(ran)) return;
      if (format === 'json') process.stdout.write(`${JSON.stringify(JSON.parse(runText(ran, format, { lake })))}\n`);
      else process.stdout.write(isFirst ? runText(ran, format, { lake }) : `${newsLine(ran)}\n`);
    },
    onFailure: (error) => writeNote(explainError(error, ['run']).text.trimEnd()),
  });
}

function hasNews({ result, corpora }: Ran): boolean {
  return result.ingest.batches.length > 0 || result.sealedDays.length > 0 || corpora.read > 0;
}

function folders(inbox: string | undefined, lake: string): { inbox: string; lake: string } {
  if (inbox === undefined) throw new Misconfigured('--lake needs --inbox DIR, the folder with your usage logs');
  return { inbox, lake };
}

/** Runs the journey on a deployed ledger: what its functions have not done yet is done from here. */
async function runStack(options: RunOptions, home: { readonly stack: string }): Promise<Ran> {
  if (options.inbox !== undefined) throw new Misconfigured('--inbox does not go with --stack, which has its own inbox');
  const { openStackWorld } = await import('../stack-world.ts');
  const { inbox: _inbox, lake: _lake, format: _format, ...rest } = options;
  const world = await openStackWorld({ ...rest, ...home });
  try {
    // what somebody changed in Glue by hand is set right; the seal function looks at what it switches only
    await world.catalog.repair();
    const result = await runJourney(world.ingest, world.seal);
    const corpora = await runCorpora(world.corpora.world, world.corpora.seal);
    return await checked(result, corpora, world.users, world.clock.nowMs(), world.rules.config);
  } finally {
    await world.close();
  }
}

/** How the journey runs on folders. */
export interface FolderRunOptions {
  readonly inbox: string;
  readonly lake: string;
  readonly config?: string;
  readonly now?: string;
}

/** Runs the journey on folders and writes report.html and report.txt into the lake folder. */
export async function runLedger(options: FolderRunOptions): Promise<Ran> {
  const world = await openLocalWorld(options);
  try {
    const result = await runJourney(world.ingest, world.seal);
    const corpora = await runCorpora(world.corpora.world, world.corpora.seal);
    await exposeLake(world.engine, corpora.state);
    const ran = await checked(result, corpora, world.engine, world.clock.nowMs(), world.config);
    await writeFile(join(options.lake, 'report.html'), await renderReport(ran.summary));
    await writeFile(join(options.lake, 'report.txt'), renderText(ran.summary));
    return ran;
  } finally {
    world.close();
  }
}

/** The summary of a run; throws if what landed and what the tables hold do not add up. */
async function checked(
  result: RunResult,
  ran: RanCorpora,
  engine: SqlEngine,
  nowMs: number,
  config: Config,
): Promise<Ran> {
  const sums = checkLineSums(result.batches);
  const queries = await loadSqlFolder('report/queries');
  const summary = await readSummary(engine, queries, {
    asOfDay: dayOf(nowMs),
    weekStart: weekStartNumber(config),
    sources: result.sources,
    title: config.report.title,
  });
  const { objects } = summary.quality;
  if (!objects.rowsAddUp) {
    throw new LedgerError(
      `${objects.records} rows landed, but usage and usage_excluded hold ${objects.usageRows} + ${objects.excludedRows}`,
      {
        hint: 'run again; if it stays, please report it with the output of doctor',
      },
    );
  }
  return { result, sums, summary, corpora: await readCorporaSummary(engine, queries, ran), config };
}

/** True if the shares of unpriced calls, rejected lines or rejected documents are over what the config allows. */
function limitsPassed({ config, sums, summary, corpora }: Ran): boolean {
  const over = (part: number, whole: number, percent: string): boolean =>
    whole > 0 && part * 100 > whole * Number(percent);
  const documents = documentSums(corpora);
  return (
    over(summary.totals.unpricedCalls, summary.totals.calls, config.limits.unpriced_percent) ||
    over(sums.rejected, sums.lines, config.limits.rejected_percent) ||
    over(documents.rejected, documents.documents, config.limits.rejected_percent)
  );
}
