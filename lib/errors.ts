/**
 * The three ways anything here can go wrong, as types, so that retry policy is a type question and not a string match.
 * A message says what happened, where, and what to do. Messages carry key names, never values: a log line may hold a prompt.
 */

/** Where in the input something happened: an object key and, inside it, a line (1-based) or a byte. */
export interface SourcePlace {
  readonly object?: string;
  readonly line?: number;
}

/** Base of all errors raised on purpose. `hint` is the next step for the person who reads it. */
export class LedgerError extends Error {
  readonly place: SourcePlace | undefined;
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; place?: SourcePlace; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    this.place = options.place;
  }
}

/** Something outside failed and may work later (a throttled call, a file being rewritten): thrown, the caller retries. */
export class Transient extends LedgerError {}

/** The configuration, the command line or the environment is wrong: the run stops; the message names the path and the valid values. */
export class Misconfigured extends LedgerError {}

/** An object cannot be read at all (broken gzip, too large): it is recorded with its outcome, the others go on. */
export class UnreadableObject extends LedgerError {
  readonly reason: 'corrupt' | 'too_large' | 'unsupported';

  constructor(
    reason: UnreadableObject['reason'],
    message: string,
    options: { place?: SourcePlace; cause?: unknown } = {},
  ) {
    super(message, options);
    this.reason = reason;
  }
}
