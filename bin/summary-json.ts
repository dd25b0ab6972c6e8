/** The summary of a run for machines: stable JSON, or CSV of what was spent. Money is decimal text, null (in CSV empty) is unknown. */
import type { RunResult } from '../lib/journey.ts';
import { usdText } from '../lib/money.ts';
import type { Pico } from '../lib/money.ts';
import { assumptionSentence } from '../lib/report/assumptions.ts';
import type { WeekSpend } from '../lib/report/comparison.ts';
import type { Measures } from '../lib/report/measures.ts';
import { gapSentence, weekSentence } from '../lib/report/sentences.ts';
import type { Summary } from '../lib/report/summary.ts';
import { corporaJson } from './corpora-text.ts';
import type { CorporaSummary } from './corpora-text.ts';
import { restampJson } from './restamp-text.ts';
import { formatRows } from './rows-text.ts';
import type { LineSums } from './summary-text.ts';

/** Measures as JSON has them. */
function measuresJson(m: Measures): Record<string, unknown> {
  return {
    calls: m.calls,
    tokens: m.tokens,
    cost: moneyText(m.costPico),
    estimated_cost: moneyText(m.estimatedCostPico),
    included_calls: m.includedCalls,
    included_list_value: moneyText(m.includedValuePico),
    billing_unknown_calls: m.billingUnknownCalls,
    billing_unknown_list_value: moneyText(m.billingUnknownValuePico),
    unpriced_calls: m.unpricedCalls,
    unpriced_tokens: m.unpricedTokens,
  };
}

function moneyText(pico: Pico | null): string | null {
  return pico === null ? null : usdText(pico);
}

/** Everything that a run says. */
export function summaryJson(result: RunResult, sums: LineSums, summary: Summary, corpora: CorporaSummary): string {
  const body = {
    objects: {
      read: result.ingest.batches.flatMap((b) => b.objects).length,
      unchanged: result.ingest.unchanged,
      passed_over: result.ingest.skippedObjects,
    },
    documents: corporaJson(corpora),
    repriced: restampJson(result.restamp),
    sealed_days: result.sealedDays,
    lines: { lines: sums.lines, usage: sums.usageLines, skipped: sums.skipped, rejected: sums.rejected },
    rows: {
      landed: summary.quality.objects.records,
      usage: summary.quality.objects.usageRows,
      excluded: summary.quality.objects.excludedRows,
    },
    period: summary.period,
    complete_through: summary.completeThrough,
    totals: measuresJson(summary.totals),
    by_team: summary.byTeam.map((row) => ({ team: row.team, ...measuresJson(row) })),
    by_model: summary.byModel.map((row) => ({ provider: row.provider, model: row.model, ...measuresJson(row) })),
    week: weekJson(summary),
    sources: result.sources.map((s) => ({
      source_format: s.sourceFormat,
      billing_account_id: s.billingAccountId,
      prefix: s.prefix,
      first_day: s.firstDay,
      last_day: s.lastDay,
      usual_gap_hours: s.usualGapHours,
      status: s.status,
      missing_days: s.missingDays,
    })),
    assumptions: summary.assumptions.map((a) => ({
      kind: a.kind,
      subject: a.subject,
      calls: a.calls,
      amount: moneyText(a.amountPico),
      compared_with: moneyText(a.comparedPico),
      settled_by: a.settledBy,
      message: assumptionSentence(a),
    })),
  };
  return `${JSON.stringify(body, null, 1)}\n`;
}

/** Spend as rows: the total, each team, each model. Money is decimal text; empty is unknown. */
export function summaryCsv({ totals, byTeam, byModel }: Summary): string {
  const rowOf = (grouping: string, name: string, provider: string, m: Measures): Record<string, unknown> => ({
    grouping,
    provider,
    name,
    ...measuresJson(m),
  });
  return formatRows(
    [
      rowOf('total', '', '', totals),
      ...byTeam.map((row) => rowOf('team', row.team, '', row)),
      ...byModel.map((row) => rowOf('model', row.model, row.provider, row)),
    ],
    'csv',
  );
}

/** The two weeks, and the change over the days that are complete in both. */
function weekJson(summary: Summary): Record<string, unknown> | null {
  const { week } = summary;
  if (week === null) return null;
  const side = (spend: WeekSpend | null): Record<string, unknown> | null =>
    spend && { from: spend.from, to: spend.to, complete_days: spend.completeDays, ...measuresJson(spend.totals) };
  return {
    current: side(week.current),
    previous: side(week.previous),
    compared_days: week.comparedDays,
    compared: week.compared && {
      current: measuresJson(week.compared.current),
      previous: measuresJson(week.compared.previous),
    },
    change: week.changePico === null ? null : usdText(week.changePico),
    sentence: weekSentence(summary),
    gaps: week.gaps.map((gap) => ({ ...gap, message: gapSentence(gap) })),
  };
}
