/**
 * report.html of a week: one self-contained page from a document. In: a document. Out: the page as text, the same bytes for the same document.
 * Invariant: no address, no request, no font to load; names from logs are data, never markup.
 */
import { filledSql } from './ask.ts';
import type { AskedQuery } from './ask.ts';
import { CHART_SCRIPT, CHART_STYLE } from './chart-script.ts';
import { PAGE_THEME, seriesColor } from './chart-theme.ts';
import { chartSvg } from './charts.ts';
import type { FirstScreen, ReportBlock, ReportChart, ReportDocument, ReportSection } from './document.ts';
import { escapeHtml, plainText, plural, shownName, titleName } from './format.ts';
import { pageShell } from './page-shell.ts';
import { SCRIPT, STYLE } from './style.ts';
import { renderHtmlTable } from './table.ts';
import type { TableSpec } from './table.ts';

const WIDE_PX = 1000;
const NARROW_PX = 310;

/** The section that holds the SQL. */
const REPRODUCE = 'reproduce';

/** The whole page. Charts are drawn here, so this takes a moment; it reads nothing. */
export async function renderPage(document: ReportDocument): Promise<string> {
  const asked = new Set(document.queries.map(({ name }) => name));
  const sqlLink = (query: string | undefined): string =>
    query !== undefined && asked.has(query) ? ` <a href="#sql-${shown(query)}">SQL</a>` : '';
  const parts = [await glance(document.first, sqlLink)];
  for (const section of document.sections) parts.push(await renderSection(section, document, sqlLink));
  return pageShell({
    title: plainText(`${shownName(document.title, 120)} – ${document.subtitle}`),
    sub: 'Weeks are seven UTC days.',
    body: parts.join('\n'),
    footer: plainText(document.footer),
    style: STYLE + CHART_STYLE,
    script: SCRIPT + CHART_SCRIPT,
  });
}

/** Texts of a document may hold names as logs have them. */
const shown = (text: string): string => escapeHtml(plainText(text));

type SqlLink = (query: string | undefined) => string;

async function glance({ lines, chart }: FirstScreen, sqlLink: SqlLink): Promise<string> {
  const items = lines.map(
    ({ label, text, query }) => `<div><dt>${shown(label)}</dt><dd>${shown(text)}${sqlLink(query)}</dd></div>`,
  );
  const drawn = chart === null ? '' : await figure(chart, sqlLink);
  return `<section class="glance" aria-label="At a glance"><dl>${items.join('')}</dl>
${drawn}</section>`;
}

async function renderSection(section: ReportSection, document: ReportDocument, sqlLink: SqlLink): Promise<string> {
  const blocks: string[] = [];
  for (const block of section.blocks) blocks.push(await renderBlock(block, sqlLink));
  if (section.id === REPRODUCE) blocks.push(...document.queries.map(queryDetails));
  const id = shown(section.id);
  return `<section aria-labelledby="${id}"><h2 id="${id}">${shown(section.title)}</h2>
${blocks.join('\n')}</section>`;
}

async function renderBlock(block: ReportBlock, sqlLink: SqlLink): Promise<string> {
  switch (block.kind) {
    case 'paragraph': {
      const tone = { plain: 'say', hint: 'say hint', warning: 'say warn' }[block.tone ?? 'plain'];
      return `<p class="${tone}">${shown(block.text)}${sqlLink(block.query)}</p>`;
    }
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${shown(item)}</li>`).join('')}</ul>`;
    case 'table':
      // a link to SQL that is not there helps nobody
      return renderHtmlTable(sqlLink(block.table.query) === '' ? withoutQuery(block.table) : block.table);
    case 'chart':
      return await figure(block.chart, sqlLink);
  }
}

function withoutQuery({ query: _query, ...table }: TableSpec): TableSpec {
  return table;
}

/** Drawn twice: style shows the one that fits. */
async function figure(chart: ReportChart, sqlLink: SqlLink): Promise<string> {
  const label = `${chart.title}. ${chart.alt}`;
  const draw = async (width: number): Promise<string> => {
    const svg = await chartSvg(chart, { width, theme: PAGE_THEME });
    return svg.replace('<svg ', `<svg role="graphics-document" aria-label="${shown(label)}" focusable="false" `);
  };
  return `<figure class="chart"><figcaption>${shown(chart.title)}${sqlLink(chart.query)}</figcaption>
<div class="wide">${await draw(WIDE_PX)}</div><div class="narrow">${await draw(NARROW_PX)}</div>
${legend(chart)}</figure>`;
}

/** Buttons that hide and show a series; a chart of one color needs none. */
function legend({ data, title }: ReportChart): string {
  if (data.kind !== 'trend') return '';
  const items = data.series.map(({ name }, i) => {
    const color = seriesColor(PAGE_THEME, i);
    return `<li><button type="button" aria-pressed="true" data-fill="${color}" title="${shown(titleName(name))}"><i style="background:${color}"></i><bdi>${shown(shownName(name, 32))}</bdi></button></li>`;
  });
  return `<ul class="legend" aria-label="${shown(`${title}: show or hide`)}">${items.join('')}</ul>`;
}

/** A query with its first parameters written in, and the others it was asked with. */
function queryDetails(query: AskedQuery): string {
  const others = query.runs.slice(1).map((parameters) => parameters.join(' to '));
  const more =
    others.length === 0
      ? ''
      : `<p class="hint">Also asked for ${plural(others.length, 'other period')}: ${shown(others.join('; '))}.</p>`;
  const name = shown(query.name);
  return `<details id="sql-${name}"><summary>${name}</summary>${more}<pre tabindex="0">${escapeHtml(filledSql(query))}</pre></details>`;
}
