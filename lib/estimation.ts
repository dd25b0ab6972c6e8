/**
 * From what a person asks to the estimate of a corpus: models by name, lengths of answers by precedence, settings with defaults. In: config section
 * `documents` or options of `estimate`, prices, limits, what the ledger saw. Out: an estimator that documents are added to. The lake and the
 * command line use the same one, so that table and command agree.
 */
import { Misconfigured } from './errors.ts';
import { createCorpusEstimator } from './estimate/estimate.ts';
import type { CorpusEstimator } from './estimate/estimate.ts';
import { exactly, settingsWith } from './estimate/estimate-settings.ts';
import type { EstimateSettings, Range } from './estimate/estimate-settings.ts';
import { givenOutput, historyOutput, TASK_FACTS, taskOutput } from './estimate/output-length.ts';
import type { OutputHistory, OutputLength, Task } from './estimate/output-length.ts';
import { offerNamed } from './model-offers.ts';
import type { OfferSources } from './model-offers.ts';
import type { SqlEngine } from './ports.ts';

/** Priced where nobody names models: a large and a small one of three makers, as sold in November 2026. */
export const DEFAULT_MODELS = [
  'gpt-6.1-sol',
  'gpt-6-luna',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'gemini-3.1-pro-preview',
  'gemini-3.8-flash',
] as const;

/** The kind of task whose answers are taken where neither their length nor a ledger is given. */
const DEFAULT_TASK: Task = 'summarize';

export interface EstimateRequest {
  readonly corpus: string;
  /** as a person writes them; empty: the default ones */
  readonly models: readonly string[];
  readonly outputTokens?: number | Range<number> | undefined;
  readonly task?: Task | undefined;
  readonly settings: Partial<EstimateSettings>;
  /** what the ledger saw; empty: no ledger */
  readonly history: readonly OutputHistory[];
}

/**
 * An estimator for a corpus. Answers are as long as is given; else as in the ledger; else as the task's, or those of a summary. Throws `Misconfigured`
 * for contradicting settings and, if `unknown` is `refuse`, for a model that the price book does not have; else its plan has no price.
 */
export function corpusEstimator(
  request: EstimateRequest,
  sources: OfferSources,
  unknown: 'refuse' | 'unpriced',
): CorpusEstimator {
  const { task, outputTokens, history } = request;
  const settings = settingsWith({
    ...(task === undefined ? {} : { questionTokens: TASK_FACTS[task].instructionTokens }),
    ...request.settings,
  });
  const given = outputTokens === undefined ? null : givenOutput(checkedRange(outputTokens));
  const names = request.models.length === 0 ? DEFAULT_MODELS : [...new Set(request.models)];
  const models = names.map((name) => {
    const { offer, spellings, isKnown } = offerNamed(sources, name);
    if (!isKnown && unknown === 'refuse')
      throw new Misconfigured(`models: the price book has no ${name}`, {
        hint: 'see all with: inference-ledger prices; name another provider as in azure/gpt-4o; add your own: docs/prices.md',
      });
    const output: OutputLength =
      given ??
      // a translation is as long as its document, whatever other answers were
      (task === 'translate' ? null : historyOutput(history, spellings)) ??
      taskOutput(task ?? DEFAULT_TASK);
    return { offer, output };
  });
  return createCorpusEstimator(request.corpus, models, settings);
}

function checkedRange(given: number | Range<number>): Range<number> {
  const range = typeof given === 'number' ? exactly(given) : given;
  const values = [range.low, range.expected, range.high];
  const isOrdered = range.low <= range.expected && range.expected <= range.high;
  if (!isOrdered || values.some((value) => !Number.isSafeInteger(value) || value < 0))
    throw new Misconfigured(
      `outputTokens ${values.join(',')}: must be whole numbers, low, expected, high in this order`,
    );
  return range;
}

/** Lengths of answers that the ledger saw. The engine sees `usage`; `sql` is lib/estimate/queries/output-history.sql. */
export async function outputHistory(engine: SqlEngine, sql: string): Promise<OutputHistory[]> {
  const rows = await engine.query(sql);
  return rows.map((row) => ({
    model: typeof row['model'] === 'string' ? row['model'] : null,
    calls: Number(row['calls']),
    range: { low: Number(row['low']), expected: Number(row['expected']), high: Number(row['high']) },
  }));
}
