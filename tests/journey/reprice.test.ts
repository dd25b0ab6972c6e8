/** Closed months priced again: what is shown before the switch is what the switch brings, and declining leaves nothing behind. */
import { afterEach, expect, test } from 'vitest';
import { prepareRepricing } from '../../lib/reprice.ts';
import type { Repricing } from '../../lib/reprice.ts';
import { NOW, mindSpace } from './restamp-space.ts';
import type { Mind, MindSpace } from './restamp-space.ts';

const spaces: MindSpace[] = [];
afterEach(async () => {
  for (const space of spaces.splice(0)) await space.close();
});

const call = (id: string, day: string, model: string, input: number, user = 'ada'): string =>
  `${JSON.stringify({ id, timestamp: `${day}T10:00:00Z`, model, input_tokens: input, output_tokens: 0, user })}\n`;

/** gpt-4o costs 2.50 USD per million input tokens; half of it under the discount. house-1 has no price before, and 1 USD after. */
const NEW: Mind = {
  config: {
    rates: [{ provider: 'openai', discount_percent: '50' }],
    attribution: { rules: [{ id: 'eve', match: { user: 'eve' }, set: { team: 'search' } }] },
  },
  prices: {
    prices: [
      { provider: 'house', model: 'house-1', meter: 'input', value: '1' },
      { provider: 'house', model: 'house-1', meter: 'output', value: '1' },
    ],
  },
};
const MILLION = 1_000_000;
const DOLLAR = 10n ** 12n;

async function closedMonths(): Promise<MindSpace> {
  const space = await mindSpace();
  spaces.push(space);
  const house = { ...JSON.parse(call('h', '2026-09-12', 'house-1', 3 * MILLION)), provider: 'house' } as object;
  await space.write({
    'september.jsonl':
      call('a', '2026-09-10', 'gpt-4o', 4 * MILLION) +
      call('e', '2026-09-11', 'gpt-4o', 2 * MILLION, 'eve') +
      `${JSON.stringify(house)}\n`,
    'october.jsonl': call('o', '2026-10-10', 'gpt-4o', 8 * MILLION),
  });
  await space.run({});
  await space.forgetLogs();
  return space;
}

const SPEND = 'select call_id, team, cast(cost as varchar) as cost from usage order by call_id';
const BEFORE = [
  { call_id: 'a', team: 'unallocated', cost: '10.000000000000' },
  { call_id: 'e', team: 'unallocated', cost: '5.000000000000' },
  { call_id: 'h', team: 'unallocated', cost: null },
  { call_id: 'o', team: 'unallocated', cost: '20.000000000000' },
];

async function repricing<T>(
  space: MindSpace,
  act: (repricing: Repricing) => Promise<T>,
  to: string | null = '2026-09-30',
): Promise<T> {
  return await space.carried(NEW, NOW, async (world) =>
    act(await prepareRepricing(world.carry, world.seal, { from: '2026-09-01', to })),
  );
}

test('a run leaves closed months alone and says so', async () => {
  const space = await closedMonths();
  expect((await space.run(NEW)).restamp).toMatchObject({ objects: 0, otherwiseStamped: 2, batches: [] });
  expect(await space.ask(SPEND)).toEqual(BEFORE);
});

test('the difference by team and by model is told first; declined, the lake is as before, file by file', async () => {
  const space = await closedMonths();
  await space.run(NEW);
  const files = await space.keys('');
  await repricing(space, async ({ days, byTeam, byModel, total, restamp, discard }) => {
    expect(await space.bytes('catalog.json')).toBeTruthy();
    expect(days).toEqual(['2026-09-10', '2026-09-11', '2026-09-12']);
    expect(restamp).toMatchObject({ objects: 1, records: 3, repriced: 3, reattributed: 1 });
    const amount = (costPico: bigint | null, tokens: number, unknownCalls: bigint): object => ({
      costPico,
      tokens: BigInt(tokens),
      unknownCalls,
    });
    expect(byTeam).toEqual([
      {
        name: 'unallocated',
        before: amount(15n * DOLLAR, 9 * MILLION, 1n),
        after: amount(8n * DOLLAR, 7 * MILLION, 0n),
      },
      { name: 'search', before: amount(null, 0, 0n), after: amount((5n * DOLLAR) / 2n, 2 * MILLION, 0n) },
    ]);
    expect(byModel).toEqual([
      {
        name: 'openai gpt-4o',
        before: amount(15n * DOLLAR, 6 * MILLION, 0n),
        after: amount((15n * DOLLAR) / 2n, 6 * MILLION, 0n),
      },
      { name: 'house house-1', before: amount(null, 3 * MILLION, 1n), after: amount(3n * DOLLAR, 3 * MILLION, 0n) },
    ]);
    expect(total).toEqual({
      before: amount(15n * DOLLAR, 9 * MILLION, 1n),
      after: amount((21n * DOLLAR) / 2n, 9 * MILLION, 0n),
    });
    await discard();
  });
  expect(await space.keys('')).toEqual(files);
  expect(await space.ask(SPEND)).toEqual(BEFORE);
});

test('applied, the range moves as shown, days outside it stay, and runs under either mind leave it there', async () => {
  const space = await closedMonths();
  await space.run(NEW);
  const after = [
    { call_id: 'a', team: 'unallocated', cost: '5.000000000000' },
    { call_id: 'e', team: 'search', cost: '2.500000000000' },
    { call_id: 'h', team: 'unallocated', cost: '3.000000000000' },
    { call_id: 'o', team: 'unallocated', cost: '20.000000000000' },
  ];
  await repricing(space, async ({ apply }) => apply());
  expect(await space.ask(SPEND)).toEqual(after);
  expect(await space.ask('select cast(sum(cost) as varchar) as cost from spend_daily')).toEqual([
    { cost: '30.500000000000' },
  ]);
  expect(await repricing(space, async ({ restamp, days }) => [restamp.batches, days])).toEqual([[], []]);
  for (const mind of [NEW, {}]) {
    const { sealedDays, restamp } = await space.run(mind);
    expect([sealedDays, restamp.batches]).toEqual([[], []]);
  }
  expect(await space.ask(SPEND)).toEqual(after);
});

test('without an end the range reaches to today; a day of it that stands already is not touched', async () => {
  const space = await closedMonths();
  await repricing(space, async ({ apply }) => apply());
  await repricing(
    space,
    async ({ days, apply }) => {
      expect(days).toEqual(['2026-10-10']);
      await apply();
    },
    null,
  );
  expect((await space.ask(SPEND)).map((row) => row['cost'])).toEqual([
    '5.000000000000',
    '2.500000000000',
    '3.000000000000',
    '10.000000000000',
  ]);
});

test('killed between commits and switch, the next run comes to the same', async () => {
  const space = await closedMonths();
  await space.run(NEW);
  await space.carried(NEW, NOW, async (world) => {
    const dying = {
      ...world.seal,
      catalog: { ...world.seal.catalog, switch: () => Promise.reject(new Error('killed')) },
    };
    const repricing = await prepareRepricing(
      world.carry,
      { ...dying, catalog: world.seal.catalog },
      { from: '2026-09-01', to: null },
    );
    await repricing.discard();
    const again = await prepareRepricing(world.carry, dying, { from: '2026-09-01', to: null });
    await expect(again.apply()).rejects.toThrow('killed');
  });
  expect(await space.ask(SPEND)).toEqual(BEFORE);
  await space.run(NEW);
  expect((await space.ask(SPEND)).map((row) => row['cost'])).toEqual([
    '5.000000000000',
    '2.500000000000',
    '3.000000000000',
    '10.000000000000',
  ]);
});
