/** The decomposition of a change: amounts worked out by hand, and its one law over random weeks: parts sum to the change, to the picodollar. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeDrivers } from '../../lib/watch/drivers.ts';
import type { ChangeCell, DriverAmount, Side } from '../../lib/watch/drivers.ts';

/** A side with one meter. */
const side = (calls: number, units: number, cost: number): Side => ({
  calls: BigInt(calls),
  meters: [{ units: BigInt(units), costPico: BigInt(cost) }],
});
const cell = (over: Partial<ChangeCell>): ChangeCell => ({
  team: 'search',
  model: 'm',
  way: 'standard',
  key: 'k',
  previous: null,
  current: null,
  ...over,
});
const amounts = (cells: readonly ChangeCell[]): Record<string, bigint> =>
  Object.fromEntries(changeDrivers(cells).map(({ driver, amountPico }) => [driver, amountPico]));

describe('by hand', () => {
  test('twice the calls is volume', () => {
    expect(amounts([cell({ previous: side(10, 1000, 500), current: side(20, 2000, 1000) })])).toEqual({ volume: 500n });
  });

  test('longer calls are tokens per call, dearer tokens are price', () => {
    // 10 calls of 100 tokens at 2 become 10 calls of 150 tokens at 3: 10 × 50 × 2 = 1000, then 1500 × 1 = 1500
    expect(amounts([cell({ previous: side(10, 1000, 2000), current: side(10, 1500, 4500) })])).toEqual({
      tokens_per_call: 1000n,
      price: 1500n,
    });
  });

  test('calls that move to a dearer model are mix', () => {
    // 5 of 15 calls at 1 move to the model at 10: 15 × 1 + 5 × 10 = 65 becomes 10 × 1 + 10 × 10 = 110
    expect(
      amounts([
        cell({ model: 'cheap', previous: side(15, 15, 15), current: side(10, 10, 10) }),
        cell({ model: 'dear', previous: side(5, 5, 50), current: side(10, 10, 100) }),
      ]),
    ).toEqual({ mix: 45n });
  });

  test('volume first, then mix: 20 calls become 30, of which 20 are dear', () => {
    // A0 = 10 × 1 + 10 × 10 = 110; A1 = 110 × 30 / 20 = 165; A2 = 10 × 1 + 20 × 10 = 210
    expect(
      amounts([
        cell({ model: 'cheap', previous: side(10, 10, 10), current: side(10, 10, 10) }),
        cell({ model: 'dear', previous: side(10, 10, 100), current: side(20, 20, 200) }),
      ]),
    ).toEqual({ volume: 55n, mix: 45n });
  });

  test('the same work at another tier is mix, not price', () => {
    expect(
      amounts([
        cell({ way: 'standard', previous: side(10, 10, 100), current: side(5, 5, 50) }),
        cell({ way: 'batch', previous: side(10, 10, 50), current: side(15, 15, 75) }),
      ]),
    ).toEqual({ mix: -25n });
  });

  test('models and keys of one week only are told as what they cost; a model goes before its keys', () => {
    expect(
      amounts([
        cell({ model: 'kept', previous: side(10, 10, 100), current: side(10, 10, 100) }),
        cell({ model: 'kept', key: 'old', previous: side(1, 1, 7) }),
        cell({ model: 'kept', key: 'fresh', current: side(1, 1, 11) }),
        cell({ model: 'came', key: 'fresh', current: side(3, 3, 30) }),
        cell({ model: 'went', previous: side(4, 4, 40) }),
      ]),
    ).toEqual({ new_model: 30n, gone_model: -40n, new_key: 11n, gone_key: -7n });
  });

  test('calls without a key are of no key', () => {
    expect(
      amounts([
        cell({ previous: side(10, 10, 100), current: side(10, 10, 100) }),
        cell({ key: null, current: side(10, 10, 100) }),
      ]),
    ).toEqual({ volume: 100n });
  });

  test("a provider's sums without calls: units are volume, what a unit costs is price", () => {
    expect(amounts([cell({ previous: side(0, 100, 200), current: side(0, 150, 450) })])).toEqual({
      volume: 100n,
      price: 150n,
    });
  });

  test('a meter used for the first time is a matter of tokens, not of price', () => {
    const two = (first: number, second: number): Side => ({
      calls: 10n,
      meters: [
        { units: BigInt(first), costPico: BigInt(first * 10) },
        { units: BigInt(second), costPico: BigInt(second) },
      ],
    });
    expect(amounts([cell({ previous: two(100, 0), current: two(40, 60) })])).toEqual({ tokens_per_call: -540n });
  });

  test('teams stand apart, in order of name', () => {
    const team = (name: string, calls: number): ChangeCell =>
      cell({ team: name, previous: side(1, 1, 10), current: side(calls, calls, 10 * calls) });
    expect(changeDrivers([team('b', 2), team('a', 3), team('c', 1)])).toEqual([
      { team: 'a', driver: 'volume', amountPico: 20n },
      { team: 'b', driver: 'volume', amountPico: 10n },
    ]);
  });
});

describe('laws', () => {
  const meter = fc.record({ units: fc.bigInt(0n, 10n ** 12n), costPico: fc.bigInt(0n, 10n ** 16n) });
  const anySide = fc.option(
    fc.record({ calls: fc.bigInt(0n, 10n ** 6n), meters: fc.array(meter, { minLength: 2, maxLength: 2 }) }),
  );
  const cells = fc.uniqueArray(
    fc.record({
      team: fc.constantFrom('a', 'b'),
      model: fc.constantFrom('m', 'n', 'o'),
      way: fc.constantFrom('standard', 'batch'),
      key: fc.constantFrom('k', 'l', null),
      previous: anySide,
      current: anySide,
    }),
    { selector: ({ team, model, way, key }) => JSON.stringify([team, model, way, key]), maxLength: 20 },
  );
  const costOf = (one: Side | null): bigint => one?.meters.reduce((sum, { costPico }) => sum + costPico, 0n) ?? 0n;
  const sumOf = (rows: readonly DriverAmount[], team: string): bigint =>
    rows.filter((row) => row.team === team).reduce((sum, { amountPico }) => sum + amountPico, 0n);

  test('the amounts of a team sum to its change, whatever is new, gone, uncounted or rounded', () => {
    fc.assert(
      fc.property(cells, (drawn) => {
        const rows = changeDrivers(drawn);
        for (const team of ['a', 'b']) {
          const own = drawn.filter((one) => one.team === team);
          const change = own.reduce((sum, one) => sum + costOf(one.current) - costOf(one.previous), 0n);
          expect(sumOf(rows, team)).toBe(change);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('the order of cells does not matter, and the same week twice changes nothing', () => {
    fc.assert(
      fc.property(cells, (drawn) => {
        expect(changeDrivers(drawn.toReversed())).toEqual(changeDrivers(drawn));
        expect(changeDrivers(drawn.map((one) => ({ ...one, current: one.previous })))).toEqual([]);
      }),
    );
  });
});
