/**
 * Running text from what is drawn on a page of a PDF, which knows lines but no paragraphs. In: the items that pdf.js finds on a page. Out: text, in
 * which a line that was only broken because the next word did not fit goes on in the next one. A model is sent sentences, not the width of a page.
 */

/** A stretch of text on a page. Source: pdf.js, `TextItem`; the transform is [a, b, c, d, x, y] in units of the page. */
export interface PageItem {
  readonly str: string;
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly hasEOL: boolean;
}

interface Line {
  text: string;
  readonly left: number;
  readonly y: number;
  right: number;
  height: number;
}

/** Distance of two lines of one paragraph in heights of their letters, at most. */
const MAX_LEADING = 1.7;
/** Lines begin at one edge where they are less than this apart, in heights of their letters. */
const EDGE = 0.3;
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** The text of a page. Items keep their order. */
export function pageText(items: readonly PageItem[]): string {
  const lines = linesOf(items);
  const edges = rightEdges(lines);
  let text = '';
  for (const [i, line] of lines.entries()) {
    text += line.text;
    const next = lines[i + 1];
    if (next !== undefined) text += goesOn(line, next, edges) ? joint(line.text, next.text) : '\n';
  }
  return text;
}

function linesOf(items: readonly PageItem[]): Line[] {
  const lines: Line[] = [];
  let line: Line | null = null;
  for (const { str, transform, width, height, hasEOL } of items) {
    const [, , , , x = 0, y = 0] = transform;
    line ??= { text: '', left: x, y, right: x, height: 0 };
    line.text += str;
    if (str.trim() !== '') {
      line.right = Math.max(line.right, x + width);
      line.height = Math.max(line.height, height);
    }
    if (!hasEOL) continue;
    lines.push(line);
    line = null;
  }
  if (line !== null) lines.push(line);
  return lines;
}

/** How far the lines reach that begin at an edge. */
function rightEdges(lines: readonly Line[]): Map<number, number> {
  const edges = new Map<number, number>();
  for (const { left, right } of lines) edges.set(Math.round(left), Math.max(right, edges.get(Math.round(left)) ?? 0));
  return edges;
}

/** Whether `next` is the same paragraph: right below, at the same edge, and its first word had no room. */
function goesOn(line: Line, next: Line, edges: ReadonlyMap<number, number>): boolean {
  if (line.text.trim() === '' || next.text.trim() === '' || line.height === 0) return false;
  const distance = line.y - next.y;
  if (distance <= 0 || distance > line.height * MAX_LEADING || next.left - line.left > line.height * EDGE) return false;
  const edge = Math.max(edges.get(Math.round(line.left)) ?? 0, edges.get(Math.round(next.left)) ?? 0);
  const word = WITHOUT_SPACES.test(next.text[0] ?? '') ? 1 : (/^\S+/.exec(next.text.trimStart())?.[0].length ?? 0);
  const unit = (next.right - next.left) / next.text.length;
  return line.right + (word + 1) * unit > edge;
}

function joint(before: string, after: string): string {
  if (/\s$/.test(before) || /^\s/.test(after) || /\p{L}-$/u.test(before)) return '';
  return WITHOUT_SPACES.test(before.at(-1) ?? '') && WITHOUT_SPACES.test(after[0] ?? '') ? '' : ' ';
}
