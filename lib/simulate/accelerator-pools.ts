/**
 * Own accelerators as a place where calls may go: text models on a fleet, image models on theirs. Their rent is not a price per call: whole
 * instances are paid for a period, by all calls that go there. In: which calls a pool takes, how long each keeps it busy, what a set of calls
 * costs in rent and people. Out: what `plan.ts` needs to share that cost by work (docs/simulation.md, "Self-hosting"). Invariant: shares of a
 * pool's cost sum to it exactly.
 */
import { splitByWeights } from '../money.ts';
import type { CallTokens } from './call-log.ts';
import type { CallLever } from './scenario-costs.ts';

/** Calls that a pool gets under a set of levers, in order of time, with their tokens as they arrive there. */
export interface PooledCalls {
  readonly calls: Int32Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  readonly images: Float64Array;
}

export interface AcceleratorPool {
  readonly lever: CallLever;
  /** whether a call goes there once its kind is this */
  takes(call: number, kind: number): boolean;
  /** answers that are not accepted and asked again of the provider */
  readonly rejectedThousandths: number;
  /** how long a call keeps the pool busy: its share of the cost */
  workS(call: number, tokens: CallTokens): number;
  /** rent and people for exactly these calls */
  costPico(calls: PooledCalls): bigint;
}

/** Shares of `total` in proportion to modelled seconds, whole and summing to it; nothing where there is no work. */
export function sharesByWork(total: bigint, seconds: Float64Array): bigint[] {
  const sum = seconds.reduce((all, work) => all + work, 0);
  if (!(sum > 0)) return Array.from(seconds, () => 0n);
  // 2⁴⁰ steps of the whole are finer than modelled seconds are known
  return splitByWeights(
    total,
    Array.from(seconds, (work) => BigInt(Math.floor((work / sum) * 2 ** 40))),
  );
}
