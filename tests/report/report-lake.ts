/** A small lake in DuckDB's memory with the public tables exactly as the schema has them, filled by hand. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../lib/adapters/local/duckdb-engine.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import type { SqlValue } from '../../lib/ports.ts';
import {
  INGESTED_OBJECTS,
  PRICES,
  RECONCILIATION,
  REJECTS,
  SAVINGS,
  SOURCES,
  SOURCE_DAYS,
  USAGE,
  USAGE_EXCLUDED,
  columnTypes,
} from '../../lib/schema.ts';
import { ANOMALIES, BUDGETS, CHANGE_DRIVERS, FORECASTS } from '../../lib/schema-report.ts';
import type { Table } from '../../lib/schema.ts';
import type { SourceStatus } from '../../lib/report/weeks.ts';

export type Row = Readonly<Record<string, SqlValue>>;

export interface ReportLake {
  readonly engine: LocalSqlEngine;
  readonly queries: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface LakeContent {
  readonly usage?: readonly Row[];
  readonly excluded?: readonly Row[];
  readonly rejects?: readonly Row[];
  readonly objects?: readonly Row[];
  readonly incompleteDays?: readonly string[];
  /** rows of provider reports, as they landed */
  readonly buckets?: readonly Row[];
  readonly sources?: readonly Row[];
  readonly prices?: readonly Row[];
  readonly reconciliation?: readonly Row[];
  readonly savings?: readonly Row[];
  readonly budgets?: readonly Row[];
  readonly forecasts?: readonly Row[];
  readonly anomalies?: readonly Row[];
  readonly drivers?: readonly Row[];
}

/** A neutral priced call of 100 + 10 tokens that costs 0.001; tests say what matters on top. */
export function call(overrides: Row): Row {
  const day = String(overrides['day'] ?? '2026-10-26');
  const neutral: Row = {
    record_id: 'r',
    alt_ids: '[]',
    call_id: null,
    grain: 'call',
    calls: 1,
    status: 'ok',
    source_format: 'openai.chat',
    source_object: 'chat/a.jsonl',
    source_line: 1,
    occurred_at: `${day} 12:00:00`,
    time_basis: 'reported',
    provider: 'openai',
    publisher: 'openai',
    model: 'gpt-5',
    model_reported: 'gpt-5',
    operation: 'chat',
    tier: 'standard',
    price_region: null,
    team: 'alpha',
    attribution: 'tag',
    tags: '{}',
    input_tokens: 100,
    cache_read_tokens: 0,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: 0,
    output_tokens: 10,
    reasoning_tokens: 0,
    audio_input_tokens: 0,
    audio_output_tokens: 0,
    images: 0,
    web_searches: 0,
    usage_basis: 'reported',
    billing_mode: 'on_demand',
    list_cost: overrides['cost'] ?? '0.001',
    cost: '0.001',
    cost_status: 'priced',
    stamp: 's1',
    ingested_at: '2026-11-02 00:00:00',
    day,
  };
  return { ...neutral, ...overrides };
}

/** An object that was read completely: one usage line per record. */
export function object(overrides: Row): Row {
  return {
    object: 'chat/a.jsonl',
    version: 'v1',
    etag: 'e',
    bytes: 1,
    lines: 0,
    usage_lines: 0,
    records: 0,
    skipped: 0,
    rejected: 0,
    formats: '{}',
    skips: '{}',
    input_tokens: 0,
    output_tokens: 0,
    reader: '1',
    stamp: 's1',
    outcome: 'landed',
    ingested_at: '2026-11-02 00:00:00',
    ingested_day: '2026-11-02',
    ...overrides,
  };
}

/** What a provider's usage report brought on a day. */
export function bucket(overrides: Row): Row {
  const day = String(overrides['day'] ?? '2026-10-26');
  return {
    source_format: 'openai.usage_page',
    billing_account_id: null,
    folder: 'reports/',
    provider: 'openai',
    grain: 'bucket',
    landed_rows: 1,
    calls: 10,
    list_cost: '1',
    first_at: `${day} 00:00:00`,
    last_at: `${day} 00:00:00`,
    last_object_at: `${day} 06:00:00`,
    day,
    ...overrides,
  };
}

export function source(overrides: Partial<SourceStatus>): SourceStatus {
  return {
    sourceFormat: 'openai.chat',
    billingAccountId: null,
    prefix: 'chat/',
    usualGapHours: 24,
    firstDay: '2026-09-28',
    lastDay: '2026-11-01',
    status: 'ok',
    missingDays: [],
    ...overrides,
  };
}

async function fill(engine: LocalSqlEngine, table: Table, rows: readonly Row[]): Promise<void> {
  const types = columnTypes(table);
  await engine.table(
    table.name,
    types,
    rows.map((row) => Object.keys(types).map((name) => row[name] ?? null)),
  );
}

/** Opens the lake; spend_daily is made from usage by the product's own statement, as sealing does. */
export async function openReportLake(content: LakeContent): Promise<ReportLake> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-report-'));
  const engine = await openDuckDb(folder);
  const usage = content.usage ?? [];
  await fill(engine, USAGE, usage);
  await fill(engine, USAGE_EXCLUDED, content.excluded ?? []);
  await fill(engine, REJECTS, content.rejects ?? []);
  await fill(engine, INGESTED_OBJECTS, content.objects ?? []);
  await fill(engine, SOURCE_DAYS, content.buckets ?? []);
  await fill(engine, SOURCES, content.sources ?? []);
  await fill(engine, PRICES, content.prices ?? []);
  await fill(engine, RECONCILIATION, content.reconciliation ?? []);
  await fill(engine, SAVINGS, content.savings ?? []);
  await fill(engine, BUDGETS, content.budgets ?? []);
  await fill(engine, FORECASTS, content.forecasts ?? []);
  await fill(engine, ANOMALIES, content.anomalies ?? []);
  await fill(engine, CHANGE_DRIVERS, content.drivers ?? []);
  const incomplete = new Set(content.incompleteDays);
  const days = [...new Set(usage.map((row) => String(row['day'])))];
  await engine.table(
    'completeness',
    { day: 'date', complete: 'boolean' },
    days.map((day) => [day, !incomplete.has(day)]),
  );
  const spendDaily = await readFile(new URL('../../lib/seal/sql/spend-daily.sql', import.meta.url), 'utf8');
  await engine.execute(`create or replace temp table spend_daily as ${spendDaily}`);
  return {
    engine,
    queries: await loadSqlFolder('report/queries'),
    close: async () => {
      engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
