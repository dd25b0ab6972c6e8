/**
 * The channel of every call that still arrives: at once or in a batch, with its prompt cached or not. A well-cached call can cost less than the
 * same call in a batch, and a call that is batched no longer keeps a cache warm, so a stream is priced as a whole: nothing cached; all cached;
 * some batched and the cache replayed on the rest: those that are cheaper there, those of them that no other call reads from, all that may wait.
 * In: a stream, its costs at once and in a batch. Out: the cheapest costs by call, and which calls are batched (docs/simulation.md,
 * "One price per call").
 */
import type { ArrivingCalls, CacheSetting, PromptCachePlan } from './prompt-cache.ts';

/** By position in the stream. */
export interface Channels {
  readonly costPico: Float64Array;
  readonly isBatched: Uint8Array;
  readonly isCached: boolean;
}

/** The cheapest channels. `batchPico` is infinite for calls that may not wait; `cache` null where prompts are not to be cached. */
export function cheapestChannels(
  stream: ArrivingCalls,
  atOncePico: Float64Array,
  batchPico: Float64Array | null,
  cache: PromptCachePlan | null,
): Channels {
  let best = batched(atOncePico, batchPico);
  let bestPico = sumOf(best.costPico);
  const offer = (channels: Channels): void => {
    const pico = sumOf(channels.costPico);
    if (pico >= bestPico) return;
    best = channels;
    bestPico = pico;
  };
  for (const setting of cache?.settings(stream) ?? []) {
    const cached = cache?.costs(stream, setting) ?? null;
    if (cache === null || cached === null) continue;
    const { costPico, source } = cached;
    const all: Channels = { costPico, isBatched: new Uint8Array(costPico.length), isCached: true };
    if (batchPico === null) {
      offer(all);
      continue;
    }
    const { isBatched } = batched(costPico, batchPico);
    const mayWait = Uint8Array.from(batchPico, (pico) => Number(pico < Infinity));
    const some = [isBatched, withoutWriters(stream, isBatched, source), mayWait].map((flags) =>
      flags.includes(1) ? partlyBatched(stream, batchPico, flags, cache, setting) : null,
    );
    offer(cheapestByFamily(stream, [all, ...some.filter((channels) => channels !== null)], cache));
  }
  return best;
}

/** Prompts that begin differently never share a mark, so each family of them has its own cheapest channels. */
function cheapestByFamily({ calls }: ArrivingCalls, options: readonly Channels[], cache: PromptCachePlan): Channels {
  const [first, ...others] = options as [Channels, ...Channels[]];
  if (others.length === 0) return first;
  const families = calls.map((call) => cache.familyOf(call));
  const sums = options.map(({ costPico }) => {
    const byFamily = new Map<number, number>();
    for (const [at, family] of families.entries())
      byFamily.set(family, (byFamily.get(family) ?? 0) + (costPico[at] as number));
    return byFamily;
  });
  const chosen = new Map<number, Channels>();
  for (const family of families) {
    if (chosen.has(family)) continue;
    const costs = sums.map((byFamily) => byFamily.get(family) as number);
    chosen.set(family, options[costs.indexOf(Math.min(...costs))] as Channels);
  }
  return {
    costPico: first.costPico.map((_, at) => chosen.get(families[at] as number)?.costPico[at] as number),
    isBatched: first.isBatched.map((_, at) => chosen.get(families[at] as number)?.isBatched[at] as number),
    isCached: true,
  };
}

/** The calls with a flag in a batch, the cache replayed on the rest. */
function partlyBatched(
  stream: ArrivingCalls,
  batchPico: Float64Array,
  isBatched: Uint8Array,
  cache: PromptCachePlan,
  setting: CacheSetting,
): Channels | null {
  const costPico = Float64Array.from(batchPico);
  const stays = isBatched.map((flag) => 1 - flag);
  if (!stays.includes(1)) return { costPico, isBatched, isCached: true };
  const rest = cache.costs(those(stream, stays), setting);
  if (rest === null) return null;
  let next = 0;
  for (const [at, flag] of stays.entries()) if (flag === 1) costPico[at] = rest.costPico[next++] as number;
  return { costPico, isBatched, isCached: true };
}

/** Of the calls that a batch would take, those that no staying call reads from: who wrote what others read stays, too. */
function withoutWriters({ calls }: ArrivingCalls, isBatched: Uint8Array, source: Int32Array): Uint8Array {
  const isRead = new Set<number>();
  const flags = Uint8Array.from(isBatched);
  // readers come after what they read
  for (let at = calls.length - 1; at >= 0; at--) {
    if (isRead.has(calls[at] as number)) flags[at] = 0;
    if (flags[at] === 0) isRead.add(source[at] as number);
  }
  return flags;
}

/** Each call where it is cheaper. */
function batched(otherPico: Float64Array, batchPico: Float64Array | null): Channels {
  const costPico = Float64Array.from(otherPico);
  const isBatched = new Uint8Array(costPico.length);
  for (const [at, pico] of batchPico?.entries() ?? []) {
    if (!(pico < (costPico[at] as number))) continue;
    costPico[at] = pico;
    isBatched[at] = 1;
  }
  return { costPico, isBatched, isCached: false };
}

function those({ kind, calls, isShort }: ArrivingCalls, flags: Uint8Array): ArrivingCalls {
  return { kind, calls: calls.filter((_, at) => flags[at] === 1), isShort: isShort.filter((_, at) => flags[at] === 1) };
}

function sumOf(costs: Float64Array): number {
  let sum = 0;
  for (const cost of costs) sum += cost;
  return sum;
}
