/**
 * Whether a part of a log can cost anything else in one scenario than in another under the same levers: all that `scenario-costs.ts` reads of the
 * effects is compared, for the calls of the part. In: two scenarios of one log and one config, which differ in values of parameters; a part, a set
 * of levers. Out: yes only where costs and states of all its calls are the same to the last digit. What config alone decides (which calls a pool
 * takes, which settings a provider's cache has) cannot differ. Invariant: tested against pricing everything again.
 */
import type { SemanticFlags } from './semantic-effects.ts';
import type { PlanPart } from './plan-parts.ts';
import { leverBit } from './scenario-costs.ts';
import type { CallLever, LeverEffects, Scenario, SemanticLever } from './scenario-costs.ts';

type Column = Readonly<Record<number, unknown>>;

/** Whether the part costs the same in both under the levers whose bits are set. */
export function isPricedAlike(one: Scenario, other: Scenario, part: PlanPart, bits: number): boolean {
  const has = (...levers: CallLever[]): boolean => levers.some((lever) => (bits & leverBit(lever)) !== 0);
  const [a, b] = [one.effects, other.effects];
  if (one.log !== other.log || one.kinds !== other.kinds || a.isOpen !== b.isOpen) return false;
  const { calls } = part;
  return (
    (!has('prompt_optimization') || sameCuts(a, b, calls)) &&
    (!has('exact_cache') || sameExactCache(a, b, calls)) &&
    (!has('semantic_cache') || sameSemanticCache(a.semanticCache, b.semanticCache, has('exact_cache'), calls)) &&
    (!has('model_choice', 'image_generation') || sameMoves(a, b, calls)) &&
    samePools(a, b, has) &&
    (!has('batch') || sameWaiting(a, b, calls)) &&
    (!has('prefix_cache') || sameServedShares(one, other, calls))
  );
}

function sameCuts({ cuts: a }: LeverEffects, { cuts: b }: LeverEffects, calls: Int32Array): boolean {
  return (
    sameAt(a.applies, b.applies, calls) &&
    sameAt(a.keptThousandths, b.keptThousandths, calls) &&
    sameAt(a.outputThousandths, b.outputThousandths, calls) &&
    sameAt(a.compressorPico, b.compressorPico, calls) &&
    sameAt(a.cut, b.cut, calls)
  );
}

function sameExactCache({ exactCache: a }: LeverEffects, { exactCache: b }: LeverEffects, calls: Int32Array): boolean {
  if (!sameFlags(a, b, calls)) return false;
  return (a.lookupPico === b.lookupPico && a.storePico === b.storePico) || isIdle(a, calls);
}

function sameSemanticCache(
  a: SemanticLever | null,
  b: SemanticLever | null,
  isAfterExact: boolean,
  calls: Int32Array,
): boolean {
  if (a === null || b === null) return a === b;
  const flags = isAfterExact ? a.afterExact : a.alone;
  if (!sameFlags(flags, isAfterExact ? b.afterExact : b.alone, calls)) return false;
  return (
    (a.storePico === b.storePico && a.wrongCalls === b.wrongCalls && sameAt(a.lookupPico, b.lookupPico, calls)) ||
    isIdle(flags, calls)
  );
}

function sameFlags(a: SemanticFlags, b: SemanticFlags, calls: Int32Array): boolean {
  return sameAt(a.isHit, b.isHit, calls) && sameAt(a.isAsked, b.isAsked, calls);
}

/** A cache that none of the calls meets. */
function isIdle({ isHit, isAsked }: SemanticFlags, calls: Int32Array): boolean {
  return calls.every((call) => isHit[call] === 0 && isAsked[call] === 0);
}

function sameMoves(a: LeverEffects, b: LeverEffects, calls: Int32Array): boolean {
  return (
    sameAt(a.moveTo, b.moveTo, calls) &&
    sameAt(a.imageMoveTo, b.imageMoveTo, calls) &&
    sameAt(a.inputThousandths, b.inputThousandths, calls) &&
    sameAt(a.outputThousandths, b.outputThousandths, calls) &&
    sameAt(a.retryThousandths, b.retryThousandths, calls) &&
    sameAt(a.escalatedThousandths, b.escalatedThousandths, calls) &&
    sameAt(a.routerPico, b.routerPico, calls)
  );
}

/** Rent and work of a pool are no part of the price of a call. */
function samePools(
  { pools: a }: LeverEffects,
  { pools: b }: LeverEffects,
  has: (lever: CallLever) => boolean,
): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ lever, rejectedThousandths }, at) =>
        b[at]?.lever === lever && (!has(lever) || b[at].rejectedThousandths === rejectedThousandths),
    )
  );
}

function sameWaiting(a: LeverEffects, b: LeverEffects, calls: Int32Array): boolean {
  return (
    sameAt(a.mayWait, b.mayWait, calls) &&
    sameAt(a.batchCacheThousandths, b.batchCacheThousandths, calls) &&
    sameAt(a.batchLateMillionths, b.batchLateMillionths, calls)
  );
}

/** For all kinds that the calls have or may be moved to. */
function sameServedShares({ log, effects: a }: Scenario, { effects: b }: Scenario, calls: Int32Array): boolean {
  const kinds = new Set<number>();
  for (const call of calls) {
    kinds.add(log.kind[call] as number);
    for (const { moveTo, imageMoveTo } of [a, b]) {
      kinds.add(moveTo[call] as number);
      kinds.add(imageMoveTo[call] as number);
    }
  }
  kinds.delete(-1);
  return [...kinds].every((kind) => a.promptCache.trueThousandths(kind) === b.promptCache.trueThousandths(kind));
}

function sameAt(a: Column, b: Column, calls: Int32Array): boolean {
  return a === b || calls.every((call) => a[call] === b[call]);
}
