/**
 * What is wrong with a configuration, in words a person can act on. In: an issue of the schema check and the JSON Schema of the file.
 * Out: one sentence with the JSON path, the valid keys or values, and the nearest valid key where a key looks misspelled.
 * Values of the file are never repeated.
 */
import type * as z from 'zod';

type SchemaNode = { readonly [key: string]: unknown };

/** One sentence per issue, such as `billing[0].mode: must be one of on_demand, …`; `jsonSchema` is that of the whole file. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], jsonSchema: SchemaNode): string[] {
  return issues.map((issue) => explainIssue(issue, jsonSchema));
}

function explainIssue(issue: z.core.$ZodIssue, jsonSchema: SchemaNode): string {
  const where = pathText(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `${where}: ${unknownKey(key, keysAt(jsonSchema, issue.path))}`).join('; ');
    case 'invalid_value':
      return `${where}: must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `${where}: must be ${article(issue.expected)}${issue.input === undefined && issue.message.includes('undefined') ? ', is missing' : ''}`;
    case 'too_small':
      return `${where}: must ${sized(issue.origin, `at least ${issue.minimum}`)}`;
    case 'too_big':
      return `${where}: must ${sized(issue.origin, `at most ${issue.maximum}`)}`;
    case 'invalid_union': {
      const inner = innerIssues(issue);
      if (inner.length > 0) return inner.map((each) => explainIssue(each, jsonSchema)).join('; ');
      return `${where}: ${issue.message}`;
    }
    default:
      return `${where}: ${issue.message}`;
  }
}

/** What is wrong inside a value that is meant for one of the union's kinds, as the others do not have its parts; empty where it is of none. */
function innerIssues({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const within = errors.filter((issues) =>
    issues.every((each) => each.path.length > 0 || each.code === 'unrecognized_keys'),
  );
  if (within.length !== 1) return [];
  return (within[0] ?? []).map((each) => ({ ...each, path: [...path, ...each.path] }));
}

/** `attribution.rules[2].match` from the parts of a path; the top of the file has a name, too. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || '(top level)';
}

/** Says that a key is unknown, which one was probably meant, and which ones are valid. */
function unknownKey(key: string, valid: readonly string[]): string {
  const meant = nearest(key, valid);
  const guess = meant === null ? '' : `did you mean ${JSON.stringify(meant)}? `;
  return `unknown key ${JSON.stringify(key)}, ${guess}valid here: ${valid.join(', ')}`;
}

/** The valid name that differs least from `text`, if it differs by no more than a third of its letters; else null. */
export function nearest(text: string, valid: readonly string[]): string | null {
  let best: string | null = null;
  let least = Infinity;
  for (const candidate of valid) {
    const distance = editDistance(text.slice(0, MAX_NAME).toLowerCase(), candidate.slice(0, MAX_NAME).toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best !== null && least <= Math.max(1, Math.floor(best.length / 3)) ? best : null;
}

/** Longer names are compared by their beginning: the comparison takes the product of both lengths. */
const MAX_NAME = 64;

/** Insertions, deletions, substitutions and swaps of neighbors that turn one text into the other (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(substituted, at(i - 1, j) + 1, at(i, j - 1) + 1, isSwap ? at(i - 2, j - 2) + 1 : Infinity));
    }
  }
  return at(a.length, b.length);
}

/** Keys that the schema knows at a path. */
function keysAt(root: SchemaNode, path: readonly PropertyKey[]): string[] {
  let node: SchemaNode | undefined = root;
  for (const part of path) {
    const next: unknown =
      typeof part === 'number' ? node?.['items'] : (node?.['properties'] as SchemaNode | undefined)?.[String(part)];
    node = objectOf(next as SchemaNode | undefined);
  }
  return Object.keys((node?.['properties'] as object | undefined) ?? {}).filter((key) => !key.startsWith('$'));
}

/** The object among the kinds that a value may be of. */
function objectOf(node: SchemaNode | undefined): SchemaNode | undefined {
  const kinds = (node?.['anyOf'] ?? []) as readonly SchemaNode[];
  return kinds.find((kind) => 'properties' in kind) ?? node;
}

function sized(origin: string, limit: string): string {
  const what = { string: 'characters', array: 'items' }[origin];
  return what === undefined ? `be ${limit}` : `have ${limit} ${limit.endsWith(' 1') ? what.slice(0, -1) : what}`;
}

function article(expected: string): string {
  return (
    {
      string: 'text',
      number: 'a number',
      int: 'a whole number',
      array: 'a list',
      object: 'an object',
      record: 'an object',
    }[expected] ?? expected
  );
}

/** The file without its `$comment` keys, wherever they are. */
export function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '$comment')
      .map(([key, inner]) => [key, withoutComments(inner)]),
  );
}
