import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erlangC, erlangMeanWaitS, erlangWaitQuantileS } from '../../lib/simulate/erlang.ts';
import { queueWaits, replayQueue } from '../../lib/simulate/queue-replay.ts';
import { traceRows } from '../fixtures/prompt-paths.ts';

describe('a real hour of a code-completion service (Azure 2023)', () => {
  const calls = traceRows('azure_code.csv.gz').map((row) => {
    const [time = '', input, output] = row.trim().split(',');
    const seconds = Number(time.slice(11, 13)) * 3600 + Number(time.slice(14, 16)) * 60 + Number(time.slice(17, 23));
    return { seconds, serviceS: 0.2 + Number(input) / 5000 + 0.025 * Number(output) };
  });
  const arrivals = Float64Array.from(calls, (call) => call.seconds - (calls[0]?.seconds ?? 0));
  const service = Float64Array.from(calls, (call) => call.serviceS);
  const meanS = service.reduce((sum, s) => sum + s, 0) / service.length;
  const load = (service.length * meanS) / (arrivals.at(-1) ?? NaN);

  // facts/simulation.md §4.4
  test.each([
    [4, '0.84', 163, 277, '1.3'],
    [5, '0.67', 41, 119, '0.26'],
    [6, '0.56', 26.5, 88, '0.07'],
  ])('on %i servers', (servers, utilization, meanWaitS, p95WaitS, erlang) => {
    expect((load / servers).toFixed(2)).toBe(utilization);
    const waits = replayQueue(arrivals, service, servers);
    expect(waits.meanWaitS.toFixed(Number.isInteger(meanWaitS) ? 0 : 1)).toBe(String(meanWaitS));
    expect(waits.p95WaitS.toFixed(0)).toBe(String(p95WaitS));
    expect(erlangMeanWaitS(servers, load, meanS).toFixed(erlang.length - 2)).toBe(erlang);
  });

  test('a wait of two seconds at the 95th percentile needs 26 servers where random arrivals would need 5', () => {
    expect([25, 26].map((servers) => replayQueue(arrivals, service, servers).p95WaitS <= 2)).toEqual([false, true]);
    expect([4, 5].map((servers) => erlangWaitQuantileS(servers, load, meanS, 0.95) <= 2)).toEqual([false, true]);
  });
});

describe('Erlang C', () => {
  test('is as in the tables', () => {
    const values = [erlangC(6, 5), erlangC(8, 5), erlangC(110, 100)];
    expect(values.map((value) => value.toFixed(4))).toEqual(['0.5875', '0.1673', '0.2370']);
  });

  test('of one server is its load, and the mean wait that of M/M/1', () => {
    expect(erlangC(1, 0.8)).toBeCloseTo(0.8, 12);
    expect(erlangMeanWaitS(1, 0.8, 2)).toBeCloseTo((0.8 * 2) / 0.2, 12);
    // P(wait > t) = 0.8·e^(−0.1·t): one in twenty waits longer than ln(16) / 0.1
    expect(erlangWaitQuantileS(1, 0.8, 2, 0.95)).toBeCloseTo(Math.log(16) * 10, 10);
    expect(erlangWaitQuantileS(1, 0.04, 2, 0.95)).toBe(0);
  });

  test('has no end of waiting where the load is not below the servers', () => {
    expect([erlangC(3, 3), erlangMeanWaitS(3, 3.5, 1), erlangWaitQuantileS(3, 3, 1, 0.5)]).toEqual([
      1,
      Infinity,
      Infinity,
    ]);
  });
});

describe('the replay', () => {
  const arrivalsAndWork = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 30 })), {
    maxLength: 60,
  });
  const seconds = (drawn: readonly (readonly [number, number])[]): [Float64Array, Float64Array] => {
    let now = 0;
    return [Float64Array.from(drawn, ([gap]) => (now += gap)), Float64Array.from(drawn, ([, work]) => work)];
  };

  test('gives each request the server that is free first', () => {
    fc.assert(
      fc.property(arrivalsAndWork, fc.integer({ min: 1, max: 5 }), (drawn, servers) => {
        const [arrivals, work] = seconds(drawn);
        const free = Array.from({ length: servers }, () => 0);
        const waits = [...arrivals].map((arrival, i) => {
          const first = free.indexOf(Math.min(...free));
          const start = Math.max(arrival, free[first] ?? 0);
          free[first] = start + (work[i] ?? 0);
          return start - arrival;
        });
        expect([...queueWaits(arrivals, work, servers)]).toEqual(waits);
      }),
    );
  });

  test('never waits longer with one server more', () => {
    fc.assert(
      fc.property(arrivalsAndWork, fc.integer({ min: 1, max: 5 }), (drawn, servers) => {
        const [arrivals, work] = seconds(drawn);
        const more = queueWaits(arrivals, work, servers + 1);
        for (const [i, wait] of queueWaits(arrivals, work, servers).entries())
          expect(more[i]).toBeLessThanOrEqual(wait);
      }),
    );
  });

  test('of nothing waits nothing', () => {
    expect(replayQueue(new Float64Array(), new Float64Array(), 1)).toEqual({ meanWaitS: 0, p95WaitS: 0 });
  });
});
