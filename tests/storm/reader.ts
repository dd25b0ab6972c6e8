/**
 * Readers in between: they read the catalog, then `usage` of it, while workers go on. In: the world of a seed. Out: problems. Invariant checked:
 * a reader never fails, sees both tables from one generation, never sees a call twice, and never misses a call that an earlier reader saw and
 * that no upload has taken away.
 */
import type { CatalogState } from '../../lib/ports.ts';
import { USAGE, USAGE_EXCLUDED } from '../../lib/schema.ts';
import { expose } from './comparison.ts';
import { catalogPort } from './simulated-catalog.ts';
import { engineSession } from './simulated-engine.ts';
import type { World } from './weather.ts';

const SEEN = `
select 'usage' as kind, record_id, source_object, cast(day as varchar) as day from usage where grain = 'call'
union all
select 'excluded' as kind, record_id, source_object, cast(day as varchar) as day from usage_excluded where grain = 'call' and excluded_reason = 'duplicate'`;

export interface Readers {
  /** Starts a reader now and then, mostly soon after a switch. */
  maybeStart(): Promise<void>;
  /** From now on this object's rows may go. */
  release(object: string): void;
  /** One more reader when all is settled. */
  last(): Promise<void>;
}

export function createReaders(world: World): Readers {
  const { scheduler, random, catalog, plan, problems } = world;
  /** calls seen, and the objects they were seen in that keep them */
  const seen = new Map<number, Set<string>>();
  const released = new Set<string>();
  let started = 0;
  let lastSwitches = 0;
  let isReading = false;

  const check = (state: CatalogState, rows: readonly Readonly<Record<string, unknown>>[]): void => {
    for (const problem of generationProblems(state)) problems.push(problem);
    const days = new Map<number, string[]>();
    for (const row of rows) {
      const call = plan.callOf.get(String(row['record_id']));
      if (call === undefined) continue;
      if (row['kind'] === 'usage') days.set(call, [...(days.get(call) ?? []), String(row['day'])]);
      const object = String(row['source_object']);
      if (!plan.lasting.get(object)?.has(call) || released.has(object)) continue;
      const objects = seen.get(call) ?? new Set();
      seen.set(call, objects.add(object));
    }
    for (const [call, objects] of seen) if (objects.size > 0 && !days.has(call)) problems.push(`a reader of revision ${state.revision} misses call ${call}, which was there before`);
    for (const [call, own] of days) {
      if (new Set(own).size < own.length) problems.push(`a reader of revision ${state.revision} sees call ${call} ${own.length} times on one day`);
      else if (own.some((day) => own.some((other) => near(day, other)))) problems.push(`a reader of revision ${state.revision} sees call ${call} on ${own.join(' and ')}`);
    }
  };

  const start = async (): Promise<void> => {
    const engine = world.pool.take();
    if (engine === null) return;
    isReading = true;
    await new Promise<void>((resolve) => {
      resolve();
      scheduler.spawn(
        `reader-${++started}`,
        false,
        async (gate) => {
          const session = engineSession(engine, world.lake, world.prefix, gate, scheduler.nowMs);
          const state = await catalogPort(catalog, gate).read();
          await expose(session, state, [USAGE, USAGE_EXCLUDED]);
          const rows = await session.query(SEEN);
          await session.reset();
          check(state, rows);
          world.counts['readers'] = (world.counts['readers'] ?? 0) + 1;
        },
        (error) => {
          isReading = false;
          world.pool.release(engine);
          if (error !== null) problems.push(`a reader failed: ${error instanceof Error ? error.message : String(error)}`);
        },
      );
    });
  };

  return {
    release(object) {
      released.add(object);
      for (const objects of seen.values()) objects.delete(object);
    },
    async maybeStart() {
      const isNew = catalog.switches > lastSwitches;
      if (isReading || !random.chance(isNew ? 0.1 : 0.001)) return;
      lastSwitches = catalog.switches;
      await start();
    },
    async last() {
      if (problems.length > 0) return;
      await start();
      while (await scheduler.step());
    },
  };
}

function near(a: string, b: string): boolean {
  return Math.abs(Date.parse(a) - Date.parse(b)) === 86_400_000;
}

/** Both tables of a day must come from one statement over one snapshot. */
function generationProblems(state: CatalogState): string[] {
  const usage = state.tables['usage'] ?? {};
  const excluded = state.tables['usage_excluded'] ?? {};
  return Object.keys({ ...usage, ...excluded })
    .filter((day) => usage[day]?.generation !== excluded[day]?.generation)
    .map((day) => `revision ${state.revision}: ${day} of usage is of generation ${usage[day]?.generation}, of usage_excluded ${excluded[day]?.generation}`);
}
