/** Words beside a plan: what does not fit, what a batch or a cache takes for granted, how long the rates make it last. In: settings and sums. */
import type { CacheUse } from './cached-sums.ts';
import type { EstimateSettings, Range } from './estimate-settings.ts';
import type { CacheOffer, ModelOffer } from './model-offer.ts';
import { isInBatch } from './plan.ts';
import type { Mode, RequestSums } from './plan.ts';

/** Parts that say something, in one line. */
export function sentence(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

export function fitNotes(
  { contextTokens, maximumOutputTokens, isEmbedding }: ModelOffer,
  sums: RequestSums,
  isFitting: boolean,
  { overlapTokens }: EstimateSettings,
): string[] {
  const notes: string[] = [];
  const limit = [
    contextTokens === null ? '' : `${number(contextTokens)} tokens of context`,
    maximumOutputTokens === null ? '' : `${number(maximumOutputTokens)} tokens of answer`,
  ].filter((part) => part !== '');
  if (!isFitting) notes.push(`does not fit: the model takes ${limit.join(' and ')}`);
  if (contextTokens === null && !isEmbedding) notes.push('context window not known, taken as large enough');
  if (sums.cutDocuments > 0 && isFitting && !isEmbedding)
    notes.push(
      `${counted(sums.cutDocuments, 'document')} cut into ${counted(sums.cutChunks, 'chunk')} that share ${number(overlapTokens)} tokens, because the model takes ${limit.join(' and ')}: ${counted(sums.extraRequests, 'request')} and ${number(sums.extraTokens)} input tokens more, and an answer to each chunk`,
    );
  return notes;
}

export function syncNotes({ cache }: ModelOffer): string[] {
  return cache?.isAutomatic === true
    ? ['no cache hit is counted, although the provider caches without being asked: see mode cached']
    : [];
}

export function batchNotes({ batch }: ModelOffer, { requests }: RequestSums): string[] {
  if (batch === null) return ['rules of its batches are not known'];
  const hours = Math.round(batch.deadlineMs / HOUR_MS);
  return [
    `answers within ${hours} hours`,
    ...(requests < batch.minimumRecords
      ? [`a batch takes ${batch.minimumRecords} requests at least, these are ${requests}`]
      : []),
  ];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function cacheNotes(cache: CacheOffer, use: CacheUse, hits: number, isBatch: boolean): string[] {
  const life =
    cache.lifeMs >= HOUR_MS ? counted(cache.lifeMs / HOUR_MS, 'hour') : counted(cache.lifeMs / MINUTE_MS, 'minute');
  return [
    `${number(use.readTokens)} tokens looked for in the cache (rule ${cache.id}: from ${number(cache.minimumTokens)} tokens on)`,
    `assumed: requests with one beginning follow each other within ${life}, the second after the answer to the first`,
    ...(isBatch ? [`${hits} of 100 reads find it in a batch, the others write it anew`] : []),
    ...(cache.requestsPerMinutePerKey === null
      ? []
      : [`hits are missed above ${cache.requestsPerMinutePerKey} requests a minute with one beginning`]),
    ...(cache.doubt === null ? [] : [cache.doubt]),
  ];
}

/** How long the requests take under the rates given; a batch has limits of its own. All input tokens count, read from a cache or not. */
export function rateNote(
  { requestsPerMinute, tokensPerMinute }: EstimateSettings,
  sums: Range<RequestSums>,
  mode: Mode,
): string {
  if ((requestsPerMinute === null && tokensPerMinute === null) || isInBatch(mode)) return '';
  const { requests, inputTokens, outputTokens } = sums.expected;
  const minutes = Math.max(
    requestsPerMinute === null ? 0 : Math.ceil(requests / requestsPerMinute),
    tokensPerMinute === null ? 0 : Math.ceil((inputTokens + outputTokens) / tokensPerMinute),
  );
  const limits = [
    requestsPerMinute === null ? '' : `${number(requestsPerMinute)} requests`,
    tokensPerMinute === null ? '' : `${number(tokensPerMinute)} tokens`,
  ].filter((part) => part !== '');
  return `at least ${durationText(minutes)} at ${limits.join(' and ')} a minute`;
}

function durationText(minutes: number): string {
  if (minutes < 60) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function counted(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
