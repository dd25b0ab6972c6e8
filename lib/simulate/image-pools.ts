/**
 * Image models on rented accelerators as places where calls may go. In: a log, moves that config names, the hours of the period. Out: a pool for
 * each move with `hosted` whose license allows the use. Whole instances are rented for the whole period, for whatever images other levers leave
 * (docs/simulation.md, "Image generation").
 */
import type { AcceleratorPool } from './accelerator-pools.ts';
import type { CallKind, CallLog } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import { hostedImages } from './hosted-images.ts';
import type { ImageMove } from './image-effects.ts';
import { licenseGate } from './images.ts';
import { shareOfPico } from './share-of-pico.ts';

export interface ImagePoolInput {
  readonly kinds: KindTable;
  readonly periodHours: number;
  readonly pixelExponent: number;
  /** calls of the period that each stands for: more than 1 in a sample */
  readonly callsPerCall: number;
}

/** Pools of a config. Throws `Misconfigured` for an instance without a listed price. */
export function imagePools(log: CallLog, moves: readonly ImageMove[], input: ImagePoolInput): AcceleratorPool[] {
  const { kinds, periodHours, pixelExponent, callsPerCall } = input;
  return moves.flatMap(({ from, hosted }, at): AcceleratorPool[] => {
    if (hosted === undefined) return [];
    const period = { periodHours, pixelExponent, path: `simulate.imageGeneration[${at}].hosted` };
    const { secondsPerImage } = hostedImages(hosted, [], period).facts;
    if (!licenseGate(hosted.model, hosted.commercial).isAllowed) return [];
    return [
      {
        lever: 'image_generation',
        takes: (call, kind) => (log.images[call] as number) > 0 && (kinds.kinds[kind] as CallKind).model === from,
        rejectedThousandths: 0,
        workS: (call) => secondsPerImage * (log.images[call] as number),
        costPico: ({ calls, images }) => {
          const made = Array.from(calls, (call, index) => ({
            timeMs: log.timeMs[call] as number,
            images: Math.round((images[index] as number) * callsPerCall),
          }));
          const { rentPico } = hostedImages(hosted, made, period).facts;
          return callsPerCall === 1 ? rentPico : shareOfPico(rentPico, 1 / callsPerCall);
        },
      },
    ];
  });
}
