/**
 * The error of a container that breaks while it is read. It is thrown inside a content's chunks, after the bytes that were readable,
 * and becomes one item there: what came before it counts, what came after is named.
 */

export type BreakReason = 'truncated_container' | 'corrupt_container' | 'trailing_bytes';

/** truncated: the data ends early. corrupt: it contradicts itself. trailing: complete, but followed by bytes that belong to nothing. */
export class BrokenContainer extends Error {
  readonly reason: BreakReason;

  constructor(reason: BreakReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'BrokenContainer';
    this.reason = reason;
  }
}
