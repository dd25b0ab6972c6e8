/**
 * The mail as HTML, laid out by MJML: first screen, sections, queries. In: a report as data, the pictures of its charts by content id, how much may be
 * shown. Out: HTML that asks for nothing but the parts of its own mail. Invariant: every text is escaped here, markup comes from here only.
 */
import mjml2html from 'mjml-browser';
import type { ReportBlock, ReportDocument } from './document.ts';
import { LedgerError } from '../errors.ts';
import { figureHtml, queryMark } from './mail-figures.ts';
import type { ChartPictures } from './mail-figures.ts';
import { DARK_STYLE, MAIL_COLORS, MAIL_FONT, MAIL_STYLE, MAIL_WIDTH, TABLE_BREAKPOINT } from './mail-style.ts';
import { mailTable, rowsLeftOut, shownHtml } from './mail-table.ts';
import { escapeHtml, plural } from './format.ts';
import { filledSql } from './ask.ts';

/** How much of a document goes into the HTML. */
export interface MailExtent {
  readonly sections: number;
  /** rows of a table at most */
  readonly rows: number;
  readonly hasSql: boolean;
}

/** Section that ends with the queries. */
const REPRODUCE = 'reproduce';
const TEXT_LIMIT = 900;
const TITLE_LIMIT = 120;

type Node = Exclude<Parameters<typeof mjml2html>[0], string>;

/** HTML of a mail. Throws `LedgerError` if MJML finds the layout wrong. */
export async function mailHtml(
  document: ReportDocument,
  pictures: ReadonlyMap<string, ChartPictures>,
  extent: MailExtent,
): Promise<string> {
  const { html, errors } = await mjml2html(layout(document, pictures, extent), {
    validationLevel: 'soft',
    // else MJML loads the web fonts whose names it finds
    fonts: {},
    keepComments: false,
  });
  const [first] = errors;
  if (first !== undefined) throw new LedgerError(`the layout of the mail is wrong: ${first.formattedMessage}`);
  return withoutIndents(html);
}

/** MJML indents by nesting; those blanks would be a fifth of the mail. */
function withoutIndents(html: string): string {
  return `${html
    .replace(/\n[ \t]+/g, '\n')
    .replace(/\n{2,}/g, '\n')
    .trim()}\n`;
}

function layout(document: ReportDocument, pictures: ReadonlyMap<string, ChartPictures>, extent: MailExtent): Node {
  const head = [
    leaf('mj-title', shownHtml(document.title, TITLE_LIMIT)),
    leaf('mj-preview', shownHtml(previewOf(document), 140)),
    leaf('mj-breakpoint', undefined, { width: `${TABLE_BREAKPOINT}px` }),
    leaf(
      'mj-raw',
      '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    ),
    node('mj-attributes', [
      leaf('mj-all', undefined, { 'font-family': MAIL_FONT }),
      leaf('mj-text', undefined, {
        'font-size': '15px',
        'line-height': '1.5',
        color: MAIL_COLORS.text,
        padding: '0 24px',
      }),
      leaf('mj-table', undefined, {
        cellpadding: '6',
        'font-size': '14px',
        color: MAIL_COLORS.text,
        padding: '0 24px 12px',
      }),
      leaf('mj-section', undefined, { padding: '18px 0', 'background-color': MAIL_COLORS.surface }),
    ]),
    leaf('mj-style', MAIL_STYLE),
    leaf('mj-style', DARK_STYLE),
  ];
  const { sections } = document;
  const bodies = sections
    .slice(0, extent.sections)
    .map(({ id, title, blocks }) =>
      card([
        text(`<h2>${shownHtml(title, TITLE_LIMIT)}</h2>`, '0 24px 8px'),
        ...blocks.flatMap((block) => blockNodes(block, pictures, extent)),
        ...(id === REPRODUCE ? queryNodes(document, extent) : []),
      ]),
    );
  const left = sections.length - bodies.length;
  const footer = text(`<p class="m x">${shownHtml(document.footer, TEXT_LIMIT)}</p>`);
  const cards = [
    card([text(headline(document)), ...firstScreen(document, pictures)]),
    ...bodies,
    ...(left > 0 ? [card([text(`<p>${plural(left, 'more section')} in report.html.</p>`)])] : []),
    node('mj-section', [column([footer])], { 'background-color': MAIL_COLORS.ground, 'css-class': 'f' }),
  ];
  return node(
    'mjml',
    [
      node('mj-head', head),
      node('mj-body', cards, { width: `${MAIL_WIDTH}px`, 'background-color': MAIL_COLORS.ground, 'css-class': 'g' }),
    ],
    { lang: 'en', dir: 'ltr' },
  );
}

const node = (tagName: string, children: Node[], attributes: Record<string, string> = {}): Node => ({
  tagName,
  attributes,
  children,
});

const leaf = (tagName: string, content?: string, attributes: Record<string, string> = {}): Node =>
  content === undefined ? { tagName, attributes } : { tagName, attributes, content };

const text = (html: string, padding?: string): Node =>
  leaf('mj-text', html, { 'css-class': 't', ...(padding === undefined ? {} : { padding }) });

const column = (children: Node[]): Node => node('mj-column', children);

/** A section of its own ground, with a gap to the next. */
const card = (children: Node[]): Node =>
  node('mj-section', [column(children)], { 'css-class': 'c', 'border-bottom': `8px solid ${MAIL_COLORS.ground}` });

function headline({ title, subtitle }: ReportDocument): string {
  return `<h1 dir="auto">${shownHtml(title, TITLE_LIMIT)}</h1><p class="m">${shownHtml(subtitle, TITLE_LIMIT)}</p>`;
}

/** What lists of mails show beside the subject. */
function previewOf(document: ReportDocument): string {
  return document.first.lines.find(({ label }) => label !== 'Data')?.text ?? document.subtitle;
}

function firstScreen({ first }: ReportDocument, pictures: ReadonlyMap<string, ChartPictures>): Node[] {
  const lines = first.lines.map(
    (line) =>
      `<p><span class="lb">${shownHtml(line.label, 48)}</span>${queryMark(line.query)}<br><span class="fs">${shownHtml(line.text, TEXT_LIMIT)}</span></p>`,
  );
  return [
    text(lines.join('\n'), '6px 24px 0'),
    ...(first.chart === null ? [] : [text(figureHtml(first.chart, pictures.get(first.chart.id)), '6px 24px 0')]),
  ];
}

function blockNodes(block: ReportBlock, pictures: ReadonlyMap<string, ChartPictures>, extent: MailExtent): Node[] {
  switch (block.kind) {
    case 'paragraph': {
      const inner = `${shownHtml(block.text, TEXT_LIMIT)}${queryMark(block.query)}`;
      if (block.tone === 'warning') return [text(`<div class="w">${inner}</div>`, '4px 24px 12px')];
      return [text(`<p${block.tone === 'hint' ? ' class="m"' : ''}>${inner}</p>`)];
    }
    case 'list':
      return [text(`<ul>${block.items.map((item) => `<li>${shownHtml(item, TEXT_LIMIT)}</li>`).join('')}</ul>`)];
    case 'chart':
      return [text(figureHtml(block.chart, pictures.get(block.chart.id)), '4px 24px 8px')];
    case 'table': {
      const rows = Math.min(block.mailRows, extent.rows);
      const left = rowsLeftOut(block.table, rows);
      return [
        leaf('mj-table', mailTable(block.table, rows), { 'css-class': 'd' }),
        ...(left === null ? [] : [text(`<p class="m x">${left}.</p>`)]),
      ];
    }
  }
}

/** The SQL behind the figures, under the names that stand beside them. */
function queryNodes({ queries }: ReportDocument, { hasSql }: MailExtent): Node[] {
  if (queries.length === 0) return [];
  if (!hasSql)
    return [
      text('<p>The queries are too long for this form: the text part of this mail and report.html hold them.</p>'),
    ];
  const parts = queries.map((query) => `<h3>${shownHtml(query.name, 48)}</h3><pre>${sqlHtml(filledSql(query))}</pre>`);
  return [text(parts.join('\n'))];
}

/** Lines keep their indents through `withoutIndents`, and stay SQL when they are copied. */
function sqlHtml(sql: string): string {
  return escapeHtml(sql.trim()).replace(/\n /g, '\n&#32;');
}
