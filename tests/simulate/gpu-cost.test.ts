import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usdText } from '../../lib/money.ts';
import { GPU_INSTANCE_PRICES, instancePrice } from '../../lib/simulate/gpu-prices-data.ts';
import {
  computeCostPico,
  DEFAULT_STAFF,
  fleetCost,
  instanceHoursOf,
  instancesFor,
  minimumReplicas,
  placementOf,
  priceFactor,
} from '../../lib/simulate/gpu-cost.ts';
import { SELF_HOSTING_PARAMETERS } from '../../lib/simulate/self-hosting-parameters-data.ts';

const NOBODY = { fte: 0, fteCostUsd: 0, setupWeeks: 0, amortizedMonths: 12 };
const P5 = instancePrice('p5.48xlarge');

describe('instances', () => {
  test('are paid whole: up to four replicas of two GPUs share one of eight', () => {
    const pairs = placementOf(2, 8);
    expect([1, 2, 4, 5, 8, 9].map((replicas) => instancesFor(replicas, pairs))).toEqual([1, 1, 1, 2, 2, 3]);
    expect(instancesFor(0, pairs)).toBe(0);
    // three GPUs leave two of eight idle; sixteen take two instances each
    expect([1, 2, 3].map((replicas) => instancesFor(replicas, placementOf(3, 8)))).toEqual([1, 1, 2]);
    expect([1, 2, 3].map((replicas) => instancesFor(replicas, placementOf(16, 8)))).toEqual([2, 4, 6]);
  });

  test('hold all GPUs of the replicas, and one instance fewer would not', () => {
    const gpus = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(gpus, gpus, fc.integer({ min: 1, max: 500 }), (replicaGpus, instanceGpus, replicas) => {
        const placement = placementOf(replicaGpus, instanceGpus);
        const instances = instancesFor(replicas, placement);
        expect(instances * instanceGpus).toBeGreaterThanOrEqual(replicas * replicaGpus);
        expect(instancesFor(replicas + 1, placement)).toBeGreaterThanOrEqual(instances);
        const fits = (n: number): number =>
          Math.floor(n / placement.instancesPerReplica) * placement.replicasPerInstance;
        expect(fits(instances)).toBeGreaterThanOrEqual(replicas);
        expect(fits(instances - 1)).toBeLessThan(replicas);
      }),
    );
  });

  test('of a fleet that changes are rounded up at every step', () => {
    const steps = [
      { fromS: 0, replicas: 1 },
      { fromS: 3600, replicas: 5 },
      { fromS: 7200, replicas: 4 },
    ];
    // 1 + 2 + ½ · 1 hours
    expect(instanceHoursOf(steps, 9000, placementOf(2, 8))).toBe(3.5);
    expect(instanceHoursOf(steps, 9000, placementOf(1, 1))).toBe(1 + 5 + 2);
  });

  test('of nothing are refused', () => {
    expect(() => placementOf(0, 8)).toThrow('GPUs of a replica');
    expect(() => placementOf(2, 1.5)).toThrow('GPUs of an instance');
  });

  test('have at least two replicas where people wait', () => {
    expect([minimumReplicas('interactive'), minimumReplicas('deferrable')]).toEqual([2, 1]);
  });
});

describe('prices', () => {
  test('are exact, dated and sourced', () => {
    const day = (instance: string): string =>
      usdText(computeCostPico({ price: instancePrice(instance), purchase: { kind: 'on_demand' }, instanceHours: 24 }));
    expect([day('p4d.24xlarge'), day('p5.48xlarge'), day('g6.xlarge')]).toEqual(['526.992', '1320.96', '19.3152']);
    for (const row of GPU_INSTANCE_PRICES) expect([row.readAt, row.region]).toEqual(['2026-11', 'us-east-1']);
    // dollars per GPU-hour
    const perGpu = GPU_INSTANCE_PRICES.map((row) => [
      row.instance,
      (Number(row.onDemandUsdPerHour) / row.gpus).toFixed(2),
    ]);
    expect(Object.fromEntries(perGpu)).toMatchObject({
      'p4d.24xlarge': '2.74',
      'p4de.24xlarge': '3.43',
      'p5.48xlarge': '6.88',
      'p5en.48xlarge': '7.91',
      'p6-b200.48xlarge': '14.24',
    });
    expect(() => instancePrice('p9.huge')).toThrow('listed: g5.xlarge');
  });

  test('by purchase: spot pays for its interruptions', () => {
    expect(priceFactor({ kind: 'on_demand' })).toBe(1);
    expect(priceFactor({ kind: 'savings_1y' })).toBeCloseTo(0.675, 12);
    expect(priceFactor({ kind: 'savings_3y', discount: 0.45 })).toBeCloseTo(0.55, 12);
    // half price, one interruption in ten hours that costs 5 minutes of start and 1 of work: 0.5 · (1 + 0.1 · 360 / 3,600)
    const spot = { kind: 'spot', discount: 0.5, interruptionsPerHour: 0.1, restartS: 300, lostWorkS: 60 } as const;
    expect(priceFactor(spot)).toBeCloseTo(0.505, 12);
    expect(() => priceFactor({ kind: 'savings_1y', discount: 1 })).toThrow('discount');
  });

  test('round once, half to even', () => {
    const third = { price: { ...P5, onDemandUsdPerHour: '0.000000000005' }, purchase: { kind: 'on_demand' } } as const;
    expect([0.1, 0.3, 0.5].map((instanceHours) => computeCostPico({ ...third, instanceHours }))).toEqual([0n, 2n, 2n]);
    const broken = { ...third, price: { ...P5, onDemandUsdPerHour: 'ask us' }, instanceHours: 1 };
    expect(() => computeCostPico(broken)).toThrow('p5.48xlarge');
    expect(() => computeCostPico({ ...third, instanceHours: NaN })).toThrow(RangeError);
  });

  test('never fall with more hours', () => {
    const hours = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...GPU_INSTANCE_PRICES), hours, hours, (price, some, more) => {
        const cost = (instanceHours: number): bigint =>
          computeCostPico({ price, purchase: { kind: 'savings_3y' }, instanceHours });
        expect(cost(some + more)).toBeGreaterThanOrEqual(cost(some));
      }),
    );
  });
});

describe('a fleet', () => {
  test('costs its pools and its people', () => {
    const floor = { price: P5, purchase: { kind: 'on_demand' }, instanceHours: 24 } as const;
    const spot = {
      price: P5,
      purchase: { kind: 'spot', discount: 0.5, interruptionsPerHour: 0, lostWorkS: 0 },
    } as const;
    const cost = fleetCost([floor, { ...spot, instanceHours: 10 }], 1, { ...NOBODY, fte: 0.25, fteCostUsd: 190_000 });
    expect(usdText(cost.computePico)).toBe('1596.16');
    // a quarter of 190,000 dollars over 365 days
    expect(usdText(cost.engineeringPico)).toBe('130.13698630137');
    expect(cost.totalPico).toBe(cost.computePico + cost.engineeringPico);
  });

  test('is looked after for 3,750 to 20,833 dollars a month, and set up once', () => {
    const { fte, fteCostUsd } = SELF_HOSTING_PARAMETERS;
    const month = (share: number, year: number): string =>
      Number(usdText(fleetCost([], 365 / 12, { ...NOBODY, fte: share, fteCostUsd: year }).engineeringPico)).toFixed(0);
    expect([month(fte.low, fteCostUsd.low), month(fte.high, fteCostUsd.high)]).toEqual(['3750', '20833']);
    // 52 weeks of an engineer over twelve months are an engineer
    const setUp = fleetCost([], 365, { fte: 0, fteCostUsd: 200_000, setupWeeks: 52, amortizedMonths: 12 });
    expect(usdText(setUp.setupPico)).toBe('200000');
    expect(() => fleetCost([], 1, { ...DEFAULT_STAFF, amortizedMonths: 0 })).toThrow('zero months');
  });

  test('is assumed within ranges', () => {
    for (const row of Object.values(SELF_HOSTING_PARAMETERS)) {
      expect(row.low).toBeLessThanOrEqual(row.value);
      expect(row.high).toBeGreaterThanOrEqual(row.value);
      expect(row.source).not.toBe('');
    }
    const ids = Object.values(SELF_HOSTING_PARAMETERS).map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
