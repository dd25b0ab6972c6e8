/**
 * What keeps a call from moving to another model: it would not fit, the model gives something else, or it is not served where the call must stay.
 * In: what a call needs as far as the log tells, what the model offers. Out: reasons, as bits. Lengths are what the call's tokens may become at
 * the high end of the ratios. Invariant: what is not known of a model keeps nothing back; who tells the saving must say so.
 */
import type { ModelLimits, Modality } from '../model-limits.ts';

/** What a model offers. Null: not known. */
export interface ModelOffer {
  /** prompt and answer together */
  readonly contextTokens: number | null;
  readonly maximumOutputTokens: number | null;
  /** what it takes and gives */
  readonly input: readonly Modality[] | null;
  readonly output: readonly Modality[] | null;
  readonly tools: boolean | null;
  /** regions it is served in, as prices name them */
  readonly regions: readonly string[] | null;
  /** who says so; null: nobody says anything */
  readonly source: string | null;
}

/** What the owner says of a model; it wins over what is shipped. */
export interface ConfiguredOffer {
  readonly contextTokens?: number | undefined;
  readonly maximumOutputTokens?: number | undefined;
  readonly tools?: boolean | undefined;
  /** taken and given alike */
  readonly modalities?: readonly Modality[] | undefined;
  readonly regions?: readonly string[] | undefined;
}

export const OBSTACLES = ['context_tokens', 'output_tokens', 'modality', 'region'] as const;
export type Obstacle = (typeof OBSTACLES)[number];

/** Bit of a reason. */
export function obstacleBit(obstacle: Obstacle): number {
  return 1 << OBSTACLES.indexOf(obstacle);
}
const [CONTEXT, OUTPUT, MODALITY, REGION] = OBSTACLES.map(obstacleBit) as [number, number, number, number];

/** The owner's word, and where there is none, what is shipped. */
export function offerOf(limits: ModelLimits | null, own: ConfiguredOffer = {}): ModelOffer {
  const isOwned = Object.values(own).some((value) => value !== undefined);
  const sources = [...(isOwned ? ['config'] : []), ...(limits === null ? [] : [`${limits.source}, ${limits.date}`])];
  return {
    contextTokens: own.contextTokens ?? limits?.contextTokens ?? null,
    maximumOutputTokens: own.maximumOutputTokens ?? limits?.maximumOutputTokens ?? null,
    input: own.modalities ?? limits?.input ?? null,
    output: own.modalities ?? limits?.output ?? null,
    tools: own.tools ?? limits?.tools ?? null,
    regions: own.regions ?? limits?.regions ?? null,
    source: sources.length === 0 ? null : sources.join('; '),
  };
}

/** What calls of an operation want back; audio may go either way, and of the others nothing is known. */
const GIVEN: Readonly<Record<string, Modality>> = {
  chat: 'text',
  completion: 'text',
  embedding: 'embedding',
  image: 'image',
  rerank: 'rerank',
};

/** Reasons that hold for all calls of one operation that must stay in one region (null: anywhere), as bits. */
export function kindObstacles(operation: string, region: string | null, offer: ModelOffer): number {
  const given = GIVEN[operation];
  const isGiven =
    operation === 'audio'
      ? offer.input === null || offer.output === null || [...offer.input, ...offer.output].includes('audio')
      : given === undefined || offer.output === null || offer.output.includes(given);
  const isServed = region === null || offer.regions === null || offer.regions.includes(region);
  return (isGiven ? 0 : MODALITY) | (isServed ? 0 : REGION);
}

/** What a single call may become on the other model, in tokens there, and the images that it made. */
export interface CallSize {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly images: number;
}

/** Reasons of a single call, as bits. */
export function callObstacles({ inputTokens, outputTokens, images }: CallSize, offer: ModelOffer): number {
  const { contextTokens, maximumOutputTokens, output } = offer;
  return (
    (contextTokens !== null && inputTokens + outputTokens > contextTokens ? CONTEXT : 0) |
    (maximumOutputTokens !== null && outputTokens > maximumOutputTokens ? OUTPUT : 0) |
    (images > 0 && output !== null && !output.includes('image') ? MODALITY : 0)
  );
}
