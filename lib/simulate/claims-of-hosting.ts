/**
 * Rules of thumb about running models on rented GPUs. A query costs rent ÷ queries served in the hour, so every figure hangs on the load;
 * throughput at saturation comes from fits to published measurements (`claims-hosting-data.ts`).
 */
import { claimOf, moneyRange, part, range } from './claim.ts';
import type { Claim } from './claim.ts';
import { onA10g, perQueryPico, picoOf, queriesPerHour, rentPerGpu } from './claim-arithmetic.ts';
import { FOUR_A100, QUOTED_RENT, SERVED_70B, SERVED_8B, SHORT_QUERY, TWO_H100 } from './claim-fleets.ts';
import { crossover } from './claim-of-crossover.ts';
import { dollarText, figureText, numberText } from './claim-text.ts';
import { ASSUMED, MEASURED } from './claims-evidence-data.ts';
import { GPU_PEAKS, RENTS, THROUGHPUT } from './claims-hosting-data.ts';
import type { GpuRent } from './claims-hosting-data.ts';

const QUIET_PER_HOUR = 100;

/** The claims about rented GPUs, in the order they are read. */
export function claimsOfHosting(): Claim[] {
  return [rents(), seventyB(), eightB(), quantizedSevenB(), crossover()];
}

function rents(): Claim {
  const smallest = picoOf(Number(RENTS.p4d.instanceUsdPerHour));
  const used = [RENTS.p4d, RENTS.p4de, RENTS.p5, RENTS.neocloudLow, RENTS.neocloudHigh, RENTS.g5, RENTS.g5x12];
  const rented = (gpu: string, of: readonly (typeof used)[number][]): ReturnType<typeof moneyRange> =>
    moneyRange(gpu, 'USD/hour', of.map(rentPerGpu).map(picoOf));
  return claimOf(
    {
      id: 'gpu-rents',
      topic: 'self-hosting',
      claim: 'A GPU rents for $2–4 an hour (A100), $3–8 (H100), $1–2 (A10G)',
      quoted: [
        range('A100', 'USD/hour', QUOTED_RENT.a100),
        range('H100', 'USD/hour', QUOTED_RENT.h100),
        range('A10G', 'USD/hour', QUOTED_RENT.a10g),
      ],
      recomputed: [
        rented('A100, AWS', [RENTS.p4d, RENTS.p4de]),
        rented('H100, specialized clouds to AWS', [RENTS.p5, RENTS.neocloudLow, RENTS.neocloudHigh]),
        rented('A10G, AWS', [RENTS.g5, RENTS.g5x12]),
        moneyRange('smallest A100 instance of AWS (8 GPUs)', 'USD/hour', [smallest]),
      ],
      why:
        `Right per GPU, and H100s start lower than quoted. But AWS rents A100s by eight: the smallest bill is ${dollarText(smallest)} an hour, ` +
        `used or not. Until ${RENTS.p4d.date} its A100s cost ${dearer(RENTS.p4dBefore, RENTS.p4d)} times as much and its H100s ` +
        `${dearer(RENTS.p5Before, RENTS.p5)} times.`,
    },
    [...used, RENTS.p4dBefore, RENTS.p5Before],
  );
}

function dearer(before: GpuRent, now: GpuRent): string {
  return numberText(rentPerGpu(before) / rentPerGpu(now));
}

function seventyB(): Claim {
  const [quotedLow, quotedHigh] = [0.001, 0.003];
  const quiet = FOUR_A100.map((rent) => perQueryPico(rent, QUIET_PER_HOUR));
  const [needLow, needHigh] = [FOUR_A100[0] / quotedHigh, FOUR_A100[1] / quotedLow];
  const [slow, fast] = SERVED_70B;
  const off = [FOUR_A100[0] / QUIET_PER_HOUR / quotedHigh, FOUR_A100[1] / QUIET_PER_HOUR / quotedLow];
  const [offLow = 0, offHigh = 0] = off;
  return claimOf(
    {
      id: 'self-hosted-70b',
      topic: 'self-hosting',
      claim: 'A 70B model on four A100s costs $0.001–0.003 per query at 100 and more queries an hour',
      quoted: [range('per query', 'USD/query', [quotedLow, quotedHigh])],
      recomputed: [
        moneyRange('at 100 queries an hour', 'USD/query', quiet),
        range('the rule needs', 'queries/hour', [needLow, needHigh]),
        range('four A100s serve at most', 'queries/hour', [slow, fast]),
        range('so their load has to be', '%', [(needLow / fast) * 100, (needHigh / slow) * 100]),
        moneyRange('at full load', 'USD/query', [perQueryPico(FOUR_A100[0], fast), perQueryPico(FOUR_A100[1], slow)]),
        moneyRange(`in FP8 on two H100s, full to ${ASSUMED.load.typicalPercent}% load`, 'USD/query', [
          perQueryPico(TWO_H100.usdPerHour, TWO_H100.queriesPerHour),
          perQueryPico(TWO_H100.usdPerHour, (TWO_H100.queriesPerHour * ASSUMED.load.typicalPercent) / 100),
        ]),
      ],
      why:
        `At 100 queries an hour the GPUs wait almost all the time and are paid for all of it: the rule is off by ` +
        `${numberText(offLow)} to ${numberText(offHigh)} times. It becomes true with thousands of queries an hour, every hour.`,
    },
    [
      THROUGHPUT.llama70bBf16On4A100,
      THROUGHPUT.llama2At70bOn4A100,
      THROUGHPUT.llama70bFp8On2H100,
      RENTS.p5,
      SHORT_QUERY,
      ASSUMED.load,
    ],
  );
}

function eightB(): Claim {
  const [quotedLow, quotedHigh] = [0.0001, 0.0003];
  const [rentLow, rentHigh] = QUOTED_RENT.a10g;
  const [slow, fast] = SERVED_8B;
  const [needLow, needHigh] = [rentLow / quotedHigh, rentHigh / quotedLow];
  const rare = ASSUMED.load.lowPercent / 100;
  const quiet = QUOTED_RENT.a10g.map((rent) => perQueryPico(rent, QUIET_PER_HOUR));
  return claimOf(
    {
      id: 'self-hosted-8b',
      topic: 'self-hosting',
      claim: 'An 8B model on one A10G costs $0.0001–0.0003 per query',
      quoted: [range('per query', 'USD/query', [quotedLow, quotedHigh])],
      recomputed: [
        moneyRange(`from full load to ${ASSUMED.load.lowPercent}% load`, 'USD/query', [
          perQueryPico(rentLow, fast),
          perQueryPico(rentHigh, slow * rare),
        ]),
        moneyRange('at 100 queries an hour', 'USD/query', quiet),
        range('the rule needs', 'queries/hour', [needLow, needHigh]),
        range('one A10G serves at most', 'queries/hour', [slow, fast]),
        range('so its load has to be', '%', [(needLow / fast) * 100, (needHigh / slow) * 100]),
      ],
      why:
        `Holds for a card that is busy for ${numberText(Math.round((needLow / fast) * 100))}% of the time or more; the lower end asks for about all it can serve, or more. ` +
        `At 100 queries an hour a query costs ${dollarText(quiet[0] ?? 0n)} and more. The A10G's throughput is scaled from a measured A6000.`,
    },
    [THROUGHPUT.llama8bBf16OnA6000, GPU_PEAKS.a10g, GPU_PEAKS.a6000, SHORT_QUERY, ASSUMED.load],
  );
}

function quantizedSevenB(): Claim {
  const bySize = 8 / 7;
  const eightBit = onA10g(queriesPerHour(THROUGHPUT.llama8bInt8OnA6000, SHORT_QUERY) * bySize);
  const fourBit = onA10g(
    queriesPerHour(THROUGHPUT.llama8bBf16OnA6000, SHORT_QUERY) * MEASURED.quantization.fourBitLoaded8b * bySize,
  );
  const [rentLow, rentHigh] = QUOTED_RENT.a10g;
  const full = ([slow, fast]: readonly [number, number]): bigint[] => [
    perQueryPico(rentLow, fast),
    perQueryPico(rentHigh, slow),
  ];
  const quiet = moneyRange(
    'at 100 queries an hour',
    'USD/query',
    QUOTED_RENT.a10g.map((rent) => perQueryPico(rent, QUIET_PER_HOUR)),
  );
  return claimOf(
    {
      id: 'self-hosted-quantized-7b',
      topic: 'self-hosting',
      claim: 'A quantized 7B model makes a self-hosted query cheaper still',
      quoted: [],
      recomputed: [
        moneyRange('8-bit on one A10G, at full load', 'USD/query', full(eightBit)),
        moneyRange('4-bit on one A10G, at full load', 'USD/query', full(fourBit)),
        moneyRange('8B in 16 bits, at full load', 'USD/query', full(SERVED_8B)),
        quiet,
        part(
          moneyRange('on one L4, a cheaper card', 'USD/query', [perQueryPico(rentPerGpu(RENTS.g6), QUIET_PER_HOUR)]),
        ),
      ],
      why:
        `No figure goes with this rule. Quantizing pays on a busy card, 8 bits more than 4; at 100 queries an hour the rent decides ` +
        `and a query costs ${figureText({ ...quiet, unit: 'USD' })} as before. Worked out from 8B measurements, taking cost as proportional to parameters.`,
    },
    [
      THROUGHPUT.llama8bInt8OnA6000,
      THROUGHPUT.llama8bBf16OnA6000,
      MEASURED.quantization,
      GPU_PEAKS.a10g,
      GPU_PEAKS.a6000,
      RENTS.g6,
      SHORT_QUERY,
    ],
  );
}
