/** Rows of the table `savings`: what is summed up must come to the same along every way, and what is not known must not look like zero. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { savingsRows } from '../../lib/simulate/savings-rows.ts';
import type { SavingsGroup, SavingsInput, SavingsLever, SavingsRow } from '../../lib/simulate/savings-rows.ts';

const STATED = { basis: 'measured', range: null, assumptions: ['as logged'], evidence: { why: null } } as const;
const PLAN = { ...STATED, range: { lowPico: 1n, highPico: 9n } };
const group = (team: string, model: string, savingPico: bigint, more: Partial<SavingsGroup> = {}): SavingsGroup => ({
  team,
  model,
  calls: 1,
  baselinePico: 1_000n,
  savingPico,
  cashPico: savingPico,
  blockedBy: [],
  ...more,
});
/** A lever with these shares; alone and last are told apart by their size. */
const lever = (name: string, sharePico: bigint[], more: Partial<SavingsLever> = {}): SavingsLever => ({
  ...STATED,
  lever: name,
  amounts: {
    sharePico,
    alonePico: sharePico.map((share) => share + 1_000_000n),
    lastPico: sharePico.map((share) => share - 1_000_000n),
    calls: sharePico.map((_, at) => at + 1),
  },
  ...more,
});

const sum = (amounts: readonly (bigint | null)[]): bigint =>
  amounts.reduce<bigint>((all, one) => all + (one ?? 0n), 0n);
const column = (rows: readonly SavingsRow[], name: keyof SavingsRow): bigint =>
  sum(rows.map((row) => row[name] as bigint | null));
const of = (rows: readonly SavingsRow[], name: string): SavingsRow[] => rows.filter((row) => row.lever === name);
const isWhole = (row: SavingsRow): boolean => row.team === null && row.model === null;

/** A simulation with shares of three levers by group, money that commitments keep, and one lever of which nothing is known. */
const drawn = fc
  .array(
    fc.record({
      team: fc.constantFrom('search', 'growth', 'unallocated'),
      model: fc.constantFrom('gpt-4o', 'claude-sonnet-4-5'),
      calls: fc.nat(1_000_000),
      baselinePico: fc.bigInt(0n, 10n ** 20n),
      shares: fc.tuple(...[0, 1, 2].map(() => fc.bigInt(-(10n ** 15n), 10n ** 18n))),
      /** thousandths of the saving that commitments keep */
      kept: fc.integer({ min: 0, max: 1_000 }),
      blockedBy: fc.subarray(['annual', 'credit']),
    }),
    { maxLength: 12 },
  )
  .map((drawnGroups): SavingsInput => {
    const groups = drawnGroups.map(({ team, model, calls, baselinePico, shares, kept, blockedBy }) => {
      const savingPico = sum(shares);
      const blocked = savingPico > 0n ? (savingPico * BigInt(kept)) / 1_000n : 0n;
      return { team, model, calls, baselinePico, savingPico, cashPico: savingPico - blocked, blockedBy };
    });
    const levers = ['exact_cache', 'batch', 'prefix_cache'].map((name, at) =>
      lever(
        name,
        drawnGroups.map(({ shares }) => shares[at] as bigint),
      ),
    );
    const unknown: SavingsLever = { ...STATED, basis: 'not_identifiable', lever: 'semantic_cache', amounts: null };
    return { scenario: 'measured', groups, levers: [...levers, unknown], plan: PLAN };
  });

const cellName = ({ team, model }: { team: string | null; model: string | null }): string =>
  JSON.stringify([team, model]);

describe('laws', () => {
  test('over levers, saving and cash of every team and model sum to those of the plan', () => {
    fc.assert(
      fc.property(drawn, (input) => {
        const cells = Map.groupBy(
          savingsRows(input).filter((row) => !isWhole(row)),
          cellName,
        );
        expect(new Set(cells.keys())).toEqual(new Set(input.groups.map(cellName)));
        for (const [, rows] of cells) {
          const [plan] = of(rows, 'plan');
          const levers = rows.filter((row) => row.lever !== 'plan');
          expect([column(levers, 'savingPico'), column(levers, 'cashPico')]).toEqual([
            plan?.savingPico,
            plan?.cashPico,
          ]);
          for (const row of rows) expect(row.baselinePico).toBe(plan?.baselinePico);
        }
      }),
    );
  });

  test('over teams and models, every column sums to that of the groups', () => {
    fc.assert(
      fc.property(drawn, (input) => {
        const rows = savingsRows(input);
        const { groups } = input;
        for (const { lever: name, amounts } of input.levers) {
          if (amounts === null || groups.length === 0) continue;
          const own = of(rows, name);
          expect(column(own, 'savingPico')).toBe(sum(amounts.sharePico));
          expect(column(own, 'alonePico')).toBe(sum(amounts.alonePico));
          expect(column(own, 'lastPico')).toBe(sum(amounts.lastPico));
          expect(own.reduce((all, { calls }) => all + (calls ?? 0), 0)).toBe(
            amounts.calls.reduce((all, one) => all + one, 0),
          );
          expect(column(own, 'baselinePico')).toBe(sum(groups.map(({ baselinePico }) => baselinePico)));
        }
        const plan = of(rows, 'plan');
        expect(column(plan, 'savingPico')).toBe(sum(groups.map(({ savingPico }) => savingPico)));
        expect(column(plan, 'cashPico')).toBe(sum(groups.map(({ cashPico }) => cashPico)));
        expect(plan.reduce((all, { calls }) => all + (calls ?? 0), 0)).toBe(
          groups.reduce((all, { calls }) => all + (calls ?? 0), 0),
        );
      }),
    );
  });

  test('cash is never above the saving, a saving that is negative stays, and who keeps it is named where something is kept', () => {
    fc.assert(
      fc.property(drawn, (input) => {
        for (const row of savingsRows(input).filter((one) => !isWhole(one))) {
          const [saving, cash] = [row.savingPico as bigint, row.cashPico as bigint];
          const own = input.groups.filter((one) => cellName(one) === cellName(row));
          const isNamed = own.some(({ blockedBy }) => blockedBy.length > 0);
          // of several groups one may lose what another saves
          const isInBounds = own.length > 1 || (saving < 0n ? cash === saving : cash >= 0n);
          const isNamedRight = own.length > 1 || (row.blockedBy !== null) === (isNamed && cash < saving);
          const isNamedInVain = row.blockedBy !== null && cash === saving;
          expect([cash <= saving, isInBounds, isNamedRight, isNamedInVain]).toEqual([true, true, true, false]);
        }
      }),
    );
  });

  test('ranges stand once for each lever, in the row without team and model, beside no amount', () => {
    fc.assert(
      fc.property(drawn, (input) => {
        const rows = savingsRows(input);
        const wholes = rows.filter(isWhole);
        const expected = input.groups.length === 0 ? [] : [...input.levers.map((one) => one.lever), 'plan'];
        expect(wholes.map((row) => row.lever)).toEqual(expected);
        expect(rows.filter((row) => row.evidence !== null)).toEqual(wholes);
        expect(rows.filter((row) => row.lowPico !== null || row.highPico !== null)).toEqual(of(wholes, 'plan'));
        for (const { calls, baselinePico, savingPico, cashPico, alonePico } of wholes)
          expect([calls, baselinePico, savingPico, cashPico, alonePico]).toEqual([null, null, null, null, null]);
        const range = expected.length > 0 ? [1n, 9n] : [0n, 0n];
        expect([column(rows, 'lowPico'), column(rows, 'highPico')]).toEqual(range);
      }),
    );
  });
});

test('an example by hand: two accounts of one team and model, a commitment on one of them', () => {
  const groups = [
    group('search', 'gpt-4o', 90n, { cashPico: 30n, blockedBy: ['annual'] }),
    group('search', 'gpt-4o', 10n),
    group('growth', 'gpt-4o', -5n),
  ];
  const levers = [
    lever('exact_cache', [70n, 10n, 0n]),
    lever('batch', [35n, 0n, 0n]),
    lever('prefix_cache', [-15n, 0n, -5n]),
  ];
  const rows = savingsRows({ scenario: 'measured', groups, levers, plan: PLAN });
  // of the 60 that are kept, 70 : 35 of the levers that save there: 40 and 20; the one that loses there keeps its loss
  expect(
    rows
      .filter((row) => !isWhole(row))
      .map((row) => [row.lever, row.team, row.calls, row.baselinePico, row.savingPico, row.cashPico, row.blockedBy]),
  ).toEqual([
    ['exact_cache', 'search', 3, 2_000n, 80n, 40n, 'annual'],
    ['exact_cache', 'growth', 3, 1_000n, 0n, 0n, null],
    ['batch', 'search', 3, 2_000n, 35n, 15n, 'annual'],
    ['batch', 'growth', 3, 1_000n, 0n, 0n, null],
    ['prefix_cache', 'search', 3, 2_000n, -15n, -15n, null],
    ['prefix_cache', 'growth', 3, 1_000n, -5n, -5n, null],
    ['plan', 'search', 2, 2_000n, 100n, 40n, 'annual'],
    ['plan', 'growth', 1, 1_000n, -5n, -5n, null],
  ]);
  expect(rows.find((row) => row.lever === 'plan')).toMatchObject({ alonePico: 100n, lastPico: 100n });
});

test('a lever of which the log does not tell has one row: its name, why, and no amount', () => {
  const unknown: SavingsLever = {
    lever: 'semantic_cache',
    basis: 'not_identifiable',
    range: null,
    assumptions: [],
    evidence: { why: 'no texts', to_know: 'log prompts' },
    amounts: null,
  };
  const rows = savingsRows({ scenario: 'measured', groups: [group('a', 'm', 0n)], levers: [unknown], plan: PLAN });
  expect(of(rows, 'semantic_cache')).toEqual([
    {
      scenario: 'measured',
      lever: 'semantic_cache',
      team: null,
      model: null,
      calls: null,
      baselinePico: null,
      savingPico: null,
      cashPico: null,
      alonePico: null,
      lastPico: null,
      lowPico: null,
      highPico: null,
      blockedBy: null,
      basis: 'not_identifiable',
      assumptions: '[]',
      evidence: '{"why":"no texts","to_know":"log prompts"}',
    },
  ]);
});

describe('refuses', () => {
  const rowsOf = (groups: readonly SavingsGroup[], levers: readonly SavingsLever[]) => () =>
    savingsRows({ scenario: 'measured', groups, levers, plan: PLAN });

  test('shares that do not sum to the plan', () => {
    expect(rowsOf([group('a', 'm', 10n)], [lever('batch', [9n])])).toThrow(
      'savings of a, m: levers share 9, the plan saves 10',
    );
  });

  test('more cash than saving', () => {
    expect(rowsOf([group('a', 'm', 10n, { cashPico: 11n })], [lever('batch', [10n])])).toThrow('11 reach the bank');
  });

  test('amounts of other groups', () => {
    expect(rowsOf([group('a', 'm', 10n)], [lever('batch', [10n, 0n])])).toThrow('amounts of 2 groups were given for 1');
  });
});
