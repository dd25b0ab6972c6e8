/**
 * What Athena does that Trino does not: properties of CREATE TABLE AS that only Athena knows, and what Athena refuses. In: a statement and
 * its workgroup's settings. Out: the statement for Trino, or Athena's own words of refusal. Sources: the Athena user guide (CTAS,
 * workgroups, service quotas) and API reference.
 */

export interface Workgroup {
  readonly name: string;
  readonly isEnforced: boolean;
  readonly outputLocation: string | null;
  readonly bytesCutoff: number | null;
}

/** A CREATE TABLE AS, taken apart. */
export interface TableAs {
  readonly table: string;
  readonly properties: Readonly<Record<string, string>>;
  /** the statement without the properties that only Athena knows */
  readonly forTrino: string;
}

const MAX_QUERY_BYTES = 262_144;
const MAX_PARAMETER = 1024;
const TOKEN = { shortest: 32, longest: 128 } as const;

/** What the API refuses before it starts a query; null if it would start. */
export function requestProblem(request: {
  QueryString?: string;
  ClientRequestToken?: string;
  ExecutionParameters?: readonly string[];
}): string | null {
  const { QueryString: sql = '', ClientRequestToken: token, ExecutionParameters: parameters } = request;
  if (sql.trim() === '') return 'QueryString is empty';
  if (Buffer.byteLength(sql) > MAX_QUERY_BYTES) return `QueryString is longer than ${MAX_QUERY_BYTES} bytes`;
  if (token !== undefined && (token.length < TOKEN.shortest || token.length > TOKEN.longest))
    return `ClientRequestToken must have ${TOKEN.shortest} to ${TOKEN.longest} characters`;
  if (parameters?.length === 0) return 'ExecutionParameters must not be empty';
  const long = parameters?.findIndex((one) => one.length === 0 || one.length > MAX_PARAMETER) ?? -1;
  return long < 0 ? null : `ExecutionParameters ${long + 1} must have 1 to ${MAX_PARAMETER} characters`;
}

const TABLE_AS = /^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?("?[\w.]+"?(?:\."?\w+"?)?)\s+with\s*\(/i;
/** Athena's compression names, as Trino's session property has them. */
const COMPRESSION_ONLY_IN_ATHENA = ['write_compression', 'parquet_compression'];

/** Takes a CREATE TABLE … WITH (…) AS apart; null if the statement is none. */
export function readTableAs(sql: string): TableAs | null {
  const head = TABLE_AS.exec(sql);
  if (head === null) return null;
  const open = head[0].length;
  const close = closingParenthesis(sql, open);
  const parts = splitAtCommas(sql.slice(open, close));
  const pairs = parts.map((part) => {
    const at = part.indexOf('=');
    return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const;
  });
  const kept = pairs.filter(([name]) => !COMPRESSION_ONLY_IN_ATHENA.includes(name));
  const list = kept.map(([name, value]) => `${name} = ${value}`).join(', ');
  return {
    table: head[1] ?? '',
    properties: Object.fromEntries(pairs.map(([name, value]) => [name, value.replace(/^'|'$/g, '')])),
    forTrino: `${sql.slice(0, open)}${list}${sql.slice(close)}`,
  };
}

/** What Athena refuses of a CREATE TABLE AS in this workgroup; null if it runs. */
export function tableAsProblem(statement: TableAs, workgroup: Workgroup): string | null {
  const { external_location: location } = statement.properties;
  if (workgroup.isEnforced && location !== undefined)
    return "The Create Table As Select query failed because it was submitted with an 'external_location' property to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the 'external_location' property and resubmit the query.";
  if (location === undefined) return 'NOT_MODELLED: CREATE TABLE AS without external_location';
  if (!location.endsWith('/')) return `INVALID_TABLE_PROPERTY: external_location must be a folder: ${location}`;
  return null;
}

/** What Athena says where the target folder is not empty. */
export function occupiedTarget(table: string, location: string): string {
  return `HIVE_PATH_ALREADY_EXISTS: Target directory for table '${table}' already exists: ${location}. You may need to manually clean the data at location '${location}' before retrying. Athena will not delete data in your account.`;
}

/** The next position of `)` that closes what is open at `from`, strings left out. */
function closingParenthesis(sql: string, from: number): number {
  let depth = 1;
  let isText = false;
  for (let at = from; at < sql.length; at++) {
    const sign = sql[at];
    if (sign === "'") isText = !isText;
    else if (!isText && sign === '(') depth++;
    else if (!isText && sign === ')' && --depth === 0) return at;
  }
  throw new Error('a parenthesis of WITH ( … ) is not closed');
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isText = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "'") isText = !isText;
    else if (!isText && (sign === '(' || sign === '[')) depth++;
    else if (!isText && (sign === ')' || sign === ']')) depth--;
    else if (!isText && depth === 0 && sign === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
