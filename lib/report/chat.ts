/**
 * A report as a message for Slack and what understands its webhooks: first screen, then warnings and the first table of each section. In: a document.
 * Out: the JSON body of a webhook. Invariant: within Slack's limits (50 blocks, header 150, text 3,000 characters; docs.slack.dev/reference/block-kit);
 * names are plain text elements, which are never read as markup or mentions.
 */
import type { ReportDocument, ReportSection } from './document.ts';
import { shownName } from './format.ts';
import { tableLines } from './chat-table.ts';

interface ChatText {
  readonly type: 'text';
  readonly text: string;
  readonly style?: { readonly bold: true };
}

interface RichText {
  readonly type: 'rich_text';
  readonly elements: readonly {
    readonly type: 'rich_text_section' | 'rich_text_preformatted';
    readonly elements: readonly ChatText[];
  }[];
}

export type ChatBlock =
  | {
      readonly type: 'header';
      readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
    }
  | RichText;

export interface ChatMessage {
  /** what notifications show, and programs that know no blocks: Slack's own markup, escaped */
  readonly text: string;
  readonly blocks: readonly ChatBlock[];
}

const MOST_BLOCKS = 50;
const HEADER_LIMIT = 150;
const BLOCK_LIMIT = 3000;
const LINE_LIMIT = 900;

/** The message of a report. */
export function chatMessage(document: ReportDocument): ChatMessage {
  const headline = `${document.title}, ${document.subtitle}`;
  const lines = document.first.lines.map(({ label, text }) => ({
    label: shownName(label),
    text: shownName(text, LINE_LIMIT),
  }));
  const first: ChatBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: shownName(headline, HEADER_LIMIT), emoji: false } },
    ...lines.map(({ label, text }) => section([bold(`${label}: `), plain(text)])),
  ];
  const rest = document.first.isQuiet ? [] : document.sections.flatMap(sectionBlocks);
  const last = section([plain(shownName(document.footer, LINE_LIMIT))]);
  return {
    text: [
      `*${markup(shownName(headline, HEADER_LIMIT))}*`,
      ...lines.map(({ label, text }) => `*${markup(label)}*: ${markup(text)}`),
    ].join('\n'),
    blocks: [...[...first, ...rest].slice(0, MOST_BLOCKS - 1), last],
  };
}

/** Warnings of a section, and its first table under the section's title. */
function sectionBlocks({ title, blocks }: ReportSection): ChatBlock[] {
  const warnings = blocks.flatMap((block) =>
    block.kind === 'paragraph' && block.tone === 'warning'
      ? [section([bold('Note: '), plain(shownName(block.text, LINE_LIMIT))])]
      : [],
  );
  const table = blocks.find((block) => block.kind === 'table');
  if (table === undefined) return warnings;
  return [
    ...warnings,
    section([bold(shownName(title))]),
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_preformatted', elements: [plain(fitting(tableLines(table.table, table.mailRows)))] },
      ],
    },
  ];
}

/** As many whole lines as a block may hold. */
function fitting(lines: readonly string[]): string {
  let [length, count] = [0, 0];
  for (const line of lines) {
    length += line.length + 1;
    if (length > BLOCK_LIMIT) break;
    count++;
  }
  return lines.slice(0, count).join('\n');
}

const section = (elements: readonly ChatText[]): RichText => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
const plain = (text: string): ChatText => ({ type: 'text', text });
const bold = (text: string): ChatText => ({ type: 'text', text, style: { bold: true } });

/** Text in Slack's markup: the three letters that could begin a link or a mention are escaped, its signs for styles lose their meaning. */
function markup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, '\u200b$&');
}
