/**
 * The exact-response cache as a lever: which calls it would answer, which it would be asked for in vain. It stands only before the streams (model
 * and workspace) where it saves more than its look-ups and stored answers cost. In: a log, its lifetime and capacity, what it costs. Out: flags
 * per call. Formulas: docs/simulation.md, "Exact responses".
 */
import type { CallLog } from './call-log.ts';
import { callStreams } from './call-streams.ts';
import { exactHits } from './exact-hits.ts';
import type { ExactHitSettings } from './exact-hits.ts';

export interface ExactCacheEffects {
  readonly isHit: Uint8Array;
  /** calls that are looked up and stored, or served */
  readonly isAsked: Uint8Array;
  readonly lookupPico: number;
  readonly storePico: number;
}

export interface ExactCacheSettings extends ExactHitSettings {
  readonly lookupPico: number;
  readonly storePico: number;
}

/** Flags under these settings; only calls with `isOpen` are asked for. */
export function exactCacheEffects(log: CallLog, settings: ExactCacheSettings): ExactCacheEffects {
  const { lookupPico, storePico } = settings;
  const isHit = exactHits(log, settings);
  const isAsked = new Uint8Array(log.calls);
  const hasPrompt = (call: number): boolean => log.isOpen[call] === 1 && (log.prompt[call] as number) >= 0;
  for (const { calls } of callStreams(log, log.kind, hasPrompt)) {
    const gain = calls.reduce(
      (sum, call) => sum + (isHit[call] === 1 ? Number(log.costPico[call]) - lookupPico : -lookupPico - storePico),
      0,
    );
    for (const call of calls) {
      if (gain > 0) isAsked[call] = 1;
      else isHit[call] = 0;
    }
  }
  return { isHit, isAsked, lookupPico, storePico };
}
