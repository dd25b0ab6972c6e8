/**
 * JSON that a person wrote (config, price overlays): a value, or where the text stops being JSON. In: a text and the file's name. Out: the value.
 * Invariant: the message never quotes the text, which may hold names and keys; it says the line and column instead.
 */
import { Misconfigured } from './errors.ts';

/** Parses a file's text, a byte order mark allowed. Throws `Misconfigured` with the file, line and column. */
export function parseJsonText(name: string, text: string, hint?: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch {
    const found = hint === undefined ? {} : { hint };
    throw new Misconfigured(`${name} is not valid JSON: ${whereItStops(json)}`, found);
  }
}

function whereItStops(json: string): string {
  if (json.trim() === '') return 'the file is empty';
  const at = lengthOfStart(json);
  if (at === json.length) return 'the file ends before its value does';
  const before = json.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1} is not what can stand there`;
}

/** How many characters are the start of some JSON text: what is cut off after them is wrong only because it ends too early. */
function lengthOfStart(json: string): number {
  let [good, bad] = [0, json.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isStart(json.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** V8 tells an early end by its message, or by a place that lies after the last character. */
function isStart(part: string): boolean {
  try {
    JSON.parse(part);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /at position (\d+)/.exec(message)?.[1];
    return message.startsWith('Unexpected end') || Number(position) >= part.length;
  }
}
