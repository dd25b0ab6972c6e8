/**
 * Images on rented accelerators: how many instances they need, what these cost, and what part of it each call bears. In: a model's measured speed,
 * the calls' images, the hours of the period. Out: facts and exact shares. Two prices are told apart: `pricePico`, an image at the load that
 * config plans for (rent · seconds / (3600 · utilization · batch gain)), and `paidPico`, the rent of whole instances over the images that were
 * really made. Only the rent is paid. Invariant: shares sum to the rent; they go by images. Waiting is not simulated: `busiestHourLoad` above 1 means
 * that somebody waits.
 */
import { Misconfigured } from '../errors.ts';
import { divideHalfEven, splitByWeights } from '../money.ts';
import { computeCostPico } from './gpu-cost.ts';
import type { GpuInstancePrice } from './gpu-prices-data.ts';
import { GPU_INSTANCE_PRICES } from './gpu-prices-data.ts';
import { hostedImageUsd, imageCrossoverPerDay, imagesPerHour, secondsPerImage } from './images.ts';

/** As config `simulate.imageGeneration[].hosted` names it. */
export interface HostedImageModel {
  readonly model: string;
  readonly instance: string;
  readonly stepsPerSecond: number;
  readonly steps: number;
  readonly otherSeconds?: number | undefined;
  readonly pixelRatio?: number | undefined;
  readonly utilizationPercent: number;
  readonly batchGain?: number | undefined;
  /** whether the images serve a business: decides over the license */
  readonly commercial: boolean;
}

export interface HostedFleet {
  readonly model: string;
  readonly instance: string;
  /** of one accelerator */
  readonly secondsPerImage: number;
  /** of one instance, at the utilization of the config */
  readonly imagesPerInstanceHour: number;
  readonly instances: number;
  readonly hours: number;
  /** whole instances for the whole period: what is paid */
  readonly rentPico: bigint;
  /** an image at the utilization of the config */
  readonly pricePico: bigint;
  /** an image as paid: rent over images made; null where none was */
  readonly paidPico: bigint | null;
  /** images of the busiest hour over those the instances make in one hour without a pause */
  readonly busiestHourLoad: number;
}

export interface MadeImages {
  readonly timeMs: number;
  readonly images: number;
}

export interface HostedPeriod {
  readonly periodHours: number;
  readonly pixelExponent: number;
  /** where in the config the model is named */
  readonly path: string;
}

const MS_PER_HOUR = 3_600_000;
const PICO_PER_USD = 1e12;
/** Instances that are just full must not become one more by the last digit of a quotient. */
const ROUNDING = 1e-12;

/** Instances for these images and what each call bears, in the order of `made`. */
export function hostedImages(
  hosted: HostedImageModel,
  made: readonly MadeImages[],
  { periodHours, pixelExponent, path }: HostedPeriod,
): { readonly facts: HostedFleet; readonly sharesPico: readonly bigint[] } {
  if (!(periodHours > 0)) throw new RangeError(`a period of ${periodHours} hours rents nothing`);
  const price = listedPrice(hosted.instance, path);
  const { otherSeconds = 0, pixelRatio = 1, batchGain = 1 } = hosted;
  const seconds = secondsPerImage({ ...hosted, otherSeconds, pixelRatio, pixelExponent });
  const host = {
    pricePerHourUsd: Number(price.onDemandUsdPerHour) / price.gpus,
    utilization: hosted.utilizationPercent / 100,
    batchGain,
  };
  const perInstanceHour = imagesPerHour(seconds, host) * price.gpus;
  const images = made.reduce((sum, each) => sum + each.images, 0);
  const needed = images / (perInstanceHour * periodHours);
  const instances = images === 0 ? 0 : Math.max(1, Math.ceil(needed * (1 - ROUNDING)));
  const rentPico = computeCostPico({
    price,
    purchase: { kind: 'on_demand' },
    instanceHours: instances * periodHours,
  });
  const fullHour = instances * price.gpus * imagesPerHour(seconds, { ...host, utilization: 1 });
  return {
    facts: {
      model: hosted.model,
      instance: hosted.instance,
      secondsPerImage: seconds,
      imagesPerInstanceHour: perInstanceHour,
      instances,
      hours: periodHours,
      rentPico,
      pricePico: BigInt(Math.round(hostedImageUsd(seconds, host) * PICO_PER_USD)),
      paidPico: images === 0 ? null : divideHalfEven(rentPico, BigInt(images)),
      busiestHourLoad: instances === 0 ? 0 : busiestHour(made) / fullHour,
    },
    sharesPico: splitByWeights(
      rentPico,
      made.map((each) => BigInt(each.images)),
    ),
  };
}

/** Images a day from which on whole instances are no dearer than `apiUsd` for each image, for good; infinite: never. People are not counted. */
export function hostedImageCrossover(
  hosted: HostedImageModel,
  apiUsd: number,
  { pixelExponent, path }: Omit<HostedPeriod, 'periodHours'>,
): number {
  const price = listedPrice(hosted.instance, path);
  const { otherSeconds = 0, pixelRatio = 1, batchGain = 1 } = hosted;
  const instance = {
    pricePerHourUsd: Number(price.onDemandUsdPerHour),
    utilization: hosted.utilizationPercent / 100,
    batchGain: batchGain * price.gpus,
  };
  return imageCrossoverPerDay(
    secondsPerImage({ ...hosted, otherSeconds, pixelRatio, pixelExponent }),
    instance,
    apiUsd,
    0,
  );
}

function listedPrice(instance: string, path: string): GpuInstancePrice {
  const found = GPU_INSTANCE_PRICES.find((row) => row.instance === instance);
  if (found === undefined) {
    const listed = GPU_INSTANCE_PRICES.map((row) => row.instance).join(', ');
    throw new Misconfigured(`${path}.instance: no price is listed for it; listed: ${listed}`, {
      hint: 'take the listed instance with the accelerator you measured on',
    });
  }
  return found;
}

function busiestHour(made: readonly MadeImages[]): number {
  const byHour = new Map<number, number>();
  let most = 0;
  for (const { timeMs, images } of made) {
    const hour = Math.floor(timeMs / MS_PER_HOUR);
    const sum = (byHour.get(hour) ?? 0) + images;
    byHour.set(hour, sum);
    most = Math.max(most, sum);
  }
  return most;
}
