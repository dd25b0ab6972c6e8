/**
 * Routers and cascades: what is saved when a share of the calls goes to a weaker model. In: costs of the same calls on both models, the share
 * that still needs the strong one. Out: cost in picodollars, saved share, break-even shares, and always a statement about quality. Formulas
 * (RouteLLM, arXiv 2406.18665; FrugalGPT, 2305.05176): router α·Cs + (1 − α)·Cw + Cr; cascade Cw + Cj + e·Cs. A session must stay on one
 * model or its prompt cache starts anew: α is a share of sessions, and the replay behind this stage prices the caches.
 */
import { Misconfigured } from '../errors.ts';
import type { CurvePoint, RoutingCurve } from './routing-curves-data.ts';
import { qualityStatement } from './quality-statement.ts';
import type { QualityEvaluation, QualityStatement } from './quality-statement.ts';
import { shareOfPico } from './share-of-pico.ts';

/** What the same calls cost on either model, and what deciding costs, in picodollars. */
export interface PairCost {
  readonly strongPico: bigint;
  readonly weakPico: bigint;
  /** all router calls, or all judgments of a cascade */
  readonly decisionPico: bigint;
}

export interface RoutedCost {
  readonly costPico: bigint;
  /** against sending all calls to the strong model; may be negative */
  readonly savingPico: bigint;
  readonly quality: QualityStatement;
}

/** Every call is sent to one model: a share `strongShare` of the money stays with the strong one. */
export function routerCost(
  cost: PairCost,
  strongShare: number,
  evaluation: QualityEvaluation | null,
  margin: number,
): RoutedCost {
  const kept = shareOfPico(cost.strongPico, strongShare);
  const moved = cost.weakPico - shareOfPico(cost.weakPico, strongShare);
  return outcome(cost, kept + moved + cost.decisionPico, evaluation, margin);
}

/** Every call goes to the weak model and is judged; a share `escalatedShare` is asked again of the strong one. */
export function cascadeCost(
  cost: PairCost,
  escalatedShare: number,
  evaluation: QualityEvaluation | null,
  margin: number,
): RoutedCost {
  const escalated = shareOfPico(cost.strongPico, escalatedShare);
  return outcome(cost, cost.weakPico + cost.decisionPico + escalated, evaluation, margin);
}

function outcome(cost: PairCost, costPico: bigint, evaluation: QualityEvaluation | null, margin: number): RoutedCost {
  return { costPico, savingPico: cost.strongPico - costPico, quality: qualityStatement(evaluation, margin) };
}

/** Saved share of the strong model's cost, (1 − α)·(1 − Cw/Cs) − Cr/Cs, from ratios to the strong model's cost. */
export function routerSavedShare(strongShare: number, weakRatio: number, routerRatio: number): number {
  return (1 - strongShare) * (1 - weakRatio) - routerRatio;
}

/** A router saves below this strong share. Not above zero: it never does. */
export function breakEvenStrongShare(weakRatio: number, routerRatio: number): number {
  return weakRatio >= 1 ? 0 : 1 - routerRatio / (1 - weakRatio);
}

/** A cascade saves below this escalated share, 1 − (Cw + Cj)/Cs. Not above zero: it never does. */
export function breakEvenEscalatedShare(weakRatio: number, judgeRatio: number): number {
  return 1 - (weakRatio + judgeRatio);
}

/** Strong share that recovers `quality` of the gap, between the points of a curve in straight lines. */
export function strongShareAt(curve: RoutingCurve, quality: number): number {
  if (!(quality >= 0 && quality <= 1)) throw new RangeError(`recovered quality must be from 0 to 1, got ${quality}`);
  let before: CurvePoint = curve.points[0] ?? [0, 0];
  for (const point of curve.points) {
    if (point[0] >= quality) {
      const width = point[0] - before[0];
      return width === 0 ? point[1] : before[1] + ((quality - before[0]) / width) * (point[1] - before[1]);
    }
    before = point;
  }
  return before[1];
}

/** The owner's own curve, checked: from (0, 0) to (1, 1), quality strictly rising, the strong share never falling. */
export function ownRoutingCurve(points: readonly CurvePoint[], source: string, date: string): RoutingCurve {
  const path = 'simulate.routing.curve';
  const [first, last] = [points[0], points.at(-1)];
  if (first?.[0] !== 0 || first[1] !== 0 || last?.[0] !== 1 || last[1] !== 1) {
    throw new Misconfigured(`${path}: must begin at [0, 0] and end at [1, 1]`, {
      hint: 'each point is [recovered share of the quality gap, share of calls sent to the strong model]',
    });
  }
  for (const [at, [quality, strongShare]] of points.entries()) {
    const [lower, less] = points[at - 1] ?? [-1, 0];
    if (quality > lower && strongShare >= less) continue;
    throw new Misconfigured(`${path}[${at}]: recovered quality must rise, and the share of calls must not fall`);
  }
  return { name: 'own', points, kind: 'fact', source, date, qualityAtHalf: null };
}
