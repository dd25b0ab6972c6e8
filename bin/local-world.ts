/** Wires the journey to a folder: config, price book, rules, hash key, stores, engine. The only place where the local parts meet. */
import './collector.ts';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import { openDuckDb } from '../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../lib/adapters/local/folder-store.ts';
import { loadHashKey } from '../lib/adapters/local/hash-key.ts';
import { takeRunLock } from '../lib/adapters/local/run-lock.ts';
import { loadSealSql } from '../lib/adapters/local/sql-files.ts';
import { createPrivacy } from '../lib/attribute/privacy.ts';
import { createAttributor } from '../lib/attribute/rules.ts';
import { showback } from '../lib/attribute/showback.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import { CONFIG_NAME, DEFAULT_CONFIG, parseConfig } from '../lib/config.ts';
import type { Config } from '../lib/config.ts';
import type { DecideTools } from '../lib/decide.ts';
import { Misconfigured } from '../lib/errors.ts';
import { keyedNames } from '../lib/identity.ts';
import { peelEnvelope } from '../lib/ingest/envelope.ts';
import type { IngestWorld } from '../lib/journey.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { FORMATS, createNormalizer } from '../lib/normalize/registry.ts';
import type { PassTools } from '../lib/object-pass.ts';
import type { Clock, ObjectStore } from '../lib/ports.ts';
import { priceRecord } from '../lib/price/cost.ts';
import { compileCustomerRates } from '../lib/price/customer-rates.ts';
import type { CustomerRates } from '../lib/price/customer-rates.ts';
import { parseOverlay } from '../lib/price/overlay.ts';
import { bookRows, bookVersion, loadBook, overlayBook } from '../lib/price/price-book.ts';
import type { PriceBook } from '../lib/price/price-book.ts';
import { PRICES } from '../lib/schema.ts';
import { signature } from '../lib/seal/derived.ts';
import { sqlTime } from '../lib/seal/seal-days.ts';
import { fromIso } from '../lib/time.ts';
import { LANDING_COLUMNS, PROMPT_COLUMNS, REJECT_COLUMNS, landingTypes } from '../lib/write/landing-row.ts';
import { consoleLog, terminalProgress } from './terminal.ts';

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
  const { world, decide, hashKey } = await openWorld(options);
  return {
    ...world,
    ingest: {
      ...world.carry,
      inbox: createFolderStore(options.inbox),
      maxObjectBytes: world.config.limits.max_object_bytes,
      closeAfterDays: world.config.close_after_days,
      tools: {
        ...decide,
        normalizer: () => createNormalizer(peelEnvelope),
        limits: readLimits(world.config),
        hashKey,
      },
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

async function openWorld(
  options: LakeOptions,
): Promise<{ world: LakeWorld; decide: DecideTools; hashKey: PassTools['hashKey'] }> {
  const { config, folder } = await loadConfig(options.config);
  const { book, customer } = await loadPrices(config, folder);
  const hashKey = await loadHashKey(process.env);
  const clock = clockOf(options.now);
  const release = await takeRunLock(options.lake);
  const engine = await openDuckDb(options.lake);
  const lake = createFolderStore(options.lake);
  const attributor = createAttributor(config);
  const decide: DecideTools = {
    price: (record, occurredAtMs) => priceRecord(book, record, occurredAtMs, customer),
    attributor,
    privacy: createPrivacy(config.privacy.persons, keyedNames(hashKey.bytes), config.privacy.personal),
    stamp: stampOf(config, bookVersion(book), attributor.version),
  };
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
      tools: decide,
    },
    seal: await sealInput(config, book, { lake, engine, clock }),
    close: () => {
      engine.close();
      release();
    },
  };
  return { world, decide, hashKey };
}

async function sealInput(
  config: Config,
  book: PriceBook,
  ports: { lake: ObjectStore; engine: LocalSqlEngine; clock: Clock },
): Promise<LakeSealInput> {
  const { lake, engine, clock } = ports;
  return {
    context: {
      store: lake,
      engine,
      sql: await loadSealSql(),
      wideDays: config.twins.wide_days,
      landing: {
        rows: landingTypes(LANDING_COLUMNS, 'day'),
        prompts: landingTypes(PROMPT_COLUMNS, 'day'),
        rejects: landingTypes(REJECT_COLUMNS, 'day'),
      },
      nextGeneration: () =>
        `${new Date(clock.nowMs()).toISOString().replace(/[-:.TZ]/g, '')}-${randomBytes(4).toString('hex')}`,
    },
    catalog: createFolderCatalog(lake),
    nowMs: clock.nowMs(),
    graceMs: config.keep.old_generations_hours * 3_600_000,
    expectedSources: config.sources,
    showback: {
      version: signature(JSON.stringify(config.shared_costs)),
      split: (month, sums) => showback(month, sums, config.shared_costs),
    },
    prices: { version: bookVersion(book), rows: () => priceTableRows(book) },
  };
}

/** Version of everything that prices and attributes a row: price book, rules, rates. */
export function stampOf(config: Config, priceVersion: string, attributionVersion: string): string {
  return signature(priceVersion, attributionVersion, JSON.stringify(config.rates)).slice(0, 16);
}

function readLimits(config: Config): { maxLineBytes: number; maxInflatedBytes: number; maxInflateRatio: number } {
  const l = config.limits;
  return {
    maxLineBytes: l.max_line_bytes,
    maxInflatedBytes: l.max_inflated_bytes,
    maxInflateRatio: l.max_inflate_ratio,
  };
}

/** The book in the order of the `prices` table's columns. */
function priceTableRows(book: PriceBook): (string | null)[][] {
  return [...bookRows(book)].map((row) => {
    const facts = row as unknown as Readonly<Record<string, string | number | null>>;
    return PRICES.columns.map(({ name, type }) => {
      const value = facts[name] ?? null;
      if (value === null) return null;
      return type === 'timestamp' ? sqlTime(Number(value)) : String(value);
    });
  });
}
