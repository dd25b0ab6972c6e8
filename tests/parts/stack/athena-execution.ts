/**
 * The life of queries behind Athena's API: started once per token, run by Trino under the rules of their workgroup, watched, cancelled,
 * their results kept in pages and left as an object in the output location. Time is told as Athena tells it: in seconds.
 */
import { randomUUID } from 'node:crypto';
import type { QueryExecution, ResultSet, Row } from '@aws-sdk/client-athena';
import { ListObjectsV2Command, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { columnInfo, resultCsv, resultRows } from './athena-cells.ts';
import { occupiedTarget, readTableAs, requestProblem, tableAsProblem } from './athena-rules.ts';
import type { TableAs, Workgroup } from './athena-rules.ts';
import { runTrino } from './trino-client.ts';
import type { TrinoAnswer, TrinoColumn } from './trino-client.ts';

/** A call that Athena answers with InvalidRequestException. */
export class Refused extends Error {
  readonly code: string;
  constructor(message: string, code = 'INVALID_INPUT') {
    super(message);
    this.code = code;
  }
}

export interface Executions {
  readonly calls: Readonly<Record<string, (request: never) => unknown>>;
  /** Waits until no query runs. */
  settled(): Promise<void>;
}

interface World {
  readonly trino: string;
  readonly catalog: string;
  readonly s3: S3Client;
  readonly workgroup: (name: string) => Promise<Workgroup>;
}

interface StartRequest {
  readonly QueryString: string;
  readonly ClientRequestToken?: string;
  readonly ExecutionParameters?: readonly string[];
  readonly QueryExecutionContext?: { readonly Database?: string; readonly Catalog?: string };
  readonly ResultConfiguration?: { readonly OutputLocation?: string };
  readonly WorkGroup?: string;
}

interface Query {
  readonly id: string;
  readonly request: StartRequest;
  readonly workgroup: Workgroup;
  readonly output: string;
  readonly submittedMs: number;
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason: string | null;
  bytesRead: number;
  doneMs: number | null;
  isStopped: boolean;
  columns: readonly TrinoColumn[];
  rows: readonly Row[];
}

const PAGE_ROWS = 1000;

/** The calls about queries. */
export function createExecutions(world: World): Executions {
  const queries = new Map<string, Query>();
  const tokens = new Map<string, Query>();
  const running = new Set<Promise<void>>();

  const start = async (request: StartRequest): Promise<{ QueryExecutionId: string }> => {
    const problem = requestProblem(request);
    if (problem !== null) throw new Refused(problem);
    const known = tokens.get(request.ClientRequestToken ?? '');
    if (known !== undefined) return { QueryExecutionId: repeated(known, request) };
    const workgroup = await world.workgroup(request.WorkGroup ?? 'primary');
    const query = newQuery(request, workgroup);
    // a racing start with the same token may have come first while the workgroup was read
    const first = tokens.get(request.ClientRequestToken ?? '');
    if (first !== undefined) return { QueryExecutionId: repeated(first, request) };
    queries.set(query.id, query);
    if (request.ClientRequestToken !== undefined) tokens.set(request.ClientRequestToken, query);
    const work = execute(world, query).finally(() => running.delete(work));
    running.add(work);
    return { QueryExecutionId: query.id };
  };
  const get = (id: string): Query => {
    const query = queries.get(id);
    if (query === undefined) throw new Refused(`QueryExecution ${id} was not found`);
    return query;
  };
  return {
    settled: async () => {
      for (const query of queries.values()) query.isStopped = true;
      await Promise.allSettled(running);
    },
    calls: {
      StartQueryExecution: start,
      GetQueryExecution: ({ QueryExecutionId: id }: { QueryExecutionId: string }) => ({
        QueryExecution: shown(get(id)),
      }),
      GetQueryResults: (request: { QueryExecutionId: string; NextToken?: string; MaxResults?: number }) =>
        page(get(request.QueryExecutionId), request.NextToken, request.MaxResults),
      StopQueryExecution: ({ QueryExecutionId: id }: { QueryExecutionId: string }) => {
        get(id).isStopped = true;
        return {};
      },
    },
  };
}

function repeated(known: Query, request: StartRequest): string {
  const facts = ({ QueryString: sql, ExecutionParameters: parameters, WorkGroup: group }: StartRequest): string =>
    JSON.stringify([sql, parameters ?? [], group ?? 'primary']);
  if (facts(known.request) !== facts(request)) throw new Refused('Idempotent parameters do not match');
  return known.id;
}

function newQuery(request: StartRequest, workgroup: Workgroup): Query {
  const id = randomUUID();
  const asked = workgroup.isEnforced ? null : (request.ResultConfiguration?.OutputLocation ?? null);
  const folder = asked ?? workgroup.outputLocation;
  if (folder === null)
    throw new Refused(
      'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
    );
  return {
    id,
    request,
    workgroup,
    output: `${folder.replace(/\/?$/, '/')}${id}.${/^\s*(?:create|drop|alter)/i.test(request.QueryString) ? 'txt' : 'csv'}`,
    submittedMs: Date.now(),
    state: 'QUEUED',
    reason: null,
    bytesRead: 0,
    doneMs: null,
    isStopped: false,
    columns: [],
    rows: [],
  };
}

async function execute(world: World, query: Query): Promise<void> {
  query.state = 'RUNNING';
  try {
    const statement = readTableAs(query.request.QueryString);
    const problem = statement === null ? null : await refusal(world, statement, query.workgroup);
    if (problem !== null) {
      query.reason = problem;
      query.state = 'FAILED';
      return;
    }
    const answer = await ask(world, query, statement);
    query.bytesRead = answer.bytesRead;
    query.reason =
      reasonOf(query, answer) ?? (statement === null ? null : await tooManyPartitions(world.s3, statement));
    if (query.reason !== null || answer.cancelled) query.state = isEndedEarly(query, answer) ? 'CANCELLED' : 'FAILED';
    else {
      query.columns = statement === null ? answer.columns : [];
      query.rows = resultRows(query.columns, answer.rows);
      await leaveResult(world.s3, query);
      query.state = 'SUCCEEDED';
    }
  } catch (error) {
    query.reason = error instanceof Error ? error.message : String(error);
    query.state = 'FAILED';
  } finally {
    query.doneMs = Date.now();
  }
}

async function refusal(world: World, statement: TableAs, workgroup: Workgroup): Promise<string | null> {
  const problem = tableAsProblem(statement, workgroup);
  if (problem !== null) return problem;
  const location = statement.properties['external_location'] ?? '';
  const { bucket, key: prefix } = placeOf(location);
  const listed = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
  return (listed.KeyCount ?? 0) > 0 ? occupiedTarget(statement.table, location) : null;
}

async function ask(world: World, query: Query, statement: TableAs | null): Promise<TrinoAnswer> {
  const { QueryString: sql, QueryExecutionContext: context, ExecutionParameters: parameters } = query.request;
  const compression = statement?.properties['write_compression']?.toUpperCase();
  const cutoff = query.workgroup.bytesCutoff;
  return await runTrino(world.trino, (statement?.forTrino ?? sql).replace(/;\s*$/, ''), {
    catalog: world.catalog,
    ...(context?.Database === undefined ? {} : { schema: context.Database }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(compression === undefined ? {} : { session: { [`${world.catalog}.compression_codec`]: compression } }),
    shouldStop: (bytes) => query.isStopped || (cutoff !== null && bytes > cutoff),
  });
}

/** Ended from outside: by a person or by the workgroup's limit. */
function isEndedEarly(query: Query, { error, bytesRead }: TrinoAnswer): boolean {
  const cutoff = query.workgroup.bytesCutoff;
  return error === null && (query.isStopped || (cutoff !== null && bytesRead > cutoff));
}

const MAX_PARTITIONS = 100;

/** Athena counts the partitions of a statement, Trino those of each writer; like Athena's, the files stay where they are. */
async function tooManyPartitions(s3: S3Client, { properties }: TableAs): Promise<string | null> {
  const columns = (properties['partitioned_by'] ?? '').match(/'[^']+'/g)?.length ?? 0;
  if (columns === 0) return null;
  const { bucket, key: prefix } = placeOf(properties['external_location'] ?? '');
  const folders = new Set<string>();
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
    for (const { Key = '' } of page.Contents ?? [])
      folders.add(Key.slice(prefix.length).split('/').slice(0, columns).join('/'));
  if (folders.size <= MAX_PARTITIONS) return null;
  return `HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of ${MAX_PARTITIONS} open writers for partitions/buckets`;
}

/** Bucket and key of an `s3://` address. */
function placeOf(address: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(address) ?? [];
  return { bucket, key };
}

function reasonOf(query: Query, answer: TrinoAnswer): string | null {
  if (answer.error !== null) return `${answer.error.errorName}: ${answer.error.message}`;
  if (query.isStopped) return 'Query was cancelled by the user';
  const cutoff = query.workgroup.bytesCutoff;
  if (cutoff === null || answer.bytesRead <= cutoff) return null;
  return `Bytes scanned limit was exceeded: ${answer.bytesRead} bytes of ${cutoff}`;
}

async function leaveResult(s3: S3Client, query: Query): Promise<void> {
  const { bucket, key } = placeOf(query.output);
  const Body = Buffer.from(resultCsv(query.rows));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: Body.length }));
}

/** Dates are plain numbers of seconds on the wire, which the SDK's own type does not say. */
function shown(query: Query): QueryExecution {
  const { request } = query;
  const wire = {
    QueryExecutionId: query.id,
    Query: request.QueryString,
    StatementType: /^\s*(?:create|drop|alter)/i.test(request.QueryString) ? 'DDL' : 'DML',
    ResultConfiguration: { OutputLocation: query.output },
    QueryExecutionContext: request.QueryExecutionContext ?? {},
    WorkGroup: query.workgroup.name,
    Status: {
      State: query.state,
      SubmissionDateTime: query.submittedMs / 1000,
      ...(query.doneMs === null ? {} : { CompletionDateTime: query.doneMs / 1000 }),
      ...(query.reason === null ? {} : { StateChangeReason: query.reason, AthenaError: errorOf(query.reason) }),
    },
    Statistics: {
      DataScannedInBytes: query.bytesRead,
      TotalExecutionTimeInMillis: (query.doneMs ?? Date.now()) - query.submittedMs,
    },
  };
  return wire as unknown as QueryExecution;
}

/** Only what the engine's own resources caused may be tried again. */
function errorOf(reason: string): { ErrorCategory: number; ErrorMessage: string; Retryable: boolean } {
  const isSystem = /^(?:GENERIC_INTERNAL_ERROR|NO_NODES_AVAILABLE|EXCEEDED_|HIVE_CANNOT_OPEN_SPLIT)/.test(reason);
  return { ErrorCategory: isSystem ? 1 : 2, ErrorMessage: reason, Retryable: isSystem };
}

function page(
  query: Query,
  token: string | undefined,
  limit = PAGE_ROWS,
): { ResultSet: ResultSet; NextToken?: string } {
  if (query.state !== 'SUCCEEDED')
    throw new Refused(
      `Query did not finish successfully. Final query state: ${query.state}`,
      'INVALID_QUERY_EXECUTION_STATE',
    );
  const from = Number(token ?? 0);
  const to = from + Math.min(limit, PAGE_ROWS);
  const columns = query.columns.map(columnInfo);
  return {
    ResultSet: { Rows: query.rows.slice(from, to), ResultSetMetadata: { ColumnInfo: columns } },
    ...(to < query.rows.length ? { NextToken: String(to) } : {}),
  };
}
