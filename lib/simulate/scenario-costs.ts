/**
 * One final state and one price for every call under a set of levers, in the physical order of a gateway: shorter prompt → exact cache → cache of
 * similar questions → another model → own accelerators or the provider → batch or at once, with prompts cached or not → price. A call that is
 * served from a cache or by own accelerators leaves every later stage: it is not batched, not cached again, and no longer refreshes the prompt
 * cache of others. In: a log, what each lever would do to a call, the price engine; all calls or some that share nothing with the others. Out:
 * cost and state of each. Invariant: without levers these are the logged costs, to the last digit (docs/simulation.md, "One price per call").
 */
import type { WaitingCalls } from './batch-eligibility.ts';
import type { CallLog } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import type { CallState, CallStates, MoveEffects } from './call-states.ts';
import { cheapestChannels } from './channels.ts';
import type { ExactCacheEffects } from './exact-cache.ts';
import type { AcceleratorPool } from './accelerator-pools.ts';
import type { ArrivingCalls, PromptCachePlan } from './prompt-cache.ts';
import type { PromptCuts } from './prompt-cuts.ts';
import { semanticHitPico } from './semantic-effects.ts';
import type { SemanticEffects, SemanticFlags } from './semantic-effects.ts';

/** Levers that change calls, by bit of a set, in the order of a gateway. */
export const CALL_LEVERS = [
  'prompt_optimization',
  'exact_cache',
  'semantic_cache',
  'model_choice',
  'image_generation',
  'self_hosting',
  'batch',
  'prefix_cache',
] as const;
export type CallLever = (typeof CALL_LEVERS)[number];

/** What each lever would do to a call. Arrays by call. */
export interface LeverEffects extends MoveEffects, WaitingCalls {
  /** calls that levers may change: their logged cost is what the engine gives */
  readonly isOpen: Uint8Array;
  readonly cuts: PromptCuts;
  readonly exactCache: ExactCacheEffects;
  /** null: there is no evidence of which questions are alike */
  readonly semanticCache: SemanticLever | null;
  /** kind of another image model, -1 where the call stays */
  readonly imageMoveTo: Int32Array;
  readonly pools: readonly AcceleratorPool[];
  readonly states: CallStates;
  readonly promptCache: PromptCachePlan;
}

/** The semantic cache by itself, and behind an exact one, which leaves it fewer calls. */
export interface SemanticLever extends Pick<
  SemanticEffects,
  'lookupPico' | 'storePico' | 'wrongCalls' | 'threshold' | 'reason'
> {
  readonly alone: SemanticFlags;
  readonly afterExact: SemanticFlags;
}

/** What became of the calls under a set of levers; arrays by position among the calls that were asked for. */
export interface ScenarioCosts {
  /** without rent of own accelerators, which calls share */
  readonly costPico: Float64Array;
  /** levers that changed the call: bits as in `CALL_LEVERS` */
  readonly touched: Uint8Array;
  readonly kindOf: Int32Array;
  readonly isShort: Uint8Array;
  /** number of the pool of own accelerators that takes the call, -1 where a provider does */
  readonly poolOf: Int8Array;
}

export interface Scenario {
  readonly log: CallLog;
  readonly kinds: KindTable;
  readonly effects: LeverEffects;
}

/** Bit of a lever. */
export function leverBit(lever: CallLever): number {
  return 1 << CALL_LEVERS.indexOf(lever);
}

/** Every call of a log. */
export function allCalls(log: CallLog): Int32Array {
  return Int32Array.from({ length: log.calls }, (_, call) => call);
}

/** Costs under the levers whose bits are set of `calls`, in order of time. */
export function scenarioCosts(
  scenario: Scenario,
  levers: number,
  calls: Int32Array = allCalls(scenario.log),
): ScenarioCosts {
  const { log, effects } = scenario;
  const found: ScenarioCosts = {
    costPico: new Float64Array(calls.length),
    touched: new Uint8Array(calls.length),
    kindOf: new Int32Array(calls.length),
    isShort: new Uint8Array(calls.length),
    poolOf: new Int8Array(calls.length).fill(-1),
  };
  const stage = new Uint8Array(calls.length);
  for (const [at, call] of calls.entries()) {
    found.costPico[at] = Number(log.costPico[call]);
    found.kindOf[at] = log.kind[call] as number;
    if (effects.isOpen[call] === 0) continue;
    stage[at] = AT_PROVIDER;
    settle(scenario, levers, call, at, found, stage);
  }
  if ((levers & CHANNEL_BITS) !== 0) chooseChannels(scenario, levers, calls, found, stage);
  addMisses(effects, levers, calls, found, stage);
  addRouter(effects, levers, calls, found, stage);
  return found;
}

const BIT = Object.fromEntries(CALL_LEVERS.map((lever) => [lever, leverBit(lever)])) as Readonly<
  Record<CallLever, number>
>;
const CHANNEL_BITS = BIT.batch | BIT.prefix_cache;
/** How far a call gets: it stays as logged, a cache serves it, the provider does, own accelerators do. */
const [SERVED, AT_PROVIDER, AT_POOL] = [1, 2, 3];

/** Everything before the channel: the call's prompt, whether a cache serves it, its model, whose machine. */
function settle(
  { log, effects }: Scenario,
  levers: number,
  call: number,
  at: number,
  found: ScenarioCosts,
  stage: Uint8Array,
): void {
  const { cuts, exactCache, semanticCache, states, pools } = effects;
  const has = (lever: CallLever): boolean => (levers & BIT[lever]) !== 0;
  const logged = log.kind[call] as number;
  let state: CallState = { kind: logged, isShort: false };
  let touched = 0;
  const priced = (next: CallState): number | null => states.costPico(call, next, states.tokens(call, next));
  let cost = found.costPico[at] as number;
  const enter = (next: CallState, lever: CallLever): void => {
    const pico = priced(next);
    if (pico === null) return;
    state = next;
    cost = pico;
    touched |= BIT[lever];
  };
  if (has('prompt_optimization') && cuts.applies[call] === 1)
    enter({ kind: logged, isShort: true }, 'prompt_optimization');
  const compressor = state.isShort ? (cuts.compressorPico[call] as number) : 0;
  const isServed = has('exact_cache') && exactCache.isHit[call] === 1;
  if (isServed) {
    cost = exactCache.lookupPico + compressor;
    touched |= BIT.exact_cache;
    stage[at] = SERVED;
  } else if (has('semantic_cache') && semanticCache !== null && flagsOf(semanticCache, levers).isHit[call] === 1) {
    const lookupPico = semanticCache.lookupPico[call] as number;
    cost = compressor + semanticHitPico(lookupPico, semanticCache.wrongCalls, cost - compressor);
    // the other cache was asked in vain
    if (has('exact_cache') && exactCache.isAsked[call] === 1) cost += exactCache.lookupPico;
    touched |= BIT.semantic_cache;
    stage[at] = SERVED;
  } else {
    if (has('model_choice') && (effects.moveTo[call] as number) >= 0)
      enter({ ...state, kind: effects.moveTo[call] as number }, 'model_choice');
    if (has('image_generation') && (effects.imageMoveTo[call] as number) >= 0)
      enter({ ...state, kind: effects.imageMoveTo[call] as number }, 'image_generation');
    const pool = pools.findIndex((own) => has(own.lever) && own.takes(call, state.kind));
    if (pool >= 0) {
      const { lever, rejectedThousandths } = pools[pool] as AcceleratorPool;
      cost = compressor + Math.round(((cost - compressor) * rejectedThousandths) / 1000);
      touched |= BIT[lever];
      stage[at] = AT_POOL;
      found.poolOf[at] = pool;
    }
  }
  found.costPico[at] = cost;
  found.touched[at] = touched;
  found.kindOf[at] = state.kind;
  found.isShort[at] = Number(state.isShort);
}

/** Batch or at once, cached or not, stream by stream. */
function chooseChannels(
  scenario: Scenario,
  levers: number,
  calls: Int32Array,
  found: ScenarioCosts,
  stage: Uint8Array,
): void {
  const { log, effects } = scenario;
  const cache = (levers & BIT.prefix_cache) === 0 ? null : effects.promptCache;
  const batchPico = (levers & BIT.batch) === 0 ? null : batchCosts(scenario, calls, found, stage);
  for (const positions of streamsOf(scenario, calls, found.kindOf, stage)) {
    const first = positions[0] as number;
    const stream: ArrivingCalls = {
      kind: found.kindOf[first] as number,
      calls: positions.map((at) => calls[at] as number),
      isShort: Uint8Array.from(positions, (at) => found.isShort[at] as number),
    };
    const atOnce = Float64Array.from(positions, (at) => found.costPico[at] as number);
    const inBatch = batchPico === null ? null : Float64Array.from(positions, (at) => batchPico[at] as number);
    const hasPrompts = (log.leaf[calls[first] as number] as number) >= 0;
    const { costPico, isBatched, isCached } = cheapestChannels(stream, atOnce, inBatch, hasPrompts ? cache : null);
    for (const [index, at] of positions.entries()) {
      if (isBatched[index] === 1) found.touched[at] = (found.touched[at] as number) | BIT.batch;
      else if (isCached && costPico[index] !== atOnce[index])
        found.touched[at] = (found.touched[at] as number) | BIT.prefix_cache;
      found.costPico[at] = costPico[index] as number;
    }
  }
}

/** Positions of surviving calls by workspace and kind, those with a prompt to go by apart from the others. */
function streamsOf({ log }: Scenario, calls: Int32Array, kindOf: Int32Array, stage: Uint8Array): Int32Array[] {
  const streams = new Map<number, number[]>();
  const workspaces = log.workspace.names.length;
  for (const [at, call] of calls.entries()) {
    if (stage[at] !== AT_PROVIDER) continue;
    const hasPrompt = Number((log.leaf[call] as number) >= 0);
    const name = ((kindOf[at] as number) * workspaces + (log.workspace.codes[call] as number)) * 2 + hasPrompt;
    const own = streams.get(name);
    if (own === undefined) streams.set(name, [at]);
    else own.push(at);
  }
  return Array.from(streams.values(), (positions) => Int32Array.from(positions));
}

/** A cache is asked in vain, too, and what it will serve has to be stored. */
function addMisses(
  { exactCache, semanticCache }: LeverEffects,
  levers: number,
  calls: Int32Array,
  { costPico, touched }: ScenarioCosts,
  stage: Uint8Array,
): void {
  const isExactAsked = (levers & BIT.exact_cache) === 0 ? null : exactCache.isAsked;
  const isSimilarAsked =
    semanticCache === null || (levers & BIT.semantic_cache) === 0 ? null : flagsOf(semanticCache, levers).isAsked;
  if (isExactAsked === null && isSimilarAsked === null) return;
  for (const [at, call] of calls.entries()) {
    if ((stage[at] as number) < AT_PROVIDER) continue;
    if (isExactAsked?.[call] === 1) {
      costPico[at] = (costPico[at] as number) + exactCache.lookupPico + exactCache.storePico;
      touched[at] = (touched[at] as number) | BIT.exact_cache;
    }
    if (semanticCache !== null && isSimilarAsked?.[call] === 1) {
      costPico[at] = (costPico[at] as number) + (semanticCache.lookupPico[call] as number) + semanticCache.storePico;
      touched[at] = (touched[at] as number) | BIT.semantic_cache;
    }
  }
}

/** A router is asked for every call that it could send elsewhere, wherever that goes. */
function addRouter(
  { routerPico }: LeverEffects,
  levers: number,
  calls: Int32Array,
  { costPico, touched }: ScenarioCosts,
  stage: Uint8Array,
): void {
  if ((levers & BIT.model_choice) === 0) return;
  for (const [at, call] of calls.entries()) {
    const router = routerPico[call] as number;
    if ((stage[at] as number) < AT_PROVIDER || router === 0) continue;
    costPico[at] = (costPico[at] as number) + router;
    touched[at] = (touched[at] as number) | BIT.model_choice;
  }
}

function flagsOf({ alone, afterExact }: SemanticLever, levers: number): SemanticFlags {
  return (levers & BIT.exact_cache) === 0 ? alone : afterExact;
}

/** Cost of each call that may wait, in a batch; infinite for the others and where the provider has no batch price. */
function batchCosts(
  { effects }: Scenario,
  calls: Int32Array,
  { kindOf, isShort }: ScenarioCosts,
  stage: Uint8Array,
): Float64Array {
  const { states } = effects;
  const costs = new Float64Array(calls.length).fill(Infinity);
  for (const [at, call] of calls.entries()) {
    if (stage[at] !== AT_PROVIDER || effects.mayWait[call] === 0) continue;
    const state = { kind: kindOf[at] as number, isShort: isShort[at] === 1 };
    const atOnce = states.tokens(call, state);
    const kept = Math.floor((atOnce.cacheRead * (effects.batchCacheThousandths[call] as number)) / 1000);
    const cost = states.batchCostPico(call, state, {
      ...atOnce,
      cacheRead: kept,
      input: atOnce.input + atOnce.cacheRead - kept,
    });
    if (cost === null) continue;
    const again = states.costPico(call, state, atOnce) ?? 0;
    costs[at] = cost + Math.round((again * (effects.batchLateMillionths[call] as number)) / 1_000_000);
  }
  return costs;
}
