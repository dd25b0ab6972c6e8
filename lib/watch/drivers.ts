/**
 * Why a week cost more or less than the one before. In: calls, units and costs of each team, model and key in both weeks, over the days compared.
 * Out: amounts by team and driver. Invariant: a team's amounts sum to its change to the last picodollar.
 *
 * First what is there in one week only: a model (`new_model`, `gone_model`, whatever its keys), then a key on models of both weeks (`new_key`,
 * `gone_key`), as it cost; calls that name no key are of none. What is left is taken through four steps, each from the week before towards this one:
 *   A0 cost of the week before  →  A1 all calls grown alike (`volume`)  →  A2 calls of each product as now (`mix`)
 *   →  A3 units of each meter as now, at the old cost a unit (`tokens_per_call`)  →  A4 cost of this week (`price`).
 * A product is a model at a tier for an operation. Each A is a whole number, rounded half to even, and a driver is the difference of two: whatever
 * is rounded, the sum is A4 - A0. Where a side has no base to compare with (a product without calls, a meter without units) this week's own cost
 * stands for it, so that it is a matter of mix or tokens, never of price.
 */
import { divideHalfEven } from '../money.ts';

export const DRIVERS = [
  'volume',
  'mix',
  'tokens_per_call',
  'price',
  'new_model',
  'gone_model',
  'new_key',
  'gone_key',
] as const;
export type Driver = (typeof DRIVERS)[number];

/** What is billed alike: units and what they cost, exact. */
export interface Meter {
  readonly units: bigint;
  readonly costPico: bigint;
}

export interface Side {
  /** 0 where a bucket does not tell */
  readonly calls: bigint;
  /** always in the same order: input, cache reads, cache writes, output, other */
  readonly meters: readonly Meter[];
}

export interface ChangeCell {
  readonly team: string;
  /** provider and model */
  readonly model: string;
  /** tier and operation */
  readonly way: string;
  /** null = no key is named */
  readonly key: string | null;
  readonly previous: Side | null;
  readonly current: Side | null;
}

export interface DriverAmount {
  readonly team: string;
  readonly driver: Driver;
  readonly amountPico: bigint;
}

/** Amounts other than 0, teams in order of name, drivers as listed. */
export function changeDrivers(cells: readonly ChangeCell[]): DriverAmount[] {
  const teams = [...Map.groupBy(cells, ({ team }) => team)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return teams.flatMap(([team, own]) => {
    const amounts = driversOf(own);
    return DRIVERS.map((driver) => ({ team, driver, amountPico: amounts[driver] })).filter(
      ({ amountPico }) => amountPico !== 0n,
    );
  });
}

type Amounts = Record<Driver, bigint>;

function driversOf(cells: readonly ChangeCell[]): Amounts {
  const used = (side: 'previous' | 'current', nameOf: (cell: ChangeCell) => string | null): Set<string | null> =>
    new Set(cells.filter((cell) => cell[side] !== null).map(nameOf));
  const models = { previous: used('previous', modelOf), current: used('current', modelOf) };
  const keys = { previous: used('previous', keyOf), current: used('current', keyOf) };
  const amounts = Object.fromEntries(DRIVERS.map((driver) => [driver, 0n])) as Amounts;
  const staying: ChangeCell[] = [];
  for (const cell of cells) {
    const { previous, current } = cell;
    const change = costOf(current) - costOf(previous);
    if (!models.previous.has(cell.model)) amounts.new_model += change;
    else if (!models.current.has(cell.model)) amounts.gone_model += change;
    else if (cell.key !== null && !keys.previous.has(cell.key)) amounts.new_key += change;
    else if (cell.key !== null && !keys.current.has(cell.key)) amounts.gone_key += change;
    else staying.push(cell);
  }
  const steps = stepsOf(productsOf(staying));
  amounts.volume = steps[1] - steps[0];
  amounts.mix = steps[2] - steps[1];
  amounts.tokens_per_call = steps[3] - steps[2];
  amounts.price = steps[4] - steps[3];
  return amounts;
}

const modelOf = ({ model }: ChangeCell): string => model;
const keyOf = ({ key }: ChangeCell): string | null => key;
const costOf = (side: Side | null): bigint => side?.meters.reduce((sum, { costPico }) => sum + costPico, 0n) ?? 0n;

interface Product {
  readonly previous: Side;
  readonly current: Side;
}

/** Keys of a product together. */
function productsOf(cells: readonly ChangeCell[]): Product[] {
  const groups = Map.groupBy(cells, ({ model, way }) => JSON.stringify([model, way]));
  return [...groups.values()].map((own) => ({
    previous: summed(own.map(({ previous }) => previous)),
    current: summed(own.map(({ current }) => current)),
  }));
}

function summed(sides: readonly (Side | null)[]): Side {
  let calls = 0n;
  const meters: Meter[] = [];
  for (const side of sides) {
    calls += side?.calls ?? 0n;
    for (const [at, { units, costPico }] of (side?.meters ?? []).entries()) {
      const known = meters[at] ?? { units: 0n, costPico: 0n };
      meters[at] = { units: known.units + units, costPico: known.costPico + costPico };
    }
  }
  return { calls, meters };
}

/** A0 to A4. */
function stepsOf(products: readonly Product[]): readonly [bigint, bigint, bigint, bigint, bigint] {
  const before = sum(products.map(({ previous }) => costOf(previous)));
  const now = sum(products.map(({ current }) => costOf(current)));
  const counted = products.filter(areCounted);
  // a provider's sums without calls: their units are their volume
  const uncounted = sum(products.filter((product) => !areCounted(product)).map(atOldPrices));
  const callsBefore = sum(counted.map(({ previous }) => previous.calls));
  const callsNow = sum(counted.map(({ current }) => current.calls));
  const mixed = uncounted + sum(counted.map(atOldCostPerCall));
  const grown =
    callsBefore === 0n
      ? mixed
      : uncounted + divideHalfEven(sum(counted.map(({ previous }) => costOf(previous))) * callsNow, callsBefore);
  return [before, grown, mixed, uncounted + sum(counted.map(atOldPrices)), now];
}

const sum = (values: readonly bigint[]): bigint => values.reduce((all, value) => all + value, 0n);

/** False where a side cost something and does not tell its calls. */
function areCounted({ previous, current }: Product): boolean {
  return [previous, current].every((side) => side.calls > 0n || costOf(side) === 0n);
}

/** This week's calls as a call cost before. */
function atOldCostPerCall({ previous, current }: Product): bigint {
  return previous.calls === 0n ? costOf(current) : divideHalfEven(costOf(previous) * current.calls, previous.calls);
}

/** This week's units as a unit cost before, meter by meter. */
function atOldPrices({ previous, current }: Product): bigint {
  return sum(
    current.meters.map(({ units, costPico }, at) => {
      const old = previous.meters[at];
      if (old === undefined || old.units === 0n || units === 0n) return costPico;
      return divideHalfEven(old.costPico * units, old.units);
    }),
  );
}
