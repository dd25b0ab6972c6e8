/**
 * Tokens of a document for a model, from what was counted when it was read. In: publisher, model, counts, and what calls of one's own say of the model.
 * Out: tokens, low, expected and high: equal where the model's own tokenizer counted, else the o200k_base count times the ratio measured on own
 * calls (`tokenizer-calibration.ts`), else times the ratios of its scripts (`tokenizer-ratios.ts`).
 */
import type { ScriptMix } from '../script-class.ts';
import { exactEncoding } from './model-encodings.ts';
import { calibratedTokens, whyNotMeasured } from './tokenizer-calibration.ts';
import type { CalibrationRow } from './tokenizer-calibration.ts';
import { estimateTokens } from './tokenizer-ratios.ts';
import type { TokenEstimate } from './tokenizer-ratios.ts';

export interface CountedDocument {
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  /** by name of further tokenizers, exact ones only */
  readonly tokens: Readonly<Record<string, number>>;
  /** characters by script, where they are known */
  readonly scripts?: ScriptMix;
}

/**
 * `tokenizer` is the name of the further tokenizer that is this model's own, or null. `calibration` is the row of the model; null where own calls were not
 * asked for. A row that is not measured leaves the ratios by script, and the basis says why.
 */
export function documentTokens(
  publisher: string | null,
  model: string,
  tokenizer: string | null,
  counted: CountedDocument,
  calibration: CalibrationRow | null = null,
): TokenEstimate {
  const own = tokenizer === null ? undefined : counted.tokens[tokenizer];
  if (own !== undefined) return exact(own, `counted:${tokenizer}`);
  const encoding = exactEncoding(publisher, model);
  if (encoding === 'o200k_base') return exact(counted.tokensO200k, 'counted:o200k_base');
  if (encoding === 'cl100k_base') return exact(counted.tokensCl100k, 'counted:cl100k_base');
  const scripts = counted.scripts ?? {};
  if (calibration?.status === 'measured') return calibratedTokens(calibration, counted.tokensO200k, scripts);
  const estimate = estimateTokens(counted.tokensO200k, scripts, publisher ?? '', model);
  return calibration === null ? estimate : { ...estimate, basis: `${estimate.basis}, ${whyNotMeasured(calibration)}` };
}

function exact(tokens: number, basis: string): TokenEstimate {
  return { low: tokens, expected: tokens, high: tokens, basis };
}
