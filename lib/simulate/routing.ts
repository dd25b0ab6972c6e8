/**
 * Routers and cascades of config `simulate.modelChoice`: how many sessions a router may send to the weaker model when it is to recover a share of
 * the quality gap, and at which shares a router or a cascade stops saving. In: the owner's curve or published ones, costs of the same calls on
 * both models. Out: percent of sessions with its range, break-even shares. Formulas (RouteLLM, arXiv 2406.18665; FrugalGPT, 2305.05176): router
 * α·Cs + (1 − α)·Cw + Cr; cascade Cw + Cj + e·Cs. Invariant: a share from a published curve is never taken for exact.
 */
import { Misconfigured } from '../errors.ts';
import { ROUTING_CURVES } from './routing-curves-data.ts';
import type { CurvePoint } from './routing-curves-data.ts';

export interface ConfiguredRouter {
  /** share of the gap between weak and strong model that must be recovered */
  readonly recoveredQualityPercent: number;
  /** the owner's own measurement; published ones where absent */
  readonly curve?: readonly CurvePoint[] | undefined;
  readonly curveSource?: string | undefined;
}

/** Sessions that go to the weaker model, percent: exact by an own curve, as far apart as the published ones are without. */
export interface MovedPercent {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

/** `path` names the router in the config. Throws `Misconfigured` for a curve that is none. */
export function movedPercent({ recoveredQualityPercent, curve }: ConfiguredRouter, path: string): MovedPercent {
  const quality = recoveredQualityPercent / 100;
  if (curve !== undefined) {
    checkCurve(curve, `${path}.curve`);
    const value = 100 * (1 - strongShareAt(curve, quality));
    return { low: value, value, high: value };
  }
  const shares = ROUTING_CURVES.map(({ points }) => 100 * (1 - strongShareAt(points, quality)));
  const [low, value, high] = shares.toSorted((a, b) => a - b) as [number, number, number];
  return { low, value, high };
}

/** Strong share that recovers `quality` of the gap, between the points of a curve in straight lines. */
export function strongShareAt(curve: readonly CurvePoint[], quality: number): number {
  if (!(quality >= 0 && quality <= 1)) throw new RangeError(`recovered quality must be from 0 to 1, got ${quality}`);
  let before: CurvePoint = curve[0] ?? [0, 0];
  for (const point of curve) {
    if (point[0] >= quality) {
      const width = point[0] - before[0];
      return width === 0 ? point[1] : before[1] + ((quality - before[0]) / width) * (point[1] - before[1]);
    }
    before = point;
  }
  return before[1];
}

/** From (0, 0) to (1, 1), quality strictly rising, the strong share never falling. */
function checkCurve(points: readonly CurvePoint[], path: string): void {
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
}

/** A router saves while less than this share stays with the strong model, from costs as shares of the strong model's. Not above zero: never. */
export function breakEvenStrongShare(weakRatio: number, routerRatio: number): number {
  return weakRatio >= 1 ? 0 : 1 - routerRatio / (1 - weakRatio);
}

/** A cascade saves while less than this share is asked again, 1 − (Cw + Cj)/Cs. Not above zero: never. */
export function breakEvenEscalatedShare(weakRatio: number, judgeRatio: number): number {
  return 1 - (weakRatio + judgeRatio);
}
