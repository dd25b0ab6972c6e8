/**
 * Text that must not be stored in clear because it may be a credential, and names of fields that may be printed. Used wherever text of a
 * log could reach a table, a message or a report.
 */

/** Provider key prefixes, bearer tokens, AWS and Google key ids, PEM. */
const SECRET = /(^|[^a-z])(sk-|pk-|rk-|xox[bp]-|ghp_|AKIA|ASIA|AIza|Bearer |-----BEGIN )/;

/** The shortest of these prefixes has three signs, and a name as short as that is none of them with a key behind it. */
const SHORTEST_PREFIX = 3;

/** True for text that may be a key. */
export function looksSecret(text: string): boolean {
  return text.length >= SHORTEST_PREFIX && mayHoldPrefix(text) && SECRET.test(text);
}

/** Whether a text holds a sign that every prefix has: `-`, `_`, a blank, or `I` (AKIA, ASIA, AIza). Most names have none. */
function mayHoldPrefix(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 45 || code === 95 || code === 32 || code === 73) return true;
  }
  return false;
}

/** Field names that are plain names: no credential, no address, nothing that could be data. At most `limit` of them. */
export function plainNames(names: readonly string[], limit: number): string[] {
  return names.filter((name) => /^[\w.:$-]{1,64}$/.test(name) && !looksSecret(name)).slice(0, limit);
}
