/** What a sender needs before it begins (a password, an address) and could not get. In: the error. Out: a refusal, because nothing was begun. */
import { LedgerError, Transient } from '../../errors.ts';
import type { SendOutcome } from '../../ports.ts';

type Refusal = Extract<SendOutcome, { kind: 'refused' }>;

/** A refusal in the words of one of our own errors, which carry no secret; what else was thrown is named by its kind only. */
export function notReady(what: string, error: unknown): Refusal {
  if (!(error instanceof LedgerError))
    return {
      kind: 'refused',
      reason: `${what}: ${error instanceof Error ? error.name : 'unknown error'}`,
      isRetryable: false,
    };
  const hint = error.hint === undefined ? '' : ` → ${error.hint}`;
  return { kind: 'refused', reason: `${what}: ${error.message}${hint}`, isRetryable: error instanceof Transient };
}
