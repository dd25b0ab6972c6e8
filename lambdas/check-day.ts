/** Lambda function `check-day`: once a day, what crossed a line since it was last looked, and a report that is due and did not go out. */
import { checkLake } from '../lib/checking.ts';
import { reportForms } from '../lib/report-forms.ts';
import { createPainter } from '../lib/report/chart-painter.ts';
import { checkRound } from './check-round.ts';
import type { CheckResult } from './check-round.ts';
import { deployedFiles } from './deployed-files.ts';
import { readEnvironment } from './environment.ts';
import { wireLake } from './lake-wiring.ts';
import { deliveryWorld, wireSenders } from './send-wiring.ts';
import { createTelemetry } from './telemetry.ts';
import { CLOCK } from './wiring.ts';

const telemetry = createTelemetry();
const files = deployedFiles(new URL('./data/', import.meta.url));
const worldNow = wireLake(readEnvironment(process.env), files, telemetry);
const forms = reportForms(async () => await createPainter(await files.painting()));
const stackName = process.env['POWERTOOLS_SERVICE_NAME'] ?? '';

/** Looks, and tells what is new. */
export async function handler(): Promise<CheckResult> {
  try {
    const { rules, engine, store, seal } = await worldNow();
    const { config } = rules;
    const { context, catalog } = seal;
    const queries = await files.watchQueries();
    try {
      return await checkRound({
        config,
        stackName,
        world: deliveryWorld(store),
        check: async () => await checkLake({ context, catalog, config, queries, nowMs: CLOCK.nowMs() }),
        forms,
        senders: wireSenders(config.report),
        telemetry,
      });
    } finally {
      await engine.close();
    }
  } finally {
    telemetry.flush();
  }
}
