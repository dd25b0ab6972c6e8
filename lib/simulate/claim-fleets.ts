/**
 * The GPUs that rules of thumb rent, for what they are said to cost, and how many short queries they serve when saturated. Ranges are the two
 * ends: of a quoted rent, of two generations of software, of scaling by compute or by bandwidth.
 */
import { onA10g, queriesPerHour, rentPerGpu } from './claim-arithmetic.ts';
import { ASSUMED } from './claims-evidence-data.ts';
import { RENTS, THROUGHPUT } from './claims-hosting-data.ts';

/** USD per GPU and hour as people quote them */
export const QUOTED_RENT = { a100: [2, 4], h100: [3, 8], a10g: [1, 2] } as const;
const A100S = 4;

export const SHORT_QUERY = ASSUMED.shortQuery;

/** USD per hour of four A100s at the quoted rents */
export const FOUR_A100: readonly [number, number] = [QUOTED_RENT.a100[0] * A100S, QUOTED_RENT.a100[1] * A100S];

/** Queries per hour of a 70B model on four A100s, older and newer software */
export const SERVED_70B: readonly [number, number] = [
  queriesPerHour(THROUGHPUT.llama2At70bOn4A100, SHORT_QUERY),
  queriesPerHour(THROUGHPUT.llama70bBf16On4A100, SHORT_QUERY),
];

/** Queries per hour of an 8B model on one A10G */
export const SERVED_8B = onA10g(queriesPerHour(THROUGHPUT.llama8bBf16OnA6000, SHORT_QUERY));

/** Two H100s at the list price of AWS, and what they serve of a 70B model in FP8: the counterpart of today. */
export const TWO_H100 = {
  usdPerHour: 2 * rentPerGpu(RENTS.p5),
  queriesPerHour: queriesPerHour(THROUGHPUT.llama70bFp8On2H100, SHORT_QUERY),
} as const;
