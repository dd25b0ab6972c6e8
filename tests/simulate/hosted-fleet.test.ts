import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { splitByWeights, usdText } from '../../lib/money.ts';
import { hostedFleet } from '../../lib/simulate/hosted-fleet.ts';
import { hostingKnobs } from '../../lib/simulate/hosting-option.ts';
import { replicasForPatience } from '../../lib/simulate/hosted-troughs.ts';
import type { ParameterId } from '../../lib/simulate/parameters-data.ts';
import { FROM_MS, hostedCalls, hostingOption, hostingValues, PAIR } from '../fixtures/hosted-calls.ts';
import type { HostedCall } from '../fixtures/hosted-calls.ts';

const VALUES = hostingValues();
/** 400 · 68.6 µs + 200 · 71 µs + 68.4 ns · 200 · (400 + 100) = 0.04848 s of a saturated replica, of which 0.6 is usable at 50 ms a token */
const SHORT_S = 0.04848 / 0.6;
/** 20,000 · 68.6 µs + 2,000 · 71 µs + 68.4 ns · 2,000 · 21,000 = 1.372 + 0.142 + 2.8728 */
const LONG = { input: 20_000, output: 2000 } as const;
const LONG_S = 4.3868 / 0.6;
const NOBODY = { 'ops.fte': 0, 'ops.setup_weeks': 0 } as const;

/** Half-even quotient, written anew. */
function quotient(numerator: bigint, denominator: bigint): bigint {
  const [whole, rest] = [numerator / denominator, numerator % denominator];
  return whole + (2n * rest > denominator || (2n * rest === denominator && whole % 2n === 1n) ? 1n : 0n);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

describe('the cost of two days', () => {
  const calls = hostedCalls([{ atS: 10 }, { atS: 50_000 }, { atS: 90_000 }], 2);
  // 55.04 USD · 48 h
  const RENT = 2_641_920_000_000_000n;

  test('is the rent of whole instances, engineers and set-up, exactly', () => {
    const fleet = hostedFleet(calls, hostingOption(), VALUES);
    // half an engineer of 215,000 USD a year for two days; eight weeks of one, of which two days of a year
    const engineeringPico = quotient(215_000n * 10n ** 12n * 2n, 2n * 365n);
    const setupPico = quotient(8n * 215_000n * 10n ** 12n * 2n, 52n * 365n);
    expect(fleet).toMatchObject({ rentPico: RENT, engineeringPico, setupPico });
    expect(fleet.totalPico).toBe(RENT + engineeringPico + setupPico);
    expect([usdText(fleet.engineeringPico), usdText(fleet.setupPico)]).toEqual([
      '589.041095890411',
      '181.243414120126',
    ]);
    // two replicas so that one may fail; the instance holds four
    expect(fleet).toMatchObject({
      replicas: 2,
      replicasForWaits: 1,
      instances: 1,
      instanceHours: 48,
      replicaHours: 96,
    });
    expect([...fleet.workS]).toEqual([SHORT_S, SHORT_S, SHORT_S].map((s) => expect.closeTo(s, 12)));
    expect(fleet.utilization).toBeCloseTo((3 * SHORT_S) / (4 * 48 * 3600), 15);
    expect(fleet).toMatchObject({ meanWaitS: 0, lateShare: 0, meetsTarget: true, deferrableFits: null, warnings: [] });
  });

  test.each<[string, Readonly<Record<string, unknown>>, bigint]>([
    ['a year', { purchase: { kind: 'savings_1y' } }, (RENT * 675n) / 1000n],
    ['three years', { purchase: { kind: 'savings_3y', discount: 0.45 } }, (RENT * 55n) / 100n],
    ['a rate of one’s own', { usdPerHour: '31.5' }, 1_512_000_000_000_000n],
    ['five replicas on two instances', { minimumReplicas: 5 }, 2n * RENT],
    // the floor of two replicas is the whole instance
    ['spot where people wait', { purchase: { kind: 'spot', lostWorkSeconds: 60 } }, RENT],
  ])('%s', (_what, parts, rentPico) => {
    expect(hostedFleet(calls, hostingOption(parts), VALUES).rentPico).toBe(rentPico);
  });

  test('of spot: what may be taken away is cheaper, and pays for its interruptions', () => {
    // 48 h at 13.76 USD on demand, and again on spot: half price, 0.1 interruptions an hour that cost 300 + 60 s
    const purchase = {
      kind: 'spot',
      discount: 0.5,
      interruptionsPerHour: 0.1,
      restartSeconds: 300,
      lostWorkSeconds: 60,
    };
    const twice = hostedCalls(
      [
        { atS: 10, ...LONG },
        { atS: 10, ...LONG },
      ],
      2,
    );
    const option = hostingOption({ ...PAIR, purchase, minimumReplicas: 1 });
    // 660.48 + 660.48 · 0.505
    expect(usdText(hostedFleet(twice, option, VALUES).rentPico)).toBe('994.0224');
    // nobody waits: all of it is spot, and one replica does it
    const patient = hostedCalls([{ atS: 10, waitS: 7200 }], 2);
    const fleet = hostedFleet(patient, hostingOption({ ...PAIR, purchase }), VALUES);
    expect(usdText(fleet.rentPico)).toBe('333.5424');
    expect(fleet).toMatchObject({ replicas: 1, minimumReplicas: 1, deferrableCalls: 1, erlangReplicas: null });
  });

  test('is nothing without calls, and there is no fleet', () => {
    expect(hostedFleet(hostedCalls([]), hostingOption(), VALUES)).toMatchObject({
      totalPico: 0n,
      rentPico: 0n,
      replicas: 0,
      instances: 0,
      utilization: null,
      erlangReplicas: null,
      warnings: [],
    });
  });

  test('charges the set-up once, however long the period', () => {
    const years = hostedFleet(hostedCalls([{ atS: 0 }], 800), hostingOption(), VALUES);
    // 8 weeks · 215,000 / 52
    expect(Number(usdText(years.setupPico))).toBeCloseTo(33_076.923077, 5);
  });
});

describe('a fleet that changes', () => {
  // two calls at 1:00, each more work than the 2 s that a call may wait
  const calls = hostedCalls([
    { atS: 3600, ...LONG },
    { atS: 3600, ...LONG },
  ]);
  const option = (capacity: string, more = {}): ReturnType<typeof hostingOption> =>
    hostingOption({ ...PAIR, capacity, minimumReplicas: 1, lateShare: 0, ...more });

  test('of one size has two replicas all day', () => {
    expect(hostedFleet(calls, option('static'), VALUES)).toMatchObject({
      replicas: 2,
      instanceHours: 48,
      erlangReplicas: null,
    });
  });

  test('autoscaled comes too late for a burst, and says so', () => {
    const fleet = hostedFleet(calls, option('autoscaled'), VALUES);
    // ordered at 3,600 s; not needed once the first call is done, and given back 750 s later
    expect(fleet.instanceHours).toBeCloseTo(24 + (LONG_S + 750) / 3600, 9);
    expect(fleet).toMatchObject({ replicas: 2, meetsTarget: false, lateShare: 0.5 });
    expect(fleet.meanWaitS).toBeCloseTo(LONG_S / 2, 9);
    expect(fleet.warnings.join()).toContain(
      '50.0 % of the calls wait longer than 2 s where 0 % may. A static fleet of 2 replicas',
    );
  });

  test('on a timetable is ready at the full hour, and paid from 390 s before', () => {
    const fleet = hostedFleet(calls, option('scheduled'), VALUES);
    expect(fleet.instanceHours).toBeCloseTo(24 + (3600 + 390) / 3600, 9);
    expect(fleet).toMatchObject({ replicas: 2, meetsTarget: true, lateShare: 0 });
    const slow = hostingValues({ 'scale.up_s': 7200 });
    expect(() => hostedFleet(calls, option('scheduled'), slow)).toThrow(Misconfigured);
    expect(() => hostedFleet(calls, option('scheduled'), slow)).toThrow('simulate.parameters.scale.up_s');
  });

  test('has a commitment for what always runs only', () => {
    const fleet = hostedFleet(calls, option('scheduled', { purchase: { kind: 'savings_1y', discount: 0.5 } }), VALUES);
    // 13.76 · (24 · 0.5 + 3,990 / 3,600)
    expect(Number(usdText(fleet.rentPico))).toBeCloseTo(13.76 * (12 + 3990 / 3600), 9);
  });
});

describe('work that can wait', () => {
  const urgent: HostedCall[] = Array.from({ length: 20 }, (_, i) => ({ atS: 4000 * i }));
  const batch = (count: number, atS: number, waitS: number): HostedCall[] =>
    Array.from({ length: count }, () => ({ atS, waitS, ...LONG }));

  test('that fits adds no rent', () => {
    const alone = hostedFleet(hostedCalls(urgent), hostingOption(), VALUES);
    // 1,000 calls, two hours of one replica, at midnight by nine
    const both = hostedFleet(hostedCalls([...urgent, ...batch(1000, 0, 32_400)]), hostingOption(), VALUES);
    expect(both).toMatchObject({ rentPico: alone.rentPico, totalPico: alone.totalPico, replicas: 2 });
    expect(both).toMatchObject({ deferrableFits: true, deferrableCalls: 1000, warnings: [] });
    expect(both.utilization).toBeCloseTo((20 * SHORT_S + 1000 * LONG_S) / (4 * 86_400), 12);
    // asked to be done at once it needs a replica for almost every call
    const atOnce = hostedFleet(
      hostedCalls([...urgent, ...batch(1000, 0, 32_400)]),
      hostingOption({ fillTroughs: false }),
      VALUES,
    );
    expect(atOnce.replicas).toBeGreaterThan(900);
    expect(atOnce.deferrableFits).toBeNull();
  });

  test('that does not fit gets the replicas that it needs, and is warned about', () => {
    // 2,736 calls of 7.31 s within an hour: 20,003.8 s / (0.9 · 3,600) = 6.17
    const fleet = hostedFleet(hostedCalls(batch(2736, 0, 3600)), hostingOption(PAIR), VALUES);
    expect(fleet).toMatchObject({ replicas: 7, instances: 7, deferrableFits: false, minimumReplicas: 1 });
    expect(fleet.warnings.join()).toContain('a fleet of up to 1 replicas: 6 more are rented all the time');
    // the same on instances of four replicas each: 4 are there, 8 are needed
    expect(hostedFleet(hostedCalls(batch(2736, 0, 3600)), hostingOption(), VALUES)).toMatchObject({ instances: 2 });
  });

  test('has the GPUs of a paid instance that nobody else needs', () => {
    // 1,600 · 7.31 s = 11,698 s of 4 · 0.9 · 3,600: one replica has to run, four fit on the instance
    const fleet = hostedFleet(hostedCalls(batch(1600, 0, 3600)), hostingOption(), VALUES);
    expect(fleet).toMatchObject({ replicas: 1, instances: 1, deferrableFits: true });
  });

  test('may go on into the next period, in which as much arrives again', () => {
    const late = batch(1000, 86_390, 14_400);
    expect(hostedFleet(hostedCalls(late), hostingOption(PAIR), VALUES)).toMatchObject({ deferrableFits: true });
    // 7,311 s fit into four hours of one replica, twice as much does not beside what comes again at the beginning
    const early = batch(1000, 0, 14_000);
    expect(hostedFleet(hostedCalls([...early, ...late]), hostingOption(PAIR), VALUES)).toMatchObject({
      deferrableFits: false,
      replicas: 2,
    });
  });

  test('begins after its minute and ends before that of its deadline', () => {
    // from 59 s to 3,659 s are the minutes from 60 s to 3,600 s: 3,540 s of one replica
    const late = (workS: number): number =>
      replicasForPatience(
        {
          demand: { arrivalS: new Float64Array(0), workS: new Float64Array(0), fromS: 0, toS: 86_400 },
          stepsWith: (more) => [{ fromS: 0, replicas: 1 + more }],
          replicasPerInstance: 1,
          ceiling: 1,
        },
        { arrivalS: Float64Array.of(59), workS: Float64Array.of(workS), waitS: Float64Array.of(3600) },
      );
    expect([late(3540), late(3541), late(7081)]).toEqual([0, 1, 2]);
  });

  test('for less than the threshold is like any other', () => {
    const soon = hostedCalls(batch(10, 0, 3599));
    expect(hostedFleet(soon, hostingOption(PAIR), VALUES)).toMatchObject({ deferrableFits: null, replicas: 10 });
    const patient = hostingValues({ 'scale.deferrable_wait_s': 1800 });
    expect(hostedFleet(soon, hostingOption(PAIR), patient)).toMatchObject({ deferrableFits: true, replicas: 1 });
  });
});

describe('laws', () => {
  const call = fc.record({
    atS: fc.integer({ min: 0, max: 86_399 }),
    input: fc.integer({ min: 0, max: 40_000 }),
    output: fc.integer({ min: 0, max: 4000 }),
    waitS: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
  });
  const some = fc.array(call, { maxLength: 60 });
  const crowd = fc
    .tuple(some, fc.integer({ min: 1, max: 86_400 }))
    .map(([calls, spreadS]) => calls.map((one) => ({ ...one, atS: one.atS % spreadS })));
  const runs = { numRuns: 40 };

  test('more calls never cost less on a static fleet that lets none be late', () => {
    fc.assert(
      fc.property(crowd, crowd, (calls, more) => {
        const option = hostingOption({ ...PAIR, lateShare: 0 });
        const cost = (list: readonly HostedCall[]): bigint => hostedFleet(hostedCalls(list), option, VALUES).totalPico;
        expect(cost([...calls, ...more])).toBeGreaterThanOrEqual(cost(calls));
      }),
      runs,
    );
  });

  test('parts and shares by work sum to the cost; load, work and rent agree', () => {
    fc.assert(
      fc.property(crowd, fc.constantFrom('static', 'autoscaled', 'scheduled'), (calls, capacity) => {
        const fleet = hostedFleet(hostedCalls(calls), hostingOption({ capacity }), VALUES);
        expect(fleet.rentPico + fleet.engineeringPico + fleet.setupPico).toBe(fleet.totalPico);
        expect(fleet.workS).toHaveLength(calls.length);
        const shares = splitByWeights(
          fleet.totalPico,
          Array.from(fleet.workS, (s) => BigInt(Math.round(s * 1e9))),
        );
        expect(shares.reduce((total, share) => total + share, 0n)).toBe(fleet.totalPico);
        expect(sum(fleet.workS)).toBeCloseTo((fleet.utilization ?? 0) * fleet.instanceHours * 3600 * 4, 6);
        // 55.04 USD an hour, to the rounding of the hours
        expect(Number(usdText(fleet.rentPico))).toBeCloseTo(55.04 * fleet.instanceHours, 6);
      }),
      runs,
    );
  });

  test('the wait target is met, or a warning says that it is not; the minimum always runs', () => {
    fc.assert(
      fc.property(crowd, fc.constantFrom('static', 'autoscaled', 'scheduled'), (calls, capacity) => {
        const fleet = hostedFleet(hostedCalls(calls), hostingOption({ ...PAIR, capacity }), VALUES);
        expect(fleet.warnings.some((text) => text.startsWith('The wait target is missed'))).toBe(!fleet.meetsTarget);
        expect(capacity !== 'static' || fleet.meetsTarget).toBe(true);
        expect(fleet.instanceHours).toBeGreaterThanOrEqual(24 * fleet.minimumReplicas);
      }),
      runs,
    );
  });

  test('replicas for work that can wait are the fewest that do it', () => {
    const patient = fc.array(fc.tuple(fc.integer({ min: 0, max: 7200 }), fc.integer({ min: 3600, max: 20_000 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(patient, (groups) => {
        const calls = hostedCalls(
          groups.flatMap(([atS, waitS]) => Array.from({ length: 900 }, () => ({ atS, waitS, ...LONG }))),
        );
        const at = (minimumReplicas: number): ReturnType<typeof hostedFleet> =>
          hostedFleet(calls, hostingOption({ ...PAIR, minimumReplicas }), VALUES);
        const { replicas } = at(1);
        // from above: with so many from the start nothing is added, with one fewer something is
        expect(at(replicas).deferrableFits).toBe(true);
        expect(at(Math.max(1, replicas - 1))).toMatchObject({ deferrableFits: replicas === 1, replicas });
      }),
      { numRuns: 15 },
    );
  });

  test('which answers are accepted changes nothing about the fleet', () => {
    const calls = hostedCalls([{ atS: 5 }, { atS: 9, waitS: 7200 }]);
    const fleet = (acceptedPercent: unknown): unknown => hostedFleet(calls, hostingOption({ acceptedPercent }), VALUES);
    expect(fleet({ value: 40, low: 10, high: 90 })).toEqual(fleet(100));
  });
});

describe('parameters', () => {
  const logs = [
    hostedCalls([{ atS: 1 }]),
    hostedCalls([{ atS: 1, waitS: 9999 }]),
    hostedCalls([{ atS: 1 }, { atS: 2, waitS: 9999 }]),
  ];

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['static', {}],
    ['autoscaled on spot', { capacity: 'autoscaled', purchase: { kind: 'spot', lostWorkSeconds: 1 } }],
    ['on a timetable, committed', { capacity: 'scheduled', purchase: { kind: 'savings_3y' }, latencyClass: 'tight' }],
    [
      'all said in config',
      {
        purchase: { kind: 'spot', discount: 0.4, interruptionsPerHour: 0, restartSeconds: 1, lostWorkSeconds: 0 },
        maxWaitSeconds: 1,
        lateShare: 0.1,
        minimumReplicas: 3,
        fillTroughs: false,
        latencyClass: 'offline',
      },
    ],
  ])('of a fleet are named, all and no others: %s', (_what, parts) => {
    const option = hostingOption(parts);
    const asked = new Set<ParameterId>();
    for (const log of logs) {
      hostedFleet(log, option, (id) => {
        asked.add(id);
        return VALUES(id);
      });
    }
    expect([...asked].toSorted()).toEqual([...hostingKnobs(option)].toSorted());
  });

  test('move the work: errors inside and outside the measured lengths, software since the measurement, the class', () => {
    const calls = hostedCalls([{ atS: 0 }, { atS: 9, output: 100 }]);
    const work = (overrides: Readonly<Record<string, number>>, parts = {}): number[] => [
      ...hostedFleet(calls, hostingOption(parts), hostingValues(overrides)).workS,
    ];
    const [inside = 0, outside = 0] = work({});
    expect(work({ 'perf.fit_error': 0.1 })).toEqual([expect.closeTo(1.1 * inside, 12), outside]);
    expect(work({ 'perf.fit_error_outside': -0.4 })).toEqual([inside, expect.closeTo(0.6 * outside, 12)]);
    // 2025-09-24 to 2026-10-06 is 377 days
    const newer = 1 + 0.3 * (377 / 365.25);
    expect(work({ 'perf.gain_per_year': 0.3 })[0]).toBeCloseTo(inside / newer, 12);
    expect(work({}, { latencyClass: 'offline' })[0]).toBeCloseTo((inside * 0.6) / 0.9, 12);
    expect(work({}, { latencyClass: 'tight' })[0]).toBeCloseTo((inside * 0.6) / 0.35, 12);
    const { warnings } = hostedFleet(calls, hostingOption(), VALUES);
    expect(warnings.join()).toContain(
      '50.0 % of the calls (1 of 2) are outside the lengths measured for llama-3.x-70b-fp8-2xh100',
    );
  });

  test('fits whose error is not known by row have the wide one everywhere', () => {
    const option = hostingOption({ replica: 'llama-3.x-70b-fp8-4xh100-vllm' });
    const work = (overrides: Readonly<Record<string, number>>): number =>
      hostedFleet(hostedCalls([{ atS: 0 }]), option, hostingValues(overrides)).workS[0] ?? 0;
    // 400 · 55 µs + 200 · 126 µs
    expect(work({})).toBeCloseTo(0.0472 / 0.6, 12);
    expect(work({ 'perf.fit_error': 0.1 })).toBe(work({}));
    expect(work({ 'perf.fit_error_outside': 0.4 })).toBeCloseTo(1.4 * work({}), 12);
  });

  test('move people and rent', () => {
    const fleet = hostedFleet(hostedCalls([{ atS: 0 }]), hostingOption(), hostingValues(NOBODY));
    expect(usdText(fleet.totalPico)).toBe('1320.96');
  });
});

test('a burst asks for more than random arrivals would', () => {
  const fleet = hostedFleet(
    hostedCalls(Array.from({ length: 100 }, () => ({ atS: 40_000, ...LONG }))),
    hostingOption(PAIR),
    VALUES,
  );
  // 95 of 100 may not wait: five share a replica with another
  expect(fleet).toMatchObject({ replicas: 95, erlangReplicas: 1 });
  expect(fleet.warnings[0]).toContain('the log needs 95 replicas where random arrivals would need 1 (Erlang C)');
});

describe('calls that cannot be hosted are refused', () => {
  const good = hostedCalls([{ atS: 1 }, { atS: 2 }]);
  test.each([
    ['columns of two lengths', { ...good, outputTokens: Float64Array.of(1) }, 'differ in length'],
    ['half a day', { ...good, toMs: FROM_MS + 43_200_000 }, 'whole days'],
    ['no day', { ...good, toMs: FROM_MS }, 'whole days'],
    [
      'calls before the period',
      { ...good, fromMs: FROM_MS + 86_400_000, toMs: FROM_MS + 2 * 86_400_000 },
      'in order of arrival',
    ],
    ['calls out of order', { ...good, arrivalMs: good.arrivalMs.toReversed() }, 'in order of arrival'],
    ['unknown lengths', { ...good, outputTokens: Float64Array.of(NaN, 1) }, 'call 0 has no lengths'],
  ])('%s', (_what, calls, message) => {
    expect(() => hostedFleet(calls, hostingOption(), VALUES)).toThrow(RangeError);
    expect(() => hostedFleet(calls, hostingOption(), VALUES)).toThrow(message);
  });
});
