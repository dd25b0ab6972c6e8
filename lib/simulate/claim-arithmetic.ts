/**
 * The arithmetic behind the rules of thumb. Token costs are whole picodollars (a price per million with six decimals is a whole number of
 * picodollars per token). Modelled costs of rented GPUs are ratios of a rent and a throughput: numbers, turned into picodollars once.
 */
import { divideHalfEven, parseDecimal, picoFromUsd } from '../money.ts';
import { BATCH } from './claims-data.ts';
import type { ModelPrice } from './claims-data.ts';
import { GPU_PEAKS } from './claims-hosting-data.ts';
import type { GpuRent, Throughput } from './claims-hosting-data.ts';

export const SECONDS_PER_HOUR = 3_600;
export const HOURS_PER_DAY = 24;
const PICO_PER_USD = 1e12;

export interface Lengths {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** List price of some tokens, exact. */
export function tokenCost(model: ModelPrice, { inputTokens, outputTokens }: Lengths): bigint {
  const perToken = (usdPerMillion: string): bigint => {
    const pico = parseDecimal(usdPerMillion, 6);
    if (pico === null) throw new RangeError(`${model.name}: ${usdPerMillion} is not a price`);
    return pico;
  };
  return BigInt(inputTokens) * perToken(model.inputUsd) + BigInt(outputTokens) * perToken(model.outputUsd);
}

/** What a batch interface takes for something that costs `listPico`. */
export function batchCost(listPico: bigint): bigint {
  return divideHalfEven(listPico * BigInt(BATCH.percentOfList), 100n);
}

/** An amount written in USD. */
export function amountOf(usd: string): bigint {
  const pico = picoFromUsd(usd);
  if (pico === null) throw new RangeError(`${usd} is not an amount in USD`);
  return BigInt(pico);
}

/** A modelled amount in USD as picodollars. */
export function picoOf(usd: number): bigint {
  const pico = Math.round(usd * PICO_PER_USD);
  if (!Number.isSafeInteger(pico)) throw new RangeError(`${usd} USD is no modelled amount below 9,007 USD`);
  return BigInt(pico);
}

/** Rent of one GPU in USD per hour. */
export function rentPerGpu(rent: GpuRent): number {
  return Number(rent.instanceUsdPerHour) / rent.gpus;
}

/** Seconds one saturated replica spends per query: prefill, decode, and reading the context for each token decoded. */
export function secondsPerQuery(fit: Throughput, { inputTokens, outputTokens }: Lengths): number {
  const context = outputTokens * (inputTokens + outputTokens / 2);
  return (
    fit.usPerInputToken * 1e-6 * inputTokens +
    fit.usPerOutputToken * 1e-6 * outputTokens +
    fit.nsPerOutputTimesContext * 1e-9 * context
  );
}

export function queriesPerHour(fit: Throughput, lengths: Lengths): number {
  return SECONDS_PER_HOUR / secondsPerQuery(fit, lengths);
}

/** Queries per hour on an A10G, from a measurement on an A6000: slower by compute at worst, by bandwidth at best. */
export function onA10g(queriesPerHourOnA6000: number): readonly [number, number] {
  const { a10g, a6000 } = GPU_PEAKS;
  return [
    (queriesPerHourOnA6000 * a10g.denseTflops) / a6000.denseTflops,
    (queriesPerHourOnA6000 * a10g.bandwidthGbPerS) / a6000.bandwidthGbPerS,
  ];
}

/** Cost of a query where `perHour` of them share the rent of an hour. */
export function perQueryPico(rentUsdPerHour: number, perHour: number): bigint {
  return picoOf(rentUsdPerHour / perHour);
}

/** Queries a day from which a fixed daily cost is below the API's price per query; Infinity where one replica-second costs more than the API. */
export function crossoverPerDay(fixedUsdPerDay: number, apiPico: bigint, fullLoadPico: bigint | null = null): number {
  if (fullLoadPico !== null && fullLoadPico >= apiPico) return Infinity;
  return fixedUsdPerDay / (Number(apiPico) / PICO_PER_USD);
}

/** Share saved in percent where the new cost is the old one divided by `factor`. */
export function savedByFactor(factor: number): number {
  return (1 - 1 / factor) * 100;
}
