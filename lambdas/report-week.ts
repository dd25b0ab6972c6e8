/** Lambda function `report-week`: the second step of the weekly report, tables of a week → page, mail, chat. */
import { reportForms } from '../lib/report-forms.ts';
import { createPainter } from '../lib/report/chart-painter.ts';
import { makeReports } from '../lib/reporting.ts';
import { watchWeek } from '../lib/watching.ts';
import { deployedFiles } from './deployed-files.ts';
import { readEnvironment } from './environment.ts';
import { wireLake } from './lake-wiring.ts';
import { reportRound } from './report-round.ts';
import type { ReportResult } from './report-round.ts';
import { deliveryWorld, wireSenders } from './send-wiring.ts';
import { createTelemetry } from './telemetry.ts';
import { weekOf } from './week-event.ts';
import type { WeekEvent } from './week-event.ts';
import { CLOCK } from './wiring.ts';

const telemetry = createTelemetry();
const files = deployedFiles(new URL('./data/', import.meta.url));
const worldNow = wireLake(readEnvironment(process.env), files, telemetry);
const forms = reportForms(async () => await createPainter(await files.painting()));
const stackName = process.env['POWERTOOLS_SERVICE_NAME'] ?? '';

/** Reports the week that the event names; what was sent is not sent again unless the event asks for it. */
export async function handler(event: WeekEvent): Promise<ReportResult> {
  try {
    const { rules, engine, store, seal } = await worldNow();
    const { config } = rules;
    const queries = await files.queries();
    const watchQueries = await files.watchQueries();
    try {
      return await reportRound(
        {
          config,
          stackName,
          world: deliveryWorld(store),
          watch: async (week) => {
            await watchWeek({ context: seal.context, catalog: seal.catalog, config, queries: watchQueries }, week);
          },
          makeReports: async (week) => {
            // names that watching gave to files of one reading: the report asks the public tables
            await engine.reset();
            const { overall, teams } = await makeReports({ engine, queries, config }, week);
            return [{ team: null, document: overall }, ...teams];
          },
          forms,
          senders: wireSenders(config.report),
          telemetry,
        },
        weekOf(event, config, CLOCK.nowMs()),
        event.sendAgain === true,
      );
    } finally {
      await engine.close();
    }
  } finally {
    telemetry.flush();
  }
}
