/**
 * What remains of a prompt whose parts are known, and where in it the cut is made. In: average tokens per prompt by part as the owner knows them,
 * kept shares of the register (`prompt.kept_…`). Out: the kept percent, and how much of the prompt and of the cut stands at its beginning.
 * Formula: kept = Σ tokens · kept share / Σ tokens. Invariant: what users write is never cut.
 *
 * System prompt and tools, examples and history stand at the beginning, which is what caches hold; retrieved text and the user's words come
 * after them. So what is cut of the former is mostly cut from tokens that are read at a tenth of the price.
 */
import type { ParameterId } from './parameters-data.ts';

/** Average tokens per prompt; what is not named is not there. */
export interface PromptParts {
  readonly system?: number | undefined;
  readonly fewShot?: number | undefined;
  readonly history?: number | undefined;
  readonly retrieved?: number | undefined;
  readonly user?: number | undefined;
}
type Part = keyof PromptParts;

/** Shares from 0 to 1. */
export interface KeptParts {
  readonly keptPercent: number;
  /** of all tokens, those at the beginning: system, examples, history */
  readonly beginningShare: number;
  /** of the tokens that are cut, those that are cut there */
  readonly beginningCutShare: number;
  /** of the tokens at the beginning, those that remain */
  readonly beginningKeptShare: number;
}

/** What says how much of a part remains; the user's words have no such parameter. */
const KEPT_PARAMETERS = {
  system: 'prompt.kept_system',
  fewShot: 'prompt.kept_few_shot',
  history: 'prompt.kept_history',
  retrieved: 'prompt.kept_retrieved',
} as const satisfies Readonly<Record<Exclude<Part, 'user'>, ParameterId>>;
const BEGINNING: readonly Part[] = ['system', 'fewShot', 'history'];
const PARTS: readonly Part[] = [...BEGINNING, 'retrieved', 'user'];

/** Parameters that a cut by parts hangs on. */
export const KEPT_PARAMETER_IDS: readonly ParameterId[] = Object.values(KEPT_PARAMETERS);

/** The parameters that these parts hang on. */
export function parametersOfParts(parts: PromptParts): ParameterId[] {
  return PARTS.flatMap((part) => (part !== 'user' && (parts[part] ?? 0) > 0 ? [KEPT_PARAMETERS[part]] : []));
}

/** What is left of the parts when the parameters have these values. At least one part has tokens. */
export function keptParts(parts: PromptParts, valueOf: (id: ParameterId) => number): KeptParts {
  let [all, cut, beginning, beginningCut] = [0, 0, 0, 0];
  for (const part of PARTS) {
    const tokens = parts[part] ?? 0;
    const gone = part === 'user' || tokens === 0 ? 0 : tokens * (1 - valueOf(KEPT_PARAMETERS[part]));
    all += tokens;
    cut += gone;
    if (!BEGINNING.includes(part)) continue;
    beginning += tokens;
    beginningCut += gone;
  }
  return {
    keptPercent: 100 * (1 - cut / all),
    beginningShare: beginning / all,
    beginningCutShare: cut === 0 ? 0 : beginningCut / cut,
    beginningKeptShare: beginning === 0 ? 1 : 1 - beginningCut / beginning,
  };
}
