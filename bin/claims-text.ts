/** Rules of thumb for people: how many hold, then each with its recomputed ranges and the reason. Lines are at most 100 characters. */
import colors from 'picocolors';
import type { Claim, Figure, Topic, Verdict } from '../lib/simulate/claim.ts';
import { figureText } from '../lib/simulate/claim-text.ts';
import { ASSUMED } from '../lib/simulate/claims-evidence-data.ts';

const WIDTH = 100;
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

const VERDICTS: Record<Verdict, { readonly text: string; readonly paint: (text: string) => string }> = {
  holds: { text: 'HOLDS', paint: colors.green },
  partly: { text: 'PARTLY', paint: colors.yellow },
  false: { text: 'FALSE', paint: colors.red },
  not_comparable: { text: 'NO FIGURE', paint: colors.dim },
};

/** The whole text; ends with a newline. */
export function renderClaims(all: readonly Claim[], isColored = process.stdout.isTTY): string {
  const lines = [bold('Rules of thumb about LLM cost, recomputed', isColored), '', ...wrapped(summary(all), '')];
  let topic: Topic | null = null;
  for (const claim of all) {
    if (claim.topic !== topic) lines.push('', bold(TOPICS[claim.topic], isColored));
    topic = claim.topic;
    lines.push('', ...claimLines(claim, isColored));
  }
  lines.push('', ...wrapped(FOOT, ''));
  return `${lines.join('\n')}\n`;
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

function claimLines(claim: Claim, isColored: boolean): string[] {
  const { text, paint } = VERDICTS[claim.verdict];
  const [first = '', ...rest] = wrapped(claim.claim, ' '.repeat(LABEL));
  const verdict = text.padEnd(LABEL);
  const head = `${isColored ? paint(verdict) : verdict}${bold(first.slice(LABEL), isColored)}`;
  return [
    head,
    ...rest.map((line) => bold(line, isColored)),
    ...claim.recomputed.map(figureLine),
    ...wrapped(claim.why, ' '.repeat(LABEL)),
  ];
}

function figureLine(figure: Figure): string {
  const what = figure.isPart ? `  ${figure.what}` : figure.what;
  return `${' '.repeat(LABEL + 2)}${what.padEnd(WHAT)}${figureText(figure)}`;
}

function bold(text: string, isColored: boolean): string {
  return isColored ? colors.bold(text) : text;
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
