/**
 * Rent and people of own accelerators for the calls that chosen sets of levers leave to them. In: parts with the set chosen in each. Out: cost
 * by pool. Equal calls cost the same, so what upstream levers leave equal is sized once.
 */
import type { CallLog } from './call-log.ts';
import { allInputOf } from './call-states.ts';
import type { PlanPart } from './plan-parts.ts';
import { leverBit, scenarioCosts } from './scenario-costs.ts';
import type { Scenario, ScenarioCosts } from './scenario-costs.ts';
import type { PooledCalls } from './accelerator-pools.ts';

/** Levers behind the pools change nothing of what arrives there. */
const DOWNSTREAM = leverBit('batch') | leverBit('prefix_cache');

/** Picodollars by pool; `bits` are levers as bits of `CALL_LEVERS`, by part. */
export type PoolCosts = (bits: readonly number[]) => bigint[];

/** Costs of a scenario's pools, remembered by what arrives. */
export function poolCosts(scenario: Scenario, parts: readonly PlanPart[]): PoolCosts {
  const { pools } = scenario.effects;
  const poolBits = pools.reduce((bits, { lever }) => bits | leverBit(lever), 0);
  const known = new Map<string, bigint[]>();
  return (bits) => {
    if (pools.length === 0) return [];
    const arriving = parts.flatMap((part, at) => {
      const upstream = (bits[at] as number) & ~DOWNSTREAM;
      return (upstream & poolBits) === 0 ? [] : [{ part, at, upstream }];
    });
    const name = arriving.map(({ at, upstream }) => `${at}:${upstream}`).join(' ');
    const before = known.get(name);
    if (before !== undefined) return before;
    const pooled = pooledCalls(
      scenario,
      arriving.map(({ part, upstream }) => arrivals(scenario, part, scenarioCosts(scenario, upstream, part.calls))),
    );
    const costs = pools.map((pool, number) => pool.costPico(pooled[number] as PooledCalls));
    known.set(name, costs);
    return costs;
  };
}

/** Calls of a part that go to any pool, in order of time, with their tokens as they arrive there. */
export interface Arrivals {
  readonly pool: Int8Array;
  readonly calls: Int32Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
}

/** Arrivals among what became of a part's calls. */
export function arrivals({ effects }: Scenario, part: PlanPart, found: ScenarioCosts): Arrivals {
  const positions = Int32Array.from(part.calls.keys()).filter((at) => (found.poolOf[at] as number) >= 0);
  const inputTokens = new Float64Array(positions.length);
  const outputTokens = new Float64Array(positions.length);
  for (const [index, at] of positions.entries()) {
    const state = { kind: found.kindOf[at] as number, isShort: found.isShort[at] === 1 };
    const tokens = effects.states.tokens(part.calls[at] as number, state);
    inputTokens[index] = allInputOf(tokens);
    outputTokens[index] = tokens.output;
  }
  return {
    pool: Int8Array.from(positions, (at) => found.poolOf[at] as number),
    calls: positions.map((at) => part.calls[at] as number),
    inputTokens,
    outputTokens,
  };
}

/** By pool the arrivals of all parts, in order of time. */
export function pooledCalls({ log, effects }: Scenario, arrived: readonly Arrivals[]): PooledCalls[] {
  return effects.pools.map((_, pool) => callsOfPool(log, arrived, pool));
}

function callsOfPool(log: CallLog, arrived: readonly Arrivals[], pool: number): PooledCalls {
  // by call, of which each is in one part
  const inputTokens = new Float64Array(log.calls).fill(-1);
  const outputTokens = new Float64Array(log.calls);
  let count = 0;
  for (const own of arrived) {
    for (const [index, call] of own.calls.entries()) {
      if (own.pool[index] !== pool) continue;
      inputTokens[call] = own.inputTokens[index] as number;
      outputTokens[call] = own.outputTokens[index] as number;
      count++;
    }
  }
  const calls = new Int32Array(count);
  for (let call = 0, next = 0; next < count; call++) if ((inputTokens[call] as number) >= 0) calls[next++] = call;
  const pick = (column: Float64Array): Float64Array => Float64Array.from(calls, (call) => column[call] as number);
  return { calls, inputTokens: pick(inputTokens), outputTokens: pick(outputTokens), images: pick(log.images) };
}

/** Levers of a plan's list that send calls to own accelerators. */
export function poolLevers(scenario: Scenario): ReadonlySet<string> {
  return new Set(scenario.effects.pools.map(({ lever }) => lever));
}
