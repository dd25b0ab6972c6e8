/**
 * How many calls a router must still send to the strong model to recover a share of the quality gap (CPT, call-performance thresholds):
 * published curves as points. Source: RouteLLM (arXiv 2406.18665v4, 2025-02), GPT-4 against Mixtral 8x7B at a cost ratio of 100 to 1, best
 * router per benchmark. Facts about those benchmarks; that they hold for other traffic is an assumption: a router of 2024 ranks far lower in
 * RouterArena (arXiv 2510.00202).
 */

/** Recovered share of the gap between weak and strong model, and share of calls sent to the strong one. */
export type CurvePoint = readonly [recoveredQuality: number, strongShare: number];

export interface RoutingCurve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  readonly kind: 'fact' | 'assumption';
  readonly source: string;
  readonly date: string;
  /** quality at half of the gap, as a share of the strong model's */
  readonly qualityAtHalf: number | null;
}

const ROUTE_LLM = { kind: 'fact', source: 'RouteLLM, arXiv 2406.18665v4', date: '2025-02' } as const;

export const ROUTING_CURVES: readonly RoutingCurve[] = [
  {
    ...ROUTE_LLM,
    name: 'MT-Bench',
    points: [
      [0, 0],
      [0.5, 0.134],
      [0.8, 0.313],
      [1, 1],
    ],
    qualityAtHalf: 0.95,
  },
  {
    ...ROUTE_LLM,
    name: 'MMLU',
    points: [
      [0, 0],
      [0.5, 0.354],
      [0.8, 0.703],
      [1, 1],
    ],
    qualityAtHalf: 0.92,
  },
  {
    ...ROUTE_LLM,
    name: 'GSM8K',
    points: [
      [0, 0],
      [0.5, 0.336],
      [0.8, 0.633],
      [1, 1],
    ],
    qualityAtHalf: 0.87,
  },
];
