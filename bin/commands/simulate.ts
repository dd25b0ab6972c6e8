/** `simulate`: what each lever would have saved on the calls of a period, each call at most once; as text or as JSON. */
import { randomBytes } from 'node:crypto';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { simulatePeriod } from '../../lib/simulation.ts';
import { loadConfig, loadPrices } from '../config-files.ts';
import { loadSemanticEvidence } from '../semantic-files.ts';
import { dayOption } from '../options.ts';
import { simulationText } from '../simulation-text.ts';

export interface SimulateOptions {
  readonly lake: string;
  readonly from?: string;
  readonly to?: string;
  readonly config?: string;
  readonly format: string;
}

export async function simulate(options: SimulateOptions): Promise<void> {
  const simulation = await simulateLake(options);
  process.stdout.write(
    options.format === 'json' ? `${JSON.stringify(simulationJson(simulation), null, 1)}\n` : simulationText(simulation),
  );
}

/** Simulates on a lake folder; one reading of the catalog, so that a run beside it changes nothing in between. */
export async function simulateLake(options: Omit<SimulateOptions, 'format'>): Promise<Simulation> {
  const from = options.from === undefined ? null : dayOption('--from', options.from);
  const to = options.to === undefined ? null : dayOption('--to', options.to);
  if (from !== null && to !== null && to < from) throw new Misconfigured(`--to ${to} is before --from ${from}`);
  const { config, folder } = await loadConfig(options.config);
  const { book, customer } = await loadPrices(config, folder);
  const similar = await loadSemanticEvidence(config.simulate.semanticCache, folder);
  const store = createFolderStore(options.lake);
  const state = await createFolderCatalog(store).read();
  if (state.revision === 0) {
    throw new Misconfigured(`there is no ledger in ${options.lake}`, {
      hint: `make one with: inference-ledger run --inbox DIR --lake ${options.lake}`,
    });
  }
  const engine = await openDuckDb(options.lake);
  try {
    await exposeLake(engine, state);
    const queries = await loadSqlFolder('simulate/queries');
    const workPrefix = `work/simulate-${randomBytes(6).toString('hex')}`;
    return await simulatePeriod(queries, {
      engine,
      store,
      config,
      similar,
      book,
      customer,
      from,
      to,
      workPrefix,
    });
  } finally {
    engine.close();
  }
}
