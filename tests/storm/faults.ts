/**
 * Which faults a seed has, and how often each occurred. In: chance. Out: the fault of a port call, and counts by kind. Invariant: a fault that
 * is counted has happened.
 */
import type { Random } from '../../lib/generate/random.ts';
import type { CallFault } from './scheduler.ts';

/** A seed has at least this many faults. */
export const MIN_FAULTS = 20;

export interface Faults {
  readonly counts: Record<string, number>;
  /** The fault of this call, if it has one; counts it. */
  readonly ofCall: (call: string) => CallFault | null;
  count(kind: string): void;
  total(): number;
  /** From now on nothing fails. */
  stop(): void;
  readonly slowMs: () => number;
}

const KINDS: readonly (readonly [CallFault, number])[] = [
  ['crash_before', 3],
  ['crash_after', 3],
  ['fail_before', 3],
  ['fail_after', 3],
  ['slow', 4],
];
/** Calls that change something are where faults hurt. */
const WRITES = /\.(put|putIfAbsent|remove|switch|write|delete) ?/;

export function createFaults(random: Random, graceMs: number): Faults {
  const counts: Record<string, number> = {};
  const perRead = 0.004 + random.next() * 0.012;
  let isOn = true;
  const count = (kind: string): void => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  return {
    counts,
    count,
    total: () => Object.values(counts).reduce((sum, n) => sum + n, 0),
    stop: () => {
      isOn = false;
    },
    ofCall(call) {
      if (!isOn || !random.chance(WRITES.test(call) ? perRead * 4 : perRead)) return null;
      const kind = KINDS[random.weighted(KINDS.map(([, weight]) => weight))]?.[0] ?? 'slow';
      count(kind);
      return kind;
    },
    /** Past a visibility timeout or a lease; now and then past the grace of old generations. */
    slowMs: () => (random.chance(0.15) ? graceMs + random.below(graceMs) : random.between(10_000, 300_000)),
  };
}
