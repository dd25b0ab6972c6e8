/**
 * From a sealed ledger to simulated savings: the period is copied once (SQL), its calls are read in order of time, and the stage `simulate`
 * decides. In: an engine that sees the lake, the store its copies lie in, config and prices. Out: a `Simulation`. Every number of one answer
 * comes from one copy, so that they agree with each other; the copy is removed again.
 */
import type { Config } from './config.ts';
import type { SimulateConfig } from './config-simulate.ts';
import { billedGroups, sizeOf, wholePeriod } from './period-size.ts';
import type { LimitsOf } from './model-limits.ts';
import type { ObjectStore, SqlEngine, WrittenFile } from './ports.ts';
import { priceRecord } from './price/cost.ts';
import type { CustomerRates } from './price/customer-rates.ts';
import type { PriceBook } from './price/price-book.ts';
import { newRecord } from './record.ts';
import type { CostParts, Operation, Tier, UsageBasis, UsageRecord } from './record.ts';
import { totalOf } from './settle.ts';
import type { CallKind, LoggedCall, LoggedPrompt } from './simulate/call-log.ts';
import type { CallPricing } from './simulate/call-pricing.ts';
import type { EvidenceSettings } from './simulate/evidence.ts';
import { simulate } from './simulate/simulate.ts';
import { ALL_PARTS, sampleTable, samplingOf } from './simulate/sampling.ts';
import type { PeriodSize } from './simulate/sampling.ts';
import type { SimilarEvidence, Simulation } from './simulate/simulate.ts';
import type { LeverConfig } from './simulate/lever-config.ts';
import type { RewriteRow } from './simulate/measured-rewrites.ts';
import { readLandingRows } from './write/landing-reader.ts';
import type { RawRow } from './write/landing-reader.ts';

export interface SimulationInput {
  /** sees `usage` and `prompt_fingerprints` */
  readonly engine: SqlEngine;
  readonly store: ObjectStore;
  readonly config: Config;
  readonly book: PriceBook;
  readonly customer: CustomerRates;
  /** what models take and give */
  readonly limitsOf: LimitsOf;
  /** first and last UTC day; null: those of the ledger */
  readonly from: string | null;
  readonly to: string | null;
  /** what the owner knows of similar questions; null: nothing */
  readonly similar: SimilarEvidence | null;
  /** lossless rewrites as measured on prompts; null or absent: not measured */
  readonly rewrites?: readonly RewriteRow[] | null | undefined;
  /** of what is looked at call by call; those of the stage where absent */
  readonly limits?: PeriodSize | undefined;
  /** folder for the copy, ending in a slash, of which no other run has the name */
  readonly workPrefix: string;
}

/** Simulates the levers on the calls of a period. `queries` are those of lib/simulate/queries, by name. */
export async function simulatePeriod(
  queries: Readonly<Record<string, string>>,
  input: SimulationInput,
): Promise<Simulation> {
  const { engine, store, config } = input;
  const period = [input.from ?? '1970-01-01', input.to ?? '9999-12-31'];
  await engine.table('period', { first_day: 'date', last_day: 'date' }, [period]);
  const billed = await billedGroups(engine, queryOf(queries, 'period-size'));
  const { threshold, rate } = samplingOf(sizeOf(billed), input.limits);
  const { columns, rows } = sampleTable(threshold);
  await engine.table('sample', columns, rows);
  const copy = await engine.write(queryOf(queries, 'calls'), input.workPrefix, ['day']);
  try {
    return await simulate(callsIn(store, copy), {
      from: input.from,
      to: input.to,
      pricing: callPricing(input.book, input.customer),
      evidence: evidenceSettings(config.simulate),
      levers: leverConfig(config.simulate),
      limitsOf: input.limitsOf,
      similar: input.similar,
      rewrites: input.rewrites,
      sample:
        threshold === ALL_PARTS
          ? null
          : { rate, groups: billed, wholePeriod: await wholePeriod(engine, (name) => queryOf(queries, name)) },
      parameters: config.simulate.parameters,
      commitments: config.commitments,
    });
  } finally {
    await store.remove(copy.map((file) => file.key));
  }
}

function queryOf(queries: Readonly<Record<string, string>>, name: string): string {
  const sql = queries[name];
  if (sql === undefined) throw new RangeError(`no query simulate/queries/${name}.sql`);
  return sql;
}

/** The levers of the section `simulate`, as the stage takes them. */
export function leverConfig(section: SimulateConfig): LeverConfig {
  const { modelChoice, promptOptimization, imageGeneration, semanticCache, selfHosting } = section;
  return {
    moves: modelChoice,
    cuts: promptOptimization,
    images: imageGeneration,
    fleets: selfHosting.fleets,
    semantic: semanticCache,
  };
}

/** What to replay, in the units of the stage. */
export function evidenceSettings({ exactCache, prefixCache, selfHosting }: SimulateConfig): EvidenceSettings {
  return {
    exactTtlsSeconds: exactCache.ttlSeconds,
    prefixReplays: prefixCache.replays.map(({ ttlSeconds, ...replay }) => ({
      ...replay,
      ttlMs: ttlSeconds === null ? null : ttlSeconds * 1000,
    })),
    fleetReplays: selfHosting.replays.map(({ servers, serviceModel }) => ({ servers, ...serviceModel })),
  };
}

/** Calls of a copy in order of time; rows of one day are held at once. */
async function* callsIn(store: ObjectStore, copy: readonly WrittenFile[]): AsyncGenerator<LoggedCall> {
  const days = Map.groupBy(copy, (file) => file.partition['day'] ?? '');
  for (const [, files] of [...days].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const rows: RawRow[] = [];
    for (const file of files) {
      const bytes = await store.read(file.key);
      if (bytes === null) throw new Error(`${file.key} of this simulation is gone`);
      for await (const row of readLandingRows(bytes)) rows.push(row);
    }
    rows.sort((a, b) => Number(a['position']) - Number(b['position']));
    for (const row of rows) yield callOf(row);
  }
}

function callOf(row: RawRow): LoggedCall {
  return {
    recordId: text(row, 'record_id') ?? '',
    timeMs: count(row, 'time_ms'),
    isCall: row['grain'] === 'call',
    calls: count(row, 'calls'),
    status: text(row, 'status') ?? '',
    provider: text(row, 'provider') ?? '',
    publisher: text(row, 'publisher'),
    model: text(row, 'model') ?? '',
    modelReported: text(row, 'model_reported') ?? '',
    operation: text(row, 'operation') ?? '',
    tier: text(row, 'tier') ?? '',
    priceRegion: text(row, 'price_region'),
    team: text(row, 'team') ?? '',
    project: text(row, 'project'),
    application: text(row, 'application'),
    keyId: text(row, 'key_id'),
    sessionId: text(row, 'session_id'),
    billingAccountId: text(row, 'billing_account_id'),
    tags: (row['tags'] ?? {}) as Record<string, string>,
    tokens: {
      input: count(row, 'input_tokens'),
      cacheRead: count(row, 'cache_read_tokens'),
      cacheWrite5m: count(row, 'cache_write_5m_tokens'),
      cacheWrite1h: count(row, 'cache_write_1h_tokens'),
      output: count(row, 'output_tokens'),
      images: count(row, 'images'),
      webSearches: count(row, 'web_searches'),
    },
    usageBasis: text(row, 'usage_basis') ?? '',
    costPico: typeof row['cost_pico'] === 'bigint' ? row['cost_pico'] : null,
    latencyMs: known(row, 'latency_ms'),
    firstTokenMs: known(row, 'first_token_ms'),
    deadlineSeconds: known(row, 'deadline_seconds'),
    prompt: promptOf(row),
  };
}

function promptOf(row: RawRow): LoggedPrompt | null {
  const promptHash = text(row, 'prompt_hash');
  if (promptHash === null) return null;
  return {
    hashKeyId: text(row, 'hash_key_id') ?? '',
    promptHash,
    blocks: (row['blocks'] ?? []) as bigint[],
    blockTokens: count(row, 'block_tokens'),
  };
}

function text(row: RawRow, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' ? value : null;
}

function count(row: RawRow, name: string): number {
  return Number(row[name] ?? 0);
}

function known(row: RawRow, name: string): number | null {
  return row[name] === null || row[name] === undefined ? null : Number(row[name]);
}

/** The engine that priced the ledger, asked about calls that might have been. One record per kind is filled again and again. */
export function callPricing(book: PriceBook, customer: CustomerRates): CallPricing {
  const records = new Map<CallKind, UsageRecord>();
  return {
    costPico(kind, timeMs, tokens) {
      let record = records.get(kind);
      if (record === undefined) {
        record = recordOf(kind);
        records.set(kind, record);
      }
      record.inputTokens = tokens.input;
      record.cacheReadTokens = tokens.cacheRead;
      record.cacheWrite5mTokens = tokens.cacheWrite5m;
      record.cacheWrite1hTokens = tokens.cacheWrite1h;
      record.outputTokens = tokens.output;
      record.images = tokens.images;
      record.webSearches = tokens.webSearches;
      const { contracted } = priceRecord(book, record, timeMs, customer);
      return contracted === null ? null : safeTotal(contracted);
    },
  };
}

function safeTotal(parts: CostParts): number | null {
  const total = Number(totalOf(parts));
  return Number.isSafeInteger(total) ? total : null;
}

function recordOf(kind: CallKind): UsageRecord {
  const record = newRecord(
    { id: 'simulated', sourceKind: 'provider', class: 'calls' },
    kind.provider,
    kind.modelReported,
  );
  record.publisher = kind.publisher;
  record.operation = kind.operation as Operation;
  record.tier = kind.tier as Tier;
  record.priceRegion = kind.priceRegion;
  record.billingAccountId = kind.billingAccountId;
  record.usageBasis = kind.usageBasis as UsageBasis;
  return record;
}
