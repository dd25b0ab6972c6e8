/**
 * Image models one can host: license and measured speed. In: nothing. Out: dated rows. License texts change with versions: a row speaks of the
 * version named. Speeds are of 1024 × 1024 images; none is known to hold for other step counts or software.
 */

export interface ImageModelLicense {
  readonly model: string;
  readonly license: string;
  /** may be served for money without a separate agreement */
  readonly allowsCommercialUse: boolean;
  readonly source: string;
  readonly date: string;
}

export interface ImageSpeed {
  readonly model: string;
  readonly accelerator: string;
  readonly steps: number;
  readonly secondsPerImage: number;
  readonly isCompiled: boolean;
  readonly kind: 'fact' | 'assumption';
  readonly source: string;
  readonly date: string;
}

export const IMAGE_LICENSES: readonly ImageModelLicense[] = [
  {
    model: 'flux.1-dev',
    license: 'FLUX.1 [dev] Non-Commercial License',
    allowsCommercialUse: false,
    source: 'model card of FLUX.1-dev',
    date: '2026-11',
  },
  {
    model: 'flux.1-schnell',
    license: 'Apache-2.0',
    allowsCommercialUse: true,
    source: 'model card of FLUX.1-schnell',
    date: '2026-11',
  },
  {
    model: 'stable-diffusion-xl',
    license: 'CreativeML OpenRAIL++-M',
    allowsCommercialUse: true,
    source: 'model card of Stable Diffusion XL 1.0; use-based restrictions apply',
    date: '2026-11',
  },
];

const FLUX = { model: 'flux.1-dev', date: '2026-11' } as const;
const TIMED = { kind: 'fact', source: 'published step rates of FLUX.1-dev FP8' } as const;
const CARD = { kind: 'assumption', source: 'a model card, middle of its range; weak' } as const;

export const IMAGE_SPEEDS: readonly ImageSpeed[] = [
  { ...FLUX, ...TIMED, accelerator: 'H100', steps: 28, secondsPerImage: 28 / 6.1, isCompiled: false },
  { ...FLUX, ...TIMED, accelerator: 'H100', steps: 28, secondsPerImage: 28 / 11.5, isCompiled: true },
  { ...FLUX, ...TIMED, accelerator: 'RTX 4090', steps: 28, secondsPerImage: 28 / 2.55, isCompiled: false },
  { ...FLUX, ...TIMED, accelerator: 'RTX 4090', steps: 28, secondsPerImage: 28 / 3.51, isCompiled: true },
  { ...FLUX, ...CARD, accelerator: 'L40S', steps: 28, secondsPerImage: 5.5, isCompiled: true },
  { ...FLUX, ...CARD, accelerator: 'A100', steps: 28, secondsPerImage: 9, isCompiled: false },
];
