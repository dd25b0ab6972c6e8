/**
 * Which calls an exact-response cache in front of the providers would have answered. In: a call log. Out: a flag per call. A hit needs the
 * same prompt, model and workspace, an answer that is there already (a repeat that arrives while the first is still being answered is a
 * miss), and a last use within the lifetime. Only successful calls are stored and served. Formulas: docs/simulation.md, "Exact responses".
 */
import type { CallLog } from './call-log.ts';
import { createHeldBlocks } from './held-blocks.ts';

export interface ExactHitSettings {
  readonly ttlMs: number;
  /** taken where the log does not tell how long an answer took */
  readonly assumedLatencyMs: number;
  /** answers the cache holds, least recently used first to go */
  readonly capacity: number;
}

/** 1 for each call that would have been a hit. */
export function exactHits(log: CallLog, { ttlMs, assumedLatencyMs, capacity }: ExactHitSettings): Uint8Array {
  const hits = new Uint8Array(log.calls);
  const lastUseMs = new Map<number, number>();
  const answeredMs = new Map<number, number>();
  const held = createHeldBlocks(capacity);
  for (let call = 0; call < log.calls; call++) {
    const prompt = log.prompt[call] as number;
    if (prompt < 0 || log.isOpen[call] === 0) continue;
    const now = log.timeMs[call] as number;
    const lastMs = lastUseMs.get(prompt);
    const isLive = lastMs !== undefined && now - lastMs <= ttlMs && held.holds(prompt);
    const isHit = isLive && now >= (answeredMs.get(prompt) ?? Infinity);
    if (isHit) hits[call] = 1;
    else {
      const latencyMs = log.latencyMs[call] as number;
      const thereMs = now + (Number.isNaN(latencyMs) ? assumedLatencyMs : latencyMs);
      // of several that were under way together, the first to be answered fills the cache
      answeredMs.set(prompt, isLive ? Math.min(thereMs, answeredMs.get(prompt) ?? Infinity) : thereMs);
    }
    lastUseMs.set(prompt, now);
    held.use(prompt);
  }
  return hits;
}
