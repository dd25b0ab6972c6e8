import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { autoscaledFleet } from '../../lib/simulate/autoscaled-fleet.ts';
import { demandOf } from '../../lib/simulate/fleet.ts';
import type { FleetDemand } from '../../lib/simulate/fleet.ts';
import { addStep, stepSeconds } from '../../lib/simulate/fleet-steps.ts';
import type { FleetStep } from '../../lib/simulate/fleet-steps.ts';
import { queueWaits } from '../../lib/simulate/queue-replay.ts';
import { scheduledFleet } from '../../lib/simulate/scheduled-fleet.ts';
import { replayVaryingFleet } from '../../lib/simulate/varying-fleet.ts';

const drawn = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 30 })), {
  minLength: 1,
  maxLength: 60,
});

function demandFrom(gapsAndWork: readonly (readonly [number, number])[]): FleetDemand {
  let now = 0;
  return demandOf(
    Float64Array.from(gapsAndWork, ([gap]) => (now += gap)),
    Float64Array.from(gapsAndWork, ([, work]) => work),
  );
}

const target = { maxWaitS: 2, lateShare: 0.05 };

describe('a replay with a capacity that changes', () => {
  test('waits as in the static replay where it does not change, to the last bit', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), (calls, replicas, slots) => {
        const demand = demandFrom(calls.map(([gap, work]) => [gap * 0.1, work * 0.3]));
        const constant = { nextChangeS: () => Infinity, readyReplicas: () => replicas };
        const service = demand.workS.map((work) => work * slots);
        expect(replayVaryingFleet(demand, slots, constant)).toEqual(
          queueWaits(demand.arrivalS, service, replicas * slots),
        );
      }),
    );
  });

  test('does not wait forever', () => {
    const none = { nextChangeS: () => Infinity, readyReplicas: () => 0 };
    expect(() => replayVaryingFleet(demandFrom([[0, 1]]), 1, none)).toThrow('never be ready');
  });
});

describe('an autoscaled fleet', () => {
  const options = {
    target,
    slotsPerReplica: 1,
    minimumReplicas: 1,
    maximumReplicas: 3,
    scaleUpS: 100,
    scaleDownS: 200,
  };

  test('orders with the need, is ready after the delay, gives back after the idle time', () => {
    // two requests of 50 s at 0 and 10 s. At 10 s a second replica is ordered, ready at 110 s, too late: the second request begins at 50 s.
    // From 50 s on one is enough, so 200 s later, at 250 s, one is given back.
    const demand = { ...demandOf(Float64Array.of(0, 10), Float64Array.of(50, 50)), toS: 400 };
    const fleet = autoscaledFleet(demand, options);
    expect(fleet.steps).toEqual([
      { fromS: 0, replicas: 1 },
      { fromS: 10, replicas: 2 },
      { fromS: 250, replicas: 1 },
    ]);
    expect(fleet.billedReplicaS).toBe(10 + 2 * 240 + 150);
    expect(fleet.meanWaitS).toBe(20);
    expect(fleet.utilization).toBe(100 / 640);
    expect(fleet.meetsTarget).toBe(false);
  });

  test('from nothing waits for its first replica', () => {
    const demand = { ...demandOf(Float64Array.of(5), Float64Array.of(10)), fromS: 0, toS: 400 };
    const fleet = autoscaledFleet(demand, { ...options, minimumReplicas: 0 });
    // ordered at 5, ready at 105, done at 115, given back 200 s later
    expect(fleet.meanWaitS).toBe(100);
    expect(fleet.steps).toEqual([
      { fromS: 0, replicas: 0 },
      { fromS: 5, replicas: 1 },
      { fromS: 315, replicas: 0 },
    ]);
  });

  test('cancels an order that is no longer needed', () => {
    const demand = { ...demandOf(Float64Array.of(0, 10), Float64Array.of(20, 20)), toS: 400 };
    // the second request begins at 20 s; the replica ordered at 10 s would be ready at 110 s and is canceled at 20 + 5 s
    const { steps } = autoscaledFleet(demand, { ...options, scaleDownS: 5 });
    expect(steps).toEqual([
      { fromS: 0, replicas: 1 },
      { fromS: 10, replicas: 2 },
      { fromS: 25, replicas: 1 },
    ]);
  });

  test('remembers a second peak that is lower than the first and higher than what lay between', () => {
    // in the system: 4 until 10 s, 3 until 20, 2 until 30, 1 until 35, 3 until 45, 1 until 60; what ends is remembered for 100 s
    const demand = {
      ...demandOf(Float64Array.of(0, 0, 0, 0, 35, 35), Float64Array.of(10, 20, 30, 60, 10, 10)),
      toS: 200,
    };
    const { steps } = autoscaledFleet(demand, { ...options, maximumReplicas: 9, scaleUpS: 0, scaleDownS: 100 });
    expect(steps).toEqual([
      { fromS: 0, replicas: 4 },
      { fromS: 110, replicas: 3 },
      { fromS: 145, replicas: 1 },
    ]);
  });

  const delays = fc.record({
    slotsPerReplica: fc.integer({ min: 1, max: 3 }),
    minimumReplicas: fc.integer({ min: 0, max: 2 }),
    maximumReplicas: fc.integer({ min: 2, max: 5 }),
    scaleUpS: fc.integer({ min: 0, max: 20 }),
    scaleDownS: fc.integer({ min: 1, max: 30 }),
  });

  test('follows the greatest need of the idle period', () => {
    fc.assert(
      fc.property(drawn, delays, (calls, chosen) => {
        const demand = { ...demandFrom(calls), fromS: 0, toS: 500 };
        // the whole past is looked through at each event
        const past: { value: number; untilS: number }[] = [];
        const ordered: number[] = [];
        const steps: FleetStep[] = [{ fromS: 0, replicas: chosen.minimumReplicas }];
        let ready = chosen.minimumReplicas;
        let current = 0;
        const naive = {
          nextChangeS: () => Math.min(...ordered, ...past.map(({ untilS }) => untilS + chosen.scaleDownS), Infinity),
          readyReplicas(nowS: number, inSystem: number) {
            const need = Math.min(chosen.maximumReplicas, Math.ceil(inSystem / chosen.slotsPerReplica));
            if (need !== current) past.push({ value: current, untilS: nowS });
            current = need;
            past.splice(0, past.length, ...past.filter(({ untilS }) => untilS + chosen.scaleDownS > nowS));
            while (ordered.length > 0 && (ordered[0] ?? 0) <= nowS) {
              ordered.shift();
              ready++;
            }
            const wanted = Math.max(chosen.minimumReplicas, need, ...past.map(({ value }) => value));
            while (ready + ordered.length < wanted) ordered.push(nowS + chosen.scaleUpS);
            while (ready + ordered.length > wanted && ordered.length > 0) ordered.pop();
            ready = Math.min(ready, wanted);
            addStep(steps, nowS, ready + ordered.length);
            return ready;
          },
        };
        const waits = replayVaryingFleet(demand, chosen.slotsPerReplica, naive);
        const fleet = autoscaledFleet(demand, { target, ...chosen });
        const until = (all: readonly FleetStep[]): FleetStep[] => all.filter((step) => step.fromS < demand.toS);
        expect(until(fleet.steps)).toEqual(until(steps));
        expect(fleet.meanWaitS).toBeCloseTo(waits.reduce((a, b) => a + b, 0) / waits.length, 9);
      }),
      { numRuns: 2000 },
    );
  });

  test('is never faster than its maximum all the time, nor dearer', () => {
    fc.assert(
      fc.property(drawn, delays, (calls, chosen) => {
        const demand = demandFrom(calls);
        const fleet = autoscaledFleet(demand, { target, ...chosen });
        const service = demand.workS.map((work) => work * chosen.slotsPerReplica);
        const full = queueWaits(demand.arrivalS, service, chosen.maximumReplicas * chosen.slotsPerReplica);
        const mean = full.reduce((a, b) => a + b, 0) / full.length;
        expect(fleet.meanWaitS).toBeGreaterThanOrEqual(mean - 1e-9);
        expect(fleet.billedReplicaS).toBeLessThanOrEqual(chosen.maximumReplicas * (demand.toS - demand.fromS));
        expect(fleet.billedReplicaS).toBeGreaterThanOrEqual(chosen.minimumReplicas * (demand.toS - demand.fromS));
      }),
    );
  });

  test('has bounds that can be', () => {
    const demand = demandFrom([[0, 1]]);
    expect(() => autoscaledFleet(demand, { ...options, minimumReplicas: 4 })).toThrow('4 to 3 replicas');
    expect(() => autoscaledFleet(demand, { ...options, minimumReplicas: 0, maximumReplicas: 0 })).toThrow(RangeError);
  });
});

describe('a fleet on a timetable', () => {
  const WEEK_S = 604_800;
  // Monday 0:00 two requests of 600 s at once, at 1:00 one of 60 s; the Monday after three of 600 s
  const demand: FleetDemand = {
    arrivalS: Float64Array.of(0, 0, 3600, WEEK_S, WEEK_S, WEEK_S),
    workS: Float64Array.of(600, 600, 60, 600, 600, 600),
    fromS: 0,
    toS: WEEK_S + 3600,
  };
  const options = {
    target: { maxWaitS: 0, lateShare: 0 },
    slotsPerReplica: 1,
    minimumReplicas: 1,
    quantile: 1,
    scaleUpS: 600,
    mondayS: 0,
  };

  test('takes the busiest week, orders ahead and pays from the order on', () => {
    const fleet = scheduledFleet(demand, options);
    expect(fleet.replicasByHourOfWeek.slice(0, 3)).toEqual([3, 1, 1]);
    expect(fleet.replicasByHourOfWeek).toHaveLength(168);
    expect(fleet.steps).toEqual([
      { fromS: 0, replicas: 3 },
      { fromS: 3600, replicas: 1 },
      { fromS: WEEK_S - 600, replicas: 3 },
    ]);
    expect(fleet.billedReplicaS).toBe(3 * 3600 + (WEEK_S - 600 - 3600) + 3 * 4200);
    expect(fleet).toMatchObject({ meanWaitS: 0, lateShare: 0, meetsTarget: true });
  });

  test('at the median lets one of the busiest week wait', () => {
    const fleet = scheduledFleet(demand, { ...options, quantile: 0.5 });
    expect(fleet.replicasByHourOfWeek[0]).toBe(2);
    expect(fleet).toMatchObject({ lateShare: 1 / 6, meanWaitS: 100, meetsTarget: false });
  });

  test('knows nothing of hours the log has not seen, and finds Monday in any clock', () => {
    // seconds since 1970 of Tuesday 2026-11-03, 10:30 to 11:30
    const start = Date.UTC(2026, 10, 3, 10, 30) / 1000;
    const epoch = { arrivalS: Float64Array.of(start, start + 3000), workS: Float64Array.of(1, 1) };
    const fleet = scheduledFleet({ ...epoch, fromS: start, toS: start + 3600 }, { ...options, mondayS: 345_600 });
    const seen = [...fleet.replicasByHourOfWeek.entries()].filter(([, replicas]) => replicas !== null);
    expect(seen).toEqual([
      [34, 1],
      [35, 1],
    ]);
    expect(fleet.billedReplicaS).toBe(3600);
  });

  test('gives every request of a log its hour', () => {
    fc.assert(
      fc.property(drawn, (calls) => {
        // gaps of up to 2.5 hours: many hours are empty, some requests lie on the full hour
        const spread = demandFrom(calls.map(([gap, work]) => [gap * 1000, work * 60]));
        const fleet = scheduledFleet(spread, { ...options, minimumReplicas: 0, target: { maxWaitS: 0, lateShare: 1 } });
        const hours = new Set([...spread.arrivalS].map((s) => Math.floor(s / 3600) % 168));
        for (const hour of hours) expect(fleet.replicasByHourOfWeek[hour]).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('refuses quantiles and delays that make none', () => {
    expect(() => scheduledFleet(demand, { ...options, quantile: 0 })).toThrow('quantile');
    expect(() => scheduledFleet(demand, { ...options, scaleUpS: 4000 })).toThrow('within an hour');
  });
});

test('steps are paid to the end of the log, no further', () => {
  const steps: FleetStep[] = [];
  addStep(steps, 0, 2);
  addStep(steps, 5, 2);
  addStep(steps, 10, 3);
  addStep(steps, 10, 4);
  addStep(steps, 20, 9);
  addStep(steps, 20, 4);
  addStep(steps, 30, 1);
  expect(steps).toEqual([
    { fromS: 0, replicas: 2 },
    { fromS: 10, replicas: 4 },
    { fromS: 30, replicas: 1 },
  ]);
  expect(stepSeconds(steps, 15)).toBe(40);
  expect(stepSeconds(steps, 40)).toBe(20 + 80 + 10);
});
