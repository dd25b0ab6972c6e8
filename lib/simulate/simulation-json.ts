/**
 * A simulation as the JSON that `simulate --format json` prints: a contract, others read it. Money is decimal text in USD, shares and seconds
 * are numbers, what is not known is null. In: a `Simulation`. Out: plain data.
 */
import { usdText } from '../money.ts';
import type { Backtest, NoBacktest } from './backtest.ts';
import type { BatchBound, BatchEvidence } from './batch-evidence.ts';
import { calibrationJson } from './cache-calibration.ts';
import { hostingJson } from './hosting-json.ts';
import type { FleetFinding } from './hosting-pools.ts';
import type { ImageMoveFinding } from './image-effects.ts';
import type { SimilarFindings } from './lever-evidence.ts';
import type { LeverFinding } from './lever-findings.ts';
import type { RewriteRow } from './measured-rewrites.ts';
import type { MoveFinding } from './move-findings.ts';
import type { Range } from './plan-ranges.ts';
import type { Parameter } from './parameters.ts';
import type { IntervalRefusal, SavingRanges } from './saving-interval.ts';
import type { Simulation } from './simulate.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The whole answer. */
export function simulationJson(simulation: Simulation): Json {
  const { plan, ranges, groups } = simulation;
  return {
    period: { from: simulation.from, to: simulation.to },
    scenario: simulation.scenario,
    calls: simulation.calls,
    sampling: samplingJson(simulation.sampling),
    baseline_cost: usdText(plan.baselinePico),
    not_simulated_cost: usdText(simulation.keptPico),
    levers: simulation.levers.map(leverJson),
    plan: {
      levers: [...plan.chosen],
      saving: usdText(plan.savingPico),
      cash_saving: usdText(groups.reduce((sum, { cash }) => sum + cash.cashPico, 0n)),
      blocked_by: [...new Set(groups.flatMap(({ cash }) => cash.blockedBy))],
      overlap: usdText(plan.overlapPico),
      low: boundJson(ranges.plan, 'lowPico'),
      high: boundJson(ranges.plan, 'highPico'),
      interval: intervalJson(ranges.interval),
      month: intervalJson(ranges.month),
      backtest: backtestJson(ranges.backtest),
      by_team_and_model: groups
        .filter(({ savingPico }) => savingPico !== 0n)
        .map(({ team, provider, account, model, baselinePico, savingPico, cash }) => ({
          team,
          provider,
          account,
          model,
          baseline_cost: usdText(baselinePico),
          saving: usdText(savingPico),
          cash_saving: usdText(cash.cashPico),
          blocked_by: [...cash.blockedBy],
        })),
      tornado: ranges.tornado.map(({ name, low, value, high, outcomeAtLow, outcomeAtHigh }) => ({
        parameter: name,
        low,
        value,
        high,
        saving_at_low: usdText(BigInt(Math.round(outcomeAtLow))),
        saving_at_high: usdText(BigInt(Math.round(outcomeAtHigh))),
      })),
    },
    parameters: simulation.parameters.rows.map(parameterJson),
    evidence: {
      ...(simulation.evidence as unknown as { readonly [name: string]: Json }),
      prefix_cache: {
        ...(simulation.evidence.prefix_cache as unknown as { readonly [name: string]: Json }),
        calibration: calibrationJson(simulation.calibration),
      },
      self_hosting: {
        ...(simulation.evidence.self_hosting as unknown as { readonly [name: string]: Json }),
        fleets: simulation.fleets.map(fleetJson),
        quantization: QUANTIZATION_NOTE,
      },
      prompt_optimization: simulation.rewrites === null ? null : { measured: simulation.rewrites.map(rewriteJson) },
      semantic_cache: similarJson(simulation.similar),
      model_choice: simulation.quality.map(({ from, to, task, status, low, high }) => ({
        from,
        to,
        task,
        quality: status,
        pass_rate_difference_low: low,
        pass_rate_difference_high: high,
      })),
      model_moves: simulation.moves.map(moveJson),
      image_generation: simulation.images.map(imageJson),
      batch: batchJson(simulation.batch),
      prompt_waste: simulation.waste.map(({ stream, calls, costPico, detector, evidence }) => ({
        ...stream,
        calls,
        cost: usdText(costPico),
        sign: detector,
        numbers: { ...evidence },
      })),
    },
  };
}

function rewriteJson({ application, team, model, calls, tokensBefore, inputTokens, saved, ...kept }: RewriteRow): Json {
  return {
    application,
    team,
    model,
    calls,
    tokens_before: tokensBefore,
    input_tokens: inputTokens,
    saved_by_json: saved.json,
    saved_by_whitespace: saved.whitespace,
    saved_by_repeats: saved.repeated,
    kept_percent: kept.keptPercent,
    low: kept.low,
    high: kept.high,
  };
}

function moveJson(finding: MoveFinding): Json {
  const { offer, share } = finding;
  return {
    from: finding.from,
    to: finding.to,
    provider: finding.provider,
    calls: finding.calls,
    calls_moving: finding.moving,
    calls_kept_back: finding.keptBack,
    kept_back: { ...finding.reasons },
    calls_without_price: finding.unpriced,
    limits: {
      context_tokens: offer?.contextTokens ?? null,
      output_tokens: offer?.maximumOutputTokens ?? null,
      tools: offer?.tools ?? null,
      source: offer?.source ?? null,
    },
    cost: usdText(finding.strongPico),
    cost_there: usdText(finding.weakPico),
    moved_share: share.value,
    moved_share_low: share.low,
    moved_share_high: share.high,
    break_even_strong_share: finding.breakEvenStrongShare,
    break_even_escalated_share: finding.breakEvenEscalatedShare,
  };
}

function similarJson(similar: SimilarFindings | null): Json {
  if (similar === null) return null;
  const { threshold, reason, hits, hitsAfterExact, neighbors } = similar;
  return {
    threshold: threshold?.threshold ?? null,
    checked_pairs: threshold?.checked ?? null,
    wrong_pairs: threshold?.errors ?? null,
    wrong_share_upper: threshold?.upperFalseShare ?? null,
    reason,
    hits,
    hits_after_exact_cache: hitsAfterExact,
    neighbor_rows: neighbors.rows,
    rows_outside_period: neighbors.rowsOutsideLog,
    unknown_neighbors: neighbors.unknownNeighbors,
  };
}

function samplingJson(sampling: Simulation['sampling']): Json {
  if (sampling === null) return null;
  const { rate, sampledCalls, calls, standardErrorPico, notSampled, wholePeriod } = sampling;
  return {
    rate,
    sampled_calls: sampledCalls,
    single_calls: calls,
    standard_error: usdText(standardErrorPico),
    not_sampled: notSampled.map(({ team, provider, account, model }) => ({ team, provider, account, model })),
    whole_period: {
      repeats: [...wholePeriod.repeats],
      reuse_gaps: [...wholePeriod.reuse_gaps],
      demand: [...wholePeriod.demand],
    },
  };
}

const QUANTIZATION_NOTE =
  'fewer bits per weight change what own accelerators cost; of an API bill they save nothing, whatever the provider runs';

function fleetJson({ option, fleet, crossover, loggedPico, savingPico, ifSpeedErrs, isCandidate }: FleetFinding): Json {
  return {
    ...(hostingJson(option, fleet, crossover) as { readonly [name: string]: Json }),
    cost_at_provider: usdText(loggedPico),
    saving_alone: usdText(savingPico),
    saving_alone_if_slow: ifSpeedErrs && usdText(ifSpeedErrs.slowPico),
    saving_alone_if_fast: ifSpeedErrs && usdText(ifSpeedErrs.fastPico),
    may_be_rented: isCandidate,
  };
}

function imageJson(finding: ImageMoveFinding): Json {
  const { hosted } = finding;
  return {
    from: finding.from,
    to: finding.to,
    hosted:
      hosted === null
        ? null
        : {
            model: hosted.model,
            instance: hosted.instance,
            seconds_per_image: hosted.secondsPerImage,
            images_per_instance_hour: hosted.imagesPerInstanceHour,
            instances: hosted.instances,
            hours: hosted.hours,
            rent: usdText(hosted.rentPico),
            price_per_image_at_planned_load: usdText(hosted.pricePico),
            price_per_image_as_paid: moneyJson(hosted.paidPico),
            busiest_hour_load: hosted.busiestHourLoad,
            // JSON knows no infinity: null is never, or not known
            crossover_images_per_day: Number.isFinite(finding.crossoverPerDay) ? finding.crossoverPerDay : null,
          },
    calls: finding.calls,
    calls_staying: finding.staying,
    images: finding.images,
    cost: usdText(finding.loggedPico),
    cost_there: moneyJson(finding.movedPico),
    saving: usdText(finding.savingPico),
    reason: finding.reason,
  };
}

function batchJson({ floor, ceiling, candidates }: BatchEvidence): Json {
  const bound = ({ calls, costPico, savingPico }: BatchBound): Json => ({
    calls,
    cost: usdText(costPico),
    saving: usdText(savingPico),
  });
  return {
    floor: bound(floor),
    ceiling: bound(ceiling),
    candidates: candidates.map((candidate) => ({
      application: candidate.application,
      team: candidate.team,
      provider: candidate.provider,
      model: candidate.model,
      calls: candidate.calls,
      cost: usdText(candidate.costPico),
      from_hour: candidate.fromHour,
      window_share: candidate.windowShare,
      days: candidate.days,
      days_of_log: candidate.daysOfLog,
      median_gap_seconds: candidate.medianGapSeconds,
    })),
  };
}

function leverJson(finding: LeverFinding): Json {
  return {
    lever: finding.lever,
    basis: finding.basis,
    in_plan: finding.isInPlan,
    calls: finding.calls,
    saving: moneyJson(finding.savingPico),
    saving_alone: moneyJson(finding.alonePico),
    saving_last: moneyJson(finding.lastPico),
    low: boundJson(finding.range, 'lowPico'),
    high: boundJson(finding.range, 'highPico'),
    assumptions: [...finding.assumptions],
    why: finding.why,
    to_know: finding.toKnow,
    page: finding.page,
    illustration:
      finding.illustration === undefined
        ? null
        : {
            calls: finding.illustration.calls,
            low: usdText(finding.illustration.lowPico),
            value: usdText(finding.illustration.valuePico),
            high: usdText(finding.illustration.highPico),
            without_calls: [...finding.illustration.withoutCalls],
          },
  };
}

function moneyJson(pico: bigint | null): Json {
  return pico === null ? null : usdText(pico);
}

function boundJson(range: Range | null, bound: keyof Range): Json {
  return range === null ? null : usdText(range[bound]);
}

function intervalJson(interval: SavingRanges | IntervalRefusal): Json {
  if (interval.kind === 'refused') return { refused: interval.reason, message: interval.message };
  const { unit, method, clusters, effectiveClusters, effectiveCalls, daysWithCost, isFewDays } = interval;
  return {
    unit,
    method,
    clusters,
    effective_clusters: effectiveClusters,
    effective_calls: effectiveCalls,
    days: daysWithCost,
    few_days: isFewDays,
  };
}

function backtestJson(backtest: Backtest | NoBacktest): Json {
  if (backtest.kind === 'not_testable') return { message: backtest.message };
  return {
    forecast_share: backtest.forecastShare,
    actual_share: backtest.actualShare,
    forecast_saving: usdText(backtest.forecastSavingPico),
    actual_saving: usdText(backtest.actualSavingPico),
    error_points: backtest.errorPoints,
    relative_error: backtest.relativeError,
  };
}

function parameterJson({ id, value, low, high, unit, kind, origin, source, date }: Parameter): Json {
  return { id, value, low, high, unit, kind, origin, source, date };
}
