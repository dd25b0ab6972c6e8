/**
 * What each lever would do to each call of a log, under given values of the parameters. In: a log, rules of providers, config, parameters. Out:
 * `LeverEffects` for `scenario-costs.ts`. Nothing is guessed here: a call waits for a batch only if its caller said that it may, a prompt is
 * cached only if the log shows it, another model is taken only if config names it. Each part of the effects is a function of the values that it
 * takes, so that a plan with one value moved makes only that part again.
 */
import type { HostingOption } from '../config-hosting.ts';
import { waitingCalls } from './batch-eligibility.ts';
import type { BatchSettings } from './batch-eligibility.ts';
import { retainingStreams } from './cache-retention.ts';
import { cacheRulesFor } from './cache-rules.ts';
import type { CallKind, CallLog } from './call-log.ts';
import type { CallPricing, KindTable } from './call-pricing.ts';
import { callStates } from './call-states.ts';
import type { MoveEffects } from './call-states.ts';
import { rememberedByDay } from './dated-rules.ts';
import { exactCacheEffects } from './exact-cache.ts';
import type { ExactCacheSettings } from './exact-cache.ts';
import { moveEffects } from './move-effects.ts';
import type { ModelMove } from './move-effects.ts';
import type { ParameterId } from './parameters-data.ts';
import { createMarks, promptCachePlan, retentionOf } from './prompt-cache.ts';
import type { CacheSetting } from './prompt-cache.ts';
import { promptCuts } from './prompt-cuts.ts';
import type { PromptCutRule, PromptCuts } from './prompt-cuts.ts';
import { rememberFirst } from './remember-first.ts';
import type { LeverEffects, SemanticLever } from './scenario-costs.ts';
import { imageMoves } from './image-effects.ts';
import type { ImageMove } from './image-effects.ts';
import { hostingParameters, hostingPools } from './hosting-pools.ts';
import type { HostingParameters } from './hosting-pools.ts';
import { imagePools } from './image-pools.ts';
import type { LabelledPair, NearestRequests } from './semantic-cache.ts';
import { semanticEffects, semanticSettings } from './semantic-effects.ts';
import type { ConfiguredSemanticCache, SemanticEffects, SemanticSettings } from './semantic-effects.ts';

export type ParameterValue = (id: ParameterId) => number;

/** What no value of a parameter changes. */
export interface EffectFacts {
  readonly log: CallLog;
  readonly isOpen: Uint8Array;
  readonly kinds: KindTable;
  readonly pricing: CallPricing;
  readonly images?: readonly ImageMove[] | undefined;
  /** the days for which instances are rented; those of the calls where absent */
  readonly period?: RentedPeriod | undefined;
  readonly semantic?: SemanticInput | null | undefined;
}

/** Config with the values of its percents. */
export interface EffectSettings {
  readonly moves: readonly ModelMove[];
  readonly cuts?: readonly PromptCutRule[] | undefined;
  readonly fleets?: readonly HostingOption[] | undefined;
  /** share of simulated cache reads that come true for a kind, where the log itself tells it */
  readonly servedShare?: ((kind: CallKind) => number | null) | undefined;
}

/** Whole days of UTC, and how many calls of them each call of the log stands for: more than 1 in a sample. */
export interface RentedPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly callsPerCall: number;
}

/** What the owner knows of similar questions. */
export interface SemanticInput {
  readonly config: ConfiguredSemanticCache;
  readonly pairs: readonly LabelledPair[];
  readonly neighbors: NearestRequests;
}

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;
const PICO_PER_USD = 1e12;

/** Effects on one log, for one set of values after another. */
export function createLeverEffects(
  facts: EffectFacts,
): (settings: EffectSettings, valueOf: ParameterValue) => LeverEffects {
  const { log, isOpen, kinds, pricing, images = [], semantic = null } = facts;
  const period = facts.period ?? daysOf(log);
  const open = { ...log, isOpen };
  const { fromMs, toMs, callsPerCall } = period;
  const imagePricing = { log: open, kinds, pricing, callsPerCall, periodHours: (toMs - fromMs) / MS_PER_HOUR };
  // moves to models of an API do not hang on how dear a pixel is
  const toModels = imageMoves({
    ...imagePricing,
    moves: images.filter(({ to }) => to !== undefined),
    pixelExponent: 1,
  });
  const marks = createMarks(log);
  const cacheSettings = rememberedByDay(settingsFor);
  const retained = rememberFirst(() =>
    retainingStreams(open, (kind, timeMs) => retentionOf(cacheSettings(kinds.kinds[kind] as CallKind, timeMs))),
  );
  const movedBy = rememberFirst((moves: readonly ModelMove[]) => withImages(moveEffects(open, kinds, moves), toModels));
  const cutsBy = rememberFirst((rules: readonly PromptCutRule[]) => promptCuts(open, rules));
  const statesOf = rememberFirst((moved: MoveEffects, cuts: PromptCuts) =>
    callStates(open, kinds, pricing, moved, cuts),
  );
  const exactCacheBy = rememberFirst((settings: ExactCacheSettings) => exactCacheEffects(open, settings));
  const similarBy = rememberFirst((settings: SemanticSettings) =>
    semantic === null ? null : semanticEffects(open, semantic.neighbors, semantic.pairs, settings),
  );
  const semanticCacheOf = rememberFirst((effects: SemanticEffects | null, isExactHit: Uint8Array) =>
    effects === null ? null : semanticLever(open, effects, isExactHit),
  );
  const imagePoolsBy = rememberFirst((pixelExponent: number) =>
    imagePools(open, images, { ...imagePricing, pixelExponent }),
  );
  const fleetsBy = rememberFirst((fleets: readonly HostingOption[], values: HostingParameters) =>
    hostingPools({ log: open, kinds, ...period }, fleets, values),
  );
  const waitingBy = rememberFirst((settings: BatchSettings) => waitingCalls(open, settings));
  return ({ moves, cuts: rules = [], fleets = [], servedShare: loggedShare }, valueOf) => {
    const moved = movedBy(moves);
    const cuts = cutsBy(rules);
    const states = statesOf(moved, cuts);
    const servedShare = (kind: CallKind): number => loggedShare?.(kind) ?? valueOf('cache.served_share');
    const exactCache = exactCacheBy(exactCacheSettings(valueOf));
    const similar = semantic === null ? null : similarBy(semanticSettings(semantic.config, valueOf));
    return {
      isOpen,
      cuts,
      exactCache,
      semanticCache: semanticCacheOf(similar, exactCache.isHit),
      ...moved,
      imageMoveTo: toModels.moveTo,
      pools: [
        ...imagePoolsBy(images.length === 0 ? 1 : valueOf('img.pixel_exponent')),
        ...fleetsBy(fleets, hostingParameters(fleets, valueOf)),
      ],
      states,
      ...waitingBy(batchSettings(valueOf)),
      promptCache: promptCachePlan(open, kinds, states, marks, {
        settingsFor: cacheSettings,
        isRetained: (kind, workspace) => retained()(kind, workspace),
        trueThousandths: (kind) => Math.round(Math.min(1, servedShare(kind)) * 1000),
      }),
    };
  };
}

function exactCacheSettings(valueOf: ParameterValue): ExactCacheSettings {
  return {
    ttlMs: valueOf('exact.ttl_s') * 1000,
    assumedLatencyMs: valueOf('exact.assumed_latency_s') * 1000,
    capacity: valueOf('exact.capacity_entries'),
    lookupPico: Math.round(valueOf('exact.lookup_usd') * PICO_PER_USD),
    storePico: Math.round(valueOf('exact.store_usd') * PICO_PER_USD),
  };
}

/** The days of UTC in which a log has calls. */
function daysOf({ timeMs }: CallLog): RentedPeriod {
  const [first, last] = [timeMs[0] ?? 0, timeMs.at(-1) ?? 0];
  const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY) * MS_PER_DAY;
  return { fromMs: dayOf(first), toMs: dayOf(last) + MS_PER_DAY, callsPerCall: 1 };
}

/** Moves of image models beside those of others: no call makes both. */
function withImages(moved: MoveEffects, images: MoveEffects): MoveEffects {
  const pick = (own: Int32Array, other: Int32Array): Int32Array =>
    own.map((value, call) => ((images.moveTo[call] as number) < 0 ? value : (other[call] as number)));
  return {
    moveTo: moved.moveTo,
    routerPico: moved.routerPico,
    inputThousandths: pick(moved.inputThousandths, images.inputThousandths),
    outputThousandths: pick(moved.outputThousandths, images.outputThousandths),
    retryThousandths: pick(moved.retryThousandths, images.retryThousandths),
    escalatedThousandths: pick(moved.escalatedThousandths, images.escalatedThousandths),
  };
}

function semanticLever(log: CallLog, effects: SemanticEffects, isExactHit: Uint8Array): SemanticLever {
  const isLeft = log.isOpen.map((open, call) => (isExactHit[call] === 1 ? 0 : open));
  const { lookupPico, storePico, wrongCalls, threshold, reason } = effects;
  return {
    lookupPico,
    storePico,
    wrongCalls,
    threshold,
    reason,
    alone: { isHit: effects.isHit, isAsked: effects.isAsked },
    afterExact: effects.hitsAmong(isLeft),
  };
}

/** How batches behave under these values. */
export function batchSettings(valueOf: ParameterValue): BatchSettings {
  return {
    turnaround: {
      medianMs: valueOf('batch.turnaround_median_s') * 1000,
      sigma: valueOf('batch.turnaround_sigma'),
    },
    cacheKeptShare: valueOf('batch.cache_kept_share'),
    assumedLatencyMs: valueOf('exact.assumed_latency_s') * 1000,
  };
}

/** What can be switched on for a kind of calls; where the provider caches by itself, longer lives of entries. */
function settingsFor(kind: CallKind, timeMs: number): CacheSetting[] {
  const rule = cacheRulesFor(kind.provider, kind.model, timeMs);
  if (rule === null) return [];
  const { minimumTokens, incrementTokens, isAutomatic } = rule;
  const [usual, ...longer] = rule.lifetimes;
  return (isAutomatic ? longer : rule.lifetimes).map(({ lifeMs, write }): CacheSetting =>
    write === 'implicit'
      ? {
          kind: 'retention',
          name: `${lifeMs / MS_PER_HOUR}h`,
          ttlMs: lifeMs,
          usualMs: usual.lifeMs,
          minimumTokens,
          incrementTokens,
        }
      : { kind: 'marked', name: write, ttlMs: lifeMs, write, minimumTokens },
  );
}
