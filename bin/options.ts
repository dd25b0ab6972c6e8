/** Reading option values that commander hands over as text. */
import { Misconfigured } from '../lib/errors.ts';
import { fromIso } from '../lib/time.ts';

/** A whole number from 0 to 2⁵³; throws `Misconfigured` naming the option. */
export function wholeNumber(option: string, text: string): number {
  const n = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(n) || n < 0) throw new Misconfigured(`${option} ${text}: must be a whole number`);
  return n;
}

/** A share from 0 to 1. */
export function share(option: string, text: string): number {
  const n = Number(text);
  if (!(n >= 0 && n <= 1)) throw new Misconfigured(`${option} ${text}: must be a share from 0 to 1`);
  return n;
}

/** A UTC day such as 2026-11-01; throws `Misconfigured` naming the option. */
export function dayOption(option: string, text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || fromIso(text) === null)
    throw new Misconfigured(`${option} ${text}: must be a day such as 2026-11-01`);
  return text;
}

/** A ledger named on the command line: a folder, or a deployment. */
export interface HomeOptions {
  readonly lake?: string;
  readonly stack?: string;
}

/** The one ledger a command works on; throws where neither or both are named. */
export function homeOf({ lake, stack }: HomeOptions): { readonly lake: string } | { readonly stack: string } {
  if (lake !== undefined && stack === undefined) return { lake };
  if (stack !== undefined && lake === undefined) return { stack };
  throw new Misconfigured('name one ledger: either --lake DIR or --stack NAME');
}
