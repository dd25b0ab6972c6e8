/**
 * Rewrites of prompt texts by which no information goes: JSON without the whitespace that JSON does not mean, lines without trailing spaces, one
 * blank line in place of several, and a long paragraph that stands earlier in the same prompt as a reference to it. In: the texts of one
 * prompt, in the order in which the model reads them. Out: each text after each step, and the characters (UTF-16 units) that went. Invariants:
 * no text gets longer; rewriting again changes nothing; everything else stays as it was, leading spaces, numbers and duplicate keys of JSON
 * included. Time is linear in the length of the texts, whatever they hold.
 *
 * What is insignificant in JSON: RFC 8259 §2 (2017). What a code fence is: CommonMark 0.31 §4.5 (2024), but indented as far as one likes, so that
 * nothing that may be code is touched. Two spaces at the end of a line are a line break in Markdown; the line still ends there.
 */
import { hash } from 'node:crypto';

/** Characters that each step took away. */
export interface SavedCharacters {
  readonly json: number;
  readonly whitespace: number;
  readonly repeated: number;
}

export interface RewrittenText {
  readonly text: string;
  readonly afterJson: string;
  readonly afterWhitespace: string;
  readonly savedBy: SavedCharacters;
}

/** Shorter paragraphs are not worth a reference, and may be repeated because they are meant to be. */
export const MIN_REPEATED_CHARACTERS = 200;

/** Digests of the long paragraphs of a prompt so far, and their numbers. */
type Paragraphs = Map<string, number>;

/** Rewrites the texts of one prompt. */
export function rewritePrompt(texts: readonly string[]): RewrittenText[] {
  const seen: Paragraphs = new Map();
  return texts.map((text) => rewritten(text, seen));
}

/** Rewrites a text that is a whole prompt. */
export function rewriteText(text: string): RewrittenText {
  return rewritten(text, new Map());
}

function rewritten(text: string, seen: Paragraphs): RewrittenText {
  const whole = minifiedJson(text);
  const isPatch = whole === null && PATCH.test(text);
  const afterJson = whole ?? mapFences(text, minifiedFence, (outside) => outside);
  const afterWhitespace =
    whole !== null || isPatch ? afterJson : mapFences(afterJson, (fence) => fence, withoutEmptiness);
  const last =
    whole === null
      ? isPatch
        ? afterWhitespace
        : mapFences(
            afterWhitespace,
            (fence) => fenceOnce(fence, seen),
            (outside) => paragraphsOnce(outside, seen),
          )
      : once(afterWhitespace, seen);
  return {
    text: last,
    afterJson,
    afterWhitespace,
    savedBy: {
      json: text.length - afterJson.length,
      whitespace: afterJson.length - afterWhitespace.length,
      repeated: afterWhitespace.length - last.length,
    },
  };
}

/** A patch outside of a fence: an empty line of its context is one space, so it is left alone. */
const PATCH = /^@@ -\d/m;

/** A text that is one JSON object or array, without insignificant whitespace; null where it is none. */
function minifiedJson(text: string): string | null {
  const [start, end] = [firstMeant(text), lastMeant(text)];
  const pair = `${text[start] ?? ''}${text[end] ?? ''}`;
  if (pair !== '{}' && pair !== '[]') return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return withoutJsonSpace(text);
}

/** Takes whitespace outside of strings from valid JSON; numbers and keys keep their text, which printing parsed JSON again would change. */
function withoutJsonSpace(json: string): string {
  const kept: string[] = [];
  let start = 0;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) at = closingQuote(json, at);
    else if (isJsonSpace(unit)) {
      if (start < at) kept.push(json.slice(start, at));
      start = at + 1;
    }
  }
  kept.push(json.slice(start));
  return kept.join('');
}

const QUOTE = 34;
const BACKSLASH = 92;

function closingQuote(json: string, open: number): number {
  let at = open + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function isJsonSpace(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 10 || unit === 13;
}

function firstMeant(text: string): number {
  let at = 0;
  while (isJsonSpace(text.charCodeAt(at))) at++;
  return at;
}

function lastMeant(text: string): number {
  let at = text.length - 1;
  while (at >= 0 && isJsonSpace(text.charCodeAt(at))) at--;
  return at;
}

/** Changes a text piece by piece: code fences, each from its opening line through its closing one, and what is between them. */
function mapFences(text: string, fence: (piece: string) => string, outside: (piece: string) => string): string {
  const pieces: string[] = [];
  let start = 0;
  /** what opened the fence that the line is in; empty outside */
  let opener = '';
  for (let at = 0; at < text.length;) {
    const next = afterLine(text, at);
    const mark = fenceMark(text, at, next);
    if (opener === '' && mark !== null && !(mark.sign.startsWith('`') && mark.rest.includes('`'))) {
      if (start < at) pieces.push(outside(text.slice(start, at)));
      start = at;
      opener = mark.sign;
    } else if (opener !== '' && mark !== null && mark.rest === '' && mark.sign.startsWith(opener)) {
      pieces.push(fence(text.slice(start, next)));
      start = next;
      opener = '';
    }
    at = next;
  }
  if (start < text.length) pieces.push((opener === '' ? outside : fence)(text.slice(start)));
  return pieces.join('');
}

/** Where the line after the one at `at` begins. */
function afterLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** The marks with which a line opens or closes a fence, and what follows them; null for any other line. */
function fenceMark(text: string, lineStart: number, next: number): { sign: string; rest: string } | null {
  let start = lineStart;
  while (isBlank(text.charCodeAt(start))) start++;
  const letter = text[start];
  if (letter !== '`' && letter !== '~') return null;
  let end = start;
  while (text[end] === letter) end++;
  return end - start < 3 ? null : { sign: text.slice(start, end), rest: text.slice(end, next).trim() };
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9;
}

/** A closed fence that says it is JSON and is: its lines become one, as far in as the first was. */
function minifiedFence(fence: string): string {
  const bodyStart = afterLine(fence, 0);
  const bodyEnd = fence.lastIndexOf('\n', fence.endsWith('\n') ? fence.length - 2 : fence.length - 1) + 1;
  const opening = fenceMark(fence, 0, bodyStart);
  const closing = fenceMark(fence, bodyEnd, fence.length);
  if (opening === null || closing === null || bodyEnd <= bodyStart || closing.rest !== '') return fence;
  if (!closing.sign.startsWith(opening.sign) || !/^json\b/i.test(opening.rest)) return fence;
  const body = fence.slice(bodyStart, bodyEnd);
  const short = minifiedJson(body);
  if (short === null) return fence;
  let indent = 0;
  while (isBlank(body.charCodeAt(indent))) indent++;
  return `${fence.slice(0, bodyStart)}${body.slice(0, indent)}${short}\n${fence.slice(bodyEnd)}`;
}

/** Without spaces at the ends of lines, carriage returns before line ends, and all but one of several empty lines in a row. */
function withoutEmptiness(text: string): string {
  const lines: string[] = [];
  let wasEmpty = false;
  for (let at = 0; at < text.length;) {
    const next = afterLine(text, at);
    const isEnded = text.charCodeAt(next - 1) === 10;
    const isNothing = isEnded ? isJsonSpace : isBlank;
    let end = next;
    while (end > at && isNothing(text.charCodeAt(end - 1))) end--;
    if (end > at) lines.push(text.slice(at, end));
    if (isEnded && !(wasEmpty && end === at)) lines.push('\n');
    wasEmpty = end === at;
    at = next;
  }
  return lines.join('');
}

/** Paragraphs, divided by empty lines; each that stood before becomes a reference. What divides them stays. */
function paragraphsOnce(text: string, seen: Paragraphs): string {
  const pieces: string[] = [];
  let start = 0;
  /** end of the last line of the paragraph from `start`, its line end left out; -1 before a paragraph */
  let end = -1;
  const close = (at: number): void => {
    if (end >= 0) pieces.push(once(text.slice(start, end), seen), text.slice(end, at));
    else pieces.push(text.slice(start, at));
    start = at;
    end = -1;
  };
  for (let at = 0; at < text.length;) {
    const next = afterLine(text, at);
    const lineEnd = text.charCodeAt(next - 1) === 10 ? next - 1 : next;
    const isEmpty = text.slice(at, lineEnd).trim() === '';
    if (isEmpty && end >= 0) close(next);
    else if (!isEmpty) {
      if (end < 0) close(at);
      end = lineEnd;
    }
    at = next;
  }
  close(text.length);
  return pieces.join('');
}

function fenceOnce(fence: string, seen: Paragraphs): string {
  return fence.endsWith('\n') ? `${once(fence.slice(0, -1), seen)}\n` : once(fence, seen);
}

/**
 * A paragraph, or a reference where it stood before. Digests, because a Map compares long strings of one length letter by letter, which hostile
 * paragraphs would make quadratic.
 */
function once(paragraph: string, seen: Paragraphs): string {
  if (paragraph.length < MIN_REPEATED_CHARACTERS) return paragraph;
  const digest = hash('sha256', Buffer.from(paragraph, 'utf16le'));
  const number = seen.get(digest);
  if (number !== undefined) return `(repeats paragraph ${number})`;
  seen.set(digest, seen.size + 1);
  return paragraph;
}
