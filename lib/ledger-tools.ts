/**
 * From config, price book and hash key to the tools of a pass and the input of a seal: what is the same on a laptop and in AWS. In: what was
 * read from wherever it lies. Out: tools. Invariant: the stamp is the version of everything that prices and attributes a row, so that both
 * homes agree on whether a row is up to date.
 */
import { createPrivacy } from './attribute/privacy.ts';
import { createAttributor } from './attribute/rules.ts';
import { showback } from './attribute/showback.ts';
import type { Config } from './config.ts';
import type { Encoding } from './count/split-scanner.ts';
import { createTextCounters } from './count/text-counter.ts';
import type { DecideTools } from './decide.ts';
import { keyedNames } from './identity.ts';
import { peelEnvelope } from './ingest/envelope.ts';
import type { LakeSealInput } from './lake-seal.ts';
import { createNormalizer } from './normalize/registry.ts';
import type { PassTools } from './object-pass.ts';
import type { ObjectStore, SqlEngine, TableCatalog } from './ports.ts';
import { priceRecord } from './price/cost.ts';
import type { CustomerRates } from './price/customer-rates.ts';
import { bookRows, bookVersion } from './price/price-book.ts';
import type { PriceBook } from './price/price-book.ts';
import { PRICES } from './schema.ts';
import { signature } from './seal/derived.ts';
import { sqlTime } from './seal/seal-days.ts';
import type { SealSql } from './seal/seal-days.ts';
import { LANDING_COLUMNS, PROMPT_COLUMNS, REJECT_COLUMNS, landingTypes } from './write/landing-row.ts';

/** What decides about every record, read once per run. */
export interface LedgerRules {
  readonly config: Config;
  readonly book: PriceBook;
  readonly customer: CustomerRates;
  readonly hashKey: PassTools['hashKey'];
}

/** Price, owner and privacy under these rules. */
export function decideTools({ config, book, customer, hashKey }: LedgerRules): DecideTools {
  const attributor = createAttributor(config);
  return {
    price: (record, occurredAtMs) => priceRecord(book, record, occurredAtMs, customer),
    attributor,
    privacy: createPrivacy(config.privacy.persons, keyedNames(hashKey.bytes), config.privacy.personal),
    stamp: stampOf(config, bookVersion(book), attributor.version),
  };
}

/** The tools of reading objects, on top of those that decide. `vocabularyBytes`: the vocabulary of an encoding as a `.tiktoken` file. */
export function passTools(
  { config, hashKey }: LedgerRules,
  decide: DecideTools,
  vocabularyBytes: (encoding: Encoding) => Uint8Array,
): PassTools {
  const { limits } = config;
  return {
    ...decide,
    normalizer: () => createNormalizer(peelEnvelope),
    counters: createTextCounters(vocabularyBytes),
    limits: {
      maxLineBytes: limits.max_line_bytes,
      maxInflatedBytes: limits.max_inflated_bytes,
      maxInflateRatio: limits.max_inflate_ratio,
    },
    hashKey,
  };
}

/** Where a seal works. */
export interface SealPorts {
  readonly lake: ObjectStore;
  readonly engine: SqlEngine;
  readonly catalog: TableCatalog;
  readonly nowMs: number;
  readonly sql: SealSql;
  /** something that no other attempt has: part of the name of a generation */
  readonly newName: () => string;
}

/** The input of a seal under these rules. */
export function sealInput({ config, book }: Pick<LedgerRules, 'config' | 'book'>, ports: SealPorts): LakeSealInput {
  const { lake, engine, catalog, nowMs, sql, newName } = ports;
  return {
    context: {
      store: lake,
      engine,
      sql,
      wideDays: config.twins.wide_days,
      landing: {
        rows: landingTypes(LANDING_COLUMNS, 'day'),
        prompts: landingTypes(PROMPT_COLUMNS, 'day'),
        rejects: landingTypes(REJECT_COLUMNS, 'day'),
      },
      nextGeneration: () => `${new Date(nowMs).toISOString().replace(/[-:.TZ]/g, '')}-${newName()}`,
    },
    catalog,
    nowMs,
    graceMs: config.keep.old_generations_hours * 3_600_000,
    expectedSources: config.sources,
    showback: {
      version: signature([JSON.stringify(config.shared_costs)]),
      split: (month, sums) => showback(month, sums, config.shared_costs),
    },
    prices: { version: bookVersion(book), rows: () => priceTableRows(book) },
  };
}

/** Version of everything that prices and attributes a row: price book, rules, rates. */
export function stampOf(config: Config, priceVersion: string, attributionVersion: string): string {
  return signature([priceVersion, attributionVersion, JSON.stringify(config.rates)]).slice(0, 16);
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
