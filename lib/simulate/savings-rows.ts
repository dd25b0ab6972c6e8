/**
 * Rows of the table `savings` for one period. In: what a simulation says, group by group. Out: for each lever and for `plan` a row by team and
 * model, and one without either, which holds what is known of all calls together only: a range, evidence. A lever that the log does not tell of
 * has that one row, without amounts. Invariant: over teams and models a lever's savings sum to its share, over levers (without `plan`) those of
 * a team and model sum to the plan's, and so does cash, to the last picodollar; nothing is shared out that was not measured in parts.
 */
import { splitByWeights } from '../money.ts';

/** Calls of one team and model, as finely as commitments are told apart: several groups may be of one team and model. */
export interface SavingsGroup {
  readonly team: string;
  readonly model: string;
  /** rows looked at; null where nobody counted them */
  readonly calls: number | null;
  readonly baselinePico: bigint;
  /** the plan's */
  readonly savingPico: bigint;
  readonly cashPico: bigint;
  readonly blockedBy: readonly string[];
}

/** Amounts of a lever, by group. */
export interface LeverAmounts {
  readonly sharePico: readonly bigint[];
  readonly alonePico: readonly bigint[];
  readonly lastPico: readonly bigint[];
  readonly calls: readonly number[];
}

export interface Stated {
  readonly basis: 'measured' | 'modelled' | 'illustrative' | 'not_identifiable';
  /** range of the saving of all groups together */
  readonly range: { readonly lowPico: bigint; readonly highPico: bigint } | null;
  readonly assumptions: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface SavingsLever extends Stated {
  readonly lever: string;
  /** null where the log does not tell */
  readonly amounts: LeverAmounts | null;
}

export interface SavingsInput {
  readonly scenario: string;
  readonly groups: readonly SavingsGroup[];
  readonly levers: readonly SavingsLever[];
  readonly plan: Stated;
}

/** A row; its columns are described in lib/schema.ts. */
export interface SavingsRow {
  readonly scenario: string;
  readonly lever: string;
  readonly team: string | null;
  readonly model: string | null;
  readonly calls: number | null;
  readonly baselinePico: bigint | null;
  readonly savingPico: bigint | null;
  readonly cashPico: bigint | null;
  readonly alonePico: bigint | null;
  readonly lastPico: bigint | null;
  readonly lowPico: bigint | null;
  readonly highPico: bigint | null;
  readonly blockedBy: string | null;
  readonly basis: Stated['basis'];
  readonly assumptions: string;
  readonly evidence: string | null;
}

/** All rows of a period; none where there were no calls. Throws `RangeError` where the amounts do not add up. */
export function savingsRows({ scenario, groups, levers, plan }: SavingsInput): SavingsRow[] {
  if (groups.length === 0) return [];
  const cells = cellsOf(groups);
  const blocked = blockedByLever(groups, levers);
  const planSaving = groups.map(({ savingPico }) => savingPico);
  const planCalls = groups.flatMap(({ calls }) => calls ?? []);
  const planParts: Parts = {
    sharePico: planSaving,
    cashPico: groups.map(({ cashPico }) => cashPico),
    alonePico: planSaving,
    lastPico: planSaving,
    calls: planCalls.length === groups.length ? planCalls : null,
  };
  return [
    ...levers.flatMap((stated, at) => {
      const { lever, amounts } = stated;
      const kept = blocked[at] as readonly bigint[];
      const cashPico = amounts?.sharePico.map((share, group) => share - (kept[group] ?? 0n)) ?? [];
      const own = amounts === null ? [] : rowsByCell(groups, cells, { ...amounts, cashPico });
      return [...own, wholeRow(stated)].map((row) => ({ ...row, ...shared(scenario, lever, stated) }));
    }),
    ...[...rowsByCell(groups, cells, planParts), wholeRow(plan)].map((row) => ({
      ...row,
      ...shared(scenario, 'plan', plan),
    })),
  ];
}

/** Columns of one lever, by group. */
interface Parts extends Omit<LeverAmounts, 'calls'> {
  readonly cashPico: readonly bigint[];
  readonly calls: readonly number[] | null;
}

type Shared = 'scenario' | 'lever' | 'basis' | 'assumptions';
type OwnColumns = Omit<SavingsRow, Shared>;

function shared(scenario: string, lever: string, { basis, assumptions }: Stated): Pick<SavingsRow, Shared> {
  return { scenario, lever, basis, assumptions: JSON.stringify(assumptions) };
}

/** What is known of all calls together. */
function wholeRow({ range, evidence }: Stated): OwnColumns {
  return {
    ...NO_AMOUNTS,
    lowPico: range?.lowPico ?? null,
    highPico: range?.highPico ?? null,
    evidence: JSON.stringify(evidence),
  };
}

function rowsByCell(groups: readonly SavingsGroup[], { of, cells }: Cells, parts: Parts): OwnColumns[] {
  const sums = (column: readonly bigint[]): bigint[] => summed(column, of, cells.length);
  const baseline = sums(groups.map(({ baselinePico }) => baselinePico));
  const saving = sums(parts.sharePico);
  const cash = sums(parts.cashPico);
  const alone = sums(parts.alonePico);
  const last = sums(parts.lastPico);
  const calls = parts.calls === null ? null : sums(parts.calls.map(BigInt));
  const commitments = namesByCell(groups, parts, of, cells.length);
  return cells.map(({ team, model }, cell) => ({
    ...NO_AMOUNTS,
    team,
    model,
    calls: calls === null ? null : Number(calls[cell]),
    baselinePico: baseline[cell] as bigint,
    savingPico: saving[cell] as bigint,
    cashPico: cash[cell] as bigint,
    alonePico: alone[cell] as bigint,
    lastPico: last[cell] as bigint,
    blockedBy: commitments[cell] ?? null,
  }));
}

const NO_AMOUNTS = {
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
  evidence: null,
} as const;

/**
 * What commitments keep of each lever's share, by lever and group: of a group's levers that save, in proportion to what they save, as of groups
 * among themselves (docs/simulation.md, "Commitments and cash").
 */
function blockedByLever(groups: readonly SavingsGroup[], levers: readonly SavingsLever[]): bigint[][] {
  const blocked = levers.map(() => groups.map(() => 0n));
  for (const [group, { team, model, savingPico, cashPico }] of groups.entries()) {
    const shares = levers.map(({ amounts }) => amounts?.sharePico[group] ?? 0n);
    const sum = shares.reduce((all, share) => all + share, 0n);
    if (sum !== savingPico || cashPico > savingPico)
      throw new RangeError(
        `savings of ${team}, ${model}: levers share ${sum}, the plan saves ${savingPico}, ${cashPico} reach the bank`,
      );
    if (cashPico === savingPico) continue;
    const saving = shares.map((share) => (share > 0n ? share : 0n));
    for (const [lever, part] of splitByWeights(savingPico - cashPico, saving).entries())
      (blocked[lever] as bigint[])[group] = part;
  }
  return blocked;
}

interface Cells {
  /** by group */
  readonly of: readonly number[];
  readonly cells: readonly { readonly team: string; readonly model: string }[];
}

/** Numbers the pairs of team and model in order of their first group. */
function cellsOf(groups: readonly SavingsGroup[]): Cells {
  const numbers = new Map<string, number>();
  const cells: { team: string; model: string }[] = [];
  const of = groups.map(({ team, model }) => {
    const name = JSON.stringify([team, model]);
    const number = numbers.get(name) ?? cells.push({ team, model }) - 1;
    numbers.set(name, number);
    return number;
  });
  return { of, cells };
}

function summed(column: readonly bigint[], cellOf: readonly number[], cells: number): bigint[] {
  if (column.length !== cellOf.length)
    throw new RangeError(`amounts of ${column.length} groups were given for ${cellOf.length}`);
  const sums = Array.from({ length: cells }, () => 0n);
  for (const [group, amount] of column.entries())
    sums[cellOf[group] as number] = (sums[cellOf[group] as number] as bigint) + amount;
  return sums;
}

/** Commitments of the groups in which something does not reach the bank, by cell, in order; null where all does. */
function namesByCell(
  groups: readonly SavingsGroup[],
  { sharePico, cashPico }: Parts,
  cellOf: readonly number[],
  cells: number,
): (string | null)[] {
  const names = Array.from({ length: cells }, () => new Set<string>());
  for (const [group, { blockedBy }] of groups.entries())
    if (sharePico[group] !== cashPico[group])
      for (const name of blockedBy) (names[cellOf[group] as number] as Set<string>).add(name);
  return names.map((own) => (own.size === 0 ? null : [...own].join(', ')));
}
