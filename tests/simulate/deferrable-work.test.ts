import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillTroughs, freeCapacity } from '../../lib/simulate/deferrable-work.ts';
import type { DeferrableJob, FreeCapacity } from '../../lib/simulate/deferrable-work.ts';
import { demandOf } from '../../lib/simulate/fleet.ts';

/** The most units of work that any assignment of job seconds to free replica-seconds does in time (augmenting paths). */
function mostWork(capacity: readonly number[], jobs: readonly DeferrableJob[]): number {
  const slots = capacity.flatMap((replicas, second) => Array.from({ length: replicas }, () => second));
  const units = jobs.flatMap((job) => Array.from({ length: job.workS }, () => job));
  const holder = slots.map(() => -1);
  const place = (unit: number, tried: Set<number>): boolean =>
    slots.some((second, slot) => {
      const job = units[unit];
      if (!job || second < job.releaseS || second >= job.deadlineS || tried.has(slot)) return false;
      tried.add(slot);
      if (holder[slot] !== -1 && !place(holder[slot] ?? -1, tried)) return false;
      holder[slot] = unit;
      return true;
    });
  return units.filter((_, unit) => place(unit, new Set())).length;
}

function seconds(capacity: readonly number[]): FreeCapacity[] {
  return capacity.map((replicas, second) => ({ fromS: second, toS: second + 1, replicas }));
}

describe('work that can wait', () => {
  const capacities = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
  const jobLists = fc.array(
    fc.record({
      releaseS: fc.integer({ min: 0, max: 12 }),
      deadlineS: fc.integer({ min: 0, max: 14 }),
      workS: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 7 },
  );

  test('is done as far as any order could do it', () => {
    fc.assert(
      fc.property(capacities, jobLists, (capacity, jobs) => {
        const total = jobs.reduce((sum, job) => sum + job.workS, 0);
        const most = mostWork(capacity, jobs);
        const fit = fillTroughs(seconds(capacity), jobs);
        expect(fit.missedWorkS).toBeCloseTo(total - most, 6);
        expect(fit.fits).toBe(most === total);
      }),
      { numRuns: 300 },
    );
  });

  test('goes by its deadline, not by its turn', () => {
    const jobs = [
      { releaseS: 0, deadlineS: 10, workS: 6 },
      { releaseS: 2, deadlineS: 4, workS: 2 },
    ];
    expect(fillTroughs([{ fromS: 0, toS: 8, replicas: 1 }], jobs)).toEqual({
      fits: true,
      missedWorkS: 0,
      missedJobs: 0,
    });
    // half a second less and the long one is cut
    expect(fillTroughs([{ fromS: 0, toS: 7.5, replicas: 1 }], jobs)).toEqual({
      fits: false,
      missedWorkS: 0.5,
      missedJobs: 1,
    });
    expect(fillTroughs([], jobs)).toEqual({ fits: false, missedWorkS: 8, missedJobs: 2 });
  });

  test('spreads over many replicas, and thirds of seconds do not count as missed', () => {
    const jobs = Array.from({ length: 30 }, () => ({ releaseS: 0, deadlineS: 10, workS: 1 }));
    expect(fillTroughs([{ fromS: 0, toS: 10, replicas: 3 }], jobs).fits).toBe(true);
    expect(fillTroughs([{ fromS: 0, toS: 9.9, replicas: 3 }], jobs)).toMatchObject({ fits: false, missedJobs: 1 });
  });

  test('of many jobs takes one sweep', () => {
    const jobs = Array.from({ length: 100_000 }, (_, i) => ({ releaseS: i, deadlineS: i + 50_000, workS: 1 }));
    expect(fillTroughs([{ fromS: 0, toS: 200_000, replicas: 1 }], jobs).fits).toBe(true);
    expect(fillTroughs([{ fromS: 0, toS: 99_999, replicas: 1 }], jobs)).toMatchObject({
      missedJobs: 1,
      missedWorkS: 1,
    });
  });
});

describe('the troughs of a fleet', () => {
  test('are what it pays for, up to the ceiling, less its own work and what that carries over', () => {
    const demand = { ...demandOf(Float64Array.of(0, 12), Float64Array.of(25, 2)), fromS: 0, toS: 40 };
    const steps = [
      { fromS: 0, replicas: 1 },
      { fromS: 15, replicas: 2 },
      { fromS: 30, replicas: 0 },
    ];
    // windows of 10 s pay for 10, 5 + 10, 20 and 0. Own work: 10 of 25; 15 of 15 + 2; the 2 that are left; nothing
    expect(freeCapacity(demand, steps, 10, 0.9)).toEqual([
      { fromS: 0, toS: 10, replicas: 0 },
      { fromS: 10, toS: 20, replicas: 0 },
      { fromS: 20, toS: 30, replicas: (20 * 0.9 - 2) / 10 },
      { fromS: 30, toS: 40, replicas: 0 },
    ]);
  });

  test('end with the log', () => {
    const demand = { ...demandOf(Float64Array.of(1), Float64Array.of(1)), fromS: 0, toS: 15 };
    expect(freeCapacity(demand, [{ fromS: 0, replicas: 2 }], 10, 1)).toEqual([
      { fromS: 0, toS: 10, replicas: 1.9 },
      { fromS: 10, toS: 15, replicas: 2 },
    ]);
  });
});
