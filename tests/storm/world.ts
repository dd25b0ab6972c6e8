/** What the parts of a storm share: the world of one seed, and what all seeds of a process use. */
import type { Random } from '../../lib/generate/random.ts';
import type { LandingTypes, SealSql } from '../../lib/seal/seal-days.ts';
import type { EnginePool } from './engine-pool.ts';
import type { Faults } from './faults.ts';
import type { InboxPlan } from './inbox-plan.ts';
import type { Scheduler } from './scheduler.ts';
import type { Compiled, Variant } from './settings.ts';
import type { CatalogContents } from './simulated-catalog.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { StoreContents } from './simulated-store.ts';

/** How long generations and landing files stay after nobody needs them. */
export const GRACE_MS = 3_600_000;
/** A sealer's lease; it runs out while a slow sealer still works. */
export const LEASE_MS = 120_000;

/** What all seeds of a process share. */
export interface StormTools {
  readonly sql: SealSql;
  readonly landing: LandingTypes;
  readonly variants: Readonly<Record<Variant, Compiled>>;
}

export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly faults: Faults;
  readonly scheduler: Scheduler;
  readonly plan: InboxPlan;
  readonly prefix: string;
  readonly pool: EnginePool;
  readonly tools: StormTools;
  /** settings in force when everything has settled */
  readonly settings: Compiled;
  readonly inbox: StoreContents;
  readonly lake: StoreContents;
  readonly queue: SimulatedQueue;
  readonly catalog: CatalogContents;
  readonly problems: string[];
  readonly counts: Record<string, number>;
}

/** Counts something that was seen. */
export function count(world: World, what: string): void {
  world.counts[what] = (world.counts[what] ?? 0) + 1;
}
