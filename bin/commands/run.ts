/** `run`: inbox folder -> ledger, then a summary a person can act on. */
import { openLocalWorld } from '../local-world.ts';
import { checkLineSums, run as runJourney } from '../../lib/journey.ts';
import { readSummary } from '../../lib/report/summary.ts';
import { renderSummary, summaryJson } from '../summary-text.ts';

export interface RunOptions {
  inbox: string;
  lake: string;
  config?: string;
  now?: string;
  format: string;
}

export async function run(options: RunOptions): Promise<void> {
  const world = await openLocalWorld(options);
  try {
    const result = await runJourney(world.ingest, world.seal);
    const sums = checkLineSums(result.batches);
    const summary = await readSummary(world.engine, world.queries, world.summaryOptions(result));
    process.stdout.write(options.format === 'json' ? summaryJson(result, sums, summary) : renderSummary(result, sums, summary, options.lake));
    process.exitCode = world.limitsPassed(summary) ? 3 : 0;
  } finally {
    world.close();
  }
}
