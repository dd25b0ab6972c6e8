/**
 * How much could wait for a batch: what callers say (the floor, which a plan takes), what nothing in the log speaks against (the ceiling, which
 * nobody should believe), and streams that look like jobs in between. In: a scenario. Out: calls and picodollars at today's prices, no other
 * lever used. A band between two scenarios, never a probability (docs/simulation.md, "Batch").
 */
import { batchCandidates } from './batch-candidates.ts';
import type { BatchCandidate } from './batch-candidates.ts';
import { patientCalls } from './batch-eligibility.ts';
import type { BatchSettings, WaitingCalls } from './batch-eligibility.ts';
import { leverBit, scenarioCosts } from './scenario-costs.ts';
import type { Scenario } from './scenario-costs.ts';

export interface BatchBound {
  readonly calls: number;
  readonly costPico: bigint;
  readonly savingPico: bigint;
}

export interface BatchEvidence {
  readonly floor: BatchBound;
  readonly ceiling: BatchBound;
  readonly candidates: readonly BatchCandidate[];
}

/** Floor, ceiling and candidates. */
export function batchEvidence(scenario: Scenario, settings: BatchSettings): BatchEvidence {
  const { log, effects } = scenario;
  const patient = patientCalls({ ...log, isOpen: effects.isOpen }, settings);
  return {
    floor: boundOf(scenario, effects),
    ceiling: boundOf(scenario, patient),
    candidates: batchCandidates(log, patient.mayWait, effects.mayWait),
  };
}

function boundOf({ log, kinds, effects }: Scenario, waiting: WaitingCalls): BatchBound {
  const { mayWait, batchCacheThousandths, batchLateMillionths } = waiting;
  const changed = { ...effects, mayWait, batchCacheThousandths, batchLateMillionths };
  const { costPico, touched } = scenarioCosts({ log, kinds, effects: changed }, leverBit('batch'));
  const bound = { calls: 0, costPico: 0n, savingPico: 0n };
  for (let call = 0; call < log.calls; call++) {
    if (touched[call] === 0) continue;
    const cost = log.costPico[call] as bigint;
    bound.calls++;
    bound.costPico += cost;
    bound.savingPico += cost - BigInt(costPico[call] as number);
  }
  return bound;
}
