/**
 * Opens the ledger a simulation was pointed at, in a folder or deployed. In: options. Out: what it reads, from one reading of the catalog, and
 * the way to write its result. A folder is locked only while that is written: simulating takes minutes and changes nothing. The AWS parts are
 * loaded only where a deployment is named.
 */
import { openDuckDb } from '../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../lib/adapters/local/folder-store.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import type { CatalogState, ObjectStore, SqlEngine } from '../lib/ports.ts';
import { CONFIG_FOLDER, configObject } from '../lib/rules-source.ts';
import { loadConfig, loadPrices } from './config-files.ts';
import { openLakeWorld } from './local-world.ts';
import { homeOf } from './options.ts';
import type { HomeOptions } from './options.ts';
import { loadSemanticEvidence } from '../lib/adapters/local/semantic-files.ts';
import type { SemanticEvidence } from '../lib/adapters/local/semantic-files.ts';

export interface SimulationHome {
  readonly rules: Pick<LedgerRules, 'config' | 'book' | 'customer'>;
  /** what the owner knows of similar questions; null: nothing */
  readonly similar: SemanticEvidence | null;
  readonly engine: SqlEngine;
  readonly store: ObjectStore;
  readonly state: CatalogState;
  /** a statement writes no more days than this */
  readonly maxDays: number;
  /** Opens it for writing; `close` must be awaited. */
  openForWriting(): Promise<{ readonly seal: LakeSealInput; close(): void | Promise<void> }>;
  close(): void | Promise<void>;
}

/** How it is opened. */
export interface SimulationHomeOptions extends HomeOptions {
  readonly config?: string;
}

/** Athena writes no more partitions in one statement. */
const ATHENA_DAYS = 100;

/** Opens it; throws `Misconfigured` where there is no ledger. */
export async function openSimulationHome(options: SimulationHomeOptions): Promise<SimulationHome> {
  const home = homeOf(options);
  const config = options.config === undefined ? {} : { config: options.config };
  return 'lake' in home ? await openFolder({ ...home, ...config }) : await openStack({ ...home, ...config });
}

async function openFolder(options: { readonly lake: string; readonly config?: string }): Promise<SimulationHome> {
  const { lake } = options;
  const { config, folder } = await loadConfig(options.config);
  const { book, customer } = await loadPrices(config, folder);
  const similar = await loadSemanticEvidence(config.simulate.semanticCache, folder);
  const store = createFolderStore(lake);
  const state = await createFolderCatalog(store).read();
  if (state.revision === 0) throw noLedger(lake, `inference-ledger run --inbox DIR --lake ${lake}`);
  const engine = await openDuckDb(lake);
  return {
    rules: { config, book, customer },
    similar,
    engine,
    store,
    state,
    maxDays: Infinity,
    openForWriting: async () => await openLakeWorld(options),
    close: () => engine.close(),
  };
}

async function openStack(options: { readonly stack: string; readonly config?: string }): Promise<SimulationHome> {
  const { openStackWorld } = await import('./stack-world.ts');
  const world = await openStackWorld(options);
  const { rules, lake: store, seal } = world;
  const close = async (): Promise<void> => await world.close();
  try {
    const state = await world.catalog.read();
    if (state.revision === 0) throw noLedger(options.stack, `inference-ledger run --stack ${options.stack}`);
    const similar = await loadSemanticEvidence(rules.config.simulate.semanticCache, CONFIG_FOLDER, (path) =>
      configObject(store, path),
    );
    return {
      rules,
      similar,
      engine: seal.context.engine,
      store,
      state,
      maxDays: ATHENA_DAYS,
      openForWriting: async () => await Promise.resolve({ seal, close: () => undefined }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function noLedger(name: string, command: string): Misconfigured {
  return new Misconfigured(`there is no ledger in ${name}`, { hint: `make one with: ${command}` });
}
