/**
 * From a sealed ledger to the documents of a week: one for everybody and one a team. In: an engine that sees the public tables of one reading of the
 * catalog, the report's SQL, config. Out: documents; forms and delivery are others' work. No clock: a past week gives the same documents.
 */
import { weekStartNumber } from './config.ts';
import type { Config } from './config.ts';
import type { SqlEngine } from './ports.ts';
import type { ReportDocument } from './report/document.ts';
import { reportDocument, teamsOf } from './report/report-document.ts';
import { readWeekFacts } from './report/week-facts.ts';
import type { Week } from './report/weeks.ts';

export interface ReportWorld {
  readonly engine: SqlEngine;
  /** SQL of lib/report/queries by name */
  readonly queries: Readonly<Record<string, string>>;
  readonly config: Pick<Config, 'report' | 'week_start'>;
}

export interface TeamReport {
  readonly team: string;
  readonly document: ReportDocument;
}

export interface Reports {
  readonly overall: ReportDocument;
  readonly teams: readonly TeamReport[];
}

/**
 * Reads once and makes all documents. `week` is seven UTC days. Throws `LedgerError` where parts do not sum to their total, which means that the
 * ledger changed meanwhile.
 */
export async function makeReports({ engine, queries, config }: ReportWorld, week: Week): Promise<Reports> {
  const facts = await readWeekFacts(engine, queries, {
    week,
    title: config.report.title,
    weekStart: weekStartNumber(config),
  });
  return {
    overall: reportDocument(facts, { team: null }),
    teams: teamsOf(facts).map((team) => ({ team, document: reportDocument(facts, { team }) })),
  };
}
