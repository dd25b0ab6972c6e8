/**
 * Signs of waste in prompts that need no text. In: the calls of one stream (an application, a template) in order of time, as columns. Out: one
 * finding per detector, with the numbers it rests on. A detector fires, stays quiet, or says which column it lacks: not identifiable is not
 * quiet. A finding is a hint where to look, not a saving. Thresholds are the `waste.` parameters; every detector is linear in calls and blocks
 * but for the sorting behind two medians.
 */
import type { Parameters } from './parameters.ts';

/** Columns of a stream, one entry per call. A column the log does not have is null. */
export interface PromptStream {
  /** all input, cached or not */
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  readonly cachedTokens: Float64Array | null;
  /** number of the session; below zero: none */
  readonly session: Int32Array | null;
  /** numbers of prefix-chained blocks, those of call i from `blockOffsets[i]` up to `blockOffsets[i + 1]` */
  readonly blocks: { readonly offsets: Int32Array; readonly numbers: Int32Array; readonly blockTokens: number } | null;
}

export interface Finding {
  readonly detector: 'long_input' | 'growing_sessions' | 'uncached_beginning' | 'below_cache_minimum';
  readonly outcome: 'fires' | 'quiet' | 'not_identifiable';
  readonly evidence: Readonly<Record<string, number>>;
  /** what to log to know; only where not identifiable */
  readonly needs?: string;
}

/** Much is read to say little: median input over median output. */
export function longInput(stream: PromptStream, parameters: Parameters): Finding {
  const medianInput = medianOf(stream.inputTokens);
  const medianOutput = medianOf(stream.outputTokens);
  const evidence = { medianInput, medianOutput, ratio: medianOutput === 0 ? 0 : medianInput / medianOutput };
  if (!(medianOutput > 0)) return unknown('long_input', 'calls with output tokens');
  const isLong = evidence.ratio > parameters.valueOf('waste.input_output_ratio');
  return { detector: 'long_input', outcome: isLong ? 'fires' : 'quiet', evidence };
}

/** Sessions whose input grows turn by turn and is never compacted. */
export function growingSessions(stream: PromptStream, parameters: Parameters): Finding {
  const { session, inputTokens } = stream;
  if (session === null || !session.some((number) => number >= 0)) return unknown('growing_sessions', 'session ids');
  const seen = new Map<number, { first: number; last: number; turns: number; tokens: number; hasShrunk: boolean }>();
  for (let i = 0; i < session.length; i++) {
    const number = session[i] as number;
    const tokens = inputTokens[i] as number;
    if (number < 0) continue;
    const state = seen.get(number);
    if (state === undefined) seen.set(number, { first: tokens, last: tokens, turns: 1, tokens, hasShrunk: false });
    else {
      state.hasShrunk ||= tokens < state.last;
      state.last = tokens;
      state.turns++;
      state.tokens += tokens;
    }
  }
  const evidence = { sessions: seen.size, growing: 0, tokens: 0, growingTokens: 0, share: 0 };
  for (const { first, last, turns, tokens, hasShrunk } of seen.values()) {
    evidence.tokens += tokens;
    const isLong = turns >= parameters.valueOf('waste.growth_turns');
    if (!isLong || hasShrunk || last < first * parameters.valueOf('waste.growth_factor')) continue;
    evidence.growing++;
    evidence.growingTokens += tokens;
  }
  evidence.share = evidence.tokens === 0 ? 0 : evidence.growingTokens / evidence.tokens;
  const fires = evidence.share > parameters.valueOf('waste.growing_share');
  return { detector: 'growing_sessions', outcome: fires ? 'fires' : 'quiet', evidence };
}

/**
 * One and the same beginning makes up most of the input, none of it was read from a cache, and it is long enough to be: `minimumTokens` is that
 * of the provider's cache rule, 0 where none is known.
 */
export function uncachedBeginning(stream: PromptStream, parameters: Parameters, minimumTokens: number): Finding {
  const { blocks, cachedTokens, inputTokens } = stream;
  if (blocks === null || blocks.numbers.length === 0) return unknown('uncached_beginning', 'prompt blocks or prompts');
  if (cachedTokens === null) return unknown('uncached_beginning', 'cached tokens');
  const beginning = commonBeginning(blocks.offsets, blocks.numbers);
  const total = sumOf(inputTokens);
  const identicalTokens = beginning.depth * blocks.blockTokens;
  const evidence = {
    calls: beginning.calls,
    beginningTokens: identicalTokens,
    share: total === 0 ? 0 : Math.min(1, (beginning.calls * identicalTokens) / total),
    cachedTokens: 0,
  };
  for (let i = 0; i + 1 < blocks.offsets.length; i++) {
    const at = (blocks.offsets[i] as number) + beginning.depth - 1;
    if (at < (blocks.offsets[i + 1] as number) && blocks.numbers[at] === beginning.block)
      evidence.cachedTokens += cachedTokens[i] as number;
  }
  const isMost = beginning.calls > 1 && evidence.share > parameters.valueOf('waste.identical_share');
  const fires = isMost && evidence.cachedTokens === 0 && identicalTokens >= minimumTokens;
  return { detector: 'uncached_beginning', outcome: fires ? 'fires' : 'quiet', evidence };
}

/**
 * Shortening prompts to `keptShare` takes calls that read from a cache below the provider's minimum: they pay full price for all that is left.
 * Fires where such calls would cost more input than before, at `readMultiple` of the input price for cached tokens.
 */
export function belowCacheMinimum(
  stream: PromptStream,
  keptShare: number,
  minimumTokens: number,
  readMultiple: number,
): Finding {
  const { cachedTokens, inputTokens } = stream;
  if (cachedTokens === null) return unknown('below_cache_minimum', 'cached tokens');
  const evidence = { calls: 0, cachedTokensLost: 0, dearerCalls: 0, addedFreshTokens: 0 };
  for (let i = 0; i < inputTokens.length; i++) {
    const [input, cached] = [inputTokens[i] as number, cachedTokens[i] as number];
    const kept = Math.round(input * keptShare);
    if (cached === 0 || kept >= minimumTokens) continue;
    evidence.calls++;
    evidence.cachedTokensLost += cached;
    const added = kept - (input - cached + cached * readMultiple);
    if (added <= 0) continue;
    evidence.dearerCalls++;
    evidence.addedFreshTokens += added;
  }
  return { detector: 'below_cache_minimum', outcome: evidence.dearerCalls > 0 ? 'fires' : 'quiet', evidence };
}

/** The block whose calls × depth is largest: blocks are chained, so one number stands for all before it. */
function commonBeginning(offsets: Int32Array, numbers: Int32Array): { block: number; depth: number; calls: number } {
  const calls = new Map<number, number>();
  let best = { block: -1, depth: 0, calls: 0 };
  for (let i = 0; i + 1 < offsets.length; i++) {
    const start = offsets[i] as number;
    for (let at = start; at < (offsets[i + 1] as number); at++) {
      const block = numbers[at] as number;
      const count = (calls.get(block) ?? 0) + 1;
      calls.set(block, count);
      const depth = at - start + 1;
      if (count > 1 && count * depth > best.calls * best.depth) best = { block, depth, calls: count };
    }
  }
  return best;
}

function medianOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function unknown(detector: Finding['detector'], needs: string): Finding {
  return { detector, outcome: 'not_identifiable', evidence: {}, needs };
}
