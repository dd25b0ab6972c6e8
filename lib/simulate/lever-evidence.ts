/**
 * What the levers that config brings rest on, told beside the plan: the threshold of the semantic cache, and each image move by itself. In: a
 * scenario, config. Out: findings. Every number that a plan uses can be traced to one of them.
 */
import { imageMoves } from './image-effects.ts';
import type { ImageMoveFinding } from './image-effects.ts';
import type { EffectFacts, RentedPeriod } from './lever-effects.ts';
import type { LeverConfig } from './lever-config.ts';
import type { Parameters } from './parameters.ts';
import type { Scenario } from './scenario-costs.ts';
import type { Threshold } from './semantic-cache.ts';
import type { Neighbors } from './semantic-evidence.ts';

export interface SimilarFindings {
  /** null: none is certified, and `reason` says why */
  readonly threshold: Threshold | null;
  readonly reason: string | null;
  /** calls that would be served by it, with nothing before it and behind an exact cache */
  readonly hits: number;
  readonly hitsAfterExact: number;
  readonly neighbors: Pick<Neighbors, 'rows' | 'rowsOutsideLog' | 'unknownNeighbors'>;
}

/** Null where the owner gave no evidence. */
export function similarFindings({ effects }: Scenario, neighbors: Neighbors | null): SimilarFindings | null {
  const { semanticCache } = effects;
  if (semanticCache === null || neighbors === null) return null;
  const { rows, rowsOutsideLog, unknownNeighbors } = neighbors;
  const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  return {
    threshold: semanticCache.threshold,
    reason: semanticCache.reason,
    hits: count(semanticCache.alone.isHit),
    hitsAfterExact: count(semanticCache.afterExact.isHit),
    neighbors: { rows, rowsOutsideLog, unknownNeighbors },
  };
}

/** Each move of config `simulate.imageGeneration` by itself. */
export function imageFindings(
  { log, isOpen, kinds, pricing }: EffectFacts,
  { fromMs, toMs }: RentedPeriod,
  { images }: LeverConfig,
  parameters: Parameters,
): readonly ImageMoveFinding[] {
  const periodHours = (toMs - fromMs) / 3_600_000;
  const pixelExponent = parameters.valueOf('img.pixel_exponent');
  return imageMoves({ log: { ...log, isOpen }, kinds, pricing, moves: images, periodHours, pixelExponent }).findings;
}
