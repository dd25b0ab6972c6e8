/** The summary of a run: for people a table of spend by team and by model with what is unknown beside it; for machines JSON with money as text. */
import type { RunResult } from '../lib/journey.ts';
import { usdDisplay, usdText } from '../lib/money.ts';
import type { Pico } from '../lib/money.ts';
import type { WeekSpend } from '../lib/report/comparison.ts';
import type { Measures } from '../lib/report/measures.ts';
import { assumptionSentence } from '../lib/report/assumptions.ts';
import { gapSentence, sourceSentences, unknownSentences, weekSentence } from '../lib/report/sentences.ts';
import type { Summary } from '../lib/report/summary.ts';
import { corporaJson, corporaLines } from './corpora-text.ts';
import type { CorporaSummary } from './corpora-text.ts';
import { restampJson } from './restamp-text.ts';
import { renderTable } from './table-text.ts';
import { printable } from './terminal.ts';

export interface LineSums {
  readonly lines: number;
  readonly usageLines: number;
  readonly skipped: number;
  readonly rejected: number;
}

const TOP = 12;
const COLUMNS = ['calls', 'tokens', 'spend', 'share', 'unpriced calls', 'token value, not spend'].map((title) => ({
  title,
  align: 'right' as const,
}));

/** What a person reads after `run`. */
export function renderSummary(
  result: RunResult,
  sums: LineSums,
  summary: Summary,
  corpora: CorporaSummary,
  lake: string,
): string {
  const total = summary.totals;
  const out = [headline(result, summary), ''];
  const group = (title: string, rows: readonly (Measures & { label: string })[]): void => {
    const shown = rows.slice(0, TOP);
    const cells = [
      ...shown.map((row) => [printable(row.label, 40), ...measureCells(row, total)]),
      ['total', ...measureCells(total, total)],
    ];
    out.push(renderTable([{ title }, ...COLUMNS], cells));
    if (rows.length > TOP) out.push(`… and ${rows.length - TOP} more: report.html has them all`);
    out.push('');
  };
  group(
    'spend by team',
    summary.byTeam.map((row) => ({ ...row, label: row.team })),
  );
  group(
    'spend by model',
    summary.byModel.map((row) => ({ ...row, label: `${row.provider} ${row.model}` })),
  );
  out.push(...qualityLines(summary, sums), '');
  if (summary.week) out.push(weekSentence(summary), ...summary.week.gaps.map((gap) => `  ! ${gapSentence(gap)}`), '');
  out.push(...trustLines(summary));
  out.push(...corporaLines(corpora));
  out.push(...sumLines(summary, sums), `lake     ${lake}`);
  return `${out.join('\n')}\n`;
}

/** Sources that owe days, and what is assumed with the money that hangs on it; nothing where there is neither. */
function trustLines(summary: Summary): string[] {
  const lines: string[] = [];
  const list = (title: string, sign: string, sentences: readonly string[]): void => {
    if (sentences.length === 0) return;
    lines.push(title, ...sentences.slice(0, TOP).map((sentence) => `  ${sign} ${sentence}`));
    if (sentences.length > TOP) lines.push(`  … and ${sentences.length - TOP} more: doctor names them all`);
    lines.push('');
  };
  list('sources late or silent', '!', sourceSentences(summary.sources));
  list('assumed', '~', summary.assumptions.map(assumptionSentence));
  return lines;
}

function headline(result: RunResult, summary: Summary): string {
  const { batches, unchanged, skippedObjects } = result.ingest;
  const read = batches.flatMap((b) => b.objects).length;
  const passed = Object.entries(skippedObjects).map(([reason, n]) => `${n} ${reason.replaceAll('_', ' ')}`);
  const period = summary.period ? `${summary.period.from} to ${summary.period.to}` : 'no usage yet';
  return `${read} objects read, ${unchanged} unchanged${passed.length > 0 ? `, passed over: ${passed.join(', ')}` : ''} · ${result.sealedDays.length} days sealed · ${period} (UTC)`;
}

function measureCells(row: Measures, total: Measures): string[] {
  const value = [row.includedValuePico, row.billingUnknownValuePico].reduce<bigint>(
    (sum, pico) => sum + BigInt(pico ?? 0),
    0n,
  );
  return [
    row.calls.toLocaleString('en-US'),
    row.tokens.toLocaleString('en-US'),
    row.costPico === null ? 'unknown' : usdDisplay(row.costPico),
    share(row.costPico, total.costPico),
    row.unpricedCalls === 0 ? '' : row.unpricedCalls.toLocaleString('en-US'),
    value === 0n ? '' : usdDisplay(value),
  ];
}

function share(part: Pico | null, whole: Pico | null): string {
  if (part === null || whole === null || BigInt(whole) === 0n) return '';
  const tenths = (BigInt(part) * 1000n) / BigInt(whole);
  return `${tenths / 10n}.${tenths % 10n}%`;
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '0%' : `${((part / whole) * 100).toFixed(part > 0 && part / whole < 0.0005 ? 3 : 1)}%`;
}

function qualityLines(summary: Summary, sums: LineSums): string[] {
  const { totals, quality } = summary;
  const unallocated = summary.byTeam.find((row) => row.team === 'unallocated');
  const excluded = quality.excluded.reduce((n, row) => n + row.rows, 0);
  const landed = quality.objects.usageRows + quality.objects.excludedRows;
  const rows = [
    [
      'unpriced',
      `${totals.unpricedCalls.toLocaleString('en-US')} calls`,
      ratio(totals.unpricedCalls, totals.calls),
      'no price known: not in any total',
    ],
    [
      'unattributed',
      usdDisplay(unallocated?.costPico ?? 0),
      share(unallocated?.costPico ?? 0, totals.costPico) || '0%',
      'nothing tells the team',
    ],
    [
      'rejected',
      `${sums.rejected.toLocaleString('en-US')} lines`,
      ratio(sums.rejected, sums.lines),
      'table rejects says why',
    ],
    [
      'excluded',
      `${excluded.toLocaleString('en-US')} rows`,
      ratio(excluded, landed),
      quality.excluded.map((e) => `${e.rows} ${e.reason.replaceAll('_', ' ')}`).join(', '),
    ],
  ];
  const notes = unknownSentences(summary).map((sentence) => `  ? ${sentence}`);
  return [
    renderTable(
      [
        { title: 'not simply counted' },
        { title: '', align: 'right' },
        { title: 'share', align: 'right' },
        { title: '' },
      ],
      rows,
    ),
    ...notes,
  ];
}

function sumLines(summary: Summary, sums: LineSums): string[] {
  const o = summary.quality.objects;
  return [
    `lines    ${sums.lines} = ${sums.usageLines} with usage + ${sums.skipped} skipped + ${sums.rejected} rejected`,
    `rows     ${o.records} landed = ${o.usageRows} in usage + ${o.excludedRows} excluded`,
  ];
}

/** The same as stable JSON; money is decimal text, null is unknown. */
export function summaryJson(result: RunResult, sums: LineSums, summary: Summary, corpora: CorporaSummary): string {
  const money = (pico: Pico | null): string | null => (pico === null ? null : usdText(pico));
  const measures = (m: Measures): Record<string, unknown> => ({
    calls: m.calls,
    tokens: m.tokens,
    cost: money(m.costPico),
    estimated_cost: money(m.estimatedCostPico),
    included_calls: m.includedCalls,
    included_list_value: money(m.includedValuePico),
    billing_unknown_calls: m.billingUnknownCalls,
    billing_unknown_list_value: money(m.billingUnknownValuePico),
    unpriced_calls: m.unpricedCalls,
    unpriced_tokens: m.unpricedTokens,
  });
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
    totals: measures(summary.totals),
    by_team: summary.byTeam.map((row) => ({ team: row.team, ...measures(row) })),
    by_model: summary.byModel.map((row) => ({ provider: row.provider, model: row.model, ...measures(row) })),
    week: weekJson(summary, measures),
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
      amount: money(a.amountPico),
      compared_with: money(a.comparedPico),
      settled_by: a.settledBy,
      message: assumptionSentence(a),
    })),
  };
  return `${JSON.stringify(body, null, 1)}\n`;
}

/** The two weeks, and the change over the days that are complete in both. */
function weekJson(
  summary: Summary,
  measures: (m: Measures) => Record<string, unknown>,
): Record<string, unknown> | null {
  const { week } = summary;
  if (week === null) return null;
  const side = (spend: WeekSpend | null): Record<string, unknown> | null =>
    spend && { from: spend.from, to: spend.to, complete_days: spend.completeDays, ...measures(spend.totals) };
  return {
    current: side(week.current),
    previous: side(week.previous),
    compared_days: week.comparedDays,
    compared: week.compared && { current: measures(week.compared.current), previous: measures(week.compared.previous) },
    change: week.changePico === null ? null : usdText(week.changePico),
    sentence: weekSentence(summary),
    gaps: week.gaps.map((gap) => ({ ...gap, message: gapSentence(gap) })),
  };
}
