/**
 * Wildcard patterns of the config: `*` stands for any run of characters, everything else for itself, without regard to case. Matched
 * in time linear in text × stars, so that no pattern a user writes can hang a run.
 */
export type Matcher = (text: string | null) => boolean;

/** True if any of the patterns matches the whole text. Null (nothing known) matches nothing. */
export function matcherOf(pattern: string | readonly string[]): Matcher {
  const patterns = (typeof pattern === 'string' ? [pattern] : pattern).map((p) => p.toLowerCase().split('*'));
  return (text) => {
    if (text === null) return false;
    const lower = text.toLowerCase();
    return patterns.some((parts) => matches(parts, lower));
  };
}

/** Greedy from the left: each part at its first place after the one before; the last part must end the text. */
function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? '';
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  const last = parts.at(-1) ?? '';
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
