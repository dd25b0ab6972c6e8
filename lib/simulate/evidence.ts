/**
 * What the log itself shows, before any lever is priced: repeats of prompts, prompt caches under the rules that config names, a fleet under the
 * log's arrivals. In: every call in order of time, once. Out: the `evidence` of `simulate --format json`, a contract that others read.
 */
import { wantsNewAnswer } from './call-log.ts';
import type { LoggedCall, NumberedPrompt } from './call-log.ts';
import { erlangMeanWaitS } from './erlang.ts';
import { createExactRepeats } from './exact-repeats.ts';
import { createNumberColumn } from './number-column.ts';
import { inputCostRatio } from './prefix-replay.ts';
import type { PrefixRule, PrefixTokens } from './prefix-replay.ts';
import { createCaches } from './scoped-caches.ts';
import { replayQueue } from './queue-replay.ts';

/** A replay of the prompt cache that config `simulate.prefixCache.replays` names. */
export interface PrefixReplaySettings extends PrefixRule {
  readonly readMultiplier: number;
  readonly writeMultiplier: number;
}

/** A replay of a fleet that config `simulate.selfHosting.replays` names. */
export interface FleetReplaySettings {
  readonly servers: number;
  readonly baseSeconds: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeSecondsPerToken: number;
}

export interface EvidenceSettings {
  readonly exactTtlsSeconds: readonly number[];
  readonly prefixReplays: readonly PrefixReplaySettings[];
  readonly fleetReplays: readonly FleetReplaySettings[];
}

export interface EvidenceCollector {
  /** the next call with its prompt, null where unknown */
  see(call: LoggedCall, prompt: NumberedPrompt | null): void;
  evidence(): Evidence;
}

type Identifiable = 'measured' | 'not_identifiable';

/** JSON of the contract; seconds and tokens are numbers, absent knowledge is null. */
export interface Evidence {
  readonly exact_cache: {
    readonly basis: Identifiable;
    readonly requests: number;
    readonly without_fingerprint: number;
    readonly repeats: number | null;
    readonly repeat_input_tokens: number | null;
    readonly by_ttl: readonly { readonly ttl_seconds: number; readonly hits: number }[];
  };
  readonly prefix_cache: {
    readonly basis: Identifiable;
    readonly requests: number;
    readonly without_fingerprint: number;
    readonly replays: readonly PrefixEvidence[];
    /** hit tokens where every model and workspace has a least-recently-used cache of so many blocks: radix rule, no lifetime */
    readonly by_capacity: readonly { readonly capacity_blocks: number; readonly hit_tokens: number }[];
    readonly observed_cache_read_tokens: number;
    readonly observed_cache_write_tokens: number;
  };
  readonly self_hosting: { readonly requests: number; readonly replays: readonly FleetEvidence[] };
  readonly what_to_log: readonly string[];
}

interface PrefixEvidence {
  readonly rule: 'radix' | 'breakpoint';
  readonly ttl_seconds: number | null;
  readonly ttl_refresh: 'sliding' | 'fixed';
  readonly capacity_blocks: number | null;
  readonly minimum_tokens: number;
  readonly increment_tokens: number;
  readonly read_multiplier: number;
  readonly write_multiplier: number;
  readonly input_tokens: number;
  readonly hit_tokens: number;
  readonly read_tokens: number;
  readonly written_tokens: number;
  readonly plain_tokens: number;
  readonly input_cost_ratio: number;
}

interface FleetEvidence {
  readonly servers: number;
  readonly service_model: {
    readonly base_s: number;
    readonly prefill_tokens_per_s: number;
    readonly decode_s_per_token: number;
  };
  readonly utilization: number;
  readonly mean_wait_s: number;
  readonly p95_wait_s: number;
  /** null where random arrivals would never be served: the load is not below the servers */
  readonly erlang_c_mean_wait_s: number | null;
}

const HOW_TO_IDENTIFY =
  'log prompts (they are hashed and dropped), or prompt_blocks and block_tokens in native lines: without them no cache can be replayed';

/** Collects evidence of the calls it is shown. */
export function createEvidence(settings: EvidenceSettings): EvidenceCollector {
  const exact = createExactRepeats(settings.exactTtlsSeconds.map((seconds) => seconds * 1000));
  const caches = createCaches(settings.prefixReplays);
  const arrivalMs = createNumberColumn();
  const inputTokens = createNumberColumn();
  const outputTokens = createNumberColumn();
  let withBlocks = 0;
  let withoutBlocks = 0;
  let observedRead = 0;
  let observedWrite = 0;

  return {
    see(call, prompt) {
      if (!call.isCall || call.status === 'error') return;
      const { tokens, timeMs } = call;
      const allInput = tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
      observedRead += tokens.cacheRead;
      observedWrite += tokens.cacheWrite5m + tokens.cacheWrite1h;
      arrivalMs.push(timeMs);
      inputTokens.push(allInput);
      outputTokens.push(tokens.output);
      if (call.status === 'ok' && !wantsNewAnswer(call)) {
        if (prompt === null) exact.seeUnknown();
        else exact.see(prompt.prompt, timeMs, allInput);
      }
      if (prompt === null || call.prompt === null) {
        withoutBlocks++;
        return;
      }
      withBlocks++;
      caches.see(prompt, { timeMs, inputTokens: allInput, blockTokens: call.prompt.blockTokens });
    },
    evidence() {
      const counts = exact.counts();
      const isExactKnown = counts.requests > 0;
      return {
        exact_cache: {
          basis: isExactKnown ? 'measured' : 'not_identifiable',
          requests: counts.requests,
          without_fingerprint: counts.withoutFingerprint,
          repeats: isExactKnown ? counts.repeats : null,
          repeat_input_tokens: isExactKnown ? counts.repeatInputTokens : null,
          by_ttl: isExactKnown
            ? settings.exactTtlsSeconds.map((ttl_seconds, at) => ({ ttl_seconds, hits: counts.hits[at] ?? 0 }))
            : [],
        },
        prefix_cache: {
          basis: withBlocks > 0 ? 'measured' : 'not_identifiable',
          requests: withBlocks,
          without_fingerprint: withoutBlocks,
          replays:
            withBlocks > 0 ? settings.prefixReplays.map((rule, at) => prefixEvidence(rule, caches.totals(at))) : [],
          by_capacity: caches.byCapacity(),
          observed_cache_read_tokens: observedRead,
          observed_cache_write_tokens: observedWrite,
        },
        self_hosting: fleetEvidence(
          settings.fleetReplays,
          arrivalMs.values(),
          inputTokens.values(),
          outputTokens.values(),
        ),
        what_to_log: withoutBlocks > 0 ? [HOW_TO_IDENTIFY] : [],
      };
    },
  };
}

function prefixEvidence(rule: PrefixReplaySettings, totals: Readonly<PrefixTokens>): PrefixEvidence {
  return {
    rule: rule.rule,
    ttl_seconds: rule.ttlMs === null ? null : rule.ttlMs / 1000,
    ttl_refresh: rule.ttlRefresh,
    capacity_blocks: rule.capacityBlocks,
    minimum_tokens: rule.minimumTokens,
    increment_tokens: rule.incrementTokens,
    read_multiplier: rule.readMultiplier,
    write_multiplier: rule.writeMultiplier,
    input_tokens: totals.inputTokens,
    hit_tokens: totals.hitTokens,
    read_tokens: totals.readTokens,
    written_tokens: totals.writtenTokens,
    plain_tokens: totals.plainTokens,
    input_cost_ratio: inputCostRatio(totals, rule.readMultiplier, rule.writeMultiplier),
  };
}

function fleetEvidence(
  settings: readonly FleetReplaySettings[],
  arrivalMs: Float64Array,
  inputTokens: Float64Array,
  outputTokens: Float64Array,
): Evidence['self_hosting'] {
  const firstMs = arrivalMs[0] ?? 0;
  const arrivalS = arrivalMs.map((ms) => (ms - firstMs) / 1000);
  const spanS = arrivalS.at(-1) ?? 0;
  const replays = settings.map((fleet): FleetEvidence => {
    const serviceS = inputTokens.map(
      (tokens, call) =>
        fleet.baseSeconds +
        tokens / fleet.prefillTokensPerSecond +
        fleet.decodeSecondsPerToken * (outputTokens[call] as number),
    );
    const { meanWaitS, p95WaitS } = replayQueue(arrivalS, serviceS, fleet.servers);
    const workS = serviceS.reduce((sum, seconds) => sum + seconds, 0);
    const load = spanS === 0 ? 0 : workS / spanS;
    const erlangS = erlangMeanWaitS(fleet.servers, load, serviceS.length === 0 ? 0 : workS / serviceS.length);
    return {
      servers: fleet.servers,
      service_model: {
        base_s: fleet.baseSeconds,
        prefill_tokens_per_s: fleet.prefillTokensPerSecond,
        decode_s_per_token: fleet.decodeSecondsPerToken,
      },
      utilization: load / fleet.servers,
      mean_wait_s: meanWaitS,
      p95_wait_s: p95WaitS,
      erlang_c_mean_wait_s: Number.isFinite(erlangS) ? erlangS : null,
    };
  });
  return { requests: arrivalMs.length, replays };
}
