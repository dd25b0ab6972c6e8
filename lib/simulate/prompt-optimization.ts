/**
 * What shorter prompts save on the bill, by component. In: tokens per component with what is kept and what is read from a cache before and
 * after, unit prices in picodollars per token. Out: saving per component and in sum. Formula:
 * ΔC = Σ tokens·(p_eff before − k·p_eff after) + Δout·p_out − compressor, p_eff being the price of cached or fresh input. Invariant: token
 * counts are whole and parts sum to the total exactly; a saving may be negative (a prompt made unique by compression loses its cache).
 *
 * The trap this keeps visible: what can be cut (system prompt, tools) is mostly what is read at a tenth of the price. LLMLingua (EMNLP 2023)
 * and LLMLingua-2 (arXiv 2403.12968) measured lengths, not bills.
 */
import type { Parameters } from './parameters.ts';

export type Component = 'system' | 'few_shot' | 'retrieved' | 'history' | 'user';

export interface PromptPart {
  readonly component: Component;
  readonly tokens: number;
  readonly cachedTokens: number;
  /** share of the tokens that remains (k) */
  readonly keptShare: number;
  /** share of what remains that is read from a cache afterwards */
  readonly cachedShareAfter: number;
}

/** Picodollars per token. */
export interface TokenPrices {
  readonly inputPico: bigint;
  readonly cachedPico: bigint;
  readonly outputPico: bigint;
}

export interface PromptSaving {
  readonly byComponent: readonly { readonly component: Component; readonly savingPico: bigint }[];
  readonly outputSavingPico: bigint;
  readonly savingPico: bigint;
  readonly beforePico: bigint;
  /** cached beginnings fell below the provider's minimum: what remains is priced as fresh input */
  readonly hasLostCache: boolean;
}

export interface PromptChange {
  readonly parts: readonly PromptPart[];
  readonly outputTokens: number;
  /** output tokens that a change of instructions saves; negative: more is written */
  readonly outputTokensSaved: number;
  readonly compressorPico: bigint;
  /** of the provider's cache rule; 0: no minimum is known */
  readonly cacheMinimumTokens: number;
}

/** Share of each component that remains, by this run's parameters; what users write is theirs. */
export function keptShareOf(component: Component, parameters: Parameters): number {
  return component === 'user' ? 1 : parameters.valueOf(`prompt.kept_${component}`);
}

/** Prices one prompt before and after; for a stream of equal prompts multiply, for others add up. */
export function promptSaving(change: PromptChange, prices: TokenPrices): PromptSaving {
  const after = change.parts.map((part) => {
    const tokens = Math.round(part.tokens * part.keptShare);
    return { tokens, cachedTokens: Math.min(tokens, Math.round(tokens * part.cachedShareAfter)) };
  });
  const cachedAfter = after.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0);
  const hasLostCache = cachedAfter > 0 && cachedAfter < change.cacheMinimumTokens;
  let beforePico = BigInt(change.outputTokens) * prices.outputPico;
  const byComponent = change.parts.map((part, at) => {
    const { tokens, cachedTokens } = after[at] ?? { tokens: 0, cachedTokens: 0 };
    const costPico = inputPico(part.tokens, part.cachedTokens, prices);
    beforePico += costPico;
    return {
      component: part.component,
      savingPico: costPico - inputPico(tokens, hasLostCache ? 0 : cachedTokens, prices),
    };
  });
  const outputSavingPico = BigInt(change.outputTokensSaved) * prices.outputPico;
  const inputSavingPico = byComponent.reduce((sum, { savingPico }) => sum + savingPico, 0n);
  return {
    byComponent,
    outputSavingPico,
    savingPico: inputSavingPico + outputSavingPico - change.compressorPico,
    beforePico,
    hasLostCache,
  };
}

function inputPico(tokens: number, cachedTokens: number, prices: TokenPrices): bigint {
  return BigInt(tokens - cachedTokens) * prices.inputPico + BigInt(cachedTokens) * prices.cachedPico;
}
