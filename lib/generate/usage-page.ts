/**
 * An OpenAI organization usage page from calls: daily buckets by model, batch and tier. In: calls, and usage that no log knows. Out: the
 * page as JSON text. Invariant: a bucket holds every call of its day, model and tier, so calls can cover it. Shape: formats.md 1.4.
 */
import { MS_PER_DAY, dayNumber, dayOf } from '../time.ts';
import { promptSideTokens } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';

interface Bucket {
  readonly model: string;
  readonly tier: GeneratedCall['tier'];
  requests: number;
  input: number;
  cached: number;
  written: number;
  output: number;
}

export interface UsageMeter {
  add(call: GeneratedCall): void;
  /** the page of these days, in order; days without usage are empty buckets */
  page(days: readonly string[]): string;
}

/** Counts calls into daily buckets, as the provider would. */
export function createUsageMeter(): UsageMeter {
  const days = new Map<string, Map<string, Bucket>>();
  return {
    add(call) {
      const day = dayOf(call.startedAtMs);
      const buckets = days.get(day) ?? new Map<string, Bucket>();
      days.set(day, buckets);
      const key = `${call.model}\n${call.tier}`;
      const bucket = buckets.get(key) ?? emptyBucket(call);
      buckets.set(key, bucket);
      bucket.requests++;
      bucket.input += promptSideTokens(call);
      bucket.cached += call.cacheReadTokens;
      bucket.written += call.cacheWrite5mTokens;
      bucket.output += call.outputTokens;
    },
    page(wanted) {
      const data = wanted.map((day) => {
        const start = (dayNumber(day) * MS_PER_DAY) / 1000;
        const buckets = [...(days.get(day) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
        return {
          object: 'bucket',
          start_time: start,
          end_time: start + 86_400,
          results: buckets.map(([, b]) => result(b)),
        };
      });
      return `${JSON.stringify({ object: 'page', data, has_more: false, next_page: null }, null, 1)}\n`;
    },
  };
}

function emptyBucket({ model, tier }: GeneratedCall): Bucket {
  return { model, tier, requests: 0, input: 0, cached: 0, written: 0, output: 0 };
}

function result(bucket: Bucket): object {
  return {
    object: 'organization.usage.completions.result',
    input_tokens: bucket.input,
    input_cached_tokens: bucket.cached,
    input_cache_write_tokens: bucket.written,
    input_uncached_tokens: bucket.input - bucket.cached - bucket.written,
    output_tokens: bucket.output,
    num_model_requests: bucket.requests,
    project_id: null,
    user_id: null,
    api_key_id: null,
    model: bucket.model,
    batch: bucket.tier === 'batch',
    service_tier: bucket.tier === 'flex' || bucket.tier === 'priority' ? bucket.tier : 'default',
  };
}
