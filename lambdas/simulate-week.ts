/** Lambda function `simulate-week`: the first step of the weekly report, calls of a week → table `savings`. */
import { modelLimitsWhenAsked } from '../lib/model-limits.ts';
import { loadSemanticEvidence } from '../lib/adapters/local/semantic-files.ts';
import { CONFIG_FOLDER, configObject } from '../lib/rules-source.ts';
import { deployedFiles } from './deployed-files.ts';
import { readEnvironment } from './environment.ts';
import { newName, wireLake } from './lake-wiring.ts';
import { simulateRound } from './simulate-round.ts';
import type { SimulateResult } from './simulate-round.ts';
import { createTelemetry } from './telemetry.ts';
import { weekOf } from './week-event.ts';
import type { WeekEvent } from './week-event.ts';
import { CLOCK } from './wiring.ts';

const telemetry = createTelemetry();
const files = deployedFiles(new URL('./data/', import.meta.url));
const worldNow = wireLake(readEnvironment(process.env), files, telemetry);

/** Simulates the week that the event names. */
export async function handler(event: WeekEvent): Promise<SimulateResult> {
  try {
    const { rules, engine, store, catalog, seal } = await worldNow();
    try {
      return await simulateRound(
        {
          rules,
          engine,
          store,
          catalog,
          seal,
          queries: await files.simulateQueries(),
          limitsOf: modelLimitsWhenAsked(await files.limits()),
          similar: async ({ simulate }) =>
            await loadSemanticEvidence(simulate.semanticCache, CONFIG_FOLDER, (path) => configObject(store, path)),
          newName,
          log: telemetry,
        },
        weekOf(event, rules.config, CLOCK.nowMs()),
      );
    } finally {
      await engine.close();
    }
  } finally {
    telemetry.flush();
  }
}
