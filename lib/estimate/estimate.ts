/**
 * What a corpus costs on each model in each mode. In: documents, one by one, in any order. Out: an `Estimate`: tokens, plans, the cheapest plan.
 * Memory is sums by model and mode, 16 bytes of each text's hash, and the names of documents that were rejected, up to a bound. A document that
 * lies there twice is sent twice, unless duplicates are skipped.
 */
import type { EstimateSettings, PlannedDocument } from './estimate-settings.ts';
import { createModelPlans } from './model-plans.ts';
import type { ModelOffer } from './model-offer.ts';
import type { OutputLength } from './output-length.ts';
import { MODES } from './plan.ts';
import type { Plan } from './plan.ts';

export interface RejectedDocument {
  readonly document: string;
  readonly reason: string;
}

export interface Estimate {
  readonly corpus: string;
  /** all that were found: those with tokens, empty and rejected ones */
  readonly documents: number;
  readonly empty: number;
  readonly rejected: number;
  /** documents whose text is that of another one */
  readonly duplicates: number;
  readonly areDuplicatesSkipped: boolean;
  /** of the documents that are sent, each as often as it is, by encoding or further tokenizer */
  readonly tokens: Readonly<Record<string, number>>;
  readonly plans: readonly Plan[];
  /** by expected cost among the plans that can be carried out; null: there is none */
  readonly cheapest: Plan | null;
  readonly rejectedDocuments: readonly RejectedDocument[];
}

export interface CorpusEstimator {
  add(document: PlannedDocument): void;
  finish(): Estimate;
}

/** Names of rejected documents that are kept; more are only counted. */
const MOST_NAMED = 100_000;

/** An offer with the length of its answers. */
export interface OfferedModel {
  readonly offer: ModelOffer;
  readonly output: OutputLength;
}

export function createCorpusEstimator(
  corpus: string,
  models: readonly OfferedModel[],
  settings: EstimateSettings,
): CorpusEstimator {
  const byModel = models.map(({ offer, output }) => createModelPlans(offer, output, settings));
  const seen = new Set<string>();
  const tokens = new Map<string, number>([
    ['o200k_base', 0],
    ['cl100k_base', 0],
  ]);
  const counts = { documents: 0, empty: 0, rejected: 0, duplicates: 0 };
  const rejectedDocuments: RejectedDocument[] = [];

  function isSent(document: PlannedDocument): boolean {
    const hash = Buffer.from(document.contentHash.slice(0, 32), 'hex').toString('latin1');
    if (!seen.has(hash)) {
      seen.add(hash);
      return true;
    }
    counts.duplicates++;
    return !settings.skipDuplicates;
  }

  return {
    add(document) {
      counts.documents++;
      if (document.status === 'empty') counts.empty++;
      else if (document.status === 'rejected') {
        counts.rejected++;
        if (rejectedDocuments.length < MOST_NAMED)
          rejectedDocuments.push({ document: document.document, reason: document.reason ?? 'unknown' });
      } else if (isSent(document)) {
        const counted = { o200k_base: document.tokensO200k, cl100k_base: document.tokensCl100k, ...document.tokens };
        for (const [name, count] of Object.entries(counted)) tokens.set(name, (tokens.get(name) ?? 0) + count);
        for (const plans of byModel) plans.add(document);
      }
    },
    finish() {
      const plans = byModel.flatMap((model) => model.plans());
      return {
        corpus,
        ...counts,
        areDuplicatesSkipped: settings.skipDuplicates,
        tokens: Object.fromEntries(tokens),
        plans,
        cheapest: cheapestOf(plans),
        rejectedDocuments,
      };
    },
  };
}

/** Embeddings answer nothing, so they are compared with others only where nothing else is asked for. */
function cheapestOf(plans: readonly Plan[]): Plan | null {
  const areAllEmbeddings = plans.every(({ isEmbedding }) => isEmbedding);
  let best: Plan | null = null;
  for (const plan of plans) {
    if (plan.costPico === null || plan.requests === 0 || plan.isEmbedding !== areAllEmbeddings) continue;
    if (best === null || isBefore(plan, best)) best = plan;
  }
  return best;
}

function isBefore(a: Plan, b: Plan): boolean {
  const [costA, costB] = [a.costPico?.expected ?? 0n, b.costPico?.expected ?? 0n];
  if (costA !== costB) return costA < costB;
  if (a.model !== b.model) return a.model < b.model;
  return MODES.indexOf(a.mode) < MODES.indexOf(b.mode);
}
