/**
 * What may be said about quality when calls move to another model. In: an evaluation by the owner, or none. Out: a statement that goes with
 * every saving. Invariant: without an evaluation it says "quality not assessed"; a price never implies quality. An evaluation shows a model as
 * not inferior at a margin only if even the lower bound of the difference in pass rates stays above minus the margin.
 */

/** The interval of (pass rate of the new model − pass rate of the old one) on the owner's own tasks. */
export interface QualityEvaluation {
  readonly low: number;
  readonly high: number;
  /** tasks evaluated */
  readonly tasks: number;
}

export interface QualityStatement {
  readonly status: 'not_assessed' | 'not_inferior' | 'undecided' | 'inferior';
  readonly text: string;
}

export function qualityStatement(evaluation: QualityEvaluation | null, margin: number): QualityStatement {
  if (evaluation === null) return { status: 'not_assessed', text: 'quality not assessed' };
  const { low, high, tasks } = evaluation;
  const points = (share: number): string => (share * 100).toFixed(1);
  const range = `pass rate ${points(low)} to ${points(high)} points against the present model on ${tasks} tasks`;
  if (low > -margin) return { status: 'not_inferior', text: `not inferior at ${points(margin)} points: ${range}` };
  if (high < -margin) return { status: 'inferior', text: `inferior: ${range}` };
  return { status: 'undecided', text: `evaluated, not decided: ${range}` };
}
