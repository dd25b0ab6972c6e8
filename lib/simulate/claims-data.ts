/**
 * Prices that the rules of thumb are recomputed from. Rows carry what they say, where it is from, the day it held or was read, and whether it
 * is a fact or an assumption; so do those of `claims-hosting-data.ts` and `claims-evidence-data.ts`. Nothing in them is a result: results are
 * computed. Money is decimal text in USD; lengths are tokens; times are microseconds or seconds as the name says.
 */

export interface Sourced {
  readonly source: string;
  /** ISO day, month or year: when it began to hold, else when it was read */
  readonly date: string;
  readonly isFact: boolean;
}

export interface ModelPrice extends Sourced {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly size: 'frontier' | 'small';
  /** USD per million tokens */
  readonly inputUsd: string;
  readonly outputUsd: string;
  /** first and last day it was the list price; null = still listed in 2026-11 or until the model went */
  readonly validFrom: string;
  readonly validTo: string | null;
}

const price = (
  name: string,
  [provider, model]: readonly [string, string],
  size: ModelPrice['size'],
  [inputUsd, outputUsd]: readonly [string, string],
  [validFrom, validTo]: readonly [string, string | null],
  source: string,
): ModelPrice => ({
  name,
  provider,
  model,
  size,
  inputUsd,
  outputUsd,
  validFrom,
  validTo,
  source,
  date: validFrom,
  isFact: true,
});

/** The six models of 2024 whose prices most rules of thumb still use; the two Gemini up to 128,000 tokens of prompt. */
export const MODELS = {
  gpt4o: price(
    'GPT-4o',
    ['openai', 'gpt-4o'],
    'frontier',
    ['2.50', '10'],
    ['2024-10-02', null],
    'OpenAI list price of gpt-4o',
  ),
  sonnet: price(
    'Claude 3.5 Sonnet',
    ['anthropic', 'claude-3-5-sonnet'],
    'frontier',
    ['3', '15'],
    ['2024-06-20', null],
    'Anthropic list price of claude-3-5-sonnet',
  ),
  geminiPro: price(
    'Gemini 1.5 Pro',
    ['google', 'gemini-1.5-pro'],
    'frontier',
    ['1.25', '5'],
    ['2024-10-01', '2025-09-24'],
    'Google price cut of gemini-1.5-pro announced 2024-09-24',
  ),
  gpt4oMini: price(
    'GPT-4o mini',
    ['openai', 'gpt-4o-mini'],
    'small',
    ['0.15', '0.60'],
    ['2024-07-18', null],
    'OpenAI list price of gpt-4o-mini',
  ),
  haiku: price(
    'Claude 3 Haiku',
    ['anthropic', 'claude-3-haiku'],
    'small',
    ['0.25', '1.25'],
    ['2024-03-13', null],
    'Anthropic list price of claude-3-haiku',
  ),
  geminiFlash: price(
    'Gemini 1.5 Flash',
    ['google', 'gemini-1.5-flash'],
    'small',
    ['0.075', '0.30'],
    ['2024-08-12', '2025-09-24'],
    'Google price cut of gemini-1.5-flash',
  ),
} as const;

/** The larger and the smaller model of each vendor, in the same order. */
export const FRONTIER = [MODELS.gpt4o, MODELS.sonnet, MODELS.geminiPro] as const;
export const SMALL = [MODELS.gpt4oMini, MODELS.haiku, MODELS.geminiFlash] as const;

/** Prices that the six are mistaken for: the launch price, the next generation, prompts of more than 128,000 tokens. */
export const MISTAKEN = {
  gpt4oAtLaunch: price(
    'GPT-4o',
    ['openai', 'gpt-4o'],
    'frontier',
    ['5', '15'],
    ['2024-05-13', '2024-10-02'],
    'OpenAI launch price of gpt-4o',
  ),
  haiku35: price(
    'Claude 3.5 Haiku',
    ['anthropic', 'claude-3-5-haiku-20241022'],
    'small',
    ['0.80', '4'],
    ['2024-12-03', null],
    'Anthropic list price of claude-3-5-haiku',
  ),
  geminiProLong: price(
    'Gemini 1.5 Pro',
    ['google', 'gemini-1.5-pro'],
    'frontier',
    ['2.50', '10'],
    ['2024-10-01', '2025-09-24'],
    'Google list price of gemini-1.5-pro beyond 128,000 tokens of prompt',
  ),
} as const;

/** What a batch interface costs of the list price. */
export const BATCH = {
  percentOfList: 50,
  source: 'price pages of OpenAI, Anthropic and Google: batch at half price',
  date: '2026-11',
  isFact: true,
} as const;

/** Images: list prices in USD each, and seconds a rented GPU needs for one. */
export const IMAGES = {
  dallE3: {
    usd: ['0.04', '0.08', '0.12'],
    source: 'OpenAI list price of DALL-E 3: standard or HD, square or wide',
    date: '2023-11-06',
    isFact: true,
  },
  gptImage2: {
    usd: ['0.006', '0.053', '0.211'],
    source: 'price pages on gpt-image-2, low to high quality',
    date: '2026',
    isFact: true,
  },
  gptImageMini: {
    usd: ['0.005', '0.036'],
    source: 'price pages on GPT Image 1 Mini, low to high quality',
    date: '2026',
    isFact: true,
  },
  imagen4: {
    usd: ['0.02', '0.04', '0.06'],
    source: 'Google list price of Imagen 4 Fast, Standard, Ultra',
    date: '2025-08-24',
    isFact: true,
  },
  geminiImage: {
    usd: ['0.067', '0.134'],
    source: 'price pages on Gemini 3.1 Flash Image at 1K and Gemini 3 Pro Image',
    date: '2026',
    isFact: true,
  },
  midjourney: {
    plans: [
      { usdPerMonth: '10', images: 200 },
      { usdPerMonth: '30', images: 900 },
      { usdPerMonth: '60', images: 1_800 },
      { usdPerMonth: '120', images: 3_600 },
    ],
    source: 'docs.midjourney.com plans; about 60 images per fast GPU hour, all hours used',
    date: '2026-11-17',
    isFact: true,
  },
  fluxOnH100: {
    secondsPerImage: 2.4,
    source: 'FLUX.1-dev FP8, 1024², 28 compiled steps on H100',
    date: '2026',
    isFact: true,
  },
  fluxOnL40s: {
    secondsPerImage: 5.5,
    source: 'FLUX.1-dev FP8, 1024², on L40S: model card (weak)',
    date: '2026',
    isFact: true,
  },
  apiForCrossover: {
    usd: '0.03',
    source: 'FLUX.2 pro at one megapixel',
    date: '2026',
    isFact: true,
  },
} as const;
