/**
 * Writes docs/queries.md from docs/queries/*.sql:
 *   node scripts/make-queries-doc.ts
 * A test fails when the committed file is not what this gives. A query begins with its question as a comment; what else to know follows it.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../docs/queries/', import.meta.url);
const TARGET = new URL('../docs/queries.md', import.meta.url);

/** Every query is in exactly one section. */
const SECTIONS: readonly (readonly [heading: string, names: readonly string[]])[] = [
  ['Spend', ['team-by-month', 'chargeback', 'week-over-week', 'weekday-shape', 'tags', 'plan-value']],
  ['Who', ['top-users', 'top-keys', 'costly-calls', 'cost-per-session', 'unallocated']],
  ['Prices and caches', ['price-per-million', 'cache-hits', 'unpriced']],
  ['Budgets, forecasts and surprises', ['budgets', 'forecasts', 'anomalies', 'change-drivers']],
  ['Savings and documents', ['savings', 'corpora']],
];

const INTRO = `# Sample queries

Generated from \`docs/queries/*.sql\` by \`node scripts/make-queries-doc.ts\`; do not edit.

Twenty questions that people ask of the ledger. Each file runs unchanged on a laptop and in Athena; tests ask all of them on DuckDB and on Trino
with the same rows and compare the answers. In AWS they are saved queries of people's workgroup, named \`sample-…\`. On a laptop:

\`\`\`
inference-ledger query --lake DIR "$(cat docs/queries/team-by-month.sql)"
\`\`\`

- \`current_date - interval '28' day\` is the usual time range. Write a date instead (\`day >= date '2026-10-01'\`) for another; both let Athena
  read only the days asked for, which a date taken from another table does not.
- Money is exact in every sum. Only where a column is a share, an average or a price per million is there a division, the last thing done; such
  columns are rounded and never added.
- Tables and columns: [tables.md](tables.md). Dashboards: [grafana.md](grafana.md), [quicksight.md](quicksight.md).
- \`budgets\`, \`forecasts\`, \`anomalies\` and \`change_drivers\` are filled by the report, \`savings\` by \`simulate\`; before, these queries answer with no rows.
`;

/** A query with its question, and what else its comment says. */
export interface SampleQuery {
  readonly name: string;
  readonly sql: string;
  readonly question: string;
  readonly remarks: string;
}

/** All of them by name. Throws where a file does not begin with a comment. */
export function sampleQueries(): SampleQuery[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(new URL(file, FOLDER), 'utf8');
      const comment = [...sql.matchAll(/^-- (.*)$/gm)].map((match) => match[1] ?? '');
      const [question] = comment;
      if (question === undefined || !sql.startsWith('-- ')) throw new Error(`${file} does not begin with its question`);
      return { name: file.replace(/\.sql$/, ''), sql, question, remarks: comment.slice(1).join(' ') };
    });
}

function queryText({ name, sql, question, remarks }: SampleQuery): string {
  const statement = sql.replace(/^--.*\n/gm, '').trimEnd();
  return `### ${name}\n\n**${question}**${remarks === '' ? '' : ` ${remarks}`}\n\n\`\`\`sql\n${statement}\n\`\`\`\n`;
}

/** The whole document. Throws where a query is in no section, or a section names none. */
export function queriesDoc(): string {
  const queries = new Map(sampleQueries().map((query) => [query.name, query]));
  const parts = SECTIONS.map(([heading, names]) => {
    const texts = names.map((name) => {
      const query = queries.get(name);
      if (!queries.delete(name) || query === undefined) throw new Error(`no query ${name}, or it is in two sections`);
      return queryText(query);
    });
    return [`## ${heading}\n`, ...texts].join('\n');
  });
  if (queries.size > 0) throw new Error(`in no section: ${[...queries.keys()].join(', ')}`);
  return [INTRO, ...parts].join('\n');
}

if (import.meta.main) writeFileSync(TARGET, queriesDoc());
