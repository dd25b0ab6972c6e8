/**
 * A fleet option of the config with its numbers looked up: the replica, measured or extrapolated, the instance and its rent, how replicas lie on
 * it, and, under the parameters of a run, purchase, staff and bounds. In: an option, parameter values. Out: what the functions of fleets and costs
 * take. Invariant: every number is measured, a data sheet's, config's or a parameter of the register, and `hostingKnobs` names all of the latter.
 */
import type { HostingOption } from '../config-hosting.ts';
import { Misconfigured } from '../errors.ts';
import { extrapolatedReplica } from './extrapolated-replica.ts';
import type { ExtrapolatedReplica } from './extrapolated-replica.ts';
import type { WaitTarget } from './fleet.ts';
import { placementOf } from './gpu-cost.ts';
import type { Placement, Purchase, Staff } from './gpu-cost.ts';
import { GPU_INSTANCE_PRICES, instancePrice } from './gpu-prices-data.ts';
import type { GpuInstancePrice } from './gpu-prices-data.ts';
import type { ParameterId } from './parameters-data.ts';
import { anchorOf } from './throughput-data.ts';
import type { ThroughputAnchor } from './throughput-data.ts';

/** The value of a parameter in a run. */
export type HostingValues = (id: ParameterId) => number;

export interface HostingSetup {
  readonly anchor: ThroughputAnchor | ExtrapolatedReplica;
  readonly price: Pick<GpuInstancePrice, 'instance' | 'onDemandUsdPerHour'>;
  readonly placement: Placement;
}

/** Usable share of saturation by latency class. */
const DERATING = {
  offline: 'perf.derating_offline',
  relaxed: 'perf.derating_50ms',
  tight: 'perf.derating_20ms',
} as const satisfies Readonly<Record<HostingOption['latencyClass'], ParameterId>>;

const DISCOUNTS = {
  savings_1y: 'gpu.discount_1y',
  savings_3y: 'gpu.discount_3y',
  spot: 'gpu.discount_spot',
} as const satisfies Readonly<Record<Exclude<Purchase['kind'], 'on_demand'>, ParameterId>>;

/** Whether nobody measured a replica. */
export function isExtrapolated(anchor: HostingSetup['anchor']): anchor is ExtrapolatedReplica {
  return 'roofline' in anchor;
}

/**
 * Looks up replica and instance. Throws `Misconfigured`, naming `path`, where the replica was measured (or is to be) on other GPUs than the instance
 * has, and where no peak of its arithmetic is listed.
 */
export function hostingSetup(option: HostingOption, path: string = pathOf(option)): HostingSetup {
  const { replica, instance, usdPerHour } = option;
  const anchor = typeof replica === 'string' ? anchorOf(replica) : extrapolatedReplica(replica, `${path}.replica`);
  if (typeof instance !== 'string' && usdPerHour !== undefined) {
    throw new Misconfigured(`${path}.usdPerHour: an instance of your own has its rent in ${path}.instance.usdPerHour`, {
      hint: 'leave one of the two out',
    });
  }
  const rented = typeof instance === 'string' ? instancePrice(instance) : instance;
  if (rented.gpu !== anchor.gpu) {
    const listed = GPU_INSTANCE_PRICES.filter(({ gpu }) => gpu === anchor.gpu).map((row) => row.instance);
    const valid = [...listed, `{ "gpu": "${anchor.gpu}", "gpus": …, "usdPerHour": … }`].join(', ');
    const what = typeof replica === 'string' ? `${replica} was measured on` : `${path}.replica.gpu is`;
    throw new Misconfigured(
      `${path}.instance: ${what} ${anchor.gpu}, the instance has ${rented.gpu}; valid: ${valid}`,
      { hint: 'take an instance with the GPUs of the replica, or a replica measured on the GPUs of the instance' },
    );
  }
  return {
    anchor,
    price:
      typeof instance === 'string'
        ? { instance, onDemandUsdPerHour: usdPerHour ?? instancePrice(instance).onDemandUsdPerHour }
        : { instance: `${instance.gpus} x ${instance.gpu}`, onDemandUsdPerHour: instance.usdPerHour },
    placement: placementOf(anchor.replicaGpus, rented.gpus),
  };
}

/** Usable share of a saturated replica. */
export function usableShare(option: HostingOption, values: HostingValues): number {
  return values(DERATING[option.latencyClass]);
}

/** The purchase with every number filled in. */
export function purchaseOf({ purchase }: HostingOption, values: HostingValues): Purchase {
  if (purchase.kind === 'on_demand') return purchase;
  const discount = purchase.discount ?? values(DISCOUNTS[purchase.kind]);
  if (purchase.kind !== 'spot') return { kind: purchase.kind, discount };
  return {
    kind: 'spot',
    discount,
    interruptionsPerHour: purchase.interruptionsPerHour ?? values('gpu.spot_interruptions_per_h'),
    restartS: purchase.restartSeconds ?? values('gpu.restart_s'),
    lostWorkS: purchase.lostWorkSeconds,
  };
}

/** People of a run. */
export function staffOf(values: HostingValues): Staff {
  return {
    fte: values('ops.fte'),
    fteCostUsd: values('ops.usd_per_fte_year'),
    setupWeeks: values('ops.setup_weeks'),
    amortizedMonths: values('ops.setup_months'),
  };
}

/** How long calls may wait for a replica. */
export function waitTargetOf({ maxWaitSeconds, lateShare }: HostingOption, values: HostingValues): WaitTarget {
  return {
    maxWaitS: maxWaitSeconds ?? values('scale.slo_wait_s'),
    lateShare: lateShare ?? values('scale.slo_late_share'),
  };
}

/** Replicas that always run. */
export function minimumReplicasOf(option: HostingOption, isInteractive: boolean, values: HostingValues): number {
  return option.minimumReplicas ?? values(isInteractive ? 'scale.min_replicas' : 'scale.min_replicas_deferrable');
}

/** Share of the answers that are accepted, from 0 to 1. */
export function acceptedShareOf({ acceptedPercent }: HostingOption): number {
  return (typeof acceptedPercent === 'number' ? acceptedPercent : acceptedPercent.value) / 100;
}

/** The parameters of the register that a fleet of this option hangs on. */
export function hostingKnobs(option: HostingOption): readonly ParameterId[] {
  const { purchase, capacity } = option;
  const knobs: ParameterId[] = [
    DERATING[option.latencyClass],
    ...speedKnobs(option.replica),
    'ops.fte',
    'ops.usd_per_fte_year',
    'ops.setup_weeks',
    'ops.setup_months',
  ];
  if (purchase.kind !== 'on_demand' && purchase.discount === undefined) knobs.push(DISCOUNTS[purchase.kind]);
  if (purchase.kind === 'spot' && purchase.interruptionsPerHour === undefined) {
    knobs.push('gpu.spot_interruptions_per_h');
  }
  if (purchase.kind === 'spot' && purchase.restartSeconds === undefined) knobs.push('gpu.restart_s');
  if (capacity !== 'static') knobs.push('scale.up_s');
  if (capacity === 'autoscaled') knobs.push('scale.down_s');
  if (capacity === 'scheduled') knobs.push('scale.schedule_quantile');
  if (option.minimumReplicas === undefined) {
    knobs.push('scale.min_replicas');
    if (option.fillTroughs) knobs.push('scale.min_replicas_deferrable');
  }
  if (option.maxWaitSeconds === undefined) knobs.push('scale.slo_wait_s');
  if (option.lateShare === undefined) knobs.push('scale.slo_late_share');
  if (option.fillTroughs) knobs.push('scale.deferrable_wait_s', 'scale.trough_ceiling');
  return knobs;
}

function speedKnobs(replica: HostingOption['replica']): readonly ParameterId[] {
  if (typeof replica === 'string') return ['perf.fit_error', 'perf.fit_error_outside', 'perf.gain_per_year'];
  return [
    'perf.roofline_error',
    'perf.compute_efficiency',
    'perf.bandwidth_efficiency',
    ...(replica.sequences === undefined ? (['gpu.memory_share'] as const) : []),
  ];
}

function pathOf({ name }: HostingOption): string {
  return `simulate.selfHosting.fleets (${JSON.stringify(name)})`;
}
