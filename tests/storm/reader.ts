/**
 * Readers in between: they read the catalog, then `usage` of it, while workers go on. In: the world of a seed. Out: problems. Invariant checked:
 * a reader never fails, sees both tables of a day from one generation, never sees a call twice, and never misses a call that an earlier
 * reader saw and that no upload has taken away.
 */
import type { CatalogState, SqlRow } from '../../lib/ports.ts';
import { USAGE, USAGE_EXCLUDED } from '../../lib/schema.ts';
import { MS_PER_DAY } from '../../lib/time.ts';
import { expose } from './comparison.ts';
import { messageOf } from './scheduler.ts';
import { catalogPort } from './simulated-catalog.ts';
import { engineSession } from './simulated-engine.ts';
import { count } from './world.ts';
import type { World } from './world.ts';

const SEEN = `
select 'usage' as kind, record_id, source_object, cast(day as varchar) as day from usage where grain = 'call'
union all
select 'excluded' as kind, record_id, source_object, cast(day as varchar) as day from usage_excluded
where grain = 'call' and excluded_reason = 'duplicate'`;

export interface Readers {
  /** Starts a reader now and then, mostly soon after a switch. */
  maybeStart(): void;
  start(): void;
  /** From now on this object's rows may go. */
  release(object: string): void;
}

/** Calls seen so far, and the objects they were seen in that keep them. */
type Seen = Map<number, Set<string>>;

export function createReaders(world: World): Readers {
  const { scheduler, random, catalog, problems } = world;
  const seen: Seen = new Map();
  const released = new Set<string>();
  let started = 0;
  let lastSwitches = 0;
  let isReading = false;

  const start = (): void => {
    const engine = world.pool.take();
    if (engine === null) return;
    isReading = true;
    scheduler.spawn(
      `reader-${++started}`,
      false,
      async (gate) => {
        const session = engineSession(engine, world.lake, world.prefix, gate, scheduler.nowMs);
        const state = await catalogPort(catalog, gate).read();
        await expose(session, state, [USAGE, USAGE_EXCLUDED]);
        const rows = await session.query(SEEN);
        await session.reset();
        problems.push(...generationProblems(state), ...readProblems(world, state.revision, rows, seen, released));
        count(world, 'readers');
      },
      (error) => {
        isReading = false;
        world.pool.release(engine);
        if (error !== null) problems.push(`a reader failed: ${messageOf(error)}`);
      },
    );
  };

  return {
    start,
    release(object) {
      released.add(object);
      for (const objects of seen.values()) objects.delete(object);
    },
    maybeStart() {
      const isNew = catalog.switches > lastSwitches;
      if (isReading || !random.chance(isNew ? 0.3 : 0.0005)) return;
      lastSwitches = catalog.switches;
      start();
    },
  };
}

/** What is wrong with what a reader saw; takes note of the calls in it. */
function readProblems(
  { plan }: World,
  revision: number,
  rows: readonly SqlRow[],
  seen: Seen,
  released: ReadonlySet<string>,
): string[] {
  const days = new Map<number, string[]>();
  for (const row of rows) {
    const call = plan.callOf.get(String(row['record_id']));
    if (call === undefined) continue;
    if (row['kind'] === 'usage') days.set(call, [...(days.get(call) ?? []), String(row['day'])]);
    const object = String(row['source_object']);
    if (!plan.lasting.get(object)?.has(call) || released.has(object)) continue;
    seen.set(call, (seen.get(call) ?? new Set()).add(object));
  }
  const missing = [...seen].filter(([call, objects]) => objects.size > 0 && !days.has(call));
  const doubled = [...days].filter(([, own]) =>
    own.some((day, i) => own.some((other, j) => i < j && isNear(day, other))),
  );
  return [
    ...missing.map(([call]) => `a reader of revision ${revision} misses call ${call}, which was there before`),
    ...doubled.map(([call, own]) => `a reader of revision ${revision} sees call ${call} on ${own.join(' and ')}`),
  ];
}

function isNear(a: string, b: string): boolean {
  return Math.abs(Date.parse(a) - Date.parse(b)) <= MS_PER_DAY;
}

/** Both tables of a day must come from one statement over one snapshot. */
function generationProblems(state: CatalogState): string[] {
  const usage = state.tables['usage'] ?? {};
  const excluded = state.tables['usage_excluded'] ?? {};
  return Object.keys({ ...usage, ...excluded })
    .filter((day) => usage[day]?.generation !== excluded[day]?.generation)
    .map(
      (day) =>
        `revision ${state.revision}: ${day} of usage is of generation ${usage[day]?.generation}, of usage_excluded ${excluded[day]?.generation}`,
    );
}
