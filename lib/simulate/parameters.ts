/**
 * The parameters of one run: the register's rows, with what the owner's config says instead. In: `simulate.parameters` of the config. Out:
 * value, range, distribution, source and origin by id. Invariant: every value lies within the hard limits of its row, and what was
 * overridden can be told from what was not, so that every printed number can be traced.
 */
import { Misconfigured } from '../errors.ts';
import { PARAMETER_ROWS } from './parameters-data.ts';
import type { ParameterId } from './parameters-data.ts';
import type { Distribution, ParameterRow } from './parameter-row.ts';

/** A number fixes the parameter; with `low` and `high` it varies between them, most often near `value`. */
export type ParameterOverride =
  | number
  | { readonly value: number; readonly low?: number | undefined; readonly high?: number | undefined };

export interface Parameter extends ParameterRow {
  readonly id: ParameterId;
  readonly origin: 'default' | 'config';
}

export interface Parameters {
  /** in the order of the register */
  readonly rows: readonly Parameter[];
  valueOf(id: ParameterId): number;
  rowOf(id: ParameterId): Parameter;
}

const PATH = 'simulate.parameters';

/** The register with the overrides of a config; none by default. */
export function parametersWith(overrides: Readonly<Record<string, ParameterOverride>> = {}): Parameters {
  const byId = new Map<string, Parameter>(PARAMETER_ROWS.map((row) => [row.id, { ...row, origin: 'default' }]));
  for (const [id, override] of Object.entries(overrides)) {
    const row = byId.get(id);
    if (row === undefined) {
      throw new Misconfigured(`${PATH}.${id}: unknown parameter; valid: ${[...byId.keys()].join(', ')}`, {
        hint: 'take one of the valid ids; rules of providers and list prices are no parameters',
      });
    }
    byId.set(id, overridden(row, override));
  }
  const rowOf = (id: ParameterId): Parameter => {
    const row = byId.get(id);
    if (row === undefined) throw new RangeError(`no parameter ${id}`);
    return row;
  };
  return { rows: [...byId.values()], valueOf: (id) => rowOf(id).value, rowOf };
}

/** A parameter's distribution with its numbers, as a Monte Carlo run draws from it. */
export type ParameterDistribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'triangular' | 'pert'; readonly low: number; readonly mode: number; readonly high: number }
  | { readonly kind: 'lognormal'; readonly mode: number; readonly sigma: number };

export function distributionOf({ value, low, high, distribution }: ParameterRow): ParameterDistribution {
  switch (distribution.shape) {
    case 'constant':
      return { kind: 'constant', value };
    case 'lognormal':
      return { kind: 'lognormal', mode: value, sigma: distribution.sigma };
    default:
      return low === high ? { kind: 'constant', value } : { kind: distribution.shape, low, mode: value, high };
  }
}

function overridden(row: Parameter, override: ParameterOverride): Parameter {
  const given = typeof override === 'number' ? { value: override } : override;
  const { value, low = value, high = value } = given;
  for (const [name, number] of Object.entries({ value, low, high })) {
    const where = typeof override === 'number' ? `${PATH}.${row.id}` : `${PATH}.${row.id}.${name}`;
    if (!(number >= row.min && number <= row.max) || (row.isWhole && !Number.isInteger(number))) {
      const kind = row.isWhole ? 'a whole number' : 'a number';
      throw new Misconfigured(`${where}: must be ${kind} from ${row.min} to ${row.max} (${row.unit})`, {
        hint: `${row.doc} Default: ${row.value}`,
      });
    }
  }
  if (!(low <= value && value <= high)) {
    throw new Misconfigured(`${PATH}.${row.id}: low must not exceed value, nor value high`);
  }
  const distribution: Distribution = { shape: low === high ? 'constant' : 'triangular' };
  return { ...row, value, low, high, distribution, origin: 'config' };
}
