/** Reading option values that commander hands over as text. */
import { Misconfigured } from '../lib/errors.ts';

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
