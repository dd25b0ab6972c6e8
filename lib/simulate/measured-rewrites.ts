/**
 * What lossless rewrites save, summed by application, team and model, as rules of the lever prompt optimization. In: token counts of single
 * prompts. Out: rows with the share of the input that remains and its range, and the rules that follow from them. The share is a ratio of sums;
 * its range comes from drawing sessions, or days for calls without one, again (`resampling.ts`), with few of them from the best one seen.
 * Invariant: what of a call's input was not seen as text counts as not saved, so that no share is larger than what was found.
 */
import { hash } from 'node:crypto';
import type { ConfiguredCut } from './prompt-cuts.ts';
import { resampleSavings, savingRange } from './resampling.ts';

/** Tokens of one prompt. */
export interface MeasuredPrompt {
  readonly application: string | null;
  readonly team: string;
  readonly model: string;
  /** session or day: calls of one are alike */
  readonly cluster: string;
  /** of the texts as they were */
  readonly textTokens: number;
  /** as the source reports them, cached ones included; 0 where it reports none */
  readonly reportedTokens: number;
  readonly saved: SavedTokens;
}

export interface SavedTokens {
  readonly json: number;
  readonly whitespace: number;
  readonly repeated: number;
}

export interface RewriteRow {
  readonly application: string | null;
  readonly team: string;
  readonly model: string;
  readonly calls: number;
  /** of their texts */
  readonly tokensBefore: number;
  /** what the share is taken of: call by call the larger of text and reported tokens */
  readonly inputTokens: number;
  readonly saved: SavedTokens;
  readonly keptPercent: number;
  readonly low: number;
  readonly high: number;
}

export interface RewriteSums {
  add(prompt: MeasuredPrompt): void;
  /** most saved first */
  rows(): RewriteRow[];
}

/** Sessions are dealt into as many groups by their hash, so that memory does not grow with their number. */
const MAX_CLUSTERS = 1_000;
/** With fewer, their spread says too little of others (as parameter `stats.min_days`). */
const MIN_CLUSTERS = 14;
/** Each rule is planned again at both ends of its range. The largest savings are planned, all are told. */
const MAX_RULES = 20;

interface Sums {
  readonly of: Pick<RewriteRow, 'application' | 'team' | 'model'>;
  calls: number;
  tokensBefore: number;
  readonly saved: { json: number; whitespace: number; repeated: number };
  readonly clusters: Map<number, { inputTokens: number; savedTokens: number }>;
}

/** Sums of nothing yet. */
export function createRewriteSums(): RewriteSums {
  const groups = new Map<string, Sums>();
  return {
    add({ application, team, model, cluster, textTokens, reportedTokens, saved }) {
      if (textTokens <= 0) return;
      const name = JSON.stringify([application, team, model]);
      let sums = groups.get(name);
      if (sums === undefined) {
        const none = { json: 0, whitespace: 0, repeated: 0 };
        sums = { of: { application, team, model }, calls: 0, tokensBefore: 0, saved: none, clusters: new Map() };
        groups.set(name, sums);
      }
      sums.calls++;
      sums.tokensBefore += textTokens;
      sums.saved.json += saved.json;
      sums.saved.whitespace += saved.whitespace;
      sums.saved.repeated += saved.repeated;
      const number = Number.parseInt(hash('sha256', cluster).slice(0, 8), 16) % MAX_CLUSTERS;
      const own = sums.clusters.get(number) ?? { inputTokens: 0, savedTokens: 0 };
      own.inputTokens += Math.max(textTokens, reportedTokens);
      own.savedTokens += total(saved);
      sums.clusters.set(number, own);
    },
    rows: () =>
      [...groups]
        .map(([name, sums]) => ({ name, row: rowOf(sums) }))
        .toSorted((a, b) => {
          const more = total(b.row.saved) - total(a.row.saved);
          return more === 0 ? (a.name < b.name ? -1 : 1) : more;
        })
        .map(({ row }) => row),
  };
}

function total({ json, whitespace, repeated }: SavedTokens): number {
  return json + whitespace + repeated;
}

function rowOf({ of, calls, tokensBefore, saved, clusters }: Sums): RewriteRow {
  // in an order of their own, so that the order of the objects changes no draw
  const seen = [...clusters].toSorted(([a], [b]) => a - b).map(([, sums]) => sums);
  const inputTokens = seen.reduce((sum, cluster) => sum + cluster.inputTokens, 0);
  const share = total(saved) / inputTokens;
  const [least, most] = savedRange(seen);
  const kept = (savedShare: number): number => Math.round(1e6 * (1 - savedShare)) / 1e4;
  return {
    ...of,
    calls,
    tokensBefore,
    inputTokens,
    saved: { ...saved },
    keptPercent: kept(share),
    low: kept(Math.max(share, Math.min(1, most))),
    high: kept(Math.min(share, Math.max(0, least))),
  };
}

/** Least and most that may be saved of the input of such calls: 95 % of what is drawn; with few clusters nothing, and as much as the best one saved. */
function savedRange(clusters: readonly { inputTokens: number; savedTokens: number }[]): [least: number, most: number] {
  if (clusters.length < MIN_CLUSTERS)
    return [0, clusters.reduce((most, { inputTokens, savedTokens }) => Math.max(most, savedTokens / inputTokens), 0)];
  const { low, high } = savingRange(
    resampleSavings({
      base: Float64Array.from(clusters, ({ inputTokens }) => inputTokens),
      next: Float64Array.from(clusters, ({ inputTokens, savedTokens }) => inputTokens - savedTokens),
      plans: 1,
    }),
    0,
  );
  return [low, high];
}

/** Rules for the calls that rows stand for, in the order of the rows; none where less than a thousandth would go. */
export function rewriteRules(rows: readonly RewriteRow[]): ConfiguredCut[] {
  return rows
    .map(({ application, team, model, keptPercent, low, high }, at) => ({
      measuredAs: `evidence.prompt_optimization.measured[${at}]`,
      application,
      team,
      model,
      cut: 'evenly' as const,
      keptPercent: { value: keptPercent, low, high },
      outputPercent: 100,
      compressorUsd: '0',
    }))
    .filter(({ keptPercent: { value } }) => Math.round(10 * value) < 1000)
    .slice(0, MAX_RULES);
}
