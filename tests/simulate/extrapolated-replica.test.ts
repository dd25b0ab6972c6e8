/** Replicas that nobody measured: golden numbers worked out by hand from data sheets, and what holds for any of them. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostingOption } from '../../lib/config-hosting.ts';
import { extrapolatedReplicaSchema, SHAPED_MODELS, SPECIFIED_GPUS } from '../../lib/config-replica.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { extrapolatedSpeed, requireFit, withContext } from '../../lib/simulate/extrapolated-replica.ts';
import type { ExtrapolatedReplica } from '../../lib/simulate/extrapolated-replica.ts';
import { GPU_SPECS, gpuSpec, MODEL_SHAPES } from '../../lib/simulate/gpu-specs-data.ts';
import { hostedFleet } from '../../lib/simulate/hosted-fleet.ts';
import { hostingJson } from '../../lib/simulate/hosting-json.ts';
import { hostingKnobs, hostingSetup, isExtrapolated } from '../../lib/simulate/hosting-option.ts';
import type { ParameterId } from '../../lib/simulate/parameters-data.ts';
import { decodeStepS, peakTeraflops, sequencesWithin } from '../../lib/simulate/roofline.ts';
import { replicaSeconds } from '../../lib/simulate/throughput.ts';
import { THROUGHPUT_ANCHORS } from '../../lib/simulate/throughput-data.ts';
import type { ThroughputAnchor } from '../../lib/simulate/throughput-data.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { hostedCalls, hostingOption, hostingValues } from '../fixtures/hosted-calls.ts';
import { loggedCall, simulationOf } from '../fixtures/logged-calls.ts';

const VALUES = hostingValues();
const PAGE = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8');
const CONFIG = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');
const SEVENTY = { model: 'Llama-3.x-70B', precision: 'bf16', gpu: 'H100', gpus: 4 } as const;

function option(replica: object = {}, parts: object = {}): HostingOption {
  const described = { ...SEVENTY, ...replica };
  const instance = { gpu: described.gpu, gpus: described.gpus, usdPerHour: '10' };
  return hostingOption({ instance, ...parts, replica: described });
}

function extrapolated(replica: object = {}): ExtrapolatedReplica {
  const { anchor } = hostingSetup(option(replica));
  if (!isExtrapolated(anchor)) throw new Error('it was measured');
  return anchor;
}

test('keys of the config are described', () => {
  const text = CONFIG.slice(
    CONFIG.indexOf('A `replica` that nobody measured'),
    CONFIG.indexOf('A move of `modelChoice`'),
  );
  const [, ownShape] = extrapolatedReplicaSchema.shape.model.options;
  const keys = [...Object.keys(extrapolatedReplicaSchema.shape), ...Object.keys(ownShape.shape)];
  expect(keys).toHaveLength(13);
  expect(keys.filter((key) => !new RegExp(`[\`"]${key}[\`"]`).test(text))).toEqual([]);
  const listed = [...SHAPED_MODELS, ...SPECIFIED_GPUS, ...extrapolatedReplicaSchema.shape.precision.options];
  expect(listed.filter((value) => !text.includes(`\`${value}\``))).toEqual([]);
});

test('models and GPUs of the config are those of the tables', () => {
  expect(MODEL_SHAPES.map(({ model }) => model)).toEqual(SHAPED_MODELS);
  expect(GPU_SPECS.map(({ gpu }) => gpu)).toEqual(SPECIFIED_GPUS);
});

describe('70B in BF16 on four H100', () => {
  // 0.5 · 4 · 989 TFLOP/s, 0.7 · 4 · 3.35 TB/s; (288 − 141.2) GB over 500 tokens of 327,680 bytes are 895.996 sequences
  const calls = hostedCalls([{ atS: 0 }]);
  const fleet = hostedFleet(calls, option(), VALUES);

  test('writes as many answers as fit beside the weights, at the speed of the data sheet', () => {
    const { speed, sequences } = extrapolatedSpeed(extrapolated({ contextTokens: 500 }), VALUES);
    expect(sequences).toBe(895);
    // 141.2 GFLOP over 1,978 TFLOP/s, times 1 + 80 · 8192 · 500 / 70.6e9 for attention
    expect(speed.inputUs).toBeCloseTo(71.716562184, 8);
    // the same without attention, and 141.2 GB over 895 · 9.38 TB/s
    expect(speed.outputUs).toBeCloseTo(88.204572703, 8);
    expect(speed.contextNs).toBeCloseTo(34.933901919, 8);
  });

  test('takes 400 / 200 tokens in 0.0498 s, 0.083 s under the class; its steps are too long when it is full', () => {
    // the context is that of the only call: 400 + 200 / 2
    expect(fleet.sequences).toBe(895);
    expect(fleet.workS[0]).toBeCloseTo(0.0498209296059 / 0.6, 12);
    expect(fleet.warnings).toEqual([
      'All numbers of this fleet are an extrapolation (roofline: data sheet × calibrated efficiencies): nobody measured Llama-3.x-70B in bf16 on 4 x H100 here; ' +
        'it may be half or twice as fast (perf.roofline_error)',
      // 2 · 70.6e9 · 895 / 1,978e12 s; 0.05 s are 700.42 sequences
      'A token takes 63.9 ms where 895 sequences of 500 tokens are written at a time; the class relaxed allows 50 ms, which at most 700 sequences keep',
    ]);
    expect(hostedFleet(calls, option({ sequences: 700 }), VALUES).warnings).toHaveLength(1);
    expect(hostedFleet(calls, option({}, { latencyClass: 'offline' }), VALUES).warnings).toHaveLength(1);
    expect(hostedFleet(calls, option({ sequences: 16 }, { latencyClass: 'tight' }), VALUES).warnings).toHaveLength(1);
    // reading 70.6 billion weights takes 15.05 ms, 30.1 at half the speed
    const slow = hostingValues({ 'perf.roofline_error': 2 });
    const [, late] = hostedFleet(calls, option({ sequences: 1 }, { latencyClass: 'tight' }), slow).warnings;
    expect(late).toContain('allows 20 ms, which no number of sequences keeps');
  });

  test('is told as an extrapolation', () => {
    const { replica } = hostingJson(withContext(option(), calls), fleet, null) as { replica: object };
    expect(replica).toEqual({
      id: null,
      model: 'Llama-3.x-70B',
      precision: 'bf16',
      gpu: 'H100',
      gpus: 4,
      engine: null,
      measured_at: null,
      source: 'roofline: data sheet × calibrated efficiencies',
      quality_of_precision: 'the model as published',
      speed_basis: 'extrapolated',
      sequences: 895,
      context_tokens: 500,
    });
    const measured = hostingOption();
    expect(hostingJson(measured, hostedFleet(calls, measured, VALUES), null)).toMatchObject({
      replica: { speed_basis: 'measured', sequences: null, context_tokens: null },
    });
  });
});

describe('the context', () => {
  const contextOf = ({ replica }: HostingOption): unknown => typeof replica !== 'string' && replica.contextTokens;

  test('is that of a token being written', () => {
    // (200 · 500 + 1,000 · 1,500) / 1,200
    const lengths = { inputTokens: [400, 1000], outputTokens: [200, 1000] };
    expect(contextOf(withContext(option(), lengths))).toBeCloseTo(4000 / 3, 9);
    expect(contextOf(withContext(option(), { inputTokens: [400, 600], outputTokens: [0, 0] }))).toBe(500);
    expect(contextOf(withContext(option(), { inputTokens: [0], outputTokens: [0] }))).toBe(1);
  });

  test('of the config goes before that of the calls; without either nothing is known', () => {
    const lengths = { inputTokens: [400], outputTokens: [200] };
    expect(contextOf(withContext(option({ contextTokens: 9 }), lengths))).toBe(9);
    expect(withContext(hostingOption(), lengths)).toEqual(hostingOption());
    expect(() => extrapolatedSpeed(extrapolated(), VALUES)).toThrow('no call tells');
    expect(hostedFleet(hostedCalls([]), option(), VALUES)).toMatchObject({ replicas: 0, sequences: null });
  });
});

describe('a shape of one’s own', () => {
  const mixture = {
    parameters: 46.7e9,
    activeParameters: 12.9e9,
    layers: 32,
    hidden: 4096,
    kvHeads: 8,
    headDim: 128,
  };

  test('of a mixture of experts reads all weights and multiplies the active ones', () => {
    const replica = extrapolated({ model: mixture, gpus: 2, sequences: 8, contextTokens: 1000 });
    const { speed } = extrapolatedSpeed(replica, VALUES);
    expect(replica.model).toBe('own shape of 46.7 billion parameters');
    // 25.8 GFLOP over 989 TFLOP/s; 93.4 GB over 8 · 4.69 TB/s
    expect(speed.outputUs).toBeCloseTo((25.8e9 / 989e12 + 93.4e9 / (8 * 4.69e12)) * 1e6, 9);
    expect(speed.inputUs).toBeCloseTo((25.8e9 / 989e12) * (1 + (32 * 4096 * 1000) / 12.9e9) * 1e6, 9);
  });

  test('equal to a listed one is as fast', () => {
    const model = { parameters: 70.6e9, layers: 80, hidden: 8192, kvHeads: 8, headDim: 128 };
    expect(extrapolatedSpeed(extrapolated({ model, contextTokens: 700 }), VALUES)).toEqual(
      extrapolatedSpeed(extrapolated({ contextTokens: 700 }), VALUES),
    );
  });
});

describe('what no roofline can be drawn for is refused by its path', () => {
  const PATH = 'simulate.selfHosting.fleets[2].replica';

  test('a GPU without that arithmetic', () => {
    const on = (replica: object) => () => hostingSetup(option(replica), 'simulate.selfHosting.fleets[2]');
    expect(on({ gpu: 'A100-80', precision: 'fp8' })).toThrow(Misconfigured);
    expect(on({ gpu: 'A100-80', precision: 'fp8' })).toThrow(
      `${PATH}.precision: no peak of fp8 arithmetic is listed for A100-80; valid: bf16, w4a16`,
    );
    expect(on({ precision: 'int8' })).toThrow('listed for H100; valid: bf16, fp8, w4a16');
  });

  test('an instance with other GPUs', () => {
    const other = option({}, { instance: 'g5.xlarge' });
    expect(() => hostingSetup(other, 'fleets[2]')).toThrow(
      'fleets[2].instance: fleets[2].replica.gpu is H100, the instance has A10G; valid: p5.48xlarge, {',
    );
  });

  test('weights, or sequences, that memory does not hold', () => {
    const fits = (replica: object) => (): void => requireFit(extrapolated(replica), VALUES, PATH);
    expect(fits({ gpus: 1 })).toThrow(Misconfigured);
    expect(fits({ gpus: 1, contextTokens: 500 })).toThrow(
      `${PATH}.gpus: 1 x H100 do not hold Llama-3.x-70B in bf16 and a sequence of 500 tokens: 141.2 GB of weights and 0.1638 GB of keys and values, with room for 72 GB`,
    );
    expect(fits({ gpus: 2, contextTokens: 500 })).not.toThrow();
    expect(fits({ sequences: 895, contextTokens: 500 })).not.toThrow();
    expect(fits({ sequences: 896, contextTokens: 500 })).toThrow(`${PATH}.sequences: 4 x H100 do not hold`);
    expect(fits({ sequences: 1, contextTokens: 500, gpus: 1 })).toThrow(`${PATH}.gpus`);
    // more of the memory: (2 · 80 · 0.885 − 141.2) GB are 0.4 GB, 2 sequences
    const tight = hostingValues({ 'gpu.memory_share': 0.885 });
    const two = (sequences: number) => (): void =>
      requireFit(extrapolated({ gpus: 2, sequences, contextTokens: 500 }), tight, PATH);
    expect(two(2)).not.toThrow();
    expect(two(3)).toThrow('.sequences');
  });

  test('but a parameter at its worse end only slows it down', () => {
    const bad = hostingValues({ 'gpu.memory_share': 0.85 });
    expect(extrapolatedSpeed(extrapolated({ gpus: 2, contextTokens: 500 }), bad).sequences).toBe(1);
  });
});

describe('properties', () => {
  const drawn = fc.record({
    model: fc.constantFrom(...SHAPED_MODELS),
    gpu: fc.constantFrom(...SPECIFIED_GPUS),
    precision: fc.constantFrom('bf16' as const, 'w4a16' as const),
    gpus: fc.integer({ min: 1, max: 64 }),
    contextTokens: fc.integer({ min: 1, max: 50_000 }),
    kvBytes: fc.constantFrom(1, 2),
  });
  const lengths = fc.tuple(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 5000 }));
  const number = fc.integer({ min: 1, max: 2000 });
  const speedOf = (replica: object) => extrapolatedSpeed(extrapolated(replica), VALUES);
  /** Sums in another order differ by their last bits. */
  const ROUNDED = 1 + 1e-12;

  test('more GPUs are never slower, and hold no fewer sequences', () => {
    fc.assert(
      fc.property(drawn, number, lengths, (replica, more, [input, output]) => {
        const [few, many] = [speedOf(replica), speedOf({ ...replica, gpus: Math.min(1024, replica.gpus + more) })];
        expect(many.sequences).toBeGreaterThanOrEqual(few.sequences);
        expect(replicaSeconds(many.speed, input, output)).toBeLessThanOrEqual(
          replicaSeconds(few.speed, input, output) * ROUNDED,
        );
      }),
    );
  });

  test('more sequences are never dearer per output token', () => {
    fc.assert(
      fc.property(drawn, number, number, (replica, sequences, more) => {
        const [few, many] = [sequences, sequences + more].map((n) => speedOf({ ...replica, sequences: n }).speed);
        expect(many?.outputUs).toBeLessThan(few?.outputUs ?? NaN);
        expect(many).toMatchObject({ inputUs: few?.inputUs, contextNs: few?.contextNs });
      }),
    );
  });

  test('the most sequences within a time are within it, and one more is not', () => {
    fc.assert(
      fc.property(drawn, fc.double({ min: 0.001, max: 1, noNaN: true }), (replica, stepS) => {
        const { roofline } = extrapolated(replica);
        const most = sequencesWithin(roofline, stepS, replica.contextTokens);
        expect(most === 0 || decodeStepS(roofline, most, replica.contextTokens) <= stepS * ROUNDED).toBe(true);
        expect(decodeStepS(roofline, most + 1, replica.contextTokens) * ROUNDED).toBeGreaterThan(stepS);
      }),
    );
  });

  test('work is in proportion to the error', () => {
    fc.assert(
      fc.property(drawn, lengths, fc.double({ min: 0.5, max: 2, noNaN: true }), (replica, [input, output], error) => {
        const calls = hostedCalls([{ atS: 0, input, output }]);
        const work = (values: typeof VALUES): number => hostedFleet(calls, option(replica), values).workS[0] ?? NaN;
        expect(work(hostingValues({ 'perf.roofline_error': error }))).toBeCloseTo(error * work(VALUES), 9);
      }),
      { numRuns: 30 },
    );
  });
});

test('parameters it hangs on are named, all and no others; the error of fits is not among them', () => {
  for (const replica of [{}, { sequences: 4 }, { contextTokens: 100 }]) {
    const fleet = option(replica);
    const asked = new Set<ParameterId>();
    hostedFleet(hostedCalls([{ atS: 1 }, { atS: 2, waitS: 9999 }]), fleet, (id) => {
      asked.add(id);
      return VALUES(id);
    });
    hostedFleet(hostedCalls([{ atS: 2, waitS: 9999 }]), fleet, (id) => {
      asked.add(id);
      return VALUES(id);
    });
    expect([...asked].toSorted()).toEqual([...hostingKnobs(fleet)].toSorted());
    expect([...asked].some((id) => id.startsWith('perf.fit_error') || id === 'perf.gain_per_year')).toBe(false);
  }
});

describe('beside the replicas that were measured', () => {
  const LENGTHS = [
    [400, 200],
    [1000, 1000],
    [2048, 128],
  ] as const;
  // keys and values of 16 bits, as for the fits to vLLM; lengths that all of them were measured at
  const rows = THROUGHPUT_ANCHORS.filter(
    ({ gpu, precision }) => GPU_SPECS.some((row) => row.gpu === gpu) && peakTeraflops(gpuSpec(gpu), precision) !== null,
  );

  /** Measured time over that of the roofline at each of the lengths. */
  const times = (row: ThroughputAnchor): number[] =>
    LENGTHS.map(([input, output]) => {
      const { model, precision, gpu, replicaGpus: gpus } = row;
      const replica = extrapolated({ model, precision, gpu, gpus, contextTokens: input + output / 2 });
      return (
        replicaSeconds(row, input, output) / replicaSeconds(extrapolatedSpeed(replica, VALUES).speed, input, output)
      );
    });

  test.each(rows.map((row) => [row.id, row] as const))('%s: a call takes half to twice of the roofline', (_, row) => {
    for (const ratio of times(row)) {
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  });

  test('all eleven of them together: as the page says', () => {
    const all = rows.flatMap(times);
    expect(rows).toHaveLength(11);
    expect([Math.min(...all), Math.max(...all)].map((ratio) => ratio.toFixed(2))).toEqual(['0.53', '1.81']);
    expect(PAGE).toContain('All eleven measured replicas with a listed peak take 0.53 to 1.81');
  });
});

describe('in a plan', () => {
  const NOBODY = { 'ops.fte': 0, 'ops.setup_weeks': 0 };
  // 60 calls a day, one a minute, each 0.0075 USD; 8B on an L4, one answer at a time: 39 s a call, 78 at half the speed, when one replica is too few
  const calls = Array.from({ length: 15 * 60 }, (_, n) =>
    loggedCall({
      timeMs: Date.UTC(2026, 9, 5 + Math.floor(n / 60), 8, n % 60),
      sessionId: `s${n}`,
      tokens: { input: 1000, output: 300 },
    }),
  );
  const fleetAt = (usdPerHour: string, parts: object = {}): HostingOption =>
    option(
      { model: 'Llama-3.1-8B', gpu: 'L4', gpus: 1, sequences: 1 },
      {
        models: ['claude-sonnet-4-5'],
        instance: { gpu: 'L4', gpus: 1, usdPerHour },
        minimumReplicas: 1,
        maxWaitSeconds: 0,
        lateShare: 0,
        fillTroughs: false,
        ...parts,
      },
    );

  test('a fleet that loses money when it is slow shows that in its range', async () => {
    // 6.75 USD of calls; 360 hours at 0.01: 3.6, and 7.2 for two replicas
    const simulation = await simulationOf(calls, { levers: { fleets: [fleetAt('0.01')] }, parameters: NOBODY });
    const { plan, ranges, fleets, levers } = simulation;
    expect(plan.chosen).toEqual(['self_hosting']);
    expect(plan.savingPico).toBe(3_150_000_000_000n);
    expect(fleets[0]).toMatchObject({
      savingPico: 3_150_000_000_000n,
      ifSpeedErrs: { slowPico: -450_000_000_000n, fastPico: 3_150_000_000_000n },
    });
    expect(Number(ranges.plan?.lowPico) / 1e12).toBeCloseTo(-0.45, 6);
    expect(Number(ranges.plan?.highPico) / 1e12).toBeCloseTo(3.15, 6);
    const finding = levers.find(({ lever }) => lever === 'self_hosting');
    expect(Number(finding?.range?.lowPico) / 1e12).toBeCloseTo(-0.45, 6);
    expect(finding?.assumptions).toContain(
      'speed of llama: an extrapolation from data sheets, which nobody measured; half or twice as fast',
    );
    expect(finding?.toKnow).toContain('the speed of llama is an extrapolation');
    expect(ranges.tornado.find(({ name }) => name === 'perf.roofline_error')).toMatchObject({
      low: 0.5,
      value: 1,
      high: 2,
      outcomeAtHigh: -0.45e12,
    });
    const json = JSON.parse(JSON.stringify(simulationJson(simulation))) as {
      evidence: { self_hosting: { fleets: [{ warnings: string[]; replica: object; crossover: object }] } };
    };
    expect(json.evidence.self_hosting.fleets[0]).toMatchObject({
      replica: { speed_basis: 'extrapolated', sequences: 1, context_tokens: 1150 },
      saving_alone: '3.15',
      saving_alone_if_slow: '-0.45',
      saving_alone_if_fast: '3.15',
    });
    const row = PAGE.split('\n').find((text) => text.startsWith('| a row of its `fleets` |')) ?? '';
    const { replica, crossover, ...rest } = json.evidence.self_hosting.fleets[0];
    const fields = [replica, crossover, rest].flatMap((part) => Object.keys(part));
    expect(fields.filter((name) => !row.includes(`\`${name}\``))).toEqual([]);
    expect(json.evidence.self_hosting.fleets[0].warnings[0]).toContain('extrapolation');
  });

  test('a speed that was compared has no such range', async () => {
    const parameters = { ...NOBODY, 'perf.roofline_error': 1, 'perf.derating_50ms': 0.6 };
    const { ranges, plan } = await simulationOf(calls, { levers: { fleets: [fleetAt('0.01')] }, parameters });
    expect(plan.savingPico).toBe(3_150_000_000_000n);
    expect(Number(ranges.plan?.lowPico) / 1e12).toBeCloseTo(3.15, 6);
  });

  test('a fleet that does not pay is not rented, and what it would save when fast is told', async () => {
    // at 0.5 USD an hour nothing helps; at 0.015 two slow replicas, 10.8 USD, lose and one, 5.4, saves
    const simulation = await simulationOf(calls, { levers: { fleets: [fleetAt('0.5')] }, parameters: NOBODY });
    expect(simulation.plan.chosen).toEqual([]);
    expect(simulation.fleets[0]).toMatchObject({
      isCandidate: false,
      savingPico: -173_250_000_000_000n,
      ifSpeedErrs: { slowPico: -353_250_000_000_000n, fastPico: -173_250_000_000_000n },
    });
    const slow = { ...NOBODY, 'perf.roofline_error': { value: 2, low: 1, high: 2 } };
    const late = await simulationOf(calls, { levers: { fleets: [fleetAt('0.015')] }, parameters: slow });
    expect(late.plan.chosen).toEqual([]);
    expect(late.fleets[0]?.ifSpeedErrs).toEqual({ slowPico: -4_050_000_000_000n, fastPico: 1_350_000_000_000n });
  });

  test('what does not fit stops the simulation, by its path in the config', async () => {
    const big = { ...fleetAt('1'), replica: { ...SEVENTY, gpu: 'L4', gpus: 1, kvBytes: 2 } } as HostingOption;
    await expect(simulationOf(calls, { levers: { fleets: [fleetAt('1', { name: 'a' }), big] } })).rejects.toThrow(
      'simulate.selfHosting.fleets[1].replica.gpus: 1 x L4 do not hold',
    );
  });
});
