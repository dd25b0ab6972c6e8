import { describe, expect, test } from 'vitest';
import { hostedFleet } from '../../lib/simulate/hosted-fleet.ts';
import { hostingCrossover } from '../../lib/simulate/hosting-crossover.ts';
import type { HostingCrossover } from '../../lib/simulate/hosting-crossover.ts';
import { hostingJson } from '../../lib/simulate/hosting-json.ts';
import { hostedCalls, hostingOption, hostingValues, PAIR } from '../fixtures/hosted-calls.ts';

/** Saturated replicas and nobody to pay: the setting of the worked examples of crossover.test.ts. */
const BARE = { 'perf.derating_offline': 1, 'ops.fte': 0, 'ops.setup_weeks': 0 } as const;
const VALUES = hostingValues(BARE);
/** One call every hour, 400 tokens in and 100 out: 0.037618 s */
const HOURLY = hostedCalls(Array.from({ length: 24 }, (_, hour) => ({ atS: hour * 3600, output: 100 })));
/** 24 calls at 0.002 and at 0.00012 USD */
const GPT_4O = 24n * 2_000_000_000n;
const MINI = 24n * 120_000_000n;

function found(parts: Readonly<Record<string, unknown>>, apiPico = GPT_4O, values = VALUES): HostingCrossover {
  return hostingCrossover(HOURLY, hostingOption({ latencyClass: 'offline', ...parts }), apiPico, values);
}

describe('the crossover of a log', () => {
  test('is 165,120 calls a day for two H100 against 0.002 USD a call, and twice that with a second replica', () => {
    // 13.76 · 24 / 0.002
    const one = found({ ...PAIR, minimumReplicas: 1 });
    expect(one).toMatchObject({
      requestsPerDay: 165_120,
      reason: null,
      logRequestsPerDay: 24,
      loadBasis: 'busiest_hour',
    });
    expect(one.utilization?.toFixed(3)).toBe('0.072');
    expect(one.assumes).toContain('each replica serves 26.6 requests/s all day at a utilization of 100 %');
    expect(one.assumedRequestsPerSecond).toBeCloseTo(1 / 0.037618, 6);
    expect(found(PAIR).requestsPerDay).toBe(330_240);
  });

  test('counts whole instances, the people who run them, the purchase and the answers that are not accepted', () => {
    expect(found({}).requestsPerDay).toBe(660_480);
    // (1,320.96 + 190,000 / 4 / 365) / 0.002
    const people = hostingValues({ ...BARE, 'ops.fte': 0.25, 'ops.usd_per_fte_year': 190_000 });
    expect(found({}, GPT_4O, people).requestsPerDay).toBe(725_549);
    expect(found({ purchase: { kind: 'savings_3y', discount: 0.5 } }).requestsPerDay).toBe(330_240);
    expect(found({ acceptedPercent: { value: 75, low: 60 } }).requestsPerDay).toBe(880_640);
  });

  test('never comes against a small model, even when replicas never idle', () => {
    const never = found(PAIR, MINI);
    expect(never).toMatchObject({ requestsPerDay: null, firstRequestsPerDay: null, utilization: null });
    expect(never.fullLoadRequestsPerDay).toBeNull();
    expect(never.reason).toContain('$0.000144 per request on a full fleet against $0.00012 saved at the API');
    expect(found({ ...PAIR, acceptedPercent: 0 }).requestsPerDay).toBeNull();
  });

  test('says which load full use would be', () => {
    // two replicas of 26.58 requests a second
    expect(found(PAIR).requires).toContain(
      'one replica serves 26.6 requests/s and 2 serve 53.2, all day; the log brings 0.000278',
    );
  });
});

describe('the load that is planned for', () => {
  // two calls at once each hour, which may not wait for each other
  const pairs = hostedCalls(
    Array.from({ length: 48 }, (_, i) => ({ atS: Math.floor(i / 2) * 3600, input: 20_000, output: 2000 })),
  );
  const option = hostingOption({ ...PAIR, latencyClass: 'offline', lateShare: 0, minimumReplicas: 1 });

  test('is what the replay reached, where calls and not the minimum made the fleet', () => {
    const crossing = hostingCrossover(pairs, option, 10n ** 15n, VALUES);
    expect(crossing.loadBasis).toBe('replay');
    // 48 calls a day on two replicas
    expect(crossing.assumedRequestsPerSecond).toBeCloseTo(24 / 86_400, 12);
    // 20.83 USD a call at the API pay for a replica (330.24 USD a day) from 16 calls on; each carries 24, and two pay from 32 on. The third
    // begins at 49, where 990.72 USD are 48 calls
    expect(crossing).toMatchObject({ firstRequestsPerDay: 16, requestsPerDay: 32, fullLoadRequestsPerDay: 16 });
    const idle = hostingCrossover(pairs, { ...option, minimumReplicas: 2 }, 10n ** 15n, VALUES);
    expect(idle.loadBasis).toBe('busiest_hour');
  });

  test('is less where the day has a peak', () => {
    // 12 of 24 calls in one hour: 12 times the mean
    const peak = hostedCalls(
      Array.from({ length: 24 }, (_, i) => ({ atS: i < 12 ? 36_000 + i * 60 : (i - 12) * 3000, output: 100 })),
    );
    const crossing = hostingCrossover(peak, hostingOption({ ...PAIR, latencyClass: 'offline' }), GPT_4O, VALUES);
    expect(crossing.assumes).toContain('a peak 12 times the mean');
    expect(crossing.assumedRequestsPerSecond).toBeCloseTo(1 / 0.037618 / 12, 6);
    // calls that can wait make no peak
    const calm = {
      ...peak,
      waitMs: peak.waitMs.map((_, i) => ((peak.arrivalMs[i] as number) % 86_400_000 >= 36_000_000 ? 1e8 : NaN)),
    };
    const flat = hostingCrossover(calm, hostingOption({ ...PAIR, latencyClass: 'offline' }), GPT_4O, VALUES);
    expect(flat.assumedRequestsPerSecond ?? 0).toBeGreaterThan(1 / 0.037618 / 4);
  });
});

test('without calls nothing is known', () => {
  const none = hostingCrossover(hostedCalls([]), hostingOption(), 0n, VALUES);
  expect(none).toMatchObject({ requestsPerDay: null, loadBasis: null, logRequestsPerDay: 0 });
  expect(none.reason).toContain('no calls');
});

test('the JSON is plain, with money as text and everything the fleet hangs on', () => {
  const option = hostingOption({ acceptedPercent: { value: 85, low: 70, high: 95 } });
  const fleet = hostedFleet(HOURLY, option, VALUES);
  const crossover = hostingCrossover(HOURLY, option, GPT_4O, VALUES, fleet);
  const json = hostingJson(option, fleet, crossover);
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(json).toMatchObject({
    name: 'llama',
    models: ['gpt-4o'],
    replica: { id: 'llama-3.x-70b-fp8-2xh100', gpus: 2, engine: 'TensorRT-LLM 1.0', measured_at: '2025-09-24' },
    instance: 'p5.48xlarge',
    usd_per_hour: '55.04',
    replicas_per_instance: 4,
    purchase: 'on_demand',
    accepted_share: 0.85,
    calls: 24,
    cost: '1320.96',
    rent: '1320.96',
    engineering: '0',
    setup: '0',
    replicas: 2,
    instances: 1,
    instance_hours: 24,
    deferrable_fits: null,
    // 100 tokens out are fewer than were measured
    warnings: [expect.stringContaining('100.0 % of the calls (24 of 24)')],
    crossover: { requests_per_day: crossover.requestsPerDay, log_requests_per_day: 24, load_basis: 'busiest_hour' },
  });
  expect(json).toMatchObject({
    parameters: expect.arrayContaining(['perf.fit_error', 'ops.fte', 'scale.min_replicas']),
  });
  expect(hostingJson(option, fleet, null)).toMatchObject({ crossover: null });
});
