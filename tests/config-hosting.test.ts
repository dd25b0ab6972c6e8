import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { hostingFleetSchema, INSTANCE_IDS, REPLICA_IDS } from '../lib/config-hosting.ts';
import type { HostingOption } from '../lib/config-hosting.ts';
import { explainIssues } from '../lib/config-problems.ts';
import { Misconfigured } from '../lib/errors.ts';
import { GPU_INSTANCE_PRICES } from '../lib/simulate/gpu-prices-data.ts';
import { acceptedShareOf, hostingSetup } from '../lib/simulate/hosting-option.ts';
import { THROUGHPUT_ANCHORS } from '../lib/simulate/throughput-data.ts';

const LEAST = {
  name: 'llama on p5',
  models: ['gpt-4o'],
  replica: 'llama-3.x-70b-fp8-2xh100',
  instance: 'p5.48xlarge',
  acceptedPercent: 90,
};
const section = z.strictObject({ fleets: z.array(hostingFleetSchema) });
const jsonSchema = z.toJSONSchema(section, { io: 'input', unrepresentable: 'any' });

function parse(parts: Readonly<Record<string, unknown>>): HostingOption {
  return hostingFleetSchema.parse({ ...LEAST, ...parts });
}

/** What a person is told about a list of fleets with this one as its second. */
function problemOf(parts: Readonly<Record<string, unknown>>): string {
  const result = section.safeParse({ fleets: [LEAST, { ...LEAST, ...parts }] });
  if (result.success) throw new Error('the option was accepted');
  return explainIssues(result.error.issues, jsonSchema).join('; ');
}

test('the least one has to say, and what is taken for the rest', () => {
  expect(hostingFleetSchema.parse(LEAST)).toEqual({
    ...LEAST,
    purchase: { kind: 'on_demand' },
    capacity: 'static',
    latencyClass: 'relaxed',
    fillTroughs: true,
  });
});

test('ids are those of the tables, one for each row', () => {
  expect(THROUGHPUT_ANCHORS.map((row) => row.id)).toEqual(REPLICA_IDS);
  expect(GPU_INSTANCE_PRICES.map((row) => row.instance)).toEqual(INSTANCE_IDS);
  expect(new Set(REPLICA_IDS).size).toBe(REPLICA_IDS.length);
  // an id says what its row holds: model, precision, GPUs, and vLLM where it is that
  for (const { id, model, precision, replicaGpus, gpu, engine } of THROUGHPUT_ANCHORS) {
    const suffix = engine === 'vLLM' ? '-vllm' : '';
    expect(id).toBe(`${model}-${precision}-${replicaGpus}x${gpu}`.toLowerCase() + suffix);
  }
});

test('every field is described', () => {
  const properties = (jsonSchema as unknown as { properties: { fleets: { items: { properties: object } } } }).properties
    .fleets.items.properties;
  expect(Object.keys(properties)).toHaveLength(13);
  const described = Object.entries(properties).filter(([, field]) => 'description' in (field as object));
  expect(described.map(([name]) => name)).toEqual(Object.keys(properties));
});

describe('what is wrong is named by its path, with what is valid there', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['no quality', { acceptedPercent: undefined }, 'fleets[1].acceptedPercent: must be a percent from 0 to 100'],
    ['more than all answers', { acceptedPercent: 101 }, 'fleets[1].acceptedPercent: must be at most 100'],
    ['no model', { models: [] }, 'fleets[1].models: must have at least 1 item'],
    ['an unknown replica', { replica: 'llama-4' }, `fleets[1].replica: must be one of ${REPLICA_IDS.join(', ')}`],
    ['an unknown instance', { instance: 'p9' }, `fleets[1].instance: must be one of ${INSTANCE_IDS.join(', ')}, or`],
    ['an unknown purchase', { purchase: { kind: 'barter' } }, 'must be one of on_demand, savings_1y, savings_3y, spot'],
    [
      'spot without the work it loses',
      { purchase: { kind: 'spot' } },
      'fleets[1].purchase.lostWorkSeconds: must be a number, is missing',
    ],
    [
      'a discount of everything',
      { purchase: { kind: 'savings_1y', discount: 1 } },
      'fleets[1].purchase.discount: must be at most 0.99',
    ],
    ['an unknown size', { capacity: 'elastic' }, 'fleets[1].capacity: must be one of static, autoscaled, scheduled'],
    ['an unknown class', { latencyClass: 'fast' }, 'fleets[1].latencyClass: must be one of offline, relaxed, tight'],
    ['a rent that is no text', { usdPerHour: 55 }, 'fleets[1].usdPerHour: must be text'],
    ['a rent of nothing', { usdPerHour: '0.00' }, 'fleets[1].usdPerHour: must be above 0'],
    ['a misspelled key', { capasity: 'static' }, 'fleets[1]: unknown key "capasity", did you mean "capacity"?'],
  ])('%s', (_what, parts, message) => {
    expect(problemOf(parts)).toContain(message);
  });

  const EXTRAPOLATED = { model: 'Llama-3.x-70B', precision: 'bf16', gpu: 'H100', gpus: 4 };
  const SHAPE = { parameters: 46.7e9, layers: 32, hidden: 4096, kvHeads: 8, headDim: 128 };

  test.each<[string, unknown, string]>([
    ['a number', 7, `must be one of ${REPLICA_IDS.join(', ')}, or an object with model, precision, gpu and gpus of a`],
    ['no GPUs', { ...EXTRAPOLATED, gpus: 0 }, '.gpus: must be at least 1'],
    ['GPUs in words', { ...EXTRAPOLATED, gpus: 'four' }, '.gpus: must be a number'],
    [
      'no precision',
      { ...EXTRAPOLATED, precision: undefined },
      '.precision: must be one of bf16, int8, fp8, w4a16, fp4',
    ],
    [
      'a GPU without a data sheet',
      { ...EXTRAPOLATED, gpu: 'T4' },
      '.gpu: must be one of A6000, A10G, L4, L40S, A100-40, A',
    ],
    ['half a sequence', { ...EXTRAPOLATED, sequences: 0.5 }, '.sequences: must be a whole number'],
    ['no context', { ...EXTRAPOLATED, contextTokens: 0 }, '.contextTokens: must be at least 1'],
    [
      'a misspelled key',
      { ...EXTRAPOLATED, sequence: 4 },
      ': unknown key "sequence", did you mean "sequences"? valid here: model',
    ],
    [
      'an unknown model',
      { ...EXTRAPOLATED, model: 'Llama-9' },
      '.model: must be one of Llama-3.1-8B, Llama-3.x-70B, Llama-3.1-405B, or an object with parameters, layers',
    ],
    [
      'a shape without layers',
      { ...EXTRAPOLATED, model: { ...SHAPE, layers: undefined } },
      '.model.layers: must be a number, is missing',
    ],
    [
      'parameters in billions',
      { ...EXTRAPOLATED, model: { ...SHAPE, parameters: 46.7 } },
      '.model.parameters: must be at least 1000000',
    ],
    [
      'more active parameters than there are',
      { ...EXTRAPOLATED, model: { ...SHAPE, activeParameters: 50e9 } },
      '.model.activeParameters: must not exceed parameters',
    ],
  ])('in a replica that nobody measured: %s', (_what, replica, message) => {
    expect(problemOf({ replica })).toContain(`fleets[1].replica${message.startsWith('must') ? ': ' : ''}${message}`);
  });

  test('two mistakes in it are told as two', () => {
    expect(problemOf({ replica: { ...EXTRAPOLATED, gpus: 0, kvBytes: 9 } })).toBe(
      'fleets[1].replica.gpus: must be at least 1; fleets[1].replica.kvBytes: must be at most 4',
    );
  });

  test('what one has to say of it, and what is taken for the rest', () => {
    expect(parse({ replica: EXTRAPOLATED }).replica).toEqual({ ...EXTRAPOLATED, kvBytes: 2 });
    expect(parse({ replica: { ...EXTRAPOLATED, model: SHAPE } }).replica).toMatchObject({ model: SHAPE });
  });

  test('a range that is none', () => {
    expect(problemOf({ acceptedPercent: { value: 90, low: 95 } })).toBe(
      'fleets[1].acceptedPercent: low must not exceed value, nor value high',
    );
    expect(acceptedShareOf(parse({ acceptedPercent: { value: 90, low: 80, high: 95 } }))).toBe(0.9);
  });
});

describe('replica and instance', () => {
  test('meet on the same GPUs', () => {
    expect(hostingSetup(parse({}))).toMatchObject({
      anchor: { model: 'Llama-3.x-70B', replicaGpus: 2 },
      price: { instance: 'p5.48xlarge', onDemandUsdPerHour: '55.04' },
      placement: { replicasPerInstance: 4, instancesPerReplica: 1 },
    });
    expect(hostingSetup(parse({ usdPerHour: '31.5' })).price.onDemandUsdPerHour).toBe('31.5');
    const own = { gpu: 'H100', gpus: 1, usdPerHour: '2.49' };
    expect(hostingSetup(parse({ instance: own }))).toEqual({
      anchor: expect.anything(),
      price: { instance: '1 x H100', onDemandUsdPerHour: '2.49' },
      placement: { replicasPerInstance: 1, instancesPerReplica: 2 },
    });
  });

  test('on other GPUs were not measured: the path and the valid ones are named', () => {
    const mistaken = (): unknown => hostingSetup(parse({ instance: 'g5.xlarge' }), 'simulate.selfHosting.fleets[1]');
    expect(mistaken).toThrow(Misconfigured);
    expect(mistaken).toThrow(
      'simulate.selfHosting.fleets[1].instance: llama-3.x-70b-fp8-2xh100 was measured on H100, the instance has A10G; valid: p5.48xlarge, {',
    );
    expect(() => hostingSetup(parse({ instance: 'p4d.24xlarge' }))).toThrow('fleets ("llama on p5").instance');
  });

  test('have one rent', () => {
    const twice = parse({ instance: { gpu: 'H100', gpus: 1, usdPerHour: '2.49' }, usdPerHour: '3' });
    expect(() => hostingSetup(twice)).toThrow('.usdPerHour: an instance of your own has its rent in');
  });
});
