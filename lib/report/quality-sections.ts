/**
 * The sections about trust: data quality with what to do about it, and the SQL behind every figure.
 * In: a summary. Out: HTML of each section. Invariant: a problem is listed with its size; nothing is rounded away.
 */
import { filledSql } from './ask.ts';
import { count, escapeHtml, plural } from './format.ts';
import { detailTables, findingsTable, lakeFindings, moneyFindings, usageFindings } from './quality-findings.ts';
import { sumSentences } from './sentences.ts';
import type { Summary } from './summary.ts';
import { renderHtmlTable } from './table.ts';

/** Data quality in one table, then the largest contributors of each kind. */
export function qualitySection(summary: Summary): string {
  const table = findingsTable([...moneyFindings(summary), ...usageFindings(summary), ...lakeFindings(summary)]);
  const checks = sumSentences(summary).map(({ text, holds }) => {
    return `<li><span class="${holds ? 'ok' : 'bad'}">${holds ? 'Holds' : 'Does not hold'}</span>: ${escapeHtml(text)}.</li>`;
  });
  return `<section aria-labelledby="quality"><h2 id="quality">Data quality</h2>
<p class="hint">What the figures rest on, with the size of everything that is not exact, not known or not counted.</p>
<ul>${checks.join('')}</ul>
${table === null ? '<p>Every call of the period is priced, attributed and reported by its source.</p>' : renderHtmlTable(table)}
${detailTables(summary).map(renderHtmlTable).join('\n')}</section>`;
}

/** The SQL behind every figure, with the dates filled in, to be pasted into `inference-ledger query`. */
export function reproduceSection(summary: Summary): string {
  const items = summary.queries.map((query) => {
    const runs =
      query.runs.length > 1
        ? ` <span class="dim">asked for ${count(query.runs.length)} periods; the first is filled in</span>`
        : '';
    return `<details id="sql-${escapeHtml(query.name)}"><summary>${escapeHtml(query.name)}${runs}</summary><pre tabindex="0">${escapeHtml(filledSql(query))}</pre></details>`;
  });
  return `<section aria-labelledby="reproduce"><h2 id="reproduce">How to get the same figures</h2>
<p class="hint">Run these with <code>inference-ledger query --lake DIR "SQL"</code>, or in Athena. ${plural(items.length, 'query', 'queries')}.
Shown amounts are rounded to cents; hold the pointer over one for its exact value. All sums are exact.</p>
${items.join('\n')}</section>`;
}
