/**
 * One statement on Trino over its HTTP protocol. In: SQL, where to run it, parameters as SQL literals. Out: all rows, the column types as
 * Trino spells them, what was read, and the error if there was one. The caller may watch and cancel.
 */

/** A type in Trino's own tree form, which alone tells rows from maps inside lists. */
export interface TypeSignature {
  readonly rawType: string;
  readonly arguments: readonly { readonly kind: string; readonly value: unknown }[];
}

export interface TrinoColumn {
  readonly name: string;
  readonly type: string;
  readonly typeSignature: TypeSignature;
}

export interface TrinoError {
  readonly errorName: string;
  readonly errorType: string;
  readonly message: string;
}

export interface TrinoAnswer {
  readonly columns: readonly TrinoColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly bytesRead: number;
  readonly elapsedMs: number;
  readonly error: TrinoError | null;
  readonly cancelled: boolean;
}

export interface TrinoOptions {
  readonly catalog?: string;
  readonly schema?: string;
  /** SQL literals for the statement's question marks */
  readonly parameters?: readonly string[];
  readonly session?: Readonly<Record<string, string>>;
  /** asked after each step, with the bytes read so far: true ends the query */
  readonly shouldStop?: (bytesRead: number) => boolean;
}

interface Step {
  readonly nextUri?: string;
  readonly columns?: readonly TrinoColumn[];
  readonly data?: readonly (readonly unknown[])[];
  readonly stats?: { readonly physicalInputBytes?: number; readonly elapsedTimeMillis?: number };
  readonly error?: TrinoError;
}

/** How often, and how long apart, a statement is tried that came before Trino knew a worker for its catalog. */
const TRIES = 120;
const PAUSE_MS = 250;

/** Runs one statement to its end. Trino refuses statements for some seconds after its start, each catalog for its own; Athena never does. */
export async function runTrino(url: string, sql: string, options: TrinoOptions): Promise<TrinoAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await runOnce(url, sql, options);
    if (answer.error?.errorName !== 'NO_NODES_AVAILABLE' || attempt >= TRIES) return answer;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function runOnce(url: string, sql: string, options: TrinoOptions): Promise<TrinoAnswer> {
  const rows: (readonly unknown[])[] = [];
  let columns: readonly TrinoColumn[] = [];
  let stats: Step['stats'] = {};
  let step = await stepOf(await fetch(`${url}/v1/statement`, requestOf(sql, options)));
  for (;;) {
    columns = step.columns ?? columns;
    if (step.data) rows.push(...step.data);
    stats = step.stats ?? stats;
    const done = { columns, rows, bytesRead: stats.physicalInputBytes ?? 0, elapsedMs: stats.elapsedTimeMillis ?? 0 };
    if (step.error) return { ...done, error: step.error, cancelled: false };
    if (options.shouldStop?.(done.bytesRead)) {
      if (step.nextUri) await fetch(step.nextUri, { method: 'DELETE' });
      return { ...done, error: null, cancelled: true };
    }
    if (step.nextUri === undefined) return { ...done, error: null, cancelled: false };
    step = await stepOf(await fetch(step.nextUri));
  }
}

function requestOf(sql: string, { catalog, schema, parameters = [], session = {} }: TrinoOptions): RequestInit {
  const headers: Record<string, string> = { 'X-Trino-User': 'athena' };
  if (catalog !== undefined) headers['X-Trino-Catalog'] = catalog;
  if (schema !== undefined) headers['X-Trino-Schema'] = schema;
  const settings = Object.entries(session).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  if (settings.length > 0) headers['X-Trino-Session'] = settings.join(',');
  if (parameters.length === 0) return { method: 'POST', body: sql, headers };
  headers['X-Trino-Prepared-Statement'] = `q=${encodeURIComponent(sql)}`;
  return { method: 'POST', body: `EXECUTE q USING ${parameters.join(', ')}`, headers };
}

/** Looks for a number that JavaScript may not hold; a text that looks like one only costs time. */
const LONG_NUMBER = /[,[:]\s*-?\d{16}/;

/** Numbers too large for JavaScript are read as their digits, which takes ten times as long. */
async function stepOf(response: Response): Promise<Step> {
  const text = await response.text();
  if (!response.ok) throw new Error(`Trino answered ${response.status}: ${text.slice(0, 500)}`);
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as Step;
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value,
  ) as Step;
}
