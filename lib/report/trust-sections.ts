/**
 * The sections about trust: what the week's figures rest on, each with its size and share, whether they agree with the providers' own reports, and
 * the SQL behind every figure. In: a scope. Out: sections as data. Invariant: a team's section names no object, source or key of others.
 */
import { assumptionSentence, assumptionTodo } from './assumptions.ts';
import type { AssumptionKind } from './assumptions.ts';
import type { ReportBlock, ReportSection } from './document.ts';
import { count, money, percent, plural } from './format.ts';
import { detailTables, findingsTable, lakeFindings, moneyFindings, usageFindings } from './quality-findings.ts';
import type { Finding } from './quality-findings.ts';
import type { Scope } from './scope.ts';
import { sourceSentences, sumSentences } from './sentences.ts';
import { changeCell, countCell, moneyCell, nameCell, textCell } from './table.ts';
import type { Cell } from './table.ts';

/** What is not exact, not known or not counted. */
export function qualitySection(scope: Scope): ReportSection {
  const { facts, team, totals } = scope;
  const { summary } = facts;
  const findings =
    team === null
      ? [...moneyFindings(summary), ...usageFindings(summary), ...lateFinding(scope), ...lakeFindings(summary)]
      : [...moneyFindings({ totals, byTeam: [] }), ...lateFinding(scope)];
  const table = findingsTable(findings);
  const blocks: ReportBlock[] =
    table === null
      ? [
          {
            kind: 'paragraph',
            text: 'Every call of the week is priced, exact, in time and reported by its source.',
            query: 'totals',
          },
        ]
      : [{ kind: 'table', mailRows: 8, table: { ...table, query: 'totals' } }];
  if (team !== null) return { id: 'quality', title: 'Data quality', blocks };
  const sums = sumSentences(summary).map(({ text, holds }) => `${holds ? 'Holds' : 'Does not hold'}: ${text}.`);
  blocks.push({ kind: 'list', items: sums });
  const sources = sourceSentences(summary.sources);
  if (sources.length > 0) blocks.push({ kind: 'list', items: sources.slice(0, LISTED) });
  blocks.push(...reconciliationBlocks(scope));
  // usage of no team stands in the section by team
  for (const detail of detailTables(summary).filter(({ query }) => query !== 'unallocated'))
    blocks.push({ kind: 'table', mailRows: 3, table: detail });
  for (const [query, assumptions] of Map.groupBy(summary.assumptions, ({ kind }) => ASKED[kind]))
    blocks.push({
      kind: 'table',
      mailRows: 3,
      table: {
        caption: `Assumed about ${query.replace('assumed-', '')}, and the money that hangs on it`,
        query,
        columns: [
          { title: 'Assumption', isWide: true },
          { title: 'Amount', isNumeric: true },
          { title: 'What settles it', isWide: true },
        ],
        rows: assumptions.map((assumption) => [
          textCell(assumptionSentence(assumption)),
          moneyCell(assumption.amountPico),
          textCell(assumptionTodo(assumption)),
        ]),
      },
    });
  return { id: 'quality', title: 'Data quality', blocks };
}

const LISTED = 20;

/** The query that each kind of assumption is from. */
const ASKED: Readonly<Record<AssumptionKind, string>> = {
  one_account: 'assumed-accounts',
  account_unknown: 'assumed-accounts',
  billing_unknown: 'assumed-billing',
  estimated_cost: 'assumed-costs',
};

function lateFinding({ facts, team, totals }: Scope): Finding[] {
  const own = facts.late.filter((row) => team === null || row.team === team);
  const calls = own.reduce((sum, row) => sum + row.calls, 0);
  if (calls === 0) return [];
  return [
    {
      what: 'Calls read three days or more late',
      amount: countCell(calls),
      share: percent(calls, totals.calls),
      todo: 'A report made before they came did not have them; query late-calls names the sources.',
    },
  ];
}

const VERDICTS: Readonly<Record<string, string>> = {
  equal: 'equal',
  priced_otherwise: 'same tokens, priced otherwise',
  some_unpriced: 'some of it has no price',
  not_in_report: 'not in the report',
  more_than_report: 'more calls than the report shows',
  day_beside: 'shown in the month beside',
};

function reconciliationBlocks({ facts: { reconciliation } }: Scope): ReportBlock[] {
  const query = 'month-reconciliation';
  if (reconciliation.length === 0) {
    const text = 'No usage report of a provider covers this month, so nothing confirms these figures from outside.';
    return [{ kind: 'paragraph', tone: 'hint', text, query }];
  }
  const parts = reconciliation.reduce((sum, row) => sum + row.parts, 0);
  const equal = reconciliation.filter(({ why }) => why === 'equal').reduce((sum, row) => sum + row.parts, 0);
  const rows = reconciliation.map((row): Cell[] => [
    textCell(row.month),
    nameCell(row.provider),
    { shown: VERDICTS[row.why] ?? row.why.replaceAll('_', ' '), mark: row.why === 'equal' ? 'ok' : 'bad' },
    countCell(row.parts),
    moneyCell(row.computedPico),
    moneyCell(row.reportedPico),
    changeCell(row.differencePico),
    textCell(percent(row.differencePico, row.reportedPico)),
  ]);
  return [
    {
      kind: 'paragraph',
      text: `Beside the providers' own reports: ${count(equal)} of ${plural(parts, 'account and model', 'accounts and models')} (${percent(equal, parts)}) agree exactly.`,
      query,
    },
    {
      kind: 'table',
      mailRows: 4,
      table: {
        caption: "The ledger beside the providers' own reports, USD",
        query,
        columns: [
          { title: 'Month' },
          { title: 'Provider' },
          { title: 'Verdict' },
          { title: 'Accounts and models', isNumeric: true },
          { title: 'Computed', isNumeric: true },
          { title: 'Reported', isNumeric: true },
          { title: 'Difference', isNumeric: true },
          { title: 'Share' },
        ],
        rows,
      },
    },
  ];
}

/** How every figure is got again; the forms show the SQL below it. */
export function reproduceSection({ facts, team }: Scope): ReportSection {
  const own = team === null ? '' : ' They answer for all teams; the figures here are the rows of this one.';
  const spend = money(facts.summary.totals.costPico);
  const total = team === null ? ` The first figure of this report, ${spend}, is the column cost of totals.` : '';
  return {
    id: 'reproduce',
    title: 'How to get the same figures',
    blocks: [
      {
        kind: 'paragraph',
        tone: 'hint',
        text: `Run these ${count(facts.queries.length)} queries with inference-ledger query --lake DIR "SQL", or in Athena.${total}${own} Shown amounts are rounded to cents; all sums are exact.`,
      },
    ],
  };
}
