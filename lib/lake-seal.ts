/**
 * From landing to the tables people query: freeze the live commits, seal the days they make dirty, derive the other tables from the
 * new generations, and switch the catalog once. If the catalog moved meanwhile nothing is switched and the round starts over.
 */
import { applyChanges } from './catalog.ts';
import { readCommits } from './commit.ts';
import type { BatchCommit } from './commit.ts';
import { Transient } from './errors.ts';
import type { CatalogChanges, CatalogState, PartitionPointer, SqlValue, TableCatalog } from './ports.ts';
import { PROMPT_FINGERPRINTS, RECONCILIATION, REJECTS, SPEND_DAILY } from './schema.ts';
import {
  remakeFingerprints,
  remakeIngestedObjects,
  remakePrices,
  remakeRejects,
  remakeShowback,
  remakeSpendDaily,
} from './seal/derived.ts';
import type { MonthlySum, ShowbackRow } from './seal/derived.ts';
import { dirtyDays, freeze, storeSet } from './seal/dirty-days.ts';
import type { FrozenSet } from './seal/dirty-days.ts';
import { remakeReconciliation } from './seal/reconciliation.ts';
import { sealDays, twinDays } from './seal/seal-days.ts';
import type { SealContext } from './seal/seal-days.ts';
import { remakeSourceTables } from './seal/source-tables.ts';
import { incompleteDays } from './seal/sources.ts';
import type { ExpectedSource, SourceState } from './seal/sources.ts';
import { retire, sweep } from './seal/sweep.ts';
import { retireLanding, sweepLanding, sweepSets } from './seal/landing-sweep.ts';

export interface LakeSealInput {
  readonly context: SealContext;
  readonly catalog: TableCatalog;
  readonly nowMs: number;
  readonly graceMs: number;
  /** config `sources`: those that must deliver */
  readonly expectedSources?: readonly ExpectedSource[];
  readonly showback: {
    readonly version: string;
    readonly split: (month: string, sums: readonly MonthlySum[]) => readonly ShowbackRow[];
  };
  readonly prices: { readonly version: string; readonly rows: () => readonly (readonly SqlValue[])[] };
}

export interface LakeSealResult {
  readonly sealedDays: readonly string[];
  readonly sources: readonly SourceState[];
  readonly state: CatalogState;
  readonly batches: readonly BatchCommit[];
}

const ATTEMPTS = 5;

/** Seals until the catalog took the result; an unchanged lake costs one comparison of sets. */
export async function sealLake(input: LakeSealInput): Promise<LakeSealResult> {
  const { context, catalog } = input;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await catalog.read();
    const batches = await readCommits(context.store);
    const set = freeze(batches);
    await storeSet(context.store, set);
    const days = await findDirtyDays(context, batches, set, before.tables['usage'] ?? {});
    const sealed = withCleanDays(days.length > 0 ? await sealDays(context, set, days) : {}, before, set.id, days);
    const found = await remakeSourceTables(
      context,
      applyChanges(before, sealed),
      batches,
      input.expectedSources ?? [],
      input.nowMs,
    );
    const { sources } = found;
    const changes = { ...(await derive(input, batches, sources, before, sealed)), ...found.changes };
    const isUnchanged = isEmpty(changes);
    if (isUnchanged || (await catalog.switch(before.revision, changes))) {
      const state = isUnchanged ? before : await catalog.read();
      if (!isUnchanged) await retireOld(input, state, batches, set);
      await sweepOld(input, state);
      return { sealedDays: days, sources, state, batches };
    }
  }
  throw new Transient(`the catalog was moved ${ATTEMPTS} times by other writers while sealing`, {
    hint: 'run again; one writer at a time is enough',
  });
}

/** Notes what nothing needs any more: generations, and landing files of reads that newer ones took the place of. */
async function retireOld(
  { context, nowMs }: LakeSealInput,
  state: CatalogState,
  batches: readonly BatchCommit[],
  set: FrozenSet,
): Promise<void> {
  await retire(context.store, state, nowMs);
  await retireLanding(context.store, batches, set, nowMs);
}

/** Removes what was noted longer ago than the grace period. */
async function sweepOld({ context, nowMs, graceMs }: LakeSealInput, state: CatalogState): Promise<void> {
  await sweep(context.store, state, nowMs, graceMs);
  await sweepLanding(context.store, nowMs, graceMs);
  await sweepSets(context.store, state, nowMs, graceMs);
}

async function findDirtyDays(
  context: SealContext,
  batches: readonly BatchCommit[],
  set: FrozenSet,
  usage: Readonly<Record<string, PartitionPointer>>,
): Promise<string[]> {
  return await dirtyDays({
    store: context.store,
    batches,
    set,
    usage,
    wideDays: context.wideDays,
    twinDays: (reads, changed, near) => twinDays(context, reads, changed, near),
  });
}

/** Days found clean against today's set are recorded as right for it, so that the next run compares with one set only. */
function withCleanDays(
  sealed: CatalogChanges,
  before: CatalogState,
  setId: string,
  dirty: readonly string[],
): CatalogChanges {
  const isDirty = new Set(dirty);
  const usage: Record<string, PartitionPointer | null> = { ...sealed['usage'] };
  for (const [day, pointer] of Object.entries(before.tables['usage'] ?? {})) {
    if (!isDirty.has(day) && pointer.madeFrom !== setId) usage[day] = { ...pointer, madeFrom: setId };
  }
  return { ...sealed, usage };
}

async function derive(
  input: LakeSealInput,
  batches: readonly BatchCommit[],
  sources: readonly SourceState[],
  before: CatalogState,
  sealed: CatalogChanges,
): Promise<CatalogChanges> {
  const { context } = input;
  const state = applyChanges(before, sealed);
  const incomplete = incompleteDays(sources, input.nowMs);
  return {
    ...sealed,
    [SPEND_DAILY.name]: await remakeSpendDaily(context, state, incomplete, SPEND_DAILY),
    [PROMPT_FINGERPRINTS.name]: await remakeFingerprints(context, state, batches, PROMPT_FINGERPRINTS),
    [REJECTS.name]: await remakeRejects(context, state, batches, REJECTS),
    ingested_objects: await remakeIngestedObjects(context, state, batches),
    showback_monthly: await remakeShowback(context, state, input.showback.split, input.showback.version),
    [RECONCILIATION.name]: await remakeReconciliation(context, state, batches),
    prices: await remakePrices(context, state, input.prices.version, input.prices.rows),
  };
}

function isEmpty(changes: CatalogChanges): boolean {
  return Object.values(changes).every((partitions) => Object.keys(partitions).length === 0);
}
