/**
 * The meters a record can be billed by, and how much of each a record holds. In: a `UsageRecord` and which meters the model
 * is priced by. Out: quantities, disjoint: a part (audio, image, reasoning) either has its own meter or stays in its whole.
 * Invariant: token quantities of the input, cache and output columns sum to the record's own counts.
 */
import type { UsageRecord } from '../record.ts';

export const METERS = [
  'input',
  'audio_in',
  'image_in',
  'embedding_input',
  'cached_input',
  'cached_audio_in',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'reasoning',
  'audio_out',
  'image_out',
  'image',
  'web_search',
  'audio_duration',
  'tts_characters',
  'rerank',
] as const;

export type Meter = (typeof METERS)[number];

/** Positions in `METERS`, for arrays on the hot path. */
export const M = {
  input: 0,
  audioIn: 1,
  imageIn: 2,
  embedding: 3,
  cachedInput: 4,
  cachedAudio: 5,
  write5m: 6,
  write1h: 7,
  output: 8,
  reasoning: 9,
  audioOut: 10,
  imageOut: 11,
  image: 12,
  webSearch: 13,
  audioDuration: 14,
  characters: 15,
  rerank: 16,
} as const;

/** Token meters come first: only they take tier and region multipliers and context bands. */
export const TOKEN_METERS = 12;

/** Cost column of each meter: 0 input, 1 cache read, 2 cache write, 3 output, 4 other. */
export const COLUMN_OF: readonly number[] = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4];

/** Which meters a model has a price for, at any time, tier or region. */
export type PricedMeters = Readonly<Record<Meter, boolean>>;

/**
 * Writes the record's quantities by meter into `out` (whole tokens, requests, images, characters; durations in microseconds).
 * Returns false if parts exceed their whole: then the whole is taken as its parts and the caller marks the cost estimated.
 */
export function fillQuantities(record: UsageRecord, has: PricedMeters, out: Float64Array): boolean {
  out.fill(0);
  const isInputConsistent = fillInput(record, has, out);
  const isOutputConsistent = fillOutput(record, has, out);
  fillUnits(record, has, out);
  return isInputConsistent && isOutputConsistent;
}

function fillInput(record: UsageRecord, has: PricedMeters, out: Float64Array): boolean {
  const audio = has.audio_in ? record.audioInputTokens : 0;
  const image = has.image_in ? record.imageInputTokens : 0;
  const rest = record.inputTokens - audio - image;
  const isEmbedding = has.embedding_input && (record.operation === 'embedding' || !has.input);
  out[M.audioIn] = audio;
  out[M.imageIn] = image;
  out[isEmbedding ? M.embedding : M.input] = rest < 0 ? 0 : rest;
  // a model with a price for fresh audio has one for cached audio too; if the book lacks it, text's rate is not it
  const cachedAudio = has.cached_audio_in || has.audio_in ? record.cachedAudioTokens : 0;
  const cachedRest = record.cacheReadTokens - cachedAudio;
  out[M.cachedAudio] = cachedAudio;
  out[M.cachedInput] = cachedRest < 0 ? 0 : cachedRest;
  out[M.write5m] = record.cacheWrite5mTokens;
  out[M.write1h] = record.cacheWrite1hTokens;
  return rest >= 0 && cachedRest >= 0;
}

function fillOutput(record: UsageRecord, has: PricedMeters, out: Float64Array): boolean {
  const reasoning = has.reasoning ? record.reasoningTokens : 0;
  const audio = has.audio_out ? record.audioOutputTokens : 0;
  // the images API returns nothing but image tokens, often without saying so
  const isImageOnly = record.operation === 'image' && record.imageOutputTokens === 0 && reasoning === 0 && audio === 0;
  const image = has.image_out ? (isImageOnly ? record.outputTokens : record.imageOutputTokens) : 0;
  const rest = record.outputTokens - reasoning - audio - image;
  out[M.reasoning] = reasoning;
  out[M.audioOut] = audio;
  out[M.imageOut] = image;
  out[M.output] = rest < 0 ? 0 : rest;
  return rest >= 0;
}

function fillUnits(record: UsageRecord, has: PricedMeters, out: Float64Array): void {
  out[M.webSearch] = record.webSearches;
  const tokens =
    record.inputTokens +
    record.cacheReadTokens +
    record.cacheWrite5mTokens +
    record.cacheWrite1hTokens +
    record.outputTokens;
  // images, seconds and characters are billed where tokens are not: a response that counts tokens is billed by them
  if (record.operation === 'rerank' && has.rerank) {
    out.fill(0, 0, TOKEN_METERS);
    out[M.rerank] = record.calls;
  } else if (tokens === 0 || (has.tts_characters && !has.input)) {
    out[M.image] = record.images;
    out[M.characters] = record.characters;
    if (record.characters === 0) out[M.audioDuration] = Math.round((record.audioSeconds ?? 0) * 1_000_000);
  } else if (record.images > 0 && record.outputTokens === 0) {
    out[M.image] = record.images;
  }
}
