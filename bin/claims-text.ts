/** Rules of thumb for people: how many hold, then each with its recomputed ranges and the reason. Lines are at most 100 characters. */
import type { Claim, Figure, Topic, Verdict } from '../lib/simulate/claim.ts';
import { figureText } from '../lib/simulate/claim-text.ts';
import { ASSUMED } from '../lib/simulate/claims-evidence-data.ts';
import { paint } from './colors.ts';
import { formatRows } from './rows-text.ts';
import { terminalWidth } from './terminal.ts';

const WIDEST = 100;
const LABEL = 10;
const WHAT = 50;

const TOPICS: Record<Topic, string> = {
  prices: 'Prices',
  workloads: 'Workloads',
  'self-hosting': 'Self-hosting',
  images: 'Images',
  optimizations: 'Optimizations',
  budgets: 'Budgets',
};

const VERDICTS: Record<Verdict, { readonly text: string; readonly color: 'green' | 'yellow' | 'red' | 'dim' }> = {
  holds: { text: 'HOLDS', color: 'green' },
  partly: { text: 'PARTLY', color: 'yellow' },
  false: { text: 'FALSE', color: 'red' },
  not_comparable: { text: 'NO FIGURE', color: 'dim' },
};

/** The whole text; ends with a newline. */
export function renderClaims(all: readonly Claim[], width = Math.min(WIDEST, terminalWidth())): string {
  const { bold } = paint();
  const lines = [bold('Rules of thumb about LLM cost, recomputed'), '', ...wrapped(summary(all), '', width)];
  let topic: Topic | null = null;
  for (const claim of all) {
    if (claim.topic !== topic) lines.push('', bold(TOPICS[claim.topic]));
    topic = claim.topic;
    lines.push('', ...claimLines(claim, width));
  }
  lines.push('', ...wrapped(FOOT, '', width));
  return `${lines.join('\n')}\n`;
}

/** A row a claim; figures as the text has them. */
export function claimsCsv(all: readonly Claim[]): string {
  const figures = (of: readonly Figure[]): string =>
    of.map((figure) => `${figure.what}: ${figureText(figure)}`).join('; ');
  return formatRows(
    all.map(({ id, topic, claim, quoted, recomputed, verdict, why }) => ({
      id,
      topic,
      claim,
      verdict,
      quoted: figures(quoted),
      recomputed: figures(recomputed),
      why,
    })),
    'csv',
  );
}

const FOOT =
  `Amounts are USD; API prices are the list prices of 2024. Short queries are ${ASSUMED.shortQuery.inputTokens} tokens in and ` +
  `${ASSUMED.shortQuery.outputTokens} out. ` +
  'Every input with its value, source and date: inference-ledger claims --format json';

function summary(all: readonly Claim[]): string {
  const count = (verdict: Verdict): number => all.filter((claim) => claim.verdict === verdict).length;
  return (
    `${all.length} rules: ${count('holds')} holds, ${count('partly')} hold in part, ${count('false')} are false, ` +
    `${count('not_comparable')} comes without a figure. A rule holds if what is recomputed lies inside the quoted range, ` +
    'and is false if it lies outside.'
  );
}

function claimLines(claim: Claim, width: number): string[] {
  const painted = paint();
  const { text, color } = VERDICTS[claim.verdict];
  const [first = '', ...rest] = wrapped(claim.claim, ' '.repeat(LABEL), width);
  const head = `${painted[color](text.padEnd(LABEL))}${painted.bold(first.slice(LABEL))}`;
  return [
    head,
    ...rest.map((line) => painted.bold(line)),
    ...claim.recomputed.flatMap((figure) => figureLines(figure, width)),
    ...wrapped(claim.why, ' '.repeat(LABEL), width),
  ];
}

/** A figure beside what it is of, or below it where there is no room. */
function figureLines(figure: Figure, width: number): string[] {
  const what = figure.isPart ? `  ${figure.what}` : figure.what;
  const indent = ' '.repeat(LABEL + 2);
  const line = `${indent}${what.padEnd(WHAT)}${figureText(figure)}`;
  if (line.length <= width || width >= WIDEST) return [line];
  return [...wrapped(what, indent, width), ...wrapped(figureText(figure), `${indent}    `, width)];
}

function wrapped(text: string, indent: string, width: number): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
