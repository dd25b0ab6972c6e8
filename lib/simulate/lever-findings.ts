/**
 * What is said of each of the eight levers: what it saves in the plan, alone and last; or why this log does not tell, and what to log or
 * configure to know. In: a plan with its ranges, and what the log shows. Out: one finding per lever, in the order of the gateway. Invariant:
 * every lever is there, and what is not known is null.
 */
import type { CallLog } from './call-log.ts';
import type { Evidence } from './evidence.ts';
import type { LeverSaving, Plan } from './plan.ts';
import type { LeverConfig } from './lever-config.ts';
import type { PlanRanges, Range } from './plan-ranges.ts';
import type { FleetFinding } from './hosting-pools.ts';
import { WORDS } from './lever-words.ts';
import type { RewriteRow } from './measured-rewrites.ts';
import type { Knob } from './model-moves.ts';
import type { MoveFinding } from './move-findings.ts';
import type { MoveQuality } from './move-quality.ts';
import type { IllustrativeBand } from './semantic-band.ts';
import type { Scenario } from './scenario-costs.ts';

export const LEVERS = [
  'prompt_optimization',
  'exact_cache',
  'semantic_cache',
  'model_choice',
  'self_hosting',
  'batch',
  'prefix_cache',
  'image_generation',
] as const;
export type Lever = (typeof LEVERS)[number];
export type Basis = 'measured' | 'modelled' | 'illustrative' | 'not_identifiable';

export interface LeverFinding {
  readonly lever: Lever;
  readonly basis: Basis;
  readonly isInPlan: boolean;
  /** calls it changes when it is the only one */
  readonly calls: number;
  /** share of the plan, alone, and what the plan loses without it; null where not identifiable */
  readonly savingPico: bigint | null;
  readonly alonePico: bigint | null;
  readonly lastPico: bigint | null;
  readonly range: Range | null;
  /** what others saw, where nothing of it is in this log */
  readonly illustration?: IllustrativeBand;
  /** what is taken for granted, and what was not assessed */
  readonly assumptions: readonly string[];
  /** why it is not identifiable, or why it saves nothing; null where there is nothing to say */
  readonly why: string | null;
  /** what to log or to configure to know (more) */
  readonly toKnow: string | null;
  /** page with method and sources */
  readonly page: string;
}

export interface FindingInput {
  readonly log: CallLog;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly ranges: PlanRanges;
  readonly evidence: Evidence;
  readonly config: LeverConfig;
  /** evidence of similar questions was given */
  readonly hasSimilar: boolean;
  /** what an application of its kind may save, where only its kind is known */
  readonly band: IllustrativeBand | null;
  readonly fleets: readonly FleetFinding[];
  readonly quality: readonly MoveQuality[];
  readonly moves: readonly MoveFinding[];
  readonly knobs: readonly Knob[];
  /** lossless rewrites as measured; null: not measured */
  readonly rewrites: readonly RewriteRow[] | null;
}

/** One finding per lever. */
export function leverFindings(input: FindingInput): LeverFinding[] {
  return LEVERS.map((lever) => {
    const at = input.plan.levers.findIndex((saving) => saving.lever === lever);
    const saving = input.plan.levers[at];
    const words = WORDS[lever](input, saving);
    const isKnown = words.basis === 'measured' || words.basis === 'modelled';
    return {
      lever,
      ...words,
      isInPlan: saving?.isInPlan ?? false,
      calls: saving?.calls ?? 0,
      ...(lever === 'semantic_cache' && input.band !== null && { illustration: input.band }),
      savingPico: saving ? total(saving) : isKnown ? 0n : null,
      alonePico: saving?.alonePico ?? (isKnown ? 0n : null),
      lastPico: saving?.lastPico ?? (isKnown ? 0n : null),
      range: input.ranges.levers[at] ?? null,
      page: `docs/simulation.md#${lever.replaceAll('_', '-')}`,
    };
  });
}

function total({ sharePico }: LeverSaving): bigint {
  return sharePico.reduce((sum, share) => sum + share, 0n);
}
