/** Prices the plain design knows, in picodollars per token: input, output, cache read, cache write for 5 minutes and for 1 hour. Bench data, not a price book. */
export const PLAIN_PRICES: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  'gpt-4o-2024-08-06': [2_500_000, 10_000_000, 1_250_000, 0, 0],
  'gpt-4o-mini': [150_000, 600_000, 75_000, 0, 0],
  'gpt-5': [1_250_000, 10_000_000, 125_000, 0, 0],
  'gpt-5.4': [2_500_000, 15_000_000, 250_000, 0, 0],
  'o3-mini': [1_100_000, 4_400_000, 550_000, 0, 0],
  'claude-sonnet-4-5-20250929': [3_000_000, 15_000_000, 300_000, 3_750_000, 6_000_000],
  'claude-opus-4-6': [5_000_000, 25_000_000, 500_000, 6_250_000, 10_000_000],
  'claude-haiku-4-5-20251001': [1_000_000, 5_000_000, 100_000, 1_250_000, 2_000_000],
  'us.anthropic.claude-sonnet-4-6': [3_300_000, 16_500_000, 330_000, 4_125_000, 6_600_000],
  'amazon.nova-lite-v1:0': [60_000, 240_000, 15_000, 0, 0],
};
