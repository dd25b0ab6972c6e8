/**
 * The rule of thumb about the volume from which self-hosting pays: the day's rent ÷ the API's price of a query, beside what the GPUs can serve.
 * The API is not credited with its own optimizations here, so real volumes lie higher.
 */
import { claimOf, part, range } from './claim.ts';
import type { Claim } from './claim.ts';
import { HOURS_PER_DAY, crossoverPerDay, perQueryPico, picoOf, tokenCost } from './claim-arithmetic.ts';
import type { Lengths } from './claim-arithmetic.ts';
import { FOUR_A100, QUOTED_RENT, SERVED_70B, SERVED_8B, SHORT_QUERY, TWO_H100 } from './claim-fleets.ts';
import { dollarText } from './claim-text.ts';
import { FRONTIER, MODELS, SMALL } from './claims-data.ts';
import type { ModelPrice } from './claims-data.ts';
import { ASSUMED } from './claims-evidence-data.ts';
import { GPU_PEAKS, RENTS, THROUGHPUT } from './claims-hosting-data.ts';

const DAYS_PER_YEAR = 365;

/** From which volume self-hosting is said to pay, and from which it does. */
export function crossover(): Claim {
  const perDay = (usdPerHour: readonly number[]): number[] => usdPerHour.map((usd) => usd * HOURS_PER_DAY);
  const gpuDay = perDay(FOUR_A100);
  const smallDay = perDay(QUOTED_RENT.a10g);
  const against = (models: readonly ModelPrice[], lengths: Lengths, days: readonly number[]): number[] =>
    models.flatMap((model) => days.map((usd) => crossoverPerDay(usd, tokenCost(model, lengths))));
  const engineerDay = (ASSUMED.engineer.usdPerYear * ASSUMED.engineer.share) / DAYS_PER_YEAR;
  const eightDay = Number(RENTS.p4d.instanceUsdPerHour) * HOURS_PER_DAY;
  const modernDay = TWO_H100.usdPerHour * HOURS_PER_DAY;
  const modernFull = perQueryPico(TWO_H100.usdPerHour, TWO_H100.queriesPerHour);
  const api = tokenCost(MODELS.gpt4o, SHORT_QUERY);
  const oneReplica = crossoverPerDay(modernDay, api, modernFull);
  const extra = gpuDay.map((usd) => (engineerDay / usd) * 100).toSorted((a, b) => a - b);
  return claimOf(
    {
      id: 'crossover-volume',
      topic: 'self-hosting',
      claim: 'Self-hosting pays from 50,000–100,000 queries a day',
      quoted: [range('queries a day', 'queries/day', [50_000, 100_000])],
      recomputed: [
        range('short queries, against frontier models', 'queries/day', against(FRONTIER, SHORT_QUERY, gpuDay)),
        ...FRONTIER.map((model) =>
          part(range(`${model.name}, short queries`, 'queries/day', against([model], SHORT_QUERY, gpuDay))),
        ),
        range(
          'queries with context, against frontier models',
          'queries/day',
          against(FRONTIER, ASSUMED.longQuery, gpuDay),
        ),
        ...FRONTIER.map((model) =>
          part(
            range(`${model.name}, queries with context`, 'queries/day', against([model], ASSUMED.longQuery, gpuDay)),
          ),
        ),
        range('against small models, on four A100s', 'queries/day', against(SMALL, SHORT_QUERY, gpuDay)),
        part(range('four A100s serve at most', 'queries/day', perDay(SERVED_70B))),
        range('against small models, on one A10G', 'queries/day', against(SMALL, SHORT_QUERY, smallDay)),
        part(range('one A10G serves at most', 'queries/day', perDay(SERVED_8B))),
        range('a quarter of an engineer adds', '%', extra),
        range(
          'renting A100s by eight multiplies it by',
          'times',
          gpuDay.map((usd) => eightDay / usd),
        ),
        range('two H100s in FP8 against GPT-4o, 1 to 2 replicas', 'queries/day', [oneReplica, 2 * oneReplica]),
        part(
          range('as a load of that one replica', '%', [(oneReplica / HOURS_PER_DAY / TWO_H100.queriesPerHour) * 100]),
        ),
        range('two H100s in FP8 against GPT-4o mini', 'queries/day', [
          crossoverPerDay(modernDay, tokenCost(MODELS.gpt4oMini, SHORT_QUERY), modernFull),
        ]),
      ],
      why:
        `About right for queries of 1,000 to 2,000 tokens against frontier prices, with one replica and nobody paid to run it. ` +
        `Against small models the volume is mostly beyond what the GPUs serve: never. ` +
        `Rent, engineer (${dollarText(picoOf(engineerDay))} a day) and the second replica for availability all push it up.`,
    },
    [
      ...FRONTIER,
      ...SMALL,
      THROUGHPUT.llama70bBf16On4A100,
      THROUGHPUT.llama2At70bOn4A100,
      THROUGHPUT.llama8bBf16OnA6000,
      THROUGHPUT.llama70bFp8On2H100,
      GPU_PEAKS.a10g,
      GPU_PEAKS.a6000,
      RENTS.p4d,
      RENTS.p5,
      SHORT_QUERY,
      ASSUMED.longQuery,
      ASSUMED.engineer,
    ],
  );
}
