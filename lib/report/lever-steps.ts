/** Levers, causes and drivers in words: what each is called, and the one next step that takes a saving up. In: names of the tables. Out: text. */

const LEVERS: Readonly<Record<string, readonly [title: string, step: string]>> = {
  exact_cache: ['Exact cache', 'answer repeated prompts from a cache in the gateway'],
  prefix_cache: ['Prompt cache', 'mark the shared beginnings of prompts for the provider’s cache'],
  semantic_cache: ['Semantic cache', 'try a cache for similar questions on one application, and count wrong answers'],
  batch: ['Batch', 'send calls that may wait through the batch API'],
  self_hosting: ['Self-hosting', 'get a quote for the fleet and try it with one application'],
  model_choice: ['Smaller model', 'move one application to the smaller model and compare answers'],
  prompt_optimization: ['Shorter prompts', 'make JSON compact and drop what prompts repeat'],
  image_generation: ['Image model', 'generate one application’s images with the cheaper model and compare them'],
};

const spaced = (name: string): string => name.replaceAll('_', ' ');

/** `Prompt cache` */
export const leverTitle = (lever: string): string => LEVERS[lever]?.[0] ?? spaced(lever);

/** What to do next for it, as a clause. */
export const leverStep = (lever: string): string => LEVERS[lever]?.[1] ?? 'read docs/simulation.md on this lever';

/** How sure an amount is. */
export function basisText(basis: string): string {
  return basis === 'not_identifiable' ? 'not in the log' : spaced(basis);
}

const DRIVERS: Readonly<Record<string, readonly [up: string, down: string]>> = {
  volume: ['more calls', 'fewer calls'],
  mix: ['a dearer mix of models', 'a cheaper mix of models'],
  tokens_per_call: ['more tokens per call', 'fewer tokens per call'],
  price: ['higher prices', 'lower prices'],
  new_model: ['a new model', 'a new model'],
  gone_model: ['a model that is gone', 'a model that is gone'],
  new_key: ['a new key', 'a new key'],
  gone_key: ['a key that is gone', 'a key that is gone'],
};

/** What a driver says of an amount of its sign, as a noun: `more calls`. */
export function driverText(driver: string, isRise: boolean): string {
  return DRIVERS[driver]?.[isRise ? 0 : 1] ?? spaced(driver);
}

/** `Tokens per call`, as the head of a row. */
export function driverTitle(driver: string): string {
  const text = spaced(driver);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
