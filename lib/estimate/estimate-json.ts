/** An estimate as others read it: the JSON of `estimate --format json`, and rows of table `corpus_costs`. Money is decimal text, exact. */
import { usdText } from '../money.ts';
import type { Range } from './estimate-settings.ts';
import type { Estimate, RejectedDocument } from './estimate.ts';
import type { Mode, Plan } from './plan.ts';

export interface PlanJson {
  readonly model: string;
  readonly mode: Mode;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: Range<number>;
  readonly input_cost: string | null;
  readonly cost: Range<string> | null;
  readonly basis: string;
  readonly notes: string;
}

export interface EstimateJson {
  readonly corpus: string;
  readonly documents: number;
  readonly tokens: Readonly<Record<string, number>>;
  readonly plans: readonly PlanJson[];
  readonly cheapest: { readonly model: string; readonly mode: Mode } | null;
  readonly duplicates: number;
  readonly empty: number;
  readonly rejected: readonly RejectedDocument[];
}

/** The contract of docs/estimate.md. */
export function estimateJson(estimate: Estimate): EstimateJson {
  const { corpus, documents, tokens, plans, cheapest, duplicates, empty, rejectedDocuments } = estimate;
  return {
    corpus,
    documents,
    tokens,
    plans: plans.map((plan) => ({
      model: plan.model,
      mode: plan.mode,
      requests: plan.requests,
      input_tokens: plan.inputTokens,
      output_tokens: plan.outputTokens,
      input_cost: textOf(plan.inputPico),
      cost: plan.costPico && {
        low: usdText(plan.costPico.low),
        expected: usdText(plan.costPico.expected),
        high: usdText(plan.costPico.high),
      },
      basis: plan.basis,
      notes: plan.notes,
    })),
    cheapest: cheapest && { model: cheapest.model, mode: cheapest.mode },
    duplicates,
    empty,
    rejected: rejectedDocuments,
  };
}

/** A row of `corpus_costs`; amounts are decimal text, null where a plan has no price or does not fit. */
export interface CorpusCostRow {
  readonly corpus: string;
  readonly model: string;
  readonly provider: string;
  readonly mode: Mode;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens_low: number;
  readonly output_tokens_expected: number;
  readonly output_tokens_high: number;
  readonly input_cost: string | null;
  readonly cost_low: string | null;
  readonly cost_expected: string | null;
  readonly cost_high: string | null;
  readonly basis: string;
  readonly notes: string;
  readonly is_cheapest: boolean;
}

export function corpusCostRows(estimate: Estimate): CorpusCostRow[] {
  return estimate.plans.map((plan) => rowOf(estimate, plan));
}

function rowOf({ corpus, cheapest }: Estimate, plan: Plan): CorpusCostRow {
  return {
    corpus,
    model: plan.model,
    provider: plan.provider,
    mode: plan.mode,
    requests: plan.requests,
    input_tokens: plan.inputTokens,
    output_tokens_low: plan.outputTokens.low,
    output_tokens_expected: plan.outputTokens.expected,
    output_tokens_high: plan.outputTokens.high,
    input_cost: textOf(plan.inputPico),
    cost_low: textOf(plan.costPico?.low ?? null),
    cost_expected: textOf(plan.costPico?.expected ?? null),
    cost_high: textOf(plan.costPico?.high ?? null),
    basis: plan.basis,
    notes: plan.notes,
    is_cheapest: plan === cheapest,
  };
}

function textOf(pico: bigint | null): string | null {
  return pico === null ? null : usdText(pico);
}
