/**
 * Rent and people of own accelerators for the calls that chosen sets of levers leave to them. In: parts with the set chosen in each. Out: cost
 * by pool. Equal calls cost the same, so what upstream levers leave equal is sized once.
 */
import { allInputOf } from './call-states.ts';
import type { PlanPart } from './plan-parts.ts';
import { leverBit, scenarioCosts } from './scenario-costs.ts';
import type { Scenario } from './scenario-costs.ts';
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
    const found = arriving.flatMap(({ part, upstream }) => arrivals(scenario, part, upstream));
    found.sort((a, b) => a.call - b.call);
    const costs = pools.map((pool, number) => pool.costPico(pooledCalls(found, number)));
    known.set(name, costs);
    return costs;
  };
}

interface Arrival {
  readonly pool: number;
  readonly call: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly images: number;
}

/** Calls of a part that go to any pool, with their tokens as they arrive there. */
function arrivals(scenario: Scenario, part: PlanPart, upstream: number): Arrival[] {
  const { log, effects } = scenario;
  const { poolOf, kindOf, isShort } = scenarioCosts(scenario, upstream, part.calls);
  const found: Arrival[] = [];
  for (const [at, call] of part.calls.entries()) {
    const pool = poolOf[at] as number;
    if (pool < 0) continue;
    const tokens = effects.states.tokens(call, { kind: kindOf[at] as number, isShort: isShort[at] === 1 });
    found.push({
      pool,
      call,
      inputTokens: allInputOf(tokens),
      outputTokens: tokens.output,
      images: log.images[call] as number,
    });
  }
  return found;
}

function pooledCalls(arrived: readonly Arrival[], pool: number): PooledCalls {
  const own = arrived.filter((one) => one.pool === pool);
  return {
    calls: Int32Array.from(own, ({ call }) => call),
    inputTokens: Float64Array.from(own, (one) => one.inputTokens),
    outputTokens: Float64Array.from(own, (one) => one.outputTokens),
    images: Float64Array.from(own, (one) => one.images),
  };
}

/** Levers of a plan's list that send calls to own accelerators. */
export function poolLevers(scenario: Scenario): ReadonlySet<string> {
  return new Set(scenario.effects.pools.map(({ lever }) => lever));
}
