/** The message for a chat: within Slack's limits, whatever the report holds, and without a word that Slack would take for markup. */
import { expect, test } from 'vitest';
import { chatMessage } from '../../lib/report/chat.ts';
import type { ChatBlock, ChatMessage } from '../../lib/report/chat.ts';
import { HOSTILE_NAMES, exampleDocument, hostileDocument, quietDocument } from '../fixtures/report-document.ts';

/** Texts of a block as its kind holds them. */
const textsOf = (block: ChatBlock): string[] =>
  block.type === 'header'
    ? [block.text.text]
    : block.elements.flatMap(({ elements }) => elements.map(({ text }) => text));

/** What the documentation of Block Kit allows, as of 2026. */
function checkLimits({ text, blocks }: ChatMessage): void {
  expect(text.length).toBeGreaterThan(0);
  expect(text.length).toBeLessThan(40_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) {
    const texts = textsOf(block);
    expect(texts.join('').length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000);
    expect(texts.every((each) => each.length > 0)).toBe(true);
  }
}

test('the example: headline, first screen, warnings, tables, footer', () => {
  const message = chatMessage(exampleDocument());
  checkLimits(message);
  const shown = message.blocks.map((block) => textsOf(block).join(''));
  expect(shown.slice(0, 3)).toEqual([
    'Inference ledger, Week of Nov 9 – Nov 15, 2026',
    'Data: All sources complete through Nov 15, 2026.',
    'Month to date: $6,020.11 of $12,000.00 budget; month end expected $11,900.00 ($10,800.00 to $13,100.00).',
  ]);
  expect(shown).toContain('Note: growth/ is silent: nothing for Oct 30. That is missing data.');
  expect(shown.find((text) => text.startsWith('By team, USD'))?.split('\n')).toEqual([
    'By team, USD',
    'Team               Spend   Share    Change   Calls',
    'search         $1,212.40   42.5%  +$312.40   1,000',
    'support-bot      $803.11   28.1%    −$7.00   2,000',
    'data-platform    $540.02   18.9%   −$19.98   3,000',
    'All teams      $2,853.28  100.0%  +$291.67  15,000',
    '(2 more rows in report.html; the last row counts all)',
  ]);
  expect(message.text.split('\n')).toHaveLength(6);
  expect(message.text).toContain('*Saving within reach*: $412.50 a week would reach the bank.');
});

test('a quiet week is its lines', () => {
  const message = chatMessage(quietDocument());
  checkLimits(message);
  expect(message.blocks).toHaveLength(5);
});

test('names that mean harm are text: no link, no mention, no mark of direction', () => {
  const document = hostileDocument();
  const mention = { label: '<!channel>', text: '<@U1> *bold* _it_ ~no~ `code` & <http://evil.example|ok>' };
  const message = chatMessage({ ...document, first: { ...document.first, lines: [...document.first.lines, mention] } });
  checkLimits(message);
  expect(message.text).not.toMatch(/<[!@#h]/);
  expect(message.text).toContain('&lt;!channel&gt;');
  expect(message.text).not.toMatch(/[^\u200b][_~`]|\u202e|\u2066/);
  const kinds = new Set(
    message.blocks.flatMap((block) =>
      block.type === 'header'
        ? [block.text.type]
        : block.elements.flatMap(({ elements }) => elements.map(({ type }) => type)),
    ),
  );
  expect([...kinds]).toEqual(['plain_text', 'text']);
  expect(JSON.stringify(message)).not.toContain('x'.repeat(200));
  expect(message.blocks.flatMap(textsOf).join('').replaceAll('\n', '')).not.toMatch(
    /\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u,
  );
  expect(message.blocks.flatMap(textsOf).join('')).toContain(HOSTILE_NAMES[0]);
});

test('a report with very many sections keeps its footer and the limits', () => {
  const document = exampleDocument();
  const [spend] = document.sections;
  if (spend === undefined) throw new Error('the example has no section');
  const rows = document.sections[1]?.blocks.find((block) => block.kind === 'table');
  if (rows === undefined) throw new Error('the example has no table');
  const many = Array.from({ length: 400 }, () => rows.table.rows[0] ?? []);
  const section = {
    ...spend,
    blocks: [...spend.blocks.slice(0, 2), { ...rows, mailRows: 400, table: { ...rows.table, rows: many } }],
  };
  const message = chatMessage({ ...document, sections: Array.from({ length: 60 }, () => section) });
  checkLimits(message);
  expect(message.blocks).toHaveLength(50);
  expect(textsOf(message.blocks[49] ?? message.blocks[0]!)).toEqual([document.footer]);
});
