/**
 * JSON Lines: where the first line has a text column, each line is a document; without one the file is one text. Lines are read one at a
 * time in flat memory.
 */
import type { ExtractInput, Piece } from './extraction.ts';
import { rowName } from './extraction.ts';
import { firstLine, textColumnOf } from './first-line.ts';
import { extractText } from './plain-text.ts';
import { UnreadableDocument } from './unreadable.ts';

/** The texts of the rows, or the text of the file. */
export async function* extractJsonLines(input: ExtractInput): AsyncGenerator<Piece> {
  const { line, text } = await firstLine(extractText(input));
  const first = line === null ? null : objectOf(line);
  const column = first === null ? null : textColumnOf(Object.keys(first), input.textColumns);
  if (column === null || typeof first?.[column] !== 'string') {
    yield* text;
    return;
  }
  let row = 0;
  for await (const line of linesOf(text, input.budget.limits.maxBytes)) {
    if (line.trim() === '') continue;
    row += 1;
    const value = objectOf(line)?.[column];
    const name = rowName(row);
    if (typeof value === 'string') yield { kind: 'row', name, text: value };
    else yield { kind: 'bad_row', name, text: line, reason: badReason(line) };
  }
}

function badReason(line: string): string {
  return objectOf(line) === null ? 'is a line that is not a JSON object' : 'is a row without text in the text column';
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

async function* linesOf(pieces: AsyncIterable<string>, maxUnits: number): AsyncGenerator<string> {
  let open: string[] = [];
  let units = 0;
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      open.push(piece.slice(from, end));
      yield open.join('');
      open = [];
      units = 0;
      from = end + 1;
    }
    open.push(piece.slice(from));
    units += piece.length - from;
    if (units > maxUnits) {
      throw new UnreadableDocument(`has a line of more than ${maxUnits} characters (documents.limits.maxBytes)`);
    }
  }
  yield open.join('');
}
