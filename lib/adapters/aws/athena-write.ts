/**
 * Writing a SELECT as Parquet on Athena: CREATE TABLE AS into a folder of its own. A plan object is written before the statement starts and
 * removed when its files were handed over: a caller that was killed while waiting finds the running or finished statement again by what it
 * reads, instead of starting over. Two that take up the same plan are handed the same files, whole since the statement succeeded; the catalog
 * lets one of them switch. Invariant: a folder is written by one statement only, and a failed one's folder is never used again.
 */
import { createHash } from 'node:crypto';
import { LedgerError } from '../../errors.ts';
import type { ObjectStore, WrittenFile } from '../../ports.ts';
import { sqlIdentifier, sqlTable } from '../../sql-identifier.ts';
import { awaitStatement, startStatement } from './athena-query.ts';
import type { AthenaTarget } from './athena-query.ts';
import { toGather } from './athena-gather.ts';
import { inStages } from './athena-stages.ts';
import { writtenFiles } from './athena-written-files.ts';
import type { RangedStore } from './athena-written-files.ts';
import { withTables } from './named-tables.ts';
import type { NamedTable } from './named-tables.ts';
import { WORK_PREFIX, dropTable } from './work-tables.ts';
import type { WorkTables, WorkTablesOptions } from './work-tables.ts';

export interface TableWriterOptions extends WorkTablesOptions, AthenaTarget {
  readonly store: RangedStore;
  readonly work: WorkTables;
  readonly nowMs: () => number;
}

/** One attempt to write: everything that is needed to take it up again. */
interface Plan {
  /** Athena's token: the same one never starts a second statement */
  readonly token: string;
  readonly table: string;
  readonly prefix: string;
  readonly sql: string;
  readonly plannedAtMs: number;
}

/** Athena ends a statement after half an hour; an older plan's statement is over, and its caller gone. */
const PLAN_LIVES_MS = 6 * 3_600_000;
const encode = (plan: Plan): Uint8Array => new TextEncoder().encode(JSON.stringify(plan));

export interface TableWriter {
  /** The statement with the tables it mentions, after what it must read as a table was written as one. */
  staged(sql: string, named: ReadonlyMap<string, NamedTable>): Promise<string>;
  write(
    select: string,
    named: ReadonlyMap<string, NamedTable>,
    prefix: string,
    partitionBy: readonly string[],
  ): Promise<WrittenFile[]>;
}

/** Writes SELECTs for one engine. */
export function createTableWriter(options: TableWriterOptions): TableWriter {
  const { store, glue, workDatabase } = options;
  return {
    staged: async (sql, named) => await writeStages(options, sql, named),
    async write(select, named, prefix, partitionBy) {
      const key = planKey(select, named, prefix, partitionBy);
      const left = await openPlan(store, key, options.nowMs());
      const found = left === null ? null : await takeUp(options, left, partitionBy);
      const isTakenUp = found !== null && left !== null;
      const plan = isTakenUp ? left : newPlan(options, await writeStages(options, select, named), prefix, partitionBy);
      const files = found ?? (await carryOut(options, key, plan, partitionBy));
      await dropTable(glue, workDatabase, plan.table);
      await store.remove([key]);
      return files;
    },
  };
}

/** A plan is found again by what it writes from what; the generation in the prefix differs in every attempt. */
function planKey(
  select: string,
  named: ReadonlyMap<string, NamedTable>,
  prefix: string,
  partitionBy: readonly string[],
): string {
  const inputs = [...named].map(([name, { content }]) => `${name} ${content}`).toSorted();
  const place = prefix.replace(/\bg=[^/]*/, 'g=');
  const hash = createHash('sha256')
    .update(JSON.stringify([select, inputs, place, partitionBy]))
    .digest('hex');
  return `${WORK_PREFIX}plans/${hash}.json`;
}

async function openPlan(store: ObjectStore, key: string, nowMs: number): Promise<Plan | null> {
  const bytes = await store.read(key);
  if (bytes === null) return null;
  const plan = JSON.parse(new TextDecoder().decode(bytes)) as Plan;
  return nowMs - plan.plannedAtMs < PLAN_LIVES_MS ? plan : null;
}

function newPlan(options: TableWriterOptions, select: string, prefix: string, partitionBy: readonly string[]): Plan {
  const table = options.work.freshName('written');
  const sql = tableAs(options, table, select, prefix, partitionBy);
  const token = createHash('sha256').update(`${table} ${prefix}`).digest('hex');
  return { token, table, prefix, sql, plannedAtMs: options.nowMs() };
}

function tableAs(
  { bucket, prefix: root = '', workDatabase }: TableWriterOptions,
  table: string,
  select: string,
  prefix: string,
  partitionBy: readonly string[],
): string {
  const names = partitionBy.map((name) => `'${sqlIdentifier(name).slice(1, -1)}'`);
  const properties = [
    `format = 'PARQUET'`,
    `write_compression = 'ZSTD'`,
    `external_location = 's3://${bucket}/${root}${safePrefix(prefix)}'`,
    ...(names.length > 0 ? [`partitioned_by = array[${names.join(', ')}]`] : []),
  ];
  return `create table ${sqlTable(workDatabase, table)} with (${properties.join(', ')}) as\n${select}`;
}

/** Writes what a statement's last part must find as tables; they are dropped with the other work tables. */
async function writeStages(
  options: TableWriterOptions,
  sql: string,
  named: ReadonlyMap<string, NamedTable>,
): Promise<string> {
  const { stages, last } = inStages(sql);
  const parts = [...stages.map((stage) => stage.sql), last];
  const tables = new Map(named);
  for (const [name, columns] of toGather(parts, named)) {
    const select = `select ${columns.join(', ')} from ${sqlIdentifier(name)}`;
    tables.set(name, await writeWorkTable(options, name, select, tables));
  }
  for (const stage of stages) tables.set(stage.name, await writeWorkTable(options, stage.name, stage.sql, tables));
  return withTables(last, tables);
}

/** Writes a query as a work table of few objects. */
async function writeWorkTable(
  options: TableWriterOptions,
  name: string,
  select: string,
  tables: ReadonlyMap<string, NamedTable>,
): Promise<NamedTable> {
  const table = options.work.freshName(name);
  options.work.adopt(table);
  const statement = tableAs(options, table, withTables(select, tables), options.work.folderOf(table), []);
  await awaitStatement(options, await startStatement(options, statement));
  return { sql: `select * from ${sqlTable(options.workDatabase, table)}`, content: table, columns: [], objects: 1 };
}

/** A prefix is made by the product, and passes the same gate as names, folder by folder. */
function safePrefix(prefix: string): string {
  for (const part of prefix.split('/').filter(Boolean)) sqlIdentifier(part);
  return prefix;
}

async function runPlan(target: AthenaTarget, plan: Plan): Promise<void> {
  await awaitStatement(target, await startStatement(target, plan.sql, [], plan.token));
}

/** Notes a plan, runs it, and returns its files. A plan that failed is forgotten. */
async function carryOut(
  options: TableWriterOptions,
  key: string,
  plan: Plan,
  partitionBy: readonly string[],
): Promise<WrittenFile[]> {
  await options.store.put(key, encode(plan));
  try {
    await runPlan(options, plan);
  } catch (error) {
    await options.store.remove([key]);
    throw error;
  }
  return await writtenFiles(options.store, plan.prefix, partitionBy);
}

/** The files of a plan that was left behind, if its statement came, or comes, to a good end; it is started if it never was. */
async function takeUp(
  options: TableWriterOptions,
  plan: Plan,
  partitionBy: readonly string[],
): Promise<WrittenFile[] | null> {
  try {
    await runPlan(options, plan);
    return await writtenFiles(options.store, plan.prefix, partitionBy);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    await dropTable(options.glue, options.workDatabase, plan.table);
    return null;
  }
}
