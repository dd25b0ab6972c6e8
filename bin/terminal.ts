/** What a person sees of a value: safe names, cells as text, notes. Results go to stdout, everything else to stderr. */
import type { Log } from '../lib/ports.ts';
import { paintNotes } from './colors.ts';
import { writeNote } from './progress.ts';

/** Characters that move the cursor, break the line or turn the direction of what follows. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Names come from logs: control and direction characters are taken out, and long ones are cut. */
export function printable(text: string, limit = 200): string {
  const clean = text.slice(0, 4 * limit).replace(UNSAFE, '\ufffd');
  if (clean.length <= limit) return clean;
  // by code points: a cut never leaves half of a surrogate pair
  const signs = Array.from(clean);
  return signs.length > limit ? `${signs.slice(0, limit - 1).join('')}…` : clean;
}

/** A cell of a result as text: null is empty, lists and maps are JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Columns of the terminal; in a pipe those of COLUMNS, else 120. */
export function terminalWidth(): number {
  const told = Number(process.env['COLUMNS']);
  const width = process.stdout.columns ?? (Number.isSafeInteger(told) && told > 0 ? told : 120);
  return Math.max(20, width);
}

export function consoleLog(): Log {
  return {
    info: writeNote,
    warn: (message) => writeNote(`${paintNotes().yellow('warning:')} ${message}`),
  };
}
