/**
 * Signs of waste in prompts that need no text. In: the calls of one stream (an application, a template) in order of time, as columns. Out: one
 * finding per detector, with the numbers it rests on. A detector fires, stays quiet, or says which column it lacks: not identifiable is not
 * quiet. A finding is a hint where to look, not a saving. Thresholds are the `waste.` parameters; every detector is linear in calls but for the
 * sorting behind two medians.
 */
import type { Parameters } from './parameters.ts';

/** Columns of a stream, one entry per call. A column the log does not have is null. */
export interface PromptStream {
  /** all input, cached or not */
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** number of the session; below zero: none */
  readonly session: Int32Array | null;
}

export interface Finding {
  readonly detector: 'long_input' | 'growing_sessions' | 'uncached_beginning';
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

/** What prompts of a stream begin with. */
export interface StreamBeginning {
  /** prompts that begin so, and how many tokens that is */
  readonly calls: number;
  readonly tokens: number;
  /** tokens that these calls read from a cache */
  readonly cachedTokens: number;
}

/**
 * One and the same beginning makes up most of the input, none of it was read from a cache, and it is long enough to be: `minimumTokens` is that
 * of the provider's cache rule, 0 where none is known. `beginning` null: no two prompts begin alike, or, if no call has a prompt, unknown.
 */
export function uncachedBeginning(
  stream: Pick<PromptStream, 'inputTokens'>,
  beginning: StreamBeginning | null,
  hasPrompts: boolean,
  parameters: Parameters,
  minimumTokens: number,
): Finding {
  if (!hasPrompts) return unknown('uncached_beginning', 'prompt blocks or prompts');
  const { calls, tokens, cachedTokens } = beginning ?? { calls: 0, tokens: 0, cachedTokens: 0 };
  const total = sumOf(stream.inputTokens);
  const share = total === 0 ? 0 : Math.min(1, (calls * tokens) / total);
  const isMost = share > parameters.valueOf('waste.identical_share');
  const fires = isMost && cachedTokens === 0 && tokens >= minimumTokens;
  return {
    detector: 'uncached_beginning',
    outcome: fires ? 'fires' : 'quiet',
    evidence: { calls, beginningTokens: tokens, share, cachedTokens },
  };
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
