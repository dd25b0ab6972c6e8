/**
 * How many calls a router must still send to the strong model to recover a share of the quality gap (CPT, call-performance thresholds):
 * published curves as points. Source: RouteLLM (arXiv 2406.18665v4, 2025-02), GPT-4 against Mixtral 8x7B at a cost ratio of 100 to 1, best
 * router per benchmark. Facts about those benchmarks; that they hold for other traffic is an assumption: a router of 2024 ranks far lower in
 * RouterArena (arXiv 2510.00202).
 */

/** Recovered share of the gap between weak and strong model, and share of calls sent to the strong one. */
export type CurvePoint = readonly [recoveredQuality: number, strongShare: number];

export interface RoutingCurve {
  /** benchmark */
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

export const ROUTING_CURVES_SOURCE = 'RouteLLM, arXiv 2406.18665v4, 2025-02';

export const ROUTING_CURVES: readonly [RoutingCurve, RoutingCurve, RoutingCurve] = [
  {
    name: 'MT-Bench',
    points: [
      [0, 0],
      [0.5, 0.134],
      [0.8, 0.313],
      [1, 1],
    ],
  },
  {
    name: 'MMLU',
    points: [
      [0, 0],
      [0.5, 0.354],
      [0.8, 0.703],
      [1, 1],
    ],
  },
  {
    name: 'GSM8K',
    points: [
      [0, 0],
      [0.5, 0.336],
      [0.8, 0.633],
      [1, 1],
    ],
  },
];
