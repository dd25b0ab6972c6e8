/**
 * Colors for people: on terminals only. In: a stream, the environment. Out: functions that paint or leave text alone. NO_COLOR (not empty) turns them off
 * everywhere (no-color.org), else FORCE_COLOR turns them on, also in a pipe (`0` and `false`: off).
 */
import colors from 'picocolors';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether text written to a stream may carry colors. */
export function isColored(stream: { readonly isTTY?: boolean }, env: Environment = process.env): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Paints what goes to stdout. */
export function paint(): ReturnType<typeof colors.createColors> {
  return colors.createColors(isColored(process.stdout));
}

/** Paints what goes to stderr. */
export function paintNotes(): ReturnType<typeof colors.createColors> {
  return colors.createColors(isColored(process.stderr));
}
