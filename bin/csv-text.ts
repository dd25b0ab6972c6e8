/**
 * CSV (RFC 4180, lines end with CR LF). In: names and rows of text. Out: text. Invariant: what a spreadsheet would run as a formula is text there: a
 * cell of a text column that begins with = + - @ tab or line break (also in their full-width forms) gets an apostrophe in front. In a column that holds
 * numbers only, a minus is a sign.
 */

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** True of decimal text, which no spreadsheet takes for a formula. */
export function isNumberText(text: string): boolean {
  return NUMBER.test(text);
}

/** The rows under a line of names. */
export function csvText(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumeric = names.map((_, i) => rows.every((row) => (row[i] ?? '') === '' || isNumberText(row[i] ?? '')));
  const lines = [
    names.map((name) => quoted(harmless(name))),
    ...rows.map((row) => names.map((_, i) => quoted(isNumeric[i] ? (row[i] ?? '') : harmless(row[i] ?? '')))),
  ];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
