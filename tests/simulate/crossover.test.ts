import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crossover } from '../../lib/simulate/crossover.ts';
import type { ApiVolume, SelfHostedVolume } from '../../lib/simulate/crossover.ts';
import { computeCostPico, fleetCost, instancesFor, placementOf } from '../../lib/simulate/gpu-cost.ts';
import { instancePrice } from '../../lib/simulate/gpu-prices-data.ts';
import { anchorsOf } from '../../lib/simulate/throughput-data.ts';
import { replicaSeconds } from '../../lib/simulate/throughput.ts';

const DOLLAR = 10n ** 12n;
const [seventy] = anchorsOf('Llama-3.x-70B', 'fp8', 'H100', 2);
if (!seventy) throw new Error('no anchor of 70B on two H100');

/** A day of an instance on demand. */
function dayOf(instance: string): bigint {
  return computeCostPico({ price: instancePrice(instance), purchase: { kind: 'on_demand' }, instanceHours: 24 });
}

/** 400 tokens in, 100 out at a price per million; the prices are those of 2024. */
function query(inputUsd: number, outputUsd: number): ApiVolume {
  return { costPico: BigInt(400 * inputUsd * 1e6 + 100 * outputUsd * 1e6), requests: 1n, acceptedShare: 1 };
}

const GPT_4O = query(2.5, 10);
const GPT_4O_MINI = query(0.15, 0.6);

/** 70B in FP8 on two of the eight H100 of a p5, the instance to itself. 400/100 tokens take 0.037618 s. */
const WHOLE: SelfHostedVolume = {
  replicaSecondsPerRequest: replicaSeconds(seventy, 400, 100),
  utilizationMax: 1,
  burst: 1,
  minimumReplicas: 1,
  placement: placementOf(2, 8),
  instanceDayPico: dayOf('p5.48xlarge'),
  fixedDayPico: 0n,
};
/** The same where two GPUs can be rented by themselves: 2 · 6.88 dollars an hour. */
const SHARE = { ...WHOLE, placement: placementOf(2, 2), instanceDayPico: dayOf('p5.48xlarge') / 4n };

describe('against a large model (0.002 dollars a query)', () => {
  test('a share of an instance crosses at 165,120 queries a day, two replicas at 330,240', () => {
    // 2 · 6.88 · 24 = 330.24 dollars a day, over 0.002
    const one = crossover(SHARE, GPT_4O);
    expect(one).toMatchObject({ requestsPerDay: 165_120, firstRequestsPerDay: 165_120, reason: null, replicas: 1 });
    // 165,120 / 86,400 s of 26.58 a second
    expect(one.utilization?.toFixed(3)).toBe('0.072');
    expect(crossover({ ...SHARE, minimumReplicas: 2 }, GPT_4O)).toMatchObject({
      requestsPerDay: 330_240,
      instances: 2,
    });
  });

  test('a whole instance crosses at 660,480, for one replica as for the four it holds', () => {
    // 55.04 · 24 = 1,320.96 dollars
    for (const minimumReplicas of [1, 2, 4]) {
      expect(crossover({ ...WHOLE, minimumReplicas }, GPT_4O)).toMatchObject({ requestsPerDay: 660_480, instances: 1 });
    }
    expect(crossover({ ...WHOLE, minimumReplicas: 5 }, GPT_4O)).toMatchObject({
      requestsPerDay: 1_320_960,
      instances: 2,
    });
  });

  test('people are paid too: a quarter of an engineer at 190,000 dollars a year', () => {
    const staff = { fte: 0.25, fteCostUsd: 190_000, setupWeeks: 0, amortizedMonths: 12 };
    const fixedDayPico = fleetCost([], 1, staff).totalPico;
    // (1,320.96 + 130.136986…) / 0.002 = 725,548.49
    expect(crossover({ ...WHOLE, fixedDayPico }, GPT_4O).requestsPerDay).toBe(725_549);
  });

  test('old hardware on four A100 at 2 to 4 dollars each crosses at 96,000 to 192,000, as eight on EC2 at 263,496', () => {
    // 0.1231 s a query: 400 · 142 µs + 100 · 663 µs
    const old = { ...WHOLE, replicaSecondsPerRequest: 0.1231, placement: placementOf(4, 4) };
    const at = (instanceDayPico: bigint): number => crossover({ ...old, instanceDayPico }, GPT_4O).requestsPerDay;
    expect([at(192n * DOLLAR), at(384n * DOLLAR)]).toEqual([96_000, 192_000]);
    const eight = { ...old, placement: placementOf(4, 8), instanceDayPico: dayOf('p4d.24xlarge') };
    expect(crossover(eight, GPT_4O).requestsPerDay).toBe(263_496);
  });

  test('answers that are not accepted are paid twice', () => {
    // 330.24 / (0.75 · 0.002)
    expect(crossover(SHARE, { ...GPT_4O, acceptedShare: 0.75 }).requestsPerDay).toBe(220_160);
    expect(crossover(SHARE, { ...GPT_4O, acceptedShare: 0 }).requestsPerDay).toBe(Infinity);
  });

  test('the API costs what its own log says, whatever the number of requests', () => {
    const month = { costPico: GPT_4O.costPico * 3n + 1n, requests: 3n, acceptedShare: 1 };
    // a third of a picodollar more a query: 330.24 / 0.0020000000003…
    expect(crossover(SHARE, month).requestsPerDay).toBe(165_120);
    expect(crossover(SHARE, { ...month, costPico: GPT_4O.costPico * 3n - 1n }).requestsPerDay).toBe(165_121);
  });
});

describe('against a small model (0.00012 dollars a query)', () => {
  test('it never crosses, even when replicas never idle', () => {
    // 2 · 6.88 / 3,600 · 0.037618 = 0.000144 dollars
    for (const hosted of [SHARE, WHOLE]) {
      const never = crossover(hosted, GPT_4O_MINI);
      expect(never).toMatchObject({ requestsPerDay: Infinity, firstRequestsPerDay: Infinity, utilization: null });
      expect(never.reason).toContain('$0.000144 per request on a full fleet against $0.00012 saved at the API');
    }
  });

  test('equal cost never pays for people', () => {
    const hosted = { ...SHARE, replicaSecondsPerRequest: 0.5, instanceDayPico: 172_800n * 10n ** 9n };
    const api = { costPico: 10n ** 9n, requests: 1n, acceptedShare: 1 };
    expect(crossover({ ...hosted, fixedDayPico: 1n }, api).requestsPerDay).toBe(Infinity);
    // a hair cheaper, and it pays beyond any volume
    const barely = crossover({ ...hosted, instanceDayPico: hosted.instanceDayPico - 100n, fixedDayPico: DOLLAR }, api);
    expect(barely.reason).toMatch(/beyond any real volume/);
  });
});

describe('in between (0.00016 dollars a query)', () => {
  test('it crosses, is overtaken by each new instance, and crosses for good at the ninth', () => {
    // an instance a day carries 4 · 86,400 / 0.037618 = 9,187,091.3 queries and costs what 8,256,000 cost at the API. n instances are paid for
    // by 8,256,000 · n; the one before is full at 9,187,091.3 · (n − 1), which is less up to n = 9
    const found = crossover(WHOLE, { costPico: 160_000_000n, requests: 1n, acceptedShare: 1 });
    expect(found).toMatchObject({ requestsPerDay: 74_304_000, firstRequestsPerDay: 8_256_000, instances: 9 });
    expect(found.utilization).toBeCloseTo(74_304_000 / (9 * 9_187_091.286), 6);
  });
});

test('a crossover that takes more than a million instances is none', () => {
  // two queries a day at 10 ¹² each; an instance costs 10 ⁵ less than both save, so people at 10 ¹² are paid by ten million instances
  const hosted = { ...SHARE, replicaSecondsPerRequest: 43_200, instanceDayPico: 2n * DOLLAR - 100_000n };
  const api = { costPico: DOLLAR, requests: 1n, acceptedShare: 1 };
  expect(crossover({ ...hosted, fixedDayPico: DOLLAR }, api)).toMatchObject({
    requestsPerDay: Infinity,
    reason: expect.stringContaining('a million instances'),
  });
});

test('the first instance that pays exactly is found', () => {
  // two queries a day each at 10; instances cost 15 and people 10: two full ones cost 40 = 4 · 10, three 55 > 5 · 10, four 70 = 7 · 10
  const exact = { ...SHARE, replicaSecondsPerRequest: 43_200, instanceDayPico: 15n, fixedDayPico: 10n };
  const found = crossover(exact, { costPico: 10n, requests: 1n, acceptedShare: 1 });
  expect(found).toMatchObject({ firstRequestsPerDay: 4, requestsPerDay: 6, instances: 3, utilization: 1 });
});

test('utilization of 100 % is printed as the load it assumes', () => {
  const { assumes, assumedRequestsPerSecond } = crossover(SHARE, GPT_4O);
  expect(assumedRequestsPerSecond).toBeCloseTo(1 / 0.037618, 9);
  expect(assumes).toContain('26.6 requests/s all day at a utilization of 100 %');
  expect(crossover({ ...SHARE, utilizationMax: 0.4, burst: 2 }, GPT_4O).assumes).toContain(
    '5.32 requests/s all day at a utilization of 40 %, with a peak 2 times the mean',
  );
});

describe('the step function', () => {
  const workloads = fc.record({
    perReplica: fc.integer({ min: 3, max: 400 }).map((quarters) => quarters / 4),
    minimumReplicas: fc.integer({ min: 0, max: 5 }),
    replicaGpus: fc.integer({ min: 1, max: 8 }),
    instanceGpus: fc.constantFrom(1, 4, 8),
    instanceDayPico: fc.bigInt({ min: 1n, max: 10_000n }),
    fixedDayPico: fc.bigInt({ min: 0n, max: 20_000n }),
    costPico: fc.bigInt({ min: 1n, max: 3000n }),
  });

  test('is read as by looking at every volume', () => {
    let crossed = 0;
    fc.assert(
      fc.property(workloads, (w) => {
        const placement = placementOf(w.replicaGpus, w.instanceGpus);
        const self = { ...WHOLE, ...w, placement, replicaSecondsPerRequest: 86_400 / w.perReplica };
        const found = crossover(self, { costPico: w.costPico, requests: 7n, acceptedShare: 1 });
        const perReplica = 86_400 / self.replicaSecondsPerRequest;
        // enough volumes to be past the last level that can fail, or the draw says nothing
        const perInstances = BigInt(placement.instancesPerReplica) * w.instanceDayPico;
        const margin = (placement.replicasPerInstance * perReplica * Number(w.costPico)) / 7 - Number(perInstances);
        const levels = (Number(w.fixedDayPico) + Number(perInstances)) / margin + 4 + w.minimumReplicas;
        const last = Math.ceil(levels * placement.replicasPerInstance * perReplica);
        fc.pre(Math.abs(margin) > 1e-6 && last < 20_000);
        let replicas = w.minimumReplicas;
        let lastDearer = margin < 0 ? Infinity : 0;
        let first = Infinity;
        for (let volume = 1; volume <= last; volume++) {
          while (replicas === 0 || volume > replicas * perReplica) replicas++;
          const cost = BigInt(instancesFor(replicas, placement)) * w.instanceDayPico + w.fixedDayPico;
          if (cost * 7n <= BigInt(volume) * w.costPico) first = Math.min(first, volume);
          else lastDearer = Math.max(lastDearer, volume);
        }
        expect([found.requestsPerDay, found.firstRequestsPerDay]).toEqual([lastDearer + 1, first]);
        if (margin > 0) crossed++;
      }),
      { numRuns: 400 },
    );
    expect(crossed).toBeGreaterThan(50);
  });

  test('refuses what cannot be', () => {
    expect(() => crossover({ ...WHOLE, utilizationMax: 0 }, GPT_4O)).toThrow('utilizationMax is 0');
    expect(() => crossover(WHOLE, { ...GPT_4O, acceptedShare: 1.1 })).toThrow('acceptedShare is 1.1');
    expect(() => crossover({ ...WHOLE, burst: 0.5 }, GPT_4O)).toThrow(RangeError);
    expect(() => crossover({ ...WHOLE, replicaSecondsPerRequest: NaN }, GPT_4O)).toThrow(RangeError);
    expect(() => crossover(WHOLE, { ...GPT_4O, requests: 0n })).toThrow(RangeError);
    expect(() => crossover({ ...WHOLE, instanceDayPico: 0n }, GPT_4O)).toThrow(RangeError);
  });
});
