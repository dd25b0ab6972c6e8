/**
 * A fleet as plain data: one entry of `evidence.self_hosting.fleets` in the JSON of `simulate`. In: option, fleet, crossover. Out: JSON in which
 * money is decimal text in USD. Invariant: what is not known is null, and numbers of the fleet come with the source of its speed and its rent.
 */
import type { HostingOption } from '../config-hosting.ts';
import { usdText } from '../money.ts';
import { ROOFLINE_SOURCE } from './extrapolated-replica.ts';
import { acceptedShareOf, hostingKnobs, hostingSetup, isExtrapolated } from './hosting-option.ts';
import type { HostingSetup } from './hosting-option.ts';
import type { HostedFleet } from './hosted-fleet.ts';
import type { HostingCrossover } from './hosting-crossover.ts';
import { gpuSpec } from './gpu-specs-data.ts';
import { QUANTIZATION_QUALITY } from './quantization-data.ts';
import { otherPrecisions, recommendedPrecision } from './quantization.ts';
import type { QuantizedReplica } from './quantization.ts';
import type { Json } from './simulation-json.ts';

/** The entry of one fleet. */
export function hostingJson(option: HostingOption, fleet: HostedFleet, crossover: HostingCrossover | null): Json {
  const { anchor, price, placement } = hostingSetup(option);
  return {
    name: option.name,
    models: [...option.models],
    replica: replicaJson(anchor, fleet),
    other_precisions: isExtrapolated(anchor) ? [] : otherPrecisions(anchor).map(precisionJson),
    recommended_precision: {
      saturated: recommendedPrecision(gpuSpec(anchor.gpu), 'saturated'),
      synchronous: recommendedPrecision(gpuSpec(anchor.gpu), 'synchronous'),
    },
    instance: price.instance,
    usd_per_hour: price.onDemandUsdPerHour,
    replicas_per_instance: placement.replicasPerInstance,
    instances_per_replica: placement.instancesPerReplica,
    purchase: option.purchase.kind,
    capacity: option.capacity,
    latency_class: option.latencyClass,
    accepted_share: acceptedShareOf(option),
    calls: fleet.workS.length,
    deferrable_calls: fleet.deferrableCalls,
    cost: usdText(fleet.totalPico),
    rent: usdText(fleet.rentPico),
    engineering: usdText(fleet.engineeringPico),
    setup: usdText(fleet.setupPico),
    replicas: fleet.replicas,
    replicas_for_waits: fleet.replicasForWaits,
    minimum_replicas: fleet.minimumReplicas,
    replicas_erlang_c: fleet.erlangReplicas,
    instances: fleet.instances,
    instance_hours: fleet.instanceHours,
    utilization: fleet.utilization,
    mean_wait_s: fleet.meanWaitS,
    late_share: fleet.lateShare,
    meets_wait_target: fleet.meetsTarget,
    deferrable_fits: fleet.deferrableFits,
    crossover: crossover === null ? null : crossoverJson(crossover),
    parameters: [...hostingKnobs(option)],
    warnings: [...fleet.warnings],
  };
}

/** What an extrapolated replica has and a measured one has not is null in the other. */
function replicaJson(anchor: HostingSetup['anchor'], { sequences }: HostedFleet): Json {
  const measured = isExtrapolated(anchor) ? null : anchor;
  const extrapolated = isExtrapolated(anchor) ? anchor : null;
  return {
    id: measured?.id ?? null,
    model: anchor.model,
    precision: anchor.precision,
    gpu: anchor.gpu,
    gpus: anchor.replicaGpus,
    engine: measured && [measured.engine, measured.engineVersion].filter((part) => part !== null).join(' '),
    measured_at: measured?.measuredAt ?? null,
    source: measured?.source ?? ROOFLINE_SOURCE,
    quality_of_precision: QUANTIZATION_QUALITY[anchor.precision],
    speed_basis: measured ? 'measured' : 'extrapolated',
    sequences,
    context_tokens: extrapolated?.contextTokens ?? null,
  };
}

/** What another form of the weights would do. `replica` is what config names where it was measured. */
function precisionJson({ speed, savedShare, speedBasis, anchor, ...replica }: QuantizedReplica): Json {
  return {
    precision: replica.precision,
    gpus: replica.gpus,
    speed_basis: speedBasis,
    replica: speedBasis === 'measured' ? (anchor?.id ?? null) : null,
    input_us: speed?.inputUs ?? null,
    output_us: speed?.outputUs ?? null,
    context_ns: speed?.contextNs ?? null,
    saved_share_low: savedShare.saturated?.low ?? null,
    saved_share_high: savedShare.saturated?.high ?? null,
    saved_share_synchronous_low: savedShare.synchronous?.low ?? null,
    saved_share_synchronous_high: savedShare.synchronous?.high ?? null,
    quality_of_precision: replica.quality,
    source: replica.sources.join('; '),
  };
}

function crossoverJson(crossover: HostingCrossover): Json {
  return {
    requests_per_day: crossover.requestsPerDay,
    first_requests_per_day: crossover.firstRequestsPerDay,
    full_load_requests_per_day: crossover.fullLoadRequestsPerDay,
    log_requests_per_day: crossover.logRequestsPerDay,
    reason: crossover.reason,
    assumes: crossover.assumes,
    assumed_requests_per_s: crossover.assumedRequestsPerSecond,
    load_basis: crossover.loadBasis,
    requires: crossover.requires,
    utilization: crossover.utilization,
  };
}
