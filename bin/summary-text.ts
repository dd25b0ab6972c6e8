/** The summary of a run for people: tables of spend by team and by model with what is unknown beside it. */
import type { RunResult } from '../lib/journey.ts';
import { usdDisplay } from '../lib/money.ts';
import type { Pico } from '../lib/money.ts';
import type { Measures } from '../lib/report/measures.ts';
import { assumptionSentence } from '../lib/report/assumptions.ts';
import { gapSentence, sourceSentences, unknownSentences, weekSentence } from '../lib/report/sentences.ts';
import type { Summary } from '../lib/report/summary.ts';
import { corporaLines } from './corpora-text.ts';
import type { CorporaSummary } from './corpora-text.ts';
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

/** A line of what a run changed, for someone who watches. */
export function newsLine({ result, sums, summary, corpora }: RunParts): string {
  const objects = result.ingest.batches.flatMap((batch) => batch.objects).length;
  const { costPico, calls } = summary.totals;
  const documents = corpora.read === 0 ? '' : `, ${corpora.read} of documents`;
  return (
    `${objects} objects read${documents} · ${result.sealedDays.length} days sealed · ${sums.rejected.toLocaleString('en-US')} lines rejected · ` +
    `${calls.toLocaleString('en-US')} calls, ${costPico === null ? 'cost unknown' : usdDisplay(costPico)}`
  );
}

interface RunParts {
  readonly result: RunResult;
  readonly sums: LineSums;
  readonly summary: Summary;
  readonly corpora: CorporaSummary;
}
