/**
 * What the self-hosting lever assumes, one row each: value, range, unit, where it comes from and when, and whether it is a fact or an
 * assumption. Callers pass a value of their own wherever they know better; nothing in the lever uses a number that is not here, in the other
 * data files or given. A range is what may be tried, not a confidence interval; where all three
 * numbers are equal, no range is known.
 */

export interface RangedParameter {
  readonly id: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly source: string;
  readonly date: string;
  readonly kind: 'fact' | 'assumption';
}

const assumed = {
  source: 'modelling assumption, not measured; a value within a range was chosen, not found',
  date: '2026-11',
  kind: 'assumption',
} as const;

export const SELF_HOSTING_PARAMETERS = {
  // throughput
  rateOffline: row('perf.rate.offline', 0.9, 0.9, 0.9, 'of saturation'),
  rateRelaxed: row('perf.rate.50ms', 0.6, 0.5, 0.7, 'of saturation, at 50 ms per output token'),
  rateTight: row('perf.rate.20ms', 0.35, 0.3, 0.4, 'of saturation, at 20 ms per output token'),
  softwareGainPerYear: row(
    'perf.age',
    0.3,
    0,
    0.3,
    'added to the upper side of throughput per year since the measurement',
  ),
  errorInRange: row('perf.error.anchor', 0.15, 0.15, 0.15, 'relative, lengths inside the range of the anchor'),
  errorOutOfRange: row('perf.error.range', 0.4, 0.4, 0.4, 'relative, lengths outside it or another engine'),
  // roofline
  computeEfficiency: calibrated('roof.compute', 0.5, 0.3, 0.6, 'of peak arithmetic'),
  memoryEfficiency: calibrated('roof.memory', 0.7, 0.35, 0.8, 'of peak bandwidth'),
  rooflineErrorFactor: calibrated('roof.error', 2, 2, 2, 'times or divided by, at 95 % (lognormal, σ 0.35)'),
  usableMemory: row('gpu.usable_memory', 0.9, 0.9, 0.9, 'of GPU memory for weights, keys and values'),
  // purchase
  discount1y: row('gpu.discount.1y', 0.325, 0.25, 0.4, 'off the on-demand price, savings plan of one year'),
  discount3y: row('gpu.discount.3y', 0.5, 0.4, 0.6, 'off the on-demand price, savings plan of three years'),
  discountSpot: row('gpu.discount.spot', 0.5, 0.3, 0.7, 'off the on-demand price, spot'),
  interruptionsPerHour: row('gpu.spot.interruptions', 0.03, 0.01, 0.1, 'per instance-hour'),
  restartS: row('gpu.spot.restart', 360, 180, 600, 's: image and weights'),
  // fleet
  scaleUpS: row('scale.up', 360, 180, 600, 's from the order of a replica to its first request'),
  scaleDownS: row('scale.down', 720, 600, 900, 's without need before a replica is given back'),
  interactiveReplicas: row('scale.min.interactive', 2, 2, 2, 'replicas, so that one may fail'),
  deferrableReplicas: row('scale.min.deferrable', 1, 1, 1, 'replicas'),
  lateShare: row('scale.slo_share', 0.05, 0.05, 0.05, 'of requests that may wait longer than the target'),
  troughCeiling: row('scale.trough', 0.9, 0.9, 0.95, 'utilization up to which troughs are filled'),
  // people
  fte: row('ops.fte', 0.5, 0.25, 1, 'full-time engineers'),
  fteCostUsd: row('ops.cost', 215_000, 180_000, 250_000, 'USD per engineer and year, all in'),
  setupWeeks: row('ops.setup', 8, 4, 12, 'engineer-weeks, once'),
  amortizedMonths: row('ops.amortized', 12, 12, 12, 'months over which the set-up is spread'),
} as const satisfies Readonly<Record<string, RangedParameter>>;

function row(id: string, value: number, low: number, high: number, unit: string): RangedParameter {
  return { id, value, low, high, unit, ...assumed };
}

function calibrated(id: string, value: number, low: number, high: number, unit: string): RangedParameter {
  return { ...row(id, value, low, high, unit), source: 'own calibration of the roofline against TensorRT-LLM v1.0' };
}
