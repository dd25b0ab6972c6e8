/**
 * Opens a ledger for the check between reports. In: options. Out: alerts. Unless they are to be remembered, the lake is read only: names of alerts are looked
 * up and not claimed, so that who looks takes nothing from the mail that tells.
 */
import { loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { checkLake } from '../lib/checking.ts';
import type { AlertItem } from '../lib/checking.ts';
import type { Config } from '../lib/config.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import type { ObjectStore } from '../lib/ports.ts';
import type { CheckOptions } from './commands/check.ts';
import { openLakeWorld } from './local-world.ts';
import { homeOf } from './options.ts';

/** Alerts that nobody was told of. */
export async function newAlerts(options: Omit<CheckOptions, 'format'>): Promise<readonly AlertItem[]> {
  const { seal, config, nowMs, close } = await openWorld(options);
  try {
    const { catalog } = seal;
    const store = options.remember === true ? seal.context.store : claimingNothing(seal.context.store);
    const context = { ...seal.context, store };
    return await checkLake({ context, catalog, config, queries: await loadSqlFolder('watch/queries'), nowMs });
  } finally {
    await close();
  }
}

/** A store in which a claim changes nothing and says what it would have said. */
export function claimingNothing(store: ObjectStore): ObjectStore {
  return { ...store, putIfAbsent: async (key) => ((await store.read(key)) === null ? 'created' : 'exists') };
}

interface OpenWorld {
  readonly seal: LakeSealInput;
  readonly config: Config;
  readonly nowMs: number;
  readonly close: () => void | Promise<void>;
}

async function openWorld(options: Omit<CheckOptions, 'format'>): Promise<OpenWorld> {
  const place = homeOf(options);
  const { config, now } = options;
  const more = { ...(config === undefined ? {} : { config }), ...(now === undefined ? {} : { now }) };
  if ('lake' in place) {
    const world = await openLakeWorld({ ...place, ...more });
    return { seal: world.seal, config: world.config, nowMs: world.clock.nowMs(), close: () => world.close() };
  }
  const { openStackWorld } = await import('./stack-world.ts');
  const world = await openStackWorld({ ...place, ...more });
  return { seal: world.seal, config: world.rules.config, nowMs: world.clock.nowMs(), close: () => world.close() };
}
