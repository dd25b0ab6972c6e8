/**
 * What an owner's own evaluation says of a move to another model: tasks passed by either model, by class of task. In: counts of the config. Out:
 * for each class the range of the difference of pass rates (Newcombe 1998, from Wilson's intervals of 1927, 95 %) and whether the other model is
 * not inferior by more than the margin. Invariant: without an evaluation nothing is said of quality but that it was not assessed.
 */
import type { Parameters } from './parameters.ts';
import { comparePassRates } from './proportion.ts';
import { qualityStatement } from './quality-statement.ts';
import type { QualityStatement } from './quality-statement.ts';

/** Tasks of one class, each given to both models. */
export interface EvaluatedTasks {
  readonly task: string;
  readonly from: PassedTasks;
  readonly to: PassedTasks;
}

export interface PassedTasks {
  readonly passed: number;
  readonly checked: number;
}

export interface MoveQuality extends QualityStatement {
  readonly from: string;
  readonly to: string;
  /** null: not evaluated */
  readonly task: string | null;
  /** pass rate of the other model less that of the first; null: not evaluated */
  readonly low: number | null;
  readonly high: number | null;
}

interface EvaluatedMove {
  readonly from: string;
  readonly to: string;
  readonly evaluation?: readonly EvaluatedTasks[] | undefined;
}

/** One statement per class of task, one per move without any. */
export function moveQualities(moves: readonly EvaluatedMove[], parameters: Parameters): MoveQuality[] {
  const margin = parameters.valueOf('model.quality_margin');
  return moves.flatMap(({ from, to, evaluation = [] }): MoveQuality[] => {
    if (evaluation.length === 0)
      return [{ from, to, task: null, low: null, high: null, ...qualityStatement(null, margin) }];
    return evaluation.map((tasks): MoveQuality => {
      const { low, high } = comparePassRates(countOf(tasks.to), countOf(tasks.from), margin);
      const evaluated = { low, high, tasks: Math.min(tasks.from.checked, tasks.to.checked) };
      return { from, to, task: tasks.task, low, high, ...qualityStatement(evaluated, margin) };
    });
  });
}

function countOf({ passed, checked }: PassedTasks): { hits: number; trials: number } {
  return { hits: passed, trials: checked };
}
