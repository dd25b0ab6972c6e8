/** A simulation for people: what the plan saves, lever by lever with its range, and what the log does not tell. */
import { usdDisplay } from '../lib/money.ts';
import { backtestText } from '../lib/simulate/backtest.ts';
import type { LeverFinding } from '../lib/simulate/lever-findings.ts';
import type { RewriteRow } from '../lib/simulate/measured-rewrites.ts';
import { headline, usdRangeText } from '../lib/simulate/range-words.ts';
import type { Simulation } from '../lib/simulate/simulate.ts';
import { renderTable } from './table-text.ts';
import { printable } from './terminal.ts';

const TOP = 8;

/** What a person reads after `simulate`. */
export function simulationText(simulation: Simulation): string {
  const { plan, ranges, groups } = simulation;
  const share = plan.baselinePico === 0n ? 0 : (100 * Number(plan.savingPico)) / Number(plan.baselinePico);
  const cash = groups.reduce((sum, group) => sum + group.cash.cashPico, 0n);
  const blockedBy = [...new Set(groups.flatMap((group) => group.cash.blockedBy))];
  const out = [
    `${simulation.from} to ${simulation.to} (UTC) · ${simulation.calls} rows billed per call · ${usdDisplay(plan.baselinePico)} as billed`,
    '',
    plan.chosen.length === 0
      ? 'plan      nothing that this log lets one know would have saved anything'
      : `plan      ${plan.chosen.map(spoken).join(' + ')} would have saved ${usdDisplay(plan.savingPico)} (${share.toFixed(1)} %)`,
    ...rangeLines(simulation),
    ...(ranges.backtest.kind === 'tested' && plan.chosen.length > 0
      ? [`backtest  ${backtestText(ranges.backtest).replace('backtest: ', '')}`]
      : []),
    ...(cash === plan.savingPico
      ? []
      : [`bank      ${usdDisplay(cash)} of it reaches the bank; the rest is kept by ${blockedBy.join(', ')}`]),
    ...(plan.overlapPico === 0n
      ? []
      : [
          `overlap   ${usdDisplay(plan.overlapPico)}: added up one by one, the levers would claim that much more than they save together`,
        ]),
    '',
    renderTable(
      ['lever', 'basis', 'share of plan', 'alone', 'last', 'range'].map((title, at) => ({
        title,
        align: at < 2 || at === 5 ? ('left' as const) : ('right' as const),
      })),
      simulation.levers.map(leverCells),
    ),
    '',
    ...leverNotes(simulation.levers),
    ...rewriteLines(simulation),
    ...teamLines(simulation),
    ...batchLines(simulation),
    ...wasteLines(simulation),
  ];
  if (simulation.keptPico * 20n > plan.baselinePico)
    out.push(
      `${usdDisplay(simulation.keptPico)} of the bill was left alone: rows that are not single calls, failed, or priced otherwise than today ` +
        '(give the same --config as to run)',
    );
  if (ranges.interval.kind === 'refused') out.push(`no range: ${ranges.interval.message}`);
  if (ranges.month.kind === 'refused') out.push(`no monthly forecast: ${ranges.month.message}`);
  return `${out.join('\n')}\n`;
}

function rangeLines({ plan, ranges, levers, calls, quality }: Simulation): string[] {
  if (ranges.plan === null || ranges.interval.kind === 'refused' || plan.chosen.length === 0) return [];
  const text = usdRangeText({ p10Pico: ranges.plan.lowPico, p50Pico: plan.savingPico, p90Pico: ranges.plan.highPico });
  return [
    `range     ${headline(text, {
      logDays: ranges.interval.daysWithCost,
      requests: calls,
      extrapolation: 1,
      assumptions: [],
      notAssessed:
        levers.some((lever) => lever.lever === 'model_choice' && lever.isInPlan) &&
        quality.some(({ status }) => status === 'not_assessed')
          ? ['quality']
          : [],
      isFewDays: ranges.interval.isFewDays,
      isIllustrative: false,
    })} (95 %, drawn by ${ranges.interval.unit})`,
  ];
}

function leverCells(finding: LeverFinding): string[] {
  const money = (pico: bigint | null): string => (pico === null ? 'unknown' : usdDisplay(pico));
  const range =
    finding.range === null ? '' : `${usdDisplay(finding.range.lowPico)} to ${usdDisplay(finding.range.highPico)}`;
  if (finding.illustration !== undefined) {
    const { lowPico, highPico } = finding.illustration;
    return [
      spoken(finding.lever),
      finding.basis,
      'not in it',
      'unknown',
      'unknown',
      `${usdDisplay(lowPico)} to ${usdDisplay(highPico)} elsewhere`,
    ];
  }
  return [
    spoken(finding.lever),
    finding.basis.replaceAll('_', ' '),
    money(finding.savingPico),
    money(finding.alonePico),
    money(finding.lastPico),
    range,
  ];
}

/** What is to be said of levers, once for all that it is said of. */
function leverNotes(levers: readonly LeverFinding[]): string[] {
  const notes = levers.map((finding) => ({
    lever: spoken(finding.lever),
    text: [finding.why, finding.toKnow].filter((note) => note !== null).join('; to know it: '),
  }));
  return [...Map.groupBy(notes, ({ text }) => text)]
    .filter(([text]) => text !== '')
    .map(([text, said]) => `${said.map(({ lever }) => lever).join(', ')}: ${text}`);
}

function teamLines({ groups }: Simulation): string[] {
  const saved = groups.filter(({ savingPico }) => savingPico !== 0n);
  if (saved.length === 0) return [];
  const rows = saved
    .toSorted((a, b) => (a.savingPico < b.savingPico ? 1 : -1))
    .slice(0, TOP)
    .map(({ team, provider, model, baselinePico, savingPico }) => [
      printable(team, 30),
      printable(`${provider} ${model}`, 44),
      usdDisplay(baselinePico),
      usdDisplay(savingPico),
    ]);
  const columns = ['team', 'model', 'billed', 'saved by the plan'].map((title, at) => ({
    title,
    align: at < 2 ? ('left' as const) : ('right' as const),
  }));
  const more = saved.length > TOP ? [`… and ${saved.length - TOP} more in --format json`] : [];
  return ['', renderTable(columns, rows), ...more, ''];
}

/** Work that looks as if it could wait: nothing of it is in the plan. */
function batchLines({ batch }: Simulation): string[] {
  const { floor, ceiling, candidates } = batch;
  if (candidates.length === 0 && ceiling.calls === floor.calls) return [];
  const jobs = candidates
    .slice(0, TOP)
    .map(({ application, team, model, calls, costPico, fromHour, windowShare, days }) => {
      const name = printable(application ?? team, 30);
      const hours = `${String(fromHour).padStart(2, '0')}:00`;
      return `  ? ${name}, ${model}: ${(100 * windowShare).toFixed(0)} % of ${calls} calls within three hours from ${hours} UTC, on ${days} days (${usdDisplay(costPico)})`;
    });
  return [
    `batch     ${usdDisplay(floor.savingPico)} from callers who say that they can wait; at most ${usdDisplay(ceiling.savingPico)} if everybody could who does not stream`,
    ...(jobs.length === 0 ? [] : ['could these wait? ask, then tag them', ...jobs]),
    '',
  ];
}

const SIGNS: Readonly<Record<string, string>> = {
  long_input: 'reads much to say little',
  growing_sessions: 'sessions grow turn by turn and are never shortened',
};

/** What lossless rewrites would take from the prompts that were measured. */
function rewriteLines({ rewrites }: Simulation): string[] {
  if (rewrites === null || rewrites.length === 0) return [];
  const sum = (of: (row: RewriteRow) => number): number => rewrites.reduce((all, row) => all + of(row), 0);
  const tokens = sum((row) => row.inputTokens);
  const percent = (saved: number): string => `${((100 * saved) / tokens).toFixed(1)} %`;
  const [json, whitespace, repeated] = [
    sum(({ saved }) => saved.json),
    sum(({ saved }) => saved.whitespace),
    sum(({ saved }) => saved.repeated),
  ];
  return [
    `prompts   lossless rewrites would take ${percent(json + whitespace + repeated)} of the input of ${sum((row) => row.calls)} calls with text: ` +
      `compact JSON ${percent(json)}, whitespace ${percent(whitespace)}, repeats ${percent(repeated)}`,
  ];
}

/** Hints where prompts could be shorter; no saving is claimed for them. */
function wasteLines({ waste }: Simulation): string[] {
  if (waste.length === 0) return [];
  const lines = waste.slice(0, TOP).map(({ stream, calls, costPico, detector }) => {
    const name = printable(stream.application ?? stream.team, 30);
    return `  ? ${name}, ${stream.model}: ${SIGNS[detector] ?? detector} (${calls} calls, ${usdDisplay(costPico)})`;
  });
  return ['prompts to look at', ...lines, ''];
}

function spoken(lever: string): string {
  return lever.replaceAll('_', ' ');
}
