/** `run`: inbox folder -> ledger, then a summary a person can act on and the report beside the lake. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { weekStartNumber } from '../../lib/config.ts';
import type { Config } from '../../lib/config.ts';
import { checkLineSums, run as runJourney } from '../../lib/journey.ts';
import type { RunResult } from '../../lib/journey.ts';
import { LedgerError } from '../../lib/errors.ts';
import { renderReport } from '../../lib/report/html.ts';
import { readSummary } from '../../lib/report/summary.ts';
import type { Summary } from '../../lib/report/summary.ts';
import { renderText } from '../../lib/report/text.ts';
import { dayOf } from '../../lib/time.ts';
import { openLocalWorld } from '../local-world.ts';
import { restampLines } from '../restamp-text.ts';
import { renderSummary, summaryJson } from '../summary-text.ts';
import type { LineSums } from '../summary-text.ts';

export interface RunOptions {
  inbox: string;
  lake: string;
  config?: string;
  now?: string;
  format: string;
}

export interface Ran {
  readonly result: RunResult;
  readonly sums: LineSums;
  readonly summary: Summary;
  readonly config: Config;
}

export async function run(options: RunOptions): Promise<void> {
  const { result, sums, summary, config } = await runLedger(options);
  process.stdout.write(
    options.format === 'json' ? summaryJson(result, sums, summary) : renderSummary(result, sums, summary, options.lake),
  );
  if (options.format !== 'json') {
    process.stdout.write(`report   ${join(options.lake, 'report.html')}\n`);
    for (const line of restampLines(result.restamp)) process.stdout.write(`${line}\n`);
  }
  process.exitCode = limitsPassed(config, sums, summary) ? 3 : 0;
}

/** Runs the journey on folders and writes report.html and report.txt into the lake folder. */
export async function runLedger(options: Omit<RunOptions, 'format'>): Promise<Ran> {
  const world = await openLocalWorld(options);
  try {
    const result = await runJourney(world.ingest, world.seal);
    const sums = checkLineSums(result.batches);
    await exposeLake(world.engine, result.state);
    const summary = await readSummary(world.engine, await loadSqlFolder('report/queries'), {
      asOfDay: dayOf(world.clock.nowMs()),
      weekStart: weekStartNumber(world.config),
      sources: result.sources,
      title: world.config.report.title,
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
    await writeFile(join(options.lake, 'report.html'), await renderReport(summary));
    await writeFile(join(options.lake, 'report.txt'), renderText(summary));
    return { result, sums, summary, config: world.config };
  } finally {
    world.close();
  }
}

/** True if the shares of unpriced calls or rejected lines are over what the config allows. */
function limitsPassed(config: Config, sums: LineSums, summary: Summary): boolean {
  const over = (part: number, whole: number, percent: string): boolean =>
    whole > 0 && part * 100 > whole * Number(percent);
  return (
    over(summary.totals.unpricedCalls, summary.totals.calls, config.limits.unpriced_percent) ||
    over(sums.rejected, sums.lines, config.limits.rejected_percent)
  );
}
