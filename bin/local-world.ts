/** Wires the journey to a folder: config, price book, rules, hash key, stores, engine. The only place where the local parts meet. */
import './collector.ts';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { openDuckDb } from '../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../lib/adapters/local/duckdb-engine.ts';
import { READS_AT_ONCE, openDocumentReader } from '../lib/adapters/local/document-reader.ts';
import { createFolderCatalog } from '../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../lib/adapters/local/folder-store.ts';
import { loadHashKey } from '../lib/adapters/local/hash-key.ts';
import { takeRunLock } from '../lib/adapters/local/run-lock.ts';
import { readShippedLimits } from '../lib/adapters/local/limits-file.ts';
import { loadSealSql, loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { tokenizerDigests } from '../lib/adapters/local/tokenizer-files.ts';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import type { Config } from '../lib/config.ts';
import type { CorporaSeal } from '../lib/corpora.ts';
import { corporaSeal } from '../lib/corpus-tools.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { IngestWorld } from '../lib/journey.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import type { DocumentWorld } from '../lib/land-documents.ts';
import { modelLimitsWhenAsked } from '../lib/model-limits.ts';
import { decideTools, passTools, sealInput } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import type { Clock, ObjectStore } from '../lib/ports.ts';
import type { PriceBook } from '../lib/price/price-book.ts';
import { fromIso } from '../lib/time.ts';
import { loadConfig, loadPrices } from './config-files.ts';
import { engineWithLine, terminalProgress } from './progress.ts';
import { consoleLog } from './terminal.ts';

export interface LakeWorld {
  readonly config: Config;
  readonly book: PriceBook;
  readonly engine: LocalSqlEngine;
  readonly clock: Clock;
  /** for what needs no inbox: deciding again, retracting */
  readonly carry: CarryWorld;
  readonly seal: LakeSealInput;
  close(): void;
}

export interface LocalWorld extends LakeWorld {
  readonly ingest: IngestWorld;
  readonly corpora: { readonly world: DocumentWorld; readonly seal: CorporaSeal };
  /** also ends the processes that read documents */
  close(): void;
}

/** The clock, or the instant given with --now. */
export function clockOf(now: string | undefined): Clock {
  if (now === undefined) return { nowMs: () => Date.now() };
  const ms = fromIso(now);
  if (ms === null) throw new Misconfigured(`--now ${now}: must be ISO 8601, such as 2026-11-02T06:00:00Z`);
  return { nowMs: () => ms };
}

/** How a lake is opened, as the options of the commands say it. */
export interface LakeOptions {
  readonly lake: string;
  readonly config?: string;
  readonly now?: string;
  readonly label?: string;
}

/** Opens a lake and an inbox for writing: takes the lake's lock and wires everything. `close` must be called. */
export async function openLocalWorld(options: LakeOptions & { readonly inbox: string }): Promise<LocalWorld> {
  if (!existsSync(options.inbox))
    throw new Misconfigured(`the inbox ${options.inbox} does not exist`, {
      hint: 'name the folder with your usage logs with --inbox',
    });
  if (resolve(options.inbox) === resolve(options.lake))
    throw new Misconfigured('the inbox and the lake are the same folder', { hint: 'name another folder with --lake' });
  const { world, rules, folder } = await openWorld(options);
  const inbox = inboxOf(options);
  const corpora = await openCorpora(world, rules, inbox, folder);
  return {
    ...world,
    ingest: {
      ...world.carry,
      inbox,
      maxObjectBytes: world.config.limits.max_object_bytes,
      closeAfterDays: world.config.close_after_days,
      tools: passTools(rules, world.carry.tools, vocabularyBytes),
    },
    corpora,
    close() {
      void corpora.world.reader.close();
      world.close();
    },
  };
}

/** The inbox; a lake inside it is no log. */
function inboxOf({ inbox, lake }: { readonly inbox: string; readonly lake: string }): ObjectStore {
  const store = createFolderStore(inbox);
  const way = relative(resolve(inbox), resolve(lake));
  if (way.startsWith('..') || isAbsolute(way)) return store;
  const prefix = `${way.split(sep).join('/')}/`;
  return {
    ...store,
    async *list(asked) {
      for await (const info of store.list(asked)) if (!info.key.startsWith(prefix)) yield info;
    },
  };
}

/**
 * What reads and seals corpora, of a lake wherever it lies. Readers are started by the first document. `tokenizerFolder`: what paths of further
 * tokenizers are relative to; null: they are not used, as in the deployed functions, whose results these must equal.
 */
export async function openCorpora(
  { carry, seal }: Pick<LakeWorld, 'carry' | 'seal'>,
  rules: LedgerRules,
  inbox: ObjectStore,
  tokenizerFolder: string | null,
): Promise<LocalWorld['corpora']> {
  const { privacy } = carry.tools;
  const documents = tokenizerFolder === null ? { ...rules.config.documents, tokenizers: {} } : rules.config.documents;
  const folder = tokenizerFolder ?? '.';
  const digests = await tokenizerDigests(documents.tokenizers, folder);
  const { 'output-history': historySql = '' } = await loadSqlFolder('estimate/queries');
  const limitsOf = modelLimitsWhenAsked(await readShippedLimits());
  const corporaInput = corporaSeal(
    seal,
    inbox,
    privacy,
    { ...rules, limitsOf, nowMs: seal.nowMs, historySql },
    digests,
  );
  return {
    seal: corporaInput,
    world: {
      inbox,
      lake: carry.lake,
      clock: carry.clock,
      log: carry.log,
      progress: terminalProgress('documents', 'documents'),
      reader: openDocumentReader(documents, folder),
      readerVersion: corporaInput.readerVersion,
      readsAtOnce: READS_AT_ONCE,
      objectName: corporaInput.objectName,
    },
  };
}

/** Opens an existing lake for writing, without an inbox. `close` must be called. */
export async function openLakeWorld(options: LakeOptions): Promise<LakeWorld> {
  if (!existsSync(join(options.lake, 'commits')))
    throw new Misconfigured(`there is no ledger in ${options.lake}`, {
      hint: `make one with: inference-ledger run --inbox DIR --lake ${options.lake}`,
    });
  return (await openWorld(options)).world;
}

async function openWorld(options: LakeOptions): Promise<{ world: LakeWorld; rules: LedgerRules; folder: string }> {
  const { config, folder } = await loadConfig(options.config);
  const { book, customer } = await loadPrices(config, folder);
  const rules: LedgerRules = { config, book, customer, hashKey: await loadHashKey(process.env) };
  const clock = clockOf(options.now);
  const release = await takeRunLock(options.lake);
  const engine = engineWithLine(await openDuckDb(options.lake), 'sealing');
  const lake = createFolderStore(options.lake);
  const world: LakeWorld = {
    config,
    book,
    engine,
    clock,
    carry: {
      lake,
      clock,
      log: consoleLog(),
      progress: terminalProgress(options.label ?? 'reading'),
      tools: decideTools(rules),
    },
    seal: sealInput(rules, {
      lake,
      engine,
      catalog: createFolderCatalog(lake),
      nowMs: clock.nowMs(),
      sql: await loadSealSql(),
      newName: () => randomBytes(4).toString('hex'),
    }),
    close: () => {
      engine.close();
      release();
    },
  };
  return { world, rules, folder };
}
