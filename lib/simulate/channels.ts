/**
 * The channel of every call that still arrives: at once or in a batch, with its prompt cached or not. A well-cached call can cost less than the
 * same call in a batch, and a call that is batched no longer keeps a cache warm, so a stream is priced as a whole: with nothing cached, with all
 * of it cached and nothing batched, and with those batched that are cheaper there while the cache is replayed on the rest. The cheapest is taken.
 * In: a stream, its costs at once and in a batch. Out: costs by call and which calls are batched. Source: docs/simulation.md, "One price per
 * call".
 */
import type { ArrivingCalls, PromptCachePlan } from './prompt-cache.ts';

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
    const cachedPico = cache?.costs(stream, setting) ?? null;
    if (cache === null || cachedPico === null) continue;
    offer({ costPico: cachedPico, isBatched: new Uint8Array(cachedPico.length), isCached: true });
    if (batchPico === null) continue;
    const { isBatched, costPico } = batched(cachedPico, batchPico);
    if (!isBatched.includes(1)) continue;
    const stays = isBatched.map((flag) => 1 - flag);
    const rest = stays.includes(1) ? cache.costs(those(stream, stays), setting) : new Float64Array(0);
    if (rest === null) continue;
    let next = 0;
    for (const [at, flag] of stays.entries()) if (flag === 1) costPico[at] = rest[next++] as number;
    offer({ costPico, isBatched, isCached: true });
  }
  return best;
}

/** Each call where it is cheaper. */
function batched(otherPico: Float64Array, batchPico: Float64Array | null): Channels {
  const costPico = Float64Array.from(otherPico);
  const isBatched = new Uint8Array(costPico.length);
  for (let at = 0; batchPico !== null && at < costPico.length; at++) {
    if (!((batchPico[at] as number) < (costPico[at] as number))) continue;
    costPico[at] = batchPico[at] as number;
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
