/**
 * One final state and one price for every call under a set of levers, in the physical order of a gateway: exact cache → model choice → batch
 * or at once → prompt cache on what still arrives → price. A call served from the exact cache leaves every later stage: it is not batched, not
 * cached again, and no longer refreshes the prompt cache of others. In: a log, what each lever would do to a call, the price engine. Out: the
 * cost of every call. Invariant: without levers these are the logged costs, to the last digit (docs/simulation.md, "One price per call").
 */
import type { CallLog } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import type { CallStates, MoveEffects } from './call-states.ts';
import type { ExactCacheEffects } from './exact-cache.ts';
import type { PromptCachePlan } from './prompt-cache.ts';

/** Levers that change calls, by bit of a set. */
export const CALL_LEVERS = ['exact_cache', 'model_choice', 'batch', 'prefix_cache'] as const;
export type CallLever = (typeof CALL_LEVERS)[number];

/** What each lever would do to a call. Arrays by call. */
export interface LeverEffects extends MoveEffects {
  /** calls that levers may change: their logged cost is what the engine gives */
  readonly isOpen: Uint8Array;
  readonly exactCache: ExactCacheEffects;
  readonly states: CallStates;
  /** 1 where the call may wait for a batch */
  readonly mayWait: Uint8Array;
  /** share of logged cache reads that a batch keeps, thousandths */
  readonly batchCacheThousandths: Int32Array;
  /** how many such calls come back too late and are made again, millionths */
  readonly batchLateMillionths: Int32Array;
  readonly promptCache: PromptCachePlan;
}

/** What became of the calls under a set of levers; arrays by call. */
export interface ScenarioCosts {
  readonly costPico: Float64Array;
  /** levers that changed the call: bits as in `CALL_LEVERS` */
  readonly touched: Uint8Array;
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

/** Costs of all calls under the levers whose bits are set. */
export function scenarioCosts(scenario: Scenario, levers: number): ScenarioCosts {
  const { log, effects } = scenario;
  const has = (lever: CallLever): boolean => (levers & leverBit(lever)) !== 0;
  const costPico = new Float64Array(log.calls);
  const touched = new Uint8Array(log.calls);
  const kindOf = Int32Array.from(log.kind);
  const survives = Uint8Array.from(effects.isOpen);
  for (let call = 0; call < log.calls; call++) {
    costPico[call] = Number(log.costPico[call]);
    if (effects.isOpen[call] === 0) continue;
    if (has('exact_cache') && effects.exactCache.isHit[call] === 1) {
      costPico[call] = effects.exactCache.lookupPico;
      touched[call] = leverBit('exact_cache');
      survives[call] = 0;
      continue;
    }
    const moved = has('model_choice') ? (effects.moveTo[call] as number) : -1;
    const cost = moved < 0 ? null : effects.states.costPico(call, moved, effects.states.tokens(call, moved));
    if (cost === null) continue;
    costPico[call] = cost;
    kindOf[call] = moved;
    touched[call] = leverBit('model_choice');
  }
  const batchPico = has('batch') ? batchCosts(scenario, kindOf, survives) : null;
  const isBatched = new Uint8Array(log.calls);
  if (batchPico !== null) chooseBatch(batchPico, costPico, survives, isBatched);
  if (has('prefix_cache')) {
    const { promptCache } = effects;
    // a well-cached call can be cheaper than a batched one, so caching is tried on all, then again on those that stay
    const cached = promptCache.costs(kindOf, survives, costPico, batchPico);
    if (batchPico === null) applyCached(cached, survives, costPico, touched);
    else {
      chooseBatch(batchPico, cached, survives, isBatched);
      const stays = survives.map((open, call) => (isBatched[call] === 1 ? 0 : open));
      applyCached(promptCache.costs(kindOf, stays, costPico), stays, costPico, touched);
    }
  }
  if (batchPico !== null) {
    for (let call = 0; call < log.calls; call++) {
      if (isBatched[call] === 0) continue;
      costPico[call] = batchPico[call] as number;
      touched[call] = (touched[call] as number) | leverBit('batch');
    }
  }
  if (has('exact_cache')) addMisses(effects.exactCache, costPico, survives, touched);
  return { costPico, touched };
}

/** A cache is asked in vain, too, and what it will serve has to be stored. */
function addMisses(
  { isAsked, lookupPico, storePico }: ExactCacheEffects,
  costPico: Float64Array,
  survives: Uint8Array,
  touched: Uint8Array,
): void {
  for (let call = 0; call < costPico.length; call++) {
    if (survives[call] === 0 || isAsked[call] === 0) continue;
    costPico[call] = (costPico[call] as number) + lookupPico + storePico;
    touched[call] = (touched[call] as number) | leverBit('exact_cache');
  }
}

/** Flags the calls that are cheaper in a batch than by `otherPico`. */
function chooseBatch(
  batchPico: Float64Array,
  otherPico: Float64Array,
  survives: Uint8Array,
  isBatched: Uint8Array,
): void {
  for (let call = 0; call < isBatched.length; call++) {
    isBatched[call] = Number(survives[call] === 1 && (batchPico[call] as number) < (otherPico[call] as number));
  }
}

function applyCached(
  cachedPico: Float64Array,
  survives: Uint8Array,
  costPico: Float64Array,
  touched: Uint8Array,
): void {
  for (let call = 0; call < costPico.length; call++) {
    if (survives[call] === 0 || cachedPico[call] === costPico[call]) continue;
    costPico[call] = cachedPico[call] as number;
    touched[call] = (touched[call] as number) | leverBit('prefix_cache');
  }
}

/** Cost of each call that may wait, in a batch; infinite for the others and where the provider has no batch price. */
function batchCosts({ log, effects }: Scenario, kindOf: Int32Array, survives: Uint8Array): Float64Array {
  const { states } = effects;
  const costs = new Float64Array(log.calls).fill(Infinity);
  for (let call = 0; call < log.calls; call++) {
    if (survives[call] === 0 || effects.mayWait[call] === 0) continue;
    const kind = kindOf[call] as number;
    const atOnce = states.tokens(call, kind);
    const kept = Math.floor((atOnce.cacheRead * (effects.batchCacheThousandths[call] as number)) / 1000);
    const cost = states.batchCostPico(call, kind, {
      ...atOnce,
      cacheRead: kept,
      input: atOnce.input + atOnce.cacheRead - kept,
    });
    if (cost === null) continue;
    const again = states.costPico(call, kind, atOnce) ?? 0;
    costs[call] = cost + Math.round((again * (effects.batchLateMillionths[call] as number)) / 1_000_000);
  }
  return costs;
}
