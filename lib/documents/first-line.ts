/** A text stream whose first line can be looked at before anything of it is taken: it decides whether a file is a table of texts. */

export interface FirstLine {
  /** the first line that is not blank, without its end; null where it is longer than is looked at */
  readonly line: string | null;
  /** the whole text, what was looked at among it */
  readonly text: AsyncGenerator<string>;
}

/** UTF-16 units; a longer first line is no header and no row of a table that anybody made for this. */
const MAX_LINE = 16 << 20;

/** Looks at the first line of a text. */
export async function firstLine(pieces: AsyncGenerator<string>): Promise<FirstLine> {
  const held: string[] = [];
  let characters = 0;
  let line: string | null = null;
  let start = '';
  for (;;) {
    const step = await pieces.next();
    if (step.done !== true) held.push(step.value);
    characters += step.done === true ? 0 : step.value.length;
    // looked at anew only where a line may have ended, so that a long line without an end costs its length once
    if (step.done === true || step.value.includes('\n')) {
      start = held.join('').replace(/^(?:[ \t]*\r?\n)+/, '');
      const end = start.indexOf('\n');
      if (end >= 0 || step.done === true) line = (end < 0 ? start : start.slice(0, end)).replace(/\r$/, '');
    }
    if (line !== null || step.done === true || characters > MAX_LINE) break;
  }
  return { line, text: resumed(held, pieces) };
}

async function* resumed(held: readonly string[], rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield* held;
  yield* rest;
}

/** The column that holds the text: the first of `textColumns` that is among `names`, as the file spells it; null where there is none. */
export function textColumnOf(names: readonly string[], textColumns: readonly string[]): string | null {
  for (const column of textColumns) {
    const found = names.find((name) => name.trim().toLowerCase() === column.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}
