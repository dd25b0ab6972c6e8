/**
 * Images from an API or from own accelerators. In: prices per image in picodollars, hourly rents in USD, speed. Out: costs, images per hour,
 * crossover. Formulas: t = steps / (steps per s) · (pixels / reference)^e + t_text + t_vae; images per hour = 3600·u/t·batch
 * gain; USD per image = rent·t/(3600·u·batch gain). Invariant: hosting a model whose license does not allow it is never a saving; whether two
 * models make equally good images is not simulated. Errors of ±40 % are to be expected without own measurements of steps and sizes.
 */
import { IMAGE_LICENSES } from './image-models-data.ts';
import type { ImageModelLicense } from './image-models-data.ts';

export interface ImageWork {
  readonly steps: number;
  readonly stepsPerSecond: number;
  /** encoding the text and decoding the picture, where not part of the measured rate */
  readonly otherSeconds: number;
  /** pixels of the image over pixels at which the rate was measured */
  readonly pixelRatio: number;
  readonly pixelExponent: number;
}

/** Seconds of one accelerator for one image. */
export function secondsPerImage(work: ImageWork): number {
  return (work.steps / work.stepsPerSecond) * work.pixelRatio ** work.pixelExponent + work.otherSeconds;
}

export interface ImageHost {
  readonly pricePerHourUsd: number;
  /** share of the paid time in which images are made; its full load is 1 */
  readonly utilization: number;
  /** images per time at the batch size used, over one at a time */
  readonly batchGain: number;
}

export function imagesPerHour(seconds: number, { utilization, batchGain }: ImageHost): number {
  return ((3600 * utilization) / seconds) * batchGain;
}

/** Rent per image in USD; a modelled number, turned into picodollars where it meets money. */
export function hostedImageUsd(seconds: number, host: ImageHost): number {
  return host.pricePerHourUsd / imagesPerHour(seconds, host);
}

/**
 * Images per day from which on own accelerators cost no more than the API, for good: hosts come whole, so each further one is a step. Infinite
 * where even full ones cost more per image; `host.utilization` is the load at which another one is rented.
 */
export function imageCrossoverPerDay(seconds: number, host: ImageHost, apiUsd: number, fixedUsdPerDay: number): number {
  const perHostDay = imagesPerHour(seconds, host) * 24;
  const hostDayUsd = host.pricePerHourUsd * 24;
  const gainUsd = perHostDay * apiUsd - hostDayUsd;
  if (gainUsd <= 0) return Infinity;
  const firstVolume = (hosts: number): number => Math.floor((hosts - 1) * perHostDay) + 1;
  const costUsd = (hosts: number): number => hosts * hostDayUsd + fixedUsdPerDay;
  // n hosts win at every volume they serve iff n·hostDay + fixed ≤ (n − 1)·perHostDay·api, which holds from some n on; start at the last n
  // for which it does not, and let the whole images decide
  let hosts = Math.max(1, Math.ceil((perHostDay * apiUsd + fixedUsdPerDay) / gainUsd));
  while (hosts > 1 && costUsd(hosts) <= firstVolume(hosts) * apiUsd) hosts--;
  return Math.max(firstVolume(hosts), Math.ceil(costUsd(hosts) / apiUsd));
}

export interface LicenseGate {
  readonly isAllowed: boolean;
  readonly reason: string;
}

/** Whether a model may be hosted; a model whose license is not known may not. */
export function licenseGate(
  model: string,
  isCommercial: boolean,
  licenses: readonly ImageModelLicense[] = IMAGE_LICENSES,
): LicenseGate {
  const row = licenses.find((candidate) => candidate.model === model);
  if (row === undefined) return { isAllowed: false, reason: `the license of ${model} is not known here` };
  const isAllowed = row.allowsCommercialUse || !isCommercial;
  return { isAllowed, reason: `${row.license} ${isAllowed ? 'allows' : 'does not allow'} this use` };
}
