/**
 * The sections about what the figures rest on besides the logs read: what is assumed, with the money that hangs on it, and the sources
 * with what they owe. In: a summary. Out: HTML of each section, or an empty string where there is nothing to say.
 */
import { assumptionSentence, assumptionTodo } from './assumptions.ts';
import { count, day, dayList, escapeHtml, plural } from './format.ts';
import { hoursText, sourceSentences } from './sentences.ts';
import { countCell, moneyCell, nameCell, renderHtmlTable, textCell } from './table.ts';
import type { Cell } from './table.ts';
import type { Summary } from './summary.ts';
import { sourceName } from './weeks.ts';

/** Rows of the table of sources; those that owe something come first. */
const SOURCE_ROWS = 50;

/** Assumptions, the largest amounts in the order in which they were read. */
export function assumptionsSection(summary: Summary): string {
  if (summary.assumptions.length === 0) return '';
  const rows = summary.assumptions.map((assumption): Cell[] => [
    textCell(assumptionSentence(assumption)),
    moneyCell(assumption.amountPico),
    textCell(assumptionTodo(assumption)),
  ]);
  return `<section aria-labelledby="assumptions"><h2 id="assumptions">What is assumed</h2>
<p class="hint">Nobody has said otherwise, so the ledger takes this for granted. The amount is what hangs on it; token value is not spend.</p>
${renderHtmlTable({
  caption: 'Assumptions and the money that hangs on them',
  columns: [
    { title: 'Assumption', isWide: true },
    { title: 'Amount', isNumeric: true },
    { title: 'What settles it', isWide: true },
  ],
  rows,
})}</section>`;
}

/** Every source: since when, until when, how often, and what it owes. */
export function sourcesSection(summary: Summary): string {
  if (summary.sources.length === 0) return '';
  const owing = summary.sources.filter(({ status, missingDays }) => status !== 'ok' || missingDays.length > 0);
  const shown = [...new Set([...owing, ...summary.sources])].slice(0, SOURCE_ROWS);
  const hidden = summary.sources.length - shown.length;
  const rows = shown.map((source): Cell[] => [
    nameCell(sourceName(source)),
    { shown: source.status, mark: source.status === 'ok' ? 'ok' : 'bad' },
    textCell(source.firstDay ?? 'never'),
    textCell(source.lastDay ?? 'never'),
    {
      shown: source.usualGapHours === null ? '' : hoursText(source.usualGapHours),
      sort: source.usualGapHours === null ? '' : String(source.usualGapHours),
    },
    {
      ...countCell(source.missingDays.length),
      ...(source.missingDays.length === 0 ? { shown: '' } : { title: dayList(source.missingDays) }),
    },
  ]);
  const sentences = sourceSentences(owing).map((sentence) => `<li>${escapeHtml(sentence)}</li>`);
  return `<section aria-labelledby="sources"><h2 id="sources">Sources</h2>
<p class="hint">A source is a log format of one account under a top folder of the inbox. A day that a source should have reported and has not is not complete.</p>
${sentences.length === 0 ? '' : `<ul>${sentences.slice(0, SOURCE_ROWS).join('')}</ul>`}
${renderHtmlTable({
  caption: `As of ${day(summary.asOfDay)}${hidden > 0 ? `; ${plural(hidden, 'other source')} of ${count(summary.sources.length)} in table sources` : ''}`,
  columns: [
    { title: 'Source' },
    { title: 'State' },
    { title: 'First day' },
    { title: 'Last day' },
    { title: 'Usual gap', isNumeric: true },
    { title: 'Days owed', isNumeric: true },
  ],
  rows,
})}</section>`;
}
