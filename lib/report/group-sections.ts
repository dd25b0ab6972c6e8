/**
 * The section by team and by model: share bars, changes, who moved most, and what stands behind spend of no team. A team sees its own models only.
 * In: a scope. Out: a section as data. Invariant: rows sum exactly to the total in the foot.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import type { Change } from './comparison.ts';
import { largestRows } from './summary-charts.ts';
import type { ReportBlock, ReportChart, ReportSection } from './document.ts';
import { briefName } from './decision.ts';
import { count, dayList, money, percent, signedMoney } from './format.ts';
import { NO_MEASURES, addMeasures, foldRest } from './measures.ts';
import type { Measures } from './measures.ts';
import { unallocatedTable } from './quality-findings.ts';
import { UNALLOCATED } from './quality.ts';
import type { Scope } from './scope.ts';
import { changeCell, countCell, moneyCell, nameCell, percentCell, shareCell, textCell } from './table.ts';
import type { Cell, TableSpec } from './table.ts';

/** Rows of the long tables; the others follow as one row. */
const TABLE_ROWS = 50;
const MAIL_ROWS = 8;
const CHART_ROWS = 10;

/** Spend of the week by team and by model. */
export function groupSection(scope: Scope): ReportSection {
  const { team, comparison, facts, models, totals } = scope;
  const modelChanges = comparison?.byModel ?? [];
  const modelTable = groupTable('By model, USD', 'Model', team === null ? 'by-model' : 'by-team-model', totals, {
    rows: models,
    cell: ({ model, provider }) => nameCell(model, provider),
    key: ({ model, provider }) => keyOf(provider, model),
    changes: modelChanges,
    others: 'other models',
    changePico: comparison?.changePico ?? null,
  });
  if (team !== null) {
    const blocks = [
      ...chartOf(scope, modelChanges, 'model', 'by-team-model'),
      ...movers(modelChanges, 'by-team-model'),
    ];
    return { id: 'groups', title: 'By model', blocks: [...blocks, modelTable] };
  }
  const teamChanges = comparison?.byTeam ?? [];
  const teamTable = groupTable('By team, USD', 'Team', 'by-team', totals, {
    rows: facts.summary.byTeam,
    cell: (row) => nameCell(row.team),
    key: (row) => keyOf(null, row.team),
    changes: teamChanges,
    others: 'other teams',
    changePico: comparison?.changePico ?? null,
  });
  return {
    id: 'groups',
    title: 'By team and by model',
    blocks: [
      ...chartOf(scope, teamChanges, 'team', 'by-team'),
      ...movers(teamChanges, 'by-team'),
      teamTable,
      modelTable,
      ...unallocatedBlocks(scope),
    ],
  };
}

const keyOf = (provider: string | null, name: string): string => JSON.stringify([provider, name]);

function chartOf({ comparison }: Scope, changes: readonly Change[], what: string, query: string): ReportBlock[] {
  const rows = largestRows(changes, CHART_ROWS);
  if (comparison === null || rows.length === 0) return [];
  const names = rows.slice(0, 3).map(({ name }) => briefName(name));
  const chart: ReportChart = {
    id: `${what}s`,
    title: `Spend by ${what}: bar = ${dayList(comparison.comparedDays)}, mark = the same days a week before`,
    alt: `Bars of spend by ${what}, largest first: ${names.join(', ')}; a mark shows the week before.`,
    query,
    data: { kind: 'bars', rows },
  };
  return [{ kind: 'chart', chart }];
}

/** Who moved most, in a sentence. */
function movers(changes: readonly Change[], query: string): ReportBlock[] {
  const moved = changes.filter(({ changePico }) => changePico !== null && BigInt(changePico) !== 0n).slice(0, 3);
  if (moved.length === 0) return [];
  const said = moved.map(({ name, changePico }) => `${briefName(name)} ${signedMoney(changePico)}`);
  return [{ kind: 'paragraph', text: `Moved most: ${said.join(', ')}.`, query }];
}

interface Groups<T extends Measures> {
  readonly rows: readonly T[];
  readonly cell: (row: T) => Cell;
  readonly key: (row: T) => string;
  readonly changes: readonly Change[];
  readonly others: string;
  readonly changePico: Pico | null;
}

function groupTable<T extends Measures>(
  caption: string,
  first: string,
  query: string,
  totals: Measures,
  groups: Groups<T>,
): ReportBlock {
  const changes = new Map(groups.changes.map((change) => [keyOf(change.provider, change.name), change]));
  const { shown, rest } = foldRest(groups.rows, TABLE_ROWS);
  const cells = (name: Cell, row: Measures, changePico: Pico | null): Cell[] => [
    name,
    moneyCell(row.costPico),
    shareCell(row.costPico, totals.costPico),
    changeCell(changePico),
    countCell(row.calls),
    percentCell(row.cacheReadTokens, row.inputTokens + row.cacheReadTokens + row.cacheWriteTokens),
    row.unpricedCalls > 0 ? countCell(row.unpricedCalls) : { shown: '', sort: '0' },
  ];
  const rows = shown.map((row) => cells(groups.cell(row), row, changes.get(groups.key(row))?.changePico ?? null));
  // what was used before and is not now has a change, too: the column must add up
  const listed = new Set(shown.map(groups.key));
  const others = [...changes].filter(([key]) => !listed.has(key)).map(([, change]) => change);
  const current = new Set(groups.rows.map(groups.key));
  const gone = others.filter((change) => !current.has(keyOf(change.provider, change.name)));
  if (rest === null && rows.length + gone.length <= TABLE_ROWS)
    for (const { name, provider, changePico } of gone)
      rows.push(cells(nameCell(name, provider ?? undefined), { ...NO_MEASURES, costPico: 0 }, changePico));
  else if (rest !== null || others.length > 0) {
    const many = (rest?.groups ?? 0) + gone.length;
    const sum = rest?.sum ?? { ...NO_MEASURES, costPico: 0 };
    rows.push(cells(textCell(`${count(many)} ${groups.others}`), sum, knownSum(others)));
  }
  const table: TableSpec = {
    caption,
    query,
    columns: [
      { title: first },
      { title: 'Spend', isNumeric: true },
      { title: 'Share', isNumeric: true },
      { title: 'Change', isNumeric: true },
      { title: 'Calls', isNumeric: true },
      { title: 'From cache', isNumeric: true },
      { title: 'Calls without price', isNumeric: true },
    ],
    rows,
    foot: cells(textCell('All'), groups.rows.reduce<Measures>(addMeasures, NO_MEASURES), groups.changePico),
  };
  return { kind: 'table', mailRows: MAIL_ROWS, table };
}

/** Sum of changes that are known; null where none is. */
function knownSum(changes: readonly Change[]): Pico | null {
  const known = changes.flatMap(({ changePico }) => changePico ?? []);
  return known.length === 0 ? null : known.reduce<Pico>(addPico, 0);
}

function unallocatedBlocks({ facts, totals }: Scope): ReportBlock[] {
  const nobody = facts.summary.byTeam.find((row) => row.team === UNALLOCATED);
  if (nobody === undefined) return [{ kind: 'paragraph', text: 'Every call belongs to a team.', query: 'by-team' }];
  const rows = facts.summary.quality.unallocated;
  return [
    {
      kind: 'paragraph',
      text: `${money(nobody.costPico)} (${percent(nobody.costPico, totals.costPico)}) belongs to no team: an attribution rule for the keys below would tell whose it is.`,
      query: 'by-team',
    },
    {
      kind: 'table',
      mailRows: 3,
      table: unallocatedTable(rows),
    },
  ];
}
