/**
 * Moving calls to another model: where they may go, and what they would cost there. In: what a call needs, what a model offers, ratios of
 * token counts as ranges, a price function. Out: reasons against, costs and savings for low, likely and high, and always a statement about
 * quality. Formula: C′ is priced at τ · input and ω · output; with a share r of answers rejected and asked again of both models,
 * C_eff = C′ · (1 + r) + r · C. Invariant: null where a price is missing, never zero.
 */
import type { Parameters } from './parameters.ts';
import type { PriceOfCall } from './price-of-call.ts';
import { qualityStatement } from './quality-statement.ts';
import type { QualityEvaluation, QualityStatement } from './quality-statement.ts';
import { shareOfPico } from './share-of-pico.ts';

/** What a call needs of a model. Null: the log does not say. */
export interface CallNeeds {
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** modalities of input and output, such as `text` and `image` */
  readonly modalities: readonly string[];
  readonly usesTools: boolean | null;
  /** region where the call must stay; null: anywhere */
  readonly region: string | null;
}

/** What a model offers. Null: not known, which is no permission. */
export interface ModelOffer {
  readonly model: string;
  readonly contextTokens: number | null;
  readonly maximumOutputTokens: number | null;
  readonly modalities: readonly string[];
  readonly supportsTools: boolean | null;
  /** regions it is served in; null: everywhere */
  readonly regions: readonly string[] | null;
}

export interface Range {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

/** Token counts of the new model for each token of the old one. */
export interface TokenRatios {
  readonly input: Range;
  readonly output: Range;
}

export type Obstacle = 'same_model' | 'context_tokens' | 'output_tokens' | 'modality' | 'tools' | 'region';

/** The ratios of this run's parameters. */
export function tokenRatiosOf(parameters: Parameters): TokenRatios {
  return { input: parameters.rowOf('model.token_ratio'), output: parameters.rowOf('model.output_ratio') };
}

/** What keeps a call from moving; none: it may. Lengths are taken at the high end of the ratios, an unknown limit as too small. */
export function obstacles(call: CallNeeds, offer: ModelOffer, ratios: TokenRatios): Obstacle[] {
  const input = Math.ceil(call.inputTokens * ratios.input.high);
  const output = Math.ceil(call.outputTokens * ratios.output.high);
  const found: Obstacle[] = [];
  if (offer.model === call.model) found.push('same_model');
  if (offer.contextTokens === null || input + output > offer.contextTokens) found.push('context_tokens');
  if (offer.maximumOutputTokens !== null && output > offer.maximumOutputTokens) found.push('output_tokens');
  if (!call.modalities.every((modality) => offer.modalities.includes(modality))) found.push('modality');
  if (call.usesTools !== false && offer.supportsTools !== true) found.push('tools');
  if (call.region !== null && offer.regions !== null && !offer.regions.includes(call.region)) found.push('region');
  return found;
}

export interface MovedCost {
  /** costs on the new model with retries: at the low, likely and high token counts */
  readonly costPico: { readonly low: bigint; readonly value: bigint; readonly high: bigint };
  /** against the present model; `low` is the smallest saving. May be negative */
  readonly savingPico: { readonly low: bigint; readonly value: bigint; readonly high: bigint };
  readonly quality: QualityStatement;
}

export interface MoveOptions {
  readonly ratios: TokenRatios;
  /** share of the new model's answers that are rejected */
  readonly retryShare: number;
  readonly evaluation: QualityEvaluation | null;
  readonly margin: number;
}

/**
 * Cost of a call on another model, or null where either has no price. Cached tokens move along in proportion: whether the new model's cache
 * still holds them is for the replay of prompt caches to say, which comes after the choice of model.
 */
export function movedCost(
  call: CallNeeds,
  model: string,
  priceOf: PriceOfCall,
  { ratios, retryShare, evaluation, margin }: MoveOptions,
): MovedCost | null {
  const basePico = priceOf(call.inputTokens, call.cachedTokens, call.outputTokens, call.model);
  if (basePico === null) return null;
  const at = (end: keyof Range): bigint | null => {
    const input = Math.round(call.inputTokens * ratios.input[end]);
    const cached = Math.min(input, Math.round(call.cachedTokens * ratios.input[end]));
    const pico = priceOf(input, cached, Math.round(call.outputTokens * ratios.output[end]), model);
    return pico === null ? null : withRetries(pico, basePico, retryShare);
  };
  const [low, value, high] = [at('low'), at('value'), at('high')];
  if (low === null || value === null || high === null) return null;
  return {
    costPico: { low, value, high },
    savingPico: { low: basePico - high, value: basePico - value, high: basePico - low },
    quality: qualityStatement(evaluation, margin),
  };
}

/** C′ · (1 + r) + r · C: a rejected answer is tried once more on the new model and then asked of the old one. */
export function withRetries(newPico: bigint, oldPico: bigint, retryShare: number): bigint {
  return newPico + shareOfPico(newPico + oldPico, retryShare);
}

export interface ModelChoice {
  /** null: staying is cheapest, or no other model is open to this call */
  readonly model: string | null;
  readonly moved: MovedCost | null;
  /** models that were not open to the call, and why; `no_price` where it has no price there */
  readonly refused: ReadonlyMap<string, readonly (Obstacle | 'no_price')[]>;
}

/** The model on which the call is likely to cost least; the earlier one of equals. */
export function cheapestModel(
  call: CallNeeds,
  offers: readonly ModelOffer[],
  priceOf: PriceOfCall,
  options: MoveOptions,
): ModelChoice {
  const refused = new Map<string, readonly (Obstacle | 'no_price')[]>();
  let model: string | null = null;
  let moved: MovedCost | null = null;
  for (const offer of offers) {
    const reasons = obstacles(call, offer, options.ratios);
    const candidate = reasons.length > 0 ? null : movedCost(call, offer.model, priceOf, options);
    if (candidate === null) refused.set(offer.model, reasons.length > 0 ? reasons : ['no_price']);
    else if (candidate.savingPico.value > (moved?.savingPico.value ?? 0n)) [model, moved] = [offer.model, candidate];
  }
  return { model, moved, refused };
}
