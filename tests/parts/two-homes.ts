/**
 * One inbox, two homes: the same journey on folders with DuckDB, and on S3, Athena's API over real Trino, and Glue. In: objects. Out: both
 * lakes, to be asked the same. Both homes see one config, one key, one clock, and the same times of the inbox's objects.
 */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { simulateHome } from '../../bin/commands/simulate.ts';
import { loadConfig, loadPrices } from '../../bin/config-files.ts';
import { openLocalWorld } from '../../bin/local-world.ts';
import type { LocalWorld } from '../../bin/local-world.ts';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createGlueCatalog } from '../../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../../lib/adapters/aws/s3-store.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { runCorpora } from '../../lib/corpora.ts';
import { run } from '../../lib/journey.ts';
import type { IngestWorld, RunResult } from '../../lib/journey.ts';
import type { LakeSealInput } from '../../lib/lake-seal.ts';
import { monthDays } from '../../lib/period.ts';
import type { DayRange } from '../../lib/period.ts';
import type { ObjectInfo, ObjectStore, SqlEngine, TableCatalog } from '../../lib/ports.ts';
import { writeSavings } from '../../lib/savings.ts';
import { savingsInput } from '../../lib/simulate/savings-input.ts';
import { savingsRows } from '../../lib/simulate/savings-rows.ts';
import { watchWeek } from '../../lib/watching.ts';
import { watchWorld } from '../fixtures/watched-lake.ts';
import { freshBucket, freshDatabase, freshWorkgroup } from './stack/clients.ts';
import type { Clients } from './stack/clients.ts';

process.env['INFERENCE_LEDGER_HASH_KEY'] = 'ab'.repeat(32);

export interface InboxObject {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** A lake with what it needs to be run and asked. */
export interface Home {
  readonly lake: ObjectStore;
  readonly catalog: TableCatalog;
  readonly engine: SqlEngine;
  readonly ingest: IngestWorld;
  readonly seal: LakeSealInput;
  run(): Promise<RunResult>;
}

export interface TwoHomes {
  readonly local: Home;
  readonly aws: Home & { readonly bucket: string; readonly database: string; readonly engine: AthenaEngine };
  /** Puts objects into both inboxes. */
  add(objects: Iterable<InboxObject>): Promise<void>;
  /** Simulates a month in both homes, into their table `savings`. */
  simulate(month: string): Promise<void>;
  /** Watches a week in both homes, into the tables behind the report. */
  watch(week: DayRange): Promise<void>;
  /** Makes the tables of both lakes visible to their engines, as they are now: tables that a seal named last would hide them. */
  expose(): Promise<void>;
  close(): Promise<void>;
}

const WRITTEN_AT = new Date('2026-11-20T12:00:00Z');

/** Two empty homes. */
export async function twoHomes(clients: Clients, config: unknown, now: string): Promise<TwoHomes> {
  const root = await mkdtemp(join(tmpdir(), 'ledger-homes-'));
  const inbox = join(root, 'inbox');
  await mkdir(inbox);
  const configPath = join(root, 'config.json');
  await writeFile(configPath, JSON.stringify(config));
  const open = async (name: string): Promise<LocalWorld> =>
    await openLocalWorld({ inbox, lake: join(root, name), config: configPath, now });
  const [world, beside] = [await open('lake'), await open('beside')];
  const store = createFolderStore(join(root, 'lake'));
  const local = homeOf(world, { lake: store, catalog: createFolderCatalog(store), engine: world.engine });

  const bucket = await freshBucket(clients);
  const lake = createS3Store({ client: clients.s3, bucket, prefix: '' });
  const awsInbox = createS3Store({ client: clients.s3, bucket: await freshBucket(clients), prefix: 'logs/' });
  const database = await freshDatabase(clients);
  const common = { glue: clients.glue, store: lake, bucket, database };
  const workgroup = await freshWorkgroup(clients, bucket, { enforced: false });
  const workDatabase = await freshDatabase(clients);
  const engine = createAthenaEngine({ ...common, athena: clients.athena, workgroup, workDatabase });
  const aws = homeOf(beside, { lake, catalog: createGlueCatalog(common), engine, inbox: asOf(awsInbox, WRITTEN_AT) });
  return {
    local,
    aws: { ...aws, engine, bucket, database },
    async add(objects) {
      for (const { key, bytes } of objects) {
        const path = join(inbox, key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
        await utimes(path, WRITTEN_AT, WRITTEN_AT);
        await awsInbox.put(key, bytes);
      }
    },
    async simulate(month) {
      const { config: own, folder } = await loadConfig(configPath);
      const rules = { config: own, ...(await loadPrices(own, folder)) };
      const days = monthDays(month);
      if (days === null) throw new Error(`${month} is no month`);
      for (const home of [local, { ...aws, engine }]) {
        const state = await home.catalog.read();
        const input = { rules, similar: null, engine: home.engine, store: home.lake, state, maxDays: 100 };
        const { simulation } = await simulateHome(input, days);
        await writeSavings(home.seal, month, savingsRows(savingsInput(simulation)));
      }
    },
    async watch(week) {
      for (const home of [local, { ...aws, engine }]) await watchWeek(await watchWorld(home.seal), week);
    },
    async expose() {
      await exposeLake(world.engine, await local.catalog.read());
      await engine.reset();
    },
    async close() {
      await engine.close();
      world.close();
      beside.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function homeOf(
  world: LocalWorld,
  parts: { lake: ObjectStore; catalog: TableCatalog; engine: SqlEngine; inbox?: ObjectStore },
): Home {
  const { lake, catalog, engine, inbox = world.ingest.inbox } = parts;
  const ingest: IngestWorld = { ...world.ingest, lake, inbox };
  const seal: LakeSealInput = { ...world.seal, catalog, context: { ...world.seal.context, store: lake, engine } };
  const corpora = { ...world.corpora.seal, catalog, context: seal.context, inbox };
  return {
    lake,
    catalog,
    engine,
    ingest,
    seal,
    async run() {
      const result = await run(ingest, seal);
      const { state } = await runCorpora({ ...world.corpora.world, lake, inbox }, corpora);
      return { ...result, state };
    },
  };
}

/** An S3 inbox whose objects were all written at one time: S3 itself gives every object the time of its upload. */
function asOf(store: S3Store, time: Date): ObjectStore {
  const dated = (info: ObjectInfo): ObjectInfo => ({ ...info, lastModifiedMs: time.getTime() });
  return {
    ...store,
    async *list(prefix) {
      for await (const info of store.list(prefix)) yield dated(info);
    },
    async open(key) {
      const { info, body } = await store.open(key);
      return { info: dated(info), body };
    },
  };
}
