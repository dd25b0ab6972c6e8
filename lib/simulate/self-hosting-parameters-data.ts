/**
 * What the functions of self-hosting assume where their caller gives nothing: rows of the parameter register by the names those functions use.
 * In: the register. Out: value, range, unit, source and date of each. Invariant: no number of its own stands here, so that the register is the
 * only place where one is changed. A range is what may be tried, not a confidence interval.
 */
import { HOSTING_PARAMETERS } from './parameters-hosting-data.ts';
import type { ParameterRow } from './parameter-row.ts';

export type RangedParameter = Pick<ParameterRow, 'id' | 'value' | 'low' | 'high' | 'unit' | 'source' | 'date' | 'kind'>;

type HostingId = (typeof HOSTING_PARAMETERS)[number]['id'];

export const SELF_HOSTING_PARAMETERS = {
  // throughput
  rateOffline: row('perf.derating_offline'),
  rateRelaxed: row('perf.derating_50ms'),
  rateTight: row('perf.derating_20ms'),
  // widens the upper side only: what newer software may add, where the register's value is what is counted on
  softwareGainPerYear: atHigh('perf.gain_per_year'),
  errorInRange: atHigh('perf.fit_error'),
  errorOutOfRange: atHigh('perf.fit_error_outside'),
  // roofline
  computeEfficiency: row('perf.compute_efficiency'),
  memoryEfficiency: row('perf.bandwidth_efficiency'),
  usableMemory: row('gpu.memory_share'),
  // purchase
  discount1y: row('gpu.discount_1y'),
  discount3y: row('gpu.discount_3y'),
  discountSpot: row('gpu.discount_spot'),
  interruptionsPerHour: row('gpu.spot_interruptions_per_h'),
  restartS: row('gpu.restart_s'),
  // fleet
  scaleUpS: row('scale.up_s'),
  scaleDownS: row('scale.down_s'),
  interactiveReplicas: row('scale.min_replicas'),
  deferrableReplicas: row('scale.min_replicas_deferrable'),
  lateShare: row('scale.slo_late_share'),
  troughCeiling: row('scale.trough_ceiling'),
  // people
  fte: row('ops.fte'),
  fteCostUsd: row('ops.usd_per_fte_year'),
  setupWeeks: row('ops.setup_weeks'),
  amortizedMonths: row('ops.setup_months'),
} as const satisfies Readonly<Record<string, RangedParameter>>;

function row(id: HostingId): RangedParameter {
  const found = HOSTING_PARAMETERS.find((parameter) => parameter.id === id);
  if (!found) throw new RangeError(`no parameter ${id}`);
  return found;
}

/** The far end of a row, for functions that take an error and not a value with its range. */
function atHigh(id: HostingId): RangedParameter {
  const { high, ...rest } = row(id);
  return { ...rest, value: high, high };
}
