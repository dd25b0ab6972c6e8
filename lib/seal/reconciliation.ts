/**
 * The table `reconciliation`: what the ledger comes to beside the provider's own report. In: sealed days that have buckets, and the buckets
 * of the same frozen reads as they landed. Out: one partition per month, made again when one of its days was sealed again.
 */
import type { BatchCommit } from '../commit.ts';
import type { CatalogState } from '../ports.ts';
import { RECONCILIATION, USAGE, USAGE_EXCLUDED, columnTypes } from '../schema.ts';
import { monthOf } from '../time.ts';
import { keysOf, remake, signature } from './derived.ts';
import type { NewPointers } from './derived.ts';
import { freeze } from './dirty-days.ts';
import { bucketDays, landingKeys } from './reach.ts';
import { registerCommits } from './seal-days.ts';
import type { SealContext } from './seal-days.ts';

/** Makes the months again whose reported days were sealed again. */
export async function remakeReconciliation(
  context: SealContext,
  state: CatalogState,
  batches: readonly BatchCommit[],
): Promise<NewPointers> {
  const set = freeze(batches);
  const usage = state.tables['usage'] ?? {};
  const excluded = state.tables['usage_excluded'] ?? {};
  const reported = [...bucketDays(set)].filter((day) => day in usage).toSorted();
  const months = Map.groupBy(reported, monthOf);
  const wanted = new Map(
    [...months].map(([month, days]) => [month, signature(days.map((day) => `${day} ${usage[day]?.generation}`))]),
  );
  const current = state.tables[RECONCILIATION.name] ?? {};
  return await remake(context, RECONCILIATION, current, wanted, async (made) => {
    const days = new Set(made.flatMap((month) => months.get(month) ?? []));
    const { engine } = context;
    await engine.files('usage', columnTypes(USAGE), keysOf(usage, days));
    await engine.files('usage_excluded', columnTypes(USAGE_EXCLUDED), keysOf(excluded, days));
    await engine.files(
      'landing',
      context.landing.rows,
      landingKeys(set, ['buckets'], (day) => days.has(day)),
    );
    await registerCommits(engine, {
      objects: set.objects.filter(({ commit }) => Object.keys(commit.days).some((day) => days.has(day))),
    });
    return context.sql.reconciliation;
  });
}
