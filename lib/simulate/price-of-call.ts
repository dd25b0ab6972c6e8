/**
 * The price of one call as levers ask for it: a function of token counts and model, given from outside, so that bands, dates, regions and
 * rates stay the price book's business.
 */

/**
 * Picodollars of one call, or null where the model has no price for it. `inputTokens` is all input, `cachedTokens` the part of it that is read
 * from a cache; reasoning is output.
 */
export type PriceOfCall = (
  inputTokens: number,
  cachedTokens: number,
  outputTokens: number,
  model: string,
) => bigint | null;
