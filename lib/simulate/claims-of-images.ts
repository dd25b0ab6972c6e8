/** The rule of thumb about generated images: list prices per image, plans with hours, and rented GPUs at a usual load. */
import type { Pico } from '../money.ts';
import { claimOf, moneyRange, range } from './claim.ts';
import type { Claim, Figure } from './claim.ts';
import { HOURS_PER_DAY, SECONDS_PER_HOUR, amountOf, perQueryPico, rentPerGpu } from './claim-arithmetic.ts';
import { figureText, numberText } from './claim-text.ts';
import { IMAGES } from './claims-data.ts';
import { ASSUMED } from './claims-evidence-data.ts';
import { RENTS } from './claims-hosting-data.ts';
import type { GpuRent } from './claims-hosting-data.ts';

/** What an image costs. */
export function claimOfImages(): Claim {
  const listed = (what: string, usd: readonly string[]): Figure => moneyRange(what, 'USD/image', usd.map(amountOf));
  const load = ASSUMED.load.typicalPercent / 100;
  const rented = (rent: GpuRent, secondsPerImage: number): Pico =>
    perQueryPico(rentPerGpu(rent), (SECONDS_PER_HOUR * load) / secondsPerImage);
  const perPlan = IMAGES.midjourney.plans.map(({ usdPerMonth, images }) => amountOf(usdPerMonth) / BigInt(images));
  const atLoad = `at ${ASSUMED.load.typicalPercent}% load`;
  const daily = rentPerGpu(RENTS.g6e) * HOURS_PER_DAY;
  const apiUsd = IMAGES.apiForCrossover.usd;
  const crossover = range(`that L40S pays against $${apiUsd} an image from`, 'images/day', [daily / Number(apiUsd)]);
  const prices = [IMAGES.gptImage2, IMAGES.gptImageMini, IMAGES.imagen4, IMAGES.geminiImage].flatMap(({ usd }) =>
    usd.map(Number),
  );
  const [cheapest, dearest] = [Math.min(...prices), Math.max(...prices)];
  return claimOf(
    {
      id: 'image-prices',
      topic: 'images',
      claim: 'An image costs $0.04–0.08 (DALL-E 3)',
      quoted: [range('per image', 'USD/image', [0.04, 0.08])],
      recomputed: [
        listed('DALL-E 3, square to HD wide', IMAGES.dallE3.usd),
        listed('gpt-image-2, low to high quality', IMAGES.gptImage2.usd),
        listed('GPT Image 1 Mini', IMAGES.gptImageMini.usd),
        listed('Imagen 4, Fast to Ultra', IMAGES.imagen4.usd),
        listed('Gemini image models', IMAGES.geminiImage.usd),
        moneyRange('Midjourney plans, all hours used', 'USD/image', perPlan),
        moneyRange(`FLUX.1 on one H100 ${atLoad}`, 'USD/image', [rented(RENTS.p5, IMAGES.fluxOnH100.secondsPerImage)]),
        moneyRange(`FLUX.1 on one L40S ${atLoad}`, 'USD/image', [rented(RENTS.g6e, IMAGES.fluxOnL40s.secondsPerImage)]),
        crossover,
      ],
      why:
        `Right for the common sizes of one model of 2023; its HD wide images cost $${IMAGES.dallE3.usd.at(-1)}. Between the models and qualities ` +
        `listed here prices differ by up to ${numberText(dearest / cheapest)} times, so a price that names neither says little. ` +
        `Own GPUs can be cheaper, from ${figureText(crossover)}, if the license allows it: FLUX.1-dev does not for commercial use.`,
    },
    [...Object.values(IMAGES), RENTS.p5, RENTS.g6e, ASSUMED.load],
  );
}
