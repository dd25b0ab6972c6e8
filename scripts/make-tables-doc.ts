/**
 * Writes docs/tables.md from lib/schema.ts and lib/report/views.ts:
 *   node scripts/make-tables-doc.ts
 * A test fails when the committed file is not what this gives.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { VIEWS } from '../lib/report/views.ts';
import { PUBLIC_TABLES } from '../lib/schema.ts';
import type { Table } from '../lib/schema.ts';

const TARGET = new URL('../docs/tables.md', import.meta.url);

const INTRO = `# Tables

Generated from \`lib/schema.ts\` by \`node scripts/make-tables-doc.ts\`; do not edit.

The tables are the public interface: names, types and meaning stay, so that SQL written today works tomorrow. Database \`inference_ledger\`,
Parquet with zstd. The same SQL runs on a laptop (\`inference-ledger query\`, DuckDB) and in Athena (Trino).

- Money is USD, exact: \`decimal(18,12)\` per row, \`decimal(38,12)\` in sums. **Null is unknown, 0 is a known zero**; a sum leaves unknown costs
  out, so look at \`cost_status\` beside it.
- \`cost\` is spend. \`list_cost\` is value at list price, also for usage that a plan pays or whose billing nobody has proven. Never add the two.
- The five token meters are disjoint; \`output_tokens\` includes reasoning. Times are UTC. Partition columns are \`date\` (write
  \`date '2026-11-01'\`) or text (\`month = '2026-11'\`); naming them in \`where\` makes a query fast and cheap.
- Days with \`complete = false\` lack a source that should have reported: compare complete days only.
`;

/** One row of a Markdown table; a bar inside a cell would end it. */
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function columnTable(rows: readonly (readonly string[])[]): string {
  return [line(['column', 'type', 'meaning']), line(['---', '---', '---']), ...rows.map(line)].join('\n');
}

function tableText(table: Table): string {
  const partition =
    table.partition === null ? '' : ` Partitioned by \`${table.partition.name}\` (${table.partition.type}).`;
  const rows = table.columns.map(({ name, type, nullable, doc }) => [
    `\`${name}\``,
    `\`${type}\`${nullable ? ', may be null' : ''}`,
    doc,
  ]);
  if (table.partition) rows.push([`\`${table.partition.name}\``, `\`${table.partition.type}\``, 'partition']);
  return `## ${table.name}\n\n${table.doc}${partition}\n\n${columnTable(rows)}\n`;
}

/** The whole document. */
export function tablesDoc(): string {
  const views = VIEWS.map((view) => {
    const rows = view.columns.map(({ name, type, doc }) => [`\`${name}\``, `\`${type}\``, doc]);
    const sql = readFileSync(new URL(`../lib/report/views/${view.name}.sql`, import.meta.url), 'utf8').trimEnd();
    return `### ${view.name}\n\n${view.doc}\n\n${columnTable(rows)}\n\n\`\`\`sql\n${sql}\n\`\`\`\n`;
  });
  return [INTRO, ...PUBLIC_TABLES.map(tableText), '## Views\n\nStable names over the tables above.\n', ...views].join(
    '\n',
  );
}

if (import.meta.main) writeFileSync(TARGET, tablesDoc());
