/**
 * Text that must not be stored in clear because it may be a credential, and names of fields that may be printed. Used wherever text of a
 * log could reach a table, a message or a report.
 */

/** Provider key prefixes, bearer tokens, AWS and Google key ids, PEM. */
const SECRET = /(^|[^a-z])(sk-|pk-|rk-|xox[bp]-|ghp_|AKIA|ASIA|AIza|Bearer |-----BEGIN )/;

/** True for text that may be a key. */
export function looksSecret(text: string): boolean {
  return SECRET.test(text);
}

/** Field names that are plain names: no credential, no address, nothing that could be data. At most `limit` of them. */
export function plainNames(names: readonly string[], limit: number): string[] {
  return names.filter((name) => /^[\w.:$-]{1,64}$/.test(name) && !looksSecret(name)).slice(0, limit);
}
