/**
 * The parameter register: every number a simulation takes from outside the log, one row each. In: nothing. Out: all rows, and their ids as a
 * type, so that a misspelled id does not compile. Invariant: ids are unique (kept by a test).
 */
import { CACHING_PARAMETERS } from './parameters-caching-data.ts';
import { HOSTING_PARAMETERS } from './parameters-hosting-data.ts';
import { MODEL_PARAMETERS } from './parameters-models-data.ts';
import { STATISTICS_PARAMETERS } from './parameters-statistics-data.ts';
import type { ParameterRow } from './parameter-row.ts';

const ROWS = [...CACHING_PARAMETERS, ...MODEL_PARAMETERS, ...HOSTING_PARAMETERS, ...STATISTICS_PARAMETERS];

export type ParameterId = (typeof ROWS)[number]['id'];

export const PARAMETER_ROWS: readonly (ParameterRow & { readonly id: ParameterId })[] = ROWS;
