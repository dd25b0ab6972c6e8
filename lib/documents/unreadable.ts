/**
 * How reading one document ends early. Reasons are made of fixed words, names of limits and numbers: never of what a library said, because
 * a parser's message may quote the text it stumbled over.
 */

/** One document cannot be read; those beside it can. `reason` is what its result tells. */
export class UnreadableDocument extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = 'UnreadableDocument';
    this.reason = reason;
  }
}

/** A limit that all parts of an object share is passed: nothing more of the object is read. */
export class LimitReached extends UnreadableDocument {
  constructor(reason: string) {
    super(reason);
    this.name = 'LimitReached';
  }
}

/** The bytes could not be fetched: says nothing about the document, so it is no result but thrown on. */
export class SourceFailure extends Error {
  constructor(cause: unknown) {
    super('the bytes of a document could not be fetched', { cause });
    this.name = 'SourceFailure';
  }
}
