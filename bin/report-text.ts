/** What `report` prints: the first screen, where the files lie, what became of messages. For people and as stable JSON. */
import { cellText, printable, terminalWidth } from './terminal.ts';
import { paint } from './colors.ts';
import { brokenToWidth, textWidth } from './text-width.ts';
import type { DayRange } from '../lib/period.ts';
import type { ReportDocument } from '../lib/report/document.ts';
import type { TableSpec } from '../lib/report/table.ts';

/** A message that was to go out, and what is known of it. */
export interface SentMessage {
  /** `mail` or `webhook NAME` */
  readonly channel: string;
  /** null: everybody's */
  readonly team: string | null;
  readonly recipients: number;
  readonly state: 'sent' | 'refused' | 'unknown';
  /** this call did it; false: it was so before */
  readonly isNew: boolean;
  readonly reason: string | null;
}

export interface ReportOutcome {
  readonly week: DayRange;
  /** the one that was asked for: everybody's, or a team's */
  readonly document: ReportDocument;
  /** paths of what was written */
  readonly files: readonly string[];
  /** null: not asked for */
  readonly messages: readonly SentMessage[] | null;
}

/** What a person reads. */
export function reportText({ document, files, messages }: ReportOutcome, width = terminalWidth()): string {
  const { bold } = paint();
  const lines = [bold(printable(document.title)), printable(document.subtitle), ''];
  const label = Math.min(24, Math.max(0, ...document.first.lines.map((line) => textWidth(line.label))));
  for (const line of document.first.lines) {
    const [first = '', ...more] = brokenToWidth(printable(line.text, 1000), Math.max(20, width - label - 2));
    const title = printable(line.label, label);
    lines.push(`${bold(title)}${' '.repeat(label - textWidth(title) + 2)}${first}`.trimEnd());
    lines.push(...more.map((text) => `${' '.repeat(label + 2)}${text}`));
  }
  if (files.length > 0) lines.push('');
  for (const file of files.slice(0, SHOWN)) lines.push(`wrote    ${printable(file, 400)}`);
  if (files.length > SHOWN) lines.push(`… and ${files.length - SHOWN} more`);
  if (messages !== null) lines.push('', ...messages.map(messageText));
  return `${lines.join('\n')}\n`;
}

const SHOWN = 8;

function messageText({ channel, team, recipients, state, isNew, reason }: SentMessage): string {
  const whom = `${channel}${team === null ? '' : ` of ${printable(team, 40)}`} to ${recipients}`;
  const { green, red, yellow } = paint();
  const told = {
    sent: green(isNew ? 'sent' : 'sent before, not again'),
    refused: red('refused'),
    unknown: yellow('not known whether it was sent'),
  }[state];
  return `${told}    ${whom}${reason === null ? '' : `: ${printable(reason, 300)}`}`;
}

/** The same as stable JSON; cells of tables by what they exactly are: decimal text of USD, counts, names. */
export function reportJson({ week, document, files, messages }: ReportOutcome): string {
  const { first, sections } = document;
  const body = {
    week,
    team: document.team,
    title: document.title,
    subject: document.subject,
    is_quiet: first.isQuiet,
    first: first.lines.map(({ label, text, query }) => ({ label, text, query: query ?? null })),
    tables: sections.flatMap(({ id, blocks }) =>
      blocks.flatMap((block) => (block.kind === 'table' ? [tableJson(id, block.table)] : [])),
    ),
    files,
    messages:
      messages?.map(({ channel, team, recipients, state, isNew, reason }) => ({
        channel,
        team,
        recipients,
        state,
        is_new: isNew,
        reason,
      })) ?? null,
  };
  return `${JSON.stringify(body, null, 1)}\n`;
}

function tableJson(section: string, { caption, query, columns, rows, foot }: TableSpec): Record<string, unknown> {
  const exact = (cells: TableSpec['rows'][number]): string[] => cells.map((cell) => cellText(cell.sort ?? cell.shown));
  return {
    section,
    caption,
    query: query ?? null,
    columns: columns.map(({ title }) => title),
    rows: rows.map(exact),
    total: foot === undefined ? null : exact(foot),
  };
}
