/**
 * One statement on Athena: started, watched, read. In: SQL and parameters. Out: typed rows. A statement is started with a token, so that a
 * repeated call after a lost answer does not run it twice. Failures that may pass are told apart from SQL that is wrong.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueryExecutionCommand, GetQueryResultsCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import type { AthenaClient, ColumnInfo, GetQueryResultsCommandOutput, QueryExecution } from '@aws-sdk/client-athena';
import { LedgerError, Misconfigured, Transient } from '../../errors.ts';
import type { SqlRow, SqlValue } from '../../ports.ts';
import { calling } from './aws-errors.ts';
import { isNested, literal, nestedValue, plainValue } from './athena-values.ts';

export interface AthenaTarget {
  readonly athena: AthenaClient;
  readonly workgroup: string;
  readonly database: string;
  /** waits between two looks at a running query; tests make it short */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Most statements of a seal take less than a second: the wait grows by a fifth of itself, so that none is noticed much too late. */
const FIRST_LOOK_MS = 50;
const LOOK_GROWTH = 1.2;
const LAST_LOOK_MS = 2000;

/** Starts a statement and returns Athena's id of it. The same token gives the same execution. */
export async function startStatement(
  { athena, workgroup, database }: AthenaTarget,
  sql: string,
  parameters: readonly SqlValue[] = [],
  token: string = randomUUID(),
): Promise<string> {
  const about = { action: 'athena:StartQueryExecution', on: `workgroup ${workgroup}` };
  const started = await calling(
    about,
    async () =>
      await athena.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          WorkGroup: workgroup,
          ClientRequestToken: token,
          QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
          ...(parameters.length > 0 ? { ExecutionParameters: parameters.map(literal) } : {}),
        }),
      ),
  );
  return started.QueryExecutionId ?? '';
}

/** Waits for the end of a statement; throws what it failed with. */
export async function awaitStatement(target: AthenaTarget, id: string): Promise<void> {
  const pause = target.pause ?? sleep;
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * LOOK_GROWTH, LAST_LOOK_MS)) {
    const execution = await lookAt(target, id);
    const state = execution.Status?.State;
    if (state === 'SUCCEEDED') return;
    if (state === 'FAILED' || state === 'CANCELLED') throw failure(execution, target.workgroup);
    await pause(waitMs);
  }
}

async function lookAt({ athena, workgroup }: AthenaTarget, id: string): Promise<QueryExecution> {
  const about = { action: 'athena:GetQueryExecution', on: `workgroup ${workgroup}` };
  const found = await calling(
    about,
    async () => await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id })),
  );
  return found.QueryExecution ?? {};
}

/** What the engine or its resources caused, not the SQL. */
const MAY_PASS =
  /^(?:GENERIC_INTERNAL_ERROR|INTERNAL_ERROR|NO_NODES_AVAILABLE|EXCEEDED_|CLUSTER_OUT_OF_MEMORY|HIVE_CANNOT_OPEN_SPLIT|HIVE_FILESYSTEM_ERROR|HIVE_METASTORE_ERROR|.*(?:SlowDown|Throttl|exhausted resources))/i;

function failure({ Status: status }: QueryExecution, workgroup: string): Error {
  const reason = status?.StateChangeReason ?? 'no reason given';
  if (/bytes scanned limit/i.test(reason))
    return new Misconfigured(`the query would read more than workgroup ${workgroup} allows: ${reason}`, {
      hint: 'name the days: where day between … and …',
    });
  if (status?.State === 'CANCELLED') return new Transient(`the query was cancelled: ${reason}`);
  if (status?.AthenaError?.Retryable === true || MAY_PASS.test(reason))
    return new Transient(`SQL failed for now: ${reason}`);
  return new LedgerError(`SQL failed: ${reason}`);
}

interface Answer {
  readonly columns: readonly ColumnInfo[];
  /** cells as Athena writes them */
  readonly rows: readonly (readonly (string | undefined)[])[];
}

/** Runs a statement and returns its rows. */
export async function ask(target: AthenaTarget, sql: string, parameters: readonly SqlValue[] = []): Promise<SqlRow[]> {
  const answer = await answerOf(target, sql, parameters);
  if (answer.columns.some(({ Type }) => isNested(Type))) return await askNested(target, sql, parameters, answer);
  return answer.rows.map((row) =>
    Object.fromEntries(answer.columns.map(({ Name, Type }, i) => [Name ?? '', plainValue(row[i], Type)])),
  );
}

async function answerOf(target: AthenaTarget, sql: string, parameters: readonly SqlValue[]): Promise<Answer> {
  const id = await startStatement(target, sql, parameters);
  await awaitStatement(target, id);
  const about = { action: 'athena:GetQueryResults', on: `workgroup ${target.workgroup}` };
  const rows: (string | undefined)[][] = [];
  let columns: readonly ColumnInfo[] = [];
  let token: string | undefined;
  do {
    const page: GetQueryResultsCommandOutput = await calling(
      about,
      async () =>
        await target.athena.send(
          new GetQueryResultsCommand({ QueryExecutionId: id, ...(token === undefined ? {} : { NextToken: token }) }),
        ),
    );
    columns = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? columns;
    for (const row of page.ResultSet?.Rows ?? []) rows.push((row.Data ?? []).map(({ VarCharValue }) => VarCharValue));
    token = page.NextToken;
  } while (token !== undefined);
  // the first row holds the column names
  return { columns, rows: rows.slice(1) };
}

/**
 * Athena writes lists and maps without quotes, so they cannot be read back. The query is asked once more with such columns as JSON beside
 * them; the first answer gives the order of the rows, which a query around another does not keep.
 */
async function askNested(
  target: AthenaTarget,
  sql: string,
  parameters: readonly SqlValue[],
  first: Answer,
): Promise<SqlRow[]> {
  const { columns } = first;
  const names = columns.map(({ Name }) => `"${(Name ?? '').replaceAll('"', '""')}"`);
  const nested = columns.flatMap(({ Type }, i) => (isNested(Type) ? [i] : []));
  const extra = nested.map((i) => `json_format(cast(${names[i]} as json)), typeof(${names[i]})`);
  const again = await answerOf(
    target,
    `select ${[...names, ...extra].join(', ')} from (\n${sql.replace(/;\s*$/, '')}\n) as asked`,
    parameters,
  );
  const keyOf = (row: readonly (string | undefined)[]): string => JSON.stringify(row.slice(0, columns.length));
  const byText = Map.groupBy(again.rows, keyOf);
  return first.rows.map((shown) => {
    const row = byText.get(keyOf(shown))?.shift();
    if (row === undefined)
      throw new Transient('the rows of the query changed while it was read', { hint: 'ask again, or add an order' });
    return Object.fromEntries(
      columns.map(({ Name, Type }, i) => {
        const at = nested.indexOf(i);
        const value =
          at < 0
            ? plainValue(row[i], Type)
            : nestedValue(row[columns.length + 2 * at], row[columns.length + 2 * at + 1] ?? '');
        return [Name ?? '', value];
      }),
    );
  });
}
