import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allenCunneenMeanWaitS, arrivalBursts, squaredVariation } from '../../lib/simulate/arrival-bursts.ts';
import { erlangMeanWaitS } from '../../lib/simulate/erlang.ts';
import { demandOf, erlangReplicas, replicasForTarget, staticFleet, waitsOf } from '../../lib/simulate/fleet.ts';
import type { FleetDemand, FleetOptions } from '../../lib/simulate/fleet.ts';
import { queueWaits } from '../../lib/simulate/queue-replay.ts';
import { traceRows } from '../fixtures/prompt-paths.ts';

const TWO_SECONDS: FleetOptions = { target: { maxWaitS: 2, lateShare: 0.05 }, slotsPerReplica: 1, minimumReplicas: 0 };

describe('a real hour of a code-completion service (Azure 2023)', () => {
  const calls = traceRows('azure_code.csv.gz').map((row) => {
    const [time = '', input, output] = row.trim().split(',');
    const seconds = Number(time.slice(11, 13)) * 3600 + Number(time.slice(14, 16)) * 60 + Number(time.slice(17, 23));
    return { seconds, workS: 0.2 + Number(input) / 5000 + 0.025 * Number(output) };
  });
  const demand = demandOf(
    Float64Array.from(calls, (call) => call.seconds),
    Float64Array.from(calls, (call) => call.workS),
  );
  const fleet = staticFleet(demand, TWO_SECONDS);

  test('needs 26 replicas where random arrivals would need 5, and says why', () => {
    expect(fleet).toMatchObject({ replicas: 26, replicasForWaits: 26, meetsTarget: true });
    expect(fleet.erlang?.replicas).toBe(5);
    expect(fleet.utilization?.toFixed(2)).toBe('0.13');
    expect(fleet.warnings).toEqual([
      expect.stringMatching(
        /variation of the gaps 173\.\d, the busiest second is 2\d\.\d times the mean\): the log needs 26 replicas where random arrivals would need 5/,
      ),
    ]);
  });

  test('is far from random', () => {
    const { gapVariation, windows } = fleet.bursts;
    expect(gapVariation?.toFixed(0)).toBe('173');
    expect(windows.map((window) => window.windowS)).toEqual([1, 10, 60]);
    expect(windows[0]?.peakOverMean?.toFixed(0)).toBe('26');
    for (const { dispersion } of windows) expect(dispersion).toBeGreaterThan(1);
  });

  // mean waits in seconds by Allen and Cunneen, facts of the same table as the replay's 163, 41 and 26.5
  test.each([
    [4, '118'],
    [5, '23'],
    [6, '6.5'],
  ])('waits on %i replicas %s s by the formula for general arrivals', (replicas, wait) => {
    const meanS = demand.workS.reduce((sum, s) => sum + s, 0) / calls.length;
    const load = (meanS * calls.length) / (demand.toS - demand.fromS);
    const erlang = erlangMeanWaitS(replicas, load, meanS);
    const mean = allenCunneenMeanWaitS(erlang, fleet.bursts.gapVariation ?? NaN, squaredVariation(demand.workS) ?? NaN);
    expect(mean.toFixed(wait.includes('.') ? 1 : 0)).toBe(wait);
  });

  test('keeps the minimum of replicas, and then costs and idles more', () => {
    const kept = staticFleet(demand, { ...TWO_SECONDS, minimumReplicas: 30 });
    expect([kept.replicas, kept.replicasForWaits]).toEqual([30, 26]);
    expect(kept.billedReplicaS).toBeCloseTo(30 * (demand.toS - demand.fromS), 6);
    expect(kept.meanWaitS).toBeLessThan(fleet.meanWaitS);
  });
});

/** Gaps and works in whole seconds, so that sums are exact. */
const drawn = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 30 })), { maxLength: 60 });

function demandFrom(gapsAndWork: readonly (readonly [number, number])[]): FleetDemand {
  let now = 0;
  return demandOf(
    Float64Array.from(gapsAndWork, ([gap]) => (now += gap)),
    Float64Array.from(gapsAndWork, ([, work]) => work),
  );
}

describe('a static fleet', () => {
  const options = fc.record({
    target: fc.record({ maxWaitS: fc.integer({ min: 0, max: 20 }), lateShare: fc.constantFrom(0, 0.05, 0.3) }),
    slotsPerReplica: fc.integer({ min: 1, max: 4 }),
    minimumReplicas: fc.constant(0),
  });

  test('is the smallest that meets the target', () => {
    fc.assert(
      fc.property(drawn, options, (calls, chosen) => {
        const demand = demandFrom(calls);
        // all sizes one after the other, on slots of their own
        const service = demand.workS.map((work) => work * chosen.slotsPerReplica);
        const meets = (k: number): boolean => {
          const waits = queueWaits(demand.arrivalS, service, k * chosen.slotsPerReplica);
          const late = waits.filter((wait) => wait > chosen.target.maxWaitS).length;
          const last = Math.max(demand.toS, ...waits.map((wait, i) => wait + (demand.arrivalS[i] ?? 0)));
          return late <= chosen.target.lateShare * waits.length && last - demand.toS <= chosen.target.maxWaitS;
        };
        let smallest = calls.length === 0 ? 0 : 1;
        while (smallest > 0 && !meets(smallest)) smallest++;
        expect(replicasForTarget(demand, chosen)).toBe(smallest);
      }),
    );
  });

  test('never gets smaller when every request takes longer', () => {
    fc.assert(
      fc.property(drawn, options, fc.integer({ min: 1, max: 3 }), (calls, chosen, longer) => {
        const demand = demandFrom(calls);
        const more = { ...demand, workS: demand.workS.map((work) => work * longer) };
        expect(replicasForTarget(more, chosen)).toBeGreaterThanOrEqual(replicasForTarget(demand, chosen));
      }),
    );
  });

  test('never waits longer with a replica more, and reports the utilization that is paid for', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 5 }), (calls, replicas) => {
        const demand = demandFrom(calls);
        const fleets = [replicas, replicas + 1].map((minimumReplicas) =>
          staticFleet(demand, { target: { maxWaitS: 1e9, lateShare: 0 }, slotsPerReplica: 1, minimumReplicas }),
        );
        expect(fleets[1]?.meanWaitS).toBeLessThanOrEqual(fleets[0]?.meanWaitS ?? NaN);
        for (const fleet of fleets) {
          const paid = fleet.replicas * (demand.toS - demand.fromS);
          expect(fleet.billedReplicaS).toBe(paid);
          expect(fleet.utilization).toBe(paid > 0 ? demand.workS.reduce((a, b) => a + b, 0) / paid : null);
        }
      }),
    );
  });

  test('leaves nothing waiting at the end, though the late are few', () => {
    // the last of 40 waits 100 s for the one before it: 2.5 % are late, and the log ends with a queue
    const arrivals = Float64Array.from({ length: 40 }, (_, i) => (i < 39 ? i : 38));
    const work = Float64Array.from({ length: 40 }, (_, i) => (i < 38 ? 0.5 : 100));
    expect(replicasForTarget(demandOf(arrivals, work), TWO_SECONDS)).toBe(2);
    expect(replicasForTarget({ ...demandOf(arrivals, work), toS: 200 }, TWO_SECONDS)).toBe(1);
  });

  test('of slots is conservative: a request in one of four slots takes four times as long', () => {
    // four at once, 10 replica-seconds each: one by one the last waits 30 s, in four slots nobody waits
    const demand = demandOf(Float64Array.of(0, 0, 0, 0, 20), Float64Array.of(10, 10, 10, 10, 1));
    expect(replicasForTarget(demand, TWO_SECONDS)).toBe(4);
    expect(replicasForTarget(demand, { ...TWO_SECONDS, slotsPerReplica: 4 })).toBe(2);
    expect(replicasForTarget(demand, { ...TWO_SECONDS, slotsPerReplica: 5 })).toBe(1);
  });

  test('of an empty log, or of one that covers no time, claims nothing', () => {
    const nothing = staticFleet(demandOf(new Float64Array(), new Float64Array()), TWO_SECONDS);
    expect(nothing).toMatchObject({ replicas: 0, utilization: null, erlang: null, meanWaitS: 0, warnings: [] });
    const one = staticFleet(demandOf(Float64Array.of(7), Float64Array.of(3)), TWO_SECONDS);
    expect(one).toMatchObject({ replicas: 1, utilization: null, erlang: null });
    const idle = staticFleet(demandOf(Float64Array.of(0, 9), Float64Array.of(0, 0)), TWO_SECONDS);
    expect(idle).toMatchObject({ replicas: 1, utilization: 0, erlang: { replicas: 0 } });
  });

  test('refuses arrivals without work and replicas without slots', () => {
    const odd = { ...demandOf(Float64Array.of(1, 2), Float64Array.of(1)) };
    expect(() => staticFleet(odd, TWO_SECONDS)).toThrow('2 arrivals come with 1 works');
    expect(() => staticFleet(demandFrom([[1, 1]]), { ...TWO_SECONDS, slotsPerReplica: 0 })).toThrow('slots');
  });
});

describe('random arrivals', () => {
  test('are served without a log by the smallest number the formula allows', () => {
    // 3.37 replicas of load at 2.5 s a request: 4 wait too long, 5 do not; ten times the load needs less than ten times as many
    expect(erlangReplicas(3.37, 1.38, TWO_SECONDS)).toBe(5);
    expect(erlangReplicas(33.7, 1.38, TWO_SECONDS)).toBeLessThan(50);
    expect(erlangReplicas(0, 1, TWO_SECONDS)).toBe(0);
    // M/M/1 at load 0.04: fewer than one in twenty wait at all
    expect(erlangReplicas(0.04, 2, { ...TWO_SECONDS, target: { maxWaitS: 0, lateShare: 0.05 } })).toBe(1);
  });
});

describe('burst statistics', () => {
  test('of a clock show no variation at all', () => {
    const { gapVariation, windows } = arrivalBursts(Float64Array.from({ length: 1201 }, (_, i) => i / 2));
    expect(gapVariation).toBeCloseTo(0, 12);
    expect(windows).toEqual([1, 10, 60].map((windowS) => ({ windowS, dispersion: 0, peakOverMean: 1 })));
  });

  test('count windows without arrivals', () => {
    // seconds 0 to 3 hold 3, 0, 0 and 1 arrivals, the last second is not whole: mean 1, mean of squares 2.5
    const [second] = arrivalBursts(Float64Array.of(0, 0.25, 0.5, 3.5, 4.5)).windows;
    expect(second).toEqual({ windowS: 1, dispersion: 1.5, peakOverMean: 3 });
  });

  test('of a short log are unknown', () => {
    expect(arrivalBursts(Float64Array.of(5))).toEqual({
      gapVariation: null,
      windows: [1, 10, 60].map((windowS) => ({ windowS, dispersion: null, peakOverMean: null })),
    });
    expect(arrivalBursts(Float64Array.of(5, 5)).gapVariation).toBeNull();
  });
});

test('waits are judged by share and by the queue that is left', () => {
  const demand = demandOf(Float64Array.of(0, 1, 2, 10), Float64Array.of(0, 0, 0, 0));
  const judge = (waits: readonly number[], lateShare: number) =>
    waitsOf(demand, Float64Array.from(waits), { maxWaitS: 2, lateShare });
  expect(judge([0, 3, 0, 1], 0.25)).toEqual({ meanWaitS: 1, lateShare: 0.25, backlogS: 1, meetsTarget: true });
  expect(judge([0, 3, 0, 1], 0.2).meetsTarget).toBe(false);
  expect(judge([0, 0, 0, 4], 0.25)).toMatchObject({ backlogS: 4, meetsTarget: false });
});
