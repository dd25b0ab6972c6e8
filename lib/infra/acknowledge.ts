/**
 * Findings of cdk-nag that stand, each with the reason why. In: a construct and finding ids with reasons. A reason says what is true of this
 * resource; there is no list of findings that hold everywhere.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges findings on a construct: id (with its own part in brackets, where it has one) → reason. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}
