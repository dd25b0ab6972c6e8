/**
 * The first screen of the report as plain text (report.txt): what the week cost, what changed, what is unknown, who spent most.
 * In: a summary. Out: lines of at most 100 characters that read the same in any terminal and mail program.
 */
import type { Pico } from '../money.ts';
import { foldRest } from './measures.ts';
import type { Measures } from './measures.ts';
import { money, percent, plural, shownName, count, dayRange } from './format.ts';
import { assumptionSentence } from './assumptions.ts';
import {
  completeSentence,
  gapSentence,
  sourceSentences,
  sumSentences,
  unknownSentences,
  weekSentence,
  weekSpend,
  weekUnknowns,
} from './sentences.ts';
import type { Summary } from './summary.ts';
import { wrapped } from './text-lines.ts';

const WIDTH = 78;
const TOP = 10;

/** The text version of the first screen; ends with a newline. */
export function renderText(summary: Summary): string {
  const title = shownName(summary.title, WIDTH);
  const lines = [title, '='.repeat(Array.from(title).length), ''];
  if (summary.span === null || summary.period === null) {
    lines.push('The ledger is empty. Put usage logs into the inbox and run again:', '');
    lines.push(
      '  inference-ledger run --inbox DIR --lake DIR',
      '',
      'docs/sources.md says how logs get into the inbox.',
    );
    return `${lines.join('\n')}\n`;
  }
  const { week, totals, period } = summary;
  lines.push(`Period  ${dayRange(period.from, period.to)} (UTC). ${completeSentence(summary)}.`);
  lines.push(`Spend   ${money(totals.costPico)} for ${plural(totals.calls, 'call')}.`);
  if (totals.includedCalls > 0) {
    lines.push(`Beside  ${money(totals.includedValuePico)} list value of usage that plans pay for; not spend.`);
  }
  lines.push('');
  if (week) {
    const part = week.current.completeDays === 7 ? '' : `, ${week.current.completeDays} of 7 days complete`;
    lines.push(`Last full week, ${dayRange(week.current.from, week.current.to)}${part}: ${weekSpend(week).shown}`);
  }
  lines.push(...wrapped(weekSentence(summary), ''));
  if (week)
    for (const note of [...week.gaps.map(gapSentence), ...weekUnknowns(week)]) lines.push(...wrapped(note, '- '));
  section(lines, 'Not known', unknownSentences(summary));
  section(lines, 'Sources', sourceSentences(summary.sources));
  section(lines, 'Assumed', summary.assumptions.map(assumptionSentence));
  lines.push(
    '',
    'By team',
    ...topRows(
      summary.byTeam.map((row) => ({ name: row.team, ...row })),
      totals.costPico,
    ),
  );
  lines.push(
    '',
    'By model',
    ...topRows(
      summary.byModel.map((row) => ({ name: `${row.provider} ${row.model}`, ...row })),
      totals.costPico,
    ),
  );
  section(
    lines,
    'Checks',
    sumSentences(summary).map(({ text, holds }) => `${text}: ${holds ? 'holds' : 'DOES NOT HOLD'}`),
  );
  return `${lines.join('\n')}\n`;
}

function section(lines: string[], heading: string, notes: readonly string[]): void {
  if (notes.length === 0) return;
  lines.push('', heading);
  for (const note of notes) lines.push(...wrapped(note, '- '));
}

type Row = Measures & { readonly name: string };

/** The ten most expensive names, aligned, and the others as one line, so that the column adds up. */
function topRows(rows: readonly Row[], total: Pico | null): string[] {
  const { shown, rest } = foldRest(rows, TOP);
  const all: Row[] = rest === null ? [...shown] : [...shown, { name: plural(rest.groups, 'other'), ...rest.sum }];
  return all.map((row) => {
    const share = percent(row.costPico, total);
    return `  ${shownName(row.name, 40).padEnd(42)}${money(row.costPico).padStart(14)}${share.padStart(9)}  ${count(row.calls).padStart(9)} calls`;
  });
}
