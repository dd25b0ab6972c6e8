/**
 * Changing one's mind: rows that were priced and attributed under another price book, other rules or rates than today's are decided again
 * from landing, without the logs. In: the lake and a range of days. Out: new batches that follow the ones they replace, and what moved.
 * Days outside the range keep their rows as they are, stamp included. Invariant: repeated, or by two workers at once, the same decision
 * gives the same files under the same names; a crash leaves files without a commit, which do not exist.
 */
import { carryOver, stampOfDay } from './carry-over.ts';
import type { CarryWorld } from './carry-over.ts';
import { decisionIdOf, readCommits, writeCommit } from './commit.ts';
import type { BatchCommit, LiveObject, ObjectCommit } from './commit.ts';
import { noMoves } from './moves.ts';
import type { Moves } from './moves.ts';
import { freeze } from './seal/dirty-days.ts';
import { MS_PER_DAY, dayOf } from './time.ts';

export type RestampWorld = CarryWorld;

/** Days from `from` to `to`, both included; without `to`, all later ones. */
export interface DayRange {
  readonly from: string;
  readonly to: string | null;
}

export interface RestampResult extends Readonly<Moves> {
  readonly batches: readonly BatchCommit[];
  readonly objects: number;
  /** objects with days outside the range that stand under another stamp than today's */
  readonly otherwiseStamped: number;
}

/** The first day of the months that are still open: the running one, and the one before until `closeAfterDays` of the running one. */
export function firstOpenDay(nowMs: number, closeAfterDays: number): string {
  const now = new Date(nowMs);
  const months = now.getUTCDate() <= closeAfterDays ? 1 : 0;
  return dayOf(Math.floor(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1) / MS_PER_DAY) * MS_PER_DAY);
}

/** Decides again what stands under another stamp than today's and lies in the range; each batch is committed as it is done. */
export async function restampStale(world: RestampWorld, range: DayRange): Promise<RestampResult> {
  return await restamp(world, range, async (batch) => {
    await writeCommit(world.lake, batch);
  });
}

/** The same without commits: the files lie in landing, but nobody sees them before `writeCommit`. */
export async function prepareRestamp(world: RestampWorld, range: DayRange): Promise<RestampResult> {
  return await restamp(world, range, async () => undefined);
}

async function restamp(
  world: RestampWorld,
  range: DayRange,
  done: (batch: BatchCommit) => Promise<void>,
): Promise<RestampResult> {
  const { stamp } = world.tools;
  const { stale, otherwiseStamped } = staleObjects(await readCommits(world.lake), stamp, range);
  const moves = noMoves();
  const batches: BatchCommit[] = [];
  let objects = 0;
  const rows = [...stale.keys()].flatMap((batch) => batch.files).reduce((sum, file) => sum + file.rows, 0);
  if (rows > 0) world.progress.start({ objects: stale.size, bytes: rows });
  try {
    for (const [earlier, commits] of stale) {
      const plan = {
        batchId: decisionIdOf(earlier, commits, `${stamp} ${range.from} ${range.to ?? ''}`),
        stamp,
        outcome: 'landed',
        isDecidedAgain: (day: string) => isWithin(range, day),
      } as const;
      const batch = await carryOver(world, earlier, commits, plan, moves);
      await done(batch);
      batches.push(batch);
      objects += commits.length;
    }
  } finally {
    if (rows > 0) world.progress.stop();
  }
  return { ...moves, batches, objects, otherwiseStamped };
}

/** Live objects to decide again, by the batch that holds them, in the order of the batches. */
function staleObjects(
  batches: readonly BatchCommit[],
  stamp: string,
  range: DayRange,
): { stale: Map<BatchCommit, ObjectCommit[]>; otherwiseStamped: number } {
  const stale = new Map<BatchCommit, ObjectCommit[]>();
  let otherwiseStamped = 0;
  for (const { commit, batch } of freeze(batches).objects) {
    if (commit.outcome !== 'landed') continue;
    const days = daysUnderOtherStamp({ commit, batch }, stamp);
    if (days.some((day) => !isWithin(range, day))) otherwiseStamped++;
    if (!days.some((day) => isWithin(range, day))) continue;
    const own = stale.get(batch);
    if (own === undefined) stale.set(batch, [commit]);
    else own.push(commit);
  }
  return { stale, otherwiseStamped };
}

function daysUnderOtherStamp({ commit, batch }: LiveObject, stamp: string): string[] {
  return Object.keys(commit.days).filter((day) => stampOfDay(commit, batch, day) !== stamp);
}

function isWithin({ from, to }: DayRange, day: string): boolean {
  return day >= from && (to === null || day <= to);
}
