/**
 * Explicit partitions of one table in Glue. In: where each partition shall point. Out: nothing but that state. Batches of Glue can fail in
 * part, so every answer's errors are read: what is missing is created, what exists is updated, and the rest is an error.
 */
import {
  BatchCreatePartitionCommand,
  BatchUpdatePartitionCommand,
  DeletePartitionCommand,
  GetPartitionsCommand,
} from '@aws-sdk/client-glue';
import type { ErrorDetail, GetPartitionsCommandOutput, PartitionInput } from '@aws-sdk/client-glue';
import { Transient } from '../../errors.ts';
import type { Table } from '../../schema.ts';
import { calling, errorName } from './aws-errors.ts';
import { parquetAt } from './glue-tables.ts';
import type { GlueLake } from './glue-tables.ts';
import { inParallel } from './in-parallel.ts';

/** Where a partition points, and how many rows lie there. */
export interface PartitionPlace {
  readonly location: string;
  readonly rows: number;
}

const UPDATES_PER_CALL = 100;
/** Created by another at the same moment, dropped by another: each is answered by the other call, but not for ever. */
const ROUNDS = 4;

/** Partitions of a table as Glue has them now. */
export async function readPartitions(lake: GlueLake, table: Table): Promise<Map<string, PartitionPlace>> {
  const found = new Map<string, PartitionPlace>();
  let token: string | undefined;
  do {
    const page: GetPartitionsCommandOutput = await calling(
      { action: 'glue:GetPartitions', on: `table ${table.name}` },
      async () =>
        await lake.glue.send(
          new GetPartitionsCommand({
            DatabaseName: lake.database,
            TableName: table.name,
            ExcludeColumnSchema: true,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
    );
    for (const { Values, StorageDescriptor, Parameters } of page.Partitions ?? [])
      found.set(Values?.[0] ?? '', {
        location: StorageDescriptor?.Location ?? '',
        rows: Number(Parameters?.['rows'] ?? 0),
      });
    token = page.NextToken;
  } while (token !== undefined);
  return found;
}

/** Points partitions at new places, creating those that are missing. */
export async function pointPartitions(
  lake: GlueLake,
  table: Table,
  places: ReadonlyMap<string, PartitionPlace>,
): Promise<void> {
  const all = [...places].map(([value, place]) => partitionInput(table, value, place));
  for (let at = 0; at < all.length; at += UPDATES_PER_CALL) {
    let left = all.slice(at, at + UPDATES_PER_CALL);
    for (let round = 0; left.length > 0; round++) {
      const isUpdate = round % 2 === 0;
      const failed = await (isUpdate ? update : create)(lake, table, left);
      const wanted = isUpdate ? 'EntityNotFoundException' : 'AlreadyExistsException';
      const other = failed.find(({ code }) => code !== wanted);
      if (other !== undefined || (failed.length > 0 && round >= ROUNDS)) throw unpointed(table, failed);
      const values = new Set(failed.map(({ value }) => value));
      left = left.filter(({ Values }) => values.has(Values?.[0] ?? ''));
    }
  }
}

/** Drops partitions, each by a call of its own: they are few. One that is gone already is fine. */
export async function dropPartitions(lake: GlueLake, table: Table, values: readonly string[]): Promise<void> {
  const { glue, database } = lake;
  await inParallel(values, async (value) => {
    await calling({ action: 'glue:DeletePartition', on: `table ${table.name}` }, async () => {
      await glue
        .send(new DeletePartitionCommand({ DatabaseName: database, TableName: table.name, PartitionValues: [value] }))
        .catch((error: unknown) => {
          if (errorName(error) !== 'EntityNotFoundException') throw error;
        });
    });
  });
}

function partitionInput(table: Table, value: string, { location, rows }: PartitionPlace): PartitionInput {
  return { Values: [value], StorageDescriptor: parquetAt(table, location), Parameters: { rows: String(rows) } };
}

interface Failure {
  readonly value: string;
  readonly code: string;
}

async function update(lake: GlueLake, table: Table, inputs: readonly PartitionInput[]): Promise<Failure[]> {
  const { Errors } = await calling(
    { action: 'glue:BatchUpdatePartition', on: `table ${table.name}` },
    async () =>
      await lake.glue.send(
        new BatchUpdatePartitionCommand({
          DatabaseName: lake.database,
          TableName: table.name,
          Entries: inputs.map((input) => ({ PartitionValueList: input.Values, PartitionInput: input })),
        }),
      ),
  );
  return (Errors ?? []).map(({ PartitionValueList, ErrorDetail }) => failure(PartitionValueList, ErrorDetail));
}

async function create(lake: GlueLake, table: Table, inputs: readonly PartitionInput[]): Promise<Failure[]> {
  const { Errors } = await calling(
    { action: 'glue:BatchCreatePartition', on: `table ${table.name}` },
    async () =>
      await lake.glue.send(
        new BatchCreatePartitionCommand({
          DatabaseName: lake.database,
          TableName: table.name,
          PartitionInputList: [...inputs],
        }),
      ),
  );
  return (Errors ?? []).map(({ PartitionValues, ErrorDetail }) => failure(PartitionValues, ErrorDetail));
}

function failure(values: readonly string[] | undefined, detail: ErrorDetail | undefined): Failure {
  return { value: values?.[0] ?? '', code: detail?.ErrorCode ?? 'unknown' };
}

function unpointed(table: Table, failed: readonly Failure[]): Transient {
  const [first] = failed;
  return new Transient(
    `${failed.length} partitions of ${table.name} were not changed in Glue, the first is ${first?.value ?? ''} (${first?.code ?? ''})`,
    { hint: 'the ledger itself has switched; the next seal makes Glue follow' },
  );
}
