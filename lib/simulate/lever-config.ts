/**
 * What config says of the levers, as things a plan hangs on: every percent and parameter by name, with its range, so that ranges and tornado move
 * them all alike. In: the section `simulate`, the register, what the log shows of caches. Out: knobs, and the effects of the levers under given
 * values of them. Invariant: only parameters of levers that config or log bring into play are knobs; others would move nothing.
 */
import { Misconfigured } from '../errors.ts';
import type { HostingOption } from '../config-hosting.ts';
import type { CacheCalibration } from './cache-calibration.ts';
import { fleetKnobs, fleetsAt } from './hosting-pools.ts';
import type { ImageMove } from './image-effects.ts';
import { createLeverEffects } from './lever-effects.ts';
import type { EffectFacts } from './lever-effects.ts';
import { moveKnobs, movesWithin, parameterKnob } from './model-moves.ts';
import type { ConfiguredMove, Knob, KnobValue, MoveBounds } from './model-moves.ts';
import type { ParameterId } from './parameters-data.ts';
import type { Parameters } from './parameters.ts';
import { cutKnobs, cutsAt } from './prompt-cuts.ts';
import type { ConfiguredCut } from './prompt-cuts.ts';
import { KEPT_PARAMETER_IDS } from './prompt-parts.ts';
import type { TypedApplication } from './semantic-band.ts';
import type { ConfiguredSemanticCache } from './semantic-effects.ts';
import type { LeverEffects } from './scenario-costs.ts';

/** The levers of the section `simulate`. */
export interface LeverConfig {
  readonly moves: readonly ConfiguredMove[];
  readonly cuts: readonly ConfiguredCut[];
  readonly images: readonly ImageMove[];
  readonly fleets: readonly HostingOption[];
  readonly semantic: ConfiguredSemanticCache & { readonly applicationTypes: readonly TypedApplication[] };
}

/** Nothing is configured: only what the log itself shows is a lever. */
export const NO_LEVER_CONFIG: LeverConfig = {
  moves: [],
  cuts: [],
  images: [],
  fleets: [],
  semantic: { applicationTypes: [] },
};

/** Parameters that the levers of any plan hang on. */
const ALWAYS: readonly ParameterId[] = [
  'exact.ttl_s',
  'exact.lookup_usd',
  'exact.store_usd',
  'exact.capacity_entries',
  'exact.assumed_latency_s',
  'cache.served_share',
  'batch.turnaround_median_s',
  'batch.turnaround_sigma',
  'batch.cache_kept_share',
];
const WITH_SIMILAR: readonly ParameterId[] = [
  'sem.max_false_share',
  'sem.confidence',
  'sem.false_hit_calls',
  'sem.embed_usd_per_million',
  'sem.lookup_usd',
];
const WITH_IMAGES: readonly ParameterId[] = ['img.pixel_exponent'];

/** Parameters of the register that have an effect on some plan. */
export const PARAMETERS_OF_PLANS: readonly ParameterId[] = [
  ...ALWAYS,
  ...WITH_SIMILAR,
  ...WITH_IMAGES,
  ...KEPT_PARAMETER_IDS,
];

export interface LeverKnobsInput {
  readonly config: LeverConfig;
  /** those that a plan may rent */
  readonly fleets: readonly HostingOption[];
  readonly parameters: Parameters;
  readonly calibration: CacheCalibration;
  readonly hasSimilar: boolean;
}

/** Everything a plan hangs on. Throws `Misconfigured` where a range is none, or a model is to go two ways. */
export function leverKnobs({ config, fleets, parameters, calibration, hasSimilar }: LeverKnobsInput): Knob[] {
  const { moves, cuts, images } = config;
  for (const { from } of images)
    if (moves.some((move) => move.from === from))
      throw new Misconfigured(`simulate.modelChoice and simulate.imageGeneration both name ${from}`, {
        hint: 'its calls can go one way only: take it out of one of them',
      });
  const ids = [...ALWAYS, ...(hasSimilar ? WITH_SIMILAR : []), ...(images.length > 0 ? WITH_IMAGES : [])];
  return [
    ...ids.map((id) => parameterKnob(id, parameters)),
    ...moveKnobs(moves, parameters),
    ...cutKnobs(cuts, parameters),
    ...fleetKnobs(fleets, parameters),
    ...calibrationKnobs(calibration),
  ];
}

/** Effects of the levers on one log, for one set of values of the knobs after another. */
export function createEffects(
  facts: EffectFacts,
  config: Omit<LeverConfig, 'semantic' | 'images'>,
  calibration: CacheCalibration,
  bounds: MoveBounds,
): (valueOf: KnobValue) => LeverEffects {
  const effects = createLeverEffects(facts);
  const movesAt = movesWithin(config.moves, bounds);
  return (valueOf) =>
    effects(
      {
        moves: movesAt(valueOf),
        cuts: cutsAt(config.cuts, valueOf),
        fleets: fleetsAt(config.fleets, valueOf),
        servedShare: ({ provider, model }) =>
          calibration.servedShareFor(provider, model) === null ? null : valueOf(calibrationName(provider, model)),
      },
      valueOf,
    );
}

/** Shares of replayed cache reads that came true, where the log itself tells: one per provider and model. */
function calibrationKnobs(calibration: CacheCalibration): Knob[] {
  const byModel = Map.groupBy(calibration.rows, ({ provider, model }) => calibrationName(provider, model));
  return [...byModel].flatMap(([name, own]): Knob[] => {
    const { provider, model } = own[0] as (typeof own)[number];
    const value = calibration.servedShareFor(provider, model);
    if (value === null) return [];
    const clipped = (kappa: number): number => Math.min(1, Math.max(0, kappa));
    const low = Math.min(value, ...own.map(({ kappaRange }) => clipped(kappaRange?.low ?? value)));
    const high = Math.max(value, ...own.map(({ kappaRange }) => clipped(kappaRange?.high ?? value)));
    return [{ name, low, value, high, varies: low < high }];
  });
}

function calibrationName(provider: string, model: string): string {
  return `cache calibration of ${provider} ${model}`;
}
