/**
 * Wildcard patterns of the config. In: a pattern (or several) as written. Out: a test of one text. `*` stands for any run of characters,
 * also none; everything else stands for itself, without regard to letter case; the whole text must match. There is no way to write a
 * literal star and no regular expression, so no pattern can backtrack: each part is searched once, from left to right.
 */

/** True if the text matches. Null (nothing known) matches nothing, not even `*`. */
export type Matcher = (text: string | null) => boolean;

/** Compiles one pattern, or a list of which one must match. */
export function matcherOf(pattern: string | readonly string[]): Matcher {
  const exact = new Set<string>();
  const wild: string[][] = [];
  for (const text of typeof pattern === 'string' ? [pattern] : pattern) {
    const parts = text.toLowerCase().split('*');
    if (parts.length === 1) exact.add(text.toLowerCase());
    else wild.push(parts);
  }
  return (text) => {
    if (text === null) return false;
    const lower = text.toLowerCase();
    return exact.has(lower) || wild.some((parts) => fits(parts, lower));
  };
}

/** Greedy from the left: each part at its first place after the one before; the first starts the text, the last ends it. */
function fits(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
